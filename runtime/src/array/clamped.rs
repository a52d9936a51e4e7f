//! Numbers that were clamped over many samples.

use crate::fixed::ClampedSamples;
use spidec_ir::program::ArrayProgram;
use spidec_ir::trace::{ArrayClamps, Clamped, Counters};

/// What the array, or hardware, clamped over many samples. It counts membranes of both stages together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClampedOnArray {
    /// Membranes.
    pub membranes: ClampedSamples,
    /// The first of them is of the backward stage.
    pub backward: bool,
    /// Errors.
    pub errors: ClampedSamples,
    /// Weights and biases.
    pub weights: ClampedSamples,
}

impl ClampedOnArray {
    /// Adds a sample, by its number.
    pub fn add(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        counters: &Counters,
        clamps: &ArrayClamps,
    ) {
        if self.membranes.first.is_none() {
            self.backward = clamps.membrane.is_some_and(|clamp| clamp.backward);
        }
        let membranes = Clamped {
            count: counters.saturations,
            first: clamps.membrane.and_then(|c| program.membrane_place(&c)),
        };
        let errors = Clamped {
            count: counters.error_saturations,
            first: clamps.error,
        };
        let weights = Clamped {
            count: counters.weight_saturations,
            first: clamps.weight.and_then(|c| program.weight_place(&c)),
        };
        self.membranes.add(sample, membranes);
        self.errors.add(sample, errors);
        self.weights.add(sample, weights);
    }
}
