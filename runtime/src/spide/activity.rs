//! How often populations fire.

use super::Reading;
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
        self.samples += 1;
        for (sum, spikes) in self.forward.iter_mut().zip(reading.forward.spikes()) {
            *sum += spikes;
        }
        for (sum, spikes) in self.backward.iter_mut().zip(&reading.backward.spikes) {
            *sum += spikes;
        }
    }

    pub(super) fn rates(&self, network: &Network) -> Rates {
        let rates = |spikes: &[u64], steps: u32| {
            let populations = network.populations.iter().zip(spikes);
            let rate = populations.map(|(population, &spikes)| {
                let chances = population.shape.size() as f64 * f64::from(steps);
                spikes as f64 / (chances * self.samples.max(1) as f64)
            });
            rate.collect()
        };
        Rates {
            forward: rates(&self.forward, network.training.forward.steps),
            backward: rates(&self.backward, network.training.backward.steps),
        }
    }
}
