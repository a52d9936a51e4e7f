//! Training in floating point.

use super::course::{Hear, Learner};
use crate::failure::{Failure, finding, unread};
use crate::progress;
use crate::sums::Sums;
use spidec_data::Data;
use spidec_ir::Network;
use spidec_ir::random::initial_parameters;
use spidec_runtime::spide::{Trainer, answer_f32, epoch_f32};
use spidec_runtime::state::State;

pub(super) struct Float(Trainer<f32>);

impl Float {
    /// From a state, or from the network's initial weights.
    pub fn begin(network: &Network, from: Option<State>, threads: usize) -> Result<Float, Failure> {
        let trainer = match from {
            Some(state) => state.trainer(network),
            None => {
                let parameters = initial_parameters(network, network.training.seed);
                Trainer::new(network, &parameters)
            }
        };
        Ok(Float(trainer.map_err(finding)?.with_threads(threads)))
    }
}

impl Learner for Float {
    fn train(&mut self, data: &Data, hear: Hear) -> Result<(), Failure> {
        let mut before = Sums::default();
        let mut tell = |progress| {
            let now = Sums::of_progress(&progress);
            let go_on = hear(&(&now - &before));
            before = now;
            go_on
        };
        epoch_f32(&mut self.0, data, &mut tell).map_err(unread)?;
        Ok(())
    }

    fn test(&mut self, data: &Data) -> Result<Sums, Failure> {
        let spide = self.0.spide();
        let bar = progress::bar(data.len(), "test");
        let mut sums = Sums::default();
        answer_f32(spide, data, &mut |answer| {
            sums += &Sums::of_answer(spide.network(), &answer);
            bar.inc(1);
        })
        .map_err(unread)?;
        bar.finish_and_clear();
        Ok(sums)
    }

    fn state(&self) -> State {
        State::of_trainer(&self.0)
    }
}
