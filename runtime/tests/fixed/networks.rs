//! Small networks: a plain one to start from and random ones of all kinds.

use spidec_ir::fixed::{Format, Overflow, Rounding};
use spidec_ir::network::*;
use spidec_ir::random::hash;
use spidec_ir::{FixedParameters, Network, Number, Parameters};

/// Numbers drawn one after the other.
pub struct Draw(u64, u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed, 0)
    }

    /// Uniform in `low..=high`.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        self.1 += 1;
        low + (hash(&[self.0, self.1]) % (high - low + 1) as u64) as i64
    }

    pub fn chance(&mut self, percent: i64) -> bool {
        self.range(1, 100) <= percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.range(0, from.len() as i64 - 1) as usize]
    }
}

pub fn stage(steps: u32, v_th: f64, u_rest: f64) -> Stage {
    Stage {
        steps,
        v_th: v_th.into(),
        u_rest: u_rest.into(),
    }
}

pub fn projection(source: Option<u32>, destination: u32, bias: bool) -> Projection {
    let direction = match source {
        Some(s) if s >= destination => Direction::Feedback,
        _ => Direction::Forward,
    };
    let source = source.map_or(Source::Input, |s| Source::Population(PopulationId(s)));
    Projection {
        bias,
        ..Projection::dense(source, PopulationId(destination), direction)
    }
}

/// Populations of these sizes, the readout on the last one; no projections.
pub fn plain(input: u32, sizes: &[u32], classes: u32) -> Network {
    let populations = sizes.iter().enumerate().map(|(k, &size)| Population {
        name: format!("p{k}"),
        shape: Shape(vec![size]),
        neuron: Neuron::IntegrateAndFire,
    });
    Network {
        name: "test".into(),
        input: Input {
            name: "image".into(),
            shape: Shape(vec![input]),
            values: Values::scaled(Number::from(1.0 / 256.0)),
        },
        populations: populations.collect(),
        projections: Vec::new(),
        readout: Readout {
            name: "class".into(),
            classes,
            source: PopulationId(sizes.len() as u32 - 1),
            init: Init::Zeros,
            bias: true,
            frozen: false,
        },
        training: Training {
            forward: stage(16, 1.0, -1.0),
            backward: stage(32, 0.5, -0.5),
            loss: Loss {
                kind: LossKind::CrossEntropy,
                scale: 1.0.into(),
            },
            update: Update {
                rate: 0.02.into(),
                batch: 1,
                weight_decay: 0.0.into(),
                rule: Rule::Sgd {
                    momentum: 0.0.into(),
                },
            },
            schedule: Schedule::Step {
                every: 1,
                factor: 0.5.into(),
            },
            warm_up: 0,
            augment: None,
            published: Vec::new(),
            seed: 1,
        },
        array: Array {
            lanes: 4,
            weight: Format { bits: 12, frac: 9 },
            weight_overflow: Overflow::Error,
            membrane: Format { bits: 20, frac: 9 },
            error: Format { bits: 10, frac: 8 },
            trace: Format { bits: 15, frac: 6 },
            learning: Rounding::Stochastic,
        },
    }
}

/// Any graph, formats, thresholds, losses and stages; it may turn out not to fit fixed point.
pub fn random(draw: &mut Draw) -> Network {
    let sizes: Vec<u32> = (0..draw.range(1, 3))
        .map(|_| draw.range(1, 9) as u32)
        .collect();
    let count = sizes.len() as u32;
    let mut network = plain(draw.range(1, 12) as u32, &sizes, draw.range(1, 5) as u32);
    for destination in 0..count {
        if destination == 0 || draw.chance(40) {
            network
                .projections
                .push(projection(None, destination, draw.chance(60)));
        }
        for source in 0..count {
            let chain = source + 1 == destination;
            if chain || draw.chance(45) {
                let bias = draw.chance(50);
                network
                    .projections
                    .push(projection(Some(source), destination, bias));
            }
        }
    }
    // Declaration order of projections means nothing to the result but the noise's layer.
    let places = network.projections.len();
    network
        .projections
        .rotate_left(draw.range(0, places as i64 - 1) as usize);
    let scale = Number::from(1.0 / f64::from(1 << draw.range(0, 10)));
    network.input.values = Values::scaled(scale);
    network.readout.source = PopulationId(draw.range(0, i64::from(count) - 1) as u32);
    network.readout.bias = draw.chance(70);
    if draw.chance(40) {
        network.readout.frozen = draw.chance(50);
        for projection in &mut network.projections {
            projection.frozen = draw.chance(60);
        }
    }
    let rest = draw.pick(&[0.0, -0.5, -1.0]);
    let training = &mut network.training;
    training.forward = stage(
        draw.range(1, 20) as u32,
        draw.pick(&[0.5, 0.75, 1.0, 2.0]),
        rest,
    );
    training.backward = stage(
        draw.range(1, 40) as u32,
        draw.pick(&[0.125, 0.25, 0.5]),
        draw.pick(&[0.0, -0.25, -0.5]),
    );
    training.loss = Loss {
        kind: draw.pick(&[LossKind::CrossEntropy, LossKind::MeanSquaredError]),
        scale: draw.pick(&[0.5, 1.0, 3.0, 10.0]).into(),
    };
    training.update.rate = draw.pick(&[0.001, 0.02, 0.3, 10.0]).into();
    training.seed = draw.range(0, 1000) as u64;
    let frac = draw.range(3, 12) as u32;
    let weight = Format {
        bits: frac + draw.range(1, 4) as u32,
        frac,
    };
    let membrane_frac = frac + draw.range(0, 3) as u32;
    network.array.weight = weight;
    network.array.membrane = Format {
        bits: membrane_frac + draw.range(3, 8) as u32,
        frac: membrane_frac,
    };
    let error = draw.range(4, 8) as u32;
    network.array.error = Format {
        bits: error + 2,
        frac: error,
    };
    network.array.learning = draw.pick(&[Rounding::Stochastic, Rounding::Nearest]);
    if draw.chance(50) {
        leaky(&mut network, draw);
    }
    network
}

/// Some or all neurons leak, some of them with couples that do not.
fn leaky(network: &mut Network, draw: &mut Draw) {
    for population in &mut network.populations {
        if draw.chance(75) {
            population.neuron = Neuron::Leaky {
                leak: draw.pick(&[1e-6, 0.1, 0.5, 0.7, 0.875, 0.95, 0.999]).into(),
                leaky_couple: draw.chance(75),
            };
        }
    }
    let frac = draw.range(0, 9) as u32;
    let bits = frac + draw.range(3, 9) as u32;
    network.array.trace = Format { bits, frac };
    // Finer membranes than others may have.
    let membrane = &mut network.array.membrane;
    let more = draw.pick(&[0, 0, 5, 13]);
    membrane.bits = (membrane.bits + more).min(32);
    membrane.frac += more;
}

/// Parameters anywhere in the weight format, the edges included; small ones as often as large ones.
pub fn parameters(network: &Network, draw: &mut Draw) -> FixedParameters {
    let format = network.array.weight;
    let zeros: FixedParameters = Parameters::zeros(network);
    zeros.map(|_| {
        let shift = draw.range(0, 3);
        draw.range(format.min() >> shift, format.max() >> shift) as i32
    })
}

/// A sample with zeros, small and large values.
pub fn sample(network: &Network, draw: &mut Draw) -> Vec<u8> {
    (0..network.input.shape.size())
        .map(|_| match draw.range(0, 3) {
            0 => 0,
            1 => draw.range(0, 20) as u8,
            _ => draw.range(0, 255) as u8,
        })
        .collect()
}
