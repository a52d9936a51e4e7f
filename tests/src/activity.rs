//! What happened in a trace, so that a test can tell that it tested something.

use crate::case::Case;
use spidec_ir::FixedParameters;
use spidec_ir::network::{Direction, PopulationId, Source};
use spidec_ir::trace::{Counters, ForwardTrace, Stage, TrainingTrace};
use spidec_runtime::fixed::FixedEngine;

/// What happened in forward stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Spikes.
    pub spikes: u64,
    /// Spikes of a sum exactly at the threshold.
    pub ties: u64,
    /// Membranes that end at the format's upper edge without a spike, or one reset below it.
    pub highest: u64,
    /// Membranes that end at the format's lower edge.
    pub lowest: u64,
    /// Membranes that were clamped.
    pub saturations: u64,
    /// Neurons that fire a second time running: they become part of the current.
    pub holds: u64,
    /// Neurons that stop after two spikes running or more: they are taken out again.
    pub releases: u64,
}

impl Activity {
    /// Adds a case's traces.
    pub fn add<'a>(&mut self, case: &Case, traces: impl IntoIterator<Item = &'a ForwardTrace>) {
        let engine = FixedEngine::new(&case.network).expect("fixed point takes it");
        let (threshold, reset) = (engine.constants().threshold, engine.constants().reset);
        let format = case.network.array.membrane;
        let (max, min) = (format.max() as i32, format.min() as i32);
        for trace in traces {
            self.saturations += trace.saturations;
            for step in trace.steps.iter().flatten() {
                for (&spike, &u) in step.spikes.iter().zip(&step.membranes) {
                    let before = u + if spike == 1 { reset } else { 0 };
                    self.spikes += u64::from(spike == 1);
                    self.ties += u64::from(spike == 1 && before == threshold);
                    self.highest += u64::from(before == max);
                    self.lowest += u64::from(before == min);
                }
            }
            for population in 0..case.network.populations.len() {
                for run in runs(trace, population).into_iter().flatten() {
                    self.holds += u64::from(run.spikes > 1);
                    self.releases += u64::from(run.spikes > 1 && run.end < trace.steps.len());
                }
            }
        }
    }
}

/// What the fixed-point engine does in training.
#[derive(Clone, Debug)]
pub struct Witness {
    /// One a sample.
    pub traces: Vec<TrainingTrace>,
    /// Weights and biases after each sample.
    pub parameters: Vec<FixedParameters>,
}

impl Witness {
    /// Trains a case's samples from its weights, with the constants of the first epoch.
    pub fn of(case: &Case) -> Witness {
        let engine = FixedEngine::new(&case.network).expect("fixed point takes it");
        let learning = engine.learning(0).expect("it learns");
        let mut state = engine.state(&case.parameters).expect("weights fit");
        let mut witness = Witness {
            traces: Vec::new(),
            parameters: Vec::new(),
        };
        for (k, sample) in case.samples.iter().enumerate() {
            let label = case.label(k);
            witness
                .traces
                .push(engine.train_trace(&mut state, sample, label, &learning));
            witness.parameters.push(state.weights.parameters());
        }
        witness
    }
}

/// What happened in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrainingActivity {
    /// Spikes of 1 of couples that learning needs.
    pub positive: u64,
    /// Spikes of -1.
    pub negative: u64,
    /// Spikes of a couple's sum exactly at the threshold of either sign.
    pub ties: u64,
    /// Membranes that were clamped in the forward stage.
    pub forward_clamps: u64,
    /// Membranes that were clamped in the backward stage.
    pub backward_clamps: u64,
    /// Weights and biases that differ after a sample.
    pub changed: u64,
    /// Updates that were clamped to the weight format.
    pub weight_clamps: u64,
    /// Errors that were clamped to the error format.
    pub error_clamps: u64,
    /// Samples whose every error is zero.
    pub without_error: u64,
    /// Samples with an error in which no couple that learning needs spikes.
    pub silent: u64,
    /// Couples with mask 0 and with mask 1.
    pub masks: [u64; 2],
}

impl TrainingActivity {
    /// Adds a case's training.
    pub fn add(&mut self, case: &Case, witness: &Witness) {
        let network = &case.network;
        let engine = FixedEngine::new(network).expect("fixed point takes it");
        let (threshold, reset) = (engine.constants().back_threshold, engine.constants().reset);
        let needed = network.backward_populations();
        let mut before = &case.parameters;
        for (trace, after) in witness.traces.iter().zip(&witness.parameters) {
            let mut spikes = 0;
            for (_, step) in trace
                .backward
                .iter()
                .flat_map(|p| needed.iter().zip(p))
                .filter(|(n, _)| **n)
            {
                for (&spike, &u) in step.spikes.iter().zip(&step.membranes) {
                    spikes += u64::from(spike != 0);
                    self.positive += u64::from(spike > 0);
                    self.negative += u64::from(spike < 0);
                    let sum = u + reset * i32::from(spike);
                    self.ties += u64::from(spike != 0 && sum == threshold * i32::from(spike));
                }
            }
            self.forward_clamps += trace.clamps.forward.count;
            self.backward_clamps += trace.clamps.backward.count;
            self.weight_clamps += trace.clamps.weights.count;
            self.error_clamps += trace.clamps.errors.count;
            let error = trace.error.iter().any(|&e| e != 0);
            self.without_error += u64::from(!error);
            self.silent += u64::from(error && spikes == 0);
            for &mask in trace.masks.iter().flatten() {
                self.masks[usize::from(mask)] += 1;
            }
            for (a, b) in before.layers().zip(after.layers()) {
                let pairs = a
                    .weight
                    .iter()
                    .zip(&b.weight)
                    .chain(a.bias.iter().zip(&b.bias));
                self.changed += pairs.filter(|(a, b)| a != b).count() as u64;
            }
            before = after;
        }
    }
}

/// Events, slots and useful lanes of the stages, as [`spidec_ir::trace::Stage`] orders
/// them: reckoned from the network and what its neurons did, not from a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reckoned {
    /// Events in all.
    pub events: u64,
    /// Events times chunks, of each stage.
    pub slots: [u64; 6],
    /// Events times neurons or weights that are not idle.
    pub useful: [u64; 6],
}

impl Reckoned {
    /// The same of an engine's or the hardware's counters.
    pub fn of(counters: &Counters) -> Reckoned {
        Reckoned {
            events: counters.events,
            slots: counters.stages.map(|work| work.slots),
            useful: counters.stages.map(|work| work.useful),
        }
    }

    /// `events` at `destinations` neurons, of which in `useful` there is work.
    fn add(&mut self, case: &Case, stage: Stage, events: u64, destinations: usize, useful: u64) {
        let lanes = case.network.array.lanes as usize;
        self.events += events;
        self.slots[stage as usize] += events * destinations.div_ceil(lanes) as u64;
        self.useful[stage as usize] += events * useful;
    }

    /// Forward stage and readout of a sample.
    pub fn inference(case: &Case, sample: &[u8], trace: &ForwardTrace) -> Reckoned {
        let network = &case.network;
        let mut reckoned = Reckoned::default();
        let mut add = |stage, events: u64, destinations: usize| {
            reckoned.add(case, stage, events, destinations, destinations as u64);
        };
        for projection in &network.projections {
            let destinations = network.destination_size(projection);
            let feedback = projection.direction == Direction::Feedback;
            match projection.source {
                Source::Input => add(Stage::Input, nonzero(sample), destinations),
                Source::Population(id) => {
                    // Feedback never carries the spikes of the last step.
                    let steps = trace.steps.len() - usize::from(feedback);
                    let runs = runs(trace, id.index());
                    let events = runs.iter().flatten().map(|run| run.events(steps));
                    add(Stage::Forward, events.sum(), destinations);
                }
            }
            // A bias of feedback is taken back before the first step.
            let biases = u64::from(projection.bias) * (1 + u64::from(feedback));
            add(Stage::Input, biases, destinations);
        }
        let counts = &trace.counts[network.readout.source.index()];
        let events = nonzero(counts) + u64::from(network.readout.bias);
        add(Stage::Readout, events, network.readout.classes as usize);
        reckoned
    }

    /// A whole training sample: work follows events, and what cannot have any is left out.
    pub fn training(case: &Case, sample: &[u8], trace: &TrainingTrace) -> Reckoned {
        let network = &case.network;
        let mut reckoned = Reckoned::inference(case, sample, &trace.forward);
        let errors = nonzero(&trace.error);
        if errors == 0 {
            return reckoned;
        }
        let needed = network.backward_populations();
        let source = network.readout.source;
        let size = |id: PopulationId| network.population(id).shape.size();
        let counts = |id: PopulationId| nonzero(&trace.forward.counts[id.index()]);
        let learns = needed.contains(&true);
        if learns {
            reckoned.add(
                case,
                Stage::Backward,
                errors,
                size(source),
                size(source) as u64,
            );
        }
        let mut learn = |events: u64, sources: usize, useful: u64, bias: bool| {
            reckoned.add(case, Stage::Learning, events, sources, useful);
            if bias {
                reckoned.add(case, Stage::Learning, events, 1, 1);
            }
        };
        if !network.readout.frozen {
            learn(errors, size(source), counts(source), network.readout.bias);
        }
        let engine = FixedEngine::new(network).expect("fixed point takes it");
        let threshold = i64::from(engine.constants().back_threshold);
        let steps = i64::from(network.training.backward.steps);
        let couples = trace.gradient.iter().zip(&trace.masks[source.index()]);
        let loud = |(&g, &mask): (&i32, &bool)| mask && i64::from(g).abs() * steps >= threshold;
        if !learns || !couples.into_iter().any(loud) {
            return reckoned;
        }
        for projection in network.projections.iter().filter(|p| !p.frozen) {
            let events = nonzero(&trace.backward_counts[projection.destination.index()]);
            let useful = match projection.source {
                Source::Input => nonzero(sample),
                Source::Population(id) => counts(id),
            };
            learn(
                events,
                network.source_size(projection),
                useful,
                projection.bias,
            );
        }
        let order = network.backward_order();
        let place = |id: PopulationId| order.iter().position(|&p| p == id);
        for projection in &network.projections {
            let Source::Population(to) = projection.source else {
                continue;
            };
            if !needed[to.index()] {
                continue;
            }
            let from = projection.destination;
            // What is handled earlier in a step arrives in it, and so in the last step too.
            let steps = trace.backward.len() - usize::from(place(from) >= place(to));
            let spikes = trace.backward[..steps]
                .iter()
                .map(|step| nonzero(&step[from.index()].spikes));
            reckoned.add(
                case,
                Stage::Backward,
                spikes.sum(),
                size(to),
                size(to) as u64,
            );
        }
        reckoned
    }
}

fn nonzero<T: Copy + Default + PartialEq>(values: &[T]) -> u64 {
    values.iter().filter(|&&x| x != T::default()).count() as u64
}

/// Spikes of a neuron in one step after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpikeRun {
    /// How many.
    pub spikes: usize,
    /// The first step without a spike, from 0; as many as there are steps where none follows.
    pub end: usize,
}

impl SpikeRun {
    /// Events of a neuron whose spikes running are part of the current from the second on: the first
    /// spike, the second, and the end, as far as they lie in the first `steps` steps.
    pub fn events(self, steps: usize) -> u64 {
        let first = self.end - self.spikes;
        let held = self.spikes > 1;
        u64::from(first < steps)
            + u64::from(held && first + 1 < steps)
            + u64::from(held && self.end < steps)
    }
}

/// The runs of spikes of a population, `[neuron][run]`.
pub fn runs(trace: &ForwardTrace, population: usize) -> Vec<Vec<SpikeRun>> {
    let neurons = trace
        .steps
        .first()
        .map_or(0, |step| step[population].spikes.len());
    let run = |neuron: usize| {
        let mut runs: Vec<SpikeRun> = Vec::new();
        for (step, populations) in trace.steps.iter().enumerate() {
            if populations[population].spikes[neuron] == 0 {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.end == step => {
                    *run = SpikeRun {
                        spikes: run.spikes + 1,
                        end: step + 1,
                    }
                }
                _ => runs.push(SpikeRun {
                    spikes: 1,
                    end: step + 1,
                }),
            }
        }
        runs
    };
    (0..neurons).map(run).collect()
}
