//! Reading (a) of a network: SPIDE in floating point, with the published semantics.
//!
//! * [`Spide`] holds the parameters and reads one sample at a time: [`Spide::forward`],
//!   [`Spide::loss`], [`Spide::rate_gradient`], [`Spide::backward`], [`Spide::add_gradients`];
//! * [`Trainer`] puts these together: batches, momentum, weight decay, schedule, epochs;
//! * [`Spide::equilibrium`] and [`Spide::implicit_backward`] solve the same equations in real
//!   numbers (implicit differentiation): what SPIDE approaches as its stages grow.
//!
//! Everything is `f64`; sums run in a fixed order and `exp` comes from `libm`, so results are the
//! same on every machine.

mod backward;
mod forward;
mod implicit;
mod learning;
mod loss;
mod train;
mod weights;

pub use backward::BackwardStage;
pub use forward::ForwardStage;
pub use implicit::NoEquilibrium;
pub use loss::sample_loss;
pub use train::{BatchReport, Progress, Score, Trainer};

use spidec_ir::network::{Network, PopulationId, Source};
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Parameters};
use weights::Weights;

/// A network with its parameters, ready to read samples.
#[derive(Clone, Debug)]
pub struct Spide {
    network: Network,
    /// One a projection.
    projections: Vec<Weights>,
    readout: Weights,
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
pub struct PopulationStep {
    /// One a neuron; forward stage 0 or 1, backward stage -1, 0 or 1.
    pub spikes: Vec<i8>,
    /// Membranes as compared with the threshold.
    pub u_pre: Vec<f64>,
    /// Membranes after the reset.
    pub u: Vec<f64>,
}

/// What all populations did in a stage, `[step][population]`.
pub type StageTrace = Vec<Vec<PopulationStep>>;

impl Spide {
    /// A network with parameters, which must have its shapes.
    pub fn new(network: &Network, parameters: &FloatParameters) -> Result<Spide, ShapeMismatch> {
        check_shapes(network, parameters)?;
        let population = |id: PopulationId| network.population(id).shape.size();
        Ok(Spide {
            projections: network
                .projections
                .iter()
                .zip(&parameters.projections)
                .map(|(p, layer)| {
                    let sources = network.source_size(p);
                    Weights::new(layer, sources, network.destination_size(p), p.frozen)
                })
                .collect(),
            readout: Weights::new(
                &parameters.readout,
                population(network.readout.source),
                network.readout.classes as usize,
                network.readout.frozen,
            ),
            network: network.clone(),
        })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The parameters as they are now.
    pub fn parameters(&self) -> FloatParameters {
        Parameters {
            projections: self.projections.iter().map(Weights::layer).collect(),
            readout: self.readout.layer(),
        }
    }

    /// The input values of a sample's integers: each times the input's scale.
    pub fn input_values(&self, sample: &[u8]) -> Vec<f64> {
        let scale = self.network.input.scale.value();
        sample.iter().map(|&v| f64::from(v) * scale).collect()
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
    ) -> impl Iterator<Item = (&Weights, PopulationId)> {
        self.network
            .into_population(destination)
            .filter_map(|(id, projection)| match projection.source {
                Source::Population(source) => Some((&self.projections[id.index()], source)),
                Source::Input => None,
            })
    }

    /// Projections out of `source`, with their destinations.
    fn out_of(&self, source: PopulationId) -> impl Iterator<Item = (&Weights, PopulationId)> {
        self.network
            .out_of_population(source)
            .map(|(id, projection)| (&self.projections[id.index()], projection.destination))
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
