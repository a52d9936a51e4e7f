//! MNIST and networks trained on it, for the other figures.

use spidec_compiler::check::{Checked, Engine, check_text};
use spidec_ir::fixed::quantize;
use spidec_ir::random::initial_parameters;
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::data::{Dataset, Split, load};
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::Trainer;
use std::error::Error;
use std::ops::ControlFlow;

/// A split of MNIST.
pub(crate) fn data(split: Split) -> Result<Dataset, Box<dyn Error>> {
    let folder = spidec_tests::shared("data/mnist").ok_or("MNIST is not there")?;
    Ok(load(&folder, split)?)
}

/// A network of `examples/`.
pub(crate) fn network(name: &str) -> Result<Checked, Box<dyn Error>> {
    let path = spidec_tests::root().join("examples").join(name);
    let result = check_text(name, &std::fs::read_to_string(path)?);
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

/// Trains in floating point and quantizes.
pub(crate) fn train_float(
    network: &Network,
    train: &Dataset,
    epochs: u32,
) -> Result<FixedParameters, Box<dyn Error>> {
    let initial = initial_parameters(network, network.training.seed);
    let mut trainer = Trainer::new(network, &initial)?;
    for _ in 0..epochs {
        trainer.epoch(train, &mut |_| {})?;
    }
    Ok(quantize(network, &trainer.spide().parameters())?.0)
}
