//! A plain reading of the equations: every operator a dense matrix written out from its definition,
//! every history kept whole.

use spidec_ir::FloatParameters;
use spidec_ir::network::{Direction, Network, Operator, PopulationId, Shape, Source};
use spidec_ir::parameters::Layer;

/// `[destination neuron][source neuron]`.
type Matrix = Vec<Vec<f64>>;
/// Spikes, `[step][population][neuron]`.
pub(super) type History = Vec<Vec<Vec<i8>>>;

/// A network written out.
pub(super) struct Plain<'a> {
    network: &'a Network,
    /// One a projection.
    matrices: Vec<Matrix>,
    /// One a projection, one a destination neuron.
    biases: Vec<Vec<f64>>,
}

/// What a stage comes to.
pub(super) struct Stage {
    pub(super) spikes: History,
    pub(super) rates: Vec<Vec<f64>>,
}

impl Stage {
    /// 1 where a neuron fired in some steps and not in others.
    pub(super) fn mask(&self, population: usize, neuron: usize) -> f64 {
        let fired = |step: &&Vec<Vec<i8>>| step[population][neuron] == 1;
        let count = self.spikes.iter().filter(fired).count();
        f64::from(u8::from(0 < count && count < self.spikes.len()))
    }
}

impl<'a> Plain<'a> {
    pub(super) fn new(network: &'a Network, p: &FloatParameters) -> Plain<'a> {
        let layers = network.projections.iter().enumerate().zip(&p.projections);
        let bias = |k: usize, layer: &Layer<f64>| {
            let size = network.destination_size(&network.projections[k]);
            let of = |i: usize| match layer.bias.len() {
                0 => 0.0,
                // One a channel: the last extent.
                count => layer.bias[i % count],
            };
            (0..size).map(of).collect()
        };
        Plain {
            network,
            matrices: layers
                .clone()
                .map(|((k, _), l)| matrix(network, k, l))
                .collect(),
            biases: layers.map(|((k, _), layer)| bias(k, layer)).collect(),
        }
    }

    fn nothing<T: Clone>(&self, nothing: T) -> Vec<Vec<T>> {
        let populations = self.network.populations.iter();
        populations
            .map(|p| vec![nothing.clone(); p.shape.size()])
            .collect()
    }

    /// The forward stage; `input`: what arrives in each step, `dropout`: factors of each projection's
    /// destination neurons, empty for none.
    pub(super) fn forward(&self, input: &[Vec<f64>], dropout: &[Vec<f64>]) -> Stage {
        let stage = &self.network.training.forward;
        let mut u = self.nothing(0.0);
        let mut spikes: History = Vec::new();
        for t in 0..stage.steps as usize {
            spikes.push(self.nothing(0));
            for id in self.network.population_ids() {
                let p = id.index();
                for i in 0..u[p].len() {
                    let mut sum = u[p][i];
                    for (k, projection) in self.network.into_population(id) {
                        let source: Vec<f64> = match (projection.source, projection.direction) {
                            (Source::Input, _) => input[t].clone(),
                            (Source::Population(_), Direction::Feedback) if t == 0 => continue,
                            (Source::Population(source), direction) => {
                                let t = t - usize::from(direction == Direction::Feedback);
                                let spikes = spikes[t][source.index()].iter();
                                spikes.map(|&s| f64::from(s)).collect()
                            }
                        };
                        let row = self.matrices[k.index()][i].iter();
                        let product: f64 = row.zip(&source).map(|(w, s)| w * s).sum();
                        sum +=
                            factor(dropout, k.index(), i) * (product + self.biases[k.index()][i]);
                    }
                    let fires = sum >= stage.v_th.value();
                    let left = sum - if fires { stage.reset() } else { 0.0 };
                    u[p][i] = left * self.network.population(id).neuron.leak();
                    spikes[t][p][i] = i8::from(fires);
                }
            }
        }
        let rates = self.rates(&spikes, 1.0, |p| self.network.populations[p].neuron.leak());
        Stage { spikes, rates }
    }

    /// The backward stage after a forward stage.
    pub(super) fn backward(&self, forward: &Stage, g: &[f64], dropout: &[Vec<f64>]) -> Stage {
        let network = self.network;
        let (stage, reset) = (&network.training.backward, network.training.forward.reset());
        let order = network.backward_order();
        let place = |id: PopulationId| order.iter().position(|&other| other == id);
        let mut u = self.nothing(0.0);
        let mut spikes: History = Vec::new();
        for t in 0..stage.steps as usize {
            spikes.push(self.nothing(0));
            for &id in &order {
                let p = id.index();
                for j in 0..u[p].len() {
                    let mut sum = u[p][j];
                    if id == network.readout.source {
                        sum += g[j];
                    }
                    for (k, projection) in network.out_of_population(id) {
                        let d = projection.destination;
                        let t = match place(d) < place(id) {
                            true => t,
                            false if t == 0 => continue,
                            false => t - 1,
                        };
                        for (i, &s) in spikes[t][d.index()].iter().enumerate() {
                            let sent = forward.mask(d.index(), i) * f64::from(s) * stage.reset();
                            let weight = self.matrices[k.index()][i][j];
                            sum += weight * factor(dropout, k.index(), i) * sent / reset;
                        }
                    }
                    let threshold = stage.v_th.value();
                    let s = i8::from(sum >= threshold) - i8::from(sum <= -threshold);
                    let left = sum - f64::from(s) * stage.reset();
                    u[p][j] = left * network.population(id).neuron.couple_leak();
                    spikes[t][p][j] = s;
                }
            }
        }
        let leak = |p: usize| network.populations[p].neuron.couple_leak();
        let rates = self.rates(&spikes, stage.reset(), leak);
        Stage { spikes, rates }
    }

    /// Averages of spikes, each worth `worth`, those of `n` steps before the end weighing `leak^n`.
    fn rates(&self, spikes: &History, worth: f64, leak: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
        let rate = |p: usize, i: usize| {
            let (mut sum, mut weights, mut weight) = (0.0, 0.0, 1.0);
            for step in spikes.iter().rev() {
                sum += weight * worth * f64::from(step[p][i]);
                weights += weight;
                weight *= leak(p);
            }
            sum / weights
        };
        let sizes = self.network.populations.iter().map(|p| p.shape.size());
        sizes
            .enumerate()
            .map(|(p, n)| (0..n).map(|i| rate(p, i)).collect())
            .collect()
    }
}

fn factor(dropout: &[Vec<f64>], projection: usize, neuron: usize) -> f64 {
    let factors = dropout.get(projection);
    factors
        .and_then(|factors| factors.get(neuron))
        .copied()
        .unwrap_or(1.0)
}

/// A projection's operator.
fn matrix(network: &Network, projection: usize, layer: &Layer<f64>) -> Matrix {
    let p = &network.projections[projection];
    let (from, to) = (network.source_shape(p), network.destination_shape(p));
    let w = used(network, projection, &layer.weight);
    let mut matrix = vec![vec![0.0; from.size()]; to.size()];
    match p.operator {
        Operator::Zero => {}
        Operator::Dense => {
            for (i, row) in matrix.iter_mut().enumerate() {
                row.copy_from_slice(&w[i * from.size()..][..from.size()]);
            }
        }
        Operator::AveragePool { size } => {
            // Each source place lies in one square.
            for (y, x) in places(from) {
                for c in 0..to.channels() {
                    let destination = at(to, (y / size, x / size), c);
                    matrix[destination][at(from, (y, x), c)] = 1.0 / f64::from(size * size);
                }
            }
        }
        Operator::Convolution { window, .. } | Operator::ConvolutionTranspose { window, .. } => {
            let transposed = matches!(p.operator, Operator::ConvolutionTranspose { .. });
            // The kernel stands at each place of the one and covers places of the other.
            let (stands, covers) = if transposed { (from, to) } else { (to, from) };
            for (y, x) in places(stands) {
                for (a, b) in places(&Shape(vec![window.kernel, window.kernel, 1])) {
                    let row = (y * window.stride + a).checked_sub(window.pad);
                    let column = (x * window.stride + b).checked_sub(window.pad);
                    let (Some(row), Some(column)) = (row, column) else {
                        continue;
                    };
                    let (height, width) = covers.extents().unwrap();
                    if row >= height || column >= width {
                        continue;
                    }
                    let covered = (row, column);
                    let (source, destination) = if transposed {
                        ((y, x), covered)
                    } else {
                        (covered, (y, x))
                    };
                    for o in 0..to.channels() {
                        for c in 0..from.channels() {
                            let tap = (o * window.kernel as usize + a as usize)
                                * window.kernel as usize
                                + b as usize;
                            matrix[at(to, destination, o)][at(from, source, c)] +=
                                w[tap * from.channels() + c];
                        }
                    }
                }
            }
        }
    }
    matrix
}

/// Weights as they are used: standardized by destination channel, of restricted norm.
fn used(network: &Network, projection: usize, stored: &[f64]) -> Vec<f64> {
    let p = &network.projections[projection];
    let mut w = stored.to_vec();
    if let Operator::Convolution {
        standardize: true, ..
    } = p.operator
    {
        let n = w.len() / network.destination_shape(p).channels();
        for row in w.chunks_mut(n) {
            let mean = row.iter().sum::<f64>() / n as f64;
            let squares: f64 = row.iter().map(|w| (w - mean) * (w - mean)).sum();
            let deviation = (squares / (n - 1) as f64).sqrt();
            row.iter_mut()
                .for_each(|w| *w = (*w - mean) / (deviation + 1e-5) / (n as f64).sqrt());
        }
    }
    if let Some(most) = p.max_norm {
        let norm = w.iter().map(|w| w * w).sum::<f64>().sqrt();
        if norm > most.value() {
            w.iter_mut().for_each(|w| *w *= most.value() / norm);
        }
    }
    w
}

fn places(shape: &Shape) -> impl Iterator<Item = (u32, u32)> {
    let (height, width) = shape.extents().unwrap();
    (0..height).flat_map(move |y| (0..width).map(move |x| (y, x)))
}

fn at(shape: &Shape, (y, x): (u32, u32), channel: usize) -> usize {
    let (_, width) = shape.extents().unwrap();
    (y * width + x) as usize * shape.channels() + channel
}
