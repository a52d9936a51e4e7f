//! The instructions that train: loss, error injection, backward stage, weight update.

use super::memory::Layout;
use super::schedule::{block, set, words};
use spidec_ir::Rounding;
use spidec_ir::fixed::Constants;
use spidec_ir::network::{LossKind, Network, PopulationId, Source};
use spidec_ir::program::{
    Access, Cleared, Condition, EventSource, Instruction, Learn, LearnSource, LossUnit, NeuronMap,
    Register, Scatter,
};
use spidec_ir::trace::Stage;

/// Populations of the backward stage, in the order of a step.
pub(super) fn populations(network: &Network) -> Vec<PopulationId> {
    let needed = network.backward_populations();
    let order = network.backward_order().into_iter();
    order.filter(|id| needed[id.index()]).collect()
}

/// Everything behind the prediction. Ends where the sample ends, so that branches can reach its end.
pub(super) fn learning(
    program: &mut Vec<Instruction>,
    network: &Network,
    constants: &Constants,
    layout: &Layout,
) {
    let mut ends = vec![branch(program, Stage::Readout, Condition::Inference)];
    loss(program, network, layout);
    ends.push(branch(program, Stage::Loss, Condition::NoError));
    let order = populations(network);
    if !order.is_empty() {
        gradient(program, network, constants, layout);
    }
    // The gradient is made of the weights before they change.
    if !network.readout.frozen {
        let layer = layout.layers.len() - 1;
        learn(program, network, constants, layout, layer, &layout.readout);
    }
    if !order.is_empty() {
        ends.push(branch(program, Stage::Backward, Condition::Quiet));
        backward(program, network, constants, layout, &order);
        for (layer, projection) in network.projections.iter().enumerate() {
            if !projection.frozen {
                let to = &layout.populations[projection.destination.index()];
                learn(program, network, constants, layout, layer, to);
            }
        }
    }
    for end in ends {
        land(program, end);
    }
}

/// A branch whose target is not known yet; gives its place.
fn branch(program: &mut Vec<Instruction>, stage: Stage, condition: Condition) -> usize {
    program.push(Instruction::Branch {
        stage,
        condition,
        target: 0,
    });
    program.len() - 1
}

/// Lets a branch end at the next instruction.
fn land(program: &mut [Instruction], place: usize) {
    let next = program.len() as u32;
    if let Some(Instruction::Branch { target, .. }) = program.get_mut(place) {
        *target = next;
    }
}

/// What the loss unit measures by.
pub(super) fn loss_unit(network: &Network) -> i64 {
    let error = network.array.error;
    let one = i64::from(network.training.forward.steps) << network.array.weight.frac;
    match network.training.loss.kind {
        // The first of nine bits of the distance to the largest logit weighs 8.
        LossKind::CrossEntropy => one << 3,
        // The first bit of an error weighs its format's range: what is beyond by a bit is seen exactly.
        LossKind::MeanSquaredError => {
            (one * i64::from(network.readout.classes)) << error.bits.saturating_sub(1 + error.frac)
        }
    }
}

/// The errors of all classes.
fn loss(program: &mut Vec<Instruction>, network: &Network, layout: &Layout) {
    let stage = Stage::Loss;
    let error = network.array.error;
    let one = (network.training.forward.steps as i32) << network.array.weight.frac;
    let classes = network.readout.classes;
    // Limits have refused what is wider.
    program.push(set(stage, Register::Unit, loss_unit(network) as i32));
    let unit = match network.training.loss.kind {
        LossKind::CrossEntropy => LossUnit::CrossEntropy,
        LossKind::MeanSquaredError => {
            program.push(set(stage, Register::One, one));
            LossUnit::MeanSquaredError
        }
    };
    program.push(Instruction::Loss {
        unit,
        chunk: layout.readout.chunk,
        classes,
        bits: error.bits,
        frac: error.frac,
    });
}

/// Injects the errors: what the couples of the readout's source receive in every step.
fn gradient(
    program: &mut Vec<Instruction>,
    network: &Network,
    constants: &Constants,
    layout: &Layout,
) {
    let stage = Stage::Backward;
    let steps = network.training.backward.steps as i32;
    let left = (-constants.gradient_shift).max(0);
    let source = &layout.populations[network.readout.source.index()];
    program.extend([
        set(stage, Register::Threshold, constants.back_threshold),
        set(stage, Register::Shift, constants.gradient_shift.max(0)),
        set(
            stage,
            Register::Steps,
            network.training.forward.steps as i32,
        ),
        // A gradient that cannot reach the threshold in all steps together.
        set(
            stage,
            Register::Quiet,
            (constants.back_threshold + steps - 1) / steps,
        ),
        clear(source, false),
        Instruction::Scatter(Scatter {
            factor: constants.gradient_mantissa << left,
            ..row(
                layout,
                layout.layers.len() - 1,
                &layout.readout,
                source,
                EventSource::Errors,
            )
        }),
        Instruction::Latch {
            stage,
            block: block(source),
        },
    ]);
}

/// The steps of the backward stage.
fn backward(
    program: &mut Vec<Instruction>,
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    order: &[PopulationId],
) {
    let others = order.iter().filter(|&&id| id != network.readout.source);
    for id in others {
        program.push(clear(&layout.populations[id.index()], true));
    }
    let target = program.len() as u32;
    for (handled, &id) in order.iter().enumerate() {
        let to = &layout.populations[id.index()];
        for (projection, p) in network.out_of_population(id) {
            let from = &layout.populations[p.destination.index()];
            // In the first step nothing has fired but what was handled before.
            let before = order[..handled].contains(&p.destination);
            program.push(Instruction::Scatter(Scatter {
                skip_first: !before,
                factor: 1 << constants.weight_shift,
                ..row(layout, projection.index(), from, to, EventSource::Spikes)
            }));
        }
        program.push(Instruction::Couple { block: block(to) });
    }
    program.push(Instruction::Loop {
        stage: Stage::Backward,
        target,
        steps: network.training.backward.steps,
    });
}

/// Updates a layer's weights and biases from the errors of its destination.
fn learn(
    program: &mut Vec<Instruction>,
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    layer: usize,
    to: &NeuronMap,
) {
    let map = &layout.layers[layer];
    let from = network.projections.get(layer).map(|p| p.source);
    let counts = |id: PopulationId| LearnSource::Counts {
        block: block(&layout.populations[id.index()]),
    };
    let source = match from {
        None => counts(network.readout.source),
        Some(Source::Population(id)) => counts(id),
        Some(Source::Input) => LearnSource::Input {
            rows: layout.input.rows,
        },
    };
    let learn = |source: LearnSource, weights: u32| {
        Instruction::Learn(Learn {
            layer: layer as u32,
            from: to.chunk,
            words: to.chunks,
            source,
            weights,
            stride: map.chunks,
            stochastic: network.array.learning == Rounding::Stochastic,
        })
    };
    program.push(Instruction::Layer {
        layer: layer as u32,
    });
    program.push(learn(source, map.block));
    if let Some(weights) = map.bias_block {
        let one = LearnSource::One {
            value: constants.one(network, from) as u32,
            // 16 bits count, see `spidec_ir::random::noise_source`.
            index: map.sources & 0xffff,
        };
        program.push(learn(one, weights));
    }
}

fn clear(map: &NeuronMap, currents: bool) -> Instruction {
    Instruction::Clear {
        stage: Stage::Backward,
        cleared: Cleared {
            states: true,
            currents,
            counts: false,
            errors: true,
            spikes: true,
        },
        block: block(map),
    }
}

/// A scatter over a layer's rows, from its destination to its source.
fn row(
    layout: &Layout,
    layer: usize,
    from: &NeuronMap,
    to: &NeuronMap,
    source: EventSource,
) -> Scatter {
    let map = &layout.layers[layer];
    Scatter {
        layer: layer as u32,
        stage: Stage::Backward,
        events: words(from, source),
        skip_first: false,
        hold: false,
        access: Access::Row,
        factor: 0,
        weights: map.block,
        stride: map.chunks,
        block: block(to),
        last_lanes: to.neurons - (to.chunks - 1) * layout.lanes,
        drain: true,
    }
}
