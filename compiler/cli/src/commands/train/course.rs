//! A training from where it is to its last epoch: checkpoints, tests, Ctrl-C.

use super::{Epoch, Train};
use crate::clamps::EpochClamps;
use crate::failure::{Failure, coded, usage};
use crate::interrupt;
use crate::progress::Training;
use crate::sums::{Sums, Tally};
use spidec_data::Data;
use spidec_ir::Network;
use spidec_ir::trace::Counters;
use spidec_runtime::array::ClampedOnArray;
use spidec_runtime::spide::Diverged;
use spidec_runtime::state::State;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Hears what samples came to, batch by batch; may end the epoch there.
pub(super) type Hear<'a> = &'a mut dyn FnMut(&Sums) -> ControlFlow<()>;

/// An engine with what it trains.
pub(super) trait Learner {
    /// Trains the epoch at hand, or what is left of it.
    fn train(&mut self, data: &Data, hear: Hear) -> Result<(), Failure>;

    /// What samples come to as the weights are now.
    fn test(&mut self, data: &Data) -> Result<Sums, Failure>;

    /// All that going on needs.
    fn state(&self) -> State;

    /// What only its engine tells of the epoch that ended.
    fn details(&mut self) -> Details {
        Details::default()
    }
}

/// What only one engine tells of an epoch.
#[derive(Default)]
pub(super) struct Details {
    /// Of fixed point.
    pub clamps: Option<EpochClamps>,
    /// Of the array.
    pub counters: Option<(Counters, ClampedOnArray)>,
}

/// What is trained on, and how long.
pub(super) struct Course<'a> {
    pub arguments: &'a Train,
    pub network: &'a Network,
    pub train: &'a Data,
    pub test: &'a Data,
    /// What tells the training samples from others.
    pub data: String,
    /// The last epoch's number, from 1.
    pub last: u32,
}

impl Course<'_> {
    /// Trains to the end; `tell` hears of each epoch.
    pub fn run(
        &self,
        learner: &mut dyn Learner,
        tell: &mut dyn FnMut(&Epoch) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut testing = Duration::ZERO;
        loop {
            let epoch = self.epoch(learner, &mut testing)?;
            tell(&epoch)?;
            if epoch.number >= self.last {
                return Ok(());
            }
            if interrupt::asked() {
                return Err(self.stopped(&self.state(learner)));
            }
        }
    }

    /// All that going on needs, this training's data among it.
    fn state(&self, learner: &dyn Learner) -> State {
        State {
            data: Some(self.data.clone()),
            ..learner.state()
        }
    }

    /// `testing`: how long a test takes, as far as that is known.
    fn epoch(&self, learner: &mut dyn Learner, testing: &mut Duration) -> Result<Epoch, Failure> {
        let State { epochs, within, .. } = learner.state();
        let number = epochs + 1;
        let mut shown = Training::begin(
            self.network,
            (number, self.last),
            (within, self.train.len()),
            *testing,
        );
        let every = self.arguments.checkpoint_every.map(u64::from);
        let mut tally = Tally::begin();
        loop {
            let mut since = 0;
            let mut diverged = false;
            let trained = learner.train(self.train, &mut |sums| {
                tally.add(sums);
                shown.reach(&tally);
                since += sums.samples;
                diverged = sums.diverged();
                let full = every.is_some_and(|every| since >= every);
                match diverged || full || interrupt::asked() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
            let state = self.state(learner);
            if diverged || !state.is_finite() {
                shown.end();
                return Err(self.diverged(number, "is as it was last written"));
            }
            // Of an epoch in which no batch could be trained there is nothing to keep.
            if trained.is_ok() || state.within != within {
                state
                    .save(self.network, &self.arguments.output)
                    .map_err(usage)?;
            }
            trained?;
            if state.epochs >= number {
                break;
            }
            if interrupt::asked() {
                shown.end();
                return Err(self.stopped(&state));
            }
        }
        shown.end();
        let (train, parts) = tally.end();
        let began = Instant::now();
        let test = learner.test(self.test)?;
        *testing = began.elapsed();
        if test.diverged() {
            let kept = "holds the weights after that epoch: begin with an earlier state";
            return Err(self.diverged(number, kept));
        }
        Ok(Epoch {
            number,
            before: within,
            train,
            parts,
            test,
            details: learner.details(),
        })
    }

    /// What is said of a training that can learn nothing more; `kept`: what the state file is.
    fn diverged(&self, epoch: u32, kept: &str) -> Failure {
        let rate = self.network.training.rate(epoch - 1);
        let output = self.arguments.output.display();
        let kept = match self.arguments.output.is_file() {
            true => format!("{output} {kept}"),
            false => "no state was written".to_string(),
        };
        let error = Diverged { epoch, rate };
        coded(error.code(), format!("{error}; {kept}"))
    }

    /// What is said after Ctrl-C.
    fn stopped(&self, state: &State) -> Failure {
        let place = match state.within {
            0 => format!("after epoch {}", state.epochs),
            within => format!(
                "in epoch {}, after {within} of {} samples",
                state.epochs + 1,
                self.train.len()
            ),
        };
        Failure::Interrupted(format!(
            "stopped {place}; {} holds all of it. To go on as if nothing had happened:\n  {}",
            self.arguments.output.display(),
            self.arguments.to_go_on(self.last)
        ))
    }
}
