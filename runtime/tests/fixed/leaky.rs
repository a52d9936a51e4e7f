//! Leaky neurons: by hand, and against the method's real numbers.

use crate::networks::{Draw, parameters, plain, projection, sample, stage};
use spidec_ir::fixed::{Format, Obstacle, backward_one, dequantize, forward_one};
use spidec_ir::network::{LossKind, Neuron, PopulationId, Source};
use spidec_ir::trace::PopulationStep;
use spidec_ir::{FixedParameters, Network, Parameters};
use spidec_runtime::fixed::{FixedEngine, FixedError};

fn lif(leak: f64, leaky_couple: bool) -> Neuron {
    Neuron::Leaky {
        leak: leak.into(),
        leaky_couple,
    }
}

fn zeros(network: &Network) -> FixedParameters {
    Parameters::zeros(network)
}

/// One neuron that receives 0.75 in every step, threshold 1, reset 2, leak 1/2.
fn single() -> (Network, FixedParameters) {
    let mut network = plain(1, &[1], 2);
    network.projections = vec![projection(None, 0, true)];
    network.populations[0].neuron = lif(0.5, true);
    network.training.forward = stage(6, 1.0, -1.0);
    let mut parameters = zeros(&network);
    parameters.projections[0].bias[0] = 384;
    parameters.readout.weight = vec![512, 0];
    parameters.readout.bias = vec![0, 256];
    (network, parameters)
}

#[test]
fn a_membrane_leaks_after_its_reset_and_a_trace_before_its_spike() {
    let (network, parameters) = single();
    let engine = FixedEngine::new(&network).unwrap();
    let trace = engine.forward_trace(&engine.load(&parameters).unwrap(), &[0]);
    let steps = trace
        .steps
        .iter()
        .map(|s| (s[0].spikes[0], s[0].membranes[0]));
    // 384; 192 + 384 = 576 fires, -448 / 2; -224 + 384 = 160; 80 + 384; 232 + 384 fires, -204; 180.
    let wanted = [(0, 192), (1, -224), (0, 80), (0, 232), (1, -204), (0, 90)];
    assert_eq!(steps.collect::<Vec<_>>(), wanted);
    // Spikes in steps 2 and 5 of 6: 1/16 + 1/2 of 63/32, in units of 1/64.
    assert_eq!(
        (trace.counts, trace.traces),
        (vec![vec![2]], vec![vec![36]])
    );
    assert_eq!(forward_one(&network, PopulationId(0)), 126);
    assert_eq!(trace.logits, [36 * 512, 126 * 256]);
}

#[test]
fn clamped_leaky_membranes_are_counted() {
    let (mut network, mut parameters) = single();
    network.training.forward = stage(6, 1.0, 0.0);
    network.array.membrane = Format { bits: 11, frac: 9 };
    // -1 in every step: -1.5 after two, towards -2, which the format holds.
    parameters.projections[0].bias[0] = -512;
    let clamped = |network: &Network, parameters: &FixedParameters| {
        let engine = FixedEngine::new(network).unwrap();
        engine
            .infer(&engine.load(parameters).unwrap(), &[0])
            .clamped
    };
    assert_eq!(clamped(&network, &parameters).count, 0);
    // -1.5 in every step: -2.25 in the second is clamped.
    parameters.projections[0].bias[0] = -768;
    let found = clamped(&network, &parameters);
    assert_eq!((found.count, found.first.unwrap().step), (5, 2));
}

/// Rates by the method, `[population][neuron]`.
fn averages(steps: &[Vec<PopulationStep>], leaks: &[f64]) -> Vec<Vec<f64>> {
    let average = |(p, &leak): (usize, &f64)| {
        let (mut sums, mut one) = (vec![0.0; steps[0][p].spikes.len()], 0.0);
        for step in steps {
            one = one * leak + 1.0;
            for (sum, &spike) in sums.iter_mut().zip(&step[p].spikes) {
                *sum = *sum * leak + f64::from(spike);
            }
        }
        sums.iter().map(|sum| sum / one).collect()
    };
    leaks.iter().enumerate().map(average).collect()
}

#[test]
fn logits_and_learning_steps_are_those_of_weighted_averages() {
    let mut network = plain(6, &[5, 4], 3);
    network.projections = [(None, 0), (Some(0), 1), (Some(1), 0), (Some(1), 1)]
        .map(|(source, destination)| projection(source, destination, true))
        .into();
    // Couples of the first do not leak.
    network.populations[0].neuron = lif(0.9, false);
    network.populations[1].neuron = lif(0.875, true);
    network.training.forward = stage(40, 1.0, -1.0);
    network.training.backward = stage(60, 0.5, -0.5);
    network.training.loss.kind = LossKind::MeanSquaredError;
    network.training.loss.scale = 1.5.into();
    network.array.trace = Format { bits: 15, frac: 7 };
    let mut draw = Draw::new(5);
    let mut compared = 0;
    for _ in 0..20 {
        let fixed = parameters(&network, &mut draw).map(|w| w / 2);
        let sample = sample(&network, &mut draw);
        let engine = FixedEngine::new(&network).unwrap();
        let weights = engine.load(&fixed).unwrap();
        let forward = engine.forward_trace(&weights, &sample);
        let outcome = engine.infer(&weights, &sample);
        let back = engine.backward_trace(&weights, &outcome, 1);
        let alpha = averages(&forward.steps, &[0.9, 0.875]);
        let beta = averages(&back.steps, &[1.0, 0.875]);

        let real = dequantize(&network, &fixed);
        let unit = f64::from(forward_one(&network, PopulationId(1))) * 512.0;
        for (class, &logit) in forward.logits.iter().enumerate() {
            let row = real.readout.weight[class * 4..][..4].iter();
            let sum: f64 = row.zip(&alpha[1]).map(|(w, a)| w * a).sum();
            let wanted = sum + real.readout.bias[class];
            assert!((f64::from(logit) / unit - wanted).abs() < 0.02);
        }

        let learning = engine.learning(0).unwrap();
        let rate = network.training.rate(0) / 1.5;
        for (layer, projection) in network.projections.iter().enumerate() {
            let p = projection.destination;
            // (v_back - u_rest_back) / (v_th - u_rest).
            let errors = beta[p.index()].iter().map(|beta| beta * 1.0 / 2.0);
            let sources: Vec<(f64, f64)> = match projection.source {
                Source::Input => sample
                    .iter()
                    .map(|&x| (f64::from(x), f64::from(x) / 256.0))
                    .collect(),
                Source::Population(s) => { outcome.rates(s).map(f64::from) }
                    .zip(alpha[s.index()].iter().copied())
                    .collect(),
            };
            let one = engine.constants().one(&network, Some(projection.source));
            let bias = (f64::from(one), 1.0);
            for (&ours, error) in back.backward.rates(p).iter().zip(errors) {
                for (source, alpha) in sources.iter().chain([&bias]) {
                    let step = learning.constants[layer].value() * f64::from(ours) * source;
                    let wanted = 512.0 * rate * error * alpha;
                    assert!((step - wanted).abs() < 0.02 * 512.0 * rate, "layer {layer}");
                    compared += usize::from(wanted.abs() > 0.1 * 512.0 * rate);
                }
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn sums_of_leaky_membranes_need_no_32_bits() {
    let (mut network, mut parameters) = single();
    network.populations[0].neuron = lif(0.95, true);
    network.array.weight = Format { bits: 15, frac: 12 };
    network.array.membrane = Format { bits: 32, frac: 28 };
    // -4 in every step, the format's end is -8: -4, -7.8, -11.41, the first of 33 bits.
    parameters.projections[0].bias[0] = -4 << 12;
    let engine = FixedEngine::new(&network).unwrap();
    let trace = engine.forward_trace(&engine.load(&parameters).unwrap(), &[0]);
    let membranes: Vec<i32> = trace.steps.iter().map(|s| s[0].membranes[0]).collect();
    // Times the leak, 62259 / 65536.
    assert_eq!(membranes[0], -62259 << 14);
    assert_eq!(membranes[2..], [-62259 << 15; 4]);
    assert_eq!(
        (trace.saturations, trace.first_saturation.unwrap().step),
        (4, 3)
    );
    // What does not leak has sums of 32 bits, and finer membranes than the weights' by 8 at most.
    network.populations[0].neuron = Neuron::IntegrateAndFire;
    let refused = FixedEngine::new(&network).map(|_| ());
    assert!(
        matches!(&refused, Err(FixedError::Network(all)) if all == &[Obstacle::MembraneFraction(8)]),
        "{refused:?}"
    );
}

#[test]
fn a_trace_that_its_format_cannot_hold_is_an_error() {
    let (mut network, _) = single();
    // 2 in a format that ends before it; couples take 32 steps to come there.
    network.training.forward.steps = 40;
    let trace = |network: &Network| match FixedEngine::new(network).and_then(|e| e.learning(0)) {
        Ok(_) => None,
        Err(FixedError::Network(all)) => match all[..] {
            [
                Obstacle::Trace {
                    value, backward, ..
                },
            ] => Some((value, backward)),
            _ => panic!("{all:?}"),
        },
        Err(other) => panic!("{other}"),
    };
    network.array.trace = Format { bits: 6, frac: 4 };
    assert_eq!(trace(&network), Some((2.0, false)));
    network.training.forward.steps = 3;
    assert_eq!(trace(&network), Some((2.0, true)));
    network.populations[0].neuron = lif(0.5, false);
    assert_eq!(trace(&network), None);
    network.array.trace.bits = 7;
    network.populations[0].neuron = lif(0.5, true);
    assert_eq!(trace(&network), None);
    assert_eq!(backward_one(&network, PopulationId(0)), 32);
}

#[test]
fn a_rounded_leak_is_reported() {
    let (mut network, _) = single();
    assert_eq!(FixedEngine::new(&network).unwrap().rounded(), []);
    network.populations[0].neuron = lif(0.95, true);
    let engine = FixedEngine::new(&network).unwrap();
    let [rounded] = engine.rounded() else {
        panic!("{:?}", engine.rounded());
    };
    assert_eq!(
        (rounded.what, rounded.population),
        ("leak", Some(PopulationId(0)))
    );
    assert_eq!((rounded.old, rounded.new), (0.95, 62259.0 / 65536.0));
}
