//! Implicit differentiation (IDE): the equations of both stages solved in real numbers.
//!
//! It is the oracle: SPIDE's rates and gradients approach it as `T_F` and `T_B` grow.

use super::{BackwardStage, ForwardStage, Sample, Spide};
use spidec_ir::network::Source;

/// The largest change at which an iteration counts as settled.
const TOLERANCE: f64 = 1e-13;
const MAX_ITERATIONS: usize = 10_000;

/// The fixed-point iteration did not settle: the recurrent weights are too strong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the {stage} equations have not settled after {MAX_ITERATIONS} iterations (last change {change:e}); the recurrent weights are too strong"
)]
pub struct NoEquilibrium {
    /// `forward` or `backward`.
    pub stage: &'static str,
    /// The largest change of the last iteration.
    pub change: f64,
}

impl Spide<f64> {
    /// `alpha* = clamp((A alpha* + A_in x + b) / (v_th - u_rest), 0, 1)`, its masks and logits; it
    /// counts no spikes. Of events, `x` is their average. Dropout has no part in it.
    ///
    /// # Panics
    /// If the sample is not of the input's size.
    pub fn equilibrium(&self, sample: &Sample<f64>) -> Result<ForwardStage<f64>, NoEquilibrium> {
        let reset = self.network.training.forward.reset();
        let mut drive: Vec<Vec<f64>> = self.neurons();
        for (k, projection) in self.network.projections.iter().enumerate() {
            let drive = &mut drive[projection.destination.index()];
            if projection.source == Source::Input {
                self.projections[k].forward_of(drive, &self.mean_input(projection, sample));
            }
            self.projections[k].add_bias(drive);
        }
        let mut rates: Vec<Vec<f64>> = self.neurons();
        settle("forward", || {
            let mut change = 0.0;
            for id in self.network.population_ids() {
                let mut sum = drive[id.index()].clone();
                for (linear, source) in self.recurrent_into(id) {
                    linear.forward_of(&mut sum, &rates[source.index()]);
                }
                for (rate, sum) in rates[id.index()].iter_mut().zip(sum) {
                    let new = (sum / reset).clamp(0.0, 1.0);
                    change = larger(change, (new - *rate).abs());
                    *rate = new;
                }
            }
            change
        })?;
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

    /// `beta = J^T beta + g` with the masks of `forward`.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn implicit_backward(
        &self,
        forward: &ForwardStage<f64>,
        g: &[f64],
    ) -> Result<BackwardStage<f64>, NoEquilibrium> {
        let reset = self.network.training.forward.reset();
        let order = self.network.backward_order();
        let mut rates: Vec<Vec<f64>> = self.neurons();
        settle("backward", || {
            let mut change = 0.0;
            for &id in &order {
                let mut sum = vec![0.0; rates[id.index()].len()];
                if id == self.network.readout.source {
                    sum.copy_from_slice(g);
                }
                for (linear, destination) in self.out_of(id) {
                    let betas = rates[destination.index()].iter();
                    let masks = &forward.masks[destination.index()];
                    let sent = betas.zip(masks).map(|(&beta, &mask)| match mask {
                        true => beta / reset,
                        false => 0.0,
                    });
                    linear.backward_of(&mut sum, &sent.collect::<Vec<f64>>());
                }
                for (rate, new) in rates[id.index()].iter_mut().zip(sum) {
                    change = larger(change, (new - *rate).abs());
                    *rate = new;
                }
            }
            change
        })?;
        let spikes = vec![0; rates.len()];
        Ok(BackwardStage { rates, spikes })
    }
}

/// As `f64::max`, but NaN stays.
fn larger(a: f64, b: f64) -> f64 {
    if a >= b || a.is_nan() { a } else { b }
}

/// Iterates until the change is below the tolerance; `iterate` returns the largest change.
fn settle(stage: &'static str, mut iterate: impl FnMut() -> f64) -> Result<(), NoEquilibrium> {
    let mut change = f64::INFINITY;
    for _ in 0..MAX_ITERATIONS {
        change = iterate();
        if change < TOLERANCE {
            return Ok(());
        }
    }
    Err(NoEquilibrium { stage, change })
}
