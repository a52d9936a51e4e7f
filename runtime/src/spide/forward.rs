//! The forward stage: spikes, rates, masks, logits.

use super::events::{Event, events};
use super::sample::{Sample, Signal};
use super::workspace::Workspace;
use super::{PopulationStep, Real, Spide, StageTrace, vector};
use spidec_ir::network::{Direction, Quirk, Source};

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
        self.forward_in(&mut Workspace::new(&self.network), sample, None)
    }

    /// As [`Spide::forward`], with every step.
    ///
    /// # Panics
    /// As [`Spide::forward`].
    pub fn forward_traced(&self, sample: &Sample<F>) -> (ForwardStage<F>, StageTrace<F>) {
        let mut trace = Vec::new();
        let mut workspace = Workspace::new(&self.network);
        let stage = self.forward_in(&mut workspace, sample, Some(&mut trace));
        (stage, trace)
    }

    pub(super) fn forward_in(
        &self,
        workspace: &mut Workspace<F>,
        sample: &Sample<F>,
        mut trace: Option<&mut StageTrace<F>>,
    ) -> ForwardStage<F> {
        let stage = &self.network.training.forward;
        let (threshold, reset) = (F::of(stage.v_th.value()), F::of(stage.reset()));
        workspace.clear();
        let Workspace {
            u,
            drive,
            drives,
            sums,
            spikes,
            scratch,
            ..
        } = workspace;
        let mut counts: Vec<Vec<u32>> = self.neurons();
        self.drive(sample, drive, scratch);
        self.mark_driven(drive, drives);

        for step in 0..stage.steps {
            if step == 1 {
                self.add_biases(sample, drive, Direction::Feedback);
                self.mark_driven(drive, drives);
            }
            let mut handled = Vec::new();
            for id in self.network.population_ids() {
                let p = id.index();
                let u = &mut u[p];
                if drives[p] {
                    vector::add(u, &drive[p]);
                }
                for (k, projection) in self.network.into_population(id) {
                    let arriving: &[Event<F>] = match (projection.source, &sample.input) {
                        (Source::Population(source), _) => &spikes[source.index()],
                        (Source::Input, Signal::Frames(frames)) => &frames[step as usize],
                        // In the drive.
                        (Source::Input, Signal::Constant(_)) => continue,
                    };
                    let linear = &self.projections[k.index()];
                    match sample.mask(k.index()) {
                        None => linear.forward(u, arriving),
                        Some(mask) if !arriving.is_empty() => {
                            let sum = &mut scratch[..mask.len()];
                            linear.forward(sum, arriving);
                            vector::take_masked(u, mask, sum);
                        }
                        Some(_) => {}
                    }
                }
                let u_pre = trace.is_some().then(|| u.clone());
                let spikes = &mut spikes[p];
                vector::fire(u, (threshold, reset), &mut counts[p], spikes);
                let leak = F::of(self.network.population(id).neuron.leak());
                if leak != F::ONE {
                    vector::scale(u, leak);
                    vector::scale(&mut sums[p], leak);
                    spikes.iter().for_each(|s| sums[p][s.0 as usize] += F::ONE);
                }
                handled.extend(u_pre.map(|u_pre| PopulationStep {
                    spikes: u_pre.iter().map(|&u| i8::from(u >= threshold)).collect(),
                    u_pre,
                    u: u.clone(),
                }));
            }
            if let Some(trace) = &mut trace {
                trace.push(handled);
            }
        }
        self.finish_forward(counts, sums)
    }

    /// What arrives in every step: of constant input `A_in x`, and the biases of all projections
    /// but feedback.
    pub(super) fn drive(&self, sample: &Sample<F>, drive: &mut [Vec<F>], scratch: &mut [F]) {
        let size = self.network.input.shape.size();
        drive.iter_mut().for_each(|drive| drive.fill(F::ZERO));
        match &sample.input {
            Signal::Frames(frames) => {
                let steps = self.network.training.forward.steps as usize;
                assert!(frames.len() >= steps, "{} frames", frames.len());
            }
            Signal::Constant(x) => {
                assert_eq!(x.len(), size, "input values");
                let input = events(x);
                for (k, projection) in self.network.projections.iter().enumerate() {
                    if projection.source == Source::Input {
                        let drive = &mut drive[projection.destination.index()];
                        let linear = &self.projections[k];
                        match sample.mask(k) {
                            None => linear.forward(drive, &input),
                            Some(mask) => {
                                let sum = &mut scratch[..mask.len()];
                                linear.forward(sum, &input);
                                vector::take_masked(drive, mask, sum);
                            }
                        }
                    }
                }
            }
        }
        self.add_biases(sample, drive, Direction::Forward);
    }

    /// Adds the biases of all projections of one direction.
    pub(super) fn add_biases(
        &self,
        sample: &Sample<F>,
        drive: &mut [Vec<F>],
        direction: Direction,
    ) {
        for (k, projection) in self.network.projections.iter().enumerate() {
            let linear = &self.projections[k];
            if projection.direction != direction || linear.bias().is_empty() {
                continue;
            }
            let drive = &mut drive[projection.destination.index()];
            match sample.mask(k) {
                None => linear.add_bias(drive),
                Some(mask) => {
                    let mut bias = vec![F::ZERO; mask.len()];
                    linear.add_bias(&mut bias);
                    vector::take_masked(drive, mask, &mut bias);
                }
            }
        }
    }

    /// Which populations have a drive at all.
    fn mark_driven(&self, drive: &[Vec<F>], drives: &mut [bool]) {
        for (drive, drives) in drive.iter().zip(drives) {
            *drives = drive.iter().any(|&d| d != F::ZERO);
        }
    }

    fn finish_forward(&self, counts: Vec<Vec<u32>>, sums: &[Vec<F>]) -> ForwardStage<F> {
        let steps = self.network.training.forward.steps;
        let published = self.network.training.has(Quirk::Mask);
        let (mut rates, mut masks) = (Vec::new(), Vec::new());
        for (p, population) in self.network.populations.iter().enumerate() {
            let leak = population.neuron.leak();
            let rate: Vec<F> = if leak == 1.0 {
                let steps = F::of(f64::from(steps));
                let rate = |&count: &u32| F::of(f64::from(count)) / steps;
                counts[p].iter().map(rate).collect()
            } else {
                let weight = F::of(weight(leak, steps));
                sums[p].iter().map(|&sum| sum / weight).collect()
            };
            masks.push(if published && leak != 1.0 {
                rate.iter().map(|&a| F::ZERO < a && a < F::ONE).collect()
            } else {
                let inside = |&count: &u32| 0 < count && count < steps;
                counts[p].iter().map(inside).collect()
            });
            rates.push(rate);
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
        self.readout.forward(&mut logits, &events(source));
        self.readout.add_bias(&mut logits);
        logits
    }
}

/// The sum of the weights of a leaky average over some steps: `(1 - leak^steps) / (1 - leak)`.
pub(super) fn weight(leak: f64, steps: u32) -> f64 {
    (1.0 - libm::pow(leak, f64::from(steps))) / (1.0 - leak)
}
