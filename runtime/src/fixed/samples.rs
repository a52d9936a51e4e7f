//! Many samples: an epoch of training, an evaluation.

use super::{FixedEngine, FixedError, FixedState, Trained, Weights};
use spidec_ir::random::sample_order;
use std::ops::ControlFlow;

/// Labeled samples, one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// The input's values in C order, sample after sample.
    pub inputs: &'a [u8],
    /// One class a sample.
    pub labels: &'a [u8],
}

/// How a set of samples was classified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Samples.
    pub samples: usize,
    /// Samples whose prediction was the label.
    pub correct: usize,
    /// Membranes that were clamped.
    pub saturations: u64,
}

impl Evaluation {
    /// The share of correct predictions; 0 for no samples.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.samples.max(1) as f64
    }
}

/// A sample that is done, for progress and statistics.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Samples done in this call.
    pub done: usize,
    /// Samples in all.
    pub total: usize,
    /// The sample's place in the set.
    pub index: usize,
    /// Its class.
    pub label: usize,
    /// What it did.
    pub trained: &'a Trained,
}

impl FixedEngine {
    /// Classifies all samples.
    ///
    /// # Errors
    /// Samples that do not suit the network.
    pub fn evaluate(&self, weights: &Weights, samples: Samples) -> Result<Evaluation, FixedError> {
        self.check(samples)?;
        let mut evaluation = Evaluation::default();
        for (input, &label) in self.inputs(samples).zip(samples.labels) {
            let outcome = self.infer(weights, input);
            evaluation.samples += 1;
            evaluation.correct += usize::from(outcome.prediction == u32::from(label));
            evaluation.saturations += outcome.saturations;
        }
        Ok(evaluation)
    }

    /// Trains all samples once, in the order of the network's seed and the epoch (from 0).
    ///
    /// `progress` sees every sample; where it breaks, the epoch ends early.
    ///
    /// # Errors
    /// Samples that do not suit the network, a learning rate that does not fit; both before training.
    pub fn train_epoch(
        &self,
        state: &mut FixedState,
        samples: Samples,
        epoch: u32,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(), FixedError> {
        self.check(samples)?;
        let learning = self.learning(epoch)?;
        let size = self.network.input.shape.size();
        let total = samples.labels.len();
        let order = sample_order(self.network.training.seed, epoch, total);
        for (done, index) in (1..).zip(order.into_iter().map(|k| k as usize)) {
            let input = &samples.inputs[index * size..][..size];
            let label = usize::from(samples.labels[index]);
            let trained = &self.train_sample(state, input, label, &learning);
            let now = Progress {
                done,
                total,
                index,
                label,
                trained,
            };
            if progress(now).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn inputs<'a>(&self, samples: Samples<'a>) -> impl Iterator<Item = &'a [u8]> {
        samples.inputs.chunks_exact(self.network.input.shape.size())
    }

    fn check(&self, samples: Samples) -> Result<(), FixedError> {
        let size = self.network.input.shape.size();
        let classes = self.network.readout.classes;
        if samples.inputs.len() != size * samples.labels.len() {
            return Err(FixedError::Samples(format!(
                "{} samples of {size} values are {} values, not {}",
                samples.labels.len(),
                size * samples.labels.len(),
                samples.inputs.len()
            )));
        }
        match samples
            .labels
            .iter()
            .find(|&&label| u32::from(label) >= classes)
        {
            Some(label) => Err(FixedError::Samples(format!(
                "label {label}, but the readout has {classes} classes"
            ))),
            None => Ok(()),
        }
    }
}
