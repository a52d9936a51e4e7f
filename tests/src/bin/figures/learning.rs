//! Training in Verilog against both integer engines, on MNIST training samples.

use crate::Outcome;
use crate::agreement::simulate;
use crate::mnist;
use spidec_compiler::check::Checked;
use spidec_compiler::lower::Purpose;
use spidec_data::{Dataset, Split};
use spidec_ir::FixedParameters;
use spidec_ir::fixed::quantize;
use spidec_ir::random::initial_parameters;
use spidec_runtime::fixed::FixedEngine;
use spidec_verify::{Kind, Report, Training};
use std::error::Error;

/// Samples a network.
const SAMPLES: usize = 200;
/// Samples of each number of lanes.
const LANES_SAMPLES: usize = 50;
/// Samples of the epoch that hardware trains from its beginning to its end.
const EPOCH: usize = 2000;

/// A training: of an example with a change to its text, after some epochs.
struct Case {
    what: &'static str,
    file: &'static str,
    change: Option<[&'static str; 2]>,
    epochs: u32,
}

const fn case(what: &'static str, file: &'static str, epochs: u32) -> Case {
    Case {
        what,
        file,
        change: None,
        epochs,
    }
}

const CASES: [Case; 6] = [
    case("from scratch", "mnist.fsnn", 0),
    case("after 3 epochs", "mnist.fsnn", 3),
    case("from scratch", "three.fsnn", 0),
    case("after an epoch", "three.fsnn", 1),
    Case {
        what: "mean squared error",
        file: "mnist.fsnn",
        change: Some(["cross_entropy(scale = 1)", "mean_squared_error(scale = 8)"]),
        epochs: 0,
    },
    Case {
        what: "input projection frozen",
        file: "mnist.fsnn",
        change: Some(["(std = 0.101))", "(std = 0.101), frozen = true)"]),
        epochs: 0,
    },
];

pub(crate) fn print() -> Outcome {
    let train = mnist::data(Split::Train)?;
    for Case {
        what,
        file,
        change,
        epochs,
    } in CASES
    {
        let checked = match change {
            None => mnist::network(file)?,
            Some([old, new]) => mnist::changed(file, old, new)?,
        };
        let parameters = mnist::train_fixed(&checked.network, &train, epochs, |_, _, _| ())?;
        let samples = mnist::epoch_start(&checked.network, &train, epochs, SAMPLES);
        let trained = epochs as usize * train.len();
        let report = run(&checked, &parameters, &samples, epochs, trained)?;
        println!(
            "{file}, {what}, {} samples: 0 mismatches in {}",
            report.samples,
            compared(&report)
        );
    }
    lanes(&train)?;
    epoch(&train)
}

/// The same weights, whatever the number of lanes.
fn lanes(train: &Dataset) -> Outcome {
    let mut first = None;
    for lanes in [4, 8, 16, 32] {
        let checked = mnist::changed("mnist.fsnn", "= 16 ", &format!("= {lanes} "))?;
        let network = &checked.network;
        let initial = quantize(network, &initial_parameters(network, network.training.seed))?.0;
        let samples = mnist::epoch_start(network, train, 0, LANES_SAMPLES);
        let report = run(&checked, &initial, &samples, 0, 0)?;
        let weights = report.trained.as_ref().and_then(|t| t.parameters.clone());
        let same = *first.get_or_insert_with(|| weights.clone()) == weights;
        println!(
            "mnist.fsnn, {lanes} lanes, {LANES_SAMPLES} samples: {:.0} cycles a sample, weights {} those of 4 lanes",
            report.cycles_per_sample(),
            if same { "equal" } else { "DIFFER from" }
        );
        if !same {
            return Err(format!("{lanes} lanes learn other weights").into());
        }
    }
    Ok(())
}

/// An epoch in hardware, and the same on the array engine alone.
fn epoch(train: &Dataset) -> Outcome {
    let checked = mnist::network("mnist.fsnn")?;
    let network = &checked.network;
    let train = train.first(EPOCH);
    let initial = quantize(network, &initial_parameters(network, network.training.seed))?.0;
    let samples = mnist::epoch_start(network, &train, 0, EPOCH);
    let report = run(&checked, &initial, &samples, 0, 0)?;
    let alone = mnist::train_array(&checked, &train, 1, |_, _| ())?;
    let hardware = report.trained.as_ref().and_then(|t| t.parameters.as_ref());
    let same = hardware == Some(&alone);
    println!(
        "mnist.fsnn, an epoch of {EPOCH} samples in Verilog: 0 mismatches, {:.0} cycles a sample; \
         final weights {} those of the array engine alone",
        report.cycles_per_sample(),
        if same { "equal" } else { "DIFFER from" }
    );
    match same {
        true => Ok(()),
        false => Err("hardware and array engine end with other weights".into()),
    }
}

/// Trains samples in an epoch, after `trained` samples; an error where it does not pass.
pub(crate) fn run(
    checked: &Checked,
    parameters: &FixedParameters,
    samples: &Dataset,
    epoch: u32,
    trained: usize,
) -> Result<Report, Box<dyn Error>> {
    let learning = FixedEngine::new(&checked.network)?.learning(epoch)?;
    let training = Training {
        learning: &learning,
        samples: trained as u64,
    };
    let report = simulate(
        checked,
        Purpose::Learning,
        parameters,
        samples,
        Some(training),
    )?;
    match report.passed() {
        true => Ok(report),
        false => Err(format!(
            "{:?} {:?} {:?}",
            report.comparison.first,
            report.stopped,
            report.vacuous()
        )
        .into()),
    }
}

fn compared(report: &Report) -> String {
    let kinds = [
        Kind::Weights,
        Kind::Biases,
        Kind::SpikeWords,
        Kind::Membranes,
        Kind::BackwardSpikes,
        Kind::BackwardMembranes,
        Kind::Errors,
    ];
    let of = |kind: &Kind| report.comparison.compared.get(kind).copied().unwrap_or(0);
    let all: u64 = report.comparison.compared.values().sum();
    let listed = kinds.map(|kind| format!("{} {}", of(&kind), kind.name()));
    format!("{all} values ({} ...)", listed.join(", "))
}
