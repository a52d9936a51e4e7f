//! The machine: everything that the RTL depends on.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Fewest lanes of an array.
pub const MIN_LANES: u32 = 4;
/// Most lanes of an array.
pub const MAX_LANES: u32 = 32;
/// Most words of all weight banks together: the host port has 24 bits for a row and a lane.
pub const MAX_WEIGHT_WORDS: u32 = 1 << 24;
/// Most chunks, input rows and instructions: their addresses have 16 bits, their numbers too.
pub const MAX_DEPTH: u32 = 0xffff;
/// Cycles from reading a state to reading it again after it was written.
pub const HAZARD: u32 = 4;

/// An array without its data. Networks with the same machine share one build of the RTL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Lanes: a power of two from [`MIN_LANES`] to [`MAX_LANES`].
    pub lanes: u32,
    /// Bits of a weight.
    pub weight_bits: u32,
    /// Bits of a membrane after the pass.
    pub membrane_bits: u32,
    /// Bits of the accumulator: membranes while sums arrive, currents, logits.
    pub accumulator_bits: u32,
    /// Bits of an event's value, signed.
    pub value_bits: u32,
    /// Bits of a spike count.
    pub count_bits: u32,
    /// Shift from the input's scale to membrane units; negative: to the left.
    pub input_shift: i32,
    /// Rows of each weight bank.
    pub weight_rows: u32,
    /// Chunks of states, currents, counts and spikes.
    pub chunks: u32,
    /// Rows of the input memory.
    pub input_rows: u32,
    /// Instructions of the program memory.
    pub instructions: u32,
}

impl Machine {
    /// Bits of a scanned integer: an input value or a count.
    pub fn data_bits(&self) -> u32 {
        self.count_bits.max(8)
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

    /// The smallest machine that runs what either runs. `None` where they differ in lanes, formats
    /// or the input's shift, which data cannot make up for.
    pub fn join(&self, other: &Machine) -> Option<Machine> {
        let same = self.lanes == other.lanes
            && self.weight_bits == other.weight_bits
            && self.membrane_bits == other.membrane_bits
            && self.input_shift == other.input_shift;
        same.then(|| Machine {
            accumulator_bits: self.accumulator_bits.max(other.accumulator_bits),
            value_bits: self.value_bits.max(other.value_bits),
            count_bits: self.count_bits.max(other.count_bits),
            weight_rows: self.weight_rows.max(other.weight_rows),
            chunks: self.chunks.max(other.chunks),
            input_rows: self.input_rows.max(other.input_rows),
            instructions: self.instructions.max(other.instructions),
            ..self.clone()
        })
    }

    /// Whether this machine runs everything that `other` runs.
    pub fn covers(&self, other: &Machine) -> bool {
        self.join(other).as_ref() == Some(self)
    }
}
