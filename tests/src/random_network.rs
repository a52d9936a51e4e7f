//! Random networks, weights and samples: functions of an index, the same on every machine.

use spidec_ir::fixed::Constants;
use spidec_ir::network::{
    Array, Direction, Init, Input, Loss, LossKind, Network, Neuron, Operator, Population,
    PopulationId, Projection, Readout, Schedule, Sgd, Shape, Source, Stage, Training,
};
use spidec_ir::random::hash;
use spidec_ir::{FixedParameters, Format, Number, Overflow, Rounding};

/// Networks that can share a machine: lanes, widths and the input's shift are equal.
pub struct Group {
    /// Lanes.
    pub lanes: u32,
    weight_bits: u32,
    membrane_bits: u32,
    /// Fraction bits of weight and membrane, and `k` of the input's scale `2^-k`. Weight's fraction
    /// plus `k` less membrane's fraction is the shift.
    fractions: &'static [(u32, u32, u32)],
}

/// All groups: lanes 4 to 32; shifts 4, 5, 8, 8, -5 and 0.
pub const GROUPS: [Group; 6] = [
    Group {
        lanes: 4,
        weight_bits: 5,
        membrane_bits: 10,
        fractions: &[(3, 3, 4), (2, 4, 6), (0, 1, 5)],
    },
    Group {
        lanes: 8,
        weight_bits: 8,
        membrane_bits: 12,
        fractions: &[(5, 8, 8), (5, 5, 5), (7, 8, 6)],
    },
    Group {
        lanes: 16,
        weight_bits: 12,
        membrane_bits: 20,
        fractions: &[(9, 9, 8), (9, 13, 12)],
    },
    Group {
        lanes: 32,
        weight_bits: 18,
        membrane_bits: 24,
        fractions: &[(12, 12, 8), (15, 16, 9)],
    },
    Group {
        lanes: 8,
        weight_bits: 6,
        membrane_bits: 9,
        fractions: &[(2, 7, 0), (1, 8, 2)],
    },
    Group {
        lanes: 16,
        weight_bits: 9,
        membrane_bits: 14,
        fractions: &[(16, 18, 2), (8, 8, 0), (3, 11, 8)],
    },
];

/// Steps of the forward stage, in turn.
pub const STEPS: [u32; 6] = [1, 2, 3, 7, 16, 255];

/// Kinds of graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Graph {
    /// One population after the other.
    Chain,
    /// A chain with skips.
    Skips,
    /// A chain whose populations all hear the input.
    Inputs,
    /// A chain with feedback from any to any.
    Feedback,
    /// Anything, populations that nothing reaches too.
    Anything,
}

/// All kinds.
pub const GRAPHS: [Graph; 5] = [
    Graph::Chain,
    Graph::Skips,
    Graph::Inputs,
    Graph::Feedback,
    Graph::Anything,
];

/// Numbers that are a function of where they are asked for.
struct Draw {
    seed: [u64; 2],
    asked: u64,
}

impl Draw {
    fn below(&mut self, limit: u32) -> u32 {
        self.asked += 1;
        let [index, attempt] = self.seed;
        (hash(&[index, attempt, self.asked]) >> 32) as u32 % limit
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }
}

/// Sizes around the lanes.
pub fn sizes(lanes: u32) -> [u32; 6] {
    [1, lanes - 1, lanes, lanes + 1, 2 * lanes + 3, 100]
}

/// Numbers of classes around the lanes.
pub fn classes(lanes: u32) -> [u32; 5] {
    [2, lanes - 1, lanes, lanes + 1, 40]
}

/// The `index`-th network of a group and its kind of graph: the first draw that fixed point accepts.
///
/// # Panics
/// Where no draw of many is accepted.
pub fn network(group: &Group, index: u64) -> (Network, Graph) {
    (0..1000)
        .map(|attempt| draw(group, index, attempt))
        .find(|(network, _)| Constants::of(network).is_ok())
        .expect("a network that fixed point accepts")
}

fn draw(group: &Group, index: u64, attempt: u64) -> (Network, Graph) {
    let mut draw = Draw {
        seed: [index, attempt],
        asked: 0,
    };
    let steps = STEPS[index as usize % STEPS.len()];
    let (weight_frac, membrane_frac, exponent) = draw.pick(group.fractions);
    let weight = Format {
        bits: group.weight_bits,
        frac: weight_frac,
    };
    let membrane = Format {
        bits: group.membrane_bits,
        frac: membrane_frac,
    };
    // Large populations over many steps take long and show nothing more.
    let sizes = &sizes(group.lanes)[..if steps > 16 { 4 } else { 6 }];
    let graph = GRAPHS[index as usize / 2 % GRAPHS.len()];
    let count = 1 + draw.below(4);
    let populations: Vec<Population> = (0..count)
        .map(|k| Population {
            name: format!("p{k}"),
            shape: shape(draw.pick(sizes), &mut draw),
            neuron: Neuron::IntegrateAndFire,
        })
        .collect();
    let readout = match graph {
        Graph::Anything => draw.below(count),
        _ => count - 1,
    };
    let network = Network {
        name: format!("random_{index}"),
        input: Input {
            name: "x".into(),
            shape: shape(draw.pick(sizes), &mut draw),
            scale: fraction(1, 1 << exponent),
        },
        projections: projections(graph, count, &mut draw),
        populations,
        readout: Readout {
            name: "y".into(),
            classes: classes(group.lanes)[index as usize % 5],
            source: PopulationId(readout),
            init: Init::Zeros,
            bias: draw.below(2) == 0,
            frozen: false,
        },
        training: training(steps, weight, membrane, small(index), &mut draw),
        array: Array {
            lanes: group.lanes,
            weight,
            weight_overflow: Overflow::Error,
            membrane,
            error: Format { bits: 6, frac: 4 },
            learning: Rounding::Stochastic,
        },
    };
    (network, graph)
}

fn fraction(numerator: i64, denominator: i64) -> Number {
    Number::fraction(numerator as f64, denominator as f64).expect("a fraction")
}

/// `[n]`, or three extents of the same size.
fn shape(size: u32, draw: &mut Draw) -> Shape {
    match draw.below(3) {
        0 if size.is_multiple_of(2) => Shape(vec![2, size / 2, 1]),
        1 => Shape(vec![1, 1, size]),
        _ => Shape(vec![size]),
    }
}

fn projections(graph: Graph, count: u32, draw: &mut Draw) -> Vec<Projection> {
    let mut ends = Vec::new();
    for to in 0..count {
        let input = match graph {
            Graph::Inputs => true,
            Graph::Anything => draw.below(3) == 0,
            _ => to == 0,
        };
        if input {
            ends.push((Source::Input, to));
        }
        for from in 0..count {
            let chain = from + 1 == to && graph != Graph::Anything;
            let other = match graph {
                Graph::Chain | Graph::Inputs => false,
                Graph::Skips => from < to && draw.below(2) == 0,
                Graph::Feedback => from >= to && draw.below(2) == 0,
                Graph::Anything => draw.below(4) == 0,
            };
            if chain || other {
                ends.push((Source::Population(PopulationId(from)), to));
            }
        }
    }
    // Declared in any order: nothing may depend on it.
    for k in (1..ends.len()).rev() {
        ends.swap(k, draw.below(k as u32 + 1) as usize);
    }
    ends.into_iter()
        .map(|(source, to)| {
            let feedback = matches!(source, Source::Population(from) if from.0 >= to);
            Projection {
                source,
                destination: PopulationId(to),
                direction: if feedback {
                    Direction::Feedback
                } else {
                    Direction::Forward
                },
                operator: Operator::Dense,
                init: Init::Zeros,
                bias: draw.below(2) == 0,
                frozen: false,
            }
        })
        .collect()
}

/// Whether a network has small weights and a small threshold, which sums then meet exactly.
fn small(index: u64) -> bool {
    index % 3 == 1
}

/// Thresholds and resets of the size of a weight, or a few units.
fn training(
    steps: u32,
    weight: Format,
    membrane: Format,
    small: bool,
    draw: &mut Draw,
) -> Training {
    let unit = 1 << membrane.frac;
    let weights = if small { 8 } else { weight.max() };
    let largest = (weights << (membrane.frac - weight.frac)).min(membrane.max()) as u32;
    let threshold = i64::from(1 + draw.below(largest));
    let reset = match draw.below(3) {
        0 => i64::from(1 + draw.below(largest)),
        1 => threshold,
        _ => (2 * threshold).min(membrane.max()),
    };
    let stage = |steps| Stage {
        steps,
        v_th: fraction(threshold, unit),
        u_rest: fraction(threshold - reset, unit),
    };
    Training {
        forward: stage(steps),
        backward: stage(8),
        loss: Loss {
            kind: LossKind::CrossEntropy,
            scale: Number::from(1.0),
        },
        update: Sgd {
            rate: Number::from(0.02),
            batch: 1,
            momentum: Number::from(0.0),
            weight_decay: Number::from(0.0),
        },
        schedule: Schedule::Constant,
        seed: 1,
    }
}

/// Weights and biases: over the whole format, small, or at its edges, by the index.
pub fn parameters(network: &Network, index: u64) -> FixedParameters {
    let format = network.array.weight;
    let mut parameters = FixedParameters::zeros(network);
    let mut asked = 0;
    for layer in parameters.layers_mut() {
        for value in layer.weight.iter_mut().chain(&mut layer.bias) {
            asked += 1;
            let h = hash(&[index, asked]) >> 16;
            *value = match index % 3 {
                _ if small(index) => (h % 7) as i64 - 3,
                0 => format.min() + (h % (1 << format.bits)) as i64,
                _ => [format.min(), 0, 0, format.max()][h as usize % 4],
            } as i32;
        }
    }
    parameters
}

/// Two to four samples: sparse ones, all zero, all 255, dense ones.
pub fn samples(network: &Network, index: u64) -> Vec<Vec<u8>> {
    let size = network.input.shape.size() as u64;
    let count = if network.training.forward.steps > 16 {
        2
    } else {
        2 + index % 3
    };
    (0..count)
        .map(|sample| {
            let value = |k| {
                let h = hash(&[index, sample, k, 7]);
                match (sample + index / 2) % 4 {
                    0 if !h.is_multiple_of(3) => 0,
                    1 => 255,
                    2 => 0,
                    _ => (h >> 32) as u8,
                }
            };
            (0..size).map(value).collect()
        })
        .collect()
}
