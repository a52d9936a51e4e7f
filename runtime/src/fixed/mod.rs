//! SPIDE in fixed point, straight from the Network: the reading that array and hardware must equal.
//!
//! One sample at a time: forward stage, readout, error, backward stage, learning, all in integers
//! as [`spidec_ir::fixed`] defines them. What a sample's result depends on is the network, the
//! weights, the sample and the number of samples trained before; never the layout or the skips here.
//!
//! * [`FixedEngine`] is what a network compiles to: constants and wiring, nothing that changes;
//! * [`FixedState`] is what training changes: weights and the number of samples;
//! * [`FixedEngine::infer`] and [`FixedEngine::train_sample`] do one sample,
//!   [`FixedEngine::evaluate`] and [`FixedEngine::train_epoch`] many;
//! * [`FixedEngine::forward_trace`] and [`FixedEngine::train_trace`] keep every number: the witness.

mod backward;
mod forward;
mod learning;
mod samples;
mod trace;
mod weights;

pub use backward::{Backward, BackwardTrace};
pub use forward::Outcome;
pub use learning::{Learning, RoundedConstant, Trained};
pub use samples::{ClampedSamples, Done, Evaluation};
pub use weights::{FixedState, Weights};

use spidec_data::DataError;
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, Leak, Obstacle, Rounded, SOFTMAX_ENTRIES, softmax_table};
use spidec_ir::network::{PopulationId, Source};

/// Why a network, its parameters or its samples cannot run in fixed point.
#[derive(Debug, thiserror::Error)]
pub enum FixedError {
    /// The network's constants do not exist: all the reasons.
    #[error("the network cannot run in fixed point: {}", list(.0))]
    Network(Vec<Obstacle>),
    /// A layer's learning constant does not fit its register in an epoch.
    #[error(
        "the learning rate of epoch {epoch} is too large for {layer}: {constant} weight units for each unit of error and source"
    )]
    Rate {
        /// The projection or the readout.
        layer: String,
        /// Counted from 0.
        epoch: u32,
        /// The constant that does not fit.
        constant: f64,
    },
    /// Parameters of other shapes than the network's.
    #[error("the parameters have other shapes than the network")]
    Shapes,
    /// A parameter outside the weight format.
    #[error("{layer} has a parameter of {value} units, outside the weight format")]
    Weight {
        /// The projection or the readout.
        layer: String,
        /// The first such parameter.
        value: i32,
    },
    /// A sample of another size than the input, or a label that is no class.
    #[error(transparent)]
    Samples(#[from] DataError),
}

fn list(obstacles: &[Obstacle]) -> String {
    let texts: Vec<String> = obstacles.iter().map(Obstacle::to_string).collect();
    texts.join("; ")
}

/// A network made ready for fixed point.
#[derive(Clone, Debug)]
pub struct FixedEngine {
    network: Network,
    constants: Constants,
    rounded: Vec<Rounded>,
    /// One a population, in declaration order.
    wiring: Vec<Wiring>,
    backward_order: Vec<PopulationId>,
    /// Those of them whose couples learning needs.
    learning_order: Vec<PopulationId>,
    softmax: [u32; SOFTMAX_ENTRIES],
    noise: learning::NoiseTables,
}

/// The leaks of one population, and the projections at it, by index into the network's.
#[derive(Clone, Debug)]
struct Wiring {
    size: usize,
    leak: Option<Leak>,
    couple_leak: Option<Leak>,
    /// From the input.
    inputs: Vec<usize>,
    /// From populations, with the source.
    arrivals: Vec<(usize, PopulationId)>,
    /// To populations, with the destination.
    departures: Vec<(usize, PopulationId)>,
}

impl FixedEngine {
    /// Prepares a network whose projections agree with declaration order, as `check` demands.
    ///
    /// # Errors
    /// [`FixedError::Network`] with all obstacles of the forward stage; those of learning are
    /// [`FixedEngine::learning`]'s.
    pub fn new(network: &Network) -> Result<FixedEngine, FixedError> {
        let (constants, rounded) = Constants::of(network).map_err(FixedError::Network)?;
        let wiring = network
            .population_ids()
            .map(|id| {
                let population = network.population(id);
                let mut wiring = Wiring {
                    size: population.shape.size(),
                    leak: Leak::of_neuron(population.neuron),
                    couple_leak: Leak::of_couple(population.neuron),
                    inputs: Vec::new(),
                    arrivals: Vec::new(),
                    departures: Vec::new(),
                };
                for (projection, p) in network.into_population(id) {
                    match p.source {
                        Source::Input => wiring.inputs.push(projection.index()),
                        Source::Population(s) => wiring.arrivals.push((projection.index(), s)),
                    }
                }
                for (projection, p) in network.out_of_population(id) {
                    wiring.departures.push((projection.index(), p.destination));
                }
                wiring
            })
            .collect();
        let needed = network.backward_populations();
        let mut learning_order = network.backward_order();
        learning_order.retain(|id| needed[id.index()]);
        Ok(FixedEngine {
            constants,
            rounded,
            wiring,
            backward_order: network.backward_order(),
            learning_order,
            softmax: softmax_table(),
            noise: learning::NoiseTables::of(network),
            network: network.clone(),
        })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The integers that its constants became.
    pub fn constants(&self) -> &Constants {
        &self.constants
    }

    /// Constants that were rounded.
    pub fn rounded(&self) -> &[Rounded] {
        &self.rounded
    }
}
