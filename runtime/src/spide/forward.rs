//! The forward stage: spikes, rates, masks, logits.

use super::weights::{Event, events};
use super::{PopulationStep, Spide, StageTrace};
use spidec_ir::network::Direction;

/// What the forward stage of one sample comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardStage {
    /// Rates `alpha`, `[population][neuron]`.
    pub rates: Vec<Vec<f64>>,
    /// Masks `m`: true where `0 < alpha < 1`.
    pub masks: Vec<Vec<bool>>,
    /// Readout of the rates, one a class.
    pub logits: Vec<f64>,
}

impl ForwardStage {
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

impl Spide {
    /// The forward stage of one sample; `x`: one value for each of the input's.
    ///
    /// # Panics
    /// If `x` has not the input's size.
    pub fn forward(&self, x: &[f64]) -> ForwardStage {
        self.run_forward(x, None)
    }

    /// As [`Spide::forward`], with every step.
    ///
    /// # Panics
    /// If `x` has not the input's size.
    pub fn forward_traced(&self, x: &[f64]) -> (ForwardStage, StageTrace) {
        let mut trace = Vec::new();
        (self.run_forward(x, Some(&mut trace)), trace)
    }

    fn run_forward(&self, x: &[f64], mut trace: Option<&mut StageTrace>) -> ForwardStage {
        let stage = &self.network.training.forward;
        let (threshold, reset) = (stage.v_th.value(), stage.reset());
        let mut drive = self.drive(x);
        let mut u: Vec<Vec<f64>> = self.neurons();
        let mut counts: Vec<Vec<u32>> = self.neurons();
        // The latest spikes: this step's of populations before the one at hand, else the previous step's.
        let mut spikes: Vec<Vec<Event>> = vec![Vec::new(); u.len()];

        for step in 0..stage.steps {
            if step == 1 {
                self.add_biases(&mut drive, Direction::Feedback);
            }
            let mut handled = Vec::new();
            for id in self.network.population_ids() {
                let u = &mut u[id.index()];
                for (u, drive) in u.iter_mut().zip(&drive[id.index()]) {
                    *u += drive;
                }
                for (weights, source) in self.recurrent_into(id) {
                    weights.forward(u, &spikes[source.index()]);
                }
                let u_pre = trace.is_some().then(|| u.clone());

                let (counts, spikes) = (&mut counts[id.index()], &mut spikes[id.index()]);
                spikes.clear();
                for (i, u) in u.iter_mut().enumerate() {
                    if *u >= threshold {
                        *u -= reset;
                        counts[i] += 1;
                        spikes.push((i as u32, 1.0));
                    }
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
        self.finish_forward(&counts)
    }

    /// What arrives in every step: `A_in x` and the biases of all projections but feedback.
    pub(super) fn drive(&self, x: &[f64]) -> Vec<Vec<f64>> {
        assert_eq!(x.len(), self.network.input.shape.size(), "input values");
        let input = events(x);
        let mut drive: Vec<Vec<f64>> = self.neurons();
        for (projection, weights) in self.network.projections.iter().zip(&self.projections) {
            if projection.source == spidec_ir::network::Source::Input {
                weights.forward(&mut drive[projection.destination.index()], &input);
            }
        }
        self.add_biases(&mut drive, Direction::Forward);
        drive
    }

    /// Adds the biases of all projections of one direction.
    pub(super) fn add_biases(&self, drive: &mut [Vec<f64>], direction: Direction) {
        for (projection, weights) in self.network.projections.iter().zip(&self.projections) {
            if projection.direction == direction {
                let drive = &mut drive[projection.destination.index()];
                for (drive, bias) in drive.iter_mut().zip(&weights.bias) {
                    *drive += bias;
                }
            }
        }
    }

    fn finish_forward(&self, counts: &[Vec<u32>]) -> ForwardStage {
        let steps = self.network.training.forward.steps;
        let rate = |&count: &u32| f64::from(count) / f64::from(steps);
        let rates: Vec<Vec<f64>> = counts
            .iter()
            .map(|c| c.iter().map(rate).collect())
            .collect();
        let masks = counts
            .iter()
            .map(|c| c.iter().map(|&count| 0 < count && count < steps).collect())
            .collect();
        let logits = self.logits(&rates);
        ForwardStage {
            rates,
            masks,
            logits,
        }
    }

    /// The readout of rates.
    pub(super) fn logits(&self, rates: &[Vec<f64>]) -> Vec<f64> {
        let mut logits = vec![0.0; self.network.readout.classes as usize];
        let source = &rates[self.network.readout.source.index()];
        self.readout.forward(&mut logits, &events(source));
        for (logit, bias) in logits.iter_mut().zip(&self.readout.bias) {
            *logit += bias;
        }
        logits
    }
}
