//! What engines and hardware are compared by.

use serde::{Deserialize, Serialize};

/// One population after one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PopulationStep {
    /// One a neuron; forward stage 0 or 1, backward stage -1, 0 or 1.
    pub spikes: Vec<i8>,
    /// One a neuron, after the reset, in membrane units.
    pub membranes: Vec<i32>,
}

/// The forward stage and readout of one sample, in the terms of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForwardTrace {
    /// `[step][population]`.
    pub steps: Vec<Vec<PopulationStep>>,
    /// Spike counts, `[population][neuron]`.
    pub counts: Vec<Vec<u32>>,
    /// Logits in units of `1 / (T_F 2^F)`.
    pub logits: Vec<i32>,
    /// The class of the largest logit, the first where several are largest.
    pub prediction: u32,
    /// Membranes that were clamped.
    pub saturations: u64,
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
    }
}
