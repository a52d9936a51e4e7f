//! How wide sums can become, from the formats alone: whatever the weights are, nothing wraps.

use super::Constants;
use crate::network::{Network, Source};

/// Bits of the widest accumulator an array can have.
pub const MAX_ACCUMULATOR_BITS: u32 = 32;

/// The accumulator that each part of the work needs, in bits, and what needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Forward stage, input current and readout.
    pub inference: (u32, String),
    /// Backward stage and error injection.
    pub learning: (u32, String),
}

impl Bounds {
    /// The wider of both.
    pub fn widest(&self) -> (u32, String) {
        if self.learning.0 > self.inference.0 {
            self.learning.clone()
        } else {
            self.inference.clone()
        }
    }
}

/// Bits of a signed integer that holds `-bound..=bound`.
fn bits(bound: u128) -> u32 {
    129 - bound.leading_zeros()
}

/// The accumulators a network needs. Sums are bounded by the largest weight of the format times
/// the number of sources, so the answer holds for every set of weights.
pub fn accumulator_bits(network: &Network, constants: &Constants) -> Bounds {
    let largest = |format: super::Format| format.min().unsigned_abs() as u128;
    let weight = largest(network.array.weight);
    let membrane = largest(network.array.membrane);
    let aligned = weight << constants.weight_shift;
    let one = 1u128 << constants.input_exponent;
    let mut inference = Vec::new();
    let mut learning = Vec::new();

    for id in network.population_ids() {
        let name = &network.population(id).name;
        let mut recurrent = 0; // weights that can arrive in one step
        let mut current = 0; // sum of |W x| + |b| at the input's scale
        for (_, projection) in network.into_population(id) {
            match projection.source {
                Source::Input => current += network.source_size(projection) as u128 * 255,
                Source::Population(_) => recurrent += network.source_size(projection) as u128,
            }
            current += u128::from(projection.bias) * one;
        }
        // The constant that rounds is at most half of `one` times the weight's unit, and `one` more.
        let current = (current + one) * weight;
        let shifted = if constants.input_shift >= 0 {
            (current >> constants.input_shift) + 1
        } else {
            current << -constants.input_shift
        };
        let step = membrane + recurrent * aligned + 2 * shifted;
        inference.push((bits(current), format!("the input current of {name}")));
        inference.push((bits(step), format!("one step of {name}")));

        let errors: u128 = network
            .out_of_population(id)
            .map(|(_, p)| network.destination_size(p) as u128 * aligned)
            .sum();
        let gradient = if network.readout.source == id {
            let error = largest(network.array.error) * constants.gradient_mantissa as u128;
            let sum = weight * error * (u128::from(network.readout.classes) + 1);
            learning.push((bits(sum), format!("the gradient of {name}")));
            if constants.gradient_shift >= 0 {
                (sum >> constants.gradient_shift) + 1
            } else {
                sum << -constants.gradient_shift
            }
        } else {
            0
        };
        let step = membrane + errors + gradient;
        learning.push((bits(step), format!("one backward step of {name}")));
    }
    let counts = network.population(network.readout.source).shape.size() as u128 + 1;
    let logits = counts * u128::from(network.training.forward.steps) * weight;
    inference.push((
        bits(logits),
        format!("the logits of {}", network.readout.name),
    ));

    let widest = |all: Vec<(u32, String)>| all.into_iter().max_by_key(|b| b.0).unwrap_or_default();
    Bounds {
        inference: widest(inference),
        learning: widest(learning),
    }
}
