//! What results do not depend on: threads, company, and, within rounding, the width of numbers.

use super::super::testing::network;
use super::super::workspace::Workspace;
use super::super::*;
use super::networks::{cases, layers, on_grid};
use super::{flat, input, parameters};
use spidec_data::generated;
use spidec_ir::network::{LossKind, Operator, Rule};
use std::ops::ControlFlow;

/// Parameters and what the update rule remembers after two epochs.
fn trained<F: Real>(network: &Network, threads: usize) -> (Vec<f64>, Buffers<F>, Rates, f64) {
    let data = generated(network, 45, 3);
    let start = parameters(network, 3);
    let mut trainer = Trainer::<F>::new(network, &start)
        .unwrap()
        .with_threads(threads);
    let mut loss = 0.0;
    for _ in 0..2 {
        loss = trainer
            .epoch(&data, &mut |_| ControlFlow::Continue(()))
            .unwrap()
            .loss;
    }
    let found = flat(&trainer.spide().parameters());
    assert_ne!(found, flat(&start));
    (found, trainer.buffers().clone(), trainer.rates(), loss)
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let mut network = layers();
    network.training.update.batch = 20;
    network.training.update.rule = Rule::Sgd {
        momentum: 0.9.into(),
    };
    for k in [0, 4] {
        network.projections[k].dropout = 0.25.into();
    }
    for threads in [2, 3] {
        assert_eq!(
            trained::<f32>(&network, threads),
            trained::<f32>(&network, 1)
        );
        assert_eq!(
            trained::<f64>(&network, threads),
            trained::<f64>(&network, 1)
        );
    }
}

/// A batch that one thread reads in three rounds, and three threads in one.
#[test]
fn results_do_not_depend_on_how_many_groups_are_read_before_gradients_are_added() {
    let mut network = network();
    network.training.update.batch = 600;
    let data = generated(&network, 600, 3);
    let trained = |threads| {
        let start = parameters(&network, 3);
        let trainer = Trainer::<f32>::new(&network, &start).unwrap();
        let mut trainer = trainer.with_threads(threads);
        let go_on = &mut |_| ControlFlow::Continue(());
        let loss = trainer.epoch(&data, go_on).unwrap().loss;
        (flat(&trainer.spide().parameters()), loss)
    };
    assert_eq!(trained(3), trained(1));
    assert_eq!(trained(2), trained(1));
}

#[test]
fn results_do_not_depend_on_how_many_samples_are_read_together() {
    for case in cases(5) {
        let network = &case.network;
        let spide = Spide::<f64>::new(network, &parameters(network, 5)).unwrap();
        // Alike but for the seed; the last has no dropout.
        let mut samples: Vec<Sample<f64>> = (5..11)
            .map(|seed| {
                cases(seed)
                    .into_iter()
                    .find(|c| c.name == case.name)
                    .unwrap()
                    .sample()
            })
            .collect();
        let last = samples.remove(0).with_dropout(Vec::new());
        samples.push(last);
        let readers = network.population(network.readout.source).shape.size();
        let gs: Vec<Vec<f64>> = (0..samples.len() as u64)
            .map(|k| input(k, readers).iter().map(|v| v - 1.0).collect())
            .collect();
        let alone: Vec<_> = samples.iter().map(|sample| spide.forward(sample)).collect();
        let alone_back: Vec<_> = samples
            .iter()
            .zip(&alone)
            .zip(&gs)
            .map(|((sample, forward), g)| spide.backward(sample, forward, g))
            .collect();
        for together in [2, 4, 6] {
            let mut workspace = Workspace::new(network, together);
            let (mut forward, mut backward) = (Vec::new(), Vec::new());
            for (k, samples) in samples.chunks(together).enumerate() {
                let samples: Vec<&Sample<f64>> = samples.iter().collect();
                let stages = spide.forward_in(&mut workspace, &samples, None);
                let given: Vec<_> = samples
                    .iter()
                    .zip(&stages)
                    .zip(&gs[k * together..])
                    .map(|((&sample, stage), g)| (sample, stage, g.as_slice()))
                    .collect();
                backward.extend(spide.backward_in(&mut workspace, &given, None));
                forward.extend(stages);
            }
            assert_eq!(forward, alone, "{}, {together}", case.name);
            assert_eq!(backward, alone_back, "{}, {together}", case.name);
        }
    }
}

#[test]
fn both_widths_fire_the_same_spikes_and_agree_within_rounding() {
    for (seed, kind) in [(1, LossKind::CrossEntropy), (2, LossKind::MeanSquaredError)] {
        // Sums on a grid are exact in both widths: no threshold is met by the one alone.
        let mut network = layers();
        network.training.loss.kind = kind;
        for projection in &mut network.projections {
            projection.max_norm = None;
            if let Operator::Convolution { standardize, .. } = &mut projection.operator {
                *standardize = false;
            }
        }
        let p = on_grid(&parameters(&network, seed));
        let x: Vec<f64> = input(seed, 128)
            .iter()
            .map(|v| (v * 16.0).round() / 16.0)
            .collect();
        let wide = Spide::<f64>::new(&network, &p).unwrap();
        let narrow = Spide::<f32>::new(&network, &p).unwrap();
        let x32 = Sample::constant(x.iter().map(|&v| v as f32).collect());
        let x64 = Sample::constant(x);
        let (forward, forward32) = (wide.forward(&x64), narrow.forward(&x32));
        assert_eq!(forward.counts, forward32.counts);
        let readers = network.population(network.readout.source).shape.size();
        let g: Vec<f64> = input(seed + 1, readers)
            .iter()
            .map(|v| ((v - 1.0) * 64.0).round() / 64.0)
            .collect();
        let g32: Vec<f32> = g.iter().map(|&v| v as f32).collect();
        let backward = wide.backward(&x64, &forward, &g);
        let backward32 = narrow.backward(&x32, &forward32, &g32);
        assert_eq!(backward.spikes, backward32.spikes);
        let (_, error) = wide.loss(&forward.logits, 1, 1);
        let (_, error32) = narrow.loss(&forward32.logits, 1, 1);
        let wide = wide.gradients(&[Reading {
            sample: x64,
            forward,
            backward,
            error,
        }]);
        let narrow = narrow.gradients(&[Reading {
            sample: x32,
            forward: forward32,
            backward: backward32,
            error: error32,
        }]);
        let (wide, narrow) = (flat(&wide), flat(&narrow.map(|v| f64::from(*v))));
        let largest = wide.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        assert!(largest > 0.01);
        for (wide, narrow) in wide.iter().zip(&narrow) {
            assert!((wide - narrow).abs() < 1e-5 * largest, "{wide} {narrow}");
        }
    }
}

#[test]
fn training_in_both_widths_stays_close() {
    let network = network();
    let (wide, .., loss) = trained::<f64>(&network, 1);
    let (narrow, .., loss32) = trained::<f32>(&network, 1);
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    let apart: Vec<f64> = wide.iter().zip(&narrow).map(|(a, b)| a - b).collect();
    assert!(
        norm(&apart) < 0.02 * norm(&wide),
        "{}",
        norm(&apart) / norm(&wide)
    );
    assert!((loss - loss32).abs() < 0.05 * loss, "{loss} {loss32}");
}
