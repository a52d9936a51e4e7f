//! The learning step against real arithmetic: with many steps and fine formats it is the rate times
//! the slope of the loss at the equilibrium, found by finite differences.

use crate::networks::{Draw, plain, projection, stage};
use spidec_ir::fixed::{Format, dequantize};
use spidec_ir::network::{LossKind, Source};
use spidec_ir::{FixedParameters, FloatParameters, Network, Parameters};
use spidec_runtime::fixed::FixedEngine;

/// The loss at the equilibrium of the rates, by plain iteration.
fn loss(network: &Network, parameters: &FloatParameters, sample: &[u8], label: usize) -> f64 {
    let input = network.input.values_of(sample);
    let mut rates: Vec<Vec<f64>> = network
        .populations
        .iter()
        .map(|p| vec![0.0; p.shape.size()])
        .collect();
    let row = |weight: &[f64], i: usize, values: &[f64]| -> f64 {
        let row = &weight[i * values.len()..][..values.len()];
        row.iter().zip(values).map(|(w, x)| w * x).sum()
    };
    for _ in 0..300 {
        for p in network.population_ids() {
            let mut sums = vec![0.0; rates[p.index()].len()];
            for (id, projection) in network.into_population(p) {
                let layer = &parameters.projections[id.index()];
                let values = match projection.source {
                    Source::Input => &input,
                    Source::Population(s) => &rates[s.index()],
                };
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum += row(&layer.weight, i, values) + layer.bias.get(i).unwrap_or(&0.0);
                }
            }
            let reset = network.training.forward.reset();
            rates[p.index()] = sums.iter().map(|s| (s / reset).clamp(0.0, 1.0)).collect();
        }
    }
    let rates = &rates[network.readout.source.index()];
    let readout = &parameters.readout;
    let logits: Vec<f64> = (0..network.readout.classes as usize)
        .map(|c| row(&readout.weight, c, rates) + readout.bias.get(c).unwrap_or(&0.0))
        .collect();
    match network.training.loss.kind {
        LossKind::CrossEntropy => logits.iter().map(|z| z.exp()).sum::<f64>().ln() - logits[label],
        LossKind::MeanSquaredError => {
            let one = |c: usize| if c == label { 1.0 } else { 0.0 };
            let squares = logits.iter().enumerate().map(|(c, z)| (z - one(c)).powi(2));
            squares.sum::<f64>() / logits.len() as f64
        }
    }
}

fn step_is_slope(kind: LossKind, loss_scale: f64) {
    // A chain with a skip, feedback across populations and self-recurrence, biases everywhere.
    let mut network = plain(5, &[4, 3, 4], 3);
    network.projections = [
        (None, 0),
        (Some(0), 1),
        (Some(1), 2),
        (Some(0), 2),
        (Some(2), 0),
        (Some(2), 2),
    ]
    .into_iter()
    .map(|(source, destination)| projection(source, destination, true))
    .collect();
    network.training.forward = stage(1024, 1.0, -1.0);
    network.training.backward = stage(4096, 0.5, -0.5);
    network.training.loss.kind = kind;
    network.training.loss.scale = loss_scale.into();
    network.array.weight = Format { bits: 14, frac: 12 };
    network.array.membrane = Format { bits: 26, frac: 16 };
    network.array.error = Format { bits: 12, frac: 10 };
    let mut draw = Draw::new(5);
    let zeros: FixedParameters = Parameters::zeros(&network);
    let mut fixed = zeros.map(|_| draw.range(-1200, 1200) as i32);
    // Rates well inside 0 to 1, where the loss has a slope.
    for (k, layer) in fixed.projections.iter_mut().enumerate() {
        if [0, 1, 2].contains(&k) {
            layer.bias.iter_mut().for_each(|b| *b = 3000);
        }
    }
    let sample = [40, 90, 0, 200, 130];
    let label = 1;
    let engine = FixedEngine::new(&network).unwrap();
    let weights = engine.load(&fixed).unwrap();
    let outcome = engine.infer(&weights, &sample);
    assert!(
        outcome
            .counts
            .iter()
            .flatten()
            .all(|n| (1..1024).contains(n))
    );
    let trace = engine.backward_trace(&weights, &outcome, label);
    let learning = engine.learning(0).unwrap();
    let rate = network.training.rate(0);
    let unit = network.array.weight.unit();

    let real = dequantize(&network, &fixed);
    let mut compared = 0;
    for layer in 0..=network.projections.len() {
        let projection = network.projections.get(layer);
        let source = projection.map(|p| p.source);
        let counts =
            |p: usize| -> Vec<f64> { outcome.counts[p].iter().map(|&n| f64::from(n)).collect() };
        let mut values = match source {
            Some(Source::Input) => sample.iter().map(|&x| f64::from(x)).collect(),
            Some(Source::Population(p)) => counts(p.index()),
            None => counts(network.readout.source.index()),
        };
        let sources = values.len();
        values.push(engine.constants().one(&network, source).into());
        let errors = match projection {
            Some(p) => &trace.backward.counts[p.destination.index()],
            None => &trace.error.values,
        };
        let mut pairs = Vec::new();
        for (i, &error) in errors.iter().enumerate() {
            for (j, value) in values.iter().enumerate() {
                let step = learning.constants[layer].value() * f64::from(error) * value / unit;
                let shifted = |by: f64| {
                    let mut moved = real.clone();
                    let l = moved.layers_mut().nth(layer).unwrap();
                    let w = if j < sources {
                        &mut l.weight[i * sources + j]
                    } else {
                        &mut l.bias[i]
                    };
                    *w += by;
                    loss(&network, &moved, &sample, label)
                };
                let slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                pairs.push((step, rate * slope));
            }
        }
        let largest = pairs.iter().fold(0.0, |m: f64, p| m.max(p.1.abs()));
        assert!(largest > 1e-6, "layer {layer} has a slope");
        for (step, slope) in pairs {
            assert!(
                (step - slope).abs() < 0.03 * largest,
                "layer {layer}: step {step}, slope {slope}, largest {largest}"
            );
            compared += 1;
        }
    }
    assert!(compared > 80);
}

#[test]
fn the_learning_step_is_the_slope_of_cross_entropy() {
    step_is_slope(LossKind::CrossEntropy, 1.0);
}

#[test]
fn the_learning_step_is_the_slope_of_the_squared_error_whatever_the_scale() {
    step_is_slope(LossKind::MeanSquaredError, 1.0);
    step_is_slope(LossKind::MeanSquaredError, 1.5);
}
