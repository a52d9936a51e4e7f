//! What happened in a trace, so that a test can tell that it tested something.

use crate::case::Case;
use spidec_ir::trace::ForwardTrace;
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
