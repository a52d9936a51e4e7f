//! The error of the logits and the backward stage.

use super::{FixedEngine, Outcome, Weights};
use spidec_ir::fixed::{Errors, couple, mask, mean_squared_error, round_shift, softmax_error};
use spidec_ir::network::{LossKind, PopulationId};
use spidec_ir::trace::{Clamped, PopulationStep};

/// The result of the backward stage.
///
/// A couple with mask 0 is silent: it neither sends nor learns, so nothing of it is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backward {
    /// Sums of signed spikes, `m beta T_B` in spikes, `[population][neuron]`.
    pub counts: Vec<Vec<i32>>,
    /// Membranes that were clamped, of the couples that learning needs.
    pub clamped: Clamped,
}

/// Everything between a forward stage and learning; in the units of [`spidec_ir::fixed::Constants`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackwardTrace {
    /// The gradient with respect to the logits, one a class, in the error format.
    pub error: Errors,
    /// What the couples of the readout's source receive in every step, in membrane units.
    pub gradient: Vec<i32>,
    /// `[step][population]`, populations in declaration order.
    pub steps: Vec<Vec<PopulationStep>>,
    /// The result.
    pub backward: Backward,
}

/// The couples of one population within a sample.
pub(super) struct Couples {
    /// All ones where the mask is 1, else zero.
    mask: Vec<i32>,
    membranes: Vec<i32>,
    counts: Vec<i32>,
    /// Couples that fired when the population was handled last, with the sign.
    events: Vec<(u32, i32)>,
}

impl FixedEngine {
    /// Error, gradient and all steps of the backward stage after a sample's forward stage.
    ///
    /// It means nothing where [`FixedEngine::learning`] refuses the network.
    pub fn backward_trace(
        &self,
        weights: &Weights,
        forward: &Outcome,
        label: usize,
    ) -> BackwardTrace {
        let error = self.error(&forward.logits, label);
        let gradient = self.gradient(weights, &error.values);
        let (steps, backward) = self.backward_steps(weights, forward, &gradient);
        BackwardTrace {
            error,
            gradient,
            steps,
            backward,
        }
    }

    /// All steps of the backward stage after a forward stage, by a gradient of the readout's source
    /// in membrane units; `[step][population]`, populations in declaration order.
    ///
    /// # Panics
    /// If the gradient has not the size of the readout's source.
    pub fn backward_steps(
        &self,
        weights: &Weights,
        forward: &Outcome,
        gradient: &[i32],
    ) -> (Vec<Vec<PopulationStep>>, Backward) {
        let mut steps = Vec::new();
        let order = &self.backward_order;
        let backward = self.backward(weights, forward, gradient, order, |all| {
            let step = all.iter().map(|couples| {
                let mut spikes = vec![0; couples.membranes.len()];
                for &(i, sign) in &couples.events {
                    spikes[i as usize] = sign as i8;
                }
                PopulationStep {
                    spikes,
                    membranes: couples.membranes.clone(),
                }
            });
            steps.push(step.collect());
        });
        (steps, backward)
    }

    /// The gradient with respect to the logits in the error format.
    pub(super) fn error(&self, logits: &[i32], label: usize) -> Errors {
        let format = self.network.array.error;
        let steps = i64::from(self.network.training.forward.steps);
        let unit = steps << self.network.array.weight.frac;
        match self.network.training.loss.kind {
            LossKind::CrossEntropy => softmax_error(&self.softmax, logits, unit, label, format),
            LossKind::MeanSquaredError => mean_squared_error(logits, unit, label, format),
        }
    }

    /// The scaled gradient of the readout's source, in membrane units.
    pub(super) fn gradient(&self, weights: &Weights, error: &[i32]) -> Vec<i32> {
        let size = self.wiring[self.network.readout.source.index()].size;
        let mut sum = vec![0; size];
        for (row, error) in weights.readout.weight.chunks_exact(size).zip(error) {
            let value = error * self.constants.gradient_mantissa;
            for (sum, w) in sum.iter_mut().zip(row) {
                *sum += w * value;
            }
        }
        let round = |&sum: &i32| round_shift(sum.into(), self.constants.gradient_shift) as i32;
        sum.iter().map(round).collect()
    }

    /// Whether no couple that learning needs can fire: the gradient alone, added in every step,
    /// leaves all that have mask 1 below their threshold, and without a first spike nothing else
    /// ever arrives.
    pub(super) fn is_silent(&self, forward: &Outcome, gradient: &[i32]) -> bool {
        // Its spikes reach every population that is needed and can fire at all, so it is needed too.
        if !self.learning_order.contains(&self.network.readout.source) {
            return true;
        }
        let steps = i64::from(self.network.training.backward.steps);
        let counts = &forward.counts[self.network.readout.source.index()];
        let threshold = i64::from(self.constants.back_threshold);
        let reaches = |g: i32| i64::from(g).abs() * steps >= threshold;
        let couples = gradient.iter().zip(counts);
        !couples
            .into_iter()
            .any(|(&g, &n)| self.mask(n) && reaches(g))
    }

    /// `0 < alpha < 1`.
    pub(super) fn mask(&self, count: u32) -> bool {
        mask(count, self.network.training.forward.steps)
    }

    /// The backward stage of the populations in `order`; the couples of all others stay silent.
    pub(super) fn backward(
        &self,
        weights: &Weights,
        forward: &Outcome,
        gradient: &[i32],
        order: &[PopulationId],
        mut observe: impl FnMut(&[Couples]),
    ) -> Backward {
        let constants = &self.constants;
        let membrane = self.network.array.membrane;
        let mut populations: Vec<Couples> = forward
            .counts
            .iter()
            .map(|counts| Couples {
                mask: counts.iter().map(|&n| -i32::from(self.mask(n))).collect(),
                membranes: vec![0; counts.len()],
                counts: vec![0; counts.len()],
                events: Vec::new(),
            })
            .collect();
        let mut clamped = Clamped::default();
        let mut arrived = Vec::new();
        let mut fired = Vec::new();
        let mut saturated = Vec::new();

        for step in 1..=self.network.training.backward.steps {
            for &p in order {
                let wiring = &self.wiring[p.index()];
                // A destination handled before has this step's events, the others the previous step's.
                arrived.clear();
                arrived.resize(wiring.size, 0);
                for &(projection, destination) in &wiring.departures {
                    let rows = &weights.projections[projection].by_destination;
                    for &(i, sign) in &populations[destination.index()].events {
                        let row = &rows[i as usize * wiring.size..][..wiring.size];
                        for (sum, w) in arrived.iter_mut().zip(row) {
                            *sum += (w ^ (sign >> 1)) - (sign >> 1);
                        }
                    }
                }
                for sum in &mut arrived {
                    *sum <<= constants.weight_shift;
                }
                if p == self.network.readout.source {
                    for (sum, g) in arrived.iter_mut().zip(gradient) {
                        *sum += g;
                    }
                }
                let couples = &mut populations[p.index()];
                fired.clear();
                fired.resize(wiring.size, 0);
                saturated.clear();
                saturated.resize(wiring.size, false);
                let inputs = arrived.iter().zip(&couples.mask);
                let results = fired.iter_mut().zip(&mut saturated);
                for ((u, (&arrived, &mask)), (fired, saturated)) in
                    couples.membranes.iter_mut().zip(inputs).zip(results)
                {
                    let sum = (*u + arrived) & mask;
                    let now = couple(sum, membrane, constants.back_threshold, constants.reset);
                    *u = now.membrane;
                    *fired = now.spike;
                    *saturated = now.saturated;
                }
                if self.learning_order.contains(&p) {
                    clamped.add_membranes(step, p.index(), &saturated);
                }
                couples.events.clear();
                let spikes = (0..).zip(&fired).filter(|&(_, &spike)| spike != 0);
                couples.events.extend(spikes.map(|(i, &spike)| (i, spike)));
                for &(i, spike) in &couples.events {
                    couples.counts[i as usize] += spike;
                }
            }
            observe(&populations);
        }
        Backward {
            counts: populations.into_iter().map(|c| c.counts).collect(),
            clamped,
        }
    }
}
