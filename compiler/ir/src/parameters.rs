//! Weights and biases of a network, in floating or fixed point.

use crate::network::Network;

/// Parameters of one projection or of the readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer<T> {
    /// In C order of [`Network::weight_shape`]: of a dense layer, destination neuron `i`, source value
    /// `j` at `i * sources + j`.
    pub weight: Vec<T>,
    /// As many as [`Network::biases`] says.
    pub bias: Vec<T>,
}

/// All parameters: projections in declaration order, then the readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<T> {
    /// One a projection.
    pub projections: Vec<Layer<T>>,
    /// The readout's.
    pub readout: Layer<T>,
}

/// Parameters as real numbers.
pub type FloatParameters = Parameters<f64>;

/// Parameters as integers in units of the weight format's last bit.
pub type FixedParameters = Parameters<i32>;

impl<T: Clone + Default> Parameters<T> {
    /// All zero, in the network's shapes.
    pub fn zeros(network: &Network) -> Parameters<T> {
        let layer = |layer: usize| Layer {
            weight: vec![T::default(); network.weight_shape(layer).iter().product()],
            bias: vec![T::default(); network.biases(layer)],
        };
        let projections = network.projections.len();
        Parameters {
            projections: (0..projections).map(layer).collect(),
            readout: layer(projections),
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
