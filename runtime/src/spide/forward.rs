//! The forward stage: spikes, rates, masks, logits.

use super::events::add_events;
use super::sample::{Sample, Signal};
use super::workspace::{Workspace, of, of_mut};
use super::{Hear, PopulationStep, Real, Spide, StageTrace, vector};
use spidec_ir::network::{Direction, ProjectionId, Quirk, Source};

/// What the forward stage of one sample comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardStage<F> {
    /// Rates `alpha`, `[population][neuron]`; of leaky neurons weighted averages.
    pub rates: Vec<Vec<F>>,
    /// Spikes, `[population][neuron]`.
    pub counts: Vec<Vec<u32>>,
    /// Masks `m`: true where `0 < alpha < 1`.
    pub masks: Vec<Vec<bool>>,
    /// Readout of the rates, one a class.
    pub logits: Vec<F>,
}

impl<F> ForwardStage<F> {
    /// How often each population spiked.
    pub fn spikes(&self) -> impl Iterator<Item = u64> {
        let counts = self.counts.iter();
        counts.map(|counts| counts.iter().map(|&count| u64::from(count)).sum())
    }
}

impl<F: Real> ForwardStage<F> {
    /// The class of the largest logit, the first where several are largest.
    pub fn prediction(&self) -> usize {
        let best = |best: usize, k: usize| {
            if self.logits[k] > self.logits[best] {
                k
            } else {
                best
            }
        };
        (0..self.logits.len()).fold(0, best)
    }
}

impl<F: Real> Spide<F> {
    /// The forward stage of one sample.
    ///
    /// # Panics
    /// If the sample is not of the input's size, or has fewer frames than the stage has steps.
    pub fn forward(&self, sample: &Sample<F>) -> ForwardStage<F> {
        let mut workspace = Workspace::new(&self.network, 1);
        let mut stages = self.forward_in(&mut workspace, &[sample], None);
        stages.remove(0)
    }

    /// As [`Spide::forward`], with every step.
    ///
    /// # Panics
    /// As [`Spide::forward`].
    pub fn forward_traced(&self, sample: &Sample<F>) -> (ForwardStage<F>, StageTrace<F>) {
        let mut trace = Vec::new();
        let stage = self.forward_heard(sample, &mut |step| trace.push(step));
        (stage, trace)
    }

    /// As [`Spide::forward`]; `hear` hears of every step.
    ///
    /// # Panics
    /// As [`Spide::forward`].
    pub fn forward_heard(&self, sample: &Sample<F>, hear: Hear<F>) -> ForwardStage<F> {
        let mut workspace = Workspace::new(&self.network, 1);
        let mut stages = self.forward_in(&mut workspace, &[sample], Some(hear));
        stages.remove(0)
    }

    /// The forward stages of some samples, at most as many as the workspace holds. `trace` hears of
    /// the first one's steps.
    pub(super) fn forward_in(
        &self,
        workspace: &mut Workspace<F>,
        samples: &[&Sample<F>],
        mut trace: Option<Hear<F>>,
    ) -> Vec<ForwardStage<F>> {
        assert!(samples.len() <= workspace.capacity, "samples");
        let stage = &self.network.training.forward;
        let (threshold, reset) = (F::of(stage.v_th.value()), F::of(stage.reset()));
        workspace.clear();
        workspace
            .spikes
            .iter_mut()
            .for_each(|spikes| spikes.hold_ones(true));
        self.drive(workspace, samples);
        self.add_biases(workspace, samples, Direction::Forward);
        for step in 0..stage.steps {
            if step == 1 {
                self.add_biases(workspace, samples, Direction::Feedback);
            }
            let mut handled = Vec::new();
            for id in self.network.population_ids() {
                let p = id.index();
                for (k, projection) in self.network.into_population(id) {
                    if projection.source == Source::Input {
                        // Constant input is in the drive.
                        let frames = samples.iter().filter_map(|sample| match &sample.input {
                            Signal::Frames(frames) => Some(&frames[step as usize]),
                            Signal::Constant(_) => None,
                        });
                        workspace.input.clear();
                        for frame in frames {
                            workspace.input.push(|list| list.extend_from_slice(frame));
                        }
                    }
                    self.arrive(workspace, samples, k, Target::Membranes);
                }
                let Workspace {
                    u,
                    drive,
                    drives,
                    sums,
                    spikes,
                    counts,
                    ..
                } = &mut *workspace;
                let population = self.network.population(id);
                let (size, leak) = (population.shape.size(), F::of(population.neuron.leak()));
                spikes[p].clear();
                for sample in 0..samples.len() {
                    let u = of_mut(&mut u[p], sample, size);
                    let counts = of_mut(&mut counts[p], sample, size);
                    let drive = drives[p].then(|| of(&drive[p], sample, size));
                    let traced = trace.is_some() && sample == 0;
                    let u_pre = traced.then(|| {
                        let mut u = u.to_vec();
                        vector::add(&mut u, drive.unwrap_or(&[]));
                        u
                    });
                    spikes[p].push(|list| {
                        vector::fire(u, drive, (threshold, reset), counts, list);
                    });
                    if leak != F::ONE {
                        let sums = of_mut(&mut sums[p], sample, size);
                        vector::scale(u, leak);
                        vector::scale(sums, leak);
                        for spike in spikes[p].of(sample) {
                            sums[spike.0 as usize] += F::ONE;
                        }
                    }
                    handled.extend(u_pre.map(|u_pre| PopulationStep {
                        spikes: u_pre.iter().map(|&u| i8::from(u >= threshold)).collect(),
                        u_pre,
                        u: u.to_vec(),
                    }));
                }
            }
            if let Some(trace) = &mut trace {
                trace(handled);
            }
        }
        let stages = 0..samples.len();
        stages.map(|k| self.finish_forward(workspace, k)).collect()
    }

    /// Of constant input, `A_in x` as what arrives in every step.
    fn drive(&self, workspace: &mut Workspace<F>, samples: &[&Sample<F>]) {
        let size = self.network.input.shape.size();
        let steps = self.network.training.forward.steps as usize;
        workspace.input.clear();
        for sample in samples {
            match &sample.input {
                Signal::Frames(frames) => {
                    assert!(frames.len() >= steps, "{} frames", frames.len());
                    // Two kinds in one batch would be told apart by nothing.
                    workspace.input.push(|_| ());
                }
                Signal::Constant(x) => {
                    assert_eq!(x.len(), size, "input values");
                    workspace.input.push(|list| add_events(list, x));
                }
            }
        }
        if workspace.input.is_empty() {
            return;
        }
        for (k, projection) in (0..).map(ProjectionId).zip(&self.network.projections) {
            if projection.source == Source::Input {
                self.arrive(workspace, samples, k, Target::Drive);
            }
        }
        workspace.input.clear();
    }

    /// Adds what a projection's source sends to its destination, through dropout.
    fn arrive(
        &self,
        workspace: &mut Workspace<F>,
        samples: &[&Sample<F>],
        id: ProjectionId,
        target: Target,
    ) {
        let projection = &self.network.projections[id.index()];
        let d = projection.destination.index();
        let linear = &self.projections[id.index()];
        let Workspace {
            u,
            drive,
            drives,
            spikes,
            input,
            scratch,
            ..
        } = workspace;
        let arriving = match projection.source {
            Source::Population(source) => &spikes[source.index()],
            Source::Input => &*input,
        };
        if arriving.is_empty() {
            return;
        }
        let sum = match target {
            Target::Membranes => &mut u[d],
            Target::Drive => {
                drives[d] = true;
                &mut drive[d]
            }
        };
        if samples.iter().all(|s| s.mask(id.index()).is_none()) {
            return linear.forward(sum, arriving);
        }
        let size = self.network.destination_size(projection);
        linear.forward(&mut scratch[..samples.len() * size], arriving);
        for (k, sample) in samples.iter().enumerate() {
            let (sum, values) = (of_mut(sum, k, size), of_mut(scratch, k, size));
            match sample.mask(id.index()) {
                Some(mask) => vector::take_masked(sum, mask, values),
                None => {
                    vector::add(sum, values);
                    values.fill(F::ZERO);
                }
            }
        }
    }

    /// Adds the biases of all projections of one direction to what arrives in every step.
    fn add_biases(
        &self,
        workspace: &mut Workspace<F>,
        samples: &[&Sample<F>],
        direction: Direction,
    ) {
        let Workspace {
            drive,
            drives,
            scratch,
            ..
        } = workspace;
        for (k, projection) in self.network.projections.iter().enumerate() {
            let linear = &self.projections[k];
            if projection.direction != direction || linear.bias().is_empty() {
                continue;
            }
            let d = projection.destination.index();
            let size = self.network.destination_size(projection);
            drives[d] |= linear.bias().iter().any(|&bias| bias != F::ZERO);
            for (sample, &given) in samples.iter().enumerate() {
                let drive = of_mut(&mut drive[d], sample, size);
                match given.mask(k) {
                    None => linear.add_bias(drive),
                    Some(mask) => {
                        linear.add_bias(&mut scratch[..size]);
                        vector::take_masked(drive, mask, &mut scratch[..size]);
                    }
                }
            }
        }
    }

    fn finish_forward(&self, workspace: &Workspace<F>, sample: usize) -> ForwardStage<F> {
        let steps = self.network.training.forward.steps;
        let published = self.network.training.has(Quirk::Mask);
        let (mut rates, mut counts, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        for (p, population) in self.network.populations.iter().enumerate() {
            let (leak, size) = (population.neuron.leak(), population.shape.size());
            let count = of(&workspace.counts[p], sample, size);
            let rate: Vec<F> = if leak == 1.0 {
                let steps = F::of(f64::from(steps));
                let rate = |&count: &u32| F::of(f64::from(count)) / steps;
                count.iter().map(rate).collect()
            } else {
                let weight = F::of(weight(leak, steps));
                let sums = of(&workspace.sums[p], sample, size);
                sums.iter().map(|&sum| sum / weight).collect()
            };
            masks.push(if published && leak != 1.0 {
                rate.iter().map(|&a| F::ZERO < a && a < F::ONE).collect()
            } else {
                let inside = |&count: &u32| 0 < count && count < steps;
                count.iter().map(inside).collect()
            });
            rates.push(rate);
            counts.push(count.to_vec());
        }
        ForwardStage {
            logits: self.logits(&rates),
            rates,
            counts,
            masks,
        }
    }

    /// The readout of rates.
    pub(super) fn logits(&self, rates: &[Vec<F>]) -> Vec<F> {
        let mut logits = vec![F::ZERO; self.network.readout.classes as usize];
        let source = &rates[self.network.readout.source.index()];
        self.readout.forward_of(&mut logits, source);
        self.readout.add_bias(&mut logits);
        logits
    }
}

/// Where a projection's current goes.
#[derive(Clone, Copy)]
enum Target {
    /// To the membranes, in this step.
    Membranes,
    /// To what arrives in every step.
    Drive,
}

/// The sum of the weights of a leaky average over some steps: `(1 - leak^steps) / (1 - leak)`.
pub(super) fn weight(leak: f64, steps: u32) -> f64 {
    (1.0 - libm::pow(leak, f64::from(steps))) / (1.0 - leak)
}
