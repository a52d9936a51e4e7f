//! Where the cycles of a training sample go, for two states and lists of samples that are the same
//! everywhere: the fingerprints below say so.

use crate::Outcome;
use crate::learning;
use crate::mnist;
use spidec_data::Split;
use spidec_ir::FixedParameters;
use spidec_ir::random::{hash, sample_order};

/// Samples of a list: the first of the epoch after the state.
const SAMPLES: usize = 1000;

/// A state of examples/mnist.fsnn: epochs of training, fingerprints of its weights and of the samples.
const STATES: [(u32, u64, u64); 2] = [
    (1, 0xb27df20480ac6a33, 0x814749c4b4c9fbc2),
    (3, 0xf93b9f09060de278, 0x904ef5f9ea6f7e82),
];

pub(crate) fn print() -> Outcome {
    let train = mnist::data(Split::Train)?;
    let checked = mnist::network("mnist.fsnn")?;
    let network = &checked.network;
    for (epochs, weights, list) in STATES {
        let parameters = mnist::train_fixed(network, &train, epochs, |_, _, _| ())?;
        let order = sample_order(network.training.seed, epochs, train.len());
        let order: Vec<u64> = order.iter().take(SAMPLES).map(|&k| u64::from(k)).collect();
        let found = (fingerprint(&parameters), hash(&order));
        if found != (weights, list) {
            return Err(format!("another state or list after {epochs} epochs: {found:x?}").into());
        }
        let samples = mnist::epoch_start(network, &train, epochs, SAMPLES);
        let trained = epochs as usize * train.len();
        let report = learning::run(&checked, &parameters, &samples, epochs, trained)?;
        println!(
            "mnist.fsnn after {epochs} epochs (weights {weights:016x}, samples {list:016x}): {:.1} cycles a \
             training sample, lane use {:.1} %",
            report.cycles_per_sample(),
            100.0 * report.lane_use()
        );
        print!("{}", report.work());
    }
    Ok(())
}

fn fingerprint(parameters: &FixedParameters) -> u64 {
    let layers = parameters.layers();
    let values = layers.flat_map(|layer| layer.weight.iter().chain(&layer.bias));
    hash(&values.map(|&value| value as u64).collect::<Vec<u64>>())
}
