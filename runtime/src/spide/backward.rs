//! The backward stage: ternary spiking neuron couples carry the gradient against the arrows.

use super::forward::weight;
use super::sample::Sample;
use super::vector::{self, Sent};
use super::workspace::Workspace;
use super::{ForwardStage, PopulationStep, Real, Spide, StageTrace};

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
        let mut workspace = Workspace::new(&self.network);
        self.backward_in(&mut workspace, sample, forward, g, None)
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
        let mut workspace = Workspace::new(&self.network);
        let stage = self.backward_in(&mut workspace, sample, forward, g, Some(&mut trace));
        (stage, trace)
    }

    pub(super) fn backward_in(
        &self,
        workspace: &mut Workspace<F>,
        sample: &Sample<F>,
        forward: &ForwardStage<F>,
        g: &[F],
        mut trace: Option<&mut StageTrace<F>>,
    ) -> BackwardStage<F> {
        let stage = &self.network.training.backward;
        let (threshold, spike) = (F::of(stage.v_th.value()), F::of(stage.reset()));
        let sent = Sent {
            threshold,
            reset: spike,
            value: F::of(stage.reset() / self.network.training.forward.reset()),
        };
        workspace.clear();
        // `spikes`: `m_d s_d / (v_th - u_rest)` of the latest ones.
        let Workspace {
            u,
            sums,
            spikes,
            kept,
            before,
            ..
        } = workspace;
        let order = self.network.backward_order();
        let mut counts: Vec<Vec<i32>> = self.neurons();
        let mut fired = vec![0; u.len()];

        for _ in 0..stage.steps {
            let mut handled = vec![None; if trace.is_some() { u.len() } else { 0 }];
            for &id in &order {
                let p = id.index();
                let u = &mut u[p];
                if id == self.network.readout.source {
                    vector::add(u, g);
                }
                for (k, projection) in self.network.out_of_population(id) {
                    let arriving = &spikes[projection.destination.index()];
                    let linear = &self.projections[k.index()];
                    match sample.mask(k.index()) {
                        None => linear.backward(u, arriving),
                        Some(mask) => {
                            kept.clear();
                            let through = arriving
                                .iter()
                                .map(|&(i, value)| (i, value * mask[i as usize]))
                                .filter(|&(_, value)| value != F::ZERO);
                            kept.extend(through);
                            linear.backward(u, kept);
                        }
                    }
                }
                let u_pre = trace.is_some().then(|| u.clone());
                let leak = F::of(self.network.population(id).neuron.couple_leak());
                let masks = &forward.masks[p];
                // Leaky averages need every spike, masked or not: by the counts before and after.
                let leaks = leak != F::ONE;
                if leaks {
                    before[..u.len()].copy_from_slice(&counts[p]);
                }
                fired[p] +=
                    vector::fire_couples(u, sent, masks, &mut counts[p], &mut spikes[p]) as u64;
                if leaks {
                    vector::scale(u, leak);
                    let spikes = before.iter().zip(&counts[p]);
                    for (sum, (before, after)) in sums[p].iter_mut().zip(spikes) {
                        *sum = leak * *sum + F::of(f64::from(after - before)) * spike;
                    }
                }
                if let Some(u_pre) = u_pre {
                    handled[p] = Some(PopulationStep {
                        spikes: u_pre.iter().map(|&u| ternary(u, threshold)).collect(),
                        u_pre,
                        u: u.clone(),
                    });
                }
            }
            if let Some(trace) = &mut trace {
                trace.push(handled.into_iter().flatten().collect());
            }
        }
        let rates = self.network.populations.iter().enumerate();
        let rates = rates.map(|(p, population)| {
            let leak = population.neuron.couple_leak();
            if leak == 1.0 {
                let steps = F::of(f64::from(stage.steps));
                let beta = |&count: &i32| F::of(f64::from(count)) * spike / steps;
                counts[p].iter().map(beta).collect()
            } else {
                let weight = F::of(weight(leak, stage.steps));
                sums[p].iter().map(|&sum| sum / weight).collect()
            }
        });
        BackwardStage {
            rates: rates.collect(),
            spikes: fired,
        }
    }
}

/// The sign of a couple's spike; equality fires on both sides.
fn ternary<F: Real>(u: F, threshold: F) -> i8 {
    i8::from(u >= threshold) - i8::from(u <= -threshold)
}
