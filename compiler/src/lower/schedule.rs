//! The instructions of one sample: input current, forward stage, readout; then those of learning.

use super::memory::Layout;
use super::{Purpose, learning};
use spidec_ir::fixed::Constants;
use spidec_ir::network::{Direction, Network, Source};
use spidec_ir::program::{
    Access, Block, Cleared, EventSource, Events, Instruction, NeuronMap, Register, Scatter,
};
use spidec_ir::trace::Stage;

/// The whole program.
pub(super) fn sample(
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    purpose: Purpose,
) -> Vec<Instruction> {
    let mut program = Vec::new();
    input(&mut program, network, constants, layout, purpose);
    forward(&mut program, network, constants, layout);
    readout(&mut program, network, layout);
    if purpose == Purpose::Learning {
        learning::learning(&mut program, network, constants, layout);
    }
    program.push(Instruction::End {
        stage: Stage::Readout,
    });
    without_needless_drains(&mut program);
    program
}

/// The constant input current of all populations.
fn input(
    program: &mut Vec<Instruction>,
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    purpose: Purpose,
) {
    let stage = Stage::Input;
    // A shift to the left is part of the events' values.
    let shift = constants.input_shift.max(0);
    let left = (-constants.input_shift).max(0);
    program.extend([
        set(stage, Register::Threshold, constants.threshold),
        set(stage, Register::Reset, constants.reset),
        set(stage, Register::Shift, shift),
    ]);
    let all = populations(layout);
    program.push(Instruction::Clear {
        stage,
        cleared: Cleared {
            states: true,
            counts: true,
            // Where the backward stage is left out, its counts are zero.
            errors: purpose == Purpose::Learning,
            spikes: true,
            ..Cleared::default()
        },
        block: all,
    });
    for id in network.population_ids() {
        let to = &layout.populations[id.index()];
        for (projection, p) in network.into_population(id) {
            if p.source == Source::Input {
                let events = Events {
                    source: EventSource::Input,
                    from: 0,
                    words: layout.input.rows,
                };
                program.push(Instruction::Scatter(Scatter {
                    factor: 1 << left,
                    ..column(layout, projection.index(), to, stage, events)
                }));
            }
        }
        // At the input's scale a bias counts 1 / scale.
        let one = 1 << (constants.input_exponent as i32 + left);
        for (projection, _) in network.into_population(id) {
            program.extend(bias(layout, projection.index(), to, stage, one));
        }
    }
    program.push(Instruction::Latch { stage, block: all });
    // The current holds all biases; those of feedback projections are absent in the first step.
    for id in network.population_ids() {
        let to = &layout.populations[id.index()];
        for (projection, p) in network.into_population(id) {
            if p.direction == Direction::Feedback {
                let back = -(1 << constants.weight_shift);
                program.extend(bias(layout, projection.index(), to, stage, back));
            }
        }
    }
}

/// The steps of the forward stage.
fn forward(
    program: &mut Vec<Instruction>,
    network: &Network,
    constants: &Constants,
    layout: &Layout,
) {
    let stage = Stage::Forward;
    let target = program.len() as u32;
    for id in network.population_ids() {
        let to = &layout.populations[id.index()];
        for (projection, p) in network.into_population(id) {
            if let Source::Population(source) = p.source {
                let from = &layout.populations[source.index()];
                program.push(Instruction::Scatter(Scatter {
                    skip_first: p.direction == Direction::Feedback,
                    hold: true,
                    factor: 1 << constants.weight_shift,
                    ..column(
                        layout,
                        projection.index(),
                        to,
                        stage,
                        words(from, EventSource::Spikes),
                    )
                }));
            }
        }
        program.push(Instruction::Fire {
            block: block(to),
            hold: true,
        });
    }
    program.push(Instruction::Loop {
        stage,
        target,
        steps: network.training.forward.steps,
    });
}

/// Logits and prediction.
fn readout(program: &mut Vec<Instruction>, network: &Network, layout: &Layout) {
    let stage = Stage::Readout;
    let from = &layout.populations[network.readout.source.index()];
    let to = &layout.readout;
    let layer = layout.layers.len() - 1;
    program.push(Instruction::Clear {
        stage,
        cleared: Cleared {
            states: true,
            errors: true,
            ..Cleared::default()
        },
        block: block(to),
    });
    program.push(Instruction::Scatter(Scatter {
        factor: 1,
        ..column(layout, layer, to, stage, words(from, EventSource::Counts))
    }));
    let steps = network.training.forward.steps as i32;
    program.extend(bias(layout, layer, to, stage, steps));
    program.push(Instruction::Argmax {
        chunk: to.chunk,
        classes: to.neurons,
    });
}

/// A scatter's sums need not be waited for where the next instruction takes the same chunks through
/// the same pipeline: adding more, or passing over them.
fn without_needless_drains(program: &mut [Instruction]) {
    for k in 1..program.len() {
        let (before, after) = program.split_at_mut(k);
        if let (Some(Instruction::Scatter(scatter)), Some(next)) =
            (before.last_mut(), after.first())
        {
            scatter.drain = !matches!(
                next,
                Instruction::Scatter(_)
                    | Instruction::Latch { .. }
                    | Instruction::Fire { .. }
                    | Instruction::Couple { .. }
            );
        }
    }
}

pub(super) fn set(stage: Stage, register: Register, value: i32) -> Instruction {
    Instruction::Set {
        stage,
        register,
        value,
    }
}

pub(super) fn block(map: &NeuronMap) -> Block {
    Block {
        chunk: map.chunk,
        chunks: map.chunks,
    }
}

/// The chunks of all populations.
pub(super) fn populations(layout: &Layout) -> Block {
    Block {
        chunk: 0,
        chunks: layout.readout.chunk,
    }
}

/// The words of a population or the readout.
pub(super) fn words(map: &NeuronMap, source: EventSource) -> Events {
    Events {
        source,
        from: map.chunk,
        words: map.chunks,
    }
}

/// A scatter over a layer's columns; the events' factor is the caller's to say.
fn column(layout: &Layout, layer: usize, to: &NeuronMap, stage: Stage, events: Events) -> Scatter {
    let map = &layout.layers[layer];
    Scatter {
        layer: layer as u32,
        stage,
        events,
        skip_first: false,
        hold: false,
        access: Access::Column,
        factor: 0,
        weights: map.block,
        stride: map.chunks,
        block: block(to),
        last_lanes: to.neurons - (to.chunks - 1) * layout.lanes,
        drain: true,
    }
}

/// A layer's bias times a constant, where it has one.
fn bias(
    layout: &Layout,
    layer: usize,
    to: &NeuronMap,
    stage: Stage,
    factor: i32,
) -> Option<Instruction> {
    let events = Events {
        source: EventSource::Constant,
        from: 0,
        words: 0,
    };
    layout.layers[layer].bias_block.map(|weights| {
        Instruction::Scatter(Scatter {
            factor,
            weights,
            ..column(layout, layer, to, stage, events)
        })
    })
}
