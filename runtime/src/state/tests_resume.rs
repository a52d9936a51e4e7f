//! A training that is interrupted anywhere and goes on from its state's bytes is the training that was not.

use super::tests::{fixed, float};
use super::*;
use crate::fixed::FixedEngine;
use crate::spide::testing::network;
use spidec_data::{Dataset, generated};
use spidec_ir::Number;
use spidec_ir::network::{Quirk, Rule, Schedule};
use std::ops::ControlFlow;

const SAMPLES: usize = 150;

/// Trains to the end of `epochs`, with breaks after about so many samples, each time anew from bytes and with
/// another number of threads.
fn trained(network: &Network, data: &Dataset, epochs: u32, breaks: &[usize]) -> Vec<u8> {
    let mut bytes = float(network).to_bytes(network).unwrap();
    for (k, after) in breaks
        .iter()
        .copied()
        .chain(std::iter::repeat(usize::MAX))
        .enumerate()
    {
        let state = State::from_bytes(network, &bytes).unwrap();
        if state.epochs >= epochs {
            break;
        }
        let mut trainer: Trainer<f32> = state.trainer(network).unwrap().with_threads(1 + k % 3);
        trainer
            .epoch(data, &mut |progress| match progress.done >= after {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })
            .unwrap();
        bytes = State::of_trainer(&trainer).to_bytes(network).unwrap();
    }
    bytes
}

#[test]
fn floating_point_goes_on_in_mid_epoch() {
    let sgd = |momentum: f64| Rule::Sgd {
        momentum: momentum.into(),
    };
    let adam = Rule::Adam {
        beta1: 0.9.into(),
        beta2: 0.999.into(),
        epsilon: 1e-8.into(),
    };
    for (rule, batch) in [
        (sgd(0.0), 1),
        (sgd(0.9), 1),
        (sgd(0.9), 7),
        (adam, 16),
        (adam, 64),
    ] {
        let mut network = network();
        network.training.update.rule = rule;
        network.training.update.batch = batch;
        network.training.update.weight_decay = 0.01.into();
        network.training.warm_up = 9;
        network.training.schedule = Schedule::Step {
            every: 2,
            factor: Number::from(0.5),
        };
        for projection in &mut network.projections {
            projection.dropout = 0.25.into();
        }
        network.projections[5].max_norm = Some(1.0.into());
        let data = generated(&network, SAMPLES, 1);
        let whole = trained(&network, &data, 3, &[]);
        for breaks in [&[1][..], &[65, 1, 70], &[100, 1000, 64, 1, 1]] {
            let broken = trained(&network, &data, 3, breaks);
            assert!(broken == whole, "{rule:?} {batch} {breaks:?}");
        }
        let state = State::from_bytes(&network, &whole).unwrap();
        let batches = SAMPLES.div_ceil(batch as usize) as u64;
        assert_eq!(
            (state.epochs, state.within, state.steps),
            (3, 0, 3 * batches)
        );
        // What the comparison rests on: a forgotten position, or forgotten momentum, is seen.
        let mut forgot = network.clone();
        forgot.training.warm_up = 8;
        assert!(trained(&forgot, &data, 3, &[65]) != whole);
    }
}

#[test]
fn an_interrupted_epoch_says_how_far_it_came() {
    let mut network = network();
    network.training.update.batch = 7;
    let data = generated(&network, SAMPLES, 1);
    let mut trainer: Trainer<f32> = float(&network).trainer(&network).unwrap();
    trainer
        .epoch(&data, &mut |_| ControlFlow::Break(()))
        .unwrap();
    let state = State::of_trainer(&trainer);
    // The first multiple of the batch from 64 on.
    assert_eq!((state.epochs, state.within, state.samples), (0, 70, 70));
    let mut other = state.clone();
    other.within = 71;
    let bytes = |state: &State| state.to_bytes(&network).unwrap();
    let ended = |state: &State| {
        let mut trainer: Trainer<f32> = state.trainer(&network).unwrap();
        trainer
            .epoch(&data, &mut |_| ControlFlow::Continue(()))
            .unwrap();
        bytes(&State::of_trainer(&trainer))
    };
    assert!(ended(&state) != ended(&other));
}

#[test]
fn integers_go_on_in_mid_epoch() {
    let network = network();
    let data = generated(&network, SAMPLES, 1);
    let engine = FixedEngine::new(&network).unwrap();
    let begin = || {
        engine
            .state(&fixed(&network).fixed(&network).unwrap().0)
            .unwrap()
    };
    let (mut whole, mut broken) = (begin(), begin());
    for epoch in 0..2 {
        engine
            .train_epoch(&mut whole, &data, epoch, |_| ControlFlow::Continue(()))
            .unwrap();
        let mut within = 0;
        while within < SAMPLES {
            engine
                .train_rest(&mut broken, &data, (epoch, within), |p| {
                    within = p.done;
                    match p.done % 40 {
                        0 => ControlFlow::Break(()),
                        _ => ControlFlow::Continue(()),
                    }
                })
                .unwrap();
        }
    }
    assert_eq!(whole, broken);
    assert_ne!(whole, begin());
}

#[test]
fn only_the_same_training_continues() {
    let network = network();
    let state = float(&network);
    assert!(state.continues(&network, Engine::Float, "a").is_ok());
    let why = |network: &Network, engine| {
        let error = state.continues(network, engine, "a").unwrap_err();
        assert_eq!(error.code(), "S012");
        error.to_string()
    };
    assert!(why(&network, Engine::Fixed).contains("in floating point, not in fixed point"));
    let mut other = network.clone();
    other.training.seed += 1;
    assert!(why(&other, Engine::Float).contains("its seed is 3, not 4"));
    other = network.clone();
    other.training.update.batch = 2;
    assert!(why(&other, Engine::Float).contains("another text of this network"));
    let trained = State {
        data: Some("b".to_string()),
        ..state.clone()
    };
    assert!(trained.continues(&network, Engine::Float, "b").is_ok());
    let error = trained.continues(&network, Engine::Float, "a").unwrap_err();
    assert_eq!(error.code(), "S012");
    assert!(error.to_string().contains("on other samples"), "{error}");
    let far = State {
        within: 150,
        ..state
    };
    assert!(far.has_room(151).is_ok());
    let why = far.has_room(150).unwrap_err().to_string();
    assert!(
        why.contains("after 150 samples, but there are only 150"),
        "{why}"
    );
}

/// An estimated norm is random: of a state it is what it was in the training, whatever the file's seed.
#[test]
fn a_state_answers_as_its_training_did() {
    let mut network = network();
    network.training.published = vec![Quirk::NormEstimate];
    network.projections[5].max_norm = Some(0.5.into());
    network.projections[6].max_norm = Some(0.5.into());
    let data = generated(&network, SAMPLES, 1);
    let mut trainer: Trainer<f32> = float(&network).trainer(&network).unwrap();
    trainer
        .epoch(&data, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let state = State::of_trainer(&trainer);
    network.training.seed += 1;
    let logits = |spide: &Spide<f32>| {
        let mut logits = Vec::new();
        let hear = &mut |answer: crate::spide::Answer| logits.extend(answer.logits);
        spide.answer(&data, hear).unwrap();
        logits
    };
    let wanted = logits(trainer.spide());
    assert_eq!(logits(&state.spide(&network).unwrap()), wanted);
    // What the comparison rests on: another step, or another seed, is seen.
    let later = State {
        steps: state.steps + 1,
        ..state.clone()
    };
    assert_ne!(logits(&later.spide(&network).unwrap()), wanted);
    let seeded = State { seed: 0, ..state };
    assert_ne!(logits(&seeded.spide(&network).unwrap()), wanted);
}

/// What is changed, here a bit of every third byte, is never read as if it were not: mostly a legal number, it is
/// the checksum that tells.
#[test]
fn a_flipped_bit_is_seen() {
    let network = network();
    for state in [float(&network), fixed(&network)] {
        let bytes = state.to_bytes(&network).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let mut legal = 0;
        for at in (8 + header..bytes.len()).step_by(3) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let error = State::from_bytes(&network, &flipped).unwrap_err();
            legal += usize::from(error.code() == "S003");
            assert!(["S003", "S011"].contains(&error.code()), "{error}");
        }
        assert!(legal > (bytes.len() - header) / 16, "{legal}");
    }
}

/// A good state is not replaced by one that cannot be read again.
#[test]
fn a_state_is_finite_with_all_that_it_remembers() {
    let network = network();
    let mut state = float(&network);
    assert!(state.is_finite());
    let Weights::Float {
        parameters,
        buffers,
    } = &mut state.weights
    else {
        unreachable!("a state of floating point");
    };
    buffers.second = Some(parameters.map(|_| 1.0));
    let mut broken = buffers.clone();
    if let Some(second) = &mut broken.second {
        second.readout.weight[0] = f64::INFINITY;
    }
    assert!(state.is_finite());
    let Weights::Float { buffers, .. } = &mut state.weights else {
        unreachable!("a state of floating point");
    };
    *buffers = broken;
    assert!(!state.is_finite());
}
