//! The stages against a plain reading of the equations, gradients against implicit differentiation,
//! training against itself and against plain update rules.

mod converge;
mod cost;
mod datasets;
mod descent;
mod invariance;
mod loops;
mod networks;
mod oracle;
mod plain;
mod published;
mod scatter;
mod stages;

use super::testing::network;
use super::*;
use spidec_data::generated;
use spidec_ir::network::Rule;
use spidec_ir::random::{hash, initial_parameters};
use std::ops::ControlFlow;

/// Parameters with biases that are not zero, and an input.
fn parameters(network: &Network, seed: u64) -> FloatParameters {
    let mut parameters = initial_parameters(network, seed);
    for (k, layer) in parameters.layers_mut().enumerate() {
        for (i, bias) in layer.bias.iter_mut().enumerate() {
            *bias = (hash(&[seed, k as u64, i as u64]) % 1000) as f64 / 2500.0;
        }
    }
    parameters
}

fn sample(seed: u64, size: usize) -> Sample<f64> {
    Sample::constant(input(seed, size))
}

fn input(seed: u64, size: usize) -> Vec<f64> {
    let value = |k| (hash(&[seed, k]) % 1000) as f64 / 500.0;
    (0..size as u64).map(value).collect()
}

fn flat(parameters: &FloatParameters) -> Vec<f64> {
    let layers = parameters.layers();
    layers
        .flat_map(|l| l.weight.iter().chain(&l.bias))
        .copied()
        .collect()
}

/// Both stages of a sample.
fn read(spide: &Spide<f64>, x: &Sample<f64>, label: usize) -> Reading<f64> {
    let forward = spide.forward(x);
    let (_, error) = spide.loss(&forward.logits, label, 1);
    let backward = spide.backward(x, &forward, &spide.rate_gradient(&error));
    Reading {
        sample: x.clone(),
        forward,
        backward,
        error,
    }
}

#[test]
fn a_single_sample_learns_the_same_bits_as_a_batch_of_one() {
    let network = network();
    let p = parameters(&network, 5);
    let mut trainer = Trainer::<f64>::new(&network, &p).unwrap();
    let mut changed = 0;
    for seed in 0..10 {
        let (x, label) = (sample(seed, 12), seed as usize % 3);
        let spide = trainer.spide().clone();
        let gradients = spide.gradients(&[read(&spide, &x, label)]);
        let (before, step) = (flat(&spide.parameters()), flat(&gradients));
        let wanted: Vec<f64> = before.iter().zip(&step).map(|(w, g)| w - 0.1 * g).collect();
        trainer.step(&[(x, label)]);
        assert_eq!(flat(&trainer.spide().parameters()), wanted);
        // The transposed copies follow.
        let again = Spide::<f64>::new(&network, &trainer.spide().parameters()).unwrap();
        assert_eq!(
            again.forward(&sample(9, 12)),
            trainer.spide().forward(&sample(9, 12))
        );
        changed += step.iter().filter(|&&g| g != 0.0).count();
    }
    assert!(changed > 500, "{changed}");
}

#[test]
fn frozen_layers_stay_and_the_others_learn_what_they_would() {
    for (momentum, decay, batch) in [(0.0, 0.0, 1), (0.9, 0.01, 2)] {
        let mut network = network();
        network.training.update.rule = Rule::Sgd {
            momentum: momentum.into(),
        };
        network.training.update.weight_decay = decay.into();
        let mut partly = network.clone();
        partly.readout.frozen = true;
        for k in [0, 3, 6] {
            partly.projections[k].frozen = true;
        }
        let samples: Vec<(Sample<f64>, usize)> = (0..batch).map(|k| (sample(k, 12), 1)).collect();
        let start = parameters(&network, 5);
        let trained = |network: &Network| {
            let mut trainer = Trainer::<f64>::new(network, &start).unwrap();
            trainer.step(&samples);
            trainer.spide().parameters()
        };
        let (all, some) = (trained(&network), trained(&partly));
        let layers = start.layers().zip(all.layers()).zip(some.layers());
        for (layer, ((start, all), some)) in layers.enumerate() {
            assert_ne!(start, all, "layer {layer} learns");
            let frozen = partly.is_frozen(layer);
            assert_eq!(some, if frozen { start } else { all }, "layer {layer}");
        }
    }
}

#[test]
fn training_learns_and_tells_how_far_it_is() {
    let network = network();
    let data = generated(&network, 700, 1);
    let mut trainer = Trainer::<f64>::new(&network, &initial_parameters(&network, 1)).unwrap();
    let mut told = Vec::new();
    let mut scores = Vec::new();
    for _ in 0..5 {
        scores.push(
            trainer
                .epoch(&data, &mut |progress| {
                    told.push(progress);
                    ControlFlow::Continue(())
                })
                .unwrap(),
        );
    }
    let done: Vec<usize> = told.iter().map(|p| p.done).take(12).collect();
    assert_eq!(
        done,
        [64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 700, 64]
    );
    assert_eq!((told[10].total, told[10].correct), (700, scores[0].correct));
    let position = trainer.position();
    assert_eq!((position.epochs, position.samples), (5, 3500));
    let score = trainer
        .spide()
        .evaluate(&generated(&network, 300, 1), &mut |_| ())
        .unwrap();
    assert!(
        score.correct > 270 && score.loss < scores[0].loss,
        "{score:?} {scores:?}"
    );
}

#[test]
fn shapes_are_checked_and_named() {
    let network = network();
    let mut p = parameters(&network, 1);
    p.projections[4].weight.pop();
    let error = Spide::<f64>::new(&network, &p).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b -> c needs 42 weights and 6 biases, not 41 and 6"
    );
    p.projections.pop();
    let error = Spide::<f64>::new(&network, &p).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the network has 9 projections, the parameters have 8"
    );

    let mut other = network.clone();
    other.input.shape.0[0] = 5;
    let mut trainer = Trainer::<f64>::new(&network, &parameters(&network, 1)).unwrap();
    assert!(
        trainer
            .epoch(&generated(&other, 4, 1), &mut |_| ControlFlow::Continue(()))
            .is_err()
    );
    other = network.clone();
    other.readout.classes = 4;
    assert!(
        trainer
            .spide()
            .evaluate(&generated(&other, 4, 1), &mut |_| ())
            .is_err()
    );
}
