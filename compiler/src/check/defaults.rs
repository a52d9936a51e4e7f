//! Every default of the language, in one place. `check` begins with these and puts what the file says over them.

use spidec_ir::network::{Array, Init, Loss, LossKind, Schedule, Sgd, Stage, Training};
use spidec_ir::{Format, Number, Overflow, Rounding};

/// Bias of a projection or a readout.
pub const BIAS: bool = true;

/// Whether training leaves a projection or a readout alone.
pub const FROZEN: bool = false;

/// Bits of the membrane where none are given; its fraction is then the weight's.
pub const MEMBRANE_BITS: u32 = 24;

/// Initial weights of a layer: the deviation at which sums of this many values keep their size.
pub fn init(sources: usize) -> Init {
    Init::Normal {
        std: Number::from(1.0 / (sources as f64).sqrt()),
    }
}

/// A stage's rest for a threshold: the published modified reset, by which rates are rounded and not floored.
pub fn rest(v_th: Number) -> Number {
    -v_th
}

/// The training block.
pub fn training() -> Training {
    let stage = |steps, v_th: f64| Stage {
        steps,
        v_th: Number::from(v_th),
        u_rest: rest(Number::from(v_th)),
    };
    Training {
        forward: stage(16, 1.0),
        backward: stage(32, 0.5),
        loss: Loss {
            kind: LossKind::CrossEntropy,
            scale: Number::from(1.0),
        },
        update: Sgd {
            rate: Number::from(0.02),
            batch: 1,
            momentum: Number::from(0.0),
            weight_decay: Number::from(0.0),
        },
        schedule: step(),
        seed: 1,
    }
}

/// A `step` without arguments.
pub fn step() -> Schedule {
    Schedule::Step {
        every: 1,
        factor: Number::from(0.5),
    }
}

/// The array block.
pub fn array() -> Array {
    let weight = Format { bits: 12, frac: 9 };
    Array {
        lanes: 16,
        weight,
        weight_overflow: Overflow::Error,
        membrane: membrane(weight),
        error: Format { bits: 10, frac: 8 },
        learning: Rounding::Stochastic,
    }
}

/// The membrane's format for a weight format.
pub fn membrane(weight: Format) -> Format {
    Format {
        bits: MEMBRANE_BITS,
        frac: weight.frac,
    }
}
