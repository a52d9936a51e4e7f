//! What engines and hardware are compared by.

use serde::{Deserialize, Serialize};

/// One population after one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PopulationStep {
    /// One a neuron; forward stage 0 or 1, backward stage -1, 0 or 1.
    pub spikes: Vec<i8>,
    /// One a neuron, after reset and leak, in membrane units.
    pub membranes: Vec<i32>,
}

/// The forward stage and readout of one sample, in the terms of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForwardTrace {
    /// `[step][population]`.
    pub steps: Vec<Vec<PopulationStep>>,
    /// Spike counts, `[population][neuron]`.
    pub counts: Vec<Vec<u32>>,
    /// Weighted spike counts of leaky populations, in the trace format, `[population][neuron]`; of all
    /// others empty.
    pub traces: Vec<Vec<i32>>,
    /// Logits in units of `1 / (one 2^F)`, `one` as [`crate::fixed::forward_one`] of what is read.
    pub logits: Vec<i32>,
    /// The class of the largest logit, the first where several are largest.
    pub prediction: u32,
    /// Membranes that were clamped.
    pub saturations: u64,
    /// The first of them: by step, then population, then neuron.
    pub first_saturation: Option<ClampPlace>,
}

/// One training sample in the terms of the network: everything but the weights that it leaves.
///
/// A couple with mask 0 is dead: it has spike 0 and membrane 0 in every step and is never clamped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainingTrace {
    /// Forward stage and readout.
    pub forward: ForwardTrace,
    /// The gradient with respect to the logits, one a class, in the error format.
    pub error: Vec<i32>,
    /// What the couples of the readout's source receive in every step, one a neuron, in membrane units.
    pub gradient: Vec<i32>,
    /// `0 < alpha < 1`, `[population][neuron]`.
    pub masks: Vec<Vec<bool>>,
    /// The backward stage, `[step][population]`, populations in declaration order.
    ///
    /// It is there for every population. Those that learning does not need
    /// ([`Network::backward_populations`](crate::Network::backward_populations)) an engine may leave out.
    pub backward: Vec<Vec<PopulationStep>>,
    /// Sums of signed spikes, `m beta T_B` in spikes, `[population][neuron]`.
    pub backward_counts: Vec<Vec<i32>>,
    /// The same sums weighted, of leaky couples, in the trace format; of all others empty.
    pub backward_traces: Vec<Vec<i32>>,
    /// What was clamped.
    pub clamps: Clamps,
}

/// What a training sample clamped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clamps {
    /// Membranes of the forward stage.
    pub forward: Clamped,
    /// Membranes of the couples that learning needs, so that it is the same with and without the others.
    pub backward: Clamped,
    /// Errors of the loss: those that lie outside the error format.
    pub errors: Clamped,
    /// Weights and biases: updates whose exact result lies outside the weight format.
    pub weights: Clamped,
}

/// How many numbers of a kind were clamped to their format in a sample, and the first of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clamped {
    /// How many.
    pub count: u64,
    /// Of membranes, the first by step, then population in the order in which the stage handles
    /// them, then neuron. Of weights, the first by layer (the readout, then the projections in
    /// declaration order), then destination, then source; a layer's biases after its weights. Of errors
    /// the first class.
    pub first: Option<ClampPlace>,
}

/// A number that was clamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClampPlace {
    /// The step of the stage, from 1; 0 of a weight or an error.
    pub step: u32,
    /// A membrane's population, or a weight's layer: its projection, or the number of projections
    /// for the readout; 0 of an error.
    pub population_or_layer: u32,
    /// The neuron, of a weight the destination: a neuron or a class; of an error the class.
    pub neuron: u32,
    /// A weight's source value; the number of source values for a bias; 0 of a membrane or an error.
    pub source: u32,
}

impl ClampPlace {
    /// That of a class's error.
    pub fn of_error(class: u32) -> ClampPlace {
        ClampPlace {
            step: 0,
            population_or_layer: 0,
            neuron: class,
            source: 0,
        }
    }
}

impl Clamped {
    /// Adds the membranes of a population after a step, one flag a neuron. Called in the order in
    /// which the stage handles them.
    pub fn add_membranes(&mut self, step: u32, population: usize, clamped: &[bool]) {
        self.count += clamped.iter().filter(|&&clamped| clamped).count() as u64;
        if self.first.is_none() {
            let neuron = clamped.iter().position(|&clamped| clamped);
            self.first = neuron.map(|neuron| ClampPlace {
                step,
                population_or_layer: population as u32,
                neuron: neuron as u32,
                source: 0,
            });
        }
    }

    /// Adds one weight, or one bias. Weights of one layer may come in any order; its biases are counted
    /// apart.
    pub fn add_weight(&mut self, layer: usize, neuron: usize, source: usize) {
        let place = ClampPlace {
            step: 0,
            population_or_layer: layer as u32,
            neuron: neuron as u32,
            source: source as u32,
        };
        self.count += 1;
        let earlier =
            |first: &ClampPlace| (first.neuron, first.source) < (place.neuron, place.source);
        self.first = Some(self.first.filter(earlier).unwrap_or(place));
    }

    /// Adds the error of a class. Called in the order of classes.
    pub fn add_error(&mut self, class: usize) {
        self.count += 1;
        self.first = self.first.or(Some(ClampPlace::of_error(class as u32)));
    }

    /// Both, of which the other comes later.
    pub fn then(self, later: Clamped) -> Clamped {
        Clamped {
            count: self.count + later.count,
            first: self.first.or(later.first),
        }
    }
}

/// The stages of a sample whose cycles are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Clearing and the constant input current.
    Input = 0,
    /// The time steps of the forward stage.
    Forward = 1,
    /// Logits and prediction.
    Readout = 2,
    /// The errors of all classes.
    Loss = 3,
    /// Error injection and the time steps of the backward stage.
    Backward = 4,
    /// Updates of weights and biases.
    Learning = 5,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Stage; 6] = [
        Stage::Input,
        Stage::Forward,
        Stage::Readout,
        Stage::Loss,
        Stage::Backward,
        Stage::Learning,
    ];

    /// The stages of an inference.
    pub const INFERENCE: [Stage; 3] = [Stage::Input, Stage::Forward, Stage::Readout];

    /// As messages and keys name it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Input => "input",
            Stage::Forward => "forward",
            Stage::Readout => "readout",
            Stage::Loss => "loss",
            Stage::Backward => "backward",
            Stage::Learning => "learning",
        }
    }
}

/// One chunk of a population after its pass: `P` neurons, with the cycle at which it leaves the lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkStep {
    /// Cycles since the start of the sample.
    pub cycle: u64,
    /// The chunk's address in the state memory.
    pub chunk: u32,
    /// Bit `k`: lane `k` fired, with either sign.
    pub spikes: u32,
    /// Bit `k`: the spike of lane `k` is -1.
    pub negative: u32,
    /// One a lane, after the reset, in membrane units.
    pub membranes: Vec<i32>,
}

/// What the machine did for one sample, in the terms of the array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrayTrace {
    /// In the order in which they left the lanes: forward stage, then backward stage.
    pub chunks: Vec<ChunkStep>,
    /// Count memory of the populations after the sample, `[chunk][lane]`.
    pub counts: Vec<Vec<u32>>,
    /// Logits in units of `1 / (T_F 2^F)`.
    pub logits: Vec<i32>,
    /// The class of the largest logit, the first where several are largest.
    pub prediction: u32,
    /// Error memory after a training sample, `[chunk][lane]`, readout included; empty after an inference.
    pub errors: Vec<Vec<i32>>,
    /// The counters.
    pub counters: Counters,
    /// Why the array did nothing, one a [`Stage`]; hardware does not count it.
    pub idle: [Idle; 6],
    /// The first of all that was clamped.
    pub clamps: ArrayClamps,
}

/// The first number of each kind that a sample clamped, in the terms of the array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArrayClamps {
    /// The chunk of a pass.
    pub membrane: Option<ChunkClamp>,
    /// The error of a class.
    pub error: Option<ClampPlace>,
    /// The slot of an update.
    pub weight: Option<RowClamp>,
}

/// A chunk of a pass with membranes that were clamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkClamp {
    /// In the backward stage.
    pub backward: bool,
    /// Time step, from 0.
    pub step: u32,
    /// The chunk.
    pub chunk: u32,
    /// A bit a lane.
    pub lanes: u32,
}

/// A row of a block with weights that were clamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowClamp {
    /// The block times lanes, plus the destination's lane.
    pub row: u32,
    /// A bit a bank: source lane `b` of destination lane `a` is bank `a xor b`.
    pub banks: u32,
}

/// How the array spent a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Cycles in all.
    pub cycles: u64,
    /// Cycles with a slot: an event on a chunk.
    pub slots: u64,
    /// Lanes of these slots that did work: a real neuron or weight; in learning a source that is not zero.
    pub useful: u64,
    /// Cycles in which a chunk's sum was waited for.
    pub waits: u64,
    /// Cycles with a chunk of a pass.
    pub passes: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Work) {
        self.cycles += other.cycles;
        self.slots += other.slots;
        self.useful += other.useful;
        self.waits += other.waits;
        self.passes += other.passes;
    }
}

/// Cycles of a stage without a slot, a wait or a chunk of a pass. What is left then are starts of
/// instructions and units that work alone: argmax, loss, noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// The scanner looks for an event.
    pub scan: u64,
    /// The pipeline fills or empties.
    pub fill: u64,
}

impl std::ops::AddAssign for Idle {
    fn add_assign(&mut self, other: Idle) {
        self.scan += other.scan;
        self.fill += other.fill;
    }
}

/// The counters of one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// One a [`Stage`].
    pub stages: [Work; 6],
    /// Events: non-zero values scattered or learned from.
    pub events: u64,
    /// Spikes of the forward stage.
    pub spikes: u64,
    /// Spikes of the backward stage, of either sign.
    pub backward_spikes: u64,
    /// Membranes that were clamped, both stages.
    pub saturations: u64,
    /// Weights and biases that were clamped.
    pub weight_saturations: u64,
    /// Errors that were clamped.
    pub error_saturations: u64,
}

impl Counters {
    /// Cycles of all stages.
    pub fn total_cycles(&self) -> u64 {
        self.stages.iter().map(|work| work.cycles).sum()
    }

    /// Useful lanes of all stages.
    pub fn total_useful(&self) -> u64 {
        self.stages.iter().map(|work| work.useful).sum()
    }
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Counters) {
        for (sum, work) in self.stages.iter_mut().zip(other.stages) {
            *sum += work;
        }
        self.events += other.events;
        self.spikes += other.spikes;
        self.backward_spikes += other.backward_spikes;
        self.saturations += other.saturations;
        self.weight_saturations += other.weight_saturations;
        self.error_saturations += other.error_saturations;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_membrane_is_the_first_that_was_added() {
        let mut clamped = Clamped::default();
        clamped.add_membranes(1, 2, &[false, false]);
        assert_eq!(clamped, Clamped::default());
        clamped.add_membranes(2, 1, &[false, true, true]);
        clamped.add_membranes(2, 0, &[true]);
        let first = clamped.first.unwrap();
        assert_eq!(
            (first.step, first.population_or_layer, first.neuron),
            (2, 1, 1)
        );
        assert_eq!(clamped.count, 3);
    }

    #[test]
    fn the_first_weight_of_a_layer_is_the_least_place() {
        let mut readout = Clamped::default();
        for (neuron, source) in [(3, 0), (2, 5), (2, 4), (4, 1)] {
            readout.add_weight(7, neuron, source);
        }
        let first = readout.first.unwrap();
        assert_eq!((first.neuron, first.source, readout.count), (2, 4, 4));
        let mut projection = Clamped::default();
        projection.add_weight(0, 0, 0);
        assert_eq!(
            readout.then(projection),
            Clamped {
                count: 5,
                ..readout
            }
        );
        assert_eq!(Clamped::default().then(projection), projection);
    }
}
