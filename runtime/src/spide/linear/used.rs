//! From the weights that are stored and trained to those that are used, and gradients the way back.

use super::super::Real;
use spidec_ir::network::{Network, Operator, Projection, Quirk};

/// Rows of a norm's random estimate, as published.
pub(in crate::spide) const PROBES: usize = 64;
const STANDARD_EPSILON: f64 = 1e-5;
const NORM_EPSILON: f64 = 1e-12;

/// What stands between a layer's stored weights and those used. Sums are in `f64`.
#[derive(Clone, Debug)]
pub(super) struct Used {
    standardize: bool,
    limit: Option<f64>,
    estimated: bool,
    /// The dense layer whose norm is estimated never trains, as published.
    pub(super) stuck: bool,
    /// The factor of the restricted norm at the last [`Used::weights`].
    factor: f64,
}

/// Where the factor of a restricted norm comes from.
#[derive(Clone, Copy, Debug)]
pub(in crate::spide) enum Norm<'a> {
    /// The norm itself.
    Exact,
    /// Its estimate by normal numbers, `[rows][first axis]`.
    Estimate(&'a [f64]),
    /// It is given.
    Factor(f64),
}

impl Used {
    pub(super) fn new(network: &Network, projection: Option<&Projection>) -> Used {
        let operator = projection.map_or(Operator::Dense, |p| p.operator);
        let limit = projection.and_then(|p| p.max_norm).map(|n| n.value());
        let estimated = limit.is_some() && network.training.has(Quirk::NormEstimate);
        Used {
            standardize: matches!(
                operator,
                Operator::Convolution {
                    standardize: true,
                    ..
                }
            ),
            limit,
            estimated,
            stuck: estimated && operator == Operator::Dense,
            factor: 1.0,
        }
    }

    /// Whether stored and used weights are the same.
    pub(super) fn is_identity(&self) -> bool {
        !self.standardize && self.limit.is_none()
    }

    /// Whether the norm is estimated, anew for each step.
    pub(super) fn is_estimated(&self) -> bool {
        self.estimated
    }

    /// The factor of the restricted norm, where it is restricted.
    pub(super) fn factor(&self) -> Option<f64> {
        self.limit.map(|_| self.factor)
    }

    /// The weights used, of stored ones of `rows` destinations or destination channels. The function
    /// `axis` gives a weight's index along the first axis of the published layout, which has `first`.
    pub(super) fn weights<F: Real>(
        &mut self,
        stored: &[F],
        rows: usize,
        norm: Norm,
        (first, axis): (usize, &dyn Fn(usize) -> usize),
    ) -> Vec<F> {
        let mut used: Vec<f64> = stored.iter().map(|w| w.value()).collect();
        let fan_in = (used.len() / rows.max(1)).max(1);
        if self.standardize {
            for row in used.chunks_mut(fan_in) {
                let (centered, factor) = standard(row);
                for (w, c) in row.iter_mut().zip(centered) {
                    *w = factor * c;
                }
            }
        }
        if let Some(limit) = self.limit {
            let factor = |norm: f64| if norm > limit { limit / norm } else { 1.0 };
            self.factor = match norm {
                Norm::Exact => factor(libm::sqrt(used.iter().map(|w| w * w).sum())),
                Norm::Estimate(probe) => factor(estimate(&used, probe, first, axis)),
                Norm::Factor(factor) => factor,
            };
            used.iter_mut().for_each(|w| *w *= self.factor);
        }
        used.into_iter().map(F::of).collect()
    }

    /// Turns the gradient of the weights used into that of the stored ones.
    pub(super) fn gradient<F: Real>(&self, gradient: &mut [F], stored: &[F], rows: usize) {
        let fan_in = (stored.len() / rows.max(1)).max(1);
        let mut g: Vec<f64> = gradient.iter().map(|g| g.value()).collect();
        let stored: Vec<f64> = stored.iter().map(|w| w.value()).collect();
        let standardized: Vec<f64> = match self.standardize {
            false => stored.clone(),
            true => {
                let rows = stored.chunks(fan_in).map(standard);
                rows.flat_map(|(c, f)| c.into_iter().map(move |c| f * c))
                    .collect()
            }
        };
        if self.limit.is_some() {
            // Of w limit / |w|: the part along w has no slope. Estimated, the factor is a constant.
            let along = match self.estimated || self.factor == 1.0 {
                true => 0.0,
                false => {
                    let norm: f64 = standardized.iter().map(|w| w * w).sum();
                    g.iter().zip(&standardized).map(|(g, w)| g * w).sum::<f64>() / norm
                }
            };
            for (g, w) in g.iter_mut().zip(&standardized) {
                *g = self.factor * (*g - along * w);
            }
        }
        if self.standardize {
            for (g, w) in g.chunks_mut(fan_in).zip(stored.chunks(fan_in)) {
                let (c, factor) = standard(w);
                let n = c.len() as f64;
                let deviation = deviation(&c);
                let dot: f64 = g.iter().zip(&c).map(|(g, c)| g * c).sum();
                let along = match deviation == 0.0 || n < 2.0 {
                    true => 0.0,
                    false => dot / ((deviation + STANDARD_EPSILON) * (n - 1.0) * deviation),
                };
                for (g, c) in g.iter_mut().zip(&c) {
                    *g = factor * (*g - along * c);
                }
                let mean = g.iter().sum::<f64>() / n;
                g.iter_mut().for_each(|g| *g -= mean);
            }
        }
        for (gradient, g) in gradient.iter_mut().zip(g) {
            *gradient = F::of(g);
        }
    }
}

/// A row less its mean, and the factor that makes it the standardized one.
fn standard(row: &[f64]) -> (Vec<f64>, f64) {
    let n = row.len() as f64;
    let mean = row.iter().sum::<f64>() / n;
    let centered: Vec<f64> = row.iter().map(|w| w - mean).collect();
    let factor = 1.0 / (libm::sqrt(n) * (deviation(&centered) + STANDARD_EPSILON));
    (centered, factor)
}

/// Sample deviation of numbers of mean 0.
fn deviation(centered: &[f64]) -> f64 {
    let squares: f64 = centered.iter().map(|c| c * c).sum();
    libm::sqrt(squares / (centered.len() as f64 - 1.0).max(1.0))
}

/// The root of the mean of `|v W|^2` over rows `v` of normal numbers.
fn estimate(weights: &[f64], probe: &[f64], first: usize, axis: &dyn Fn(usize) -> usize) -> f64 {
    let columns = weights.len() / first.max(1);
    // Where each weight stands in the matrix `[first][columns]`.
    let mut seen = vec![0; first];
    let places: Vec<(usize, usize)> = (0..weights.len())
        .map(|k| {
            let row = axis(k);
            seen[row] += 1;
            (row, seen[row] - 1)
        })
        .collect();
    let mut sum = 0.0;
    for v in probe.chunks(first) {
        let mut product = vec![0.0; columns];
        for (&w, &(row, column)) in weights.iter().zip(&places) {
            product[column] += v[row] * w;
        }
        sum += product.iter().map(|p| p * p).sum::<f64>();
    }
    libm::sqrt(sum / (probe.len() / first.max(1)) as f64 + NORM_EPSILON)
}
