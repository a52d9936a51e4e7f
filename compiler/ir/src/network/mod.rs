//! The Network: what the user meant, checked, with every default explicit.

mod input;
mod operator;
mod training;

pub use input::{Input, Values};
pub use operator::{Init, Operator, Window};
pub use training::{Loss, LossKind, Quirk, Rule, Schedule, Shift, Stage, Training, Update};

use crate::fixed::{Format, Overflow, Rounding};
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// Index of a population in [`Network::populations`], in declaration order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PopulationId(pub u32);

/// Index of a projection in [`Network::projections`], in declaration order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProjectionId(pub u32);

impl PopulationId {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ProjectionId {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A feedback spiking network with its training and its array.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// The network's name, an identifier.
    pub name: String,
    /// The one input.
    pub input: Input,
    /// Populations in declaration order: the order in which a time step handles them.
    pub populations: Vec<Population>,
    /// Projections in declaration order.
    pub projections: Vec<Projection>,
    /// The one readout.
    pub readout: Readout,
    /// How it is trained.
    pub training: Training,
    /// The array it is compiled for.
    pub array: Array,
}

/// The shape of an input or a population: `[n]` or `[height, width, channels]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape(pub Vec<u32>);

impl Shape {
    /// The number of neurons or values: the product of the extents.
    pub fn size(&self) -> usize {
        self.0.iter().map(|&extent| extent as usize).product()
    }

    /// The last extent: the channels of `[height, width, channels]`.
    pub fn channels(&self) -> usize {
        self.0.last().map_or(1, |&extent| extent as usize)
    }

    /// Height and width of `[height, width, channels]`.
    pub fn extents(&self) -> Option<(u32, u32)> {
        match self.0[..] {
            [height, width, _] => Some((height, width)),
            _ => None,
        }
    }
}

/// The neuron model of a population.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Neuron {
    /// Integrate and fire, reset by subtraction.
    IntegrateAndFire,
    /// The same with a leak after the reset.
    Leaky {
        /// What of a membrane is left after a step, above 0 and below 1.
        leak: Number,
        /// Whether the couples leak too.
        leaky_couple: bool,
    },
}

impl Neuron {
    /// What of a neuron's membrane is left after a step.
    pub fn leak(self) -> f64 {
        match self {
            Neuron::IntegrateAndFire => 1.0,
            Neuron::Leaky { leak, .. } => leak.value(),
        }
    }

    /// What of a couple's membrane is left after a step.
    pub fn couple_leak(self) -> f64 {
        match self {
            Neuron::Leaky {
                leak,
                leaky_couple: true,
            } => leak.value(),
            _ => 1.0,
        }
    }
}

/// A set of neurons that fire together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// The population's name.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Its neuron model.
    pub neuron: Neuron,
}

/// Where a projection starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The input.
    Input,
    /// A population.
    Population(PopulationId),
}

/// Which step's spikes a projection carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// This step's: the source stands before the destination.
    Forward,
    /// The previous step's: the source stands at or after the destination.
    Feedback,
}

/// A linear operator from the input or a population to a population, plus a bias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Where it starts.
    pub source: Source,
    /// Where it ends.
    pub destination: PopulationId,
    /// Which step's spikes it carries.
    pub direction: Direction,
    /// The operator.
    pub operator: Operator,
    /// Initial weights; biases start at zero.
    pub init: Init,
    /// Whether it has a bias, as [`Operator::biases`] counts; false where it has no weights.
    pub bias: bool,
    /// Whether training leaves its weights and biases alone; true where it has no weights.
    pub frozen: bool,
    /// The probability with which a destination neuron is cut off for a sample of training.
    pub dropout: Number,
    /// The most that the Frobenius norm of the weights used may be.
    pub max_norm: Option<Number>,
}

impl Projection {
    /// A dense projection without dropout or a restricted norm.
    pub fn dense(source: Source, destination: PopulationId, direction: Direction) -> Projection {
        Projection {
            source,
            destination,
            direction,
            operator: Operator::Dense,
            init: Init::Zeros,
            bias: true,
            frozen: false,
            dropout: 0.0.into(),
            max_norm: None,
        }
    }
}

/// The linear classifier on the rates of its source population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readout {
    /// The readout's name.
    pub name: String,
    /// The number of classes.
    pub classes: u32,
    /// The population whose rates it reads.
    pub source: PopulationId,
    /// Initial weights; biases start at zero.
    pub init: Init,
    /// Whether it has a bias, one a class.
    pub bias: bool,
    /// Whether training leaves its weights and biases alone.
    pub frozen: bool,
}

/// The array block: lanes and number formats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Array {
    /// Lanes, `P`: a power of two from 4 to 32.
    pub lanes: u32,
    /// Weights and biases.
    pub weight: Format,
    /// What happens to a weight that does not fit when it is loaded. Learning saturates always.
    pub weight_overflow: Overflow,
    /// Membranes and currents.
    pub membrane: Format,
    /// The loss's error, the gradient with respect to the logits.
    pub error: Format,
    /// Traces, the weighted spike counts that leaky rates are kept as.
    pub trace: Format,
    /// How a weight update is rounded.
    pub learning: Rounding,
}

impl Network {
    /// A population by its id.
    pub fn population(&self, id: PopulationId) -> &Population {
        &self.populations[id.index()]
    }

    /// Ids of all populations in declaration order.
    pub fn population_ids(&self) -> impl DoubleEndedIterator<Item = PopulationId> + use<> {
        (0..self.populations.len() as u32).map(PopulationId)
    }

    /// Projections into a population, in declaration order.
    pub fn into_population(
        &self,
        id: PopulationId,
    ) -> impl Iterator<Item = (ProjectionId, &Projection)> {
        (0..)
            .map(ProjectionId)
            .zip(&self.projections)
            .filter(move |(_, projection)| projection.destination == id)
    }

    /// Projections out of a population, in declaration order.
    pub fn out_of_population(
        &self,
        id: PopulationId,
    ) -> impl Iterator<Item = (ProjectionId, &Projection)> {
        (0..)
            .map(ProjectionId)
            .zip(&self.projections)
            .filter(move |(_, projection)| projection.source == Source::Population(id))
    }

    /// The shape of a projection's source.
    pub fn source_shape(&self, projection: &Projection) -> &Shape {
        match projection.source {
            Source::Input => &self.input.shape,
            Source::Population(id) => &self.population(id).shape,
        }
    }

    /// The shape of a projection's destination.
    pub fn destination_shape(&self, projection: &Projection) -> &Shape {
        &self.population(projection.destination).shape
    }

    /// The number of source values of a projection.
    pub fn source_size(&self, projection: &Projection) -> usize {
        self.source_shape(projection).size()
    }

    /// The shape of a layer's weights, as [`Operator::weight_shape`]; layers as in
    /// [`Network::layer_name`].
    pub fn weight_shape(&self, layer: usize) -> Vec<usize> {
        match self.projections.get(layer) {
            Some(projection) => projection.operator.weight_shape(
                self.source_shape(projection),
                self.destination_shape(projection),
            ),
            None => {
                let source = self.population(self.readout.source);
                vec![self.readout.classes as usize, source.shape.size()]
            }
        }
    }

    /// The number of a layer's biases, 0 where it has none.
    pub fn biases(&self, layer: usize) -> usize {
        let (bias, count) = match self.projections.get(layer) {
            Some(projection) => (
                projection.bias,
                projection
                    .operator
                    .biases(self.destination_shape(projection)),
            ),
            None => (self.readout.bias, self.readout.classes as usize),
        };
        if bias { count } else { 0 }
    }

    /// The number of destination neurons of a projection.
    pub fn destination_size(&self, projection: &Projection) -> usize {
        self.population(projection.destination).shape.size()
    }

    /// `source -> destination`, as messages name a projection.
    pub fn projection_name(&self, projection: &Projection) -> String {
        let source = match projection.source {
            Source::Input => &self.input.name,
            Source::Population(id) => &self.population(id).name,
        };
        format!(
            "{source} -> {}",
            self.population(projection.destination).name
        )
    }

    /// The name of a layer, projections in declaration order, then the readout.
    pub fn layer_name(&self, layer: usize) -> String {
        match self.projections.get(layer) {
            Some(projection) => self.projection_name(projection),
            None => self.readout.name.clone(),
        }
    }

    /// Whether training leaves a layer alone; layers as in [`Network::layer_name`].
    pub fn is_frozen(&self, layer: usize) -> bool {
        match self.projections.get(layer) {
            Some(projection) => projection.frozen,
            None => self.readout.frozen,
        }
    }

    /// Whether every layer is frozen, so that training changes nothing.
    pub fn is_all_frozen(&self) -> bool {
        (0..=self.projections.len()).all(|layer| self.is_frozen(layer))
    }

    /// Populations whose couples learning needs, in declaration order: those into which a
    /// projection that is not frozen ends, and those that these project to, directly or through
    /// others. The couples of all others change no weight.
    pub fn backward_populations(&self) -> Vec<bool> {
        let mut needed = vec![false; self.populations.len()];
        for projection in &self.projections {
            needed[projection.destination.index()] |= !projection.frozen;
        }
        // A path has fewer edges than there are populations.
        for _ in 1..self.populations.len() {
            for projection in &self.projections {
                if let Source::Population(source) = projection.source {
                    needed[projection.destination.index()] |= needed[source.index()];
                }
            }
        }
        needed
    }

    /// Populations in the order of the backward stage: reverse declaration order, rotated so that
    /// the readout's source comes first (the published ring order).
    pub fn backward_order(&self) -> Vec<PopulationId> {
        let count = self.populations.len() as u32;
        let start = self.readout.source.0;
        (0..count)
            .map(|k| PopulationId((start + count - k) % count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Populations of one neuron; projections as (source, destination, frozen), the input as `None`.
    fn network(count: u32, projections: &[(Option<u32>, u32, bool)]) -> Network {
        let one = || Shape(vec![1]);
        let stage = Stage {
            steps: 1,
            v_th: 1.0.into(),
            u_rest: 0.0.into(),
        };
        let format = Format { bits: 8, frac: 4 };
        Network {
            name: "test".into(),
            input: Input {
                name: "x".into(),
                shape: one(),
                values: Values::scaled(1.0.into()),
            },
            populations: (0..count)
                .map(|k| Population {
                    name: format!("p{k}"),
                    shape: one(),
                    neuron: Neuron::IntegrateAndFire,
                })
                .collect(),
            projections: projections
                .iter()
                .map(|&(source, destination, frozen)| Projection {
                    bias: false,
                    frozen,
                    ..Projection::dense(
                        source.map_or(Source::Input, |k| Source::Population(PopulationId(k))),
                        PopulationId(destination),
                        Direction::Forward,
                    )
                })
                .collect(),
            readout: Readout {
                name: "y".into(),
                classes: 2,
                source: PopulationId(count - 1),
                init: Init::Zeros,
                bias: true,
                frozen: true,
            },
            training: Training {
                forward: stage.clone(),
                backward: stage,
                loss: Loss {
                    kind: LossKind::CrossEntropy,
                    scale: 1.0.into(),
                },
                update: Update {
                    rate: 1.0.into(),
                    batch: 1,
                    weight_decay: 0.0.into(),
                    rule: Rule::Sgd {
                        momentum: 0.0.into(),
                    },
                },
                schedule: Schedule::Constant,
                warm_up: 0,
                augment: None,
                published: Vec::new(),
                seed: 1,
            },
            array: Array {
                lanes: 4,
                weight: format,
                weight_overflow: Overflow::Error,
                membrane: format,
                error: format,
                trace: format,
                learning: Rounding::Nearest,
            },
        }
    }

    #[test]
    fn backward_reaches_the_first_layer_that_learns_and_no_farther() {
        let chain = |frozen: [bool; 4]| {
            let [a, b, c, d] = frozen;
            let chain = [
                (None, 0, a),
                (Some(0), 1, b),
                (Some(1), 2, c),
                (Some(2), 3, d),
            ];
            network(4, &chain).backward_populations()
        };
        assert_eq!(chain([false, true, true, true]), [true; 4]);
        assert_eq!(
            chain([true, true, false, false]),
            [false, false, true, true]
        );
        assert_eq!(chain([true; 4]), [false; 4]);
        // A path against declaration order, and one that feeds back to where nothing learns.
        let back = network(
            3,
            &[
                (None, 2, false),
                (Some(2), 1, true),
                (Some(1), 0, true),
                (None, 1, true),
            ],
        );
        assert_eq!(back.backward_populations(), [true; 3]);
        let side = network(
            3,
            &[(None, 0, true), (Some(0), 1, false), (Some(0), 2, true)],
        );
        assert_eq!(side.backward_populations(), [false, true, false]);
    }

    #[test]
    fn all_frozen_is_readout_and_projections() {
        let mut network = network(1, &[(None, 0, true)]);
        assert!(network.is_all_frozen() && network.is_frozen(0) && network.is_frozen(1));
        assert_eq!(
            (network.layer_name(0), network.layer_name(1)),
            ("x -> p0".into(), "y".into())
        );
        network.readout.frozen = false;
        assert!(!network.is_all_frozen());
        network.readout.frozen = true;
        network.projections[0].frozen = false;
        assert!(!network.is_all_frozen());
    }
}
