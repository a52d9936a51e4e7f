//! The accuracy gates: MNIST in integers, after the last epoch, the worst of four seeds; and that the
//! array engine ends with the same weights as the fixed-point engine.

use crate::Outcome;
use crate::mnist;
use spidec_compiler::check::Checked;
use spidec_data::{Dataset, Split};
use spidec_ir::FixedParameters;
use std::time::Instant;

/// Seeds named beforehand.
const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// What a network must reach.
struct Gate {
    file: &'static str,
    epochs: u32,
    /// Trained on the array engine too.
    array: bool,
    /// The worst seed after the last epoch, in percent.
    accuracy: f64,
}

const GATES: [Gate; 2] = [
    Gate {
        file: "mnist.fsnn",
        epochs: 5,
        array: true,
        accuracy: 97.5,
    },
    Gate {
        file: "mnist_large.fsnn",
        epochs: 10,
        array: false,
        accuracy: 98.3,
    },
];

pub(crate) fn print() -> Outcome {
    let (train, test) = (mnist::data(Split::Train)?, mnist::data(Split::Test)?);
    let mut missed = Vec::new();
    for gate in &GATES {
        let worst = worst(gate, &train, &test)?;
        println!(
            "{}: worst after epoch {}: {worst:.2} %, at least {} % wanted",
            gate.file, gate.epochs, gate.accuracy
        );
        if worst < gate.accuracy {
            missed.push(gate.file);
        }
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("the gate is not met: {}", missed.join(", ")).into())
    }
}

fn worst(gate: &Gate, train: &Dataset, test: &Dataset) -> Result<f64, Box<dyn std::error::Error>> {
    let mut worst = f64::INFINITY;
    for seed in SEEDS {
        let mut checked = mnist::network(gate.file)?;
        checked.network.training.seed = seed;
        let network = &checked.network;
        let start = Instant::now();
        let mut accuracies = Vec::new();
        let fixed = mnist::train_fixed(network, train, gate.epochs, |_, engine, weights| {
            let evaluation = engine.evaluate(weights, test, |_| ());
            accuracies.push(evaluation.map_or(0.0, |e| 100.0 * e.accuracy()));
        })?;
        let shown: Vec<String> = accuracies.iter().map(|a| format!("{a:.2}")).collect();
        println!(
            "{}, seed {seed}: test accuracy after each epoch {} %, {:.0} s",
            gate.file,
            shown.join(", "),
            start.elapsed().as_secs_f64()
        );
        if gate.array {
            on_the_array(&checked, train, test, gate.epochs, &fixed)?;
        }
        worst = worst.min(accuracies.last().copied().unwrap_or(0.0));
    }
    Ok(worst)
}

/// The same training on the array engine, with the accuracy that it has itself.
fn on_the_array(
    checked: &Checked,
    train: &Dataset,
    test: &Dataset,
    epochs: u32,
    fixed: &FixedParameters,
) -> Outcome {
    let start = Instant::now();
    let mut right = Vec::new();
    let array = mnist::train_array(checked, train, epochs, |_, engine| {
        let samples = test.samples();
        right.push(
            samples
                .filter(|&(sample, label)| engine.infer(sample).prediction as usize == label)
                .count(),
        );
    })?;
    let shown: Vec<String> = right
        .iter()
        .map(|&n| format!("{:.2}", 100.0 * n as f64 / test.len() as f64))
        .collect();
    println!(
        "  on the array engine: {} %, {:.0} s",
        shown.join(", "),
        start.elapsed().as_secs_f64()
    );
    match array == *fixed {
        true => Ok(()),
        false => Err("the array engine ends with other weights".into()),
    }
}
