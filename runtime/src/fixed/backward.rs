//! The error of the logits and the backward stage.

use super::forward::trace;
use super::{FixedEngine, Outcome, Weights};
use spidec_ir::fixed::{
    Errors, Fired, couple, mask, mean_squared_error, round_shift, softmax_error,
};
use spidec_ir::network::{LossKind, PopulationId};
use spidec_ir::trace::{Clamped, PopulationStep};

/// The result of the backward stage.
///
/// A couple with mask 0 is silent: it neither sends nor learns, so nothing of it is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backward {
    /// Sums of signed spikes, `m beta T_B` in spikes, `[population][neuron]`.
    pub counts: Vec<Vec<i32>>,
    /// The same sums weighted, of leaky couples, in the trace format, `[population][neuron]`; of all
    /// others empty.
    pub traces: Vec<Vec<i32>>,
    /// Membranes that were clamped, of the couples that learning needs.
    pub clamped: Clamped,
}

impl Backward {
    /// The signed rates of a population's couples as integers, [`spidec_ir::fixed::backward_one`]
    /// for a spike of +1 in every step: traces of leaky couples, of all others counts.
    pub fn rates(&self, population: PopulationId) -> &[i32] {
        match &self.traces[population.index()][..] {
            [] => &self.counts[population.index()],
            traces => traces,
        }
    }
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
    /// What arrives in every step.
    gradient: Vec<i32>,
    counts: Vec<i32>,
    /// Empty where they do not leak.
    traces: Vec<i32>,
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
        let one = i64::from(self.constants.one(&self.network, None));
        let unit = one << self.network.array.weight.frac;
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
        let source = self.network.readout.source.index();
        let live = gradient.iter().zip(&forward.counts[source]);
        let live = live.filter(|&(_, &n)| self.mask(n)).map(|(&g, _)| g);
        let (least, most) = live.fold((0, 0), |(least, most), g| (g.min(least), g.max(most)));
        !self.reaches(least) && !self.reaches(most)
    }

    /// Whether a couple of the readout's source that receives nothing but this in every step fires.
    fn reaches(&self, gradient: i32) -> bool {
        let steps = self.network.training.backward.steps;
        let (gradient, threshold) = (
            i64::from(gradient),
            i64::from(self.constants.back_threshold),
        );
        let sum = match self.wiring[self.network.readout.source.index()].couple_leak {
            None => gradient * i64::from(steps),
            // It only grows.
            Some(leak) => (0..steps).fold(0, |sum, _| leak.decay(sum) + gradient),
        };
        sum.abs() >= threshold
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
        let frac = self.network.array.trace.frac;
        let mut populations: Vec<Couples> = { self.wiring.iter().zip(&forward.counts) }
            .map(|(wiring, counts)| Couples {
                mask: counts.iter().map(|&n| -i32::from(self.mask(n))).collect(),
                membranes: vec![0; wiring.size],
                gradient: vec![0; wiring.size],
                counts: vec![0; wiring.size],
                traces: vec![0; wiring.couple_leak.map_or(0, |_| wiring.size)],
                events: Vec::new(),
            })
            .collect();
        let source = self.network.readout.source.index();
        populations[source].gradient.copy_from_slice(gradient);
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
                let couples = &mut populations[p.index()];
                fired.clear();
                fired.resize(wiring.size, 0);
                saturated.clear();
                saturated.resize(wiring.size, false);
                let results = (&mut fired[..], &mut saturated[..]);
                let (shift, threshold, reset) = (
                    constants.weight_shift,
                    constants.back_threshold,
                    constants.reset,
                );
                match wiring.couple_leak {
                    None => couples.pass(&arrived, shift, results, |sum| {
                        couple(sum as i32, membrane, threshold, reset)
                    }),
                    Some(leak) => {
                        couples.pass(&arrived, shift, results, |sum| {
                            leak.couple(sum, membrane, threshold, reset)
                        });
                        trace(leak, &mut couples.traces, &fired, frac);
                    }
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
        let rates = populations.into_iter().map(|c| (c.counts, c.traces));
        let (counts, traces) = rates.unzip();
        Backward {
            counts,
            traces,
            clamped,
        }
    }
}

impl Couples {
    /// One step: `couple` does what becomes of a couple's sum. Results are spikes, and who was clamped.
    #[inline(always)]
    fn pass(
        &mut self,
        arrived: &[i32],
        shift: u32,
        (fired, saturated): (&mut [i32], &mut [bool]),
        couple: impl Fn(i64) -> Fired,
    ) {
        let inputs = arrived.iter().zip(&self.gradient).zip(&self.mask);
        let results = fired.iter_mut().zip(saturated);
        for ((u, ((&arrived, &gradient), &mask)), (fired, saturated)) in
            self.membranes.iter_mut().zip(inputs).zip(results)
        {
            let sum = i64::from(*u) + (i64::from(arrived) << shift) + i64::from(gradient);
            let now = couple(sum & i64::from(mask));
            *u = now.membrane;
            *fired = now.spike;
            *saturated = now.saturated;
        }
    }
}
