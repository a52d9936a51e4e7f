//! The accuracy gate: 784-240(fb)-10, 12-bit weights, 16 and 32 steps, after the last of 5 epochs.

use crate::Outcome;
use crate::mnist;
use spidec_runtime::data::Split;
use std::time::Instant;

/// Seeds named beforehand.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
const EPOCHS: u32 = 5;
/// What the worst seed must reach, in percent.
const GATE: f64 = 97.5;

pub(crate) fn print() -> Outcome {
    let (train, test) = (mnist::data(Split::Train)?, mnist::data(Split::Test)?);
    let mut worst = f64::INFINITY;
    for seed in SEEDS {
        let mut network = mnist::network("mnist.fsnn")?.network;
        network.training.seed = seed;
        let start = Instant::now();
        let mut accuracies = Vec::new();
        mnist::train_fixed(&network, &train, EPOCHS, |_, engine, weights| {
            let evaluation = engine.evaluate(weights, &test, |_| ());
            accuracies.push(evaluation.map_or(0.0, |e| 100.0 * e.accuracy()));
        })?;
        let shown: Vec<String> = accuracies.iter().map(|a| format!("{a:.2}")).collect();
        println!(
            "seed {seed}: test accuracy after each epoch {} %, {:.0} s",
            shown.join(", "),
            start.elapsed().as_secs_f64()
        );
        worst = worst.min(accuracies.last().copied().unwrap_or(0.0));
    }
    println!("worst after epoch {EPOCHS}: {worst:.2} %, at least {GATE} % wanted");
    if worst < GATE {
        return Err("the gate is not met".into());
    }
    Ok(())
}
