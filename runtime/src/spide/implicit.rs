//! Implicit differentiation (IDE): the equations of both stages solved in real numbers.
//!
//! It is the oracle: SPIDE's rates and gradients approach it as `T_F` and `T_B` grow.

use super::settle::settle;
use super::{BackwardStage, ForwardStage, Sample, Spide, vector};
use spidec_ir::network::{Projection, ProjectionId, Source};
use std::ops::Range;

/// No solution of a stage's equations was found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "no equilibrium of the {stage} stage was found: its equations still change the nearest point by {change:.1e}; the recurrent weights are too strong: start from smaller ones, or give feedback projections a `max_norm`"
)]
pub struct NoEquilibrium {
    /// `forward` or `backward`.
    pub stage: &'static str,
    /// The largest change at the point that changes least; infinite where they have no number.
    pub change: f64,
}

impl NoEquilibrium {
    /// The error's code, `C001`; it stays what it is.
    pub fn code(&self) -> &'static str {
        "C001"
    }
}

impl Spide<f64> {
    /// `alpha* = clamp((A alpha* + A_in x + b) / (v_th - u_rest), 0, 1)`, its masks and logits; it
    /// counts no spikes. Of events, `x` is their average. Dropout is the sample's.
    ///
    /// # Panics
    /// If the sample is not of the input's size.
    pub fn equilibrium(&self, sample: &Sample<f64>) -> Result<ForwardStage<f64>, NoEquilibrium> {
        let reset = self.network.training.forward.reset();
        let mut drive: Vec<Vec<f64>> = self.neurons();
        for (k, projection) in (0..).map(ProjectionId).zip(&self.network.projections) {
            let input = match projection.source {
                Source::Input => Some(self.mean_input(projection, sample)),
                Source::Population(_) => None,
            };
            let current = self.current((k, projection), sample, input.as_deref(), true);
            vector::add(&mut drive[projection.destination.index()], &current);
        }
        let ranges = self.ranges();
        let size = ranges.last().map_or(0, |range| range.end);
        let rates = settle(size, |rates| {
            for id in self.network.population_ids() {
                let mut sum = drive[id.index()].clone();
                for (k, projection) in self.network.into_population(id) {
                    if let Source::Population(source) = projection.source {
                        let arriving = &rates[ranges[source.index()].clone()];
                        let current = self.current((k, projection), sample, Some(arriving), false);
                        vector::add(&mut sum, &current);
                    }
                }
                for (rate, sum) in rates[ranges[id.index()].clone()].iter_mut().zip(sum) {
                    *rate = (sum / reset).clamp(0.0, 1.0);
                }
            }
        });
        let rates = split(rates, &ranges, "forward")?;
        let inside = |&rate: &f64| 0.0 < rate && rate < 1.0;
        Ok(ForwardStage {
            masks: rates
                .iter()
                .map(|r| r.iter().map(inside).collect())
                .collect(),
            logits: self.logits(&rates),
            counts: self.neurons(),
            rates,
        })
    }

    /// `beta = J^T beta + g` with the masks of `forward` and the sample's dropout.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn implicit_backward(
        &self,
        sample: &Sample<f64>,
        forward: &ForwardStage<f64>,
        g: &[f64],
    ) -> Result<BackwardStage<f64>, NoEquilibrium> {
        let reset = self.network.training.forward.reset();
        let order = self.network.backward_order();
        let ranges = self.ranges();
        let size = ranges.last().map_or(0, |range| range.end);
        let rates = settle(size, |rates| {
            for &id in &order {
                let range = ranges[id.index()].clone();
                let mut sum = vec![0.0; range.len()];
                if id == self.network.readout.source {
                    sum.copy_from_slice(g);
                }
                for (k, projection) in self.network.out_of_population(id) {
                    let d = projection.destination.index();
                    let betas = rates[ranges[d].clone()].iter();
                    let masked = betas.zip(&forward.masks[d]);
                    let mut sent: Vec<f64> = masked
                        .map(|(&beta, &mask)| if mask { beta / reset } else { 0.0 })
                        .collect();
                    cut(&mut sent, sample.mask(k.index()));
                    self.projections[k.index()].backward_of(&mut sum, &sent);
                }
                rates[range].copy_from_slice(&sum);
            }
        });
        let rates = split(rates, &ranges, "backward")?;
        let spikes = vec![0; rates.len()];
        Ok(BackwardStage { rates, spikes })
    }

    /// What a projection makes of source values, none for zeros; through dropout.
    fn current(
        &self,
        (k, projection): (ProjectionId, &Projection),
        sample: &Sample<f64>,
        source: Option<&[f64]>,
        biased: bool,
    ) -> Vec<f64> {
        let linear = &self.projections[k.index()];
        let mut current = vec![0.0; self.network.destination_size(projection)];
        if let Some(source) = source {
            linear.forward_of(&mut current, source);
        }
        if biased {
            linear.add_bias(&mut current);
        }
        cut(&mut current, sample.mask(k.index()));
        current
    }

    /// Where each population's neurons stand among all.
    fn ranges(&self) -> Vec<Range<usize>> {
        let mut end = 0;
        let range = |size: usize| {
            end += size;
            end - size..end
        };
        let sizes = self.network.populations.iter().map(|p| p.shape.size());
        sizes.map(range).collect()
    }
}

/// Multiplies by dropout's factors, where there are any.
fn cut(values: &mut [f64], factors: Option<&[f64]>) {
    if let Some(factors) = factors {
        for (value, factor) in values.iter_mut().zip(factors) {
            *value *= factor;
        }
    }
}

/// The values of all neurons by populations.
fn split(
    values: Result<Vec<f64>, f64>,
    ranges: &[Range<usize>],
    stage: &'static str,
) -> Result<Vec<Vec<f64>>, NoEquilibrium> {
    let values = values.map_err(|change| NoEquilibrium { stage, change })?;
    let populations = ranges.iter().map(|range| values[range.clone()].to_vec());
    Ok(populations.collect())
}
