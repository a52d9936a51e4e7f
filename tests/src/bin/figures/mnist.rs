//! MNIST and networks trained on it, for the other figures.

use spidec_compiler::check::{Checked, Engine, check_text};
use spidec_compiler::lower::{Purpose, lower};
use spidec_data::{Data, Dataset, Split, load};
use spidec_ir::fixed::quantize;
use spidec_ir::random::{initial_parameters, sample_order};
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::array::ArrayEngine;
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::Trainer;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// A split of MNIST, from the folder that `SPIDEC_MNIST` names or the shared one.
pub(crate) fn data(split: Split) -> Result<Dataset, Box<dyn Error>> {
    let named = std::env::var_os("SPIDEC_MNIST").map(PathBuf::from);
    let folder = named.or_else(|| spidec_tests::shared("data/mnist"));
    let folder =
        folder.ok_or("MNIST is not there: name the folder with its files in SPIDEC_MNIST")?;
    Ok(load(&folder, split)?)
}

/// As [`data`], for what takes recordings too.
pub(crate) fn data_of(split: Split) -> Result<Data, Box<dyn Error>> {
    Ok(Data::Constant(data(split)?))
}

/// A network of `examples/`.
pub(crate) fn network(name: &str) -> Result<Checked, Box<dyn Error>> {
    let path = spidec_tests::root().join("examples").join(name);
    checked(name, &std::fs::read_to_string(path)?)
}

/// A network with a change.
pub(crate) fn changed(name: &str, old: &str, new: &str) -> Result<Checked, Box<dyn Error>> {
    let path = spidec_tests::root().join("examples").join(name);
    let text = std::fs::read_to_string(path)?;
    if text.matches(old).count() != 1 {
        return Err(format!("{name} has not one `{old}`").into());
    }
    checked(name, &text.replace(old, new))
}

/// A network of `examples/` that floating point executes.
pub(crate) fn float_network(name: &str) -> Result<Network, Box<dyn Error>> {
    let path = spidec_tests::root().join("examples").join(name);
    let result = check_text(name, &std::fs::read_to_string(path)?);
    match result.require(Engine::Float) {
        Ok(checked) => Ok(checked.network.clone()),
        Err(findings) => Err(result.render(&findings, false).into()),
    }
}

fn checked(name: &str, text: &str) -> Result<Checked, Box<dyn Error>> {
    let result = check_text(name, text);
    match result.require(Engine::FixedTraining) {
        Ok(checked) => Ok(checked.clone()),
        Err(findings) => Err(result.render(&findings, false).into()),
    }
}

/// Trains in fixed point; `tell` hears of each epoch, from 1, with the weights.
pub(crate) fn train_fixed(
    network: &Network,
    train: &Dataset,
    epochs: u32,
    mut tell: impl FnMut(u32, &FixedEngine, &spidec_runtime::fixed::Weights),
) -> Result<FixedParameters, Box<dyn Error>> {
    let engine = FixedEngine::new(network)?;
    let initial = initial_parameters(network, network.training.seed);
    let mut state = engine.state(&quantize(network, &initial)?.0)?;
    for epoch in 0..epochs {
        engine.train_epoch(&mut state, train, epoch, |_| ControlFlow::Continue(()))?;
        tell(epoch + 1, &engine, &state.weights);
    }
    Ok(state.weights.parameters())
}

/// Trains on the array engine, as [`train_fixed`]; `tell` hears of each epoch with the engine.
pub(crate) fn train_array(
    checked: &Checked,
    train: &Dataset,
    epochs: u32,
    mut tell: impl FnMut(u32, &mut ArrayEngine),
) -> Result<FixedParameters, Box<dyn Error>> {
    let network = &checked.network;
    let fixed = FixedEngine::new(network)?;
    let initial = quantize(network, &initial_parameters(network, network.training.seed))?.0;
    let program = lower(network, &checked.lines, Purpose::Learning)?;
    let mut engine = ArrayEngine::new(&program, &initial)?;
    engine.learning.seed = network.training.seed;
    for epoch in 0..epochs {
        engine.train_epoch(&fixed.learning(epoch)?, train, epoch, |_| {
            ControlFlow::Continue(())
        });
        tell(epoch + 1, &mut engine);
    }
    Ok(engine.parameters())
}

/// The first samples of an epoch, counted from 0, in the order in which it trains them.
pub(crate) fn epoch_start(network: &Network, train: &Dataset, epoch: u32, count: usize) -> Dataset {
    let order = sample_order(network.training.seed, epoch, train.len());
    train.select(order.iter().take(count).map(|&k| k as usize))
}

/// Trains in floating point and quantizes.
pub(crate) fn train_float(
    network: &Network,
    train: &Dataset,
    epochs: u32,
) -> Result<FixedParameters, Box<dyn Error>> {
    let initial = initial_parameters(network, network.training.seed);
    let mut trainer = Trainer::<f32>::new(network, &initial)?;
    for _ in 0..epochs {
        trainer.epoch(train, &mut |_| ControlFlow::Continue(()))?;
    }
    Ok(quantize(network, &trainer.spide().parameters())?.0)
}
