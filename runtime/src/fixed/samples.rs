//! Many samples: an epoch of training, an evaluation.

use super::{FixedEngine, FixedError, FixedState, Trained, Weights};
use spidec_data::Dataset;
use spidec_ir::random::sample_order;
use spidec_ir::trace::{ClampPlace, Clamped};
use std::ops::ControlFlow;

/// How a dataset was classified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Samples.
    pub samples: usize,
    /// Samples whose prediction was the label.
    pub correct: usize,
    /// Membranes that were clamped.
    pub clamped: ClampedSamples,
}

/// Numbers of a kind that were clamped over many samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClampedSamples {
    /// How many.
    pub count: u64,
    /// The index in the dataset of the first sample that had any, and the first of its.
    pub first: Option<(usize, ClampPlace)>,
}

impl ClampedSamples {
    /// Adds what a sample of the dataset clamped.
    pub fn add(&mut self, sample: usize, clamped: Clamped) {
        self.count += clamped.count;
        self.first = self.first.or(clamped.first.map(|place| (sample, place)));
    }
}

impl Evaluation {
    /// The share of correct predictions; 0 for no samples.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.samples.max(1) as f64
    }
}

/// A training sample that is done, for progress and statistics.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// Samples done of this epoch, this one included.
    pub done: usize,
    /// Of how many.
    pub total: usize,
    /// The sample's index in the dataset.
    pub index: usize,
    /// Its class.
    pub label: usize,
    /// What it did.
    pub trained: &'a Trained,
}

impl FixedEngine {
    /// Classifies all samples; `tell` hears of each, counted from 1.
    ///
    /// # Errors
    /// A dataset that does not fit the network.
    pub fn evaluate(
        &self,
        weights: &Weights,
        data: &Dataset,
        mut tell: impl FnMut(usize),
    ) -> Result<Evaluation, FixedError> {
        data.check(&self.network)?;
        let mut evaluation = Evaluation::default();
        for (index, (sample, label)) in data.samples().enumerate() {
            let outcome = self.infer(weights, sample);
            evaluation.samples += 1;
            evaluation.correct += usize::from(outcome.prediction as usize == label);
            evaluation.clamped.add(index, outcome.clamped);
            tell(evaluation.samples);
        }
        Ok(evaluation)
    }

    /// Trains all samples once, in the order of the network's seed and the epoch, counted from 0.
    ///
    /// `tell` hears of each sample; where it breaks, the epoch ends there, and
    /// [`FixedEngine::train_rest`] goes on.
    ///
    /// # Errors
    /// A dataset or a learning rate that does not fit; both before anything is trained.
    pub fn train_epoch(
        &self,
        state: &mut FixedState,
        data: &Dataset,
        epoch: u32,
        tell: impl FnMut(Done) -> ControlFlow<()>,
    ) -> Result<(), FixedError> {
        self.train_rest(state, data, (epoch, 0), tell)
    }

    /// As [`FixedEngine::train_epoch`], of an epoch of which some samples are done already.
    ///
    /// # Errors
    /// As there.
    pub fn train_rest(
        &self,
        state: &mut FixedState,
        data: &Dataset,
        (epoch, within): (u32, usize),
        mut tell: impl FnMut(Done) -> ControlFlow<()>,
    ) -> Result<(), FixedError> {
        data.check(&self.network)?;
        let learning = self.learning(epoch)?;
        let total = data.len();
        let order = sample_order(self.network.training.seed, epoch, total);
        let order = order.into_iter().map(|k| k as usize);
        for (done, index) in (1..).zip(order).skip(within) {
            let (sample, label) = data.sample(index);
            let trained = &self.train_sample(state, sample, label, &learning);
            let now = Done {
                done,
                total,
                index,
                label,
                trained,
            };
            if tell(now).is_break() {
                break;
            }
        }
        Ok(())
    }
}
