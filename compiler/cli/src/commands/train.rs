//! `spidec train`.

use crate::clamps::{self, EpochClamps};
use crate::failure::{Failure, finding, usage};
use crate::log::{Log, Tally};
use crate::output::{note, say};
use crate::{input, progress};
use clap::{Args, ValueEnum};
use serde_json::json;
use spidec_compiler::check::{Checked, Engine};
use spidec_compiler::lower::Purpose;
use spidec_ir::fixed::quantize;
use spidec_ir::random::initial_parameters;
use spidec_ir::trace::{Counters, Stage};
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::array::{ArrayEngine, ClampedOnArray};
use spidec_runtime::data::{Dataset, Split};
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::Trainer;
use spidec_runtime::state::{MAX_EPOCHS, State, Weights};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

/// The reading of a network that trains.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reading {
    /// Floating point.
    Float,
    /// The array's integers.
    Fixed,
    /// The compiled program, cycle-exact.
    Array,
}

#[derive(Args)]
pub(crate) struct Train {
    /// The network file.
    file: PathBuf,
    /// A data folder: IDX files (as MNIST's), CSV files (train.csv and test.csv, or *.tra and *.tes; a row a sample, the
    /// label last, an optional header), either also as gzip, or NumPy archives (train.npz and test.npz with arrays x
    /// and y, or one *.npz with x_train, y_train, x_test, y_test).
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which engine trains.
    #[arg(long, value_enum)]
    engine: Reading,
    /// Epochs to train now.
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_EPOCHS)))]
    epochs: u32,
    /// The state file to write.
    #[arg(short, long, value_name = "STATE")]
    output: PathBuf,
    /// Go on from this state.
    #[arg(long, value_name = "STATE")]
    from: Option<PathBuf>,
    /// Use only the first N training samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    samples: Option<u32>,
    /// Replace the file's seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Write each epoch's results to this file too, one line of JSON each, with loss and accuracy of each 256
    /// samples: what `spidec report --log` draws. With --from the lines up to the state's epoch are kept.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print each epoch's results as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// One epoch's figures.
struct Epoch {
    number: u32,
    train: Tally,
    test: (usize, usize),
    seconds: f64,
    /// Of fixed point.
    clamps: Option<EpochClamps>,
    /// Of the array.
    counters: Option<(Counters, ClampedOnArray)>,
}

/// Hears of each epoch.
type Tell<'a> = &'a mut dyn FnMut(&Epoch) -> Result<(), Failure>;

pub(crate) fn run(arguments: &Train) -> Result<(), Failure> {
    input::writable(&arguments.output)?;
    if arguments.output.is_file() && !State::is_at(&arguments.output) {
        return Err(usage(format!(
            "cannot write {}: a file is there that is no state of spidec; name another",
            arguments.output.display()
        )));
    }
    let engine = match arguments.engine {
        Reading::Float => Engine::Float,
        Reading::Fixed => Engine::FixedTraining,
        Reading::Array => Engine::ArrayTraining,
    };
    let mut checked = input::network(&arguments.file, engine)?;
    if let Some(seed) = arguments.seed {
        checked.network.training.seed = seed;
    }
    let network = &checked.network;
    let train = input::data(network, &arguments.data, Split::Train, arguments.samples)?;
    let test = input::data(network, &arguments.data, Split::Test, None)?;
    let from = match &arguments.from {
        Some(path) => Some(input::state(network, path)?),
        None => None,
    };
    if let Some(state) = &from {
        room(state, arguments.epochs, train.len())?;
        if state.seed != network.training.seed {
            note!(
                "spidec: note: trained with seed {} so far, goes on with seed {}",
                state.seed,
                network.training.seed
            );
        }
    }
    let mut log = match &arguments.log {
        Some(path) if *path == arguments.output => {
            return Err(usage("state and log would be the same file; name two"));
        }
        Some(path) => Some(Log::open(
            path,
            from.as_ref().map_or(0, |state| state.epochs),
        )?),
        None => None,
    };
    let mut tell = |epoch: &Epoch| report(arguments, &checked, log.as_mut(), epoch);
    match arguments.engine {
        Reading::Float => float(arguments, network, from, (&train, &test), &mut tell),
        Reading::Fixed => fixed(arguments, network, from, (&train, &test), &mut tell),
        Reading::Array => array(arguments, &checked, from, (&train, &test), &mut tell),
    }
}

/// Whether epochs and samples can still be counted.
fn room(state: &State, epochs: u32, samples: usize) -> Result<(), Failure> {
    let more = u64::from(epochs).checked_mul(samples as u64);
    let samples = more.and_then(|more| state.samples.checked_add(more));
    if samples.is_some() && state.epochs + epochs <= MAX_EPOCHS {
        return Ok(());
    }
    Err(usage(format!(
        "the state has {} epochs and {} samples behind it; {epochs} epochs more cannot be counted",
        state.epochs, state.samples
    )))
}

fn float(
    arguments: &Train,
    network: &Network,
    from: Option<State>,
    (train, test): (&Dataset, &Dataset),
    tell: Tell,
) -> Result<(), Failure> {
    let mut trainer = match from {
        Some(state) => state.trainer(network).map_err(finding)?,
        None => {
            let parameters = initial_parameters(network, network.training.seed);
            Trainer::new(network, &parameters).map_err(finding)?
        }
    };
    for _ in 0..arguments.epochs {
        let start = Instant::now();
        let bar = progress::bar(train.len(), &format!("epoch {}", trainer.epochs() + 1));
        let mut tally = Tally::default();
        trainer
            .epoch(train, &mut |p| {
                tally.reach(&p);
                bar.set_position(p.done as u64);
            })
            .map_err(finding)?;
        bar.finish_and_clear();
        let seconds = start.elapsed().as_secs_f64();
        let bar = progress::bar(test.len(), "test");
        let tested = trainer
            .spide()
            .evaluate(test, &mut |p| bar.set_position(p.done as u64))
            .map_err(finding)?;
        bar.finish_and_clear();
        State::of_trainer(&trainer)
            .save(network, &arguments.output)
            .map_err(usage)?;
        tally.end();
        tell(&Epoch {
            number: trainer.epochs(),
            train: tally,
            test: (tested.correct, tested.samples),
            seconds,
            clamps: None,
            counters: None,
        })?;
    }
    Ok(())
}

fn fixed(
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
        engine
            .train_epoch(&mut running, train, epoch, |p| {
                clamps.add(p.index, p.trained.clamps());
                let forward = &p.trained.forward;
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
        let bar = progress::bar(test.len(), "test");
        let tested = engine
            .evaluate(&running.weights, test, progress::every(256, &bar))
            .map_err(finding)?;
        bar.finish_and_clear();
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
            test: (tested.correct, tested.samples),
            seconds,
            clamps: Some(clamps),
            counters: None,
        })?;
    }
    Ok(())
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
fn array(
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
        let mut tally = Tally::default();
        engine.train_epoch(&learning, train, epoch, |p| {
            counters += p.outcome.counters;
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
        let bar = progress::bar(test.len(), "test");
        let mut right = 0;
        for (sample, label) in test.samples() {
            right += usize::from(engine.infer(sample).prediction as usize == label);
            bar.inc(1);
        }
        bar.finish_and_clear();
        let samples = engine.learning.samples;
        save(arguments, network, epoch + 1, samples, engine.parameters())?;
        tally.end();
        tell(&Epoch {
            number: epoch + 1,
            train: tally,
            test: (right, test.len()),
            seconds,
            clamps: None,
            counters: Some((counters, on_array)),
        })?;
    }
    Ok(())
}

fn report(
    arguments: &Train,
    checked: &Checked,
    log: Option<&mut Log>,
    epoch: &Epoch,
) -> Result<(), Failure> {
    let trained = epoch.train.score();
    let share = |(correct, all): (usize, usize)| correct as f64 / all.max(1) as f64;
    if arguments.json || log.is_some() {
        let mut line = json!({
            "epoch": epoch.number,
            "train_accuracy": share(trained),
            "train_loss": epoch.train.loss(),
            "test_accuracy": share(epoch.test),
            "test_samples": epoch.test.1,
            "seconds": epoch.seconds,
            "state": arguments.output,
        });
        if let Some(clamps) = &epoch.clamps {
            line["clamped"] = clamps.json(checked);
        }
        if let Some((counters, on_array)) = &epoch.counters {
            line["clamped"] = clamps::array_json(checked, on_array);
            line["cycles_per_sample"] = json!(counters.total_cycles() as f64 / trained.1 as f64);
            let lanes = counters.total_cycles() as f64 * f64::from(checked.network.array.lanes);
            line["lane_use"] = json!(counters.total_useful() as f64 / lanes);
            line["counters"] = json!(counters);
            let stages = Stage::ALL.iter().zip(counters.stages);
            let stages = stages.map(|(stage, work)| (stage.name().to_string(), json!(work)));
            line["counters"]["stages"] = serde_json::Value::Object(stages.collect());
        }
        if let Some(log) = log {
            log.add(&line, &epoch.train)?;
        }
        if arguments.json {
            return say!("{line}");
        }
    }
    say!(
        "epoch {}: training {:.2} % (as it learned), test {:.2} % ({} of {}), {:.1} s; state in {}",
        epoch.number,
        100.0 * share(trained),
        100.0 * share(epoch.test),
        epoch.test.0,
        epoch.test.1,
        epoch.seconds,
        arguments.output.display()
    )?;
    for line in epoch.clamps.iter().flat_map(|c| c.lines(checked)) {
        say!("  {line}")?;
    }
    if let Some((counters, on_array)) = &epoch.counters {
        let cycles = counters.total_cycles() as f64;
        let lanes = cycles * f64::from(checked.network.array.lanes);
        say!(
            "  {:.1} cycles a sample, lane use {:.1} %",
            cycles / trained.1.max(1) as f64,
            100.0 * counters.total_useful() as f64 / lanes
        )?;
        for line in clamps::array_lines(checked, on_array) {
            say!("  {line}")?;
        }
    }
    Ok(())
}
