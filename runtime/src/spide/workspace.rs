//! What the stages of one sample work in; nothing in it grows with the number of steps.

use super::Real;
use super::events::Event;
use spidec_ir::Network;

/// Membranes and lists of one sample, used again for the next.
#[derive(Clone, Debug)]
pub(super) struct Workspace<F> {
    /// Membranes, `[population][neuron]`.
    pub(super) u: Vec<Vec<F>>,
    /// What arrives in every step.
    pub(super) drive: Vec<Vec<F>>,
    /// Whether anything does.
    pub(super) drives: Vec<bool>,
    /// Leaky sums of spikes.
    pub(super) sums: Vec<Vec<F>>,
    /// Latest spikes: this step's of populations handled already, else the previous step's.
    pub(super) spikes: Vec<Vec<Event<F>>>,
    /// As many zeros as the largest population has neurons.
    pub(super) scratch: Vec<F>,
    /// Spikes through a dropout mask.
    pub(super) kept: Vec<Event<F>>,
    /// Counts before a step.
    pub(super) before: Vec<i32>,
}

impl<F: Real> Workspace<F> {
    pub(super) fn new(network: &Network) -> Workspace<F> {
        let sizes: Vec<usize> = network.populations.iter().map(|p| p.shape.size()).collect();
        let zeros = || -> Vec<Vec<F>> { sizes.iter().map(|&n| vec![F::ZERO; n]).collect() };
        let largest = sizes.iter().copied().max().unwrap_or(0);
        Workspace {
            u: zeros(),
            drive: zeros(),
            drives: vec![false; sizes.len()],
            sums: zeros(),
            spikes: sizes.iter().map(|&n| Vec::with_capacity(n)).collect(),
            scratch: vec![F::ZERO; largest],
            kept: Vec::with_capacity(largest),
            before: vec![0; largest],
        }
    }

    /// Membranes and sums zero, no spikes.
    pub(super) fn clear(&mut self) {
        for values in self.u.iter_mut().chain(&mut self.sums) {
            values.fill(F::ZERO);
        }
        self.spikes.iter_mut().for_each(Vec::clear);
    }
}
