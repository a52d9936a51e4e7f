//! What samples cost: the spikes' synaptic operations in both stages, and the operations of the same network
//! as an ANN.

use super::activity::Activity;
use super::linear::Linear;
use super::sample::Signal;
use super::{BackwardStage, ForwardStage, PopulationStep, Rates, Readable, Real, Sample, Spide};
use spidec_data::DataError;
use spidec_ir::network::{Direction, Neuron, PopulationId, Source};

/// Products of a leaky neuron or couple in a step: the membrane's leak, and the trace's that is its rate.
const LEAKS: f64 = 2.0;

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
    /// An ANN with the same projections, each used once, zeros of the input skipped: its forward pass.
    pub ann_forward: Operations,
    /// As before, errors of all populations by backpropagation.
    pub ann_backward: Operations,
}

/// Operations a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Operations {
    /// Accumulates: one for each neuron that a spike, or an event of the input, reaches.
    pub accumulates: f64,
    /// Multiply-accumulates, of what is neither: constant input, resized events, leaks, readout, gradient of the
    /// rates.
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
        let mut recurrent = 0.0;
        for (linear, projection) in self.projections.iter().zip(&network.projections) {
            if matches!(projection.source, Source::Population(_)) {
                let all = (0..network.source_size(projection)).map(|k| linear.fan_out(k) as f64);
                recurrent += all.sum::<f64>();
            }
        }
        let mut inputs = 0.0;
        let training = &network.training;
        let leaks = |steps: u32, leak: fn(Neuron) -> f64| {
            let populations = network.populations.iter();
            let leaky = populations.filter(|p| leak(p.neuron) != 1.0);
            let neurons: usize = leaky.map(|p| p.shape.size()).sum();
            LEAKS * f64::from(steps) * neurons as f64
        };
        let mut forward = products(readout + leaks(training.forward.steps, Neuron::leak));
        let mut backward = products(readout + leaks(training.backward.steps, Neuron::couple_leak));
        let mut activity = Activity::new(network);
        for k in 0..data.count() {
            let (sample, label) = data.read(self, k, None)?;
            let (mut heard, mut sent) = (0, 0);
            let stage = self.counted_forward(&sample, &mut heard);
            let input = self.input_operations(&sample);
            forward.accumulates += (heard as f64 + input.accumulates) / count;
            forward.products += input.products / count;
            inputs += self.reached(&sample) / count;
            let (_, error) = self.loss(&stage.logits, label, batch);
            let couples = self.counted_backward(&sample, &stage, &error, &mut sent);
            backward.accumulates += sent as f64 / count;
            activity.add_stages(&stage, &couples);
        }
        Ok(Cost {
            samples: data.count(),
            rates: activity.rates(network),
            forward,
            backward,
            ann_forward: products(inputs + recurrent + readout),
            ann_backward: products(recurrent + readout),
        })
    }

    /// How many neurons the input's values other than 0 reach, of events their average's: what an ANN multiplies, which
    /// skips zeros as spikes do.
    fn reached(&self, sample: &Sample<f32>) -> f64 {
        let projections = self.projections.iter().zip(&self.network.projections);
        let inputs = projections.filter(|(_, p)| p.source == Source::Input);
        let reached = inputs.map(|(linear, projection)| {
            let mean = self.mean_input(projection, sample);
            let others = (0..mean.len()).filter(|&k| mean[k] != 0.0);
            others.map(|k| linear.fan_out(k) as f64).sum::<f64>()
        });
        reached.sum()
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

    /// A backward stage; `sent` gets how many couples' membranes its unmasked spikes change.
    fn counted_backward(
        &self,
        sample: &Sample<f32>,
        forward: &ForwardStage<f32>,
        error: &[f32],
        sent: &mut u64,
    ) -> BackwardStage<f32> {
        let g = self.rate_gradient(error);
        let reach = self.reach_backward();
        let mut step = 0;
        let mut hear = |populations: Vec<PopulationStep<f32>>| {
            step += 1;
            let last = step == self.network.training.backward.steps;
            for ((population, masks), reach) in populations.iter().zip(&forward.masks).zip(&reach) {
                let fired = population.spikes.iter().zip(masks);
                let fired = fired.map(|(&spike, &mask)| spike != 0 && mask);
                *sent += reach.of(fired, last);
            }
        };
        self.backward_heard(sample, forward, &g, &mut hear)
    }

    /// As [`Reach`] of the forward stage, against the arrows: what is handled after its destination in a step
    /// hears that one's spikes at once.
    fn reach_backward(&self) -> Vec<Reach> {
        let order = self.network.backward_order();
        let place = |id: PopulationId| order.iter().position(|&other| other == id);
        let of = |id: PopulationId| {
            let links = self.recurrent_into(id);
            Reach::new(
                self.network.population(id).shape.size(),
                links.map(|(linear, source)| (linear, place(source) <= place(id))),
                Linear::fan_in,
            )
        };
        self.network.population_ids().map(of).collect()
    }
}

/// How many neurons each neuron's spike reaches: in its step, and a step later.
struct Reach {
    now: Vec<u64>,
    later: Vec<u64>,
}

impl Reach {
    /// By links, each delayed by a step or not.
    fn new<'a, F: Real>(
        size: usize,
        links: impl Iterator<Item = (&'a Linear<F>, bool)>,
        fan: impl Fn(&Linear<F>, usize) -> usize,
    ) -> Reach {
        let [mut now, mut later] = [vec![0; size], vec![0; size]];
        for (linear, delayed) in links {
            let reach = if delayed { &mut later } else { &mut now };
            for (k, reach) in reach.iter_mut().enumerate() {
                *reach += fan(linear, k) as u64;
            }
        }
        Reach { now, later }
    }

    /// How many neurons the spikes of a step reach; none later than the last step.
    fn of(&self, fired: impl Iterator<Item = bool>, last: bool) -> u64 {
        let reach = self.now.iter().zip(&self.later);
        let reach = reach.zip(fired).filter(|&(_, fired)| fired);
        reach
            .map(|((now, later), _)| now + if last { 0 } else { *later })
            .sum()
    }
}

impl<F: Real> Spide<F> {
    /// How many synaptic operations the spikes of a sample's forward stage come to: one for each neuron that
    /// a spike reaches before the stage ends.
    ///
    /// # Panics
    /// As [`Spide::forward`].
    pub fn synaptic_operations(&self, sample: &Sample<F>) -> u64 {
        let mut sent = 0;
        self.counted_forward(sample, &mut sent);
        sent
    }

    /// A forward stage; `sent` gets its synaptic operations.
    fn counted_forward(&self, sample: &Sample<F>, sent: &mut u64) -> ForwardStage<F> {
        let reach = self.reach_forward();
        let mut step = 0;
        let mut hear = |populations: Vec<PopulationStep<F>>| {
            step += 1;
            let last = step == self.network.training.forward.steps;
            for (population, reach) in populations.iter().zip(&reach) {
                let fired = population.spikes.iter().map(|&spike| spike != 0);
                *sent += reach.of(fired, last);
            }
        };
        self.forward_heard(sample, &mut hear)
    }

    fn reach_forward(&self) -> Vec<Reach> {
        let of = |id: PopulationId| {
            let links = self.network.out_of_population(id).map(|(k, projection)| {
                let delayed = projection.direction == Direction::Feedback;
                (&self.projections[k.index()], delayed)
            });
            let size = self.network.population(id).shape.size();
            Reach::new(size, links, Linear::fan_out)
        };
        self.network.population_ids().map(of).collect()
    }
}
