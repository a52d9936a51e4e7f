//! One layer's weights, kept both ways so that events of either side find theirs in a row.

use spidec_ir::parameters::Layer;

/// A non-zero value and its index.
pub(super) type Event = (u32, f64);

/// The values that are not zero.
pub(super) fn events(values: &[f64]) -> Vec<Event> {
    (0..)
        .zip(values.iter().copied())
        .filter(|&(_, value)| value != 0.0)
        .collect()
}

/// Weights and biases of a dense projection or of the readout.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    sources: usize,
    destinations: usize,
    /// `[destination][source]`.
    rows: Vec<f64>,
    /// The same numbers, `[source][destination]`.
    columns: Vec<f64>,
    /// One a destination, or none.
    pub(super) bias: Vec<f64>,
    /// Whether training leaves them alone.
    pub(super) frozen: bool,
}

impl Weights {
    pub(super) fn new(
        layer: &Layer<f64>,
        sources: usize,
        destinations: usize,
        frozen: bool,
    ) -> Weights {
        let mut weights = Weights {
            sources,
            destinations,
            rows: layer.weight.clone(),
            columns: vec![0.0; sources * destinations],
            bias: layer.bias.clone(),
            frozen,
        };
        weights.transpose();
        weights
    }

    pub(super) fn layer(&self) -> Layer<f64> {
        Layer {
            weight: self.rows.clone(),
            bias: self.bias.clone(),
        }
    }

    /// `sum += W v`, `v` given by its events.
    pub(super) fn forward(&self, sum: &mut [f64], v: &[Event]) {
        scatter(sum, &self.columns, v);
    }

    /// `sum += W^T e`, `e` given by its events.
    pub(super) fn backward(&self, sum: &mut [f64], e: &[Event]) {
        scatter(sum, &self.rows, e);
    }

    /// `W -= rate e v^T`, `b -= rate e`, touching only what changes.
    pub(super) fn learn(&mut self, e: &[Event], v: &[Event], rate: f64) {
        for &(i, e) in e {
            let row = &mut self.rows[i as usize * self.sources..][..self.sources];
            for &(j, v) in v {
                row[j as usize] -= rate * (e * v);
            }
            if let Some(bias) = self.bias.get_mut(i as usize) {
                *bias -= rate * e;
            }
        }
        if !e.is_empty() {
            for &(j, v) in v {
                let column =
                    &mut self.columns[j as usize * self.destinations..][..self.destinations];
                for &(i, e) in e {
                    column[i as usize] -= rate * (e * v);
                }
            }
        }
    }

    /// `step += decay theta`.
    pub(super) fn decay(&self, step: &mut Layer<f64>, decay: f64) {
        for (theta, step) in [(&self.rows, &mut step.weight), (&self.bias, &mut step.bias)] {
            for (step, theta) in step.iter_mut().zip(theta) {
                *step += decay * theta;
            }
        }
    }

    /// `theta -= rate step`.
    pub(super) fn descend(&mut self, step: &Layer<f64>, rate: f64) {
        for (theta, step) in [(&mut self.rows, &step.weight), (&mut self.bias, &step.bias)] {
            for (theta, step) in theta.iter_mut().zip(step) {
                *theta -= rate * step;
            }
        }
        self.transpose();
    }

    /// The number of source values.
    pub(super) fn sources(&self) -> usize {
        self.sources
    }

    fn transpose(&mut self) {
        for (i, row) in self.rows.chunks_exact(self.sources.max(1)).enumerate() {
            for (j, &w) in row.iter().enumerate() {
                self.columns[j * self.destinations + i] = w;
            }
        }
    }
}

/// `sum += value * row(index)` for every event, in their order.
fn scatter(sum: &mut [f64], matrix: &[f64], events: &[Event]) {
    let width = sum.len();
    let row = |index: u32| &matrix[index as usize * width..][..width];
    // Four at a time: the sum is loaded and stored once for them; the order of additions stays.
    let mut fours = events.chunks_exact(4);
    for four in &mut fours {
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| row(four[k].0));
        let [va, vb, vc, vd] = [0, 1, 2, 3].map(|k| four[k].1);
        for (i, sum) in sum.iter_mut().enumerate() {
            *sum = *sum + va * a[i] + vb * b[i] + vc * c[i] + vd * d[i];
        }
    }
    for &(index, value) in fours.remainder() {
        for (sum, w) in sum.iter_mut().zip(row(index)) {
            *sum += value * w;
        }
    }
}
