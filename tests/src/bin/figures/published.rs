//! Accuracy of the floating-point engine on MNIST, after each epoch; seeds named beforehand.

use crate::Outcome;
use crate::mnist;
use spidec_data::{Data, Split};
use spidec_ir::random::initial_parameters;
use spidec_runtime::spide::{Spide, Trainer, answer_f32, epoch_f32};
use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

/// ConvNet-F: seed 1, 20 epochs.
pub(crate) fn convnet() -> Outcome {
    train("convnet_f.fsnn", 1, 20)
}

/// 784-400(fb)-10, the published hyperparameters: seeds 1 to 3, 6 epochs.
pub(crate) fn dense() -> Outcome {
    for seed in [1, 2, 3] {
        train("paper/mnist_dense.fsnn", seed, 6)?;
    }
    Ok(())
}

fn train(file: &str, seed: u64, epochs: u32) -> Outcome {
    let mut network = mnist::float_network(file)?;
    network.training.seed = seed;
    let (train, test) = (mnist::data(Split::Train)?, mnist::data(Split::Test)?);
    let (train, test) = (Data::Constant(train), Data::Constant(test));
    let initial = initial_parameters(&network, seed);
    let mut trainer = Trainer::<f32>::new(&network, &initial)?;
    for epoch in 1..=epochs {
        let start = Instant::now();
        epoch_f32(&mut trainer, &train, &mut |_| ControlFlow::Continue(()))?;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{file}, seed {seed}, epoch {epoch} of {epochs}: {:.2} % of the test images right, trained in {seconds:.0} s",
            accuracy(trainer.spide(), &test)?
        );
    }
    Ok(())
}

/// Right predictions, in percent.
fn accuracy(spide: &Spide<f32>, data: &Data) -> Result<f64, Box<dyn Error>> {
    let mut correct = 0;
    answer_f32(spide, data, &mut |answer| {
        correct += u32::from(answer.prediction == answer.label);
    })?;
    Ok(100.0 * f64::from(correct) / data.len() as f64)
}
