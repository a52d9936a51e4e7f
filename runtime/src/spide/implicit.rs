//! Implicit differentiation (IDE): the equations of both stages solved in real numbers.
//!
//! It is the oracle: SPIDE's rates and gradients approach it as `T_F` and `T_B` grow.

use super::weights::{Event, events};
use super::{BackwardStage, ForwardStage, Spide};
use spidec_ir::network::Direction;

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

impl Spide {
    /// `alpha* = clamp((A alpha* + A_in x + b) / (v_th - u_rest), 0, 1)`, its masks and logits.
    ///
    /// # Panics
    /// If `x` has not the input's size.
    pub fn equilibrium(&self, x: &[f64]) -> Result<ForwardStage, NoEquilibrium> {
        let reset = self.network.training.forward.reset();
        let mut drive = self.drive(x);
        self.add_biases(&mut drive, Direction::Feedback);
        let mut rates: Vec<Vec<f64>> = self.neurons();
        settle("forward", || {
            let mut change = 0.0;
            for id in self.network.population_ids() {
                let mut sum = drive[id.index()].clone();
                for (weights, source) in self.recurrent_into(id) {
                    weights.forward(&mut sum, &events(&rates[source.index()]));
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
            rates,
        })
    }

    /// `beta = J^T beta + g` with the masks of `forward`.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn implicit_backward(
        &self,
        forward: &ForwardStage,
        g: &[f64],
    ) -> Result<BackwardStage, NoEquilibrium> {
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
                for (weights, destination) in self.out_of(id) {
                    let sent = masked(
                        &rates[destination.index()],
                        &forward.masks[destination.index()],
                    );
                    let sent: Vec<Event> = sent.map(|(i, beta)| (i, beta / reset)).collect();
                    weights.backward(&mut sum, &sent);
                }
                for (rate, new) in rates[id.index()].iter_mut().zip(sum) {
                    change = larger(change, (new - *rate).abs());
                    *rate = new;
                }
            }
            change
        })?;
        Ok(BackwardStage { rates })
    }
}

/// Non-zero values where the mask is set.
pub(super) fn masked<'a>(values: &'a [f64], mask: &'a [bool]) -> impl Iterator<Item = Event> + 'a {
    (0..)
        .zip(values.iter().zip(mask))
        .filter(|&(_, (&value, &mask))| mask && value != 0.0)
        .map(|(i, (&value, _))| (i, value))
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
