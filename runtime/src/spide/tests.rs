//! The stages against a plain reading of the equations, gradients against implicit differentiation,
//! training against itself.

use super::testing::network;
use super::*;
use crate::data::generated;
use spidec_ir::Number;
use spidec_ir::network::{Direction, LossKind, Rule};
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

/// Both stages word for word, on whole histories: spikes `[step][population][neuron]`.
fn plain(network: &Network, p: &FloatParameters, x: &[f64], g: &[f64]) -> [Vec<Vec<Vec<i8>>>; 2] {
    let (f, b) = (&network.training.forward, &network.training.backward);
    let silent = |history: &mut Vec<Vec<Vec<i8>>>| {
        history.push(
            network
                .populations
                .iter()
                .map(|p| vec![0; p.shape.size()])
                .collect(),
        );
    };
    let mut u: Vec<Vec<f64>> = network
        .populations
        .iter()
        .map(|p| vec![0.0; p.shape.size()])
        .collect();
    let mut forward = Vec::new();
    for t in 0..f.steps as usize {
        silent(&mut forward);
        for id in network.population_ids() {
            for i in 0..u[id.index()].len() {
                let u = &mut u[id.index()][i];
                for (k, projection) in network.into_population(id) {
                    let layer = &p.projections[k.index()];
                    let source: Vec<f64> = match (projection.source, projection.direction) {
                        (Source::Input, _) => x.to_vec(),
                        (Source::Population(_), Direction::Feedback) if t == 0 => continue,
                        (Source::Population(source), direction) => {
                            let t = if direction == Direction::Feedback {
                                t - 1
                            } else {
                                t
                            };
                            forward[t][source.index()]
                                .iter()
                                .map(|&s| f64::from(s))
                                .collect()
                        }
                    };
                    let row = &layer.weight[i * source.len()..][..source.len()];
                    *u += row.iter().zip(&source).map(|(w, s)| w * s).sum::<f64>() + layer.bias[i];
                }
                let fires = *u >= f.v_th.value();
                *u -= f64::from(u8::from(fires)) * f.reset();
                forward[t][id.index()][i] = i8::from(fires);
            }
        }
    }

    let mask = |id: PopulationId, i: usize| {
        let count = forward
            .iter()
            .filter(|step| step[id.index()][i] == 1)
            .count();
        f64::from(u8::from(0 < count && count < forward.len()))
    };
    let mut u: Vec<Vec<f64>> = network
        .populations
        .iter()
        .map(|p| vec![0.0; p.shape.size()])
        .collect();
    let mut backward: Vec<Vec<Vec<i8>>> = Vec::new();
    let order = network.backward_order();
    let place = |id: PopulationId| order.iter().position(|&other| other == id);
    for t in 0..b.steps as usize {
        silent(&mut backward);
        for &id in &order {
            for j in 0..u[id.index()].len() {
                let mut sum = if id == network.readout.source {
                    g[j]
                } else {
                    0.0
                };
                for (k, projection) in network.out_of_population(id) {
                    let d = projection.destination;
                    let t = if place(d) < place(id) {
                        Some(t)
                    } else {
                        t.checked_sub(1)
                    };
                    let Some(t) = t else { continue };
                    for (i, &s) in backward[t][d.index()].iter().enumerate() {
                        let w = p.projections[k.index()].weight[i * u[id.index()].len() + j];
                        sum += w * mask(d, i) * f64::from(s) * b.reset() / f.reset();
                    }
                }
                let u = &mut u[id.index()][j];
                *u += sum;
                let s = i8::from(*u >= b.v_th.value()) - i8::from(*u <= -b.v_th.value());
                *u -= f64::from(s) * b.reset();
                backward[t][id.index()][j] = s;
            }
        }
    }
    [forward, backward]
}

fn spikes(trace: &StageTrace<f64>) -> Vec<Vec<Vec<i8>>> {
    let step = |step: &Vec<PopulationStep<f64>>| step.iter().map(|p| p.spikes.clone()).collect();
    trace.iter().map(step).collect()
}

#[test]
fn any_graph_follows_the_equations() {
    let mut fired = [0, 0];
    for seed in 0..20 {
        let mut network = network();
        network.readout.source = PopulationId((seed % 3) as u32);
        let p = parameters(&network, seed);
        let spide = Spide::<f64>::new(&network, &p).unwrap();
        let x = sample(seed, 12);
        let readers = network.population(network.readout.source).shape.size();
        let g: Vec<f64> = input(seed + 100, readers).iter().map(|v| v - 1.0).collect();
        let (stage, forward) = spide.forward_traced(&x);
        let (back, backward) = spide.backward_traced(&x, &stage, &g);
        assert_eq!(stage, spide.forward(&x));
        assert_eq!(back, spide.backward(&x, &stage, &g));
        for (k, (found, wanted)) in [forward, backward]
            .iter()
            .zip(plain(&network, &p, &input(seed, 12), &g))
            .enumerate()
        {
            assert_eq!(spikes(found), wanted, "seed {seed}, stage {k}");
            fired[k] += wanted
                .iter()
                .flatten()
                .flatten()
                .filter(|&&s| s != 0)
                .count();
        }
    }
    assert!(fired[0] > 1000 && fired[1] > 1000, "{fired:?}");
}

/// Gradients by implicit differentiation, and the scaled loss.
fn implicit(spide: &Spide<f64>, x: &Sample<f64>, label: usize) -> (FloatParameters, f64) {
    let forward = spide.equilibrium(x).unwrap();
    let (loss, error) = spide.loss(&forward.logits, label, 1);
    let backward = spide
        .implicit_backward(&forward, &spide.rate_gradient(&error))
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

fn flat(parameters: &FloatParameters) -> Vec<f64> {
    let layers = parameters.layers();
    layers
        .flat_map(|l| l.weight.iter().chain(&l.bias))
        .copied()
        .collect()
}

#[test]
fn the_oracle_is_the_derivative_of_the_loss() {
    for kind in [LossKind::CrossEntropy, LossKind::MeanSquaredError] {
        let mut network = network();
        network.training.loss.kind = kind;
        network.training.loss.scale = Number::from(3.0);
        let p = parameters(&network, 4);
        let x = sample(4, 12);
        let at = |p: &FloatParameters| implicit(&Spide::new(&network, p).unwrap(), &x, 1);
        let gradients = flat(&at(&p).0);
        let mut nonzero = 0;
        for (k, gradient) in gradients.iter().enumerate() {
            let step = 1e-5;
            let moved = |by: f64| {
                let mut p = p.clone();
                let mut numbers = p
                    .layers_mut()
                    .flat_map(|l| l.weight.iter_mut().chain(&mut l.bias));
                *numbers.nth(k).unwrap() += by;
                drop(numbers);
                at(&p).1
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!(
                (slope - gradient).abs() < 1e-7,
                "{kind:?} {k}: {gradient}, not {slope}"
            );
            nonzero += usize::from(gradient.abs() > 1e-6);
        }
        assert!(
            nonzero > gradients.len() / 4,
            "{nonzero} of {}",
            gradients.len()
        );
    }
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
fn recurrence_that_is_too_strong_is_told() {
    let mut network = network();
    network.training.backward.steps = 1;
    let mut p = parameters(&network, 4);
    p.projections[5].weight.iter_mut().for_each(|w| *w = 40.0);
    let spide = Spide::<f64>::new(&network, &p).unwrap();
    let mut forward = spide.forward(&sample(4, 12));
    forward.masks.iter_mut().flatten().for_each(|m| *m = true);
    let error = spide.implicit_backward(&forward, &[1.0; 7]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("backward equations have not settled"),
        "{error}"
    );
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
