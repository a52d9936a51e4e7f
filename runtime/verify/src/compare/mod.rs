//! Compares what fixed-point engine, array engine and hardware did for one sample.

mod counters;
mod inference;
mod kind;
mod mismatch;
mod pass;
mod steps;
mod training;

pub use kind::Kind;
pub use mismatch::Mismatch;

use pass::Pass;
use spidec_ir::ArrayProgram;
use spidec_ir::FixedParameters;
use spidec_ir::trace::{ArrayTrace, Clamped, Clamps, ForwardTrace, TrainingTrace};
use std::collections::BTreeMap;

/// The outcome of comparing one or more samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many values of each kind were compared.
    pub compared: BTreeMap<Kind, u64>,
    /// How many of each kind differed.
    pub differing: BTreeMap<Kind, u64>,
    /// The first difference, in the order of time.
    pub first: Option<Mismatch>,
}

impl Comparison {
    /// Values that differed.
    pub fn mismatches(&self) -> u64 {
        self.differing.values().sum()
    }

    /// Compares one inference and adds what it finds.
    pub fn add(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        fixed: &ForwardTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let mut pass = Pass {
            comparison: self,
            sample,
            program,
        };
        pass.forward(fixed, array, hardware);
        pass.records(None, array, hardware);
        let clamps = Clamps {
            forward: Clamped {
                count: fixed.saturations,
                first: fixed.first_saturation,
            },
            ..Clamps::default()
        };
        pass.counters(&clamps, array, hardware);
    }

    /// Compares one training sample, but for the weights that it leaves.
    pub fn add_training(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        fixed: &TrainingTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let mut pass = Pass {
            comparison: self,
            sample,
            program,
        };
        pass.forward(&fixed.forward, array, hardware);
        pass.masks(fixed, array, hardware);
        pass.errors(fixed, array, hardware);
        pass.backward(fixed, array, hardware);
        pass.counters(&fixed.clamps, array, hardware);
    }

    /// Compares all weights and biases after a sample.
    pub fn add_weights(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        fixed: &FixedParameters,
        array: &FixedParameters,
        hardware: &FixedParameters,
    ) {
        let mut pass = Pass {
            comparison: self,
            sample,
            program,
        };
        pass.weights(fixed, array, hardware);
    }
}
