//! Which words stand where, which arguments they take, which numbers are in range: the check reads values by
//! these, and [`super::reference`] is made from them.

use super::arguments::Range;
use std::ops::RangeInclusive;

/// Words of one place, each with its arguments.
pub type Words = [(&'static str, &'static [&'static str])];

/// An input's value.
pub const INPUT: &Words = &[("constant", &["scale"])];
/// A population's neurons.
pub const NEURON: &Words = &[("if", &[])];
/// A readout.
pub const READOUT: &Words = &[("linear", &["from", "init", "bias", "frozen"])];
/// A projection's operator.
pub const OPERATOR: &Words = &[("dense", &["init", "bias", "frozen"])];
/// Initial weights.
pub const INIT: &Words = &[("normal", &["std"]), ("zeros", &[])];
/// Truth values.
pub const TRUTH: &Words = &[("true", &[]), ("false", &[])];
/// Both stages.
pub const STAGE: &Words = &[("stage", &["steps", "v_th", "u_rest"])];
/// The loss.
pub const LOSS: &Words = &[
    ("cross_entropy", &["scale"]),
    ("mean_squared_error", &["scale"]),
];
/// The update rule.
pub const UPDATE: &Words = &[("sgd", &["rate", "batch", "momentum", "weight_decay"])];
/// The learning rate over epochs.
pub const SCHEDULE: &Words = &[("constant", &[]), ("step", &["every", "factor"])];
/// The weights' format.
pub const WEIGHT: &Words = &[("fixed", &["bits", "frac", "overflow"])];
/// All other formats.
pub const FORMAT: &Words = &[("fixed", &["bits", "frac"])];
/// What becomes of a weight that does not fit when it is loaded.
pub const OVERFLOW: &Words = &[("error", &[]), ("saturate", &[])];
/// The argument of `round`.
pub const ROUNDING: &Words = &[("stochastic", &[]), ("nearest", &[])];

/// Time steps of a stage.
pub const STEPS: RangeInclusive<u64> = 1..=255;
/// Samples of an update, and epochs between two changes of the rate.
pub const COUNT: RangeInclusive<u64> = 1..=u32::MAX as u64;
/// The seed.
pub const SEED: RangeInclusive<u64> = 0..=u64::MAX;
/// Lanes, which are also a power of two.
pub const LANES: RangeInclusive<u64> = 4..=32;
/// Bits and fraction bits of weights.
pub const WEIGHT_BITS: [RangeInclusive<u64>; 2] = [2..=18, 0..=16];
/// Bits and fraction bits of membranes.
pub const MEMBRANE_BITS: [RangeInclusive<u64>; 2] = [4..=28, 0..=24];
/// Bits and fraction bits of errors.
pub const ERROR_BITS: [RangeInclusive<u64>; 2] = [4..=12, 0..=12];

/// Above 0.
pub const POSITIVE: Range = Range {
    text: "above 0",
    holds: |v| v > 0.0,
};
/// At least 0.
pub const NOT_NEGATIVE: Range = Range {
    text: "at least 0",
    holds: |v| v >= 0.0,
};
/// A rest: which threshold it lies below is not known here.
pub const BELOW_THRESHOLD: Range = Range {
    text: "below v_th",
    holds: |_| true,
};
/// Momentum.
pub const MOMENTUM: Range = Range {
    text: "at least 0 and below 1",
    holds: |v| (0.0..1.0).contains(&v),
};
/// A factor of the learning rate.
pub const FACTOR: Range = Range {
    text: "above 0 and at most 1",
    holds: |v| v > 0.0 && v <= 1.0,
};
