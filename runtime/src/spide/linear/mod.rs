//! One layer's linear map, with its weights kept both ways so that events of either side find
//! theirs in a row.

mod axis;
mod blocks;
mod kernel;
mod pool;
mod runs;
mod side;
mod spans;
mod used;

pub(super) use blocks::{Blocks, LANES};
pub(super) use runs::Runs;
pub(super) use side::Side;
pub(super) use spans::Spans;
pub(super) use used::Norm;

use super::Real;
use super::events::{Event, Events, Places, add_events};
use super::touched::Touched;
use super::vector;
use aligned_vec::{AVec, CACHELINE_ALIGN as CACHE_LINE};
use kernel::Kernel;
use pool::Pool;
use rayon::prelude::*;
use spidec_ir::network::{Network, Operator, Shape, Source, Window};
use spidec_ir::parameters::Layer;
use used::Used;

/// Rows of a dense layer's block that are filled at a time.
const TURNED: usize = 32;

/// A layer of a network: a projection or the readout.
#[derive(Clone, Debug)]
pub(super) struct Linear<F> {
    map: Map,
    /// Stored parameters, as [`Layer`] has them.
    stored: Layer<F>,
    used: Used,
    /// Weights used, to go from the source to the destination; they lie as [`Blocks`] or [`Spans`] say, from a line of the
    /// cache on: reading a vector across two lines takes twice as long.
    forward: AVec<F>,
    /// The same, to go back; they lie as [`Blocks`] or [`Runs`] say. None of a dense layer from the input.
    backward: AVec<F>,
    /// Whether errors go back through it: to the input they do not.
    goes_back: bool,
    /// Whether training leaves the parameters alone.
    pub(super) frozen: bool,
    layer: usize,
    seed: u64,
}

/// Which source values reach which destination neurons.
#[derive(Clone, Debug)]
enum Map {
    Dense {
        /// A row a source, a column a destination.
        there: Blocks,
        /// A row a destination, a column a source.
        back: Blocks,
    },
    Kernel(Box<Kernel>),
    Pool(Pool),
    Zero,
}

impl<F: Real> Linear<F> {
    /// A layer, counted as in [`Network::layer_name`]; its parameters have the network's shapes.
    pub(super) fn new(network: &Network, layer: usize, parameters: &Layer<f64>) -> Linear<F> {
        let projection = network.projections.get(layer);
        let real = |values: &[f64]| values.iter().map(|&v| F::of(v)).collect();
        let mut linear = Linear {
            map: match projection {
                Some(p) => Map::new(
                    p.operator,
                    network.source_shape(p),
                    network.destination_shape(p),
                ),
                None => {
                    let shape = network.weight_shape(layer);
                    Map::dense(shape[1], shape[0])
                }
            },
            stored: Layer {
                weight: real(&parameters.weight),
                bias: real(&parameters.bias),
            },
            used: Used::new(network, projection),
            forward: AVec::new(CACHE_LINE),
            backward: AVec::new(CACHE_LINE),
            goes_back: projection.is_none_or(|p| p.source != Source::Input),
            frozen: network.is_frozen(layer),
            layer,
            seed: network.training.seed,
        };
        linear.refresh(0);
        linear
    }

    /// The stored parameters.
    pub(super) fn layer(&self) -> Layer<f64> {
        let values = |values: &[F]| values.iter().map(|v| v.value()).collect();
        Layer {
            weight: values(&self.stored.weight),
            bias: values(&self.stored.bias),
        }
    }

    /// The weights used, in the layout of the stored ones.
    pub(super) fn used_weights(&self) -> Vec<f64> {
        let (taps, from, to) = self.extents();
        let weight = |d: usize, tap: usize, s: usize| match &self.map {
            Map::Dense { there, .. } => self.forward[there.index(s, d)].value(),
            Map::Kernel(kernel) => self.forward[kernel.index(tap, s, d)].value(),
            Map::Pool(_) | Map::Zero => 0.0,
        };
        let destinations = (0..to).flat_map(|d| (0..taps).map(move |tap| (d, tap)));
        destinations
            .flat_map(|(d, tap)| (0..from).map(move |s| (d, tap, s)))
            .map(|(d, tap, s)| weight(d, tap, s))
            .collect()
    }

    /// Biases, one a destination neuron or channel, or none.
    pub(super) fn bias(&self) -> &[F] {
        &self.stored.bias
    }

    /// Stored parameters, to change; [`Linear::refresh`] makes them used.
    pub(super) fn stored_mut(&mut self) -> &mut Layer<F> {
        &mut self.stored
    }

    /// Taps, source channels, destination channels.
    fn extents(&self) -> (usize, usize, usize) {
        match &self.map {
            Map::Dense { there, back } => (1, back.width(), there.width()),
            Map::Kernel(kernel) => {
                let there = &kernel.there;
                (there.taps(), there.from_channels, there.to_channels)
            }
            Map::Pool(_) | Map::Zero => (0, 0, 0),
        }
    }

    /// Uses the stored parameters as they are now. A norm that is estimated is so by the numbers of
    /// step `step` of training.
    pub(super) fn refresh(&mut self, step: u64) {
        if self.used.is_estimated() {
            let probe = spidec_ir::random::norm_probe(
                self.seed,
                step,
                self.layer,
                used::PROBES * self.first_axis(),
            );
            self.refresh_by(Norm::Estimate(&probe));
        } else {
            self.refresh_by(Norm::Exact);
        }
    }

    /// Whether the weights used differ from step to step though the stored ones stay.
    pub(super) fn is_estimated(&self) -> bool {
        self.used.is_estimated()
    }

    fn first_axis(&self) -> usize {
        let (_, from, to) = self.extents();
        match &self.map {
            Map::Kernel(kernel) if kernel.transposed => from,
            _ => to,
        }
    }

    /// The factor of the restricted norm, where it is restricted.
    pub(super) fn norm_factor(&self) -> Option<f64> {
        self.used.factor()
    }

    /// As [`Linear::refresh`]; the first axis of an estimate is that of the published layout.
    pub(super) fn refresh_by(&mut self, norm: Norm) {
        let (taps, from, to) = self.extents();
        let transformed = (!self.used.is_identity()).then(|| {
            let transposed = matches!(&self.map, Map::Kernel(kernel) if kernel.transposed);
            let axis = |k: usize| {
                if transposed {
                    k % from
                } else {
                    k / (taps * from)
                }
            };
            let first = self.first_axis();
            self.used
                .weights(&self.stored.weight, to, norm, (first, &axis))
        });
        let weights = transformed.as_ref().unwrap_or(&self.stored.weight);
        let (forward, backward) = (&mut self.forward, &mut self.backward);
        match &self.map {
            Map::Dense { there, back } => {
                forward.resize(there.len(), F::ZERO);
                there.fill(forward, |columns, rows| {
                    // A few rows at a time stay in the cache while they are filled lane by lane.
                    for (first, rows) in (0..).step_by(TURNED).zip(rows.chunks_mut(TURNED)) {
                        for (lane, column) in columns.clone().enumerate() {
                            let weights = &weights[column * from + first..][..rows.len()];
                            for (row, weight) in rows.iter_mut().zip(weights) {
                                row[lane] = *weight;
                            }
                        }
                    }
                });
                if self.goes_back {
                    backward.resize(back.len(), F::ZERO);
                    back.fill(backward, |columns, rows| {
                        for (row, weights) in rows.iter_mut().zip(weights.chunks(from.max(1))) {
                            row[..columns.len()].copy_from_slice(&weights[columns.clone()]);
                        }
                    });
                }
            }
            Map::Kernel(kernel) => {
                forward.resize(weights.len(), F::ZERO);
                backward.resize(weights.len(), F::ZERO);
                kernel.fill(weights, forward, backward);
            }
            Map::Pool(_) | Map::Zero => {}
        }
    }

    /// `sum += A v` without the bias, for each sample's events `v`.
    pub(super) fn forward(&self, sums: &mut [F], v: &Events<F>) {
        match &self.map {
            Map::Dense { there, .. } => vector::scatter_dense(sums, &self.forward, there, v),
            Map::Kernel(kernel) => kernel.forward(sums, &self.forward, v),
            Map::Pool(pool) => pool.forward(sums, v),
            Map::Zero => {}
        }
    }

    /// `sum += A^T e`, for each sample's events `e`; touches what it adds to.
    pub(super) fn backward(&self, sums: &mut [F], touched: &mut Touched, e: &Events<F>) {
        assert!(self.goes_back, "errors do not go back to the input");
        match &self.map {
            Map::Dense { back, .. } => {
                touched.fill(true);
                vector::scatter_dense(sums, &self.backward, back, e);
            }
            Map::Kernel(kernel) => kernel.backward(sums, touched, &self.backward, e),
            Map::Pool(pool) => pool.backward(sums, touched, e),
            Map::Zero => {}
        }
    }

    /// As [`Linear::forward`] of one sample's values.
    pub(super) fn forward_of(&self, sum: &mut [F], values: &[F]) {
        let places = match &self.map {
            Map::Kernel(kernel) => kernel.places(),
            Map::Dense { .. } | Map::Pool(_) | Map::Zero => Places::default(),
        };
        self.forward(sum, &only(values, places));
    }

    /// As [`Linear::backward`] of one sample's values.
    pub(super) fn backward_of(&self, sum: &mut [F], values: &[F]) {
        let mut touched = Touched::new(sum.len(), 1);
        self.backward(sum, &mut touched, &only(values, Places::default()));
    }

    /// `sum += b`.
    pub(super) fn add_bias(&self, sum: &mut [F]) {
        if !self.stored.bias.is_empty() {
            for sum in sum.chunks_mut(self.stored.bias.len()) {
                vector::add(sum, &self.stored.bias);
            }
        }
    }

    /// Adds to the gradients of the weights used and of the biases those of samples in order, given
    /// by errors of all destination neurons and by all source values.
    pub(super) fn add_gradients(&self, gradients: &mut Layer<F>, samples: &[(&[F], &[F])]) {
        let (taps, from, _) = self.extents();
        let row = (taps * from).max(1);
        match &self.map {
            Map::Dense { .. } => {
                let rows = gradients.weight.par_chunks_mut(row).enumerate();
                rows.for_each(|(destination, row)| {
                    let samples: Vec<(F, &[F])> = samples
                        .iter()
                        .map(|&(error, source)| (error[destination], source))
                        .filter(|&(error, _)| error != F::ZERO)
                        .collect();
                    vector::gradient_dense(row, &samples);
                });
            }
            Map::Kernel(kernel) => {
                let back = &kernel.back;
                let channels = back.from_channels;
                let rows = gradients.weight.par_chunks_mut(row).enumerate();
                rows.for_each(|(channel, row)| {
                    let mut errors = Vec::new();
                    for &(error, source) in samples {
                        errors.clear();
                        let places = error[channel..].iter().step_by(channels);
                        let events = (0..).zip(places.copied()).filter(|(_, e)| *e != F::ZERO);
                        errors.extend(events);
                        vector::gradient_kernel(row, &errors, source, back);
                    }
                });
            }
            Map::Pool(_) | Map::Zero => {}
        }
        let biases = gradients.bias.len();
        for &(error, _) in samples {
            for error in error
                .chunks(biases.max(1))
                .take(if biases == 0 { 0 } else { usize::MAX })
            {
                vector::add(&mut gradients.bias, error);
            }
        }
    }

    /// Turns the gradient of the weights used into that of the stored ones.
    pub(super) fn finish_gradient(&self, gradient: &mut Layer<F>) {
        if !self.used.is_identity() {
            let (_, _, to) = self.extents();
            self.used
                .gradient(&mut gradient.weight, &self.stored.weight, to);
        }
    }

    /// Whether the published code never trains it.
    pub(super) fn is_stuck(&self) -> bool {
        self.used.stuck
    }

    /// Whether [`Linear::learn`] can be used: stored and used weights of a dense layer are the same.
    pub(super) fn is_plain_dense(&self) -> bool {
        matches!(self.map, Map::Dense { .. }) && self.used.is_identity()
    }

    /// `W -= rate e v^T`, `b -= rate e`, touching only what changes.
    pub(super) fn learn(&mut self, e: &[Event<F>], v: &[Event<F>], rate: F) {
        let Map::Dense { there, back } = &self.map else {
            return;
        };
        for &(i, e) in e {
            let stored = &mut self.stored.weight[i as usize * back.width()..][..back.width()];
            for &(j, v) in v {
                let change = rate * (e * v);
                stored[j as usize] -= change;
                if self.goes_back {
                    self.backward[back.index(i as usize, j as usize)] -= change;
                }
            }
            if let Some(bias) = self.stored.bias.get_mut(i as usize) {
                *bias -= rate * e;
            }
        }
        for &(j, v) in v {
            for &(i, e) in e {
                self.forward[there.index(j as usize, i as usize)] -= rate * (e * v);
            }
        }
    }

    /// How many destination neurons a source value reaches.
    pub(super) fn fan_out(&self, source: usize) -> usize {
        match &self.map {
            Map::Dense { there, .. } => there.width(),
            Map::Kernel(kernel) => kernel.fan_out(source),
            Map::Pool(pool) => pool.fan_out(),
            Map::Zero => 0,
        }
    }

    /// How many source values a destination neuron's error reaches.
    pub(super) fn fan_in(&self, destination: usize) -> usize {
        match &self.map {
            Map::Dense { back, .. } => back.width(),
            Map::Kernel(kernel) => kernel.fan_in(destination),
            Map::Pool(pool) => pool.fan_in(),
            Map::Zero => 0,
        }
    }
}

impl Map {
    fn new(operator: Operator, source: &Shape, destination: &Shape) -> Map {
        let kernel = |window: Window, transposed: bool| {
            Map::Kernel(Box::new(Kernel::new(
                source,
                destination,
                window,
                transposed,
            )))
        };
        match operator {
            Operator::Dense => Map::dense(source.size(), destination.size()),
            Operator::Convolution { window, .. } => kernel(window, false),
            Operator::ConvolutionTranspose { window, .. } => kernel(window, true),
            Operator::AveragePool { size } => Map::Pool(Pool::new(source, destination, size)),
            Operator::Zero => Map::Zero,
        }
    }

    fn dense(sources: usize, destinations: usize) -> Map {
        Map::Dense {
            there: Blocks::new(sources, destinations),
            back: Blocks::new(destinations, sources),
        }
    }
}

/// One sample's values as events.
fn only<F: Real>(values: &[F], places: Places) -> Events<F> {
    let mut only = Events::new(places);
    only.push(|list| add_events(list, values));
    only
}
