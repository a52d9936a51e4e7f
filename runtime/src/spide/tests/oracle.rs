//! Gradients by implicit differentiation are the derivatives of the loss, and SPIDE approaches them.

use super::super::testing::network;
use super::super::*;
use super::networks::cases;
use super::{flat, input, parameters, read, sample};
use spidec_ir::Number;
use spidec_ir::network::LossKind;

/// Gradients by implicit differentiation, and the scaled loss.
fn implicit(spide: &Spide<f64>, x: &Sample<f64>, label: usize) -> (FloatParameters, f64) {
    let forward = spide.equilibrium(x).unwrap();
    let (loss, error) = spide.loss(&forward.logits, label, 1);
    let backward = spide
        .implicit_backward(x, &forward, &spide.rate_gradient(&error))
        .unwrap();
    let reading = Reading {
        sample: x.clone(),
        forward,
        backward,
        error,
    };
    let gradients = spide.gradients(&[reading]);
    (gradients, loss * spide.network.training.loss.scale.value())
}

/// Compares every `every`-th parameter's gradient with the central difference of the loss. Of each
/// layer with parameters some gradient must not be zero.
fn differentiated(network: &Network, seed: u64, x: &Sample<f64>, every: usize, name: &str) {
    let p = parameters(network, seed);
    let at = |p: &FloatParameters| implicit(&Spide::new(network, p).unwrap(), x, 1);
    let gradients = at(&p).0;
    for (layer, found) in gradients.layers().enumerate() {
        let found: Vec<f64> = found.weight.iter().chain(&found.bias).copied().collect();
        let mut nonzero = found.is_empty();
        for (k, gradient) in found.iter().enumerate().step_by(every) {
            let step = 1e-5;
            let moved = |by: f64| {
                let mut p = p.clone();
                let layer = p.layers_mut().nth(layer).unwrap();
                *layer
                    .weight
                    .iter_mut()
                    .chain(&mut layer.bias)
                    .nth(k)
                    .unwrap() += by;
                at(&p).1
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!(
                (slope - gradient).abs() < 1e-7,
                "{name}, {} {k}: {gradient}, not {slope}",
                network.layer_name(layer)
            );
            nonzero |= gradient.abs() > 1e-5;
        }
        assert!(nonzero, "{name}: {}", network.layer_name(layer));
    }
}

#[test]
fn the_oracle_is_the_derivative_of_the_loss() {
    for kind in [LossKind::CrossEntropy, LossKind::MeanSquaredError] {
        let mut network = network();
        network.training.loss.kind = kind;
        network.training.loss.scale = Number::from(3.0);
        differentiated(&network, 4, &sample(4, 12), 1, &format!("{kind:?}"));
    }
}

#[test]
fn the_oracle_is_the_derivative_of_the_loss_for_every_layer() {
    for mut case in cases(2) {
        case.network.training.loss.scale = Number::from(3.0);
        differentiated(&case.network, 2, &case.sample(), 5, case.name);
    }
}

#[test]
fn the_equilibrium_solves_the_equations_where_iteration_does_not() {
    let mut swings = 0;
    for seed in 0..10 {
        let network = network();
        let mut p = parameters(&network, seed);
        // The first population inhibits itself so strongly that iteration swings.
        p.projections[5]
            .weight
            .iter_mut()
            .for_each(|w| *w = -4.0 * w.abs());
        let spide = Spide::<f64>::new(&network, &p).unwrap();
        let x = input(seed, 12);
        // The equations, population by population; returns the largest change.
        let sweep = |rates: &mut [Vec<f64>]| {
            let mut change = 0.0_f64;
            for id in network.population_ids() {
                let mut sums = vec![0.0; rates[id.index()].len()];
                for (k, projection) in network.into_population(id) {
                    let layer = &p.projections[k.index()];
                    let source = match projection.source {
                        Source::Input => &x,
                        Source::Population(source) => &rates[source.index()],
                    };
                    let rows = layer.weight.chunks(source.len()).zip(&layer.bias);
                    for (sum, (row, bias)) in sums.iter_mut().zip(rows) {
                        *sum += row.iter().zip(source).map(|(w, s)| w * s).sum::<f64>() + bias;
                    }
                }
                for (rate, sum) in rates[id.index()].iter_mut().zip(sums) {
                    let new = (sum / network.training.forward.reset()).clamp(0.0, 1.0);
                    change = change.max((new - *rate).abs());
                    *rate = new;
                }
            }
            change
        };
        let mut found = spide.equilibrium(&sample(seed, 12)).unwrap();
        assert!(sweep(&mut found.rates) < 1e-11, "seed {seed}");
        let mut iterated: Vec<Vec<f64>> = spide.neurons();
        let last = (0..1000).map(|_| sweep(&mut iterated)).last();
        swings += usize::from(last.unwrap() > 0.01);
    }
    assert!(swings >= 5, "{swings}");
}

/// Gradients by SPIDE with both stages of `steps` steps, and their masks.
fn spiking(seed: u64, steps: u32) -> (Spide<f64>, FloatParameters, ForwardStage<f64>) {
    let mut network = network();
    network.training.forward.steps = steps;
    network.training.backward.steps = steps;
    // A couple sends no more than one spike a step: a larger gradient would be cut.
    network.training.loss.scale = Number::from(0.25);
    let spide = Spide::new(&network, &parameters(&network, seed)).unwrap();
    let reading = read(&spide, &sample(seed, 12), 1);
    let gradients = spide.gradients(std::slice::from_ref(&reading));
    (spide, gradients, reading.forward)
}

#[test]
fn spide_approaches_the_oracle_as_its_stages_grow() {
    let mut compared = 0;
    for seed in 0..20 {
        // A spike while the rates settle sets the mask of a neuron that should be silent, however
        // long the stage is: such cases have another limit.
        let masks = spiking(seed, 16384).2.masks;
        let (spide, ..) = spiking(seed, 16);
        let x = sample(seed, 12);
        if masks != spide.equilibrium(&x).unwrap().masks {
            continue;
        }
        let wanted = flat(&implicit(&spide, &x, 1).0);
        let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
        let errors = [64, 1024, 16384].map(|steps| {
            let found = flat(&spiking(seed, steps).1);
            let distance = norm(&mut found.iter().zip(&wanted).map(|(f, w)| f - w));
            distance / norm(&mut wanted.iter().copied())
        });
        println!("seed {seed}: relative distance {errors:?}");
        assert!(
            errors[0] > 4.0 * errors[1] && errors[1] > 4.0 * errors[2],
            "{errors:?}"
        );
        assert!(errors[2] < 2e-3, "{errors:?}");
        compared += 1;
    }
    assert!(compared >= 3, "{compared}");
}

#[test]
fn a_stage_without_equilibrium_is_told() {
    let network = network();
    let mut p = parameters(&network, 4);
    // The first population hears no one but itself, each neuron's average: J has the eigenvalue 1.
    for k in [5, 6, 8] {
        let weight = if k == 5 { 0.25 } else { 0.0 };
        p.projections[k].weight.fill(weight);
    }
    let spide = Spide::<f64>::new(&network, &p).unwrap();
    let x = sample(4, 12);
    let mut forward = spide.forward(&x);
    forward.masks.iter_mut().flatten().for_each(|m| *m = true);
    let error = spide
        .implicit_backward(&x, &forward, &[1.0; 7])
        .unwrap_err();
    assert_eq!(error.stage, "backward");
    let said = error.to_string();
    assert!(
        said.contains("no equilibrium of the backward stage"),
        "{said}"
    );
}
