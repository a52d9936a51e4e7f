//! Operations that are counted, against traces read one by one.

use super::networks::layers;
use super::{network, parameters};
use crate::spide::{Readable, Real, Sample, Spide, StageTrace};
use spidec_data::{DataError, generated};
use spidec_ir::network::{Direction, Neuron, PopulationId, Projection, Shape, Source, Values};
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Network, Parameters};

/// Spikes of a dense network's trace that `counts`, each times the neurons that `reach` finds it to lead to; the second
/// argument of `reach`: whether the step is the last.
fn counted(
    trace: &StageTrace<f32>,
    counts: impl Fn(usize, usize) -> bool,
    reach: impl Fn(usize, bool) -> usize,
) -> usize {
    let mut sum = 0;
    for (number, step) in (1..).zip(trace) {
        for (p, population) in step.iter().enumerate() {
            let spikes = population.spikes.iter().enumerate();
            let spikes = spikes.filter(|&(k, &s)| s != 0 && counts(p, k)).count();
            sum += spikes * reach(p, number == trace.len());
        }
    }
    sum
}

/// Neurons that the projections between populations connect one to, in either direction; those that hear it a step
/// later only where there is one.
fn reach(network: &Network, population: usize, out: bool, last: bool) -> usize {
    let order = network.backward_order();
    let place = |id: PopulationId| order.iter().position(|&other| other == id).unwrap();
    let id = PopulationId(population as u32);
    let ends = network
        .projections
        .iter()
        .filter_map(|p| match (p.source, out) {
            (Source::Population(source), true) if source == id => {
                (!last || p.direction == Direction::Forward).then_some(p.destination)
            }
            (Source::Population(source), false) if p.destination == id => {
                (!last || place(source) > place(id)).then_some(source)
            }
            _ => None,
        });
    ends.map(|id| network.population(id).shape.size()).sum()
}

#[test]
fn operations_are_the_neurons_that_spikes_reach() {
    let mut network = network();
    network.training.update.batch = 2;
    let spide = Spide::<f32>::new(&network, &parameters(&network, 3)).unwrap();
    let data = generated(&network, 4, 5);
    let cost = spide.cost(&data).unwrap();
    let (mut forward, mut backward) = (0, 0);
    for (values, label) in data.samples() {
        let sample = spide.sample(values);
        let (stage, trace) = spide.forward_traced(&sample);
        forward += counted(
            &trace,
            |_, _| true,
            |p, last| reach(&network, p, true, last),
        );
        let g = spide.rate_gradient(&spide.loss(&stage.logits, label, 2).1);
        let (_, trace) = spide.backward_traced(&sample, &stage, &g);
        let masked = |p: usize, k: usize| stage.masks[p][k];
        backward += counted(&trace, masked, |p, last| reach(&network, p, false, last));
    }
    assert!(forward > 0 && backward > 0);
    assert_eq!(cost.forward.accumulates, forward as f64 / 4.0);
    assert_eq!(cost.backward.accumulates, backward as f64 / 4.0);
}

/// One sample of two inputs over four steps.
struct Frames([[f32; 2]; 4]);

impl Readable for Frames {
    fn count(&self) -> usize {
        1
    }

    fn check(&self, _network: &Network) -> Result<(), DataError> {
        Ok(())
    }

    fn read<F: Real>(
        &self,
        _spide: &Spide<F>,
        _index: usize,
        _epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError> {
        let frames = self.0.map(|frame| frame.map(|v| F::of(v.into())));
        Ok((Sample::frames(frames.iter().map(|f| &f[..])), 0))
    }
}

/// Two inputs of events to three neurons that hear each other, over four steps; every weight from an input is 2, of
/// feedback 0.
fn three() -> (Network, FloatParameters) {
    let mut network = network();
    network.input.shape = Shape(vec![2]);
    network.input.values = Values::Events { resize: false };
    network.populations.truncate(1);
    network.populations[0].shape = Shape(vec![3]);
    network.projections.retain(|p| {
        p.destination == PopulationId(0)
            && [Source::Input, Source::Population(PopulationId(0))].contains(&p.source)
    });
    assert_eq!(network.projections.len(), 2, "{:?}", network.projections);
    network.readout.source = PopulationId(0);
    network.training.forward.steps = 4;
    (
        network.training.forward.v_th,
        network.training.forward.u_rest,
    ) = (1.0.into(), (-1.0).into());
    let weights = |weight: f64, projection: &Projection| Layer {
        weight: vec![weight; 3 * network.source_size(projection)],
        bias: vec![0.0; if projection.bias { 3 } else { 0 }],
    };
    let classes = network.readout.classes as usize;
    let parameters = Parameters {
        // Feedback of zeros reaches its three neurons all the same.
        projections: vec![
            weights(2.0, &network.projections[0]),
            weights(0.0, &network.projections[1]),
        ],
        readout: Layer {
            weight: vec![0.0; 3 * classes],
            bias: vec![0.0; if network.readout.bias { classes } else { 0 }],
        },
    };
    (network, parameters)
}

/// Counted by hand.
#[test]
fn events_are_counted_in_each_step() {
    let (network, parameters) = three();
    let classes = network.readout.classes as usize;
    let spide = Spide::<f32>::new(&network, &parameters).unwrap();
    let cost = |frames| spide.cost(&Frames(frames)).unwrap().forward;
    // 1 + 3 + 0 + 0 events, each to 3 neurons. Membranes: 2, spike; 6, spike; 4, spike; 2, spike; each spike to 3,
    // but the last ones, which would arrive in a fifth step.
    let counted = cost([[1.0, 0.0], [2.0, 1.0], [0.0, 0.0], [0.0, 0.0]]);
    let readout = (3 * classes) as f64;
    assert_eq!(
        (counted.accumulates, counted.products),
        (12.0 + 27.0, readout)
    );
    // Of resized events each is a product for each neuron. Membranes: 1, spike; then below.
    let counted = cost([[0.5, 0.0], [0.0, 0.25], [0.0, 0.0], [0.0, 0.0]]);
    assert_eq!(
        (counted.accumulates, counted.products),
        (9.0, 6.0 + readout)
    );
    // Nothing comes, nothing fires.
    let counted = cost([[0.0; 2]; 4]);
    assert_eq!((counted.accumulates, counted.products), (0.0, readout));
}

/// A leak is a product of a membrane and one of a trace, for each of three neurons in each step.
#[test]
fn leaks_are_products() {
    let (mut network, parameters) = three();
    network.training.backward.steps = 5;
    let readout = f64::from(3 * network.readout.classes);
    let products = |network: &Network| {
        let spide = Spide::<f32>::new(network, &parameters).unwrap();
        let cost = spide.cost(&Frames([[0.0; 2]; 4])).unwrap();
        [cost.forward.products, cost.backward.products]
    };
    assert_eq!(products(&network), [readout; 2]);
    for (leaky_couple, backward) in [(false, 0.0), (true, 30.0)] {
        network.populations[0].neuron = Neuron::Leaky {
            leak: 0.5.into(),
            leaky_couple,
        };
        let wanted = [readout + 24.0, readout + backward];
        assert_eq!(products(&network), wanted);
    }
}

/// Three neurons fire once, in the fourth step: in the fifth each of them reaches all three.
#[test]
fn what_would_arrive_after_the_last_step_is_no_operation() {
    let (network, parameters) = three();
    let spide = Spide::<f32>::new(&network, &parameters).unwrap();
    let sample = |last: f32| {
        let frames = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [last, 0.0]];
        Sample::frames(frames.iter().map(|frame| &frame[..]))
    };
    let spikes: u64 = spide.forward(&sample(1.0)).spikes().sum();
    assert_eq!(spikes, 3);
    assert_eq!(spide.synaptic_operations(&sample(1.0)), 0);
    let mut longer = network.clone();
    longer.training.forward.steps = 5;
    let spide = Spide::<f32>::new(&longer, &parameters).unwrap();
    let frames = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]];
    let sample = Sample::frames(frames.iter().map(|frame| &frame[..]));
    assert_eq!(spide.synaptic_operations(&sample), 9);
}

/// Every connection is one of its source's and one of its destination's.
#[test]
fn fans_out_and_in_are_as_many() {
    let network = layers();
    let spide = Spide::<f32>::new(&network, &parameters(&network, 3)).unwrap();
    let mut connected = 0;
    for (linear, p) in spide.projections.iter().zip(&network.projections) {
        let out: usize = (0..network.source_size(p)).map(|k| linear.fan_out(k)).sum();
        let sums = (0..network.destination_size(p)).map(|k| linear.fan_in(k));
        assert_eq!(out, sums.sum::<usize>(), "{p:?}");
        connected += usize::from(out > 0);
    }
    assert!(connected > 3, "{connected}");
}
