//! What batches and epochs come to, and how far they are.

use super::Rates;
use std::ops::ControlFlow;

/// How often progress is told, in samples.
const PROGRESS: usize = 64;

/// What one step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchReport {
    /// Sum of the unscaled losses.
    pub loss: f64,
    /// Samples whose prediction was right.
    pub correct: usize,
}

impl std::ops::AddAssign for BatchReport {
    fn add_assign(&mut self, other: BatchReport) {
        self.loss += other.loss;
        self.correct += other.correct;
    }
}

/// How far an epoch, or what was left of it, is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Samples done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
    /// Mean unscaled loss of the samples done.
    pub loss: f64,
    /// Right predictions among them.
    pub correct: usize,
    /// Their firing rates.
    pub rates: Rates,
}

/// What a whole pass over a dataset came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Samples.
    pub samples: usize,
    /// Mean unscaled loss.
    pub loss: f64,
    /// Right predictions.
    pub correct: usize,
}

/// A training whose loss, or a weight, is no number any more.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the training diverged in epoch {epoch}, at rate {rate:?}: its loss or a weight is no number any more; take a smaller rate, a smaller loss scale, or an `init` of a smaller std"
)]
pub struct Diverged {
    /// From 1.
    pub epoch: u32,
    /// The rate of descent in that epoch.
    pub rate: f64,
}

impl Diverged {
    /// The error's code, `C003`; it stays what it is.
    pub fn code(&self) -> &'static str {
        "C003"
    }
}

/// Adds up reports and tells progress.
pub(super) struct Tally<'a> {
    total: usize,
    done: usize,
    sum: BatchReport,
    told: usize,
    tell: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(
        total: usize,
        tell: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Tally<'a> {
        Tally {
            total,
            done: 0,
            sum: BatchReport::default(),
            told: 0,
            tell,
        }
    }

    pub(super) fn add(
        &mut self,
        samples: usize,
        report: BatchReport,
        rates: impl FnOnce() -> Rates,
    ) -> ControlFlow<()> {
        self.done += samples;
        self.sum += report;
        if self.done == self.total || self.done - self.told >= PROGRESS {
            self.told = self.done;
            (self.tell)(Progress {
                done: self.done,
                total: self.total,
                loss: self.sum.loss / self.done as f64,
                correct: self.sum.correct,
                rates: rates(),
            })
        } else {
            ControlFlow::Continue(())
        }
    }

    pub(super) fn score(&self) -> Score {
        Score {
            samples: self.done,
            loss: self.sum.loss / self.done.max(1) as f64,
            correct: self.sum.correct,
        }
    }
}
