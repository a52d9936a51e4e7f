//! An epoch after the other, on each engine.

use super::Train;
use super::epoch::Epoch;
use crate::clamps::EpochClamps;
use crate::failure::{Failure, finding, usage};
use crate::log::Tally;
use crate::{input, progress};
use spidec_compiler::check::Checked;
use spidec_compiler::lower::Purpose;
use spidec_ir::fixed::quantize;
use spidec_ir::random::initial_parameters;
use spidec_ir::trace::Counters;
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::array::{ArrayEngine, ClampedOnArray};
use spidec_runtime::data::Dataset;
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::Trainer;
use spidec_runtime::state::{State, Weights};
use std::ops::ControlFlow;
use std::time::Instant;

/// Hears of each epoch.
type Tell<'a> = &'a mut dyn FnMut(&Epoch) -> Result<(), Failure>;

/// Trains in floating point.
pub(super) fn float(
    arguments: &Train,
    network: &Network,
    from: Option<State>,
    (train, test): (&Dataset, &Dataset),
    tell: Tell,
) -> Result<(), Failure> {
    let mut trainer: Trainer<f32> = match from {
        Some(state) => state.trainer(network).map_err(finding)?,
        None => {
            let parameters = initial_parameters(network, network.training.seed);
            Trainer::new(network, &parameters).map_err(finding)?
        }
    };
    for _ in 0..arguments.epochs {
        let start = Instant::now();
        let bar = progress::bar(
            train.len(),
            &format!("epoch {}", trainer.position().epochs + 1),
        );
        let mut tally = Tally::default();
        trainer
            .epoch(train, &mut |p| {
                tally.reach(&p);
                bar.set_position(p.done as u64);
                ControlFlow::Continue(())
            })
            .map_err(finding)?;
        bar.finish_and_clear();
        let seconds = start.elapsed().as_secs_f64();
        let bar = progress::bar(test.len(), "test");
        let mut tested = Tally::default();
        trainer
            .spide()
            .evaluate(test, &mut |p| {
                tested.reach(&p);
                bar.set_position(p.done as u64);
            })
            .map_err(finding)?;
        bar.finish_and_clear();
        State::of_trainer(&trainer)
            .save(network, &arguments.output)
            .map_err(usage)?;
        tally.end();
        tell(&Epoch {
            number: trainer.position().epochs,
            train: tally,
            test: tested,
            fired: trainer
                .rates()
                .forward
                .iter()
                .map(|&rate| rate > 0.0)
                .collect(),
            seconds,
            clamps: None,
            counters: None,
        })?;
    }
    Ok(())
}

/// Trains in the array's integers.
pub(super) fn fixed(
    arguments: &Train,
    network: &Network,
    from: Option<State>,
    (train, test): (&Dataset, &Dataset),
    tell: Tell,
) -> Result<(), Failure> {
    let engine = FixedEngine::new(network).map_err(finding)?;
    let start = integers(arguments, &engine, from)?;
    let epochs = start.epochs;
    let mut running = engine.state(&start.parameters).map_err(finding)?;
    running.samples = start.samples;
    for epoch in epochs..epochs + arguments.epochs {
        let start = Instant::now();
        let bar = progress::bar(train.len(), &format!("epoch {}", epoch + 1));
        let mut tally = Tally::default();
        let mut clamps = EpochClamps::default();
        let mut fired = vec![false; network.populations.len()];
        engine
            .train_epoch(&mut running, train, epoch, |p| {
                clamps.add(p.index, p.trained.clamps());
                let forward = &p.trained.forward;
                note_fired(&mut fired, forward.fired());
                let right = forward.prediction as usize == p.label;
                tally.add(network, &forward.logits, right, p.label);
                if p.done % 256 == 0 {
                    bar.set_position(p.done as u64);
                }
                ControlFlow::Continue(())
            })
            .map_err(finding)?;
        bar.finish_and_clear();
        let seconds = start.elapsed().as_secs_f64();
        let tested = tested(network, test, |sample| {
            let outcome = engine.infer(&running.weights, sample);
            (outcome.logits, outcome.prediction)
        });
        save(
            arguments,
            network,
            epoch + 1,
            running.samples,
            running.weights.parameters(),
        )?;
        tally.end();
        tell(&Epoch {
            number: epoch + 1,
            train: tally,
            test: tested,
            fired,
            seconds,
            clamps: Some(clamps),
            counters: None,
        })?;
    }
    Ok(())
}

/// Marks the populations that fired in a sample.
fn note_fired(fired: &mut [bool], now: impl Iterator<Item = bool>) {
    fired
        .iter_mut()
        .zip(now)
        .for_each(|(fired, now)| *fired |= now);
}

/// The test split, as an engine of integers infers it: logits and prediction of a sample.
fn tested(
    network: &Network,
    test: &Dataset,
    mut infer: impl FnMut(&[u8]) -> (Vec<i32>, u32),
) -> Tally {
    let bar = progress::bar(test.len(), "test");
    let mut tally = Tally::default();
    for (sample, label) in test.samples() {
        let (logits, prediction) = infer(sample);
        tally.add(network, &logits, prediction as usize == label, label);
        bar.inc(1);
    }
    bar.finish_and_clear();
    tally
}

/// What a training in integers begins with.
struct Start {
    parameters: FixedParameters,
    epochs: u32,
    samples: u64,
}

/// The state to go on from, or the initial one. A rate that does not fit is said before any training.
fn integers(
    arguments: &Train,
    engine: &FixedEngine,
    from: Option<State>,
) -> Result<Start, Failure> {
    let network = engine.network();
    let (quantized, epochs, samples) = match from {
        Some(state) => (state.fixed(network), state.epochs, state.samples),
        None => {
            let initial = initial_parameters(network, network.training.seed);
            (quantize(network, &initial), 0, 0)
        }
    };
    for epoch in epochs..epochs + arguments.epochs {
        if epoch == epochs {
            input::learning(engine, epoch)?;
        } else {
            engine.learning(epoch).map_err(finding)?;
        }
    }
    Ok(Start {
        parameters: input::fitting(quantized)?,
        epochs,
        samples,
    })
}

fn save(
    arguments: &Train,
    network: &Network,
    epochs: u32,
    samples: u64,
    parameters: FixedParameters,
) -> Result<(), Failure> {
    let weights = Weights::Fixed {
        parameters,
        format: network.array.weight,
    };
    let state = State {
        epochs,
        samples,
        ..State::new(network, weights)
    };
    state.save(network, &arguments.output).map_err(usage)
}

/// Trains on the array engine: the program that the hardware executes.
pub(super) fn array(
    arguments: &Train,
    checked: &Checked,
    from: Option<State>,
    (train, test): (&Dataset, &Dataset),
    tell: Tell,
) -> Result<(), Failure> {
    let network = &checked.network;
    let fixed = FixedEngine::new(network).map_err(finding)?;
    let start = integers(arguments, &fixed, from)?;
    let program = input::program(checked, Purpose::Learning)?;
    let mut engine = ArrayEngine::new(&program, &start.parameters).map_err(finding)?;
    engine.learning.seed = network.training.seed;
    engine.learning.samples = start.samples;
    for epoch in start.epochs..start.epochs + arguments.epochs {
        let began = Instant::now();
        let bar = progress::bar(train.len(), &format!("epoch {}", epoch + 1));
        let learning = fixed.learning(epoch).map_err(finding)?;
        let mut counters = Counters::default();
        let mut on_array = ClampedOnArray::default();
        let mut fired = vec![false; network.populations.len()];
        let mut tally = Tally::default();
        engine.train_epoch(&learning, train, epoch, |p| {
            counters += p.outcome.counters;
            note_fired(&mut fired, p.array.fired());
            on_array.add(p.index, &program, &p.outcome.counters, &p.outcome.clamps);
            let right = p.outcome.prediction as usize == p.label;
            tally.add(network, &p.outcome.logits, right, p.label);
            if p.done % 256 == 0 {
                bar.set_position(p.done as u64);
            }
            ControlFlow::Continue(())
        });
        bar.finish_and_clear();
        let seconds = began.elapsed().as_secs_f64();
        let tested = tested(network, test, |sample| {
            let outcome = engine.infer(sample);
            (outcome.logits, outcome.prediction)
        });
        let samples = engine.learning.samples;
        save(arguments, network, epoch + 1, samples, engine.parameters())?;
        tally.end();
        tell(&Epoch {
            number: epoch + 1,
            train: tally,
            test: tested,
            fired,
            seconds,
            clamps: None,
            counters: Some((counters, on_array)),
        })?;
    }
    Ok(())
}
