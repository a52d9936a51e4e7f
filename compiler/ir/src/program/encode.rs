//! The 160 bits of an instruction, as `spidec_sequencer.v` reads them.

use super::instruction::{Access, Block, Cleared, EventSource, Instruction, LearnSource};

/// The version of the encoding.
pub const ENCODING_VERSION: u32 = 2;

/// Words of an encoded instruction; the host writes them eight addresses apart.
pub const INSTRUCTION_WORDS: usize = 5;

impl Instruction {
    /// The words that the sequencer executes, the least significant first.
    pub fn encode(&self) -> [u32; INSTRUCTION_WORDS] {
        let op = |op: u32| op | (self.stage() as u32) << 4;
        let pair = |low: u32, high: u32| low & 0xffff | high << 16;
        let pass = |first: u32, block: &Block| [first, 0, 0, pair(block.chunk, block.chunks), 0];
        match self {
            Instruction::End { .. } => [op(0), 0, 0, 0, 0],
            Instruction::Scatter(s) => [
                op(1)
                    | (s.events.source as u32) << 7
                    | u32::from(s.skip_first) << 10
                    | (s.access as u32) << 11
                    | s.last_lanes << 12
                    | u32::from(s.hold) << 18
                    | u32::from(!s.drain) << 19,
                s.factor as u32 & 0x3ffff | s.stride << 18,
                pair(s.events.from, s.events.words),
                pair(s.block.chunk, s.block.chunks),
                s.weights,
            ],
            Instruction::Clear { cleared, block, .. } => pass(op(2) | bits(cleared) << 12, block),
            Instruction::Latch { block, .. } => pass(op(3), block),
            Instruction::Fire { block, hold } => pass(op(4) | u32::from(*hold) << 18, block),
            Instruction::Set {
                register, value, ..
            } => [op(5) | (*register as u32) << 12, *value as u32, 0, 0, 0],
            Instruction::Loop { target, steps, .. } => [op(6), pair(*target, *steps), 0, 0, 0],
            Instruction::Argmax { chunk, classes } => [op(7), 0, 0, pair(*chunk, *classes), 0],
            Instruction::Branch {
                condition, target, ..
            } => [op(8) | (*condition as u32) << 12, *target, 0, 0, 0],
            Instruction::Couple { block } => pass(op(9), block),
            Instruction::Loss {
                unit,
                chunk,
                classes,
                bits,
                frac,
            } => [
                op(10) | (*unit as u32) << 12,
                frac | bits << 5,
                0,
                pair(*chunk, *classes),
                0,
            ],
            Instruction::Layer { layer } => [op(11) | layer << 12, 0, 0, 0, 0],
            Instruction::Learn(learn) => {
                let (source, low, block) = match &learn.source {
                    LearnSource::Counts { block } => {
                        (EventSource::Counts, learn.stride << 18, *block)
                    }
                    LearnSource::Input { rows } => {
                        let block = Block {
                            chunk: 0,
                            chunks: *rows,
                        };
                        (EventSource::Input, learn.stride << 18, block)
                    }
                    LearnSource::One { value, index } => {
                        let block = Block {
                            chunk: 0,
                            chunks: 1,
                        };
                        (EventSource::Constant, pair(*value, *index), block)
                    }
                };
                [
                    op(12)
                        | (EventSource::Errors as u32) << 7
                        | (Access::Row as u32) << 11
                        | (source as u32) << 12
                        | u32::from(learn.stochastic) << 15,
                    low,
                    pair(learn.from, learn.words),
                    pair(block.chunk, block.chunks),
                    learn.weights,
                ]
            }
        }
    }
}

fn bits(cleared: &Cleared) -> u32 {
    let all = [
        cleared.states,
        cleared.currents,
        cleared.counts,
        cleared.errors,
        cleared.spikes,
    ];
    (0..)
        .zip(all)
        .fold(0, |bits, (k, set)| bits | u32::from(set) << k)
}

#[cfg(test)]
mod tests {
    use super::super::instruction::{Events, Learn, Scatter};
    use super::*;
    use crate::trace::Stage;

    fn field(instruction: &Instruction, high: u32, low: u32) -> u32 {
        let words = instruction.encode();
        (low..=high).rev().fold(0, |n, bit| {
            n << 1 | words[bit as usize / 32] >> (bit % 32) & 1
        })
    }

    #[test]
    fn fields_lie_where_the_sequencer_reads_them() {
        let scatter = Instruction::Scatter(Scatter {
            layer: 0,
            stage: Stage::Backward,
            events: Events {
                source: EventSource::Errors,
                from: 0x1234,
                words: 0x5678,
            },
            skip_first: true,
            hold: true,
            access: Access::Row,
            factor: -2,
            weights: 0x00ab_cdef,
            stride: 0x1abc,
            block: Block {
                chunk: 0x1111,
                chunks: 0x2222,
            },
            last_lanes: 32,
            drain: false,
        });
        for (high, low, wanted) in [
            (3, 0, 1),
            (6, 4, 4),
            (9, 7, 4),
            (10, 10, 1),
            (11, 11, 1),
            (17, 12, 32),
            (18, 18, 1),
            (19, 19, 1),
            (49, 32, 0x3fffe),
            (63, 50, 0x1abc),
            (79, 64, 0x1234),
            (95, 80, 0x5678),
            (111, 96, 0x1111),
            (127, 112, 0x2222),
            (159, 128, 0x00ab_cdef),
        ] {
            assert_eq!(field(&scatter, high, low), wanted, "[{high}:{low}]");
        }
        let learn = Instruction::Learn(Learn {
            layer: 0,
            from: 3,
            words: 4,
            source: LearnSource::One {
                value: 256,
                index: 784,
            },
            weights: 9,
            stride: 7,
            stochastic: true,
        });
        assert_eq!(field(&learn, 14, 12), EventSource::Constant as u32);
        assert_eq!(field(&learn, 15, 15), 1);
        assert_eq!(field(&learn, 47, 32), 256);
        assert_eq!(field(&learn, 63, 48), 784);
        assert_eq!(field(&learn, 127, 112), 1);
    }
}
