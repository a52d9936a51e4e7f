//! The instructions of one sample.

use super::memory::Layout;
use spidec_ir::fixed::Constants;
use spidec_ir::network::{Direction, Network, Source};
use spidec_ir::program::{Block, EventSource, Instruction, NeuronMap, Register, Scatter};
use spidec_ir::trace::Stage;

/// Input current, the steps of the forward stage, logits, prediction.
pub(super) fn inference(
    network: &Network,
    constants: &Constants,
    layout: &Layout,
) -> Vec<Instruction> {
    let mut program = vec![
        set(Register::Threshold, constants.threshold),
        set(Register::Reset, constants.reset),
    ];
    let aligned = 1 << constants.weight_shift;

    for id in network.population_ids() {
        let to = &layout.populations[id.index()];
        let bias = |layer: usize, value: i32| bias(layout, layer, to, Stage::Input, value);
        program.push(Instruction::Clear {
            stage: Stage::Input,
            block: block(to),
        });
        for (projection, p) in network.into_population(id) {
            if p.source == Source::Input {
                program.push(Instruction::Scatter(Scatter {
                    words: layout.input.rows,
                    ..scatter(
                        layout,
                        projection.index(),
                        to,
                        Stage::Input,
                        EventSource::Input,
                    )
                }));
            }
        }
        // At the input's scale a bias counts 1 / scale.
        let one = 1 << constants.input_exponent;
        for (projection, _) in network.into_population(id) {
            program.extend(bias(projection.index(), one));
        }
        program.push(Instruction::Latch { block: block(to) });
        // The current holds all biases; those of feedback projections are absent in the first step.
        for (projection, p) in network.into_population(id) {
            if p.direction == Direction::Feedback {
                program.extend(bias(projection.index(), -aligned));
            }
        }
    }

    let target = program.len() as u32;
    for id in network.population_ids() {
        let to = &layout.populations[id.index()];
        for (projection, p) in network.into_population(id) {
            if let Source::Population(source) = p.source {
                let from = &layout.populations[source.index()];
                program.push(Instruction::Scatter(Scatter {
                    skip_first: p.direction == Direction::Feedback,
                    value: aligned,
                    from: from.chunk,
                    words: from.chunks,
                    ..scatter(
                        layout,
                        projection.index(),
                        to,
                        Stage::Forward,
                        EventSource::Spikes,
                    )
                }));
            }
        }
        program.push(Instruction::Fire { block: block(to) });
    }
    let steps = network.training.forward.steps;
    program.push(Instruction::Loop { target, steps });

    let from = &layout.populations[network.readout.source.index()];
    let to = &layout.readout;
    let layer = layout.layers.len() - 1;
    program.push(Instruction::Clear {
        stage: Stage::Readout,
        block: block(to),
    });
    program.push(Instruction::Scatter(Scatter {
        from: from.chunk,
        words: from.chunks,
        ..scatter(layout, layer, to, Stage::Readout, EventSource::Counts)
    }));
    program.extend(bias(layout, layer, to, Stage::Readout, steps as i32));
    program.push(Instruction::Argmax {
        chunk: to.chunk,
        classes: to.neurons,
    });
    program.push(Instruction::End);
    program
}

fn set(register: Register, value: i32) -> Instruction {
    Instruction::Set { register, value }
}

fn block(map: &NeuronMap) -> Block {
    Block {
        chunk: map.chunk,
        chunks: map.chunks,
    }
}

/// A scatter over a layer's columns; its source's words are the caller's to say.
fn scatter(
    layout: &Layout,
    layer: usize,
    to: &NeuronMap,
    stage: Stage,
    source: EventSource,
) -> Scatter {
    Scatter {
        layer: layer as u32,
        stage,
        source,
        skip_first: false,
        value: 0,
        from: 0,
        words: 0,
        weights: layout.layers[layer].row,
        block: block(to),
        last_lanes: to.neurons - (to.chunks - 1) * layout.lanes,
    }
}

/// A layer's bias times a constant, where it has one.
fn bias(
    layout: &Layout,
    layer: usize,
    to: &NeuronMap,
    stage: Stage,
    value: i32,
) -> Option<Instruction> {
    layout.layers[layer].bias_row.map(|weights| {
        Instruction::Scatter(Scatter {
            value,
            weights,
            ..scatter(layout, layer, to, stage, EventSource::Constant)
        })
    })
}
