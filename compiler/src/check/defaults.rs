//! Every default of the language, in one place. `check` begins with these and puts what the file says over them.

use spidec_ir::network::{
    Array, Init, Loss, LossKind, Rule, Schedule, Shift, Stage, Training, Update,
};
use spidec_ir::{Format, Number, Overflow, Rounding};

/// Whether recordings of another height and width are resized to the input's.
pub const RESIZE: bool = false;

/// Bias of a projection or a readout.
pub const BIAS: bool = true;

/// Whether training leaves a projection or a readout alone.
pub const FROZEN: bool = false;

/// Dropout of a projection.
pub const DROPOUT: f64 = 0.0;

/// Whether the couples of leaky neurons leak.
pub const LEAKY_COUPLE: bool = true;

/// The stride of a kernel.
pub const STRIDE: u32 = 1;

/// What a transposed convolution adds below and to the right.
pub const OUTPUT_PAD: u32 = 0;

/// Whether a convolution's weights are standardized.
pub const STANDARDIZE: bool = false;

/// The scale of `kaiming` and `unit`.
pub const INIT_SCALE: f64 = 1.0;

/// Whether `uniform` draws biases too.
pub const INIT_BIAS: bool = false;

/// Bits of the membrane where none are given; its fraction is then the weight's.
pub const MEMBRANE_BITS: u32 = 24;

/// Initial weights of a layer: the deviation at which sums of this many values keep their size.
pub fn init(sources: usize) -> Init {
    Init::Normal {
        std: Number::from(1.0 / (sources as f64).sqrt()),
    }
}

/// The zeros around an image for a kernel: an odd one at a stride of 1 then keeps its size.
pub fn pad(kernel: u32) -> u32 {
    (kernel - 1) / 2
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
        update: sgd(),
        schedule: step(),
        warm_up: 0,
        augment: None,
        published: Vec::new(),
        seed: 1,
    }
}

/// A `shift` without arguments.
pub fn shift() -> Shift {
    Shift {
        pixels: 4,
        mirror: false,
    }
}

/// An `sgd` without arguments.
pub fn sgd() -> Update {
    Update {
        rate: Number::from(0.02),
        batch: 1,
        weight_decay: Number::from(0.0),
        rule: Rule::Sgd {
            momentum: Number::from(0.0),
        },
    }
}

/// An `adam` without arguments.
pub fn adam() -> Update {
    Update {
        rate: Number::from(0.001),
        rule: Rule::Adam {
            beta1: Number::from(0.9),
            beta2: Number::from(0.999),
            epsilon: Number::from(1e-8),
        },
        ..sgd()
    }
}

/// The factor of `milestones`.
pub const MILESTONE_FACTOR: f64 = 0.1;

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
        trace: Format { bits: 15, frac: 6 },
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
