//! Update rules against a plain reading of them, gradients being those of the engine.

use super::super::testing::network;
use super::super::*;
use super::{flat, parameters, read, sample};
use spidec_ir::network::{Quirk, Rule, Schedule};

/// The learning rate of a step, as a plain reading of schedule and warm-up.
type Rate = fn(u32, u32) -> f64;

/// Five epochs of two batches of two samples; `update` changes one parameter by its gradient, in the
/// rate and number of the step, from 0.
fn follows(network: &Network, rate: Rate, mut update: impl FnMut(usize, &mut f64, f64, f64, u32)) {
    let mut network = network.clone();
    network.training.update.batch = 2;
    let start = parameters(&network, 5);
    let mut wanted = flat(&start);
    let mut trainer = Trainer::<f64>::new(&network, &start).unwrap();
    let data = spidec_data::generated(&network, 4, 8);
    for epoch in 0..5 {
        // In the order of the epoch, as the trainer reads them.
        let order = spidec_ir::random::sample_order(network.training.seed, epoch, 4);
        let mut spide = trainer.spide().clone();
        for (batch, indices) in order.chunks(2).enumerate() {
            let readings: Vec<Reading<f64>> = indices
                .iter()
                .map(|&index| {
                    let (integers, label) = data.sample(index as usize);
                    let x = spide.sample(integers);
                    let forward = spide.forward(&x);
                    let (_, error) = spide.loss(&forward.logits, label, 2);
                    let backward = spide.backward(&x, &forward, &spide.rate_gradient(&error));
                    Reading {
                        sample: x,
                        forward,
                        backward,
                        error,
                    }
                })
                .collect();
            let gradients = flat(&spide.gradients(&readings));
            let step = epoch * 2 + batch as u32;
            for (k, (value, gradient)) in wanted.iter_mut().zip(gradients).enumerate() {
                update(k, value, gradient, rate(epoch, step), step);
            }
            spide = Spide::new(&network, &unflat(&start, &wanted)).unwrap();
        }
        let go_on = &mut |_| std::ops::ControlFlow::Continue(());
        trainer.epoch(&data, go_on).unwrap();
        let found = flat(&trainer.spide().parameters());
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!(
                (found - wanted).abs() < 1e-12,
                "epoch {epoch}: {found} {wanted}"
            );
        }
        assert_ne!(found, flat(&start));
    }
}

/// Parameters of the shapes of `like`.
fn unflat(like: &FloatParameters, values: &[f64]) -> FloatParameters {
    let mut values = values.iter();
    let mut p = like.clone();
    for layer in p.layers_mut() {
        for value in layer.weight.iter_mut().chain(&mut layer.bias) {
            *value = *values.next().unwrap();
        }
    }
    p
}

fn with(rule: Rule, schedule: Schedule, warm_up: u32) -> Network {
    let mut network = network();
    let training = &mut network.training;
    (training.update.rule, training.schedule, training.warm_up) = (rule, schedule, warm_up);
    training.update.weight_decay = 0.01.into();
    training.update.rate = 0.1.into();
    training.loss.scale = 2.0.into();
    network
}

#[test]
fn momentum_and_decay_follow_their_equations() {
    let rule = Rule::Sgd {
        momentum: 0.9.into(),
    };
    let milestones = Schedule::Milestones {
        at: vec![1, 3],
        factor: 0.5.into(),
    };
    let rate: Rate = |epoch, _| [0.1, 0.05, 0.05, 0.025, 0.025][epoch as usize];
    for published in [false, true] {
        let mut network = with(rule, milestones.clone(), 0);
        if published {
            network.training.published = vec![Quirk::WeightDecay];
        }
        // Gradients carry the loss scale of 2. What decays is as much as of the plain loss, or half.
        let decay = if published { 0.01 / 2.0 } else { 0.01 };
        let mut sums = vec![0.0; 1000];
        follows(&network, rate, |k, value, gradient, rate, _| {
            sums[k] = 0.9 * sums[k] + (gradient / 2.0 + decay * *value);
            *value -= rate * sums[k];
        });
    }
}

#[test]
fn adam_follows_its_equations() {
    let rule = Rule::Adam {
        beta1: 0.9.into(),
        beta2: 0.99.into(),
        epsilon: 0.001.into(),
    };
    // Over four epochs, of two steps each; the first three steps warm up.
    let rate: Rate = |epoch, step| {
        let turn = f64::from(epoch.min(4)) / 4.0;
        let cosine = 0.1 * (1.0 + (std::f64::consts::PI * turn).cos()) / 2.0;
        cosine * f64::from((step + 1).min(3)) / 3.0
    };
    let network = with(rule, Schedule::Cosine { epochs: 4 }, 3);
    let mut means = vec![[0.0; 2]; 1000];
    follows(&network, rate, |k, value, gradient, rate, step| {
        let h = gradient / 2.0 + 0.01 * *value;
        let [m, v] = &mut means[k];
        *m = 0.9 * *m + 0.1 * h;
        *v = 0.99 * *v + 0.01 * h * h;
        let (m, v) = (
            *m / (1.0 - 0.9_f64.powi(step as i32 + 1)),
            *v / (1.0 - 0.99_f64.powi(step as i32 + 1)),
        );
        *value -= rate * m / (v.sqrt() + 0.001);
    });
}

#[test]
fn a_batch_is_the_mean_of_its_samples() {
    let mut network = network();
    network.training.update.batch = 3;
    let p = parameters(&network, 6);
    let spide = Spide::<f64>::new(&network, &p).unwrap();
    let batch: Vec<(Sample<f64>, usize)> = (0..3).map(|k| (sample(k, 12), k as usize)).collect();
    let mut trainer = Trainer::<f64>::new(&network, &p).unwrap();
    trainer.step(&batch);
    // The backward stage is not linear: each sample's gradient is of a third of its loss.
    let readings: Vec<Reading<f64>> = batch
        .iter()
        .map(|(x, label)| {
            let mut reading = read(&spide, x, *label);
            reading.error.iter_mut().for_each(|e| *e /= 3.0);
            let g = spide.rate_gradient(&reading.error);
            reading.backward = spide.backward(x, &reading.forward, &g);
            reading
        })
        .collect();
    let gradients = flat(&spide.gradients(&readings));
    let found = flat(&trainer.spide().parameters());
    for ((start, found), gradient) in flat(&p).iter().zip(found).zip(gradients) {
        assert!((start - 0.1 * gradient - found).abs() < 1e-13);
    }
}
