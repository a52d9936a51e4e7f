//! Random networks, weights and samples: functions of an index, the same on every machine.

use spidec_compiler::check::{Engine, check_text};
use spidec_compiler::lower::{Purpose, lower};
use spidec_ir::fixed::Constants;
use spidec_ir::network::{
    Array, Direction, Init, Input, Loss, LossKind, Network, Neuron, Population, PopulationId,
    Projection, Readout, Rule, Schedule, Shape, Source, Stage, Training, Update, Values,
};
use spidec_ir::random::hash;
use spidec_ir::{FixedParameters, Format, Number, Overflow, Rounding};
use spidec_runtime::fixed::FixedEngine;

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

/// Groups of networks that learn: lanes 4 to 32, weights of 2 to 18 bits.
pub const LEARNING_GROUPS: [Group; 8] = [
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
        fractions: &[(2, 7, 0), (1, 6, 14)],
    },
    Group {
        lanes: 4,
        weight_bits: 2,
        membrane_bits: 6,
        fractions: &[(0, 2, 3), (1, 1, 8)],
    },
    Group {
        lanes: 16,
        weight_bits: 9,
        membrane_bits: 14,
        fractions: &[(16, 18, 2), (8, 8, 0), (3, 11, 8)],
    },
    Group {
        lanes: 32,
        weight_bits: 4,
        membrane_bits: 28,
        fractions: &[(2, 10, 7), (3, 3, 0)],
    },
];

/// Steps of the forward stage of networks that learn, in turn. Of one step no couple is alive.
pub const LEARNING_STEPS: [u32; 12] = [1, 2, 3, 7, 16, 255, 5, 2, 3, 7, 16, 12];

/// Steps of the backward stage, in turn.
pub const BACKWARD_STEPS: [u32; 7] = [8, 1, 5, 32, 2, 255, 3];

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
        .map(|attempt| draw(group, index, attempt, STEPS[index as usize % STEPS.len()]))
        .find(|(network, _)| Constants::of(network).is_ok())
        .expect("a network that fixed point accepts")
}

/// The `index`-th network of a group that learns: the first draw that an array accepts and that is not
/// too much work for a simulator.
///
/// # Panics
/// Where no draw of many is accepted.
pub fn learner(group: &Group, index: u64) -> (Network, Graph) {
    let accepted = |network: &Network| {
        let result = check_text("random.fsnn", &network.to_string());
        let checked = result.require(Engine::FixedTraining);
        checked.is_ok_and(|c| lower(&c.network, &c.lines, Purpose::Learning).is_ok())
    };
    (0..1000)
        .map(|attempt| {
            let steps = LEARNING_STEPS[index as usize % LEARNING_STEPS.len()];
            let (network, graph) = draw(group, index, attempt, steps);
            let seed = [index, attempt + 1000];
            let network = learning(network, index, &mut Draw { seed, asked: 0 });
            (network, graph)
        })
        .find(|(network, _)| {
            let small = work(network) < 300_000;
            small && accepted(network) && (index.is_multiple_of(4) || lively(network, index))
        })
        .expect("a network that learns")
}

/// Whether couples of both signs count in training, and every layer learns that is not frozen.
fn lively(network: &Network, index: u64) -> bool {
    let Ok(engine) = FixedEngine::new(network) else {
        return false;
    };
    let parameters = parameters(network, index);
    let (Ok(mut state), Ok(learning)) = (engine.state(&parameters), engine.learning(0)) else {
        return false;
    };
    let (mut positive, mut negative) = (false, false);
    for (k, sample) in training_samples(network, index).iter().enumerate() {
        let label = k % network.readout.classes as usize;
        let trained = engine.train_sample(&mut state, sample, label, &learning);
        for &count in trained.backward.iter().flat_map(|b| &b.counts).flatten() {
            positive |= count > 0;
            negative |= count < 0;
        }
    }
    let after = state.weights.parameters();
    let pairs = || after.projections.iter().zip(&parameters.projections);
    let projections = network.projections.iter().zip(pairs());
    let moved = { projections }.all(|(p, (a, b))| p.frozen || a.weight != b.weight);
    let readout = network.readout.frozen || after.readout.weight != parameters.readout.weight;
    positive && negative && moved && readout && pairs().any(|(a, b)| a != b)
}

/// About the slots of a sample in which everything fires in every step.
fn work(network: &Network) -> u64 {
    let training = &network.training;
    let steps = u64::from(training.forward.steps + training.backward.steps);
    let lanes = u64::from(network.array.lanes);
    let weights: u64 = network
        .projections
        .iter()
        .map(|p| (network.source_size(p) * network.destination_size(p)) as u64)
        .sum();
    weights * steps / lanes
}

/// Gives a network what learning needs: a backward stage of weight-sized thresholds, a loss, an error
/// format, a rate by which weights move a good part of their range, and frozen parts.
fn learning(mut network: Network, index: u64, draw: &mut Draw) -> Network {
    let (weight, membrane) = (network.array.weight, network.array.membrane);
    let unit = 1i64 << membrane.frac;
    let forward = &network.training.forward;
    let reset = (forward.reset() * unit as f64) as i64;
    let weights = if small(index) { 8 } else { weight.max() };
    let largest = (weights << (membrane.frac - weight.frac)).min(membrane.max()) as u32;
    let threshold = i64::from(1 + draw.below(largest));
    // The resets' ratio, forward over backward, is one over this.
    let ratio = i64::from(draw.pick(&[1, 1, 2, 3]));
    let backward = Stage {
        steps: BACKWARD_STEPS[index as usize % BACKWARD_STEPS.len()],
        v_th: fraction(ratio * threshold, unit),
        u_rest: fraction(ratio * (threshold - reset), unit),
    };
    let scale = draw.pick(&[1.0, 4.0, 0.125, 37.0]);
    let range = weight.max() as f64 / weight.unit();
    network.training = Training {
        backward,
        loss: Loss {
            kind: draw.pick(&[LossKind::CrossEntropy, LossKind::MeanSquaredError]),
            scale: Number::from(scale),
        },
        update: Update {
            rate: Number::from(range * scale * draw.pick(&[0.125, 0.5, 2.0])),
            ..network.training.update
        },
        seed: 1 + u64::from(draw.below(1000)),
        ..network.training
    };
    let (bits, frac) = draw.pick(&[(10, 8), (6, 4), (12, 10), (8, 3), (4, 1), (12, 0)]);
    network.array.error = Format { bits, frac };
    network.array.learning = draw.pick(&[Rounding::Stochastic, Rounding::Nearest]);
    // A third has frozen projections; a sixth a frozen readout. Something is left that learns.
    if index % 3 == 2 {
        for projection in &mut network.projections {
            projection.frozen = draw.below(2) == 0;
        }
    }
    network.readout.frozen = index % 6 == 1;
    if network.is_all_frozen() {
        network.readout.frozen = false;
    }
    network
}

fn draw(group: &Group, index: u64, attempt: u64, steps: u32) -> (Network, Graph) {
    let mut draw = Draw {
        seed: [index, attempt],
        asked: 0,
    };
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
            values: Values::scaled(fraction(1, 1 << exponent)),
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
            trace: Format { bits: 15, frac: 6 },
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
            let direction = match feedback {
                true => Direction::Feedback,
                false => Direction::Forward,
            };
            Projection {
                bias: draw.below(2) == 0,
                ..Projection::dense(source, PopulationId(to), direction)
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
        update: Update {
            rate: Number::from(0.02),
            batch: 1,
            weight_decay: Number::from(0.0),
            rule: Rule::Sgd {
                momentum: Number::from(0.0),
            },
        },
        schedule: Schedule::Constant,
        warm_up: 0,
        augment: None,
        published: Vec::new(),
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
                _ if small(index) => format.clamp((h % 7) as i64 - 3),
                0 => format.min() + (h % (1 << format.bits)) as i64,
                _ => [format.min(), 0, 0, format.max()][h as usize % 4],
            } as i32;
        }
    }
    parameters
}

/// Three to six samples to learn from, as [`samples`] are.
pub fn training_samples(network: &Network, index: u64) -> Vec<Vec<u8>> {
    generated(network, index, 3 + index % 4)
}

/// Two to four samples: sparse ones, all zero, all 255, dense ones.
pub fn samples(network: &Network, index: u64) -> Vec<Vec<u8>> {
    let few = network.training.forward.steps > 16;
    generated(network, index, if few { 2 } else { 2 + index % 3 })
}

fn generated(network: &Network, index: u64, count: u64) -> Vec<Vec<u8>> {
    let size = network.input.shape.size() as u64;
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
