//! The canonical text: what a network prints parses back to the same network and prints the same again.

use spidec_compiler::check::{CheckResult, Engine, check_text, defaults, reference};
use spidec_ir::network::*;
use spidec_ir::random::hash;
use spidec_ir::{Format, Network, Number, Overflow, Rounding};

fn example(name: &str) -> CheckResult {
    let path = format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the example");
    check_text(name, &text)
}

fn examples() -> Vec<String> {
    let folder = format!("{}/../examples", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).expect("the examples");
    let names = entries.map(|e| {
        e.expect("an entry")
            .file_name()
            .into_string()
            .expect("a name")
    });
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".fsnn")).collect();
    names.sort();
    names
}

fn round_trip(network: &Network) {
    let printed = network.to_string();
    let result = check_text("printed.fsnn", &printed);
    let Some(checked) = &result.checked else {
        panic!("{printed}\n{}", result.render(&result.diagnostics, false));
    };
    assert_eq!(&checked.network, network, "{printed}");
    assert_eq!(checked.network.to_string(), printed);
}

#[test]
fn examples_are_accepted_by_every_engine_without_a_warning() {
    assert_eq!(
        examples(),
        [
            "digits.fsnn",
            "mnist.fsnn",
            "mnist_large.fsnn",
            "three.fsnn",
            "tiny.fsnn"
        ]
    );
    for name in examples() {
        let result = example(&name);
        assert!(
            result.diagnostics.is_empty(),
            "{}",
            result.render(&result.diagnostics, false)
        );
        for engine in [
            Engine::Float,
            Engine::Fixed,
            Engine::Array,
            Engine::FixedTraining,
            Engine::ArrayTraining,
        ] {
            let checked = result.require(engine).expect("accepted");
            round_trip(&checked.network);
        }
    }
}

#[test]
fn lines_lead_back_to_the_file() {
    let result = example("mnist.fsnn");
    let checked = result.checked.as_ref().expect("accepted");
    let line = |n: u32| result.text.lines().nth(n as usize - 1).expect("a line");
    let lines = &checked.lines;
    assert!(line(lines.input).contains("input      image"));
    assert!(line(lines.population(PopulationId(0)).unwrap()).contains("population hidden"));
    assert!(line(lines.projection(ProjectionId(0)).unwrap()).contains("image  -> hidden"));
    assert!(line(lines.projection(ProjectionId(1)).unwrap()).contains("hidden -> hidden"));
    assert!(line(lines.readout).contains("readout    digit"));
    assert!(line(lines.entries["forward_stage"]).contains("forward_stage"));
    assert!(line(lines.entries["learning"]).contains("round(stochastic)"));
    assert!(!lines.entries.contains_key("error"));
}

#[test]
fn a_network_without_blocks_has_the_documented_defaults() {
    let text = "spidec 1\nnetwork n {\n input i [4] = constant(scale = 1)\n population p [9] = if\n \
                readout r [2] = linear(from = p)\n forward i -> p = dense\n}\n";
    let result = check_text("defaults.fsnn", text);
    let network = &result.checked.expect("accepted").network;
    assert_eq!(network.training, defaults::training());
    assert_eq!(network.array, defaults::array());
    assert_eq!(network.projections[0].init, defaults::init(4));
    assert_eq!(network.readout.init, defaults::init(9));
    let printed = network.to_string();
    for entry in [reference::training(), reference::array()]
        .into_iter()
        .flatten()
    {
        if !entry.place.contains('(') {
            let default = entry.default.expect("every setting has a default");
            let line = format!("  {} = {default}\n", entry.place);
            assert!(printed.contains(&line), "{line} is not in\n{printed}");
        }
    }
    assert!(printed.contains("init = normal(std = 0.5), bias = true, frozen = false)"));
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

    fn shape(&mut self) -> Shape {
        let mut extents = vec![1 + self.below(40) as u32];
        if self.coin() {
            extents = (0..3).map(|_| 1 + self.below(40) as u32).collect();
        }
        Shape(extents)
    }

    fn init(&mut self) -> Init {
        match self.below(3) {
            0 => Init::Zeros,
            _ => Init::Normal {
                std: self.positive(),
            },
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

    fn network(&mut self) -> Network {
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
                projections.push(Projection {
                    source,
                    destination,
                    direction,
                    operator: Operator::Dense,
                    init: self.init(),
                    bias: self.coin(),
                    frozen: self.coin(),
                });
            }
        }
        Network {
            name: name(9),
            input: Input {
                name: name(0),
                shape: self.shape(),
                scale: self.positive(),
            },
            populations: (0..count)
                .map(|k| Population {
                    name: name(2 + k as usize),
                    shape: self.shape(),
                    neuron: Neuron::IntegrateAndFire,
                })
                .collect(),
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
                update: Sgd {
                    rate: self.positive(),
                    batch: self.between(1, u64::from(u32::MAX)) as u32,
                    momentum: Number::from(self.below(100) as f64 / 100.0),
                    weight_decay: Number::from(self.below(2) as f64 / 128.0),
                },
                schedule: match self.coin() {
                    true => Schedule::Constant,
                    false => Schedule::Step {
                        every: self.between(1, u64::from(u32::MAX)) as u32,
                        factor: Number::from(self.between(1, 100) as f64 / 100.0),
                    },
                },
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
                learning: if self.coin() {
                    Rounding::Stochastic
                } else {
                    Rounding::Nearest
                },
            },
        }
    }
}

#[test]
fn random_networks_print_and_parse_back() {
    for seed in 0..2000 {
        round_trip(&Dice(seed, 0).network());
    }
}
