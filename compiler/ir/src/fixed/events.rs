//! How wide event values can become: what a weight is multiplied by, in one cycle.

use super::{Constants, Format};
use crate::network::{LossKind, Network};

/// Bits of an event's value, the sign included.
pub const EVENT_BITS: u32 = 18;

/// The largest event value in absolute value, of both signs.
pub const MAX_EVENT: u64 = (1 << (EVENT_BITS - 1)) - 1;

/// The largest absolute value of the loss's error, in units of its format.
pub fn largest_error(loss: LossKind, format: Format) -> u64 {
    let edge = format.min().unsigned_abs();
    match loss {
        // From -1 to 1.
        LossKind::CrossEntropy => edge.min(1 << format.frac),
        LossKind::MeanSquaredError => edge,
    }
}

/// The event values that do not fit, each with what it is, in absolute value.
///
/// Learning's own, [`super::LearningConstant::event`], fit by the choice of their mantissa.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TooLarge {
    pub inference: Vec<(u64, &'static str)>,
    pub learning: Vec<(u64, &'static str)>,
}

impl TooLarge {
    pub fn of(network: &Network, constants: &Constants) -> TooLarge {
        let training = &network.training;
        let input = |value: u64| value << (-constants.input_shift).max(0);
        let mantissa = u64::from(constants.gradient_mantissa.unsigned_abs());
        let error = largest_error(training.loss.kind, network.array.error);
        let left = (-constants.gradient_shift).max(0);
        let large = |all: &[(u64, &'static str)]| {
            let all = all.iter().copied();
            all.filter(|&(value, _)| value > MAX_EVENT).collect()
        };
        TooLarge {
            inference: large(&[
                (input(255), "the largest input value"),
                (
                    input(1 << constants.input_exponent),
                    "the input that is one",
                ),
                (u64::from(training.forward.steps), "the largest spike count"),
            ]),
            learning: large(&[
                (
                    (error * mantissa) << left,
                    "the largest error times the gradient's factor",
                ),
                (
                    u64::from(training.backward.steps),
                    "the largest backward count",
                ),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_never_leaves_one() {
        let of = |loss, bits, frac| largest_error(loss, Format { bits, frac });
        assert_eq!(of(LossKind::CrossEntropy, 10, 8), 256);
        assert_eq!(of(LossKind::CrossEntropy, 8, 8), 128);
        assert_eq!(of(LossKind::MeanSquaredError, 10, 8), 512);
    }
}
