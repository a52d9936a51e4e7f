//! Instructions of the array and their encoding.

use crate::trace::Stage;
use serde::{Deserialize, Serialize};

/// The version of the encoding: what [`Instruction::encode`] gives and `spidec_sequencer.v` executes.
pub const ENCODING_VERSION: u32 = 1;

/// A register that `set` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Register {
    /// Threshold of the pass `fire`.
    Threshold = 0,
    /// Step of a reset.
    Reset = 1,
}

/// Chunks of the state memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The first chunk.
    pub chunk: u32,
    /// How many.
    pub chunks: u32,
}

/// Where a scatter's events come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventSource {
    /// Spike words: an event for each spike, of the instruction's value.
    Spikes = 0,
    /// The input memory: an event for each value that is not zero.
    Input = 1,
    /// Spike counts: an event for each count that is not zero.
    Counts = 2,
    /// One event of index 0 and of the instruction's value.
    Constant = 3,
}

/// The fields of [`Instruction::Scatter`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scatter {
    /// The layer, an index into [`super::ArrayProgram::layers`]; for readers only.
    pub layer: u32,
    /// Whose cycles these are.
    pub stage: Stage,
    /// Where the events come from.
    pub source: EventSource,
    /// Not done in the first step.
    pub skip_first: bool,
    /// Value of spikes and constants.
    pub value: i32,
    /// First word of the source: chunk, or row of the input memory.
    pub from: u32,
    /// Words of the source.
    pub words: u32,
    /// Row of the weight banks for index 0, chunk 0.
    pub weights: u32,
    /// Destination.
    pub block: Block,
    /// Real lanes of the last chunk.
    pub last_lanes: u32,
}

/// One instruction. Every field but the names is data of the hardware.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Instruction {
    /// Writes a register.
    Set {
        /// Which.
        register: Register,
        /// What.
        value: i32,
    },
    /// Sets states and counts to zero.
    Clear {
        /// Whose cycles these are.
        stage: Stage,
        /// Which chunks.
        block: Block,
    },
    /// For each event and chunk: `state += W * value`.
    Scatter(Scatter),
    /// `current = round_shift(state)`, then states and counts to zero.
    Latch {
        /// Which chunks.
        block: Block,
    },
    /// The pass: threshold, reset, count, spike word.
    Fire {
        /// Which chunks.
        block: Block,
    },
    /// Back to `target` until `steps` steps are done.
    Loop {
        /// Index of an instruction.
        target: u32,
        /// Steps in all.
        steps: u32,
    },
    /// Finds the largest logit.
    Argmax {
        /// The first chunk of logits.
        chunk: u32,
        /// How many logits.
        classes: u32,
    },
    /// The sample is done.
    End,
}

impl Instruction {
    /// The stage whose cycles an instruction's are.
    pub fn stage(&self) -> Stage {
        match self {
            Instruction::Set { .. } | Instruction::Latch { .. } => Stage::Input,
            Instruction::Fire { .. } | Instruction::Loop { .. } => Stage::Forward,
            Instruction::Argmax { .. } | Instruction::End => Stage::Readout,
            Instruction::Clear { stage, .. } => *stage,
            Instruction::Scatter(scatter) => scatter.stage,
        }
    }

    /// The 128 bits that the sequencer executes, the least significant word first.
    pub fn encode(&self) -> [u32; 4] {
        let stage = (self.stage() as u32) << 4;
        let pair = |low: u32, high: u32| low & 0xffff | high << 16;
        let pass = |op: u32, block: &Block| [op | stage, 0, pair(block.chunk, block.chunks), 0];
        match self {
            Instruction::End => [stage, 0, 0, 0],
            Instruction::Scatter(s) => [
                1 | stage
                    | (s.source as u32) << 6
                    | u32::from(s.skip_first) << 8
                    | s.last_lanes << 9
                    | (s.value as u32) << 16,
                pair(s.from, s.words),
                pair(s.block.chunk, s.block.chunks),
                s.weights,
            ],
            Instruction::Clear { block, .. } => pass(2, block),
            Instruction::Latch { block } => pass(3, block),
            Instruction::Fire { block } => pass(4, block),
            Instruction::Set { register, value } => {
                [5 | stage | (*register as u32) << 16, 0, 0, *value as u32]
            }
            Instruction::Loop { target, steps } => [6 | stage | target << 16, 0, 0, *steps],
            Instruction::Argmax { chunk, classes } => [7 | stage, 0, pair(*chunk, *classes), 0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_where_the_sequencer_reads_them() {
        let words = Instruction::Scatter(Scatter {
            layer: 0,
            stage: Stage::Forward,
            source: EventSource::Counts,
            skip_first: true,
            value: -2,
            from: 0x1234,
            words: 0x5678,
            weights: 0x00ab_cdef,
            block: Block {
                chunk: 0x1111,
                chunks: 0x2222,
            },
            last_lanes: 32,
        })
        .encode();
        let bits = words
            .iter()
            .rev()
            .fold(0u128, |acc, &w| acc << 32 | u128::from(w));
        let field = |high: u32, low: u32| bits >> low & ((1 << (high - low + 1)) - 1);
        assert_eq!(field(3, 0), 1);
        assert_eq!(field(5, 4), 1);
        assert_eq!(field(7, 6), 2);
        assert_eq!(field(8, 8), 1);
        assert_eq!(field(14, 9), 32);
        assert_eq!(field(31, 16), 0xfffe);
        assert_eq!(field(47, 32), 0x1234);
        assert_eq!(field(63, 48), 0x5678);
        assert_eq!(field(79, 64), 0x1111);
        assert_eq!(field(95, 80), 0x2222);
        assert_eq!(field(127, 96), 0x00ab_cdef);
    }
}
