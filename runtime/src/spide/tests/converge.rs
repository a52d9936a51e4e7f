//! What `convergence` measures, against its definition, and what must be seen in it.

use super::super::testing::network;
use super::super::*;
use super::{flat, parameters};
use spidec_data::generated;
use spidec_ir::network::{Neuron, Values};
use spidec_ir::{Number, Parameters};

/// Errors of a reset by steps.
fn of(measured: &Convergence, reset: Reset) -> Vec<Approach> {
    let approaches = measured.approaches.iter().copied();
    approaches
        .filter(|approach| approach.reset == reset)
        .collect()
}

fn network_of_small_gradients() -> Network {
    let mut network = network();
    // Inputs of about 1, and gradients that a spike a step can carry.
    network.input.values =
        spidec_ir::network::Values::scaled(Number::fraction(1.0, 128.0).unwrap());
    network.training.loss.scale = Number::from(0.25);
    network
}

#[test]
fn the_modified_reset_is_nearer_and_both_approach_the_equilibrium() {
    let network = network_of_small_gradients();
    let p = parameters(&network, 2);
    let data = generated(&network, 10, 4);
    let steps = [32, 256, 2048];
    let mut told = Vec::new();
    let measured = convergence(&network, (&p, 0), &data, &steps, &mut |steps| {
        told.push(steps)
    })
    .unwrap();
    assert_eq!(told, [steps, steps].concat());
    assert_eq!(
        (measured.samples, measured.unsettled, measured.beyond),
        (10, 0, 0.0)
    );
    let [modified, plain] = Reset::ALL.map(|reset| of(&measured, reset));
    println!("{modified:#?}\n{plain:#?}");
    for (modified, plain) in modified.iter().zip(&plain) {
        assert_eq!(modified.steps, plain.steps);
        assert!(1.5 * modified.forward < plain.forward);
        assert!(1.5 * modified.backward < plain.backward);
    }
    for approaches in [modified, plain] {
        for pair in approaches.windows(2) {
            assert!(4.0 * pair[1].forward < pair[0].forward);
            assert!(4.0 * pair[1].backward < pair[0].backward);
        }
        assert!(approaches[2].cosine > 0.95);
    }
}

#[test]
fn a_sample_of_one_is_what_the_definition_says() {
    let network = network_of_small_gradients();
    let p = parameters(&network, 2);
    let data = generated(&network, 1, 4);
    let measured = convergence(&network, (&p, 0), &data, &[16], &mut |_| ()).unwrap();
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    let apart =
        |a: &[f64], b: &[f64]| norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
    for (found, (v_th, u_rest)) in measured.approaches.iter().zip([(0.5, -0.5), (1.0, 0.0)]) {
        let mut network = network.clone();
        let training = &mut network.training;
        // The network's own stages take away 2 and 1.
        for (stage, taken) in [(&mut training.forward, 2.0), (&mut training.backward, 1.0)] {
            stage.steps = 16;
            (stage.v_th, stage.u_rest) = ((v_th * taken).into(), (u_rest * taken).into());
        }
        let spide = Spide::<f64>::new(&network, &p).unwrap();
        let (integers, label) = data.sample(0);
        let x = spide.sample(integers);
        let read = |forward: ForwardStage<f64>, oracle: bool| {
            let (_, error) = spide.loss(&forward.logits, label, 1);
            let g = spide.rate_gradient(&error);
            let backward = match oracle {
                true => spide.implicit_backward(&x, &forward, &g).unwrap(),
                false => spide.backward(&x, &forward, &g),
            };
            (
                Reading {
                    sample: x.clone(),
                    forward,
                    backward,
                    error,
                },
                g,
            )
        };
        let (wanted, g) = read(spide.equilibrium(&x).unwrap(), true);
        let (spiking, _) = read(spide.forward(&x), false);
        let rates = wanted.forward.rates.concat();
        let forward = apart(&spiking.forward.rates.concat(), &rates) / norm(&rates);
        assert!((found.forward - forward).abs() < 1e-12);
        let masks = wanted.forward.masks.concat();
        let masked = |b: BackwardStage<f64>| -> Vec<f64> {
            let betas = b.rates.concat();
            betas
                .iter()
                .zip(&masks)
                .map(|(b, &m)| b * f64::from(u8::from(m)))
                .collect()
        };
        let betas = masked(wanted.backward.clone());
        let alone = masked(spide.backward(&x, &wanted.forward, &g));
        assert!((found.backward - apart(&alone, &betas) / norm(&betas)).abs() < 1e-12);
        let differ = spiking
            .forward
            .masks
            .concat()
            .iter()
            .zip(&masks)
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(found.masks, differ as f64 / 21.0);
        let gradient = |reading: Reading<f64>| {
            let mut gradients = spide.gradients(&[reading]);
            gradients.readout.weight.fill(0.0);
            gradients.readout.bias.fill(0.0);
            flat(&gradients)
        };
        let (a, b) = (gradient(spiking), gradient(wanted));
        let cosine = a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>() / norm(&a) / norm(&b);
        assert!((found.cosine - cosine).abs() < 1e-12);
    }
}

#[test]
fn leaky_rates_stay_at_a_distance_that_the_leak_sets() {
    let mut network = network();
    let p = parameters(&network, 4);
    let data = generated(&network, 4, 4);
    let mut last = |leak: f64| {
        for population in &mut network.populations {
            population.neuron = Neuron::Leaky {
                leak: leak.into(),
                leaky_couple: true,
            };
        }
        let steps = [256, 2048];
        let measured = convergence(&network, (&p, 0), &data, &steps, &mut |_| ()).unwrap();
        let [early, late] = [0, 1].map(|k| measured.approaches[k].forward);
        assert!(late > 0.4 * early, "{leak}: {early} {late}");
        late
    };
    assert!(last(0.5) > 2.0 * last(0.9375));
}

#[test]
fn events_have_no_equilibrium() {
    let mut network = network();
    network.input.values = Values::Events { resize: false };
    let p = parameters(&network, 4);
    let data = generated(&network, 1, 4);
    let error = convergence(&network, (&p, 0), &data, &[16], &mut |_| ()).unwrap_err();
    assert_eq!(error.code(), Some("C002"));
}

#[test]
fn from_silence_there_is_no_distance() {
    let network = network();
    let p = Parameters::zeros(&network);
    let data = generated(&network, 2, 4);
    let error = convergence(&network, (&p, 0), &data, &[16], &mut |_| ()).unwrap_err();
    assert_eq!(error.code(), Some("C004"));
}

#[test]
fn without_equilibrium_nothing_is_measured() {
    let network = network();
    let mut p = parameters(&network, 4);
    p.projections[5].weight.fill(f64::NAN);
    let data = generated(&network, 2, 4);
    let error = convergence(&network, (&p, 0), &data, &[16], &mut |_| ()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no equilibrium of the forward stage"),
        "{error}"
    );
    let mut other = network.clone();
    other.readout.classes = 4;
    assert!(
        convergence(
            &network,
            (&p, 0),
            &generated(&other, 4, 1),
            &[16],
            &mut |_| ()
        )
        .is_err()
    );
    p.projections.pop();
    assert!(convergence(&network, (&p, 0), &data, &[16], &mut |_| ()).is_err());
}
