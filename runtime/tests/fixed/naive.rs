//! The definition written down directly: dense loops in 64 bits, every step of every neuron and
//! couple, every weight updated, nothing skipped.

mod leak;

pub use leak::Fault;

use spidec_ir::fixed::{
    Constants, Errors, LearningConstant, couple, fire, mean_squared_error, round_shift,
    softmax_error, softmax_table, update,
};
use spidec_ir::network::*;
use spidec_ir::random::{noise, noise_destination, noise_source};
use spidec_ir::trace::{ClampPlace, Clamped};
use spidec_ir::{FixedParameters, Network};

/// `[step][population][neuron]`: spike and membrane.
pub type Steps = Vec<Vec<Vec<(i32, i32)>>>;

pub struct Naive<'a> {
    pub network: &'a Network,
    pub constants: Constants,
    pub parameters: FixedParameters,
    pub samples: u64,
    pub fault: Option<Fault>,
}

#[derive(Default)]
pub struct Forward {
    pub steps: Steps,
    pub counts: Vec<Vec<i32>>,
    /// Empty where neurons do not leak.
    pub traces: Vec<Vec<i32>>,
    pub logits: Vec<i32>,
    pub prediction: u32,
    pub clamped: Clamped,
}

#[derive(Default)]
pub struct Backward {
    pub error: Errors,
    pub gradient: Vec<i32>,
    pub steps: Steps,
    /// With the mask.
    pub counts: Vec<Vec<i32>>,
    /// The same of leaky couples.
    pub traces: Vec<Vec<i32>>,
    /// Of couples with mask 1 that learning needs.
    pub clamped: Clamped,
}

/// Counts a number that was clamped; they come in the order in which the first is the first.
fn note(clamped: &mut Clamped, saturated: bool, place: [u32; 4]) {
    let [step, population_or_layer, neuron, source] = place;
    if saturated {
        clamped.count += 1;
        clamped.first.get_or_insert(ClampPlace {
            step,
            population_or_layer,
            neuron,
            source,
        });
    }
}

impl Naive<'_> {
    fn size(&self, p: usize) -> usize {
        self.network.populations[p].shape.size()
    }

    fn weight(&self, projection: usize, i: usize, j: usize) -> i64 {
        let sources = self
            .network
            .source_size(&self.network.projections[projection]);
        i64::from(self.parameters.projections[projection].weight[i * sources + j])
    }

    fn bias(&self, projection: usize, i: usize) -> i64 {
        let bias = &self.parameters.projections[projection].bias;
        bias.get(i).map_or(0, |&b| i64::from(b))
    }

    fn readout(&self, class: usize, i: usize) -> i64 {
        let sources = self.size(self.network.readout.source.index());
        i64::from(self.parameters.readout.weight[class * sources + i])
    }

    fn unmasked(&self, count: i32) -> bool {
        count != 0 && count != self.network.training.forward.steps as i32
    }

    pub fn forward(&self, sample: &[u8]) -> Forward {
        let (network, c) = (self.network, &self.constants);
        let mut result = Forward::default();
        // Spikes and membranes as they are now.
        let mut now: Vec<Vec<(i32, i32)>> = Vec::new();
        let mut current: Vec<Vec<i64>> = Vec::new();
        for p in 0..network.populations.len() {
            let mut acc = vec![0i64; self.size(p)];
            let mut start = vec![0i64; self.size(p)];
            for (k, projection) in network.projections.iter().enumerate() {
                if projection.destination.index() != p {
                    continue;
                }
                for i in 0..self.size(p) {
                    acc[i] += self.bias(k, i) << c.input_exponent;
                    if projection.direction == Direction::Feedback {
                        start[i] -= self.bias(k, i) << c.weight_shift;
                    }
                    if projection.source == Source::Input {
                        for (j, &x) in sample.iter().enumerate() {
                            acc[i] += self.weight(k, i, j) * i64::from(x);
                        }
                    }
                }
            }
            current.push(acc.iter().map(|&a| round_shift(a, c.input_shift)).collect());
            now.push(start.iter().map(|&u| (0, u as i32)).collect());
            result.counts.push(vec![0; self.size(p)]);
            let traces = if self.leak(p, false).is_some() {
                self.size(p)
            } else {
                0
            };
            result.traces.push(vec![0; traces]);
        }
        for step in 1..=network.training.forward.steps {
            let previous = now.clone();
            for p in 0..network.populations.len() {
                for i in 0..self.size(p) {
                    let mut sum = i64::from(now[p][i].1) + current[p][i];
                    for (k, projection) in network.projections.iter().enumerate() {
                        let Source::Population(source) = projection.source else {
                            continue;
                        };
                        if projection.destination.index() != p {
                            continue;
                        }
                        let spikes = match projection.direction {
                            Direction::Forward => &now[source.index()],
                            Direction::Feedback => &previous[source.index()],
                        };
                        for (j, spike) in spikes.iter().enumerate() {
                            sum += i64::from(spike.0) * (self.weight(k, i, j) << c.weight_shift);
                        }
                    }
                    let (spike, membrane, saturated) = match self.leak(p, false) {
                        Some(leak) => {
                            let fired = self.leaky(sum, leak, c.threshold, false);
                            let trace = &mut result.traces[p][i];
                            *trace = self.traced(*trace, leak, fired.0);
                            fired
                        }
                        None => {
                            let sum = i32::try_from(sum).expect("the bounds promised 32 bits");
                            let fired = fire(sum, network.array.membrane, c.threshold, c.reset);
                            (fired.spike, fired.membrane, fired.saturated)
                        }
                    };
                    now[p][i] = (spike, membrane);
                    result.counts[p][i] += spike;
                    let place = [step, p as u32, i as u32, 0];
                    note(&mut result.clamped, saturated, place);
                }
            }
            result.steps.push(now.clone());
        }
        let source = network.readout.source;
        let rates = self.rates(&result.traces, &result.counts, source.index());
        let one = self.one(source);
        for class in 0..network.readout.classes as usize {
            let bias = self
                .parameters
                .readout
                .bias
                .get(class)
                .map_or(0, |&b| i64::from(b));
            let mut z = bias * one;
            for (i, &rate) in rates.iter().enumerate() {
                z += self.readout(class, i) * i64::from(rate);
            }
            result
                .logits
                .push(i32::try_from(z).expect("the bounds promised 32 bits"));
            if result.logits[class] > result.logits[result.prediction as usize] {
                result.prediction = class as u32;
            }
        }
        result
    }

    pub fn backward(&self, forward: &Forward, label: usize) -> Backward {
        let (network, c) = (self.network, &self.constants);
        let (format, logits) = (network.array.error, &forward.logits);
        let unit = self.one(network.readout.source) << network.array.weight.frac;
        let mut result = Backward {
            error: match network.training.loss.kind {
                LossKind::CrossEntropy => {
                    softmax_error(&softmax_table(), logits, unit, label, format)
                }
                LossKind::MeanSquaredError => mean_squared_error(logits, unit, label, format),
            },
            ..Backward::default()
        };
        let head = network.readout.source.index();
        for i in 0..self.size(head) {
            let mut sum = 0;
            for (class, &error) in result.error.values.iter().enumerate() {
                sum += self.readout(class, i) * i64::from(error * c.gradient_mantissa);
            }
            i32::try_from(sum).expect("the bounds promised 32 bits");
            result
                .gradient
                .push(round_shift(sum, c.gradient_shift) as i32);
        }
        let silent = |p: usize| vec![(0, 0); self.size(p)];
        let mut now: Vec<Vec<(i32, i32)>> = (0..network.populations.len()).map(silent).collect();
        let mut counts: Vec<Vec<i32>> = forward.counts.iter().map(|c| vec![0; c.len()]).collect();
        let mut traces: Vec<Vec<i32>> = { counts.iter().enumerate() }
            .map(|(p, counts)| match self.leak(p, true) {
                Some(_) => counts.clone(),
                None => Vec::new(),
            })
            .collect();
        let needed = network.backward_populations();
        for step in 1..=network.training.backward.steps {
            // Populations handled before in this step show this step's spikes, the others the previous step's.
            for id in network.backward_order() {
                let p = id.index();
                let before = now.clone();
                for j in 0..self.size(p) {
                    let mut sum = i64::from(now[p][j].1);
                    if p == head {
                        sum += i64::from(result.gradient[j]);
                    }
                    for (k, projection) in network.projections.iter().enumerate() {
                        if projection.source != Source::Population(id) {
                            continue;
                        }
                        let d = projection.destination.index();
                        for (i, &(spike, _)) in before[d].iter().enumerate() {
                            if self.unmasked(forward.counts[d][i]) {
                                sum += i64::from(spike) * (self.weight(k, i, j) << c.weight_shift);
                            }
                        }
                    }
                    let (spike, membrane, saturated) = match self.leak(p, true) {
                        Some(leak) => self.leaky(sum, leak, c.back_threshold, true),
                        None => {
                            let sum = i32::try_from(sum).expect("the bounds promised 32 bits");
                            let membrane = network.array.membrane;
                            let fired = couple(sum, membrane, c.back_threshold, c.reset);
                            (fired.spike, fired.membrane, fired.saturated)
                        }
                    };
                    now[p][j] = (spike, membrane);
                    if self.unmasked(forward.counts[p][j]) {
                        counts[p][j] += spike;
                        if let Some(leak) = self.leak(p, true) {
                            traces[p][j] = self.traced(traces[p][j], leak, spike);
                        }
                        let place = [step, p as u32, j as u32, 0];
                        note(&mut result.clamped, saturated && needed[p], place);
                    }
                }
            }
            result.steps.push(now.clone());
        }
        result.counts = counts;
        result.traces = traces;
        result
    }

    /// Updates all weights; says which were clamped.
    pub fn learn(
        &mut self,
        sample: &[u8],
        forward: &Forward,
        backward: &Backward,
        rate: f64,
    ) -> Clamped {
        let network = self.network;
        let mut clamped = Clamped::default();
        let readout = network.projections.len();
        for layer in [readout].into_iter().chain(0..readout) {
            let projection = network.projections.get(layer);
            if projection.map_or(network.readout.frozen, |p| p.frozen) {
                continue;
            }
            let id = projection.map(|_| ProjectionId(layer as u32));
            let constant = LearningConstant::of(network, id, rate).0.expect("checked");
            let source = projection.map(|p| p.source);
            let rates = |p: PopulationId| {
                let rates = self.rates(&forward.traces, &forward.counts, p.index());
                rates.to_vec()
            };
            let mut values: Vec<i32> = match source {
                Some(Source::Input) => sample.iter().map(|&x| i32::from(x)).collect(),
                Some(Source::Population(p)) => rates(p),
                None => rates(network.readout.source),
            };
            let sources = values.len();
            values.push(match source {
                Some(Source::Input) => 1 << self.constants.input_exponent,
                Some(Source::Population(p)) => self.one(p) as i32,
                None => self.one(network.readout.source) as i32,
            });
            let errors = match projection {
                Some(p) => {
                    let p = p.destination.index();
                    self.rates(&backward.traces, &backward.counts, p)
                }
                None => &backward.error.values,
            };
            let parameters = match projection {
                Some(_) => &mut self.parameters.projections[layer],
                None => &mut self.parameters.readout,
            };
            let base = noise(network.training.seed, self.samples, layer as u32);
            // A layer's biases come after its weights.
            for bias in [false, true] {
                let columns = if bias {
                    sources..sources + 1
                } else {
                    0..sources
                };
                for (i, j) in (0..errors.len()).flat_map(|i| columns.clone().map(move |j| (i, j))) {
                    let (error, value) = (errors[i], values[j]);
                    let w = if j < sources {
                        &mut parameters.weight[i * sources + j]
                    } else if let Some(b) = parameters.bias.get_mut(i) {
                        b
                    } else {
                        continue;
                    };
                    let noise = base ^ noise_destination(i as u32) ^ noise_source(j as u32);
                    let (rounding, format) = (network.array.learning, network.array.weight);
                    let event = constant.event(error);
                    let new = update(*w, event, value, constant.shift, noise, rounding, format);
                    *w = new.weight;
                    let place = [0, layer as u32, i as u32, j as u32];
                    note(&mut clamped, new.saturated, place);
                }
            }
        }
        self.samples += 1;
        clamped
    }
}
