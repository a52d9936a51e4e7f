//! Reading (a), SPIDE in floating point, against vectors recorded from the published code.
//!
//! Spikes and masks must be equal, everything else within 1e-10; in the exact case, bit-equal
//! where no division or `exp` comes in.

use ndarray::{IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};
use serde_json::Value;
use spidec_ir::fixed::{Format, Overflow, Rounding};
use spidec_ir::network::*;
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Number, Parameters};
use spidec_runtime::spide::{BackwardStage, ForwardStage, PopulationStep, Spide, StageTrace, Trainer};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

const CASES: [&str; 6] = [
    "s01_fc1_if_default",
    "s02_fc1_if_sgd",
    "s03_fc3_if",
    "s13_fc2_if_variant",
    "s14_fc3_if_fb2",
    "s15_exact_fc3_if",
];
const TOLERANCE: f64 = 1e-10;

/// A recorded case.
#[derive(Clone)]
struct Case {
    json: Value,
    arrays: BTreeMap<String, Vec<f64>>,
}

/// What was compared, and what differed.
#[derive(Default)]
struct Comparison {
    compared: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Comparison {
    fn values(&mut self, kind: &'static str, name: &str, found: &[f64], wanted: &[f64], tolerance: f64) {
        *self.compared.entry(kind).or_default() += found.len();
        if found.len() != wanted.len() {
            let (found, wanted) = (found.len(), wanted.len());
            self.differences.push(format!("{name}: {found} values, not {wanted}"));
        }
        // Written so that NaN differs.
        let same = |f: f64, w: f64| f == w || (f - w).abs() <= tolerance;
        if let Some(k) = (0..found.len().min(wanted.len())).find(|&k| !same(found[k], wanted[k])) {
            let (found, wanted) = (found[k], wanted[k]);
            self.differences.push(format!("{name}[{k}]: {found}, not {wanted}"));
        }
    }
}

/// The folder of the vectors; `None` where it is absent, which is an error in CI.
fn golden() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/golden");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared/golden");
    eprintln!("skipped: no ../shared/golden");
    None
}

impl Case {
    fn read(folder: &Path) -> Case {
        let json: Value = serde_json::from_reader(File::open(folder.join("case.json")).unwrap()).unwrap();
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

    fn array(&self, name: &str) -> &[f64] {
        match self.arrays.get(name) {
            Some(values) => values,
            None => panic!("no array {name}"),
        }
    }

    fn integer(&self, key: &str) -> usize {
        self.json[key].as_u64().unwrap() as usize
    }

    fn is_exact(&self) -> bool {
        !self.json["grad_rounding_bits"].is_null()
    }

    /// Tolerance of values that are exact in the exact case.
    fn tolerance(&self) -> f64 {
        if self.is_exact() { 0.0 } else { TOLERANCE }
    }

    fn network(&self) -> Network {
        let json = &self.json;
        let number = |value: &Value| Number::from(value.as_f64().unwrap());
        let shape = |value: &Value| {
            Shape(value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as u32).collect())
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
            Projection {
                source: source.map_or(Source::Input, |p| Source::Population(PopulationId(p))),
                destination: PopulationId(destination),
                direction: match source {
                    Some(source) if source >= destination => Direction::Feedback,
                    _ => Direction::Forward,
                },
                operator: Operator::Dense,
                init: Init::Zeros,
                bias: p["bias"].as_bool().unwrap(),
            }
        });
        let populations = json["layers"].as_array().unwrap().iter().enumerate();
        let sgd = &json["sgd"];
        let or_zero = |value: &Value| if value.is_null() { Number::from(0.0) } else { number(value) };
        let format = |bits, frac| Format { bits, frac };
        Network {
            name: "golden".into(),
            input: Input {
                name: "x".into(),
                shape: shape(&json["input"]["shape"]),
                scale: Number::from(1.0),
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
            },
            training: Training {
                forward: stage("T_F", "vth", "u_rest"),
                backward: stage("T_B", "vth_back", "u_rest_back"),
                loss: Loss {
                    kind: LossKind::CrossEntropy,
                    scale: number(&json["loss"]["scale_factor"]),
                },
                update: Sgd {
                    rate: or_zero(&sgd["lr"]),
                    batch: self.integer("batch") as u32,
                    momentum: or_zero(&sgd["momentum"]),
                    weight_decay: or_zero(&sgd["weight_decay"]),
                },
                schedule: Schedule::Constant,
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
    fn layers(&self) -> Vec<&str> {
        let projections = self.json["projections"].as_array().unwrap().iter();
        projections.map(|p| p["name"].as_str().unwrap()).chain(["readout"]).collect()
    }

    fn parameters(&self) -> FloatParameters {
        let layer = |name: &str| Layer {
            weight: self.array(&format!("param.{name}.weight")).to_vec(),
            bias: self.arrays.get(&format!("param.{name}.bias")).cloned().unwrap_or_default(),
        };
        let mut layers: Vec<Layer<f64>> = self.layers().into_iter().map(layer).collect();
        let readout = layers.pop().unwrap();
        Parameters { projections: layers, readout }
    }

    /// Inputs and labels under a prefix.
    fn batch(&self, prefix: &str) -> Vec<(Vec<f64>, usize)> {
        let labels = self.array(&format!("{prefix}labels"));
        let input = self.array(&format!("{prefix}input"));
        let samples = input.chunks_exact(input.len() / labels.len());
        samples.map(<[f64]>::to_vec).zip(labels.iter().map(|&label| label as usize)).collect()
    }

    /// The gradient of the rates as the recorded backward stage got it.
    fn rounded(&self, g: Vec<f64>) -> Vec<f64> {
        match self.json["grad_rounding_bits"].as_u64() {
            None => g,
            Some(bits) => {
                let unit = (1u64 << bits) as f64;
                g.iter().map(|g| (g * unit).round_ties_even() / unit).collect()
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

/// One sample, both stages.
struct Reading {
    forward: ForwardStage,
    forward_steps: StageTrace,
    loss: f64,
    g_raw: Vec<f64>,
    g: Vec<f64>,
    backward: BackwardStage,
    backward_steps: StageTrace,
}

/// Reads a batch; returns the readings and the gradients.
fn read(case: &Case, spide: &Spide, batch: &[(Vec<f64>, usize)]) -> (Vec<Reading>, FloatParameters) {
    let mut gradients = FloatParameters::zeros(spide.network());
    let readings = batch.iter().map(|(x, label)| {
        let (forward, forward_steps) = spide.forward_traced(x);
        let (loss, error) = spide.loss(&forward.logits, *label, batch.len());
        let g_raw = spide.rate_gradient(&error);
        let g = case.rounded(g_raw.clone());
        let (backward, backward_steps) = spide.backward_traced(&forward, &g);
        spide.add_gradients(&mut gradients, x, &forward, &backward, &error);
        Reading { forward, forward_steps, loss, g_raw, g, backward, backward_steps }
    });
    let readings = readings.collect();
    (readings, gradients)
}

/// Values of all samples one after the other.
fn all<'a>(readings: &'a [Reading], part: impl Fn(&'a Reading) -> &'a [f64]) -> Vec<f64> {
    readings.iter().flat_map(part).copied().collect()
}

/// Reads a whole case and compares everything recorded.
fn compare(case: &Case) -> Comparison {
    let mut comparison = Comparison::default();
    let mut trainer = Trainer::new(&case.network(), &case.parameters()).unwrap();
    let (readings, gradients) = read(case, trainer.spide(), &case.batch(""));
    compare_stages(case, &readings, &mut comparison);
    compare_results(case, "", &readings, &gradients, &mut comparison);
    let g = all(&readings, |r| &r.g);
    comparison.values("g", "grad_rate", &g, case.array("grad_rate"), case.tolerance());
    if case.is_exact() {
        let raw = all(&readings, |r| &r.g_raw);
        comparison.values("g", "grad_rate_raw", &raw, case.array("grad_rate_raw"), TOLERANCE);
    }

    let steps = case.json["sgd"]["steps"].as_u64().unwrap_or(0);
    for step in 1..=steps {
        let prefix = format!("sgd.{step}.");
        let batch = case.batch(&prefix);
        let (readings, gradients) = read(case, trainer.spide(), &batch);
        compare_results(case, &prefix, &readings, &gradients, &mut comparison);
        trainer.step(&batch);
        let parameters = trainer.spide().parameters();
        compare_layers(case, "parameters", &format!("{prefix}param"), &parameters, TOLERANCE, &mut comparison);
    }
    comparison
}

/// Spikes and membranes of every step.
fn compare_stages(case: &Case, readings: &[Reading], comparison: &mut Comparison) {
    type Steps = fn(&Reading) -> &StageTrace;
    let stages: [(&str, Steps); 2] = [("fwd", |r| &r.forward_steps), ("bwd", |r| &r.backward_steps)];
    for (stage, steps) in stages {
        for population in 0..case.json["layers"].as_array().unwrap().len() {
            // Recorded as [step][sample][neuron].
            let step_count = steps(&readings[0]).len();
            let join = |part: &dyn Fn(&PopulationStep) -> Vec<f64>| -> Vec<f64> {
                (0..step_count)
                    .flat_map(|t| readings.iter().flat_map(move |r| part(&steps(r)[t][population])))
                    .collect()
            };
            let name = |what: &str| format!("{stage}.l{population}.{what}");
            let wanted = |what: &str| case.array(&name(what));

            let spikes = join(&|step| step.spikes.iter().map(|&s| f64::from(s)).collect());
            comparison.values("spikes", &name("spike"), &spikes, wanted("spike"), 0.0);
            let u_pre = join(&|step| step.u_pre.clone());
            comparison.values("u_pre", &name("u_pre"), &u_pre, wanted("u_pre"), case.tolerance());
            let last = |r| &steps(r)[step_count - 1][population].u[..];
            let u_final = all(readings, last);
            comparison.values("u_final", &name("u_final"), &u_final, wanted("u_final"), case.tolerance());
        }
    }
}

/// What the stages come to: rates, masks, logits, loss, betas, gradients.
fn compare_results(
    case: &Case,
    prefix: &str,
    readings: &[Reading],
    gradients: &FloatParameters,
    comparison: &mut Comparison,
) {
    for population in 0..case.json["layers"].as_array().unwrap().len() {
        let name = |what: &str| format!("{prefix}{what}").replace("#", &population.to_string());
        let wanted = |what: &str| case.array(&name(what));
        let rates = all(readings, |r| &r.forward.rates[population]);
        comparison.values("rates", &name("fwd.l#.rate"), &rates, wanted("fwd.l#.rate"), case.tolerance());
        let masks = readings.iter().flat_map(|r| &r.forward.masks[population]);
        let masks: Vec<f64> = masks.map(|&mask| f64::from(u8::from(mask))).collect();
        comparison.values("masks", &name("fwd.l#.mask"), &masks, wanted("fwd.l#.mask"), 0.0);
        let betas = all(readings, |r| &r.backward.rates[population]);
        comparison.values("betas", &name("bwd.l#.beta"), &betas, wanted("bwd.l#.beta"), case.tolerance());
    }
    let name = |what: &str| format!("{prefix}{what}");
    let logits = all(readings, |r| &r.forward.logits);
    comparison.values("logits", &name("logits"), &logits, case.array(&name("logits")), TOLERANCE);
    let loss = readings.iter().map(|r| r.loss).sum::<f64>() / readings.len() as f64;
    comparison.values("loss", &name("loss"), &[loss], case.array(&name("loss")), TOLERANCE);
    compare_layers(case, "gradients", &name("grad"), gradients, case.tolerance(), comparison);
}

/// Weights and biases of every layer; the readout's are never exact.
fn compare_layers(
    case: &Case,
    kind: &'static str,
    prefix: &str,
    parameters: &FloatParameters,
    tolerance: f64,
    comparison: &mut Comparison,
) {
    for (layer, values) in case.layers().into_iter().zip(parameters.layers()) {
        let tolerance = if layer == "readout" { TOLERANCE } else { tolerance };
        let name = format!("{prefix}.{layer}.weight");
        comparison.values(kind, &name, &values.weight, case.array(&name), tolerance);
        let name = format!("{prefix}.{layer}.bias");
        if !values.bias.is_empty() {
            comparison.values(kind, &name, &values.bias, case.array(&name), tolerance);
        }
    }
}

#[test]
fn published_numbers_come_out() {
    let Some(folder) = golden() else { return };
    for name in CASES {
        let case = Case::read(&folder.join(name));
        let comparison = compare(&case);
        println!("{name}: compared {:?}", comparison.compared);
        assert_eq!(comparison.differences, Vec::<String>::new(), "{name}");
        let mut kinds = vec![
            "spikes", "u_pre", "u_final", "rates", "masks", "logits", "loss", "g", "betas", "gradients",
        ];
        if !case.json["sgd"].is_null() {
            kinds.push("parameters");
        }
        for kind in kinds {
            assert!(comparison.compared.get(kind) > Some(&0), "{name}: no {kind} compared");
        }
    }
}

#[test]
fn every_changed_array_is_seen() {
    let Some(folder) = golden() else { return };
    let original = Case::read(&folder.join("s02_fc1_if_sgd"));
    let mut changed = 0;
    for name in original.arrays.keys() {
        let mut case = original.clone();
        let values = case.arrays.get_mut(name).unwrap();
        let middle = values.len() / 2;
        // A label must stay a class; a change of a whole spike or mask; of the rest, a small one.
        values[middle] = match () {
            _ if name.ends_with("labels") => (values[middle] + 1.0) % 5.0,
            _ if name.ends_with("spike") || name.ends_with("mask") => 1.0 - values[middle],
            _ => values[middle] + 1e-6,
        };
        assert!(!compare(&case).differences.is_empty(), "{name} was changed and nothing differed");
        changed += 1;
    }
    assert!(changed > 50, "{changed}");
}

#[test]
fn the_exact_case_sees_one_bit() {
    let Some(folder) = golden() else { return };
    let original = Case::read(&folder.join("s15_exact_fc3_if"));
    for name in ["fwd.l2.u_pre", "bwd.l0.beta", "grad.s1.weight", "fwd.l1.rate"] {
        let mut case = original.clone();
        let values = case.arrays.get_mut(name).unwrap();
        let k = values.iter().position(|&v| v != 0.0).unwrap();
        values[k] = f64::from_bits(values[k].to_bits() ^ 1);
        assert_eq!(compare(&case).differences.len(), 1, "{name}");
    }
}
