//! `spidec eval`.

use crate::failure::{Failure, finding, usage};
use crate::output::say;
use crate::{clamps, input, progress};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use spidec_compiler::check::{Checked, Engine};
use spidec_compiler::lower::Purpose;
use spidec_ir::trace::{Counters, Stage};
use spidec_runtime::array::{ArrayEngine, ClampedOnArray};
use spidec_runtime::data::{Dataset, Split};
use spidec_runtime::fixed::{ClampedSamples, FixedEngine};
use spidec_runtime::spide::Spide;
use spidec_runtime::state::State;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The reading of a network that evaluates.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reading {
    /// Floating point.
    Float,
    /// The array's integers, straight from the network.
    Fixed,
    /// The compiled program, cycle-exact.
    Array,
}

#[derive(Args)]
pub(crate) struct Eval {
    /// The network file.
    file: PathBuf,
    /// The state file.
    state: PathBuf,
    /// A data folder (IDX, CSV, npz or CIFAR); its test split is used.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which engine evaluates.
    #[arg(long, value_enum, value_name = "float|fixed|array")]
    engine: Reading,
    /// Use only the first N test samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    samples: Option<u32>,
    /// Print the results as JSON.
    #[arg(long)]
    json: bool,
}

/// What an engine found.
struct Score {
    correct: usize,
    /// Membranes; floating point clamps none.
    clamped: Option<ClampedSamples>,
    counters: Option<Counters>,
}

pub(crate) fn run(arguments: &Eval) -> Result<(), Failure> {
    let engine = match arguments.engine {
        Reading::Float => Engine::Float,
        Reading::Fixed => Engine::Fixed,
        Reading::Array => Engine::Array,
    };
    let is_network = |path: &Path| path.extension().is_some_and(|e| e == "fsnn");
    if is_network(&arguments.state) && !is_network(&arguments.file) {
        return Err(usage(format!(
            "the network file comes first: `spidec eval {} {} ...`",
            arguments.state.display(),
            arguments.file.display()
        )));
    }
    let checked = input::network(&arguments.file, engine)?;
    let state = input::state(&checked.network, &arguments.state)?;
    let data = input::data(
        &checked.network,
        &arguments.data,
        Split::Test,
        arguments.samples,
    )?;
    let start = Instant::now();
    let score = match arguments.engine {
        Reading::Float => float(&checked, &state, &data)?,
        Reading::Fixed => fixed(&checked, &state, &data)?,
        Reading::Array => array(&checked, &state, &data)?,
    };
    let seconds = start.elapsed().as_secs_f64();
    let samples = data.len() as f64;
    let mut report = json!({
        "samples": data.len(),
        "correct": score.correct,
        "accuracy": score.correct as f64 / samples,
        "seconds": seconds,
    });
    if let Some(clamped) = &score.clamped {
        report["saturations"] = json!(clamped.count);
        report["first_saturation"] = clamps::first_membrane(&checked, clamped);
    }
    if let Some(counters) = &score.counters {
        let lanes = checked.network.array.lanes;
        let cycles = counters.total_cycles() as f64;
        report["cycles_per_sample"] = json!(cycles / samples);
        for stage in Stage::INFERENCE {
            let key = format!("cycles_{}", stage.name());
            report[key] = json!(counters.stages[stage as usize].cycles as f64 / samples);
        }
        report["lane_use"] = json!(counters.total_useful() as f64 / (cycles * f64::from(lanes)));
        report["spikes_per_sample"] = json!(counters.spikes as f64 / samples);
    }
    if arguments.json {
        say!("{report:#}")
    } else {
        print(&report)?;
        match &score.clamped {
            Some(clamped) => say!("{}", clamps::membranes(&checked, clamped, "")),
            None => Ok(()),
        }
    }
}

fn print(report: &Value) -> Result<(), Failure> {
    let number = |key: &str| report[key].as_f64();
    say!(
        "accuracy {:.2} %: {} of {} right, {:.1} s",
        100.0 * number("accuracy").unwrap_or(0.0),
        report["correct"],
        report["samples"],
        number("seconds").unwrap_or(0.0)
    )?;
    if let Some(cycles) = number("cycles_per_sample") {
        say!(
            "{cycles:.1} cycles a sample ({:.1} input, {:.1} forward, {:.1} readout), lane use {:.1} %",
            number("cycles_input").unwrap_or(0.0),
            number("cycles_forward").unwrap_or(0.0),
            number("cycles_readout").unwrap_or(0.0),
            100.0 * number("lane_use").unwrap_or(0.0)
        )?;
    }
    Ok(())
}

fn float(checked: &Checked, state: &State, data: &Dataset) -> Result<Score, Failure> {
    let network = &checked.network;
    let spide = Spide::<f32>::new(network, &state.float(network)).map_err(finding)?;
    let bar = progress::bar(data.len(), "float");
    let score = spide
        .evaluate(data, &mut |p| bar.set_position(p.done as u64))
        .map_err(finding)?;
    bar.finish_and_clear();
    Ok(Score {
        correct: score.correct,
        clamped: None,
        counters: None,
    })
}

fn fixed(checked: &Checked, state: &State, data: &Dataset) -> Result<Score, Failure> {
    let engine = FixedEngine::new(&checked.network).map_err(finding)?;
    let parameters = input::fitting(state.fixed(&checked.network))?;
    let weights = engine.load(&parameters).map_err(finding)?;
    let bar = progress::bar(data.len(), "fixed");
    let evaluation = engine
        .evaluate(&weights, data, progress::every(256, &bar))
        .map_err(finding)?;
    bar.finish_and_clear();
    Ok(Score {
        correct: evaluation.correct,
        clamped: Some(evaluation.clamped),
        counters: None,
    })
}

fn array(checked: &Checked, state: &State, data: &Dataset) -> Result<Score, Failure> {
    let program = input::program(checked, Purpose::Inference)?;
    let parameters = input::fitting(state.fixed(&checked.network))?;
    let mut engine = ArrayEngine::new(&program, &parameters).map_err(finding)?;
    let bar = progress::bar(data.len(), "array");
    let mut counters = Counters::default();
    let mut clamped = ClampedOnArray::default();
    let mut correct = 0;
    for (k, (sample, label)) in data.samples().enumerate() {
        let outcome = engine.infer(sample);
        correct += usize::from(outcome.prediction as usize == label);
        counters += outcome.counters;
        clamped.add(k, &program, &outcome.counters, &outcome.clamps);
        if k % 64 == 0 {
            bar.set_position(k as u64);
        }
    }
    bar.finish_and_clear();
    Ok(Score {
        correct,
        clamped: Some(clamped.membranes),
        counters: Some(counters),
    })
}
