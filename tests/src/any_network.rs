//! Any network of the language, be it one that no engine but the floating-point one takes.

use spidec_ir::network::*;
use spidec_ir::random::hash;
use spidec_ir::{Format, Network, Number, Overflow, Rounding};
use std::collections::BTreeSet;

/// The network of a seed.
pub fn any_network(seed: u64) -> Network {
    Dice(seed, 0).network()
}

/// Numbers from a seed, for random networks.
struct Dice(u64, u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.1 += 1;
        hash(&[self.0, self.1]) % n
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// A number above 0, as a decimal of any size or as a fraction.
    fn positive(&mut self) -> Number {
        let decimal = (1 + self.below(1 << 53)) as f64 * (self.below(40) as f64 - 30.0).exp2();
        match self.below(4) {
            0 => Number::fraction(1.0 + self.below(99) as f64, 1.0 + self.below(999) as f64),
            1 => Number::fraction(decimal, 0.1 + self.below(7) as f64),
            2 => Some(Number::from(decimal)),
            _ => Some(Number::from(1.0 + self.below(100) as f64 / 8.0)),
        }
        .expect("a number")
    }

    /// A number from 0 on, below 1.
    fn part(&mut self) -> Number {
        Number::from(self.below(100) as f64 / 100.0)
    }

    /// Small enough that kernels often fit from one to another.
    fn shape(&mut self) -> Shape {
        match self.below(3) {
            0 => Shape(vec![1 + self.below(40) as u32]),
            _ => Shape((0..3).map(|_| 1 + self.below(6) as u32).collect()),
        }
    }

    fn values(&mut self, channels: usize) -> Values {
        if self.coin() {
            return Values::Events {
                resize: self.coin(),
            };
        }
        let of = |dice: &mut Dice| match dice.coin() {
            true => vec![dice.positive()],
            false => (0..channels).map(|_| dice.positive()).collect(),
        };
        let negative = self.coin();
        let mean = of(self).into_iter();
        Values::Constant {
            scale: self.positive(),
            mean: mean.map(|m| if negative { -m } else { m }).collect(),
            std: of(self),
        }
    }

    fn neuron(&mut self) -> Neuron {
        match self.coin() {
            true => Neuron::IntegrateAndFire,
            false => Neuron::Leaky {
                leak: Number::from(self.between(1, 99) as f64 / 100.0),
                leaky_couple: self.coin(),
            },
        }
    }

    fn init(&mut self) -> Init {
        match self.below(5) {
            0 => Init::Zeros,
            1 => Init::Uniform {
                bound: self.positive(),
                bias: self.coin(),
            },
            2 => Init::Kaiming {
                scale: self.positive(),
            },
            3 => Init::Unit {
                scale: self.positive(),
            },
            _ => Init::Normal {
                std: self.positive(),
            },
        }
    }

    /// Any operator but the dense one that runs between two shapes, if many draws find one.
    fn operator(&mut self, source: &Shape, destination: &Shape) -> Operator {
        let dense = if self.below(4) == 0 {
            Operator::Zero
        } else {
            Operator::Dense
        };
        let (Some(from), Some(to)) = (source.extents(), destination.extents()) else {
            return dense;
        };
        for _ in 0..self.below(100) {
            let kernel = self.between(1, 5) as u32;
            let stride = self.between(1, 3) as u32;
            let window = Window {
                kernel,
                stride,
                pad: self.below(u64::from(kernel)) as u32,
            };
            let standardize = self.coin() && kernel > 1;
            let operator = match self.below(3) {
                0 => Operator::Convolution {
                    window,
                    standardize,
                },
                1 => Operator::ConvolutionTranspose {
                    window,
                    output_pad: self.below(u64::from(stride)) as u32,
                },
                _ => Operator::AveragePool { size: stride },
            };
            let same = operator.has_weights() || source.channels() == destination.channels();
            if same && operator.extents(from) == Some(to) {
                return operator;
            }
        }
        dense
    }

    fn projection(&mut self, ends: Projection, source: &Shape, destination: &Shape) -> Projection {
        let operator = self.operator(source, destination);
        if !operator.has_weights() {
            return Projection {
                operator,
                bias: false,
                frozen: true,
                ..ends
            };
        }
        Projection {
            operator,
            init: self.init(),
            bias: self.coin(),
            frozen: self.coin(),
            dropout: self.part(),
            max_norm: self.coin().then(|| self.positive()),
            ..ends
        }
    }

    fn rule(&mut self) -> Rule {
        match self.coin() {
            true => Rule::Sgd {
                momentum: self.part(),
            },
            false => Rule::Adam {
                beta1: self.part(),
                beta2: self.part(),
                epsilon: self.positive(),
            },
        }
    }

    /// Of pictures whose shorter side this is; `None` where there is none.
    fn shift(&mut self, side: u32) -> Option<Shift> {
        (side > 0 && self.coin()).then(|| Shift {
            pixels: self.below(u64::from(side)) as u32,
            mirror: self.coin(),
        })
    }

    fn schedule(&mut self) -> Schedule {
        let factor = Number::from(self.between(1, 100) as f64 / 100.0);
        let epochs = self.between(1, u64::from(u32::MAX)) as u32;
        match self.below(4) {
            0 => Schedule::Constant,
            1 => Schedule::Step {
                every: epochs,
                factor,
            },
            2 => {
                let at = (0..self.between(1, 4)).map(|_| self.between(1, 1000) as u32);
                let at: BTreeSet<u32> = at.collect();
                Schedule::Milestones {
                    at: at.into_iter().collect(),
                    factor,
                }
            }
            _ => Schedule::Cosine { epochs },
        }
    }

    fn format(&mut self, bits: (u64, u64), frac: u64) -> Format {
        Format {
            bits: self.between(bits.0, bits.1) as u32,
            frac: self.between(0, frac) as u32,
        }
    }

    fn stage(&mut self) -> Stage {
        let v_th = self.positive();
        let u_rest = match self.below(3) {
            0 => -v_th,
            1 => Number::from(0.0),
            _ => -self.positive(),
        };
        Stage {
            steps: self.between(1, 255) as u32,
            v_th,
            u_rest,
        }
    }

    fn network(mut self) -> Network {
        // Keywords of the language, of Verilog and of nothing: all are names.
        let names = [
            "module",
            "output",
            "priority",
            "population",
            "if",
            "true",
            "spidec_1",
            "_",
            "x9",
            "E",
            "forward",
            "training",
            "constant",
            "hidden",
        ];
        let offset = self.below(names.len() as u64) as usize;
        let name = |k: usize| names[(offset + k) % names.len()].to_string();
        let count = 1 + self.below(5) as u32;
        let input = self.shape();
        let populations: Vec<Population> = (0..count)
            .map(|k| Population {
                name: name(2 + k as usize),
                shape: self.shape(),
                neuron: self.neuron(),
            })
            .collect();
        let values = self.values(input.channels());
        let constant = matches!(values, Values::Constant { .. });
        let (height, width) = input.extents().filter(|_| constant).unwrap_or_default();
        let mut projections = Vec::new();
        for destination in (0..count).map(PopulationId) {
            let sources = (0..count).map(|k| Source::Population(PopulationId(k)));
            for source in [Source::Input].into_iter().chain(sources) {
                if self.coin() {
                    continue;
                }
                let direction = match source {
                    Source::Population(id) if id >= destination => Direction::Feedback,
                    _ => Direction::Forward,
                };
                let from = match source {
                    Source::Input => &input,
                    Source::Population(id) => &populations[id.index()].shape,
                };
                let ends = Projection::dense(source, destination, direction);
                let to = &populations[destination.index()].shape;
                projections.push(self.projection(ends, from, to));
            }
        }
        Network {
            name: name(9),
            input: Input {
                name: name(0),
                values,
                shape: input,
            },
            populations,
            projections,
            readout: Readout {
                name: name(1),
                classes: self.between(2, 1024) as u32,
                source: PopulationId(self.below(u64::from(count)) as u32),
                init: self.init(),
                bias: self.coin(),
                frozen: self.coin(),
            },
            training: Training {
                forward: self.stage(),
                backward: self.stage(),
                loss: Loss {
                    kind: if self.coin() {
                        LossKind::CrossEntropy
                    } else {
                        LossKind::MeanSquaredError
                    },
                    scale: self.positive(),
                },
                update: Update {
                    rate: self.positive(),
                    batch: self.between(1, u64::from(u32::MAX)) as u32,
                    weight_decay: Number::from(self.below(2) as f64 / 128.0),
                    rule: self.rule(),
                },
                schedule: self.schedule(),
                warm_up: self.below(1 << 32) as u32,
                augment: self.shift(height.min(width)),
                published: Quirk::ALL.into_iter().filter(|_| self.coin()).collect(),
                seed: hash(&[self.0, self.1]),
            },
            array: Array {
                lanes: 4 << self.below(4),
                weight: self.format((2, 18), 16),
                weight_overflow: if self.coin() {
                    Overflow::Error
                } else {
                    Overflow::Saturate
                },
                membrane: self.format((4, 28), 24),
                error: self.format((4, 12), 12),
                trace: self.format((4, 18), 16),
                learning: if self.coin() {
                    Rounding::Stochastic
                } else {
                    Rounding::Nearest
                },
            },
        }
    }
}
