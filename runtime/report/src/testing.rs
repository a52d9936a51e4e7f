//! Small networks and traces for tests.

use spidec_ir::network::*;
use spidec_ir::program::*;
use spidec_ir::trace::{self, PopulationStep};
use spidec_ir::{Format, Overflow, Rounding};

/// A chain of populations `p0`, `p1`, ... of some neurons each, each hearing itself, the last projecting back
/// to the first; three input values, two classes.
pub(crate) fn network(neurons: u32, populations: u32) -> Network {
    let stage = Stage {
        steps: 4,
        v_th: 1.0.into(),
        u_rest: 0.0.into(),
    };
    let format = Format { bits: 8, frac: 4 };
    let projection = |source: Source, destination: u32, direction| Projection {
        bias: direction == Direction::Forward,
        ..Projection::dense(source, PopulationId(destination), direction)
    };
    let population = |k| Source::Population(PopulationId(k));
    let mut projections = vec![projection(Source::Input, 0, Direction::Forward)];
    for k in 1..populations {
        projections.push(projection(population(k - 1), k, Direction::Forward));
    }
    for k in 0..populations {
        projections.push(projection(population(k), k, Direction::Feedback));
    }
    if populations > 1 {
        projections.push(projection(
            population(populations - 1),
            0,
            Direction::Feedback,
        ));
    }
    Network {
        name: "test".into(),
        input: Input {
            name: "x".into(),
            shape: Shape(vec![3]),
            values: Values::scaled(1.0.into()),
        },
        populations: (0..populations)
            .map(|k| Population {
                name: format!("p{k}"),
                shape: Shape(vec![neurons]),
                neuron: Neuron::IntegrateAndFire,
            })
            .collect(),
        projections,
        readout: Readout {
            name: "y".into(),
            classes: 2,
            source: PopulationId(populations - 1),
            init: Init::Zeros,
            bias: true,
            frozen: false,
        },
        training: Training {
            forward: stage.clone(),
            backward: stage,
            loss: Loss {
                kind: LossKind::CrossEntropy,
                scale: 1.0.into(),
            },
            update: Update {
                rate: 1.0.into(),
                batch: 1,
                weight_decay: 0.0.into(),
                rule: Rule::Sgd {
                    momentum: 0.0.into(),
                },
            },
            schedule: Schedule::Constant,
            warm_up: 0,
            augment: None,
            published: Vec::new(),
            seed: 1,
        },
        array: Array {
            lanes: 4,
            weight: format,
            weight_overflow: Overflow::Error,
            membrane: format,
            error: format,
            trace: format,
            learning: Rounding::Nearest,
        },
    }
}

/// Steps whose spikes are a function of step, population and neuron, all from 0.
pub(crate) fn steps(
    sizes: &[usize],
    count: usize,
    spike: impl Fn(usize, usize, usize) -> i8,
) -> Vec<Vec<PopulationStep>> {
    let population = |step, p, size| PopulationStep {
        spikes: (0..size).map(|k| spike(step, p, k)).collect(),
        membranes: vec![0; size],
    };
    let step = |step| {
        let populations = sizes.iter().enumerate();
        populations
            .map(|(p, &size)| population(step, p, size))
            .collect()
    };
    (0..count).map(step).collect()
}

/// A program for six neurons behind twelve input values, two classes, on four lanes. Nobody executes it.
pub(crate) fn program() -> ArrayProgram {
    let map = |name: &str, neurons: u32, chunk: u32| NeuronMap {
        name: name.into(),
        line: 1,
        neurons,
        chunk,
        chunks: neurons.div_ceil(4),
    };
    let layer = |name: &str, (sources, destinations): (u32, u32), block: u32, bias: bool| {
        let (source_chunks, chunks) = (sources.div_ceil(4), destinations.div_ceil(4));
        LayerMap {
            name: name.into(),
            line: 1,
            sources,
            source_chunks,
            destinations,
            chunks,
            block,
            bias_block: bias.then_some(block + source_chunks * chunks),
        }
    };
    let set = |stage| Instruction::Set {
        stage,
        register: Register::Threshold,
        value: 1,
    };
    ArrayProgram {
        version: PROGRAM_VERSION,
        network: "test".into(),
        design: "0".repeat(16),
        machine: Machine {
            learning: true,
            lanes: 4,
            weight_bits: 8,
            membrane_bits: 12,
            accumulator_bits: 16,
            count_bits: 4,
            error_bits: 8,
            operand_bits: 9,
            blocks: 14,
            chunks: 3,
            input_rows: 3,
            instructions: 3,
            layers: 2,
        },
        weight_frac: 4,
        membrane_frac: 4,
        steps: 8,
        backward: None,
        input: InputMap {
            name: "x".into(),
            line: 1,
            values: 12,
            rows: 3,
        },
        populations: vec![map("p0", 6, 0)],
        readout: map("y", 2, 2),
        layers: vec![
            layer("x -> p0", (16, 6), 0, true),
            layer("y", (16, 2), 10, false),
        ],
        instructions: vec![
            set(trace::Stage::Input),
            set(trace::Stage::Input),
            Instruction::End {
                stage: trace::Stage::Readout,
            },
        ],
    }
}
