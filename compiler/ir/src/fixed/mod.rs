//! The number contract: the one definition of fixed-point arithmetic.
//!
//! * Weights are integers of `F` fraction bits; membranes and currents of `FM >= F` fraction bits.
//! * Sums are exact: the accumulator is as wide as the worst case of one step needs
//!   (`bounds`), so the order of additions cannot matter. Clamping to the membrane format
//!   happens once a step, in [`fire`] and [`couple`], and is counted.
//! * Couples are kept in units scaled by `(v_th - u_rest) / (v_back - u_rest_back)`, so that a
//!   backward spike adds exactly `+W` or `-W`; the gradient and the threshold are scaled instead.
//! * An event's value, which a weight is multiplied by, fits [`EVENT_BITS`] bits; a network where it
//!   could not is refused.
//! * The input current and the gradient are rounded once a sample, by [`round_shift`].
//! * A leak has 16 bits behind the point. Leaky membranes, and the traces that leaky rates are kept
//!   as, are multiplied by it once a step and rounded by [`round_shift`] ([`Leak`]). Sums of leaky
//!   membranes have 64 bits, those of all others 32, as on the array.
//! * Weight updates are rounded with noise that is a function ([`crate::random::noise`]).

mod bounds;
mod constants;
mod events;
mod features;
mod leak;
mod learning;
mod loss;

pub use bounds::{Bounds, MAX_ACCUMULATOR_BITS, MembraneNeed, accumulator_bits, membrane_bits};
pub use constants::{Constants, Obstacle, Rounded, most_more};
pub use events::{EVENT_BITS, MAX_EVENT, largest_error};
pub use features::array_obstacles;
pub use leak::{LEAK_FRAC, Leak, backward_one, forward_one};
pub use learning::{LearningConstant, MAX_SHIFT, Updated, update};
pub use loss::{Errors, SOFTMAX_ENTRIES, mean_squared_error, softmax_error, softmax_table};

use crate::network::Network;
use crate::parameters::{FixedParameters, FloatParameters};
use serde::{Deserialize, Serialize};

/// A signed fixed-point format: `bits` in all, `frac` of them behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Format {
    /// All bits, the sign included.
    pub bits: u32,
    /// Fraction bits.
    pub frac: u32,
}

/// What happens to a weight that does not fit its format when it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overflow {
    /// It is an error with place and count.
    Error,
    /// It becomes the nearest weight that fits.
    Saturate,
}

/// How a weight update is rounded to the weight format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rounding {
    /// Up or down with the probability that makes the mean exact.
    Stochastic,
    /// To the nearest, halves up.
    Nearest,
}

impl Format {
    /// The largest integer of the format.
    pub fn max(self) -> i64 {
        (1 << (self.bits - 1)) - 1
    }

    /// The smallest integer of the format.
    pub fn min(self) -> i64 {
        -(1 << (self.bits - 1))
    }

    /// The nearest integer of the format's unit, halves away from zero; it may not fit.
    pub fn nearest(self, value: f64) -> i64 {
        (value * self.unit()).round() as i64
    }

    /// `2^frac`, the number of units in 1.
    pub fn unit(self) -> f64 {
        (1u64 << self.frac) as f64
    }

    /// Whether an integer fits.
    pub fn contains(self, value: i64) -> bool {
        (self.min()..=self.max()).contains(&value)
    }

    /// The nearest integer that fits.
    pub fn clamp(self, value: i64) -> i64 {
        value.clamp(self.min(), self.max())
    }
}

/// `value / 2^shift` rounded to the nearest integer, halves up; a negative shift multiplies exactly.
pub fn round_shift(value: i64, shift: i32) -> i64 {
    match shift {
        0 => value,
        1.. => (value + (1 << (shift - 1))) >> shift,
        _ => value << -shift,
    }
}

/// What the pass leaves behind for one neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Forward: 0 or 1; backward: -1, 0 or 1.
    pub spike: i32,
    /// The membrane after the reset.
    pub membrane: i32,
    /// Whether the sum left the membrane format and was clamped.
    pub saturated: bool,
}

/// Threshold and reset of an integrate-and-fire neuron; equality fires.
///
/// `sum`: membrane plus everything that arrived in this step, exact.
#[inline(always)]
pub fn fire(sum: i32, membrane: Format, threshold: i32, reset: i32) -> Fired {
    let clamped = sum.clamp(membrane.min() as i32, membrane.max() as i32);
    let spike = i32::from(clamped >= threshold);
    Fired {
        spike,
        membrane: clamped - reset * spike,
        saturated: clamped != sum,
    }
}

/// The mask of a neuron's couple, `0 < alpha < 1`: where it is false, the couple is silent and learns nothing.
#[inline(always)]
pub fn mask(count: u32, steps: u32) -> bool {
    0 < count && count < steps
}

/// Threshold and reset of a ternary spiking neuron couple; equality fires on both sides.
#[inline(always)]
pub fn couple(sum: i32, membrane: Format, threshold: i32, reset: i32) -> Fired {
    let clamped = sum.clamp(membrane.min() as i32, membrane.max() as i32);
    let spike = i32::from(clamped >= threshold) - i32::from(clamped <= -threshold);
    Fired {
        spike,
        membrane: clamped - reset * spike,
        saturated: clamped != sum,
    }
}

/// Weights that do not fit their format.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{count} of {total} weights do not fit fixed(bits = {}, frac = {}), range {} to {}; the first is {value} in {place}",
    .format.bits, .format.frac,
    .format.min() as f64 / .format.unit(), .format.max() as f64 / .format.unit()
)]
pub struct WeightsDoNotFit {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub total: usize,
    /// The first one's layer and index.
    pub place: String,
    /// The first one.
    pub value: f64,
    /// The format.
    pub format: Format,
}

/// Quantizes parameters to the network's weight format, to the nearest, halves away from zero.
///
/// A value that does not fit (or is not finite) is an error unless the network asks for saturation.
/// Returns the parameters and how many were saturated.
pub fn quantize(
    network: &Network,
    parameters: &FloatParameters,
) -> Result<(FixedParameters, usize), WeightsDoNotFit> {
    let format = network.array.weight;
    let fits = |v: f64| v.is_finite() && format.contains(format.nearest(v));
    let all = || {
        parameters.layers().enumerate().flat_map(|(layer, l)| {
            let weights = l
                .weight
                .iter()
                .enumerate()
                .map(move |(k, &v)| (layer, "weight", k, v));
            weights.chain(
                l.bias
                    .iter()
                    .enumerate()
                    .map(move |(k, &v)| (layer, "bias", k, v)),
            )
        })
    };
    let count = all().filter(|&(_, _, _, v)| !fits(v)).count();
    if let Some((layer, kind, index, value)) = all().find(|&(_, _, _, v)| {
        !fits(v) && (v.is_nan() || network.array.weight_overflow == Overflow::Error)
    }) {
        let name = network.layer_name(layer);
        return Err(WeightsDoNotFit {
            count,
            total: all().count(),
            place: format!("{name}, {kind}[{index}]"),
            value,
            format,
        });
    }
    // `as i64` saturates, so an infinity ends at the format's edge too.
    let fixed = parameters.map(|&v| format.clamp(format.nearest(v)) as i32);
    Ok((fixed, count))
}

/// The real numbers that fixed-point parameters stand for; exact.
pub fn dequantize(network: &Network, parameters: &FixedParameters) -> FloatParameters {
    let unit = network.array.weight.unit();
    parameters.map(|&w| f64::from(w) / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: Format = Format { bits: 8, frac: 3 };

    #[test]
    fn rounding_is_half_up_on_both_sides_of_zero() {
        for (value, wanted) in [(5, 3), (6, 3), (-5, -2), (-6, -3), (-7, -3), (7, 4)] {
            assert_eq!(round_shift(value, 1), wanted, "{value}");
        }
        assert_eq!(round_shift(-3, 0), -3);
        assert_eq!(round_shift(-3, -2), -12);
    }

    #[test]
    fn equality_fires_and_one_less_does_not() {
        assert_eq!(fire(8, M, 8, 16).spike, 1);
        assert_eq!(fire(8, M, 8, 16).membrane, -8);
        assert_eq!(fire(7, M, 8, 16).spike, 0);
        assert_eq!(couple(-8, M, 8, 16).spike, -1);
        assert_eq!(couple(-8, M, 8, 16).membrane, 8);
        assert_eq!(couple(-7, M, 8, 16).spike, 0);
        assert_eq!(couple(8, M, 8, 16).spike, 1);
    }

    #[test]
    fn clamping_is_exact_at_the_edges_and_counted() {
        assert!(!fire(127, M, 200, 16).saturated);
        assert!(fire(128, M, 200, 16).saturated);
        assert_eq!(fire(4000, M, 200, 16).membrane, 127);
        assert_eq!(fire(-129, M, 8, 16).membrane, -128);
        assert!(!fire(-128, M, 8, 16).saturated);
    }
}
