//! The forward stage and the readout.

use super::{FixedEngine, Weights};
use spidec_ir::fixed::{Fired, Leak, fire, round_shift};
use spidec_ir::network::{Direction, PopulationId};
use spidec_ir::trace::{Clamped, ForwardTrace, PopulationStep};

/// The result of the forward stage and the readout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Spike counts, `[population][neuron]`, 0 to `T_F`.
    pub counts: Vec<Vec<u32>>,
    /// Weighted spike counts of leaky populations, in the trace format, `[population][neuron]`; of all
    /// others empty.
    pub traces: Vec<Vec<i32>>,
    /// Logits in units of `1 / (one 2^F)`, `one` as [`spidec_ir::fixed::forward_one`] of what is read.
    pub logits: Vec<i32>,
    /// The class of the largest logit, the first where several are largest.
    pub prediction: u32,
    /// Membranes that were clamped.
    pub clamped: Clamped,
}

impl Outcome {
    /// How often each population spiked.
    pub fn spikes(&self) -> impl Iterator<Item = u64> {
        let counts = self.counts.iter();
        counts.map(|counts| counts.iter().map(|&count| u64::from(count)).sum())
    }

    /// The rates of a population as integers, [`spidec_ir::fixed::forward_one`] for 1: traces of
    /// leaky neurons, of all others counts.
    pub fn rates(&self, population: PopulationId) -> impl Iterator<Item = i32> {
        let (traces, counts) = (
            &self.traces[population.index()],
            &self.counts[population.index()],
        );
        let counted = if traces.is_empty() { &counts[..] } else { &[] };
        let counted = counted.iter().map(|&count| count as i32);
        traces.iter().copied().chain(counted)
    }

    /// The result of a stage that was traced.
    pub(super) fn of(trace: &ForwardTrace) -> Outcome {
        Outcome {
            counts: trace.counts.clone(),
            traces: trace.traces.clone(),
            logits: trace.logits.clone(),
            prediction: trace.prediction,
            clamped: Clamped {
                count: trace.saturations,
                first: trace.first_saturation,
            },
        }
    }
}

/// The neurons of one population within a sample.
pub(super) struct Neurons {
    membranes: Vec<i32>,
    /// The constant input current: 32 bits of it, but where neurons leak.
    current: Vec<i64>,
    counts: Vec<u32>,
    /// Empty where they do not leak.
    traces: Vec<i32>,
    /// Neurons that fired when the population was handled last.
    events: Vec<u32>,
}

impl FixedEngine {
    /// Forward stage and readout of a sample, the input's values in C order.
    ///
    /// # Panics
    /// Where the sample's size is not the input's; [`spidec_data::Dataset::check`] tells before.
    pub fn infer(&self, weights: &Weights, sample: &[u8]) -> Outcome {
        self.forward(weights, sample, |_| ())
    }

    /// As [`FixedEngine::infer`], with all spikes and membranes of every step.
    ///
    /// # Panics
    /// As [`FixedEngine::infer`].
    pub fn forward_trace(&self, weights: &Weights, sample: &[u8]) -> ForwardTrace {
        let mut steps = Vec::new();
        let outcome = self.forward(weights, sample, |all| {
            let step = all.iter().map(|neurons| {
                let mut spikes = vec![0; neurons.membranes.len()];
                for &i in &neurons.events {
                    spikes[i as usize] = 1;
                }
                PopulationStep {
                    spikes,
                    membranes: neurons.membranes.clone(),
                }
            });
            steps.push(step.collect());
        });
        ForwardTrace {
            steps,
            counts: outcome.counts,
            traces: outcome.traces,
            logits: outcome.logits,
            prediction: outcome.prediction,
            saturations: outcome.clamped.count,
            first_saturation: outcome.clamped.first,
        }
    }

    fn forward(
        &self,
        weights: &Weights,
        sample: &[u8],
        mut observe: impl FnMut(&[Neurons]),
    ) -> Outcome {
        assert_eq!(sample.len(), self.network.input.shape.size(), "sample size");
        let constants = &self.constants;
        let membrane = self.network.array.membrane;
        let frac = self.network.array.trace.frac;
        let pixels = nonzero(sample);
        let mut populations: Vec<Neurons> = (0..self.wiring.len())
            .map(|p| self.neurons(weights, p, &pixels))
            .collect();
        let mut clamped = Clamped::default();
        let mut arrived = Vec::new();
        let mut fired = Vec::new();
        let mut saturated = Vec::new();

        for step in 1..=self.network.training.forward.steps {
            for (p, wiring) in self.wiring.iter().enumerate() {
                // A source handled before has this step's events, the others the previous step's.
                arrived.clear();
                arrived.resize(wiring.size, 0);
                for &(projection, source) in &wiring.arrivals {
                    let synapses = &weights.projections[projection];
                    let events = &populations[source.index()].events;
                    add_rows(&mut arrived, &synapses.by_source, events);
                }
                let neurons = &mut populations[p];
                fired.clear();
                fired.resize(wiring.size, 0);
                saturated.clear();
                saturated.resize(wiring.size, false);
                let results = (&mut fired[..], &mut saturated[..]);
                let (shift, threshold, reset) =
                    (constants.weight_shift, constants.threshold, constants.reset);
                match wiring.leak {
                    None => neurons.pass(&arrived, shift, results, |sum| {
                        fire(sum as i32, membrane, threshold, reset)
                    }),
                    Some(leak) => {
                        neurons.pass(&arrived, shift, results, |sum| {
                            leak.fire(sum, membrane, threshold, reset)
                        });
                        trace(leak, &mut neurons.traces, &fired, frac);
                    }
                }
                clamped.add_membranes(step, p, &saturated);
                neurons.events.clear();
                let spikes = (0..).zip(&fired).filter(|&(_, &spike)| spike != 0);
                neurons.events.extend(spikes.map(|(i, _)| i));
            }
            observe(&populations);
        }

        let rates = populations.into_iter().map(|n| (n.counts, n.traces));
        let (counts, traces) = rates.unzip();
        let mut outcome = Outcome {
            counts,
            traces,
            logits: Vec::new(),
            prediction: 0,
            clamped,
        };
        let rates: Vec<i32> = outcome.rates(self.network.readout.source).collect();
        outcome.logits = self.logits(weights, &rates);
        outcome.prediction = first_maximum(&outcome.logits);
        outcome
    }

    /// A population before the first step: its input current, and a membrane that takes back the
    /// biases which have not arrived yet when the first step adds the current.
    fn neurons(&self, weights: &Weights, population: usize, pixels: &[(u32, i32)]) -> Neurons {
        let wiring = &self.wiring[population];
        let mut sums = vec![0; wiring.size];
        let mut late = vec![0; wiring.size];
        for &projection in &wiring.inputs {
            let synapses = &weights.projections[projection];
            for &(j, x) in pixels {
                let column = &synapses.by_source[j as usize * wiring.size..][..wiring.size];
                for (sum, &w) in sums.iter_mut().zip(column) {
                    *sum += w * x;
                }
            }
        }
        let arrivals = wiring.arrivals.iter().map(|&(projection, _)| projection);
        for projection in wiring.inputs.iter().copied().chain(arrivals) {
            let bias = &weights.projections[projection].bias;
            let feedback = self.network.projections[projection].direction == Direction::Feedback;
            for ((sum, late), &b) in sums.iter_mut().zip(&mut late).zip(bias) {
                *sum += b << self.constants.input_exponent;
                *late += if feedback { b } else { 0 };
            }
        }
        let current = |&sum: &i32| round_shift(sum.into(), self.constants.input_shift);
        let traces = wiring.leak.map_or(0, |_| wiring.size);
        Neurons {
            membranes: late
                .iter()
                .map(|b| -(b << self.constants.weight_shift))
                .collect(),
            current: sums.iter().map(current).collect(),
            counts: vec![0; wiring.size],
            traces: vec![0; traces],
            events: Vec::new(),
        }
    }

    fn logits(&self, weights: &Weights, rates: &[i32]) -> Vec<i32> {
        let one = self.constants.one(&self.network, None);
        (0..self.network.readout.classes as usize)
            .map(|class| {
                let row = &weights.readout.weight[class * rates.len()..][..rates.len()];
                let sum: i32 = row.iter().zip(rates).map(|(&w, &rate)| w * rate).sum();
                sum + weights.readout.bias.get(class).map_or(0, |&b| b * one)
            })
            .collect()
    }
}

impl Neurons {
    /// One step: `fire` does what becomes of a neuron's sum. Results are spikes, and who was clamped.
    #[inline(always)]
    fn pass(
        &mut self,
        arrived: &[i32],
        shift: u32,
        (fired, saturated): (&mut [i32], &mut [bool]),
        fire: impl Fn(i64) -> Fired,
    ) {
        let state = self.membranes.iter_mut().zip(&mut self.counts);
        let inputs = self.current.iter().zip(arrived);
        let results = fired.iter_mut().zip(saturated);
        for (((u, count), (&current, &arrived)), (fired, saturated)) in
            state.zip(inputs).zip(results)
        {
            let now = fire(i64::from(*u) + current + (i64::from(arrived) << shift));
            *u = now.membrane;
            *count += now.spike as u32;
            *fired = now.spike;
            *saturated = now.saturated;
        }
    }
}

/// The traces of leaky neurons or couples after a step with these spikes.
pub(super) fn trace(leak: Leak, traces: &mut [i32], fired: &[i32], frac: u32) {
    for (trace, &spike) in traces.iter_mut().zip(fired) {
        *trace = leak.trace(*trace, spike, frac);
    }
}

/// The values that are not zero, with their index.
pub(super) fn nonzero(sample: &[u8]) -> Vec<(u32, i32)> {
    let all = (0..).zip(sample.iter().map(|&x| i32::from(x)));
    all.filter(|&(_, x)| x != 0).collect()
}

/// `sum += rows[event]` for all events; four at a time, so that the sum is loaded less often.
fn add_rows(sum: &mut [i32], rows: &[i32], events: &[u32]) {
    let n = sum.len();
    let row = |event: u32| &rows[event as usize * n..][..n];
    let fours = events.chunks_exact(4);
    let rest = fours.remainder();
    for four in fours {
        let [a, b, c, d] = [row(four[0]), row(four[1]), row(four[2]), row(four[3])];
        for ((((sum, a), b), c), d) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *sum += (a + b) + (c + d);
        }
    }
    for &event in rest {
        for (sum, w) in sum.iter_mut().zip(row(event)) {
            *sum += w;
        }
    }
}

fn first_maximum(logits: &[i32]) -> u32 {
    let largest = logits.iter().max();
    let place = logits.iter().position(|z| Some(z) == largest);
    place.unwrap_or(0) as u32
}
