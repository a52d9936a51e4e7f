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

/// The table of defaults: the place of each, and what stands there if nothing is written.
///
/// ```
/// for (place, default) in spidec_compiler::check::defaults::table() {
///     println!("{place:40} {default}");
/// }
/// ```
pub fn table() -> Vec<(&'static str, String)> {
    let (training, array) = (training(), array());
    let sgd = &training.update;
    let row = |place: &'static str, default: &str| (place, default.to_string());
    vec![
        row(
            "dense(init)",
            "normal(std = 1 / sqrt(number of source values))",
        ),
        row("dense(bias)", &BIAS.to_string()),
        row("dense(frozen)", &FROZEN.to_string()),
        row(
            "linear(init)",
            "normal(std = 1 / sqrt(number of source neurons))",
        ),
        row("linear(bias)", &BIAS.to_string()),
        row("linear(frozen)", &FROZEN.to_string()),
        row("stage(u_rest)", "-v_th"),
        row("membrane = fixed(frac)", "the weight's"),
        row("forward_stage", &training.forward.to_string()),
        row("backward_stage", &training.backward.to_string()),
        row(
            "loss",
            &format!("cross_entropy(scale = {})", training.loss.scale),
        ),
        row(
            "update",
            &format!(
                "sgd(rate = {}, batch = {}, momentum = {}, weight_decay = {})",
                sgd.rate, sgd.batch, sgd.momentum, sgd.weight_decay
            ),
        ),
        row("schedule", "step(every = 1, factor = 0.5)"),
        row("seed", &training.seed.to_string()),
        row("lanes", &array.lanes.to_string()),
        row(
            "weight",
            &array.weight.to_string().replace(')', ", overflow = error)"),
        ),
        row("membrane", &array.membrane.to_string()),
        row("error", &array.error.to_string()),
        row("learning", "round(stochastic)"),
    ]
}
