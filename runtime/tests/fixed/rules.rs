//! Cases small enough to work out by hand, and every error.

use crate::networks::{Draw, parameters, plain, projection, sample, stage};
use spidec_ir::fixed::{Format, LearningConstant, Obstacle, Rounding, update};
use spidec_ir::{FixedParameters, Network, Parameters};
use spidec_runtime::fixed::{FixedEngine, FixedError, Samples};
use std::ops::ControlFlow;

fn zeros(network: &Network) -> FixedParameters {
    Parameters::zeros(network)
}

#[test]
fn a_feedback_bias_is_absent_in_the_first_step() {
    // Reset 2, bias 1 every step but the first: membranes 0, 1 -> fires -> -1, 0, 1 -> fires.
    let mut network = plain(1, &[1], 2);
    network.projections = vec![projection(Some(0), 0, true)];
    network.training.forward = stage(5, 1.0, -1.0);
    let mut parameters = zeros(&network);
    parameters.projections[0].bias[0] = 512;
    let engine = FixedEngine::new(&network).unwrap();
    let trace = engine.forward_trace(&engine.load(&parameters).unwrap(), &[7]);
    let steps: Vec<_> = trace
        .steps
        .iter()
        .map(|s| (s[0].spikes[0], s[0].membranes[0]))
        .collect();
    assert_eq!(steps, [(0, 0), (1, -512), (0, 0), (1, -512), (0, 0)]);
}

#[test]
fn feedback_is_a_step_late_and_forward_is_not() {
    // p0 fires in every step; p1 sees it at once, p2 -> p1's feedback a step later.
    let mut network = plain(1, &[1, 1], 2);
    network.projections = vec![
        projection(None, 0, true),
        projection(Some(0), 1, false),
        projection(Some(1), 0, false),
    ];
    network.training.forward = stage(3, 1.0, 0.0);
    let mut parameters = zeros(&network);
    parameters.projections[0].bias[0] = 512;
    parameters.projections[1].weight[0] = 512;
    parameters.projections[2].weight[0] = -512;
    let engine = FixedEngine::new(&network).unwrap();
    let trace = engine.forward_trace(&engine.load(&parameters).unwrap(), &[0]);
    let spikes: Vec<_> = trace
        .steps
        .iter()
        .map(|s| (s[0].spikes[0], s[1].spikes[0]))
        .collect();
    assert_eq!(spikes, [(1, 1), (0, 0), (1, 1)]);
}

#[test]
fn clamped_membranes_are_counted() {
    let mut network = plain(1, &[2], 2);
    network.projections = vec![projection(None, 0, true)];
    network.array.membrane = Format { bits: 11, frac: 9 };
    network.training.forward = stage(4, 1.0, 0.0);
    let mut parameters = zeros(&network);
    // The format ends at 1.998: neuron 0 gets 3 in each step, neuron 1 -1 in each step.
    parameters.projections[0].bias = vec![1536, -512];
    let engine = FixedEngine::new(&network).unwrap();
    let outcome = engine.infer(&engine.load(&parameters).unwrap(), &[0]);
    assert_eq!(outcome.counts, [[4, 0]]);
    // Neuron 1 reaches -2 exactly in step 2 and is clamped in steps 3 and 4.
    assert_eq!(outcome.saturations, 4 + 2);
    let samples = Samples {
        inputs: &[0, 1],
        labels: &[0, 0],
    };
    let evaluation = engine
        .evaluate(&engine.load(&parameters).unwrap(), samples)
        .unwrap();
    assert_eq!(
        (
            evaluation.samples,
            evaluation.correct,
            evaluation.saturations
        ),
        (2, 2, 12)
    );
}

#[test]
fn the_first_of_several_largest_logits_is_predicted() {
    let mut network = plain(1, &[1], 4);
    network.projections = vec![projection(None, 0, false)];
    let mut parameters = zeros(&network);
    parameters.readout.bias = vec![-1, 3, 3, 2];
    let engine = FixedEngine::new(&network).unwrap();
    let outcome = engine.infer(&engine.load(&parameters).unwrap(), &[0]);
    assert_eq!(outcome.logits, [-16, 48, 48, 32]);
    assert_eq!(outcome.prediction, 1);
}

#[test]
fn zero_factors_leave_every_weight_alone() {
    let format = Format { bits: 8, frac: 5 };
    for rounding in [Rounding::Stochastic, Rounding::Nearest] {
        for shift in [0, 1, 17, 31] {
            for noise in [0, 1, 0x5555_5555, u32::MAX] {
                for weight in [-128, -1, 0, 127] {
                    for (event, source) in [(0, 255), (131_071, 0), (-131_071, 0)] {
                        let same = update(weight, event, source, shift, noise, rounding, format);
                        assert_eq!(same, weight);
                    }
                }
            }
        }
    }
}

fn small() -> (Network, FixedParameters, Vec<u8>, Vec<u8>) {
    let mut network = plain(6, &[8], 3);
    network.projections = vec![projection(None, 0, true), projection(Some(0), 0, false)];
    network.training.seed = 11;
    let mut draw = Draw::new(3);
    let start = parameters(&network, &mut draw).map(|w| w / 4);
    let labels: Vec<u8> = (0..60).map(|k| k % 3).collect();
    let inputs = labels
        .iter()
        .flat_map(|_| sample(&network, &mut draw))
        .collect();
    (network, start, inputs, labels)
}

fn trained(network: &Network, start: &FixedParameters, samples: Samples) -> FixedParameters {
    let engine = FixedEngine::new(network).unwrap();
    let mut state = engine.state(start).unwrap();
    let go = |_: spidec_runtime::fixed::Progress| ControlFlow::Continue(());
    engine.train_epoch(&mut state, samples, 0, go).unwrap();
    state.weights.parameters()
}

#[test]
fn seed_rounding_and_order_change_the_result_and_nothing_else_does() {
    let (network, start, inputs, labels) = small();
    let samples = Samples {
        inputs: &inputs,
        labels: &labels,
    };
    let result = trained(&network, &start, samples);
    assert_ne!(result, start);
    assert_eq!(result, trained(&network, &start, samples));
    let mut lanes = network.clone();
    lanes.array.lanes = 32;
    assert_eq!(result, trained(&lanes, &start, samples));
    let mut nearest = network.clone();
    nearest.array.learning = Rounding::Nearest;
    assert_ne!(result, trained(&nearest, &start, samples));
    let mut seed = network.clone();
    seed.training.seed = 12;
    assert_ne!(result, trained(&seed, &start, samples));
}

#[test]
fn an_interrupted_epoch_goes_on_where_it_stopped() {
    let (network, start, inputs, labels) = small();
    let samples = Samples {
        inputs: &inputs,
        labels: &labels,
    };
    let engine = FixedEngine::new(&network).unwrap();
    let mut state = engine.state(&start).unwrap();
    let mut order = Vec::new();
    engine
        .train_epoch(&mut state, samples, 0, |p| {
            order.push(p.index);
            assert_eq!((p.done, p.total), (order.len(), 60));
            assert_eq!(p.label, usize::from(labels[p.index]));
            if p.done == 20 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
    assert_eq!((order.len(), state.samples), (20, 20));
    // The state is all there is: parameters and number of samples.
    let mut resumed = engine.state(&state.weights.parameters()).unwrap();
    resumed.samples = state.samples;
    let learning = engine.learning(0).unwrap();
    for index in &spidec_ir::random::sample_order(11, 0, 60)[20..] {
        let index = *index as usize;
        let input = &inputs[index * 6..][..6];
        engine.train_sample(&mut resumed, input, labels[index].into(), &learning);
    }
    assert_eq!(
        resumed.weights.parameters(),
        trained(&network, &start, samples)
    );
}

#[test]
fn training_learns() {
    // Class k: pixels 2k and 2k + 1 are bright.
    let (mut network, start, _, labels) = small();
    network.training.update.rate = 0.3.into();
    let bright = |label: u8| (0..6).map(move |j| if j / 2 == label { 230 } else { 9 });
    let inputs: Vec<u8> = labels.iter().flat_map(|&label| bright(label)).collect();
    let samples = Samples {
        inputs: &inputs,
        labels: &labels,
    };
    let engine = FixedEngine::new(&network).unwrap();
    let mut state = engine.state(&start).unwrap();
    let before = engine.evaluate(&state.weights, samples).unwrap();
    assert!(before.accuracy() < 0.9);
    for _ in 0..5 {
        engine
            .train_epoch(&mut state, samples, 0, |_| ControlFlow::Continue(()))
            .unwrap();
    }
    assert_eq!(
        engine.evaluate(&state.weights, samples).unwrap().accuracy(),
        1.0
    );
    assert_eq!(state.samples, 300);
}

#[test]
fn rounded_constants_are_reported() {
    let (mut network, ..) = small();
    let engine = FixedEngine::new(&network).unwrap();
    assert!(engine.rounded().is_empty());
    let learning = engine.learning(0).unwrap();
    assert_eq!(learning.constants.len(), 3);
    let names: Vec<_> = learning.rounded.iter().map(|r| r.layer.as_str()).collect();
    assert_eq!(names, ["image -> p0", "p0 -> p0", "class"]);
    for r in &learning.rounded {
        assert!(
            r.old != r.new && (r.new / r.old - 1.0).abs() < 0.01,
            "{r:?}"
        );
    }
    // 1/64 is exact everywhere, and an epoch halves it exactly.
    network.training.update.rate = (1.0 / 64.0).into();
    network.training.forward.v_th = 1.001.into();
    let engine = FixedEngine::new(&network).unwrap();
    assert_eq!(
        engine
            .rounded()
            .iter()
            .filter(|r| r.what == "forward_stage v_th")
            .count(),
        1
    );
    network.training.forward.v_th = 1.0.into();
    let engine = FixedEngine::new(&network).unwrap();
    assert!(engine.learning(0).unwrap().rounded.is_empty());
    let value = |epoch: u32| {
        engine
            .learning(epoch)
            .unwrap()
            .constants
            .iter()
            .map(|k| k.value())
            .sum::<f64>()
    };
    assert_eq!(value(0), 2.0 * value(1));
}

#[test]
fn what_does_not_fit_is_an_error() {
    let (network, start, inputs, labels) = small();
    let broken = |change: fn(&mut Network)| {
        let mut network = network.clone();
        change(&mut network);
        FixedEngine::new(&network).unwrap_err()
    };
    let batch = broken(|n| n.training.update.batch = 8);
    assert_eq!(batch, FixedError::Network(vec![Obstacle::Batch(8)]));
    let both = broken(|n| {
        n.training.update.batch = 8;
        n.training.update.momentum = 0.9.into();
    });
    assert!(matches!(&both, FixedError::Network(all) if all.len() == 2));
    assert!(both.to_string().contains("batch = 8") && both.to_string().contains("momentum"));
    let rate = broken(|n| n.training.update.rate = 1e6.into());
    assert!(matches!(&rate, FixedError::Rate { layer, epoch: 0, .. } if layer == "image -> p0"));

    let engine = FixedEngine::new(&network).unwrap();
    let mut other = start.clone();
    other.projections[1].weight.pop();
    assert_eq!(engine.load(&other), Err(FixedError::Shapes));
    let mut other = start.clone();
    other.projections[1].weight[5] = 2048;
    let weight = FixedError::Weight {
        layer: "p0 -> p0".into(),
        value: 2048,
    };
    assert_eq!(engine.state(&other), Err(weight));
    other.projections[1].weight[5] = -2048;
    assert!(engine.load(&other).is_ok());

    let weights = engine.load(&start).unwrap();
    let wrong = |inputs: &[u8], labels: &[u8]| {
        let result = engine.evaluate(&weights, Samples { inputs, labels });
        matches!(result, Err(FixedError::Samples(_)))
    };
    assert!(wrong(&inputs[1..], &labels));
    assert!(wrong(&inputs, &labels[1..]));
    assert!(wrong(&inputs[..6], &[3]));
    assert!(!wrong(&inputs[..6], &[2]));

    // A schedule that grows meets the limit in a later epoch, before a sample is trained.
    let mut growing = network.clone();
    growing.training.schedule = spidec_ir::network::Schedule::Step {
        every: 1,
        factor: 1e6.into(),
    };
    let engine = FixedEngine::new(&growing).unwrap();
    let mut state = engine.state(&start).unwrap();
    let samples = Samples {
        inputs: &inputs,
        labels: &labels,
    };
    let result = engine.train_epoch(&mut state, samples, 1, |_| ControlFlow::Continue(()));
    assert!(matches!(result, Err(FixedError::Rate { epoch: 1, .. })));
    assert_eq!(state.samples, 0);
}

#[test]
fn the_readouts_constant_fits_its_register_for_the_largest_error() {
    let (network, ..) = small();
    for layer in [Some(spidec_ir::network::ProjectionId(0)), None] {
        let (constant, exact) = LearningConstant::of(&network, layer, 0.02);
        let constant = constant.unwrap();
        assert!((constant.value() / exact - 1.0).abs() < 0.01);
        assert!(constant.event(256).unsigned_abs() < 1 << 18);
    }
}
