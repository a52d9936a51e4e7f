//! Accuracy of the floating-point engine after each epoch, seeds named beforehand; memory of the largest network.

use crate::Outcome;
use crate::mnist;
use spidec_data::{Data, Split, open};
use spidec_ir::random::initial_parameters;
use spidec_runtime::spide::{Spide, Trainer, answer_f32, epoch_f32};
use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

/// ConvNet-F: seed 1, 15 epochs.
pub(crate) fn convnet() -> Outcome {
    train("convnet_f.fsnn", mnist::data_of, 1, 15)
}

/// 784-400(fb)-10, the published hyperparameters: seeds 1 to 3, 6 epochs.
pub(crate) fn dense() -> Outcome {
    for seed in [1, 2, 3] {
        train("paper/mnist_dense.fsnn", mnist::data_of, seed, 6)?;
    }
    Ok(())
}

/// AlexNet-F on the first 10,000 training images of CIFAR-10: seed 1, as many epochs as an hour has here.
pub(crate) fn cifar10() -> Outcome {
    train(ALEXNET, |split| shared("data/cifar10", split), 1, 3)
}

/// The first 1,000 recordings of N-MNIST, and 100 to test with: seed 1, 10 epochs.
pub(crate) fn nmnist() -> Outcome {
    train("nmnist.fsnn", |split| shared("data/nmnist", split), 1, 10)
}

const ALEXNET: &str = "paper/cifar10_alexnet_f.fsnn";

/// The most memory of a process that trains AlexNet-F with two batches of 128, on two threads.
pub(crate) fn memory() -> Outcome {
    let network = mnist::float_network(ALEXNET)?;
    let data = shared("data/cifar10", Split::Train)?.first(256);
    let initial = initial_parameters(&network, network.training.seed);
    let weights: usize = { initial.layers() }
        .map(|layer| layer.weight.len() + layer.bias.len())
        .sum();
    let neurons: usize = network.populations.iter().map(|p| p.shape.size()).sum();
    let mut trainer = Trainer::<f32>::new(&network, &initial)?.with_threads(2);
    epoch_f32(&mut trainer, &data, &mut |_| ControlFlow::Continue(()))?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.ok_or("the system does not tell the peak of memory")?;
    println!(
        "{ALEXNET}: {weights} parameters, {neurons} neurons, batch {}: at most {} resident, all training images among \
         it",
        network.training.update.batch,
        peak.trim()
    );
    Ok(())
}

/// A split of the data that lie beside the project.
fn shared(folder: &str, split: Split) -> Result<Data, Box<dyn Error>> {
    let found = spidec_tests::shared(folder).ok_or(format!("{folder} is not there"))?;
    Ok(open(&found, split)?)
}

fn train(
    file: &str,
    data: impl Fn(Split) -> Result<Data, Box<dyn Error>>,
    seed: u64,
    epochs: u32,
) -> Outcome {
    let mut network = mnist::float_network(file)?;
    network.training.seed = seed;
    let (train, test) = (data(Split::Train)?, data(Split::Test)?);
    let initial = initial_parameters(&network, seed);
    let mut trainer = Trainer::<f32>::new(&network, &initial)?;
    for epoch in 1..=epochs {
        let start = Instant::now();
        epoch_f32(&mut trainer, &train, &mut |_| ControlFlow::Continue(()))?;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{file}, seed {seed}, epoch {epoch} of {epochs}: {:.2} % of {} test samples right, trained in {seconds:.0} s",
            accuracy(trainer.spide(), &test)?,
            test.len()
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
