//! How wide sums can become, from the formats alone: whatever the weights are, nothing wraps.

use super::{Constants, Leak, forward_one};
use crate::network::{Direction, Network, PopulationId, Source};

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
    let mut inference = Vec::new();
    let mut learning = Vec::new();

    for id in network.population_ids() {
        let name = &network.population(id).name;
        let drive = Drive::of(network, constants, id);
        let neuron = network.population(id).neuron;
        // The sum of a leaky membrane has 64 bits; what is added before it is shifted has not.
        let step = match Leak::of_neuron(neuron) {
            None => membrane + drive.step(),
            Some(_) => (drive.spikes >> constants.weight_shift).max(drive.late),
        };
        inference.push((bits(drive.sum), format!("the input current of {name}")));
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
        let step = match Leak::of_couple(neuron) {
            None => membrane + errors + gradient,
            Some(_) => (errors >> constants.weight_shift).max(gradient),
        };
        learning.push((bits(step), format!("one backward step of {name}")));
    }
    let counts = network.population(network.readout.source).shape.size() as u128 + 1;
    let one = forward_one(network, network.readout.source);
    let logits = counts * u128::from(one.unsigned_abs()) * weight;
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

/// What can arrive at a neuron, in absolute value.
struct Drive {
    /// The input current before it is rounded: the sum of `|W x| + |b|` at the input's scale.
    sum: u128,
    /// The input current.
    current: u128,
    /// Spikes of one step.
    spikes: u128,
    /// Biases of feedback projections, which the first step takes back.
    late: u128,
}

impl Drive {
    fn of(network: &Network, constants: &Constants, id: PopulationId) -> Drive {
        let weight = u128::from(network.array.weight.min().unsigned_abs());
        let one = 1u128 << constants.input_exponent;
        let (mut sources, mut sum, mut late) = (0, 0, 0);
        for (_, projection) in network.into_population(id) {
            match projection.source {
                Source::Input => sum += network.source_size(projection) as u128 * 255,
                Source::Population(_) => sources += network.source_size(projection) as u128,
            }
            let bias = u128::from(projection.bias);
            sum += bias * one;
            late += match projection.direction {
                Direction::Forward => 0,
                Direction::Feedback => bias,
            };
        }
        // Room for the constant that rounds.
        let sum = (sum + one) * weight;
        let current = if constants.input_shift >= 0 {
            (sum >> constants.input_shift) + 1
        } else {
            sum << -constants.input_shift
        };
        Drive {
            sum,
            current,
            spikes: sources * (weight << constants.weight_shift),
            late: late * (weight << constants.weight_shift),
        }
    }

    /// One step: spikes, the current, and a feedback bias that the first step takes back.
    fn step(&self) -> u128 {
        self.spikes + 2 * self.current
    }
}

/// The membrane that a population needs never to clamp in the forward stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembraneNeed {
    /// The population's name.
    pub population: String,
    /// Bits, the sign included.
    pub bits: u32,
}

/// For each population, how wide membranes must be that no weights and inputs make them clamp.
pub fn membrane_bits(network: &Network, constants: &Constants) -> Vec<MembraneNeed> {
    let steps = network.training.forward.steps;
    // A reset can leave the membrane below zero by as much.
    let rest = u128::from(
        (constants.reset - constants.threshold)
            .max(0)
            .unsigned_abs(),
    );
    network
        .population_ids()
        .map(|id| {
            let population = network.population(id);
            let step = Drive::of(network, constants, id).step();
            let most = match Leak::of_neuron(population.neuron) {
                None => u128::from(steps) * step,
                // Rounding adds less than a unit a step.
                Some(leak) => leak.reach(steps).ceil() as u128 * (step + 1),
            };
            MembraneNeed {
                population: population.name.clone(),
                bits: bits(most + rest),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::bits;

    #[test]
    fn bits_hold_both_signs() {
        for (bound, wanted) in [(0, 1), (1, 2), (127, 8), (128, 9), (255, 9)] {
            assert_eq!(bits(bound), wanted, "{bound}");
        }
    }
}
