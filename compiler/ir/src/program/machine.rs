//! The machine: everything that the RTL depends on.

use super::ENCODING_VERSION;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Fewest lanes of an array.
pub const MIN_LANES: u32 = 4;
/// Most lanes of an array.
pub const MAX_LANES: u32 = 32;
/// Most words of all weight banks together: the host port has 24 bits for a row and a lane.
pub const MAX_WEIGHT_WORDS: u32 = 1 << 24;
/// Most chunks: an instruction has 14 bits for a layer's.
pub const MAX_CHUNKS: u32 = 0x3fff;
/// Most input rows, instructions and layers: their addresses have 16 bits, their numbers too.
pub const MAX_DEPTH: u32 = 0xffff;
/// Cycles from reading a state to reading it again after it was written.
pub const HAZARD: u32 = 4;

/// The version of the host port: its regions, registers and handshake, as `spidec_host.v` has them.
pub const HOST_VERSION: u32 = 3;

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

    /// What the identity is made of: all that a host must know before it can load a program, as
    /// lines of `field=value`.
    pub fn identity(&self) -> String {
        // Named one by one, so that no field is forgotten.
        let Machine {
            learning,
            lanes,
            weight_bits,
            membrane_bits,
            accumulator_bits,
            count_bits,
            error_bits,
            operand_bits,
            blocks,
            chunks,
            input_rows,
            instructions,
            layers,
        } = self;
        format!(
            "encoding={ENCODING_VERSION}\nhost={HOST_VERSION}\nlearning={learning}\nlanes={lanes}\n\
             weight_bits={weight_bits}\nmembrane_bits={membrane_bits}\n\
             accumulator_bits={accumulator_bits}\ncount_bits={count_bits}\n\
             error_bits={error_bits}\noperand_bits={operand_bits}\nblocks={blocks}\n\
             chunks={chunks}\ninput_rows={input_rows}\ninstructions={instructions}\n\
             layers={layers}\n"
        )
    }

    /// The first word of the SHA-256 of [`Machine::identity`]: the RTL's identity register.
    pub fn id(&self) -> u32 {
        let hash = Sha256::digest(self.identity().as_bytes());
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

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Machine = Machine {
        learning: true,
        lanes: 16,
        weight_bits: 12,
        membrane_bits: 20,
        accumulator_bits: 32,
        count_bits: 8,
        error_bits: 10,
        operand_bits: 12,
        blocks: 1024,
        chunks: 16,
        input_rows: 56,
        instructions: 64,
        layers: 4,
    };

    #[test]
    fn the_identity_is_a_stable_text() {
        assert_eq!(
            MACHINE.identity(),
            "encoding=2\nhost=3\nlearning=true\nlanes=16\nweight_bits=12\nmembrane_bits=20\n\
             accumulator_bits=32\ncount_bits=8\nerror_bits=10\noperand_bits=12\nblocks=1024\n\
             chunks=16\ninput_rows=56\ninstructions=64\nlayers=4\n"
        );
        // By another tool: printf of the text above, through sha256sum.
        assert_eq!(format!("{:08x}", MACHINE.id()), "3db0a2b1");
    }

    #[test]
    fn every_field_is_part_of_the_identity() {
        let changes: [fn(&mut Machine); 13] = [
            |m| m.learning = false,
            |m| m.lanes = 8,
            |m| m.weight_bits += 1,
            |m| m.membrane_bits += 1,
            |m| m.accumulator_bits -= 1,
            |m| m.count_bits += 1,
            |m| m.error_bits += 1,
            |m| m.operand_bits += 1,
            |m| m.blocks += 1,
            |m| m.chunks += 1,
            |m| m.input_rows += 1,
            |m| m.instructions += 1,
            |m| m.layers += 1,
        ];
        let mut ids = vec![MACHINE.id()];
        for change in changes {
            let mut machine = MACHINE;
            change(&mut machine);
            ids.push(machine.id());
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), changes.len() + 1);
    }
}
