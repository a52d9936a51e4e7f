//! An epoch of training.

use super::{ArrayEngine, Outcome};
use crate::fixed::Learning;
use spidec_data::Dataset;
use spidec_ir::random::sample_order;
use std::ops::ControlFlow;

/// A training sample that is done, for progress and statistics.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// Samples done of this epoch, this one included.
    pub done: usize,
    /// The sample's index in the dataset.
    pub index: usize,
    /// Its class.
    pub label: usize,
    /// What it did.
    pub outcome: &'a Outcome,
    /// The array after it.
    pub array: &'a ArrayEngine,
}

impl ArrayEngine {
    /// Trains all samples once, with an epoch's learning constants, in the order of the seed and the
    /// epoch, counted from 0. The dataset must fit the program's network.
    ///
    /// `tell` hears of each sample; where it breaks, the epoch ends there, and
    /// [`ArrayEngine::train_rest`] goes on.
    pub fn train_epoch(
        &mut self,
        learning: &Learning,
        data: &Dataset,
        epoch: u32,
        tell: impl FnMut(Done) -> ControlFlow<()>,
    ) {
        self.train_rest(learning, data, (epoch, 0), tell);
    }

    /// As [`ArrayEngine::train_epoch`], of an epoch of which some samples are done already.
    pub fn train_rest(
        &mut self,
        learning: &Learning,
        data: &Dataset,
        (epoch, within): (u32, usize),
        mut tell: impl FnMut(Done) -> ControlFlow<()>,
    ) {
        self.learning.constants.clone_from(&learning.constants);
        let order = sample_order(self.learning.seed, epoch, data.len());
        let order = order.into_iter().map(|k| k as usize);
        for (done, index) in (1..).zip(order).skip(within) {
            let (sample, label) = data.sample(index);
            let outcome = &self.train(sample, label);
            let now = Done {
                done,
                index,
                label,
                outcome,
                array: self,
            };
            if tell(now).is_break() {
                break;
            }
        }
    }
}
