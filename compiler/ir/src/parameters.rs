//! Weights and biases of a network, in floating or fixed point.

use crate::network::Network;

/// Parameters of one projection or of the readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer<T> {
    /// `[destination][source]`, row-major: destination neuron `i`, source value `j` at `i * sources + j`.
    pub weight: Vec<T>,
    /// One a destination neuron; empty where the projection has no bias.
    pub bias: Vec<T>,
}

/// All parameters: projections in declaration order, then the readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<T> {
    /// One a projection.
    pub projections: Vec<Layer<T>>,
    /// The readout's, `[class][source neuron]`.
    pub readout: Layer<T>,
}

/// Parameters as real numbers.
pub type FloatParameters = Parameters<f64>;

/// Parameters as integers in units of the weight format's last bit.
pub type FixedParameters = Parameters<i32>;

impl<T: Clone + Default> Parameters<T> {
    /// All zero, in the network's shapes.
    pub fn zeros(network: &Network) -> Parameters<T> {
        let layer = |sources: usize, destinations: usize, bias: bool| Layer {
            weight: vec![T::default(); sources * destinations],
            bias: vec![T::default(); if bias { destinations } else { 0 }],
        };
        Parameters {
            projections: network
                .projections
                .iter()
                .map(|p| layer(network.source_size(p), network.destination_size(p), p.bias))
                .collect(),
            readout: layer(
                network.population(network.readout.source).shape.size(),
                network.readout.classes as usize,
                network.readout.bias,
            ),
        }
    }
}

impl<T> Parameters<T> {
    /// Whether the shapes are the network's.
    pub fn fits(&self, network: &Network) -> bool {
        let shapes = |p: &Parameters<T>| -> Vec<(usize, usize)> {
            p.layers()
                .map(|layer| (layer.weight.len(), layer.bias.len()))
                .collect()
        };
        let zeros = Parameters::<u8>::zeros(network);
        let wanted: Vec<_> = zeros
            .layers()
            .map(|layer| (layer.weight.len(), layer.bias.len()))
            .collect();
        shapes(self) == wanted
    }

    /// Projections in declaration order, then the readout.
    pub fn layers(&self) -> impl Iterator<Item = &Layer<T>> {
        self.projections.iter().chain([&self.readout])
    }

    /// As [`Parameters::layers`], to change.
    pub fn layers_mut(&mut self) -> impl Iterator<Item = &mut Layer<T>> {
        self.projections.iter_mut().chain([&mut self.readout])
    }

    /// The same shapes with every number mapped.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> Parameters<U> {
        let mut layer = |layer: &Layer<T>| Layer {
            weight: layer.weight.iter().map(&mut f).collect(),
            bias: layer.bias.iter().map(&mut f).collect(),
        };
        Parameters {
            projections: self.projections.iter().map(&mut layer).collect(),
            readout: layer(&self.readout),
        }
    }
}
