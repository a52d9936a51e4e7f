//! The backward stage: ternary spiking neuron couples carry the gradient against the arrows.

use super::forward::weight;
use super::sample::Sample;
use super::vector::{self, Sent};
use super::workspace::{Workspace, of, of_mut, through};
use super::{ForwardStage, Hear, PopulationStep, Real, Spide, StageTrace};

/// What the backward stage of one sample comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct BackwardStage<F> {
    /// Rates `beta`, `[population][neuron]`: averages of `s_p`, the masks not applied; of leaky
    /// couples weighted averages.
    pub rates: Vec<Vec<F>>,
    /// Spikes of either sign, one a population.
    pub spikes: Vec<u64>,
}

impl<F: Real> Spide<F> {
    /// The backward stage of one sample; `g`: [`Spide::rate_gradient`], one a neuron of the
    /// readout's source.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn backward(
        &self,
        sample: &Sample<F>,
        forward: &ForwardStage<F>,
        g: &[F],
    ) -> BackwardStage<F> {
        let mut workspace = Workspace::new(&self.network, 1);
        let given = [(sample, forward, g)];
        self.backward_in(&mut workspace, &given, None).remove(0)
    }

    /// As [`Spide::backward`], with every step; populations stand in declaration order.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn backward_traced(
        &self,
        sample: &Sample<F>,
        forward: &ForwardStage<F>,
        g: &[F],
    ) -> (BackwardStage<F>, StageTrace<F>) {
        let mut trace = Vec::new();
        let stage = self.backward_heard(sample, forward, g, &mut |step| trace.push(step));
        (stage, trace)
    }

    /// As [`Spide::backward`]; `hear` hears of every step, populations in declaration order.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn backward_heard(
        &self,
        sample: &Sample<F>,
        forward: &ForwardStage<F>,
        g: &[F],
        hear: Hear<F>,
    ) -> BackwardStage<F> {
        let mut workspace = Workspace::new(&self.network, 1);
        let given = [(sample, forward, g)];
        self.backward_in(&mut workspace, &given, Some(hear))
            .remove(0)
    }

    /// The backward stages of some samples, each with its forward stage and gradient of the rates.
    /// `trace` hears of the first one's steps.
    pub(super) fn backward_in(
        &self,
        workspace: &mut Workspace<F>,
        given: &[(&Sample<F>, &ForwardStage<F>, &[F])],
        mut trace: Option<Hear<F>>,
    ) -> Vec<BackwardStage<F>> {
        assert!(given.len() <= workspace.capacity, "samples");
        let stage = &self.network.training.backward;
        let (threshold, spike) = (F::of(stage.v_th.value()), F::of(stage.reset()));
        let sent = Sent {
            threshold,
            reset: spike,
            value: F::of(stage.reset() / self.network.training.forward.reset()),
        };
        workspace.clear();
        workspace
            .spikes
            .iter_mut()
            .for_each(|spikes| spikes.hold_ones(false));
        // `spikes`: `m_d s_d / (v_th - u_rest)` of the latest ones.
        let Workspace {
            u,
            touched,
            sums,
            signs,
            spikes,
            kept,
            before,
            ..
        } = workspace;
        let order = self.network.backward_order();
        let mut fired = vec![vec![0; u.len()]; given.len()];

        for _ in 0..stage.steps {
            let mut handled = vec![None; if trace.is_some() { u.len() } else { 0 }];
            for &id in &order {
                let (p, population) = (id.index(), self.network.population(id));
                let size = population.shape.size();
                if id == self.network.readout.source {
                    touched[p].fill(true);
                    for (k, (_, _, g)) in given.iter().enumerate() {
                        vector::add(of_mut(&mut u[p], k, size), g);
                    }
                }
                for (k, projection) in self.network.out_of_population(id) {
                    let (k, d) = (k.index(), projection.destination.index());
                    if spikes[d].is_empty() {
                        continue;
                    }
                    let linear = &self.projections[k];
                    if given.iter().all(|(sample, ..)| sample.mask(k).is_none()) {
                        linear.backward(&mut u[p], &mut touched[p], &spikes[d]);
                        continue;
                    }
                    kept[d].clear();
                    for (number, (sample, ..)) in given.iter().enumerate() {
                        let arriving = spikes[d].of(number);
                        kept[d].push(|list| match sample.mask(k) {
                            Some(mask) => through(list, arriving, mask),
                            None => list.extend_from_slice(arriving),
                        });
                    }
                    linear.backward(&mut u[p], &mut touched[p], &kept[d]);
                }
                let leak = F::of(population.neuron.couple_leak());
                let spikes = &mut spikes[p];
                spikes.clear();
                for (sample, (_, forward, _)) in given.iter().enumerate() {
                    let u = of_mut(&mut u[p], sample, size);
                    let signs = of_mut(&mut signs[p], sample, size);
                    let u_pre = (trace.is_some() && sample == 0).then(|| u.to_vec());
                    // Leaky averages need every spike, masked or not: by the signs before and after.
                    let leaks = leak != F::ONE;
                    if leaks {
                        before[..size].copy_from_slice(signs);
                    }
                    let masks = &forward.masks[p];
                    let touched = touched[p].of(sample);
                    spikes.push(|list| {
                        let count = vector::fire_couples(u, touched, sent, masks, signs, list);
                        fired[sample][p] += count as u64;
                    });
                    if leaks {
                        vector::scale(u, leak);
                        let sums = of_mut(&mut sums[p], sample, size).iter_mut();
                        for (sum, (before, after)) in sums.zip(before.iter().zip(signs)) {
                            *sum = leak * *sum + F::of(f64::from(*after - before)) * spike;
                        }
                    }
                    if let Some(u_pre) = u_pre {
                        handled[p] = Some(PopulationStep {
                            spikes: u_pre.iter().map(|&u| ternary(u, threshold)).collect(),
                            u_pre,
                            u: u.to_vec(),
                        });
                    }
                }
            }
            if let Some(trace) = &mut trace {
                trace(handled.into_iter().flatten().collect());
            }
        }
        let rates = |sample: usize| {
            let populations = self.network.populations.iter().enumerate();
            let rates = populations.map(|(p, population)| {
                let (leak, size) = (population.neuron.couple_leak(), population.shape.size());
                if leak == 1.0 {
                    let steps = F::of(f64::from(stage.steps));
                    let beta = |&sign: &i32| F::of(f64::from(sign)) * spike / steps;
                    of(&signs[p], sample, size).iter().map(beta).collect()
                } else {
                    let weight = F::of(weight(leak, stage.steps));
                    let sums = of(&sums[p], sample, size).iter();
                    sums.map(|&sum| sum / weight).collect()
                }
            });
            rates.collect()
        };
        let stages = fired.into_iter().enumerate();
        let stages = stages.map(|(sample, spikes)| BackwardStage {
            rates: rates(sample),
            spikes,
        });
        stages.collect()
    }
}

/// The sign of a couple's spike; equality fires on both sides.
fn ternary<F: Real>(u: F, threshold: F) -> i8 {
    i8::from(u >= threshold) - i8::from(u <= -threshold)
}
