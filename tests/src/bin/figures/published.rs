//! Accuracy of the floating-point engine, seeds named beforehand; memory of the largest network.

use crate::Outcome;
use crate::mnist;
use spidec_data::{Data, Split, open};
use spidec_ir::Network;
use spidec_ir::random::initial_parameters;
use spidec_runtime::spide::{Spide, Trainer, answer_f32, epoch_f32};
use spidec_runtime::state::State;
use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

/// 15C5-P2-40C5-P2-300, the published hyperparameters: seed 1, 60 epochs.
pub(crate) fn lenet() -> Outcome {
    on_mnist("paper/mnist_lenet.fsnn", 60)
}

/// ConvNet-F: seed 1, 16 epochs.
pub(crate) fn convnet() -> Outcome {
    on_mnist("convnet_f.fsnn", 16)
}

/// A network from seed 1 on, with a test after each epoch.
fn on_mnist(file: &str, epochs: u32) -> Outcome {
    let network = mnist::float_network(file)?;
    train(file, &network, mnist::data_of, 1, epochs, true)
}

/// 784-400(fb)-10, the published hyperparameters: seeds 1 to 3, 6 epochs, as published and without the published quirks,
/// of which weight decay is the one that matters here.
pub(crate) fn dense() -> Outcome {
    let file = "paper/mnist_dense.fsnn";
    for quirks in [true, false] {
        let mut network = mnist::float_network(file)?;
        if !quirks {
            network.training.published.clear();
            println!("with `published = none`:");
        }
        for seed in [1, 2, 3] {
            train(file, &network, mnist::data_of, seed, 6, true)?;
        }
    }
    Ok(())
}

/// AlexNet-F on the first 10,000 training images of CIFAR-10: seed 1, as many epochs as an hour has here, and one test.
pub(crate) fn cifar10() -> Outcome {
    let data = |split| shared("data/cifar10", split);
    train(ALEXNET, &mnist::float_network(ALEXNET)?, data, 1, 4, false)
}

/// The first 1,000 recordings of N-MNIST, and 100 to test with: seed 1, 40 epochs.
pub(crate) fn nmnist() -> Outcome {
    let file = "nmnist.fsnn";
    let data = |split| shared("data/nmnist", split);
    train(file, &mnist::float_network(file)?, data, 1, 40, true)
}

const ALEXNET: &str = "paper/cifar10_alexnet_f.fsnn";

/// The most memory of a process that trains AlexNet-F with two batches of 128, on two threads.
pub(crate) fn memory() -> Outcome {
    let network = mnist::float_network(ALEXNET)?;
    let all = shared("data/cifar10", Split::Train)?;
    let data = all.first(256);
    let initial = initial_parameters(&network, network.training.seed);
    let weights: usize = { initial.layers() }
        .map(|layer| layer.weight.len() + layer.bias.len())
        .sum();
    let neurons: usize = network.populations.iter().map(|p| p.shape.size()).sum();
    let mut trainer = Trainer::<f32>::new(&network, &initial)?.with_threads(2);
    epoch_f32(&mut trainer, &data, &mut |_| ControlFlow::Continue(()))?;
    println!(
        "{ALEXNET}: {weights} parameters, {neurons} neurons, batch {}: at most {} resident, {} training images \
         included",
        network.training.update.batch,
        peak()?,
        all.len()
    );
    let folder = tempfile::tempdir()?;
    State::of_trainer(&trainer).save(&network, &folder.path().join("state"))?;
    println!("  with its state written: {}", peak()?);
    Ok(())
}

/// The most memory that this process had resident.
fn peak() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.ok_or("the system does not tell the peak of memory")?;
    Ok(peak.trim().to_string())
}

/// A split of the data that lie beside the project.
fn shared(folder: &str, split: Split) -> Result<Data, Box<dyn Error>> {
    let found = spidec_tests::shared(folder).ok_or(format!("{folder} is not there"))?;
    Ok(open(&found, split)?)
}

/// Trains some epochs, with a test after each, or after the last alone where tests take long.
fn train(
    file: &str,
    network: &Network,
    data: impl Fn(Split) -> Result<Data, Box<dyn Error>>,
    seed: u64,
    epochs: u32,
    each: bool,
) -> Outcome {
    let mut network = network.clone();
    network.training.seed = seed;
    let (train, test) = (data(Split::Train)?, data(Split::Test)?);
    let initial = initial_parameters(&network, seed);
    let mut trainer = Trainer::<f32>::new(&network, &initial)?;
    for epoch in 1..=epochs {
        let start = Instant::now();
        epoch_f32(&mut trainer, &train, &mut |_| ControlFlow::Continue(()))?;
        let seconds = start.elapsed().as_secs_f64();
        let told = match each || epoch == epochs {
            true => format!(
                "{:.2} % of {} test samples right, ",
                accuracy(trainer.spide(), &test)?,
                test.len()
            ),
            false => String::new(),
        };
        println!("{file}, seed {seed}, epoch {epoch} of {epochs}: {told}trained in {seconds:.0} s");
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
