//! Operations that are counted, against traces read one by one.

use super::networks::layers;
use super::{network, parameters};
use crate::spide::{Spide, StageTrace};
use spidec_data::generated;
use spidec_ir::Network;
use spidec_ir::network::{PopulationId, Source};

/// Spikes of a dense network's trace that `counts`, each times the neurons that `reach` finds it to lead to.
fn counted(
    trace: &StageTrace<f32>,
    counts: impl Fn(usize, usize) -> bool,
    reach: impl Fn(usize) -> usize,
) -> usize {
    let mut sum = 0;
    for step in trace {
        for (p, population) in step.iter().enumerate() {
            let spikes = population.spikes.iter().enumerate();
            sum += spikes.filter(|&(k, &s)| s != 0 && counts(p, k)).count() * reach(p);
        }
    }
    sum
}

/// Neurons that the projections between populations connect one to, in either direction.
fn reach(network: &Network, population: usize, out: bool) -> usize {
    let id = PopulationId(population as u32);
    let ends = network
        .projections
        .iter()
        .filter_map(|p| match (p.source, out) {
            (Source::Population(source), true) if source == id => Some(p.destination),
            (Source::Population(source), false) if p.destination == id => Some(source),
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
    let cost = spide.cost(&data);
    let (mut forward, mut backward) = (0, 0);
    for (values, label) in data.samples() {
        let sample = spide.sample(values);
        let (stage, trace) = spide.forward_traced(&sample);
        forward += counted(&trace, |_, _| true, |p| reach(&network, p, true));
        let g = spide.rate_gradient(&spide.loss(&stage.logits, label, 2).1);
        let (_, trace) = spide.backward_traced(&sample, &stage, &g);
        let masked = |p: usize, k: usize| stage.masks[p][k];
        backward += counted(&trace, masked, |p| reach(&network, p, false));
    }
    assert!(forward > 0 && backward > 0);
    assert_eq!(cost.forward.accumulates, forward as f64 / 4.0);
    assert_eq!(cost.backward.accumulates, backward as f64 / 4.0);
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
