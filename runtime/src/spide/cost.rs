//! What samples cost: the spikes' synaptic operations in both stages, and the operations of the same network
//! as an ANN.

use super::linear::Linear;
use super::sample::Signal;
use super::{ForwardStage, Rates, Readable, Real, Sample, Spide};
use spidec_data::DataError;
use spidec_ir::network::{PopulationId, Source};

/// Means over some samples, each read by both stages without dropout.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// How many samples.
    pub samples: usize,
    /// Firing rates; of the backward stage masked couples count too.
    pub rates: Rates,
    /// The forward stage.
    pub forward: Operations,
    /// The backward stage.
    pub backward: Operations,
    /// An ANN with the same projections, each used once: its forward pass.
    pub ann_forward: Operations,
    /// As before, errors of all populations by backpropagation.
    pub ann_backward: Operations,
}

/// Operations a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Operations {
    /// Accumulates: one for each neuron that a spike, or an event of the input, reaches.
    pub accumulates: f64,
    /// Multiply-accumulates, of what is neither: constant input, resized events, readout, gradient of the rates.
    pub products: f64,
}

impl std::ops::Add for Operations {
    type Output = Operations;

    fn add(self, other: Operations) -> Operations {
        Operations {
            accumulates: self.accumulates + other.accumulates,
            products: self.products + other.products,
        }
    }
}

impl Spide<f32> {
    /// Counts over the samples of a dataset; their errors are those of a batch of the network's size.
    ///
    /// # Errors
    /// A dataset that does not fit the network, or a sample that cannot be read.
    pub fn cost(&self, data: &impl Readable) -> Result<Cost, DataError> {
        data.check(&self.network)?;
        let network = &self.network;
        let count = data.count().max(1) as f64;
        let batch = network.training.update.batch.max(1) as usize;
        let products = |layers: f64| Operations {
            accumulates: 0.0,
            products: layers,
        };
        let readout = network.readout.classes as f64
            * network.population(network.readout.source).shape.size() as f64;
        let (mut inputs, mut recurrent) = (0.0, 0.0);
        for (linear, projection) in self.projections.iter().zip(&network.projections) {
            let all = (0..network.source_size(projection)).map(|k| linear.fan_out(k) as f64);
            match projection.source {
                Source::Input => inputs += all.sum::<f64>(),
                Source::Population(_) => recurrent += all.sum::<f64>(),
            }
        }
        let (mut forward, mut backward) = (products(readout), products(readout));
        let zeros = vec![0; network.populations.len()];
        let (mut spikes, mut couples) = (zeros.clone(), zeros);
        for k in 0..data.count() {
            let (sample, label) = data.read(self, k, None)?;
            let stage = self.forward(&sample);
            let input = self.input_operations(&sample);
            forward.accumulates +=
                (self.synaptic_operations(&stage) as f64 + input.accumulates) / count;
            forward.products += input.products / count;
            let (_, error) = self.loss(&stage.logits, label, batch);
            let sent = self.backward_operations(&sample, &stage, &error, &mut couples);
            backward.accumulates += sent as f64 / count;
            for (sum, spikes) in spikes.iter_mut().zip(stage.spikes()) {
                *sum += spikes;
            }
        }
        let rates = |spikes: &[u64], steps: u32| {
            let populations = network.populations.iter().zip(spikes);
            let rate = populations.map(|(population, &spikes)| {
                spikes as f64 / (population.shape.size() as f64 * f64::from(steps) * count)
            });
            rate.collect()
        };
        Ok(Cost {
            samples: data.count(),
            rates: Rates {
                forward: rates(&spikes, network.training.forward.steps),
                backward: rates(&couples, network.training.backward.steps),
            },
            forward,
            backward,
            ann_forward: products(inputs + recurrent + readout),
            ann_backward: products(recurrent + readout),
        })
    }

    /// Of a constant input a product for each neuron that a value other than 0 reaches, once a sample; of events, in
    /// each step, an accumulate for each neuron that one reaches. Values that are no counts are multiplied.
    fn input_operations(&self, sample: &Sample<f32>) -> Operations {
        let mut operations = Operations::default();
        let projections = self.projections.iter().zip(&self.network.projections);
        for (linear, _) in projections.filter(|(_, p)| p.source == Source::Input) {
            let reach = |k: usize| linear.fan_out(k) as f64;
            match &sample.input {
                Signal::Constant(values) => {
                    let values = values.iter().enumerate();
                    let others = values.filter(|(_, value)| **value != 0.0);
                    operations.products += others.map(|(k, _)| reach(k)).sum::<f64>();
                }
                Signal::Frames(frames) => {
                    let steps = self.network.training.forward.steps as usize;
                    for &(k, value) in frames.iter().take(steps).flatten() {
                        match value.fract() == 0.0 {
                            true => {
                                let events = f64::from(value.abs());
                                operations.accumulates += events * reach(k as usize);
                            }
                            false => operations.products += reach(k as usize),
                        }
                    }
                }
            }
        }
        operations
    }

    /// How many couples' membranes the unmasked spikes of a backward stage change; `couples` gets all spikes.
    fn backward_operations(
        &self,
        sample: &Sample<f32>,
        forward: &ForwardStage<f32>,
        error: &[f32],
        couples: &mut [u64],
    ) -> u64 {
        let g = self.rate_gradient(error);
        let (backward, trace) = self.backward_traced(sample, forward, &g);
        for (sum, spikes) in couples.iter_mut().zip(&backward.spikes) {
            *sum += spikes;
        }
        let mut operations = 0;
        for id in self.network.population_ids() {
            let masks = &forward.masks[id.index()];
            let into: Vec<_> = self.recurrent_into(id).map(|(linear, _)| linear).collect();
            let reach: Vec<u64> = (0..masks.len())
                .map(|k| into.iter().map(|linear| linear.fan_in(k) as u64).sum())
                .collect();
            for step in &trace {
                let spikes = step[id.index()].spikes.iter().zip(masks).zip(&reach);
                let sent = spikes.filter(|((spike, mask), _)| **spike != 0 && **mask);
                operations += sent.map(|(_, reach)| reach).sum::<u64>();
            }
        }
        operations
    }
}

impl<F: Real> Spide<F> {
    /// How many synaptic operations the spikes of a forward stage came to: one for each neuron that
    /// a spike reaches.
    pub fn synaptic_operations(&self, forward: &ForwardStage<F>) -> u64 {
        let of = |(linear, id): (&Linear<F>, PopulationId)| -> u64 {
            let counts = forward.counts[id.index()].iter().enumerate();
            counts
                .map(|(k, &count)| u64::from(count) * linear.fan_out(k) as u64)
                .sum()
        };
        let ids = self.network.population_ids();
        ids.map(|id| self.recurrent_into(id).map(of).sum::<u64>())
            .sum()
    }
}
