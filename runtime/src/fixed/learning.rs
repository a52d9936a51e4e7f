//! Learning after one sample: every weight from the two rates at its ends, counts or traces.

use super::forward::nonzero;
use super::weights::Synapses;
use super::{Backward, FixedEngine, FixedError, FixedState, Outcome};
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, Errors, Format, LearningConstant, Rounding, update};
use spidec_ir::network::{Projection, Source};
use spidec_ir::random::{noise, noise_destination, noise_source};
use spidec_ir::trace::{Clamped, Clamps};

/// The learning constants of one epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
    /// Projections in declaration order, then the readout.
    pub constants: Vec<LearningConstant>,
    /// Those of them that were rounded.
    pub rounded: Vec<RoundedConstant>,
}

/// A learning constant that its register holds only rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundedConstant {
    /// The projection or the readout.
    pub layer: String,
    /// Exact, in weight units for each unit of error and source value.
    pub old: f64,
    /// As used.
    pub new: f64,
}

/// What one training sample did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trained {
    /// Forward stage and readout.
    pub forward: Outcome,
    /// The gradient with respect to the logits, one a class, in the error format.
    pub error: Vec<i32>,
    /// Of the populations whose couples learning needs, [`Network::backward_populations`]; the counts
    /// of all others are 0. `None` where it was certain beforehand that none of them would fire.
    pub backward: Option<Backward>,
    /// Errors that were clamped.
    pub errors: Clamped,
    /// Weights that were clamped.
    pub weights: Clamped,
}

impl Trained {
    /// All that was clamped.
    pub fn clamps(&self) -> Clamps {
        Clamps {
            forward: self.forward.clamped,
            backward: self
                .backward
                .as_ref()
                .map_or(Clamped::default(), |b| b.clamped),
            errors: self.errors,
            weights: self.weights,
        }
    }
}

/// The parts of the noise that depend on an index, for all indices of a network.
#[derive(Clone, Debug)]
pub(super) struct NoiseTables {
    destination: Vec<u32>,
    source: Vec<u32>,
}

impl NoiseTables {
    pub fn of(network: &Network) -> NoiseTables {
        let populations = network.populations.iter().map(|p| p.shape.size());
        let values = populations.chain([network.input.shape.size()]);
        // One more: the bias's source index is the number of sources.
        let sources = values.max().unwrap_or(0) as u32 + 1;
        let largest = sources.max(network.readout.classes);
        NoiseTables {
            destination: (0..largest).map(noise_destination).collect(),
            source: (0..sources).map(noise_source).collect(),
        }
    }
}

/// How the weights of one layer change in one sample.
pub(super) struct Rule<'a> {
    layer: usize,
    constant: LearningConstant,
    rounding: Rounding,
    format: Format,
    noise: u32,
    tables: &'a NoiseTables,
    /// The bias's source value.
    pub one: i32,
}

impl Rule<'_> {
    /// The errors as events, each with its destination's part of the noise.
    pub fn events(&self, errors: &[i32]) -> impl Iterator<Item = Event> {
        let all = errors.iter().zip(&self.tables.destination).enumerate();
        all.map(|(destination, (&error, noise))| Event {
            destination,
            value: self.constant.event(error),
            noise: self.noise ^ noise,
        })
    }

    /// A weight or bias changed by one event and one source value; whether it was clamped.
    #[inline(always)]
    pub fn apply(&self, weight: &mut i32, event: &Event, value: i32, source: usize) -> bool {
        let noise = event.noise ^ self.tables.source[source];
        let shift = self.constant.shift;
        let updated = update(
            *weight,
            event.value,
            value,
            shift,
            noise,
            self.rounding,
            self.format,
        );
        *weight = updated.weight;
        updated.saturated
    }

    fn learn_bias(&self, bias: &mut [i32], events: &[Event], sources: usize) -> Clamped {
        let mut clamped = Clamped::default();
        if !bias.is_empty() {
            for event in events {
                let i = event.destination;
                if self.apply(&mut bias[i], event, self.one, sources) {
                    clamped.add_weight(self.layer, i, sources);
                }
            }
        }
        clamped
    }
}

pub(super) struct Event {
    pub destination: usize,
    value: i32,
    noise: u32,
}

impl FixedEngine {
    /// The learning constants of an epoch, counted from 0.
    ///
    /// # Errors
    /// [`FixedError::Network`] where fixed point cannot train the network, [`FixedError::Rate`] where
    /// a constant does not fit its register in this epoch but did in the first.
    pub fn learning(&self, epoch: u32) -> Result<Learning, FixedError> {
        let obstacles = Constants::learning_obstacles(&self.network);
        if !obstacles.is_empty() {
            return Err(FixedError::Network(obstacles));
        }
        let rate = self.network.training.rate(epoch);
        let mut learning = Learning {
            constants: Vec::new(),
            rounded: Vec::new(),
        };
        let all = LearningConstant::all(&self.network, rate);
        for (index, (constant, exact)) in all.into_iter().enumerate() {
            let layer = self.network.layer_name(index);
            let Some(constant) = constant else {
                return Err(FixedError::Rate {
                    layer,
                    epoch,
                    constant: exact,
                });
            };
            if constant.value() != exact {
                learning.rounded.push(RoundedConstant {
                    layer,
                    old: exact,
                    new: constant.value(),
                });
            }
            learning.constants.push(constant);
        }
        Ok(learning)
    }

    /// Trains one sample with the constants of its epoch.
    ///
    /// # Panics
    /// Where the sample's size is not the input's; [`spidec_data::Dataset::check`] tells before.
    pub fn train_sample(
        &self,
        state: &mut FixedState,
        sample: &[u8],
        label: usize,
        learning: &Learning,
    ) -> Trained {
        let forward = self.infer(&state.weights, sample);
        let Errors {
            values: error,
            clamped: errors,
        } = self.error(&forward.logits, label);
        let mut backward = None;
        let mut weights = Clamped::default();
        // Without an error nothing has a gradient and nothing learns.
        if error.iter().any(|&e| e != 0) {
            let gradient = self.gradient(&state.weights, &error);
            if !self.is_silent(&forward, &gradient) {
                let order = &self.learning_order;
                backward = Some(self.backward(&state.weights, &forward, &gradient, order, |_| ()));
            }
            if !self.network.readout.frozen {
                weights = self.learn_readout(state, &forward, &error, learning);
            }
            if let Some(found) = &backward {
                let projections = self.learn_projections(state, sample, &forward, found, learning);
                weights = weights.then(projections);
            }
        }
        state.samples += 1;
        Trained {
            forward,
            error,
            backward,
            errors,
            weights,
        }
    }

    /// The rule of a layer for the sample that `state` comes to next.
    pub(super) fn rule(&self, state: &FixedState, learning: &Learning, layer: usize) -> Rule<'_> {
        let array = &self.network.array;
        let source = self.network.projections.get(layer).map(|p| p.source);
        Rule {
            layer,
            constant: learning.constants[layer],
            rounding: array.learning,
            format: array.weight,
            noise: noise(self.network.training.seed, state.samples, layer as u32),
            tables: &self.noise,
            one: self.constants.one(&self.network, source),
        }
    }

    fn learn_projections(
        &self,
        state: &mut FixedState,
        sample: &[u8],
        forward: &Outcome,
        backward: &Backward,
        learning: &Learning,
    ) -> Clamped {
        let mut all = Clamped::default();
        let learns = |(_, projection): &(usize, &Projection)| !projection.frozen;
        for (layer, projection) in self.network.projections.iter().enumerate().filter(learns) {
            let rule = self.rule(state, learning, layer);
            let events = rule.events(backward.rates(projection.destination));
            let events: Vec<Event> = events.filter(|event| event.value != 0).collect();
            if events.is_empty() {
                continue;
            }
            // Zero sources change nothing: the noise is less than one unit of the dropped bits.
            let sources = match projection.source {
                Source::Input => nonzero(sample),
                Source::Population(id) => {
                    let all = (0..).zip(forward.rates(id));
                    all.filter(|&(_, n)| n != 0).collect()
                }
            };
            let synapses = &mut state.weights.projections[layer];
            let weights = synapses.learn(&rule, &events, &sources);
            let biases = rule.learn_bias(&mut synapses.bias, &events, synapses.sources);
            all = all.then(weights).then(biases);
        }
        all
    }

    fn learn_readout(
        &self,
        state: &mut FixedState,
        forward: &Outcome,
        error: &[i32],
        learning: &Learning,
    ) -> Clamped {
        let mut clamped = Clamped::default();
        let rule = self.rule(state, learning, self.network.projections.len());
        let rates: Vec<i32> = forward.rates(self.network.readout.source).collect();
        let readout = &mut state.weights.readout;
        let events = rule.events(error);
        let events: Vec<Event> = events.filter(|event| event.value != 0).collect();
        for event in &events {
            let row = &mut readout.weight[event.destination * rates.len()..][..rates.len()];
            for (j, (w, &rate)) in row.iter_mut().zip(&rates).enumerate() {
                if rule.apply(w, event, rate, j) {
                    clamped.add_weight(rule.layer, event.destination, j);
                }
            }
        }
        clamped.then(rule.learn_bias(&mut readout.bias, &events, rates.len()))
    }
}

impl Synapses {
    fn learn(&mut self, rule: &Rule, events: &[Event], sources: &[(u32, i32)]) -> Clamped {
        let mut clamped = Clamped::default();
        for &(j, value) in sources {
            let j = j as usize;
            let column = &mut self.by_source[j * self.destinations..][..self.destinations];
            for event in events {
                let w = &mut column[event.destination];
                if rule.apply(w, event, value, j) {
                    clamped.add_weight(rule.layer, event.destination, j);
                }
                if !self.by_destination.is_empty() {
                    self.by_destination[event.destination * self.sources + j] = *w;
                }
            }
        }
        clamped
    }
}
