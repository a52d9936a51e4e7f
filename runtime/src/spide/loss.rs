//! The loss of one sample and its gradient with respect to logits and rates.

use super::{Real, Spide};
use spidec_ir::network::LossKind;

/// The unscaled loss of one sample, no number where a logit is none. `label` is below the number of classes.
pub fn sample_loss(kind: LossKind, logits: &[f64], label: usize) -> f64 {
    if !logits.iter().all(|z| z.is_finite()) {
        return f64::NAN;
    }
    match kind {
        LossKind::CrossEntropy => {
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|z| libm::exp(z - largest)).sum();
            libm::log(sum) + largest - logits[label]
        }
        LossKind::MeanSquaredError => {
            let wanted = |class: usize| if class == label { 1.0 } else { 0.0 };
            let squares = logits.iter().enumerate().map(|(k, z)| {
                let difference = z - wanted(k);
                difference * difference
            });
            squares.sum::<f64>() / logits.len() as f64
        }
    }
}

impl<F: Real> Spide<F> {
    /// The loss of one sample, and the error: the gradient with respect to its logits of the
    /// scaled mean loss over a batch of `batch` samples.
    ///
    /// The loss itself is neither scaled nor divided. `label` is below the number of classes.
    pub fn loss(&self, logits: &[F], label: usize, batch: usize) -> (f64, Vec<F>) {
        let loss = &self.network.training.loss;
        let factor = loss.scale.value() / batch as f64;
        let logits: Vec<f64> = logits.iter().map(|z| z.value()).collect();
        let value = sample_loss(loss.kind, &logits, label);
        let wanted = |class: usize| if class == label { 1.0 } else { 0.0 };
        let classes = logits.len() as f64;
        let gradient: Vec<f64> = match loss.kind {
            LossKind::CrossEntropy => {
                let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let exps: Vec<f64> = logits.iter().map(|z| libm::exp(z - largest)).collect();
                let sum: f64 = exps.iter().sum();
                let gradient = exps.iter().enumerate().map(|(k, e)| e / sum - wanted(k));
                gradient.collect()
            }
            LossKind::MeanSquaredError => {
                let differences = logits.iter().enumerate().map(|(k, z)| z - wanted(k));
                differences.map(|d| 2.0 * d / classes).collect()
            }
        };
        (value, gradient.iter().map(|g| F::of(factor * g)).collect())
    }

    /// `g`: the gradient with respect to the rates of the readout's source, of an error.
    pub fn rate_gradient(&self, error: &[F]) -> Vec<F> {
        let source = self.network.population(self.network.readout.source);
        let mut g = vec![F::ZERO; source.shape.size()];
        self.readout.backward_of(&mut g, error);
        g
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logit_that_is_no_number_leaves_no_loss() {
        for kind in [LossKind::CrossEntropy, LossKind::MeanSquaredError] {
            assert!(sample_loss(kind, &[1.0, -2.0], 0).is_finite());
            for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                for label in 0..2 {
                    assert!(!sample_loss(kind, &[1.0, wrong], label).is_finite());
                }
            }
        }
    }
}
