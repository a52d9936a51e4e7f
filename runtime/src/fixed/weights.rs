//! Weights in the layouts that the stages read, and the state of training.

use super::{FixedEngine, FixedError};
use spidec_ir::FixedParameters;
use spidec_ir::network::Source;
use spidec_ir::parameters::Layer;

/// What training changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedState {
    /// All weights and biases.
    pub weights: Weights,
    /// Samples trained so far: what the rounding noise depends on.
    pub samples: u64,
}

/// All weights and biases of a network, every one within the weight format.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// One a projection.
    pub(super) projections: Vec<Synapses>,
    /// `[class][source neuron]`, and one bias a class.
    pub(super) readout: Layer<i32>,
}

/// One projection: forward reads what leaves a source, backward what reaches a destination.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Synapses {
    /// `[source][destination]`.
    pub by_source: Vec<i32>,
    /// The same `[destination][source]`; empty where the source is the input, which has no couples.
    pub by_destination: Vec<i32>,
    /// One a destination neuron, or empty.
    pub bias: Vec<i32>,
    pub sources: usize,
    pub destinations: usize,
}

impl FixedEngine {
    /// Takes parameters into the engine's layouts.
    ///
    /// # Errors
    /// Shapes that are not the network's; a number outside the weight format.
    pub fn load(&self, parameters: &FixedParameters) -> Result<Weights, FixedError> {
        if !parameters.fits(&self.network) {
            return Err(FixedError::Shapes);
        }
        let format = self.network.array.weight;
        for (index, layer) in parameters.layers().enumerate() {
            let outside = |w: &&i32| !format.contains(i64::from(**w));
            if let Some(&value) = layer.weight.iter().chain(&layer.bias).find(outside) {
                let layer = self.network.layer_name(index);
                return Err(FixedError::Weight { layer, value });
            }
        }
        Ok(self.arrange(parameters))
    }

    /// Parameters that are known to fit, in the engine's layouts.
    pub(super) fn arrange(&self, parameters: &FixedParameters) -> Weights {
        let synapses = |(projection, layer): (&spidec_ir::network::Projection, &Layer<i32>)| {
            let sources = self.network.source_size(projection);
            let destinations = self.network.destination_size(projection);
            Synapses {
                by_source: transposed(&layer.weight, destinations, sources),
                by_destination: match projection.source {
                    Source::Input => Vec::new(),
                    Source::Population(_) => layer.weight.clone(),
                },
                bias: layer.bias.clone(),
                sources,
                destinations,
            }
        };
        let all = self.network.projections.iter().zip(&parameters.projections);
        Weights {
            projections: all.map(synapses).collect(),
            readout: parameters.readout.clone(),
        }
    }

    /// A state to train from: loaded parameters, no samples trained yet.
    ///
    /// # Errors
    /// As [`FixedEngine::load`].
    pub fn state(&self, parameters: &FixedParameters) -> Result<FixedState, FixedError> {
        Ok(FixedState {
            weights: self.load(parameters)?,
            samples: 0,
        })
    }
}

impl Weights {
    /// The weights in the network's layout.
    pub fn parameters(&self) -> FixedParameters {
        let layer = |s: &Synapses| Layer {
            weight: transposed(&s.by_source, s.sources, s.destinations),
            bias: s.bias.clone(),
        };
        FixedParameters {
            projections: self.projections.iter().map(layer).collect(),
            readout: self.readout.clone(),
        }
    }
}

/// `[rows][columns]` as `[columns][rows]`.
fn transposed(values: &[i32], rows: usize, columns: usize) -> Vec<i32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}
