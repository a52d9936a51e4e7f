//! The machine: everything that the RTL depends on.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Fewest lanes of an array.
pub const MIN_LANES: u32 = 4;
/// Most lanes of an array.
pub const MAX_LANES: u32 = 32;
/// Cycles from reading a state to reading it again after it was written.
pub const HAZARD: u32 = 4;

/// An array without its data. Networks with the same machine share one build of the RTL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Whether it learns: backward stage, loss and weight update are left out where not.
    pub learning: bool,
    /// Lanes: a power of two from [`MIN_LANES`] to [`MAX_LANES`].
    pub lanes: u32,
    /// Bits of a weight.
    pub weight_bits: u32,
    /// Bits of a membrane after the pass.
    pub membrane_bits: u32,
    /// Bits of the accumulator: membranes while sums arrive, currents, logits.
    pub accumulator_bits: u32,
    /// Bits of a spike count.
    pub count_bits: u32,
    /// Bits of an error: a count of the backward stage, or a class's. One without learning.
    pub error_bits: u32,
    /// Bits of what a lane multiplies an event's value by, signed: a weight; in learning a count, an input
    /// value, or what stands for one.
    pub operand_bits: u32,
    /// Blocks of the weight memory, each of lanes times lanes weights.
    pub blocks: u32,
    /// Chunks of states, currents, counts and spikes.
    pub chunks: u32,
    /// Rows of the input memory.
    pub input_rows: u32,
    /// Instructions of the program memory.
    pub instructions: u32,
    /// Layers with learning constants. One without learning.
    pub layers: u32,
}

impl Machine {
    /// Bits of a scanned integer, signed: an input value, a count, an error.
    pub fn data_bits(&self) -> u32 {
        (self.count_bits.max(8) + 1).max(self.error_bits)
    }

    /// Rows of each weight bank.
    pub fn weight_rows(&self) -> u32 {
        self.blocks * self.lanes
    }

    /// Logarithm of the lanes.
    pub fn lanes_log(&self) -> u32 {
        self.lanes.trailing_zeros()
    }

    /// A hash of all fields: the RTL's identity register.
    pub fn id(&self) -> u32 {
        let text = format!("{self:?}");
        let hash = Sha256::digest(text.as_bytes());
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }

    /// The smallest machine that runs what either runs. `None` where they differ in lanes, formats or
    /// learning, which data cannot make up for.
    pub fn join(&self, other: &Machine) -> Option<Machine> {
        let same = self.lanes == other.lanes
            && self.weight_bits == other.weight_bits
            && self.membrane_bits == other.membrane_bits;
        (same && self.learning == other.learning).then(|| Machine {
            accumulator_bits: self.accumulator_bits.max(other.accumulator_bits),
            count_bits: self.count_bits.max(other.count_bits),
            error_bits: self.error_bits.max(other.error_bits),
            operand_bits: self.operand_bits.max(other.operand_bits),
            blocks: self.blocks.max(other.blocks),
            chunks: self.chunks.max(other.chunks),
            input_rows: self.input_rows.max(other.input_rows),
            instructions: self.instructions.max(other.instructions),
            layers: self.layers.max(other.layers),
            ..self.clone()
        })
    }

    /// Whether this machine runs everything that `other` runs.
    pub fn covers(&self, other: &Machine) -> bool {
        self.join(other).as_ref() == Some(self)
    }
}
