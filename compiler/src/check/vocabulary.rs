//! Which words stand where, which arguments they take, which numbers are in range: the check reads values by
//! these, and [`super::reference`] is made from them.

use super::arguments::Range;
use super::shapes::MAX_SIZE;
use spidec_ir::fixed::EVENT_BITS;
use std::ops::RangeInclusive;

/// Words of one place, each with its arguments.
pub type Words = [(&'static str, &'static [&'static str])];

/// An input's value.
pub const INPUT: &Words = &[
    ("constant", &["scale", "mean", "std"]),
    ("events", &["resize"]),
];
/// A population's neurons.
pub const NEURON: &Words = &[("if", &[]), ("lif", &["leak", "couple"])];
/// The neurons of couples.
pub const COUPLE: &Words = &[("lif", &[]), ("if", &[])];
/// A readout.
pub const READOUT: &Words = &[("linear", &["from", "init", "bias", "frozen"])];
/// A projection's operator.
pub const OPERATOR: &Words = &[
    ("dense", &["init", "bias", "frozen", "dropout", "max_norm"]),
    (
        "conv",
        &[
            "kernel",
            "stride",
            "pad",
            "standardize",
            "channels",
            "init",
            "bias",
            "frozen",
            "dropout",
            "max_norm",
        ],
    ),
    (
        "conv_transpose",
        &[
            "kernel",
            "stride",
            "pad",
            "output_pad",
            "channels",
            "init",
            "bias",
            "frozen",
            "dropout",
            "max_norm",
        ],
    ),
    ("avg_pool", &["size"]),
    ("zero", &[]),
];
/// Initial weights.
pub const INIT: &Words = &[
    ("normal", &["std"]),
    ("uniform", &["bound", "bias"]),
    ("kaiming", &["scale"]),
    ("unit", &["scale"]),
    ("zeros", &[]),
];
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
pub const UPDATE: &Words = &[
    ("sgd", &["rate", "batch", "momentum", "weight_decay"]),
    (
        "adam",
        &["rate", "batch", "beta1", "beta2", "epsilon", "weight_decay"],
    ),
];
/// The learning rate over epochs.
pub const SCHEDULE: &Words = &[
    ("constant", &[]),
    ("step", &["every", "factor"]),
    ("milestones", &["at", "factor"]),
    ("cosine", &["epochs"]),
];
/// How pictures are varied in training.
pub const AUGMENT: &Words = &[("none", &[]), ("shift", &["pixels", "mirror"])];
/// All or nothing of what the published code does in a way of its own; else it is a list of names.
pub const PUBLISHED: &Words = &[("none", &[]), ("all", &[])];
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
/// Sides of kernels and squares, distances.
pub const SIDE: RangeInclusive<u64> = 1..=1024;
/// Channels.
pub const CHANNELS: RangeInclusive<u64> = 1..=MAX_SIZE;
/// Updates while training warms up.
pub const WARM_UP: RangeInclusive<u64> = 0..=u32::MAX as u64;
/// Pixels of a shift.
pub const SHIFT: RangeInclusive<u64> = 0..=MAX_SIZE;
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
/// Bits and fraction bits of traces: weights are multiplied by them.
pub const TRACE_BITS: [RangeInclusive<u64>; 2] = [4..=EVENT_BITS as u64, 0..=16];

/// Any number.
pub const ANY: Range = Range {
    text: "of any size",
    holds: |_| true,
};
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
/// What a step keeps of what came before it.
pub const MOMENTUM: Range = Range {
    text: "at least 0 and below 1",
    holds: |v| (0.0..1.0).contains(&v),
};
/// A probability of dropout.
pub const DROPOUT: Range = MOMENTUM;
/// A leak: 1 would be no leak, 0 no memory.
pub const LEAK: Range = Range {
    text: "above 0 and below 1",
    holds: |v| v > 0.0 && v < 1.0,
};
/// A factor of the learning rate.
pub const FACTOR: Range = Range {
    text: "above 0 and at most 1",
    holds: |v| v > 0.0 && v <= 1.0,
};
