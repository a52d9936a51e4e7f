//! Training in the array's integers: fixed point, and the compiled program.

use super::course::{Details, Hear, Learner};
use crate::clamps::EpochClamps;
use crate::failure::{Failure, finding};
use crate::sums::Sums;
use crate::{input, progress};
use spidec_compiler::check::Checked;
use spidec_compiler::lower::Purpose;
use spidec_data::{Data, Dataset};
use spidec_ir::fixed::quantize;
use spidec_ir::random::initial_parameters;
use spidec_ir::trace::Counters;
use spidec_ir::{ArrayProgram, FixedParameters, Network};
use spidec_runtime::array::{ArrayEngine, ClampedOnArray};
use spidec_runtime::fixed::{FixedEngine, FixedState};
use spidec_runtime::state::{State, Weights};

/// How far a training is.
#[derive(Clone, Copy)]
struct Place {
    epochs: u32,
    /// Samples trained of the epoch at hand.
    within: usize,
}

impl Place {
    /// After so many samples of an epoch of `total`.
    fn reach(&mut self, within: usize, total: usize) {
        self.within = within;
        if within == total {
            self.epochs += 1;
            self.within = 0;
        }
    }

    fn state(self, network: &Network, samples: u64, parameters: FixedParameters) -> State {
        let weights = Weights::Fixed {
            parameters,
            format: network.array.weight,
        };
        State {
            epochs: self.epochs,
            samples,
            within: self.within as u32,
            ..State::new(network, weights)
        }
    }
}

/// What a training in integers begins with.
struct Start {
    parameters: FixedParameters,
    place: Place,
    samples: u64,
}

impl Start {
    /// From a state, or from the network's initial weights. A rate that does not fit is said before any training.
    fn of(engine: &FixedEngine, from: Option<State>, last: u32) -> Result<Start, Failure> {
        let network = engine.network();
        let (quantized, place, samples) = match from {
            Some(state) => {
                let place = Place {
                    epochs: state.epochs,
                    within: state.within as usize,
                };
                (state.fixed(network), place, state.samples)
            }
            None => {
                let initial = initial_parameters(network, network.training.seed);
                let place = Place {
                    epochs: 0,
                    within: 0,
                };
                (quantize(network, &initial), place, 0)
            }
        };
        for epoch in place.epochs..last {
            if epoch == place.epochs {
                input::learning(engine, epoch)?;
            } else {
                engine.learning(epoch).map_err(finding)?;
            }
        }
        Ok(Start {
            parameters: input::fitting(quantized)?,
            place,
            samples,
        })
    }
}

/// A dataset, as an engine of integers infers it: logits, prediction and spikes of a sample.
fn tested(
    network: &Network,
    data: &Dataset,
    mut infer: impl FnMut(&[u8]) -> (Vec<i32>, u32, Vec<u64>),
) -> Sums {
    let bar = progress::bar(data.len(), "test");
    let mut sums = Sums::default();
    for (sample, label) in data.samples() {
        let (logits, prediction, spikes) = infer(sample);
        let right = prediction as usize == label;
        sums += &Sums::of_integers(network, &logits, right, label, spikes.into_iter());
        bar.inc(1);
    }
    bar.finish_and_clear();
    sums
}

/// Fixed point.
pub(super) struct Fixed {
    engine: FixedEngine,
    state: FixedState,
    place: Place,
    clamps: EpochClamps,
}

impl Fixed {
    pub fn begin(network: &Network, from: Option<State>, last: u32) -> Result<Fixed, Failure> {
        let engine = FixedEngine::new(network).map_err(finding)?;
        let start = Start::of(&engine, from, last)?;
        let mut state = engine.state(&start.parameters).map_err(finding)?;
        state.samples = start.samples;
        Ok(Fixed {
            engine,
            state,
            place: start.place,
            clamps: EpochClamps::default(),
        })
    }
}

impl Learner for Fixed {
    fn train(&mut self, data: &Data, hear: Hear) -> Result<(), Failure> {
        let data = input::constant(data)?;
        let Place { epochs, within } = self.place;
        let network = self.engine.network();
        let mut done = within;
        self.engine
            .train_rest(&mut self.state, data, (epochs, within), |p| {
                done = p.done;
                self.clamps.add(p.index, p.trained.clamps());
                let forward = &p.trained.forward;
                let right = forward.prediction as usize == p.label;
                let (logits, spikes) = (&forward.logits, forward.spikes());
                hear(&Sums::of_integers(network, logits, right, p.label, spikes))
            })
            .map_err(finding)?;
        self.place.reach(done, data.len());
        Ok(())
    }

    fn test(&mut self, data: &Data) -> Result<Sums, Failure> {
        let data = input::constant(data)?;
        Ok(tested(self.engine.network(), data, |sample| {
            let outcome = self.engine.infer(&self.state.weights, sample);
            let spikes = outcome.spikes().collect();
            (outcome.logits, outcome.prediction, spikes)
        }))
    }

    fn state(&self) -> State {
        let parameters = self.state.weights.parameters();
        self.place
            .state(self.engine.network(), self.state.samples, parameters)
    }

    fn details(&mut self) -> Details {
        Details {
            clamps: Some(std::mem::take(&mut self.clamps)),
            counters: None,
        }
    }
}

/// The array engine: the program that the hardware executes.
pub(super) struct Array {
    network: Network,
    fixed: FixedEngine,
    program: ArrayProgram,
    engine: ArrayEngine,
    place: Place,
    counters: Counters,
    clamped: ClampedOnArray,
}

impl Array {
    pub fn begin(checked: &Checked, from: Option<State>, last: u32) -> Result<Array, Failure> {
        let network = checked.network.clone();
        let fixed = FixedEngine::new(&network).map_err(finding)?;
        let start = Start::of(&fixed, from, last)?;
        let program = input::program(checked, Purpose::Learning)?;
        let mut engine = ArrayEngine::new(&program, &start.parameters).map_err(finding)?;
        engine.learning.seed = network.training.seed;
        engine.learning.samples = start.samples;
        Ok(Array {
            network,
            fixed,
            program,
            engine,
            place: start.place,
            counters: Counters::default(),
            clamped: ClampedOnArray::default(),
        })
    }
}

impl Learner for Array {
    fn train(&mut self, data: &Data, hear: Hear) -> Result<(), Failure> {
        let data = input::constant(data)?;
        let Place { epochs, within } = self.place;
        let learning = self.fixed.learning(epochs).map_err(finding)?;
        let (network, program) = (&self.network, &self.program);
        let (counters, clamped) = (&mut self.counters, &mut self.clamped);
        let mut done = within;
        self.engine
            .train_rest(&learning, data, (epochs, within), |p| {
                done = p.done;
                let outcome = p.outcome;
                *counters += outcome.counters;
                clamped.add(p.index, program, &outcome.counters, &outcome.clamps);
                let right = outcome.prediction as usize == p.label;
                let (logits, spikes) = (&outcome.logits, p.array.spikes());
                hear(&Sums::of_integers(network, logits, right, p.label, spikes))
            });
        self.place.reach(done, data.len());
        Ok(())
    }

    fn test(&mut self, data: &Data) -> Result<Sums, Failure> {
        let data = input::constant(data)?;
        let engine = &mut self.engine;
        Ok(tested(&self.network, data, |sample| {
            let outcome = engine.infer(sample);
            let spikes = engine.spikes().collect();
            (outcome.logits, outcome.prediction, spikes)
        }))
    }

    fn state(&self) -> State {
        let samples = self.engine.learning.samples;
        self.place
            .state(&self.network, samples, self.engine.parameters())
    }

    fn details(&mut self) -> Details {
        let counters = std::mem::take(&mut self.counters);
        Details {
            clamps: None,
            counters: Some((counters, std::mem::take(&mut self.clamped))),
        }
    }
}
