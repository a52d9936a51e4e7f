//! Weight updates: `W -= round(K e alpha)`, local, from the two counts alone, or traces of leaky rates.

use super::{EVENT_BITS, Format, Rounding, backward_one, forward_one, largest_error};
use crate::network::{Network, ProjectionId, Source};

/// The largest shift of a learning constant.
pub const MAX_SHIFT: u32 = 31;

/// `K` as `mantissa * 2^-shift`, in weight units for each unit of error and source value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearningConstant {
    /// Times the error fits [`EVENT_BITS`] bits.
    pub mantissa: i32,
    /// At most [`MAX_SHIFT`].
    pub shift: u32,
}

impl LearningConstant {
    /// The constant nearest to `k`, for errors up to `largest_error`. `None`: `k` is too large.
    pub fn nearest(k: f64, largest_error: u32) -> Option<LearningConstant> {
        let bits = (EVENT_BITS - 1) - (32 - largest_error.leading_zeros()).min(16);
        let limit = f64::from((1u32 << bits) - 1);
        let mut shift = 0;
        let mut scaled = k;
        while shift < MAX_SHIFT && (scaled * 2.0).round() <= limit {
            scaled *= 2.0;
            shift += 1;
        }
        (k.is_finite() && k >= 0.0 && scaled.round() <= limit).then_some(LearningConstant {
            mantissa: scaled.round() as i32,
            shift,
        })
    }

    /// The value of the constant.
    pub fn value(self) -> f64 {
        f64::from(self.mantissa) / (1u64 << self.shift) as f64
    }

    /// The constant of a projection (`None`: of the readout) at a learning rate, and the exact value.
    ///
    /// `grad W = m beta alpha / (v_th - u_rest)` with `beta = (v_back - u_rest_back) e / T_B` and
    /// `alpha = count / T_F` (the input: pixel times scale); the loss scale is divided out. Of leaky
    /// rates `e` or `count` is a trace, over that of a spike in every step. That of a frozen layer is 0.
    pub fn of(
        network: &Network,
        layer: Option<ProjectionId>,
        rate: f64,
    ) -> (Option<LearningConstant>, f64) {
        let training = &network.training;
        let weight = network.array.weight.unit();
        let one = |id| f64::from(forward_one(network, id));
        let (k, largest) = match layer.map(|id| &network.projections[id.index()]) {
            Some(projection) => {
                let source = match projection.source {
                    // An input without one scale is no fixed point's: an obstacle tells.
                    Source::Input => network.input.plain_scale().map_or(1.0, |s| s.value()),
                    Source::Population(id) => 1.0 / one(id),
                };
                let largest = backward_one(network, projection.destination);
                let error = training.backward.reset() / f64::from(largest);
                let loss = rate / training.loss.scale.value();
                (
                    loss * error / training.forward.reset() * source * weight,
                    largest as u32,
                )
            }
            None => {
                let error = network.array.error;
                let largest = largest_error(training.loss.kind, error);
                (
                    rate / error.unit() / one(network.readout.source) * weight,
                    largest as u32,
                )
            }
        };
        let index = layer.map_or(network.projections.len(), ProjectionId::index);
        let k = if network.is_frozen(index) { 0.0 } else { k };
        (LearningConstant::nearest(k, largest), k)
    }

    /// [`LearningConstant::of`] every layer: projections in declaration order, then the readout.
    pub fn all(network: &Network, rate: f64) -> Vec<(Option<LearningConstant>, f64)> {
        let projections = (0..network.projections.len() as u32).map(ProjectionId);
        let layers = projections.map(Some).chain([None]);
        layers
            .map(|layer| LearningConstant::of(network, layer, rate))
            .collect()
    }

    /// `mantissa * error`, formed once an event: [`EVENT_BITS`] bits.
    #[inline(always)]
    pub fn event(self, error: i32) -> i32 {
        self.mantissa * error
    }
}

/// What one update leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Updated {
    /// The weight.
    pub weight: i32,
    /// Whether the exact result left the weight format and was clamped.
    pub saturated: bool,
}

/// A weight after one update; it saturates at the format's edges.
///
/// `event`: [`LearningConstant::event`]; `source`: count, trace or pixel; `noise`: 32 bits, of which the
/// lowest `shift` count.
#[inline(always)]
pub fn update(
    weight: i32,
    event: i32,
    source: i32,
    shift: u32,
    noise: u32,
    rounding: Rounding,
    format: Format,
) -> Updated {
    let product = i64::from(event) * i64::from(source);
    let noise = match rounding {
        Rounding::Stochastic => i64::from(noise & ((1u32 << shift) - 1)),
        Rounding::Nearest => (1i64 << shift) >> 1,
    };
    let delta = (product + noise) >> shift;
    let exact = i64::from(weight) - delta;
    let clamped = format.clamp(exact);
    Updated {
        weight: clamped as i32,
        saturated: clamped != exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_as_close_as_their_mantissa_allows() {
        for k in [1e-7, 3.2e-4, 0.01, 0.9, 17.0] {
            let c = LearningConstant::nearest(k, 32).unwrap();
            assert!(c.mantissa * 32 < 1 << 17);
            let tolerance = if c.shift == MAX_SHIFT {
                1.0
            } else {
                1.0 / 1024.0
            };
            assert!((c.value() / k - 1.0).abs() < tolerance, "{k} {c:?}");
        }
        assert_eq!(LearningConstant::nearest(1e9, 32), None);
        assert_eq!(LearningConstant::nearest(f64::NAN, 32), None);
    }

    #[test]
    fn the_mean_over_all_noise_is_exact_and_edges_hold() {
        let format = Format { bits: 8, frac: 4 };
        for (event, source) in [(13, 5), (-13, 5), (1, 1), (0, 9)] {
            let sum: i32 = (0..256)
                .map(|n| -update(0, event, source, 8, n, Rounding::Stochastic, format).weight)
                .sum();
            assert_eq!(sum, event * source);
        }
        for (weight, event, source, wanted, saturated) in [
            (-127, 4096, 9, -128, true),
            (127, -4096, 9, 127, true),
            (-127, 256, 1, -128, false),
            (-128, 256, 1, -128, true),
            (126, -256, 1, 127, false),
            (127, -256, 1, 127, true),
            (0, 1, 128, -1, false),
            (0, -1, 128, 0, false),
        ] {
            let updated = update(weight, event, source, 8, 0, Rounding::Nearest, format);
            assert_eq!((updated.weight, updated.saturated), (wanted, saturated));
        }
    }
}
