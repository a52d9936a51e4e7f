//! What the stages of some samples work in; nothing in it grows with the number of steps.

use super::Real;
use super::events::{Event, Events, Places};
use super::touched::Touched;
use spidec_ir::Network;
use spidec_ir::network::{Operator, Source};
use std::sync::{Mutex, PoisonError};

/// Membranes and lists of samples that are read together, used again for the next ones. Lists of
/// lists are `[population]`, each sample's neurons one after the other's.
#[derive(Clone, Debug)]
pub(super) struct Workspace<F> {
    /// The most samples.
    pub(super) capacity: usize,
    /// Membranes.
    pub(super) u: Vec<Vec<F>>,
    /// Couples that something reached, in the backward stage.
    pub(super) touched: Vec<Touched>,
    /// What arrives in every step.
    pub(super) drive: Vec<Vec<F>>,
    /// Whether anything does.
    pub(super) drives: Vec<bool>,
    /// Leaky sums of spikes.
    pub(super) sums: Vec<Vec<F>>,
    /// Spikes of the forward stage.
    pub(super) counts: Vec<Vec<u32>>,
    /// Sums of the signs of the backward stage's spikes.
    pub(super) signs: Vec<Vec<i32>>,
    /// Latest spikes: this step's of populations handled already, else the previous step's.
    pub(super) spikes: Vec<Events<F>>,
    /// What the input sends.
    pub(super) input: Events<F>,
    /// Zeros, as many as the largest population has neurons.
    pub(super) scratch: Vec<F>,
    /// Spikes through dropout.
    pub(super) kept: Vec<Events<F>>,
    /// Signs before a step, of one sample.
    pub(super) before: Vec<i32>,
}

impl<F: Real> Workspace<F> {
    /// For up to `capacity` samples.
    pub(super) fn new(network: &Network, capacity: usize) -> Workspace<F> {
        let sizes: Vec<usize> = network.populations.iter().map(|p| p.shape.size()).collect();
        fn zeros<T: Clone + Default>(sizes: &[usize], capacity: usize) -> Vec<Vec<T>> {
            let zeros = sizes.iter().map(|&n| vec![T::default(); n * capacity]);
            zeros.collect()
        }
        let largest = sizes.iter().copied().max().unwrap_or(0);
        let is_kernel = |operator| {
            use Operator::{Convolution, ConvolutionTranspose};
            matches!(operator, Convolution { .. } | ConvolutionTranspose { .. })
        };
        // Kernels read the spikes of their sources by places.
        let read = |source: Source| {
            let mut out = network.projections.iter().filter(|p| p.source == source);
            out.any(|p| is_kernel(p.operator))
        };
        let places = |source, shape| match read(source) {
            true => Places::of(shape),
            false => Places::default(),
        };
        let events = || {
            let populations = network.population_ids().zip(&network.populations);
            populations.map(|(id, p)| Events::new(places(Source::Population(id), &p.shape)))
        };
        Workspace {
            capacity,
            u: zeros(&sizes, capacity),
            touched: sizes.iter().map(|&n| Touched::new(n, capacity)).collect(),
            drive: zeros(&sizes, capacity),
            drives: vec![false; sizes.len()],
            sums: zeros(&sizes, capacity),
            counts: zeros(&sizes, capacity),
            signs: zeros(&sizes, capacity),
            spikes: events().collect(),
            input: Events::new(places(Source::Input, &network.input.shape)),
            scratch: vec![F::ZERO; largest * capacity],
            kept: vec![Events::new(Places::default()); sizes.len()],
            before: vec![0; largest],
        }
    }

    /// All zero, no spikes.
    pub(super) fn clear(&mut self) {
        for values in self
            .u
            .iter_mut()
            .chain(&mut self.sums)
            .chain(&mut self.drive)
        {
            values.fill(F::ZERO);
        }
        self.counts.iter_mut().for_each(|counts| counts.fill(0));
        self.signs.iter_mut().for_each(|signs| signs.fill(0));
        self.spikes.iter_mut().for_each(Events::clear);
        self.touched
            .iter_mut()
            .for_each(|touched| touched.fill(false));
    }
}

/// Workspaces that threads take and give back.
#[derive(Debug, Default)]
pub(super) struct Workspaces<F>(Mutex<Vec<Workspace<F>>>);

impl<F: Real> Workspaces<F> {
    /// Works in one that was given back, or else in a new one; all are of one network and capacity.
    pub(super) fn with<R>(
        &self,
        new: impl FnOnce() -> Workspace<F>,
        work: impl FnOnce(&mut Workspace<F>) -> R,
    ) -> R {
        // One that a panic left is not given back.
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = free().pop();
        let mut workspace = taken.unwrap_or_else(new);
        let result = work(&mut workspace);
        free().push(workspace);
        result
    }
}

/// A sample's part of values that stand one sample after the other.
pub(super) fn of<T>(values: &[T], sample: usize, size: usize) -> &[T] {
    &values[sample * size..][..size]
}

/// As [`of`], to change.
pub(super) fn of_mut<T>(values: &mut [T], sample: usize, size: usize) -> &mut [T] {
    &mut values[sample * size..][..size]
}

/// The events of one list through factors, without those that become zero.
pub(super) fn through<F: Real>(list: &mut Vec<Event<F>>, events: &[Event<F>], factors: &[F]) {
    let events = events
        .iter()
        .map(|&(i, value)| (i, value * factors[i as usize]));
    list.extend(events.filter(|&(_, value)| value != F::ZERO));
}
