//! A recorded case: its arrays, its network, its parameters.

use ndarray::{IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};
use serde_json::Value;
use spidec_ir::fixed::{Format, Overflow, Rounding};
use spidec_ir::network::*;
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Number, Parameters};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Of all that is not exact.
pub const TOLERANCE: f64 = 1e-10;

/// A recorded case.
#[derive(Clone)]
pub struct Case {
    /// `case.json`.
    pub json: Value,
    /// By name, flat in C order.
    pub arrays: BTreeMap<String, Vec<f64>>,
}

impl Case {
    /// Reads a case's folder.
    pub fn read(folder: &Path) -> Case {
        let json: Value =
            serde_json::from_reader(File::open(folder.join("case.json")).unwrap()).unwrap();
        let mut npz = NpzReader::new(File::open(folder.join("arrays.npz")).unwrap()).unwrap();
        let mut arrays = BTreeMap::new();
        for array in json["arrays"].as_array().unwrap() {
            let name = array["name"].as_str().unwrap();
            let values = match array["dtype"].as_str().unwrap() {
                "float64" => numbers::<f64>(&mut npz, name, |v| v),
                "int8" => numbers::<i8>(&mut npz, name, f64::from),
                "int64" => numbers::<i64>(&mut npz, name, |v| v as f64),
                other => panic!("{name} is of type {other}"),
            };
            arrays.insert(name.to_string(), values);
        }
        Case { json, arrays }
    }

    /// The values of an array that must be there.
    pub fn array(&self, name: &str) -> &[f64] {
        match self.arrays.get(name) {
            Some(values) => values,
            None => panic!("no array {name}"),
        }
    }

    fn integer(&self, key: &str) -> usize {
        self.json[key].as_u64().unwrap() as usize
    }

    /// Whether everything but logits, loss and what follows from them is exact.
    pub fn is_exact(&self) -> bool {
        !self.json["grad_rounding_bits"].is_null()
    }

    /// Tolerance of values that are exact in the exact case.
    pub fn tolerance(&self) -> f64 {
        if self.is_exact() { 0.0 } else { TOLERANCE }
    }

    /// The case's network, training included.
    pub fn network(&self) -> Network {
        let json = &self.json;
        let number = |value: &Value| Number::from(value.as_f64().unwrap());
        let shape = |value: &Value| {
            Shape(
                value
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|n| n.as_u64().unwrap() as u32)
                    .collect(),
            )
        };
        let neuron = &json["neuron"];
        let stage = |steps: &str, v_th: &str, u_rest: &str| Stage {
            steps: json[steps].as_u64().unwrap() as u32,
            v_th: number(&neuron[v_th]),
            u_rest: number(&neuron[u_rest]),
        };
        let projections = json["projections"].as_array().unwrap().iter().map(|p| {
            let destination = p["to"].as_u64().unwrap() as u32;
            let source = p["from"].as_u64().map(|from| from as u32);
            let direction = match source {
                Some(source) if source >= destination => Direction::Feedback,
                _ => Direction::Forward,
            };
            let source = source.map_or(Source::Input, |p| Source::Population(PopulationId(p)));
            Projection {
                bias: p["bias"].as_bool().unwrap(),
                ..Projection::dense(source, PopulationId(destination), direction)
            }
        });
        let populations = json["layers"].as_array().unwrap().iter().enumerate();
        let sgd = &json["sgd"];
        let or_zero = |value: &Value| {
            if value.is_null() {
                Number::from(0.0)
            } else {
                number(value)
            }
        };
        let format = |bits, frac| Format { bits, frac };
        Network {
            name: "golden".into(),
            input: Input {
                name: "x".into(),
                shape: shape(&json["input"]["shape"]),
                values: Values::scaled(1.0.into()),
            },
            populations: populations
                .map(|(k, layer)| Population {
                    name: format!("l{k}"),
                    shape: shape(&layer["shape"]),
                    neuron: Neuron::IntegrateAndFire,
                })
                .collect(),
            projections: projections.collect(),
            readout: Readout {
                name: "z".into(),
                classes: json["readout"]["classes"].as_u64().unwrap() as u32,
                source: PopulationId(json["readout"]["from_layer"].as_u64().unwrap() as u32),
                init: Init::Zeros,
                bias: json["readout"]["bias"].as_bool().unwrap(),
                frozen: false,
            },
            training: Training {
                forward: stage("T_F", "vth", "u_rest"),
                backward: stage("T_B", "vth_back", "u_rest_back"),
                loss: Loss {
                    kind: LossKind::CrossEntropy,
                    scale: number(&json["loss"]["scale_factor"]),
                },
                update: Update {
                    rate: or_zero(&sgd["lr"]),
                    batch: self.integer("batch") as u32,
                    weight_decay: or_zero(&sgd["weight_decay"]),
                    rule: Rule::Sgd {
                        momentum: or_zero(&sgd["momentum"]),
                    },
                },
                schedule: Schedule::Constant,
                warm_up: 0,
                augment: false,
                published: Vec::new(),
                seed: 1,
            },
            array: Array {
                lanes: 16,
                weight: format(12, 9),
                weight_overflow: Overflow::Error,
                membrane: format(24, 9),
                error: format(10, 8),
                learning: Rounding::Stochastic,
            },
        }
    }

    /// Recorded names of the layers, in the order of [`Parameters::layers`].
    pub fn layers(&self) -> Vec<&str> {
        let projections = self.json["projections"].as_array().unwrap().iter();
        projections
            .map(|p| p["name"].as_str().unwrap())
            .chain(["readout"])
            .collect()
    }

    /// The parameters before any update.
    pub fn parameters(&self) -> FloatParameters {
        let layer = |name: &str| Layer {
            weight: self.array(&format!("param.{name}.weight")).to_vec(),
            bias: self
                .arrays
                .get(&format!("param.{name}.bias"))
                .cloned()
                .unwrap_or_default(),
        };
        let mut layers: Vec<Layer<f64>> = self.layers().into_iter().map(layer).collect();
        let readout = layers.pop().unwrap();
        Parameters {
            projections: layers,
            readout,
        }
    }

    /// Inputs and labels under a prefix.
    pub fn batch(&self, prefix: &str) -> Vec<(Vec<f64>, usize)> {
        let labels = self.array(&format!("{prefix}labels"));
        let input = self.array(&format!("{prefix}input"));
        let samples = input.chunks_exact(input.len() / labels.len());
        samples
            .map(<[f64]>::to_vec)
            .zip(labels.iter().map(|&label| label as usize))
            .collect()
    }

    /// The gradient of the rates as the recorded backward stage got it.
    pub fn rounded(&self, g: Vec<f64>) -> Vec<f64> {
        match self.json["grad_rounding_bits"].as_u64() {
            None => g,
            Some(bits) => {
                let unit = (1u64 << bits) as f64;
                g.iter()
                    .map(|g| (g * unit).round_ties_even() / unit)
                    .collect()
            }
        }
    }
}

fn numbers<T: ReadableElement + Copy>(
    npz: &mut NpzReader<File>,
    name: &str,
    real: impl Fn(T) -> f64,
) -> Vec<f64> {
    let array: ndarray::ArrayBase<OwnedRepr<T>, IxDyn> = npz
        .by_name(&format!("{name}.npy"))
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    array.iter().copied().map(real).collect()
}
