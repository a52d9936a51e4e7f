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
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Stage; 3] = [Stage::Input, Stage::Forward, Stage::Readout];

    /// As messages and keys name it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Input => "input",
            Stage::Forward => "forward",
            Stage::Readout => "readout",
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
    /// Bit `k`: lane `k` fired.
    pub spikes: u32,
    /// One a lane, after the reset, in membrane units.
    pub membranes: Vec<i32>,
}

/// What the machine did for one sample, in the terms of the array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrayTrace {
    /// In the order in which they left the lanes.
    pub chunks: Vec<ChunkStep>,
    /// Count memory of the populations after the sample, `[chunk][lane]`.
    pub counts: Vec<Vec<u32>>,
    /// Logits in units of `1 / (T_F 2^F)`.
    pub logits: Vec<i32>,
    /// The class of the largest logit, the first where several are largest.
    pub prediction: u32,
    /// The counters.
    pub counters: Counters,
}

/// The counters of one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Cycles of each [`Stage`].
    pub cycles: [u64; 3],
    /// Events: non-zero values scattered.
    pub events: u64,
    /// Slots: lanes times chunks of the events.
    pub slots: u64,
    /// Slots on a real weight.
    pub useful: u64,
    /// Spikes of the forward stage.
    pub spikes: u64,
    /// Membranes that were clamped.
    pub saturations: u64,
}

impl Counters {
    /// Cycles of all stages.
    pub fn total_cycles(&self) -> u64 {
        self.cycles.iter().sum()
    }
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Counters) {
        for (sum, cycles) in self.cycles.iter_mut().zip(other.cycles) {
            *sum += cycles;
        }
        self.events += other.events;
        self.slots += other.slots;
        self.useful += other.useful;
        self.spikes += other.spikes;
        self.saturations += other.saturations;
    }
}
