//! The integers that a network's real constants become.

use super::events::TooLarge;
use super::features::unsupported;
use super::leak::{large_traces, rounded_leaks};
use super::{
    EVENT_BITS, Format, LearningConstant, MAX_ACCUMULATOR_BITS, MAX_EVENT, MAX_SHIFT,
    accumulator_bits, array_obstacles, forward_one,
};
use crate::network::{Network, PopulationId, Rule, Source};
use std::fmt;

/// How many fraction bits the membrane may have beyond the weight's.
const MOST_MORE: u32 = 8;

/// The same of a network with leaky neurons: each step's leak makes membranes finer.
const MOST_MORE_LEAKY: u32 = 16;

/// Every constant of forward and backward stage as the integer that engines and hardware use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constants {
    /// `v_th` in membrane units.
    pub threshold: i32,
    /// `v_th - u_rest` in membrane units: the step of a reset, forward and (in scaled units) backward.
    pub reset: i32,
    /// `v_back (v_th - u_rest) / (v_back - u_rest_back)` in membrane units.
    pub back_threshold: i32,
    /// Weights shift left by this to membrane units.
    pub weight_shift: u32,
    /// The input's scale is `2^-input_exponent`.
    pub input_exponent: u32,
    /// The input current is [`super::round_shift`] of the sum of `W x` by this.
    pub input_shift: i32,
    /// An error event's value is the error times this (8 bits) ...
    pub gradient_mantissa: i32,
    /// ... and the gradient is [`super::round_shift`] of the sum of `W^T value` by this.
    pub gradient_shift: i32,
}

/// A number of the user's that fixed point holds only rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounded {
    /// What it is, as in the network file: `forward_stage.v_th`.
    pub what: &'static str,
    /// The population whose it is, of a leak.
    pub population: Option<PopulationId>,
    /// As written.
    pub old: f64,
    /// As used.
    pub new: f64,
}

/// Why a network cannot run in fixed point.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    /// Something that fixed point has not.
    Feature {
        /// Where it stands: `input`, `population.0`, `projection.2`, `update`, `training`.
        place: String,
        /// What it is.
        what: &'static str,
        /// Whether only training needs it.
        training: bool,
    },
    /// The input's scale is not `2^-k`, `0 <= k <= 14`.
    InputScale(f64),
    /// A threshold or reset does not fit the membrane format, or rounds to nothing.
    Threshold {
        /// What it is, as in the network file.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The format.
        format: Format,
    },
    /// The membrane has fewer fraction bits than the weight, or more than so many beyond its.
    MembraneFraction(u32),
    /// The trace of a leaky neuron, or couple, that fires in every step does not fit the trace format.
    Trace {
        /// Whose trace.
        population: PopulationId,
        /// Its value.
        value: f64,
        /// The format.
        format: Format,
        /// Whether it is a couple's, which only training needs.
        backward: bool,
    },
    /// The gradient's factor `scale (v_th - u_rest) / (v_back - u_rest_back)` is out of range.
    GradientScale(f64),
    /// The gradient's sums have more fraction bits beyond the membrane's than a shift drops: how many.
    GradientShift(i32),
    /// The worst case of one step needs more bits than the array's accumulator has.
    Accumulator {
        /// Bits needed.
        bits: u32,
        /// What needs them.
        what: String,
    },
    /// A value that weights are multiplied by needs more bits than an event has.
    Event {
        /// The value.
        value: u64,
        /// What it is.
        what: &'static str,
    },
    /// The learning constants of these layers do not fit their register in the first epoch.
    Rate(Vec<String>),
    /// More samples a step than one.
    Batch(u32),
    /// Momentum.
    Momentum,
    /// Weight decay.
    WeightDecay,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Feature { what, .. } => write!(f, "it has no {what}"),
            Obstacle::InputScale(v) => {
                write!(f, "input scale ")?;
                // As a file says it.
                let parts = v.recip().round();
                match 1.0 / parts == *v {
                    true => write!(f, "1/{parts}")?,
                    false => write!(f, "{v}")?,
                }
                write!(f, " is not a power of two from 1/16384 to 1")
            }
            Obstacle::Threshold {
                what,
                value,
                format,
            } => write!(
                f,
                "{what} = {value} does not fit the membrane format fixed(bits = {}, frac = {}), smallest step {}, range {} to {}",
                format.bits,
                format.frac,
                1.0 / format.unit(),
                format.min() as f64 / format.unit(),
                format.max() as f64 / format.unit()
            ),
            Obstacle::MembraneFraction(most) => write!(
                f,
                "the membrane has fewer fraction bits than the weight, or over {most} more"
            ),
            Obstacle::Trace {
                value,
                format,
                backward,
                ..
            } => write!(
                f,
                "the trace of a {} that fires in every step is {value}; {format} ends at {}",
                if *backward { "couple" } else { "neuron" },
                format.max() as f64 / format.unit()
            ),
            Obstacle::GradientScale(v) => write!(
                f,
                "the gradient's factor, loss scale times (v_th - u_rest) / (v_back - u_rest_back), is {v}: outside 1/65536 to 65536"
            ),
            Obstacle::GradientShift(bits) => write!(
                f,
                "the gradient's sums have {bits} fraction bits more than the membrane; a shift drops at most {MAX_SHIFT}"
            ),
            Obstacle::Accumulator { bits, what } => write!(
                f,
                "{what} needs an accumulator of {bits} bits in the worst case; the array has {MAX_ACCUMULATOR_BITS}"
            ),
            Obstacle::Event { value, what } => write!(
                f,
                "{what} is {value}; an event's value has {EVENT_BITS} bits, up to {MAX_EVENT}"
            ),
            Obstacle::Rate(layers) => {
                let layers = layers.join("`, `");
                write!(f, "the learning rate is too large in `{layers}`")
            }
            Obstacle::Batch(n) => write!(f, "batch = {n}: it learns from one sample at a time"),
            Obstacle::Momentum => write!(f, "momentum is not kept"),
            Obstacle::WeightDecay => write!(f, "weight decay is not applied"),
        }
    }
}

/// What a network's constants come to, with everything that stands in the way.
struct Derived {
    constants: Constants,
    rounded: Vec<Rounded>,
    inference: Vec<Obstacle>,
    learning: Vec<Obstacle>,
}

impl Derived {
    fn of(network: &Network) -> Derived {
        let (mut learning, mut inference): (Vec<_>, Vec<_>) = unsupported(network)
            .into_iter()
            .partition(|obstacle| matches!(obstacle, Obstacle::Feature { training: true, .. }));
        let mut rounded = Vec::new();
        let (forward, backward) = (&network.training.forward, &network.training.backward);
        let (weight, membrane) = (network.array.weight, network.array.membrane);

        let mut integer = |what: &'static str, value: f64, obstacles: &mut Vec<Obstacle>| {
            let n = membrane.nearest(value);
            if n <= 0 || !membrane.contains(n) {
                obstacles.push(Obstacle::Threshold {
                    what,
                    value,
                    format: membrane,
                });
            } else if n as f64 / membrane.unit() != value {
                let new = n as f64 / membrane.unit();
                rounded.push(Rounded {
                    what,
                    population: None,
                    old: value,
                    new,
                });
            }
            n as i32
        };
        let threshold = integer("forward_stage v_th", forward.v_th.value(), &mut inference);
        let reset = integer(
            "forward_stage v_th - u_rest",
            forward.reset(),
            &mut inference,
        );
        let ratio = forward.reset() / backward.reset();
        let back_threshold = integer(
            "backward_stage v_th (scaled by the ratio of the resets)",
            backward.v_th.value() * ratio,
            &mut learning,
        );

        let most = most_more(network);
        if membrane.frac < weight.frac || membrane.frac > weight.frac + most {
            inference.push(Obstacle::MembraneFraction(most));
        }
        rounded.extend(rounded_leaks(network));
        for trace in large_traces(network) {
            match trace {
                Obstacle::Trace { backward: true, .. } => learning.push(trace),
                _ => inference.push(trace),
            }
        }
        let input_exponent = match network.input.plain_scale().map(|s| (s, s.power_of_two())) {
            Some((_, Some(e @ -14..=0))) => (-e) as u32,
            Some((scale, _)) => {
                inference.push(Obstacle::InputScale(scale.value()));
                0
            }
            // A feature that fixed point has not.
            None => 0,
        };
        let factor = network.training.loss.scale.value() * ratio;
        let mut gradient_mantissa = 0;
        let mut gradient_exponent = 0;
        if (1.0 / 65536.0..=65536.0).contains(&factor) {
            // factor = mantissa * 2^-exponent, 128 <= mantissa < 256: exact scaling by powers of two.
            let mut scaled = factor;
            while scaled < 128.0 {
                scaled *= 2.0;
                gradient_exponent += 1;
            }
            while scaled >= 255.5 {
                scaled /= 2.0;
                gradient_exponent -= 1;
            }
            gradient_mantissa = scaled.round() as i32;
            // The smallest mantissa, so that events stay small.
            while gradient_mantissa % 2 == 0 {
                gradient_mantissa /= 2;
                gradient_exponent -= 1;
            }
            if scaled.fract() != 0.0 {
                let new = libm::ldexp(f64::from(gradient_mantissa), -gradient_exponent);
                rounded.push(Rounded {
                    what: "loss scale times the ratio of the resets",
                    population: None,
                    old: factor,
                    new,
                });
            }
        } else {
            learning.push(Obstacle::GradientScale(factor));
        }
        // The schedule only lowers the rate: what fits now fits later.
        let rates = LearningConstant::all(network, network.training.rate(0));
        let large = rates.iter().enumerate().filter(|(_, (k, _))| k.is_none());
        let large: Vec<String> = large.map(|(layer, _)| network.layer_name(layer)).collect();
        if !large.is_empty() {
            learning.push(Obstacle::Rate(large));
        }
        let sgd = &network.training.update;
        if sgd.batch != 1 {
            learning.push(Obstacle::Batch(sgd.batch));
        }
        if matches!(sgd.rule, Rule::Sgd { momentum } if momentum.value() != 0.0) {
            learning.push(Obstacle::Momentum);
        }
        if sgd.weight_decay.value() != 0.0 {
            learning.push(Obstacle::WeightDecay);
        }

        let constants = Constants {
            threshold,
            reset,
            back_threshold,
            weight_shift: membrane.frac.saturating_sub(weight.frac),
            input_exponent,
            input_shift: weight.frac as i32 + input_exponent as i32 - membrane.frac as i32,
            gradient_mantissa,
            gradient_shift: weight.frac as i32
                + network.array.error.frac as i32
                + gradient_exponent
                - membrane.frac as i32,
        };
        if constants.gradient_shift > MAX_SHIFT as i32 {
            learning.push(Obstacle::GradientShift(constants.gradient_shift));
        }
        let event = |(value, what)| Obstacle::Event { value, what };
        let events = TooLarge::of(network, &constants);
        learning.extend(events.learning.into_iter().map(event));
        if inference.is_empty() {
            inference.extend(events.inference.into_iter().map(event));
            let bounds = accumulator_bits(network, &constants);
            for ((bits, what), obstacles) in [
                (bounds.inference, &mut inference),
                (bounds.learning, &mut learning),
            ] {
                if bits > MAX_ACCUMULATOR_BITS {
                    obstacles.push(Obstacle::Accumulator { bits, what });
                }
            }
        }
        Derived {
            constants,
            rounded,
            inference,
            learning,
        }
    }
}

/// How many fraction bits a network's membranes may have beyond the weights'.
pub fn most_more(network: &Network) -> u32 {
    match array_obstacles(network)[..] {
        [] => MOST_MORE,
        _ => MOST_MORE_LEAKY,
    }
}

impl Constants {
    /// The constants of a network, with the numbers that were rounded; or all reasons why fixed
    /// point cannot run its forward stage.
    ///
    /// Those of the backward stage mean nothing where [`Constants::learning_obstacles`] has any.
    pub fn of(network: &Network) -> Result<(Constants, Vec<Rounded>), Vec<Obstacle>> {
        let derived = Derived::of(network);
        if derived.inference.is_empty() {
            Ok((derived.constants, derived.rounded))
        } else {
            Err(derived.inference)
        }
    }

    /// Why fixed point cannot train a network whose forward stage it can run.
    pub fn learning_obstacles(network: &Network) -> Vec<Obstacle> {
        Derived::of(network).learning
    }

    /// The value that stands for 1 as a source of a layer: what the bias is multiplied by in learning.
    ///
    /// Of a layer that reads rates it is [`forward_one`]; `None` is the readout, which does.
    pub fn one(&self, network: &Network, source: Option<Source>) -> i32 {
        match source {
            Some(Source::Input) => 1 << self.input_exponent,
            Some(Source::Population(id)) => forward_one(network, id),
            None => forward_one(network, network.readout.source),
        }
    }
}
