//! Reading (a) of a network: SPIDE in floating point, with the published semantics.
//!
//! * [`Spide`] holds the parameters and reads one [`Sample`] at a time: [`Spide::forward`],
//!   [`Spide::loss`], [`Spide::rate_gradient`], [`Spide::backward`], [`Spide::gradients`];
//! * [`Trainer`] puts these together: batches over threads, momentum or Adam, weight decay,
//!   schedule, epochs;
//! * [`Spide::equilibrium`] and [`Spide::implicit_backward`] solve the same equations in real
//!   numbers (implicit differentiation): what SPIDE approaches as its stages grow, and
//!   [`convergence`] measures how.
//!
//! Numbers are `f64` for reference or `f32` for training. Work follows spikes. Sums run in a fixed
//! order, whatever the number of threads, and `exp` comes from `libm`, so results are the same on
//! every machine.

mod activity;
mod answer;
mod backward;
mod codes;
mod compiled;
mod converge;
mod cost;
mod descent;
mod events;
mod forward;
mod gradients;
mod implicit;
mod linear;
mod loss;
mod progress;
mod readable;
mod real;
mod sample;
mod settle;
mod touched;
mod train;
mod vector;
mod workspace;

pub use activity::{Rates, rates};
pub use answer::Answer;
pub use backward::BackwardStage;
pub use codes::CODES;
pub use compiled::{answer_f32, answer_f64, epoch_f32};
pub use converge::{Approach, Convergence, ConvergenceError, Reset, convergence, has_equilibrium};
pub use cost::{Cost, Operations};
pub use descent::Buffers;
pub use forward::ForwardStage;
pub use gradients::Reading;
pub use implicit::NoEquilibrium;
pub use loss::sample_loss;
pub use progress::{BatchReport, Diverged, Progress, Score};
pub use readable::Readable;
pub use real::Real;
pub use sample::Sample;
pub use train::{Position, Spent, Trainer};

use linear::{Linear, Norm};
use spidec_ir::network::{Network, PopulationId, Source};
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Parameters};

/// A network with its parameters, ready to read samples.
#[derive(Clone, Debug)]
pub struct Spide<F> {
    network: Network,
    /// One a projection.
    projections: Vec<Linear<F>>,
    readout: Linear<F>,
}

/// Parameters that have not the network's shapes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeMismatch {
    /// Parameters of another number of projections.
    #[error("the network has {wanted} projections, the parameters have {found}")]
    Projections {
        /// Of the parameters.
        found: usize,
        /// Of the network.
        wanted: usize,
    },
    /// A projection, or the readout, of another shape.
    #[error("{layer} needs {} weights and {} biases, not {} and {}", .wanted.0, .wanted.1, .found.0, .found.1)]
    Layer {
        /// The first that differs.
        layer: String,
        /// Weights and biases of the parameters.
        found: (usize, usize),
        /// Weights and biases of the network.
        wanted: (usize, usize),
    },
}

/// What one population did in one step of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationStep<F> {
    /// One a neuron; forward stage 0 or 1, backward stage -1, 0 or 1.
    pub spikes: Vec<i8>,
    /// Membranes as compared with the threshold.
    pub u_pre: Vec<F>,
    /// Membranes after reset and leak.
    pub u: Vec<F>,
}

/// What all populations did in a stage, `[step][population]`.
pub type StageTrace<F> = Vec<Vec<PopulationStep<F>>>;

/// What hears of a stage's steps, one by one: nothing of them is kept.
pub type Hear<'a, F> = &'a mut dyn FnMut(Vec<PopulationStep<F>>);

impl<F: Real> Spide<F> {
    /// A network with parameters, which must have its shapes.
    pub fn new(network: &Network, parameters: &FloatParameters) -> Result<Spide<F>, ShapeMismatch> {
        check_shapes(network, parameters)?;
        let layers = parameters.projections.iter().enumerate();
        Ok(Spide {
            projections: layers
                .map(|(k, layer)| Linear::new(network, k, layer))
                .collect(),
            readout: Linear::new(network, network.projections.len(), &parameters.readout),
            network: network.clone(),
        })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The stored parameters as they are now.
    pub fn parameters(&self) -> FloatParameters {
        Parameters {
            projections: self.projections.iter().map(Linear::layer).collect(),
            readout: self.readout.layer(),
        }
    }

    /// The weights that a layer uses: stored ones standardized and restricted in norm, in their
    /// layout. Layers as in [`Network::layer_name`].
    pub fn used_weights(&self, layer: usize) -> Vec<f64> {
        self.linear(layer).used_weights()
    }

    /// Estimates a layer's norm by these standard normal numbers, `[rows][n]`, instead of its own:
    /// `n` source channels of a transposed convolution, else destinations or their channels.
    pub fn set_norm_probe(&mut self, layer: usize, probe: &[f64]) {
        self.linear_mut(layer).refresh_by(Norm::Estimate(probe));
    }

    /// Restricts a layer's norm by this factor, whatever its norm is.
    pub fn set_norm_factor(&mut self, layer: usize, factor: f64) {
        self.linear_mut(layer).refresh_by(Norm::Factor(factor));
    }

    /// The factor by which a layer's norm is restricted; `None` where it is not.
    pub fn norm_factor(&self, layer: usize) -> Option<f64> {
        self.linear(layer).norm_factor()
    }

    /// A layer as in [`Network::layer_name`].
    fn linear(&self, layer: usize) -> &Linear<F> {
        self.projections.get(layer).unwrap_or(&self.readout)
    }

    /// As [`Spide::linear`], to change.
    fn linear_mut(&mut self, layer: usize) -> &mut Linear<F> {
        self.projections.get_mut(layer).unwrap_or(&mut self.readout)
    }

    /// Projections in declaration order, then the readout.
    fn linears_mut(&mut self) -> impl Iterator<Item = &mut Linear<F>> {
        self.projections.iter_mut().chain([&mut self.readout])
    }

    /// Zeros, one a neuron of each population.
    fn neurons<T: Clone + Default>(&self) -> Vec<Vec<T>> {
        self.network
            .populations
            .iter()
            .map(|p| vec![T::default(); p.shape.size()])
            .collect()
    }

    /// Projections from one population to another: into `destination`, with their sources.
    fn recurrent_into(
        &self,
        destination: PopulationId,
    ) -> impl Iterator<Item = (&Linear<F>, PopulationId)> {
        self.network
            .into_population(destination)
            .filter_map(|(id, projection)| match projection.source {
                Source::Population(source) => Some((&self.projections[id.index()], source)),
                Source::Input => None,
            })
    }
}

/// The first layer whose shape is not the network's, as an error.
fn check_shapes(network: &Network, parameters: &FloatParameters) -> Result<(), ShapeMismatch> {
    let (found, wanted) = (parameters.projections.len(), network.projections.len());
    if found != wanted {
        return Err(ShapeMismatch::Projections { found, wanted });
    }
    let sizes = |layer: &Layer<f64>| (layer.weight.len(), layer.bias.len());
    let zeros = FloatParameters::zeros(network);
    for (index, (found, wanted)) in parameters.layers().zip(zeros.layers()).enumerate() {
        let (found, wanted) = (sizes(found), sizes(wanted));
        if found != wanted {
            let layer = network.layer_name(index);
            return Err(ShapeMismatch::Layer {
                layer,
                found,
                wanted,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
