//! Training: stochastic gradient descent over batches and epochs.

use super::{ShapeMismatch, Spide};
use crate::data::{DataError, Dataset};
use spidec_ir::parameters::Layer;
use spidec_ir::random::sample_order;
use spidec_ir::{FloatParameters, Network};

/// How often progress is told, in samples.
const PROGRESS: usize = 256;

/// A network in training.
#[derive(Clone, Debug)]
pub struct Trainer {
    spide: Spide,
    gradients: FloatParameters,
    /// Where momentum is not zero, its buffers.
    momentum: Option<FloatParameters>,
    epochs: u32,
    samples: u64,
    /// One a population.
    fired: Vec<bool>,
}

/// What one step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchReport {
    /// Sum of the unscaled losses.
    pub loss: f64,
    /// Samples whose prediction was right.
    pub correct: usize,
}

/// How far an epoch or an evaluation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Samples done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
    /// Mean unscaled loss of the samples done.
    pub loss: f64,
    /// Right predictions among them.
    pub correct: usize,
}

/// What a whole pass over a dataset came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Samples.
    pub samples: usize,
    /// Mean unscaled loss.
    pub loss: f64,
    /// Right predictions.
    pub correct: usize,
}

/// Adds up reports and tells progress.
struct Tally<'a> {
    total: usize,
    done: usize,
    sum: BatchReport,
    told: usize,
    tell: &'a mut dyn FnMut(Progress),
}

impl<'a> Tally<'a> {
    fn new(total: usize, tell: &'a mut dyn FnMut(Progress)) -> Tally<'a> {
        Tally {
            total,
            done: 0,
            sum: BatchReport::default(),
            told: 0,
            tell,
        }
    }

    fn add(&mut self, samples: usize, report: BatchReport) {
        self.done += samples;
        self.sum.loss += report.loss;
        self.sum.correct += report.correct;
        if self.done == self.total || self.done - self.told >= PROGRESS {
            self.told = self.done;
            (self.tell)(Progress {
                done: self.done,
                total: self.total,
                loss: self.sum.loss / self.done as f64,
                correct: self.sum.correct,
            });
        }
    }

    fn score(&self) -> Score {
        Score {
            samples: self.done,
            loss: self.sum.loss / self.done.max(1) as f64,
            correct: self.sum.correct,
        }
    }
}

impl Trainer {
    /// Starts from parameters, which must have the network's shapes.
    pub fn new(network: &Network, parameters: &FloatParameters) -> Result<Trainer, ShapeMismatch> {
        Trainer::resume(network, parameters, None, 0, 0)
    }

    /// Goes on after `epochs` epochs and `samples` samples. Momentum's buffers are zero where none
    /// are given, and left out where the network has no momentum.
    pub fn resume(
        network: &Network,
        parameters: &FloatParameters,
        momentum: Option<&FloatParameters>,
        epochs: u32,
        samples: u64,
    ) -> Result<Trainer, ShapeMismatch> {
        let zeros = FloatParameters::zeros(network);
        if let Some(momentum) = momentum {
            super::check_shapes(network, momentum)?;
        }
        let has_momentum = network.training.update.momentum.value() != 0.0;
        Ok(Trainer {
            spide: Spide::new(network, parameters)?,
            momentum: has_momentum.then(|| momentum.unwrap_or(&zeros).clone()),
            gradients: zeros,
            epochs,
            samples,
            fired: vec![false; network.populations.len()],
        })
    }

    /// The network with the parameters as they are now.
    pub fn spide(&self) -> &Spide {
        &self.spide
    }

    /// Momentum's buffers, where momentum is not zero.
    pub fn momentum(&self) -> Option<&FloatParameters> {
        self.momentum.as_ref()
    }

    /// Epochs done.
    pub fn epochs(&self) -> u32 {
        self.epochs
    }

    /// Samples trained so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Whether a neuron of each population fired in the forward stage of any sample of the latest epoch, or of the
    /// steps since it began.
    pub fn fired(&self) -> &[bool] {
        &self.fired
    }

    /// One epoch over a dataset, in the order of [`sample_order`] of the network's seed. The last
    /// batch holds what is left.
    ///
    /// `tell` hears of progress every few hundred samples and at the end. The error is a dataset
    /// that does not fit the network.
    pub fn epoch(
        &mut self,
        data: &Dataset,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<Score, DataError> {
        data.check(&self.spide.network)?;
        let training = &self.spide.network.training;
        let order = sample_order(training.seed, self.epochs, data.len());
        let batch = training.update.batch.max(1) as usize;
        let mut tally = Tally::new(data.len(), tell);
        self.fired.fill(false);
        for indices in order.chunks(batch) {
            let values: Vec<(Vec<f64>, usize)> = indices
                .iter()
                .map(|&index| {
                    let (sample, label) = data.sample(index as usize);
                    (self.spide.input_values(sample), label)
                })
                .collect();
            let report = self.step(&values);
            tally.add(values.len(), report);
        }
        self.epochs += 1;
        Ok(tally.score())
    }

    /// One step of gradient descent by a batch of input values with their labels.
    ///
    /// # Panics
    /// If a sample has not the input's size, or a label is no class.
    pub fn step(&mut self, batch: &[(Vec<f64>, usize)]) -> BatchReport {
        let training = &self.spide.network.training;
        let rate = training.rate(self.epochs) / training.loss.scale.value();
        let decay = training.update.weight_decay.value();
        let single = batch.len() == 1 && decay == 0.0 && self.momentum.is_none();

        let mut report = BatchReport::default();
        for (x, label) in batch {
            let forward = self.spide.forward(x);
            let (loss, error) = self.spide.loss(&forward.logits, *label, batch.len());
            let g = self.spide.rate_gradient(&error);
            let backward = self.spide.backward(&forward, &g);
            if single {
                self.spide.learn(x, &forward, &backward, &error, rate);
            } else {
                self.spide
                    .add_gradients(&mut self.gradients, x, &forward, &backward, &error);
            }
            report.loss += loss;
            report.correct += usize::from(forward.prediction() == *label);
            for (fired, rates) in self.fired.iter_mut().zip(&forward.rates) {
                *fired |= rates.iter().any(|&rate| rate > 0.0);
            }
        }
        if !single {
            self.descend(rate, decay);
        }
        self.samples += batch.len() as u64;
        report
    }

    /// `h = grad + decay theta`, `buf = momentum buf + h`, `theta -= rate buf` in every layer that is
    /// not frozen; clears the gradients.
    fn descend(&mut self, rate: f64, decay: f64) {
        let factor = self.spide.network.training.update.momentum.value();
        let mut buffers = self.momentum.as_mut().map(|m| m.layers_mut());
        for (weights, gradient) in self.spide.layers_mut().zip(self.gradients.layers_mut()) {
            let buffer = buffers.as_mut().and_then(Iterator::next);
            if !weights.frozen {
                // `h` takes the gradient's place, and momentum's sum takes `h`'s.
                weights.decay(gradient, decay);
                match buffer {
                    None => weights.descend(gradient, rate),
                    Some(buffer) => {
                        for (buffer, h) in numbers(buffer).zip(numbers(gradient)) {
                            *buffer = factor * *buffer + *h;
                        }
                        weights.descend(buffer, rate);
                    }
                }
            }
            numbers(gradient).for_each(|g| *g = 0.0);
        }
    }
}

impl Spide {
    /// Loss and right predictions over a dataset, forward stage alone.
    ///
    /// `tell` as in [`Trainer::epoch`]. The error is a dataset that does not fit the network.
    pub fn evaluate(
        &self,
        data: &Dataset,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<Score, DataError> {
        data.check(&self.network)?;
        let mut tally = Tally::new(data.len(), tell);
        for (sample, label) in data.samples() {
            let forward = self.forward(&self.input_values(sample));
            let report = BatchReport {
                loss: self.loss(&forward.logits, label, 1).0,
                correct: usize::from(forward.prediction() == label),
            };
            tally.add(1, report);
        }
        Ok(tally.score())
    }
}

/// All weights, then all biases.
fn numbers(layer: &mut Layer<f64>) -> impl Iterator<Item = &mut f64> {
    layer.weight.iter_mut().chain(&mut layer.bias)
}
