//! What a network may have that fixed point, or the array, has not.

use super::Obstacle;
use crate::network::{Network, Neuron, Operator, Quirk, Rule, Shape, Values};
use crate::random::NOISE_INDEX_BITS;

/// Everything in a network that fixed point executes and the array does not.
pub fn array_obstacles(network: &Network) -> Vec<Obstacle> {
    let populations = network.populations.iter().enumerate();
    populations
        .filter(|(_, population)| population.neuron != Neuron::IntegrateAndFire)
        .map(|(k, _)| Obstacle::Feature {
            place: format!("population.{k}"),
            what: "leak",
            training: false,
        })
        .collect()
}

/// Everything in a network that fixed point does not execute.
pub(super) fn unsupported(network: &Network) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let mut add = |place: String, what, training| {
        found.push(Obstacle::Feature {
            place,
            what,
            training,
        });
    };
    let large = |shape: &Shape| shape.size() > 1 << NOISE_INDEX_BITS;
    let room = "room for more than 65536 values";
    if large(&network.input.shape) {
        add("input".into(), room, false);
    }
    match &network.input.values {
        Values::Events { .. } => add("input".into(), "events", false),
        Values::Constant { .. } if network.input.plain_scale().is_none() => {
            add("input".into(), "mean or deviation of the input", false);
        }
        Values::Constant { .. } => {}
    }
    for (k, population) in network.populations.iter().enumerate() {
        if large(&population.shape) {
            add(format!("population.{k}"), room, false);
        }
    }
    for (k, projection) in network.projections.iter().enumerate() {
        let place = format!("projection.{k}");
        match projection.operator {
            Operator::Dense => {}
            Operator::Convolution { .. } => add(place.clone(), "convolution", false),
            Operator::ConvolutionTranspose { .. } => {
                add(place.clone(), "transposed convolution", false);
            }
            Operator::AveragePool { .. } => add(place.clone(), "pooling", false),
            Operator::Zero => add(place.clone(), "zero projection", false),
        }
        if projection.max_norm.is_some() {
            add(place.clone(), "restricted norm", false);
        }
        if projection.dropout.value() != 0.0 {
            add(place, "dropout", true);
        }
    }
    if matches!(network.training.update.rule, Rule::Adam { .. }) {
        add("update".into(), "Adam", true);
    }
    // Its masks are of counts; where nothing leaks they are the same.
    if network.training.has(Quirk::Mask) && !array_obstacles(network).is_empty() {
        add("training".into(), "masks of weighted rates", true);
    }
    if network.training.augment.is_some() {
        add("training".into(), "augmentation", true);
    }
    if network.training.warm_up != 0 {
        add("training".into(), "warm-up", true);
    }
    found
}
