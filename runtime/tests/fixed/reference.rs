//! Engine and direct implementation agree bit for bit on random networks, learning included.

use crate::naive::{Fault, Naive, Steps};
use crate::networks::{Draw, parameters, random, sample};
use spidec_ir::network::{Neuron, Population};
use spidec_ir::trace::{Clamps, PopulationStep};
use spidec_runtime::fixed::{FixedEngine, FixedError};

/// What happened over all networks: a comparison of nothing proves nothing.
#[derive(Debug, Default)]
struct Seen {
    networks: u32,
    spikes: u64,
    couple_spikes: u64,
    saturations: u64,
    couple_saturations: u64,
    changed_weights: usize,
    saturated_weights: usize,
    no_error: u32,
    silent: u32,
    clamped_updates: u64,
    left_out: u32,
    leaky_networks: u32,
    leaky_spikes: u64,
    leaky_couple_spikes: u64,
    leaky_silent: u32,
    frozen_layers: usize,
    dead: u64,
}

fn same_steps(ours: &[Vec<PopulationStep>], wanted: &Steps, live: impl Fn(usize, usize) -> bool) {
    assert_eq!(ours.len(), wanted.len());
    for (ours, wanted) in ours.iter().zip(wanted) {
        for (p, (ours, wanted)) in ours.iter().zip(wanted).enumerate() {
            let both = ours.spikes.iter().zip(&ours.membranes);
            for (i, ((&spike, &membrane), &wanted)) in both.zip(wanted).enumerate() {
                let wanted = if live(p, i) { wanted } else { (0, 0) };
                assert_eq!(
                    (i32::from(spike), membrane),
                    wanted,
                    "population {p}, neuron {i}"
                );
            }
        }
    }
}

fn compare(draw: &mut Draw, fault: Option<Fault>, seen: &mut Seen) {
    let network = random(draw);
    let learns = |engine: FixedEngine| engine.learning(0).map(|_| engine);
    let engine = match FixedEngine::new(&network).and_then(learns) {
        Ok(engine) => engine,
        Err(FixedError::Network(_) | FixedError::Rate { .. }) => return,
        Err(other) => panic!("{other}"),
    };
    seen.networks += 1;
    let start = parameters(&network, draw);
    let mut state = engine.state(&start).unwrap();
    let mut naive = Naive {
        network: &network,
        constants: engine.constants().clone(),
        parameters: start,
        samples: 0,
        fault,
    };
    let leaks = |p: &Population| p.neuron != Neuron::IntegrateAndFire;
    let leaky = network.populations.iter().any(leaks);
    seen.leaky_networks += u32::from(leaky);
    let steps = network.training.forward.steps;
    for number in 0..6 {
        let epoch = number / 3;
        let sample = sample(&network, draw);
        let label = draw.range(0, i64::from(network.readout.classes) - 1) as usize;

        let wanted = naive.forward(&sample);
        let trace = engine.forward_trace(&state.weights, &sample);
        same_steps(&trace.steps, &wanted.steps, |_, _| true);
        let counts = |all: &[Vec<u32>]| -> Vec<Vec<i32>> {
            all.iter()
                .map(|c| c.iter().map(|&n| n as i32).collect())
                .collect()
        };
        assert_eq!(counts(&trace.counts), wanted.counts);
        assert_eq!(trace.traces, wanted.traces);
        assert_eq!(trace.logits, wanted.logits);
        assert_eq!(trace.prediction, wanted.prediction);
        assert_eq!(trace.saturations, wanted.clamped.count);
        assert_eq!(trace.first_saturation, wanted.clamped.first);

        let outcome = engine.infer(&state.weights, &sample);
        let back = naive.backward(&wanted, label);
        let trace = engine.backward_trace(&state.weights, &outcome, label);
        assert_eq!(trace.error, back.error);
        assert_eq!(trace.gradient, back.gradient);
        same_steps(&trace.steps, &back.steps, |p, i| {
            (1..steps).contains(&outcome.counts[p][i])
        });
        assert_eq!(trace.backward.counts, back.counts);
        assert_eq!(trace.backward.traces, back.traces);
        assert_eq!(trace.backward.clamped, back.clamped);

        let loaded = state.weights.clone();
        let before = loaded.parameters();
        let rate = network.training.rate(epoch);
        let clamped_weights = naive.learn(&sample, &wanted, &back, rate);
        let learning = engine.learning(epoch).unwrap();
        let mut witness = state.clone();
        let account = engine.train_trace(&mut witness, &sample, label, &learning);
        let trained = engine.train_sample(&mut state, &sample, label, &learning);
        assert_eq!(trained.forward, outcome);
        assert_eq!(trained.error, back.error.values);
        // Skipped exactly where no couple with mask 1 that learning needs fires.
        let needed = network.backward_populations();
        let live = |p: usize, i: usize| (1..steps).contains(&outcome.counts[p][i]);
        let fires = |wanted: &dyn Fn(usize) -> bool| {
            back.steps.iter().any(|step| {
                let mut all = step.iter().enumerate();
                all.any(|(p, couples)| {
                    let mut couples = couples.iter().enumerate();
                    wanted(p) && couples.any(|(i, &(spike, _))| live(p, i) && spike != 0)
                })
            })
        };
        assert!(fires(&|_| true) || back.clamped.count == 0);
        assert_eq!(trained.backward.is_some(), fires(&|p| needed[p]));
        if let Some(found) = &trained.backward {
            for (p, needed) in needed.iter().enumerate() {
                let all = &trace.backward.counts[p];
                let none = vec![0; all.len()];
                assert_eq!(&found.counts[p], if *needed { all } else { &none });
            }
            seen.left_out += u32::from(needed.contains(&false));
        }
        let after = state.weights.parameters();
        assert!(after == naive.parameters, "weights after sample {number}");
        assert_eq!(state.samples, naive.samples);
        // The witness, which skips nothing, ends with the same weights and says the same of all else.
        assert!(witness == state, "witness after sample {number}");
        assert_eq!(account.forward, engine.forward_trace(&loaded, &sample));
        assert_eq!(
            (&account.error, &account.gradient),
            (&back.error.values, &back.gradient)
        );
        for (p, masks) in account.masks.iter().enumerate() {
            assert!((0..masks.len()).all(|i| masks[i] == live(p, i)));
        }
        same_steps(&account.backward, &back.steps, live);
        assert_eq!(account.backward_counts, back.counts);
        assert_eq!(account.backward_traces, back.traces);
        let clamps = Clamps {
            forward: wanted.clamped,
            backward: back.clamped,
            errors: back.error.clamped,
            weights: clamped_weights,
        };
        assert_eq!((account.clamps, trained.clamps()), (clamps, clamps));
        // What was learned is in every layout.
        assert!(engine.load(&after).unwrap() == state.weights);

        let no_error = back.error.values.iter().all(|&e| e == 0);
        seen.no_error += u32::from(no_error);
        let silent = !no_error && trained.backward.is_none();
        seen.silent += u32::from(silent);
        seen.leaky_silent += u32::from(silent && leaky);
        seen.spikes += outcome
            .counts
            .iter()
            .flatten()
            .map(|&n| u64::from(n))
            .sum::<u64>();
        let sent = back.counts.iter().flatten();
        seen.couple_spikes += sent.map(|n| u64::from(n.unsigned_abs())).sum::<u64>();
        for (p, _) in network
            .populations
            .iter()
            .enumerate()
            .filter(|(_, p)| leaks(p))
        {
            let spikes = outcome.counts[p].iter().map(|&n| u64::from(n));
            seen.leaky_spikes += spikes.sum::<u64>();
            let sent = back.counts[p].iter().map(|n| u64::from(n.unsigned_abs()));
            seen.leaky_couple_spikes += sent.sum::<u64>();
        }
        seen.saturations += clamps.forward.count;
        seen.couple_saturations += clamps.backward.count;
        seen.clamped_updates += clamps.weights.count;
        let dead = outcome
            .counts
            .iter()
            .flatten()
            .filter(|&&n| n == 0 || n == steps);
        seen.dead += dead.count() as u64;
        let format = network.array.weight;
        for (layer, (old, new)) in before.layers().zip(after.layers()).enumerate() {
            if network.is_frozen(layer) {
                assert_eq!(old, new, "frozen layer {layer}");
                seen.frozen_layers += 1;
                continue;
            }
            for (&old, &new) in old.weight.iter().zip(&new.weight) {
                let edge = [format.min(), format.max()].contains(&i64::from(new));
                seen.changed_weights += usize::from(old != new);
                seen.saturated_weights += usize::from(old != new && edge);
            }
        }
    }
}

#[test]
fn random_networks_agree_in_every_step_and_weight() {
    let mut seen = Seen::default();
    for seed in 0..600 {
        compare(&mut Draw::new(seed), None, &mut seen);
    }
    println!("{seen:?}");
    assert!(seen.networks >= 200);
    assert!(seen.spikes > 10_000 && seen.couple_spikes > 1_000 && seen.changed_weights > 1_000);
    assert!(seen.saturations > 0 && seen.couple_saturations > 0 && seen.saturated_weights > 0);
    assert!(seen.no_error > 0 && seen.silent > 0 && seen.dead > 0);
    assert!(seen.clamped_updates > 100);
    assert!(seen.left_out > 0 && seen.frozen_layers > 100);
    assert!(seen.leaky_networks >= 50 && seen.leaky_silent > 0);
    assert!(seen.leaky_spikes > 1_000 && seen.leaky_couple_spikes > 100);
}

#[test]
fn every_planted_fault_is_seen() {
    for fault in [
        Fault::LeakFirst,
        Fault::RoundedDown,
        Fault::EveryCouple,
        Fault::LateTrace,
        Fault::Counts,
    ] {
        let agrees = |seed| {
            let compared = || compare(&mut Draw::new(seed), Some(fault), &mut Seen::default());
            std::panic::catch_unwind(compared).is_ok()
        };
        assert!(!(0..100).all(agrees), "{fault:?} is not seen");
    }
}
