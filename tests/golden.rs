//! Reading (a), SPIDE in floating point, against vectors recorded from the published code.
//!
//! Spikes and masks must be equal, everything else within 1e-10; in the exact case, bit-equal
//! where no division or `exp` comes in.

#[path = "golden/case.rs"]
mod case;

use case::{Case, TOLERANCE};
use spidec_ir::FloatParameters;
use spidec_runtime::spide::{
    BackwardStage, ForwardStage, PopulationStep, Spide, StageTrace, Trainer,
};
use std::collections::BTreeMap;
use std::io::Write;

const CASES: [&str; 6] = [
    "s01_fc1_if_default",
    "s02_fc1_if_sgd",
    "s03_fc3_if",
    "s13_fc2_if_variant",
    "s14_fc3_if_fb2",
    "s15_exact_fc3_if",
];
/// What was compared, and what differed.
#[derive(Default)]
struct Comparison {
    compared: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Comparison {
    fn values(
        &mut self,
        kind: &'static str,
        name: &str,
        found: &[f64],
        wanted: &[f64],
        tolerance: f64,
    ) {
        *self.compared.entry(kind).or_default() += found.len();
        if found.len() != wanted.len() {
            let (found, wanted) = (found.len(), wanted.len());
            self.differences
                .push(format!("{name}: {found} values, not {wanted}"));
        }
        // Written so that NaN differs.
        let same = |f: f64, w: f64| f == w || (f - w).abs() <= tolerance;
        if let Some(k) = (0..found.len().min(wanted.len())).find(|&k| !same(found[k], wanted[k])) {
            let (found, wanted) = (found[k], wanted[k]);
            self.differences
                .push(format!("{name}[{k}]: {found}, not {wanted}"));
        }
    }
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
fn read(
    case: &Case,
    spide: &Spide,
    batch: &[(Vec<f64>, usize)],
) -> (Vec<Reading>, FloatParameters) {
    let mut gradients = FloatParameters::zeros(spide.network());
    let readings = batch.iter().map(|(x, label)| {
        let (forward, forward_steps) = spide.forward_traced(x);
        let (loss, error) = spide.loss(&forward.logits, *label, batch.len());
        let g_raw = spide.rate_gradient(&error);
        let g = case.rounded(g_raw.clone());
        let (backward, backward_steps) = spide.backward_traced(&forward, &g);
        spide.add_gradients(&mut gradients, x, &forward, &backward, &error);
        Reading {
            forward,
            forward_steps,
            loss,
            g_raw,
            g,
            backward,
            backward_steps,
        }
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
    comparison.values(
        "g",
        "grad_rate",
        &g,
        case.array("grad_rate"),
        case.tolerance(),
    );
    if case.is_exact() {
        let raw = all(&readings, |r| &r.g_raw);
        comparison.values(
            "g",
            "grad_rate_raw",
            &raw,
            case.array("grad_rate_raw"),
            TOLERANCE,
        );
    }

    let steps = case.json["sgd"]["steps"].as_u64().unwrap_or(0);
    for step in 1..=steps {
        let prefix = format!("sgd.{step}.");
        let batch = case.batch(&prefix);
        let (readings, gradients) = read(case, trainer.spide(), &batch);
        compare_results(case, &prefix, &readings, &gradients, &mut comparison);
        trainer.step(&batch);
        let parameters = trainer.spide().parameters();
        compare_layers(
            case,
            "parameters",
            &format!("{prefix}param"),
            &parameters,
            TOLERANCE,
            &mut comparison,
        );
    }
    comparison
}

/// Spikes and membranes of every step.
fn compare_stages(case: &Case, readings: &[Reading], comparison: &mut Comparison) {
    type Steps = fn(&Reading) -> &StageTrace;
    let stages: [(&str, Steps); 2] = [
        ("fwd", |r| &r.forward_steps),
        ("bwd", |r| &r.backward_steps),
    ];
    for (stage, steps) in stages {
        for population in 0..case.json["layers"].as_array().unwrap().len() {
            // Recorded as [step][sample][neuron].
            let step_count = steps(&readings[0]).len();
            let join = |part: &dyn Fn(&PopulationStep) -> Vec<f64>| -> Vec<f64> {
                (0..step_count)
                    .flat_map(|t| {
                        readings
                            .iter()
                            .flat_map(move |r| part(&steps(r)[t][population]))
                    })
                    .collect()
            };
            let name = |what: &str| format!("{stage}.l{population}.{what}");
            let wanted = |what: &str| case.array(&name(what));

            let spikes = join(&|step| step.spikes.iter().map(|&s| f64::from(s)).collect());
            comparison.values("spikes", &name("spike"), &spikes, wanted("spike"), 0.0);
            let u_pre = join(&|step| step.u_pre.clone());
            comparison.values(
                "u_pre",
                &name("u_pre"),
                &u_pre,
                wanted("u_pre"),
                case.tolerance(),
            );
            let last = |r| &steps(r)[step_count - 1][population].u[..];
            let u_final = all(readings, last);
            comparison.values(
                "u_final",
                &name("u_final"),
                &u_final,
                wanted("u_final"),
                case.tolerance(),
            );
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
        comparison.values(
            "rates",
            &name("fwd.l#.rate"),
            &rates,
            wanted("fwd.l#.rate"),
            case.tolerance(),
        );
        let masks = readings.iter().flat_map(|r| &r.forward.masks[population]);
        let masks: Vec<f64> = masks.map(|&mask| f64::from(u8::from(mask))).collect();
        comparison.values(
            "masks",
            &name("fwd.l#.mask"),
            &masks,
            wanted("fwd.l#.mask"),
            0.0,
        );
        let betas = all(readings, |r| &r.backward.rates[population]);
        comparison.values(
            "betas",
            &name("bwd.l#.beta"),
            &betas,
            wanted("bwd.l#.beta"),
            case.tolerance(),
        );
    }
    let name = |what: &str| format!("{prefix}{what}");
    let logits = all(readings, |r| &r.forward.logits);
    comparison.values(
        "logits",
        &name("logits"),
        &logits,
        case.array(&name("logits")),
        TOLERANCE,
    );
    let loss = readings.iter().map(|r| r.loss).sum::<f64>() / readings.len() as f64;
    comparison.values(
        "loss",
        &name("loss"),
        &[loss],
        case.array(&name("loss")),
        TOLERANCE,
    );
    compare_layers(
        case,
        "gradients",
        &name("grad"),
        gradients,
        case.tolerance(),
        comparison,
    );
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
        let tolerance = if layer == "readout" {
            TOLERANCE
        } else {
            tolerance
        };
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
    let Some(folder) = spidec_tests::shared("golden") else {
        return;
    };
    for name in CASES {
        let case = Case::read(&folder.join(name));
        let comparison = compare(&case);
        // Straight to the stream: the test harness would hide it.
        let counts = format!("{name}: compared {:?}", comparison.compared);
        let _ = writeln!(std::io::stderr(), "{counts}");
        assert_eq!(comparison.differences, Vec::<String>::new(), "{name}");
        let mut kinds = vec![
            "spikes",
            "u_pre",
            "u_final",
            "rates",
            "masks",
            "logits",
            "loss",
            "g",
            "betas",
            "gradients",
        ];
        if !case.json["sgd"].is_null() {
            kinds.push("parameters");
        }
        for kind in kinds {
            assert!(
                comparison.compared.get(kind) > Some(&0),
                "{name}: no {kind} compared"
            );
        }
    }
}

#[test]
fn every_changed_array_is_seen() {
    let Some(folder) = spidec_tests::shared("golden") else {
        return;
    };
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
        assert!(
            !compare(&case).differences.is_empty(),
            "{name} was changed and nothing differed"
        );
        changed += 1;
    }
    assert!(changed > 50, "{changed}");
}

#[test]
fn the_exact_case_sees_one_bit() {
    let Some(folder) = spidec_tests::shared("golden") else {
        return;
    };
    let original = Case::read(&folder.join("s15_exact_fc3_if"));
    for name in [
        "fwd.l2.u_pre",
        "bwd.l0.beta",
        "grad.s1.weight",
        "fwd.l1.rate",
    ] {
        let mut case = original.clone();
        let values = case.arrays.get_mut(name).unwrap();
        let k = values.iter().position(|&v| v != 0.0).unwrap();
        values[k] = f64::from_bits(values[k].to_bits() ^ 1);
        assert_eq!(compare(&case).differences.len(), 1, "{name}");
    }
}
