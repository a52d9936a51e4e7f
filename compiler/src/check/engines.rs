//! Which engines can execute a network: the obstacles of fixed point and of the array's size, each at
//! its place in the file.

use super::places::{Places, SourceLines};
use crate::diagnostics::{Code, Diagnostic};
use crate::lower::{self, Purpose, TooLarge};
use spidec_ir::Format;
use spidec_ir::fixed::{
    Constants, EVENT_BITS, MAX_ACCUMULATOR_BITS, Obstacle, Rounded, array_obstacles,
};
use spidec_ir::network::Network;

/// Something that executes a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SPIDE in floating point: executes every network that is accepted.
    Float,
    /// SPIDE in fixed point, forward stage and readout.
    Fixed,
    /// The array, in software and in hardware.
    Array,
    /// SPIDE in fixed point, learning included.
    FixedTraining,
    /// The array, learning included.
    ArrayTraining,
}

/// Why engines cannot execute a network; empty where they can.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engines {
    /// Reasons of the fixed-point engine.
    pub fixed: Vec<Diagnostic>,
    /// Reasons of the array.
    pub array: Vec<Diagnostic>,
    /// Reasons of training in fixed point.
    pub training: Vec<Diagnostic>,
    /// Reasons of training on the array.
    pub array_training: Vec<Diagnostic>,
}

impl Engines {
    /// The reasons of one engine.
    pub fn obstacles(&self, engine: Engine) -> &[Diagnostic] {
        match engine {
            Engine::Float => &[],
            Engine::Fixed => &self.fixed,
            Engine::Array => &self.array,
            Engine::FixedTraining => &self.training,
            Engine::ArrayTraining => &self.array_training,
        }
    }

    /// Whether an engine can execute the network.
    pub fn accepts(&self, engine: Engine) -> bool {
        self.obstacles(engine).is_empty()
    }
}

/// Engines of a network, and the numbers that fixed point rounds (none where it cannot execute it).
pub fn of(network: &Network, places: &Places, lines: &SourceLines) -> (Engines, Vec<Diagnostic>) {
    let diagnostics = |obstacles: &[Obstacle], does: &str| -> Vec<Diagnostic> {
        let reasons = obstacles
            .iter()
            .map(|obstacle| error(network, places, obstacle, does));
        let mut reasons: Vec<Diagnostic> = reasons.collect();
        crate::diagnostics::sort(&mut reasons);
        reasons
    };
    let sizes = |constants: &Constants, purpose: Purpose| -> Vec<Diagnostic> {
        let reasons = lower::too_large(network, lines, constants, purpose);
        let reasons = reasons.iter().map(|r| too_large(network, places, r));
        reasons.collect()
    };
    let (rounded, inference, mut array, mut learning) = match Constants::of(network) {
        Ok((constants, rounded)) => {
            let array = sizes(&constants, Purpose::Inference);
            let learning = sizes(&constants, Purpose::Learning);
            (rounded, Vec::new(), array, learning)
        }
        Err(obstacles) => {
            let reasons = diagnostics(&obstacles, "execute");
            (Vec::new(), reasons.clone(), reasons, Vec::new())
        }
    };
    let lacks = diagnostics(&array_obstacles(network), "execute");
    array.extend(lacks.iter().cloned());
    learning.extend(lacks);
    crate::diagnostics::sort(&mut array);
    let mut training = inference.clone();
    training.extend(diagnostics(
        &Constants::learning_obstacles(network),
        "train",
    ));
    crate::diagnostics::sort(&mut training);
    learning.extend(training.iter().cloned());
    crate::diagnostics::sort(&mut learning);
    let engines = Engines {
        fixed: inference,
        array,
        training,
        array_training: learning,
    };
    (
        engines,
        rounded.iter().map(|r| warning(places, r)).collect(),
    )
}

fn error(network: &Network, places: &Places, obstacle: &Obstacle, does: &str) -> Diagnostic {
    let weight = network.array.weight;
    let (code, paths, label, help): (Code, &[&str], String, String) = match obstacle {
        Obstacle::Feature {
            place,
            what,
            training,
        } => return feature(places, place, what, *training),
        Obstacle::InputScale(scale) => (
            Code::InputScale,
            &["input.scale", "input"],
            "must be a power of two from 1/16384 to 1".into(),
            format!("write `scale = 1/{}`", nearest_power(*scale)),
        ),
        Obstacle::Threshold {
            what,
            value,
            format,
        } => (
            Code::ThresholdFormat,
            stage_paths(what),
            format!("does not fit {format}"),
            threshold_help(*value, *format),
        ),
        Obstacle::MembraneFraction(most) => (
            Code::MembraneFraction,
            &["membrane.frac", "membrane", "weight.frac", "weight", "array", "network"],
            format!("must be from {} to {}", weight.frac, weight.frac + most),
            format!("leave `frac` out of the membrane to take the weight's, {}", weight.frac),
        ),
        Obstacle::GradientScale(_) => (
            Code::GradientScale,
            &["loss.scale", "loss", "backward_stage", "forward_stage", "training", "network"],
            "makes the factor too large or too small".into(),
            "bring the loss scale towards 1, or the thresholds of both stages towards each other; or use the floating-point engine".into(),
        ),
        Obstacle::GradientShift(_) => (
            Code::GradientScale,
            &["error.frac", "error", "loss.scale", "loss", "membrane", "array", "network"],
            "too fine for the membrane".into(),
            "take fewer fraction bits for error or weight, more for the membrane, or a larger loss scale".into(),
        ),
        Obstacle::Accumulator { what, .. } if what.contains("gradient") => (
            Code::Accumulator,
            &["error", "loss.scale", "loss", "weight", "array", "network"],
            format!("sums must fit {MAX_ACCUMULATOR_BITS} bits"),
            "take fewer bits for the error or the weight, or fewer classes".into(),
        ),
        Obstacle::Accumulator { what, .. } if what.contains("logits") => (
            Code::Accumulator,
            &["trace", "weight", "array", "network"],
            format!("sums must fit {MAX_ACCUMULATOR_BITS} bits"),
            "take fewer bits for the weight, fewer fraction bits for the trace where what is read leaks, or a smaller population to read".into(),
        ),
        Obstacle::Accumulator { .. } => (
            Code::Accumulator,
            &["membrane", "weight", "array", "network"],
            format!("sums must fit {MAX_ACCUMULATOR_BITS} bits"),
            "take fewer bits for the membrane or the weight, fewer fraction bits for the membrane, or smaller populations".into(),
        ),
        Obstacle::Event { what, .. } => (
            Code::EventRange,
            if what.contains("error") {
                &["error.bits", "error", "loss.scale", "loss", "array", "network"]
            } else if what.contains("backward") {
                &["backward_stage.steps", "backward_stage", "network"]
            } else if what.contains("input") {
                &["input.scale", "input"]
            } else {
                &["forward_stage.steps", "forward_stage", "network"]
            },
            format!("must fit {EVENT_BITS} bits"),
            "take fewer bits for the error, or a loss scale and thresholds whose factor is a power of two".into(),
        ),
        Obstacle::Trace { population, format, .. } => {
            let population = format!("population.{}", population.index());
            let paths = ["trace.frac", "trace", &population];
            return Diagnostic::new(
                Code::EventRange,
                places.find(&paths),
                format!("fixed point cannot {does} this network: {obstacle}"),
                format!("must fit {format}"),
                "take more bits or fewer fraction bits for the trace; the default holds every one",
            );
        }
        Obstacle::Rate(_) => (
            Code::RateTooLarge,
            &["update.rate", "update", "training", "network"],
            "does not fit the learning register".into(),
            "make the rate smaller, or the loss scale larger".into(),
        ),
        Obstacle::Batch(_) => (
            Code::Batch,
            &["update.batch", "update"],
            "must be 1 to train in fixed point".into(),
            "write `batch = 1`, or train in floating point".into(),
        ),
        Obstacle::Momentum => (
            Code::Momentum,
            &["update.momentum", "update"],
            "must be 0 to train in fixed point".into(),
            "write `momentum = 0`, or train in floating point".into(),
        ),
        Obstacle::WeightDecay => (
            Code::WeightDecay,
            &["update.weight_decay", "update"],
            "must be 0 to train in fixed point".into(),
            "write `weight_decay = 0`, or train in floating point".into(),
        ),
    };
    let message = format!("fixed point cannot {does} this network: {obstacle}");
    Diagnostic::new(code, places.find(paths), message, label, help)
}

/// The error of something that fixed point, or the array, has not; `place` as in [`Obstacle::Feature`].
fn feature(places: &Places, place: &str, what: &str, training: bool) -> Diagnostic {
    let argument = match what {
        "mean or deviation of the input" => ["mean", "std"],
        "dropout" => ["dropout"; 2],
        "restricted norm" => ["max_norm"; 2],
        _ => [""; 2],
    };
    let arguments = argument.map(|argument| format!("{place}.{argument}"));
    let setting = match what {
        "warm-up" => "warm_up",
        "augmentation" => "augment",
        "masks of weighted rates" => "published",
        _ => place,
    };
    let paths = [&arguments[0], &arguments[1], setting, "training", "network"];
    let (who, needs, label, instead) = match (training, what) {
        (true, _) => (
            "fixed point",
            "which training this network needs",
            "floating point only",
            "do without, or train in floating point: `--engine float`",
        ),
        (false, "leak") => (
            "the array",
            "which this network needs",
            "not on the array",
            "use an engine that has one: `--engine fixed` or `--engine float`",
        ),
        (false, _) => (
            "fixed point",
            "which this network needs",
            "floating point only",
            "use the floating-point engine, which executes every network: `--engine float`",
        ),
    };
    Diagnostic::new(
        Code::Feature,
        places.find(&paths),
        format!("{who} has no {what}, {needs}"),
        label,
        instead,
    )
}

fn too_large(network: &Network, places: &Places, reason: &TooLarge) -> Diagnostic {
    let (code, paths, label, help): (Code, Vec<String>, String, String) = match reason {
        TooLarge::LossUnit { unit, .. } => (
            Code::LossUnit,
            ["error", "array", "loss", "training", "network"].map(String::from).into(),
            "too narrow or too fine for the loss unit".into(),
            match unit {
                Some(_) => "take fewer bits for the error, fewer fraction bits for the weight, or fewer steps or classes",
                None => "give the error a bit before the point for cross-entropy, two for the mean squared error",
            }
            .into(),
        ),
        TooLarge::Weights {
            layer, of_layer, ..
        } => (
            Code::WeightWords,
            match layer {
                k if *k < network.projections.len() => vec![format!("projection.{k}")],
                _ => vec!["readout".into()],
            },
            format!("{of_layer} words"),
            "take smaller populations or fewer projections; a destination whose size is a multiple of the lanes wastes no words".into(),
        ),
        TooLarge::States {
            lanes, population, ..
        } => (
            Code::StateChunks,
            vec![format!("population.{}", population.index())],
            format!("{} chunks", network.population(*population).shape.size().div_ceil(*lanes as usize)),
            "take smaller populations, or more lanes (up to 32): a chunk is one neuron a lane".into(),
        ),
        TooLarge::Instructions(_) => (
            Code::ProgramLength,
            vec!["network".into()],
            format!(
                "{} populations, {} projections",
                network.populations.len(),
                network.projections.len()
            ),
            "put populations together, or leave projections or their biases out".into(),
        ),
    };
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let message = format!("the array cannot execute this network: {reason}");
    Diagnostic::new(code, places.find(&paths), message, label, help)
}

fn threshold_help(value: f64, format: Format) -> String {
    let bits = (2..=26).find(|&bits| Format { bits, ..format }.contains(format.nearest(value)));
    match bits {
        _ if value * format.unit() < 0.5 => {
            "give the membrane more fraction bits (up to 8 more than the weight), or make the threshold larger".into()
        }
        Some(bits) => format!(
            "it takes {bits} bits; with room for sums: `membrane = fixed(bits = {}, frac = {})`",
            bits + 2,
            format.frac
        ),
        None => "make the threshold smaller, or take fewer fraction bits for weight and membrane".into(),
    }
}

fn warning(places: &Places, rounded: &Rounded) -> Diagnostic {
    let Rounded {
        what,
        population,
        old,
        new,
    } = rounded;
    let place = match population {
        None => places.find(stage_paths(what)),
        Some(id) => {
            let population = format!("population.{}", id.index());
            places.find(&[&format!("{population}.leak"), &population])
        }
    };
    Diagnostic::new(
        Code::Rounded,
        place,
        format!("fixed point rounds {what}: {old} -> {new}"),
        format!("{new} in fixed point"),
        if population.is_some() {
            "a leak has 16 bits behind the point; a multiple of 1/65536 is exact, and the same in every engine"
        } else if stage_paths(what)[0].starts_with("loss") {
            "the factor is kept in 8 bits; a loss scale and thresholds that are powers of two make it exact"
        } else {
            "more fraction bits of the membrane hold it more exactly; a multiple of its unit is exact, and the same in every engine"
        },
    )
}

/// Where a constant comes from, by the name that the number contract gives it.
fn stage_paths(what: &str) -> &'static [&'static str] {
    if what.contains("u_rest") {
        &[
            "forward_stage.u_rest",
            "forward_stage.v_th",
            "forward_stage",
            "training",
            "network",
        ]
    } else if what.starts_with("forward") {
        &["forward_stage.v_th", "forward_stage", "training", "network"]
    } else if what.starts_with("backward") {
        &[
            "backward_stage.v_th",
            "backward_stage",
            "forward_stage",
            "training",
            "network",
        ]
    } else {
        &[
            "loss.scale",
            "loss",
            "backward_stage",
            "forward_stage",
            "training",
            "network",
        ]
    }
}

/// The `n` of the nearest `1/n`, a power of two from 1 to 16384.
fn nearest_power(scale: f64) -> u32 {
    // How many times one is the other.
    let distance = |n: u32| {
        let ratio = scale * f64::from(n);
        ratio.max(1.0 / ratio)
    };
    (0..15)
        .map(|k| 1u32 << k)
        .min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
        .unwrap_or(1)
}
