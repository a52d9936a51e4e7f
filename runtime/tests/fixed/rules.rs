//! Cases small enough to work out by hand, and every error.

use crate::networks::{Draw, parameters, plain, projection, sample, stage};
use spidec_data::Dataset;
use spidec_ir::fixed::{Format, LearningConstant, Obstacle, Rounding, update};
use spidec_ir::network::{LossKind, ProjectionId, Rule, Schedule, Shape};
use spidec_ir::random::sample_order;
use spidec_ir::trace::{ClampPlace, Clamped};
use spidec_ir::{FixedParameters, Network, Parameters};
use spidec_runtime::fixed::{Done, Evaluation, FixedEngine, FixedError, FixedState};
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
    let place = |step, neuron| ClampPlace {
        step,
        population_or_layer: 0,
        neuron,
        source: 0,
    };
    let first = Some(place(1, 0));
    assert_eq!(
        outcome.clamped,
        Clamped {
            count: 4 + 2,
            first
        }
    );
    let data = dataset(&[0, 1], &[0, 0]);
    let weights = engine.load(&parameters).unwrap();
    let evaluation = engine.evaluate(&weights, &data, |_| ()).unwrap();
    let Evaluation {
        samples,
        correct,
        clamped,
    } = evaluation;
    assert_eq!((samples, correct, clamped.count), (2, 2, 12));
    assert_eq!(clamped.first, Some((0, place(1, 0))));
    // Without neuron 0's the first is neuron 1's.
    parameters.projections[0].bias[0] = 0;
    let outcome = engine.infer(&engine.load(&parameters).unwrap(), &[0]);
    assert_eq!(outcome.clamped.first, Some(place(3, 1)));
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
                        assert_eq!((same.weight, same.saturated), (weight, false));
                    }
                }
            }
        }
    }
}

fn dataset(values: &[u8], labels: &[u32]) -> Dataset {
    let shape = Shape(vec![(values.len() / labels.len()) as u32]);
    Dataset::new(shape, values.to_vec(), labels.to_vec()).unwrap()
}

fn small() -> (Network, FixedParameters, Dataset) {
    let mut network = plain(6, &[8], 3);
    network.projections = vec![projection(None, 0, true), projection(Some(0), 0, false)];
    network.training.seed = 11;
    let mut draw = Draw::new(3);
    let start = parameters(&network, &mut draw).map(|w| w / 4);
    let labels: Vec<u32> = (0..60).map(|k| k % 3).collect();
    let values: Vec<u8> = labels
        .iter()
        .flat_map(|_| sample(&network, &mut draw))
        .collect();
    (network, start, dataset(&values, &labels))
}

fn go_on(_: Done) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn trained(network: &Network, start: &FixedParameters, data: &Dataset) -> FixedParameters {
    let engine = FixedEngine::new(network).unwrap();
    let mut state = engine.state(start).unwrap();
    engine.train_epoch(&mut state, data, 0, go_on).unwrap();
    state.weights.parameters()
}

#[test]
fn seed_rounding_and_order_change_the_result_and_nothing_else_does() {
    let (network, start, data) = small();
    let result = trained(&network, &start, &data);
    assert_ne!(result, start);
    assert_eq!(result, trained(&network, &start, &data));
    let mut lanes = network.clone();
    lanes.array.lanes = 32;
    assert_eq!(result, trained(&lanes, &start, &data));
    let mut nearest = network.clone();
    nearest.array.learning = Rounding::Nearest;
    assert_ne!(result, trained(&nearest, &start, &data));
    let mut seed = network.clone();
    seed.training.seed = 12;
    assert_ne!(result, trained(&seed, &start, &data));
}

#[test]
fn an_interrupted_epoch_goes_on_where_it_stopped() {
    let (network, start, data) = small();
    let engine = FixedEngine::new(&network).unwrap();
    let mut state = engine.state(&start).unwrap();
    let mut order = Vec::new();
    engine
        .train_epoch(&mut state, &data, 0, |d| {
            order.push(d.index as u32);
            assert_eq!((d.done, d.total), (order.len(), 60));
            assert_eq!(d.label, data.sample(d.index).1);
            if d.done == 20 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
    let whole = sample_order(11, 0, 60);
    assert_eq!(order, whole[..20]);
    assert_eq!(state.samples, 20);
    // The state is all there is: parameters and number of samples.
    let mut resumed = engine.state(&state.weights.parameters()).unwrap();
    resumed.samples = state.samples;
    let learning = engine.learning(0).unwrap();
    for &index in &whole[20..] {
        let (sample, label) = data.sample(index as usize);
        engine.train_sample(&mut resumed, sample, label, &learning);
    }
    assert_eq!(
        resumed.weights.parameters(),
        trained(&network, &start, &data)
    );
}

#[test]
fn training_learns() {
    // Class k: pixels 2k and 2k + 1 are bright.
    let (mut network, start, _) = small();
    network.training.update.rate = 0.3.into();
    let labels: Vec<u32> = (0..60).map(|k| k % 3).collect();
    let bright = |label: u32| (0..6).map(move |j| if j / 2 == label { 230 } else { 9 });
    let values: Vec<u8> = labels.iter().flat_map(|&label| bright(label)).collect();
    let data = dataset(&values, &labels);
    let engine = FixedEngine::new(&network).unwrap();
    let mut state = engine.state(&start).unwrap();
    let accuracy = |state: &FixedState| {
        let mut told = 0;
        let result = engine
            .evaluate(&state.weights, &data, |done| told = done)
            .unwrap();
        assert_eq!((told, result.samples), (60, 60));
        result.accuracy()
    };
    assert!(accuracy(&state) < 0.9);
    for _ in 0..5 {
        engine.train_epoch(&mut state, &data, 0, go_on).unwrap();
    }
    assert_eq!(accuracy(&state), 1.0);
    assert_eq!(state.samples, 300);
}

#[test]
fn a_couple_that_reaches_its_threshold_exactly_in_the_last_step_fires() {
    // One neuron that fires in 4 of 16 steps, logits (1, 1): the only error is that of class 0, 1.
    let mut network = plain(1, &[1], 2);
    network.projections = vec![projection(None, 0, true)];
    network.training.loss.kind = LossKind::MeanSquaredError;
    let mut start = zeros(&network);
    start.projections[0].bias[0] = 256;
    start.readout.weight = vec![64, 0];
    start.readout.bias = vec![496, 512];
    for (steps, spikes) in [(3, None), (4, Some(1)), (8, Some(1)), (12, Some(2))] {
        network.training.backward.steps = steps;
        let engine = FixedEngine::new(&network).unwrap();
        let mut state = engine.state(&start).unwrap();
        let outcome = engine.infer(&state.weights, &[0]);
        assert_eq!(
            (&outcome.counts[0][..], &outcome.logits[..]),
            (&[4][..], &[8192, 8192][..])
        );
        let trace = engine.backward_trace(&state.weights, &outcome, 1);
        assert_eq!(
            (&trace.error.values[..], &trace.gradient[..]),
            (&[256, 0][..], &[128][..])
        );
        assert_eq!(trace.backward.counts[0][0], spikes.unwrap_or(0));
        let learning = engine.learning(0).unwrap();
        let trained = engine.train_sample(&mut state, &[0], 1, &learning);
        assert_eq!(trained.backward.map(|b| b.counts[0][0]), spikes);
    }
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
    let (network, start, data) = small();
    let broken = |change: fn(&mut Network)| {
        let mut network = network.clone();
        change(&mut network);
        // Its forward stage runs all the same.
        let engine = FixedEngine::new(&network).unwrap();
        engine.learning(0).unwrap_err()
    };
    let both = broken(|n| {
        n.training.update.batch = 8;
        n.training.update.rule = Rule::Sgd {
            momentum: 0.9.into(),
        };
    });
    assert!(matches!(&both, FixedError::Network(all) if all.len() == 2));
    assert!(both.to_string().contains("batch = 8") && both.to_string().contains("momentum"));
    let rate = broken(|n| n.training.update.rate = 1e6.into());
    let FixedError::Network(reasons) = &rate else {
        panic!("{rate}");
    };
    let layers = ["image -> p0", "p0 -> p0", "class"].map(String::from);
    assert_eq!(reasons, &[Obstacle::Rate(layers.to_vec())]);
    // 512 times 255 is the last that fits: the next error format or the next steps do not.
    let wide = broken(|n| {
        n.training.loss.kind = LossKind::MeanSquaredError;
        n.training.loss.scale = (255.0 / 128.0).into();
        n.array.error = Format { bits: 11, frac: 8 };
    });
    assert!(
        wide.to_string().contains("gradient's factor is 261120"),
        "{wide}"
    );

    let engine = FixedEngine::new(&network).unwrap();
    let mut other = start.clone();
    other.projections[1].weight.pop();
    assert!(matches!(engine.load(&other), Err(FixedError::Shapes)));
    let mut other = start.clone();
    other.projections[1].weight[5] = 2048;
    match engine.state(&other) {
        Err(FixedError::Weight { layer, value }) => {
            assert_eq!((layer.as_str(), value), ("p0 -> p0", 2048));
        }
        other => panic!("{other:?}"),
    }
    other.projections[1].weight[5] = -2048;
    assert!(engine.load(&other).is_ok());

    let weights = engine.load(&start).unwrap();
    for wrong in [dataset(&[0; 5], &[0]), dataset(&[0; 6], &[3])] {
        let result = engine.evaluate(&weights, &wrong, |_| ());
        assert!(matches!(result, Err(FixedError::Samples(_))));
        let mut state = engine.state(&start).unwrap();
        let result = engine.train_epoch(&mut state, &wrong, 0, go_on);
        assert!(matches!(result, Err(FixedError::Samples(_))));
    }
    assert!(
        engine
            .evaluate(&weights, &dataset(&[0; 6], &[2]), |_| ())
            .is_ok()
    );

    // A schedule that grows meets the limit in a later epoch, before a sample is trained.
    let mut growing = network.clone();
    growing.training.schedule = Schedule::Step {
        every: 1,
        factor: 1e6.into(),
    };
    let engine = FixedEngine::new(&growing).unwrap();
    let mut state = engine.state(&start).unwrap();
    let result = engine.train_epoch(&mut state, &data, 1, go_on);
    assert!(matches!(result, Err(FixedError::Rate { epoch: 1, .. })));
    assert_eq!(state.samples, 0);
}

#[test]
fn learning_constants_fit_18_bits_with_the_largest_error() {
    let (network, ..) = small();
    // Couples spike at most T_B = 32 times; an error is at most 256.
    for (layer, largest) in [(Some(ProjectionId(0)), 32), (None, 256)] {
        let (constant, exact) = LearningConstant::of(&network, layer, 0.02);
        let constant = constant.unwrap();
        assert!((constant.value() / exact - 1.0).abs() < 0.01);
        assert!(constant.event(largest) < 1 << 17);
    }
}
