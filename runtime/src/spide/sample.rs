//! What the engine reads: the input of one sample, and what dropout cuts off.

use super::events::{Event, events};
use super::{Real, Spide};
use spidec_ir::network::Values;
use spidec_ir::random::dropped;

/// One sample as a network reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<F> {
    pub(super) input: Signal<F>,
    /// One a projection: one factor a destination neuron, 0 or `1 / (1 - p)`; empty where nothing
    /// is cut off.
    pub(super) dropout: Vec<Vec<F>>,
}

/// The input over time.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Signal<F> {
    /// The same values in every step.
    Constant(Vec<F>),
    /// What arrives in each step, by its events.
    Frames(Vec<Vec<Event<F>>>),
}

impl<F: Real> Sample<F> {
    /// The same values in every step, one for each of the input's.
    pub fn constant(values: Vec<F>) -> Sample<F> {
        Sample {
            input: Signal::Constant(values),
            dropout: Vec::new(),
        }
    }

    /// Values of each step, at least as many steps as the forward stage has.
    pub fn frames(frames: impl IntoIterator<Item = impl AsRef<[F]>>) -> Sample<F> {
        let lists = frames.into_iter().map(|frame| events(frame.as_ref()));
        Sample {
            input: Signal::Frames(lists.collect()),
            dropout: Vec::new(),
        }
    }

    /// The same sample with dropout's factors, one list a projection: empty, or one factor a
    /// destination neuron.
    pub fn with_dropout(self, dropout: Vec<Vec<F>>) -> Sample<F> {
        Sample { dropout, ..self }
    }

    /// The factors of a projection, where it has any.
    pub(super) fn mask(&self, projection: usize) -> Option<&[F]> {
        self.dropout
            .get(projection)
            .map(Vec::as_slice)
            .filter(|mask| !mask.is_empty())
    }
}

impl<F: Real> Spide<F> {
    /// A sample of a dataset's integers, without dropout. An input of events reads the same
    /// integers in every step.
    pub fn sample(&self, integers: &[u8]) -> Sample<F> {
        let values: Vec<F> = self
            .network
            .input
            .values_of(integers)
            .into_iter()
            .map(F::of)
            .collect();
        match self.network.input.values {
            Values::Constant { .. } => Sample::constant(values),
            Values::Events { .. } => {
                let steps = self.network.training.forward.steps as usize;
                Sample::frames(std::iter::repeat_n(values.as_slice(), steps))
            }
        }
    }

    /// Dropout's factors for one sample of an epoch: a function of the network's seed, the epoch,
    /// and the sample's index in its dataset.
    pub fn dropout(&self, epoch: u32, index: u32) -> Vec<Vec<F>> {
        let network = &self.network;
        let factors = network.projections.iter().enumerate().map(|(k, p)| {
            let probability = p.dropout.value();
            if probability == 0.0 {
                return Vec::new();
            }
            let kept = F::of(1.0 / (1.0 - probability));
            let count = network.destination_size(p);
            let seed = network.training.seed;
            dropped(seed, epoch, index, k, probability, count)
                .map(|dropped| if dropped { F::ZERO } else { kept })
                .collect()
        });
        factors.collect()
    }
}
