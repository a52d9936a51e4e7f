//! How often populations fire.

use super::{BackwardStage, ForwardStage, Reading};
use spidec_ir::Network;

/// Firing rates: spikes of either sign a neuron and step, one a population.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Of the forward stage.
    pub forward: Vec<f64>,
    /// Of the backward stage.
    pub backward: Vec<f64>,
}

/// Spikes of both stages, one count a population.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Activity {
    samples: u64,
    forward: Vec<u64>,
    backward: Vec<u64>,
}

impl Activity {
    pub(super) fn new(network: &Network) -> Activity {
        let zeros = vec![0; network.populations.len()];
        Activity {
            samples: 0,
            forward: zeros.clone(),
            backward: zeros,
        }
    }

    pub(super) fn add<F>(&mut self, reading: &Reading<F>) {
        self.add_stages(&reading.forward, &reading.backward);
    }

    pub(super) fn add_stages<F>(&mut self, forward: &ForwardStage<F>, backward: &BackwardStage<F>) {
        self.samples += 1;
        for (sum, spikes) in self.forward.iter_mut().zip(forward.spikes()) {
            *sum += spikes;
        }
        for (sum, spikes) in self.backward.iter_mut().zip(&backward.spikes) {
            *sum += spikes;
        }
    }

    pub(super) fn rates(&self, network: &Network) -> Rates {
        let rates = |spikes: &[u64], steps: u32| {
            let spikes = spikes.iter().copied();
            rates(network, spikes, steps, self.samples)
        };
        Rates {
            forward: rates(&self.forward, network.training.forward.steps),
            backward: rates(&self.backward, network.training.backward.steps),
        }
    }
}

/// Spikes, a number for each population, a neuron and step, over some samples.
pub fn rates(
    network: &Network,
    spikes: impl Iterator<Item = u64>,
    steps: u32,
    samples: u64,
) -> Vec<f64> {
    let populations = network.populations.iter().zip(spikes);
    let rate = populations.map(|(population, spikes)| {
        let chances = population.shape.size() as f64 * f64::from(steps);
        spikes as f64 / (chances * samples.max(1) as f64)
    });
    rate.collect()
}
