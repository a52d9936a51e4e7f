//! What is done as published and what is done else, of one neuron, by hand. Weight decay is with the update rules.

use super::super::testing::network;
use super::*;
use spidec_ir::network::{Neuron, Quirk, Shape, Source, Values};

/// Inputs to one neuron that takes 2 away where it fires, with these weights.
fn one(weights: &[f64], quirk: Option<Quirk>) -> (Network, FloatParameters) {
    let mut network = network();
    network.input.shape = Shape(vec![weights.len() as u32]);
    network.populations.truncate(1);
    network.populations[0].shape = Shape(vec![1]);
    network.projections.truncate(1);
    assert_eq!(network.projections[0].source, Source::Input);
    network.projections[0].bias = false;
    network.readout.source = network.population_ids().next().unwrap();
    network.training.published = quirk.into_iter().collect();
    let mut parameters = FloatParameters::zeros(&network);
    parameters.projections[0].weight = weights.to_vec();
    (network, parameters)
}

fn spide((network, parameters): &(Network, FloatParameters)) -> Spide<f64> {
    Spide::new(network, parameters).unwrap()
}

/// A sample whose neuron has mask 1 and this `beta`: the factor of its gradients is half of that.
fn reading(sample: Sample<f64>, beta: f64) -> Reading<f64> {
    Reading {
        sample,
        forward: ForwardStage {
            rates: vec![vec![0.5]],
            counts: vec![vec![1]],
            masks: vec![vec![true]],
            logits: vec![0.0; 3],
        },
        backward: BackwardStage {
            rates: vec![vec![beta]],
            spikes: vec![1],
        },
        error: vec![0.0; 3],
    }
}

fn gradient(case: &(Network, FloatParameters), reading: Reading<f64>) -> Vec<f64> {
    spide(case).gradients(&[reading]).projections[0]
        .weight
        .clone()
}

#[test]
fn a_mask_is_of_the_rate_or_of_the_spikes() {
    // A spike in the first of 100 steps weighs 2^(-16 * 99) in the end, which is 0 in floating point.
    for (quirk, mask) in [(None, true), (Some(Quirk::Mask), false)] {
        let mut case = one(&[1.0], quirk);
        case.0.input.values = Values::Events { resize: false };
        case.0.training.forward.steps = 100;
        case.0.populations[0].neuron = Neuron::Leaky {
            leak: (1.0 / 65536.0).into(),
            leaky_couple: false,
        };
        let frames: Vec<[f64; 1]> = (0..100).map(|k| [if k == 0 { 2.0 } else { 0.0 }]).collect();
        let sample = Sample::frames(frames.iter().map(|frame| &frame[..]));
        let stage = spide(&case).forward(&sample);
        assert_eq!((stage.counts[0][0], stage.rates[0][0]), (1, 0.0));
        assert_eq!(stage.masks, [[mask]]);
    }
}

#[test]
fn dropout_is_in_the_gradients_or_not() {
    // 3 times 0.25 / 2, and the factor of what half of dropout leaves.
    for (quirk, wanted) in [(None, 0.75), (Some(Quirk::DropoutGradient), 0.375)] {
        let sample = Sample::constant(vec![3.0]).with_dropout(vec![vec![2.0]]);
        let found = gradient(&one(&[1.0], quirk), reading(sample, 0.25));
        assert_eq!(found, [wanted]);
    }
}

#[test]
fn events_are_averaged_over_all_frames_or_as_the_rate_is() {
    let frames = [[4.0], [2.0], [9.0]];
    // Two steps of three frames, times 1/2: (4 + 2) / 2, or (4/2 + 2) / 1.5 where half leaks; of all, 15 / 3.
    let leaky = Neuron::Leaky {
        leak: 0.5.into(),
        leaky_couple: false,
    };
    let published = Some(Quirk::EventMean);
    for (neuron, quirk, wanted) in [
        (Neuron::IntegrateAndFire, None, 1.5),
        (leaky, None, 4.0 / 3.0),
        (Neuron::IntegrateAndFire, published, 2.5),
        (leaky, published, 2.5),
    ] {
        let mut case = one(&[1.0], quirk);
        case.0.input.values = Values::Events { resize: false };
        case.0.training.forward.steps = 2;
        case.0.populations[0].neuron = neuron;
        let sample = Sample::frames(frames.iter().map(|frame| &frame[..]));
        let found = gradient(&case, reading(sample, 1.0));
        assert!((found[0] - wanted).abs() < 1e-15, "{found:?} {wanted}");
    }
}

#[test]
fn a_norm_is_estimated_or_exact() {
    let case = |quirk| {
        let mut case = one(&[3.0, 4.0], quirk);
        case.0.projections[0].max_norm = Some(2.5.into());
        case
    };
    // The gradient of the weights used is (1, 0).
    let read = || reading(Sample::constant(vec![1.0, 0.0]), 2.0);
    // The norm is 5: half of the weights, of whose gradient the part along (3, 4) is taken away.
    let exact = case(None);
    assert_eq!(spide(&exact).used_weights(0), [1.5, 2.0]);
    let found = gradient(&exact, read());
    let wanted = [0.5 * (1.0 - 9.0 / 25.0), 0.5 * (-12.0 / 25.0)];
    assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-15));
    // Estimated by the number 2 it is 10: a quarter, which counts as a constant.
    let published = case(Some(Quirk::NormEstimate));
    let mut estimated = spide(&published);
    estimated.set_norm_probe(0, &[2.0]);
    let near = |found: &[f64], wanted: [f64; 2]| {
        assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12));
    };
    near(&estimated.used_weights(0), [0.75, 1.0]);
    let gradients = estimated.gradients(&[read()]);
    near(&gradients.projections[0].weight, [0.25, 0.0]);
    // In training it is another one for each batch, and the dense layer never learns.
    let factors = |(network, parameters): &(Network, FloatParameters)| {
        let mut trainer = Trainer::<f64>::new(network, parameters).unwrap();
        let first = trainer.spide().norm_factor(0);
        trainer.step_read(&[read()]);
        let learned = trainer.spide().parameters().projections != parameters.projections;
        (first, trainer.spide().norm_factor(0), learned)
    };
    let (first, second, learned) = factors(&published);
    assert!(first != Some(0.5) && second != first && !learned);
    let (first, _, learned) = factors(&exact);
    assert!(first == Some(0.5) && learned);
}

/// Frozen or not, it is estimated anew for each batch; the published code trains the bias alone.
#[test]
fn a_layer_whose_norm_is_estimated_keeps_its_weights() {
    let mut network = network();
    network.training.published = vec![Quirk::NormEstimate];
    network.training.update.batch = 2;
    network.training.update.rule = Rule::Sgd {
        momentum: 0.9.into(),
    };
    network.projections[2].max_norm = Some(0.1.into());
    let start = parameters(&network, 5);
    let samples = [(sample(1, 12), 0), (sample(2, 12), 1)];
    for frozen in [false, true] {
        network.projections[2].frozen = frozen;
        let mut trainer = Trainer::<f64>::new(&network, &start).unwrap();
        let mut factors = vec![trainer.spide().norm_factor(2)];
        for _ in 0..3 {
            trainer.step(&samples);
            factors.push(trainer.spide().norm_factor(2));
        }
        assert!(factors.windows(2).all(|pair| pair[0] != pair[1]));
        let found = trainer.spide().parameters();
        let [found, start] = [&found, &start].map(|p| &p.projections[2]);
        assert_eq!(found.weight, start.weight);
        assert_eq!(found.bias == start.bias, frozen);
    }
}
