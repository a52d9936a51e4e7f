//! `spidec eval`.

mod logits;
mod table;

use crate::failure::{Failure, finding, unread, usage};
use crate::output::{note, say};
use crate::sums::{Sums, Timed};
use crate::{clamps, input, progress, sums, threads};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use logits::Row;
use serde_json::{Value, json};
use spidec_compiler::check::{Checked, Engine};
use spidec_compiler::lower::Purpose;
use spidec_data::{Data, Split};
use spidec_ir::Network;
use spidec_ir::trace::{Counters, Stage};
use spidec_report::Confusion;
use spidec_runtime::array::{ArrayEngine, ClampedOnArray};
use spidec_runtime::fixed::{ClampedSamples, FixedEngine};
use spidec_runtime::spide::{Answer, answer_f32, answer_f64};
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

/// Floating-point numbers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Precision {
    /// Of 32 bits.
    F32,
    /// Of 64 bits.
    F64,
}

#[derive(Args)]
pub(crate) struct Eval {
    /// The network file.
    file: PathBuf,
    /// The state file.
    state: PathBuf,
    /// A data folder; its test split is used. Formats: IDX (MNIST's), CSV, NumPy npz, CIFAR's binary batches, or
    /// recordings of events (ATIS, as N-MNIST's *.bin; AEDAT 2.0 or 3.1), each file plain, gzip or xz; batches and
    /// recordings in one *.tar too.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which engine evaluates.
    #[arg(long, value_enum, value_name = "float|fixed|array")]
    engine: Reading,
    /// Use only the first N test samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    samples: Option<u32>,
    /// The numbers that floating point computes with: `f32`, which trains and is taken without it, or `f64`, the
    /// reference. Only for --engine float.
    #[arg(long, value_enum, value_name = "f32|f64")]
    precision: Option<Precision>,
    /// Write each sample's label, prediction and logits to this file too, as CSV; the logits of integers as the real
    /// numbers that they stand for.
    #[arg(long, value_name = "FILE")]
    logits: Option<PathBuf>,
    /// Compute with so many threads in floating point: all cores without it.
    #[arg(long, value_name = "N", value_parser = threads::parser())]
    threads: Option<usize>,
    /// Print the results as JSON: `confusion` is a list a class, of how often each class was predicted.
    #[arg(long)]
    json: bool,
}

/// What an engine finds.
struct Score {
    sums: Sums,
    confusion: Confusion,
    /// One a sample, in order, where they are asked for.
    logits: Option<Vec<Row>>,
    /// Membranes; floating point clamps none.
    clamped: Option<ClampedSamples>,
    counters: Option<Counters>,
    /// How far it is.
    bar: ProgressBar,
}

impl Score {
    fn add(&mut self, sums: &Sums, row: Row) {
        self.sums += sums;
        self.confusion.add(row.label, row.prediction);
        if let Some(logits) = &mut self.logits {
            logits.push(row);
        }
        self.bar.inc(1);
    }

    /// Adds a sample that an engine of integers answered.
    fn add_integers(
        &mut self,
        network: &Network,
        (integers, prediction, label): (&[i32], u32, usize),
        spikes: impl Iterator<Item = u64>,
    ) {
        let prediction = prediction as usize;
        let sums = Sums::of_integers(network, integers, prediction == label, label, spikes);
        let logits = match &self.logits {
            Some(_) => sums::real(network, integers),
            None => Vec::new(),
        };
        let row = Row {
            label,
            prediction,
            logits,
        };
        self.add(&sums, row);
    }
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
    if arguments.precision.is_some() && arguments.engine != Reading::Float {
        return Err(usage(
            "--precision chooses numbers of floating point, and this engine computes with integers; leave it out, or \
             take --engine float",
        ));
    }
    if let Some(path) = &arguments.logits {
        logits::writable(path)?;
    }
    threads::set(arguments.threads)?;
    let checked = input::network(&arguments.file, engine)?;
    let state = input::state(&checked.network, &arguments.state)?;
    let data = input::any_data(
        &checked.network,
        &arguments.data,
        Split::Test,
        arguments.samples,
    )?;
    let start = Instant::now();
    let engine = arguments.engine.to_possible_value();
    let mut score = Score {
        sums: Sums::default(),
        confusion: Confusion::new(checked.network.readout.classes as usize),
        logits: arguments.logits.as_ref().map(|_| Vec::new()),
        clamped: None,
        counters: None,
        bar: progress::bar(
            data.len(),
            engine.as_ref().map_or("", |engine| engine.get_name()),
        ),
    };
    match arguments.engine {
        Reading::Float => float(
            arguments.precision.unwrap_or(Precision::F32),
            &checked,
            &state,
            &data,
            &mut score,
        )?,
        Reading::Fixed => fixed(&checked, &state, &data, &mut score)?,
        Reading::Array => array(&checked, &state, &data, &mut score)?,
    }
    score.bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    if score.sums.diverged() {
        note!(
            "spidec: warning: the loss is no number: logits are too large for floating point; the state's training \
             diverged, take an earlier one"
        );
    }
    if let (Some(path), Some(rows)) = (&arguments.logits, &score.logits) {
        logits::write(path, rows)?;
    }
    let samples = data.len() as f64;
    let mut report = json!({
        "samples": data.len(),
        "correct": score.sums.correct,
        "accuracy": score.sums.accuracy(),
        "loss": score.sums.mean_loss(),
        "rates": score.sums.rates_json(&checked.network)["forward"],
        "confusion": score.confusion.counts(),
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
        let timed = Timed {
            sums: score.sums,
            seconds,
        };
        let populations = checked.network.populations.iter();
        let populations: Vec<String> = populations.map(|p| p.name.clone()).collect();
        say!(
            "loss {:.4}; {}",
            timed.sums.mean_loss(),
            progress::rates(&populations, &timed)
        )?;
        for line in table::lines(&score.confusion) {
            say!("{line}")?;
        }
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

fn float(
    precision: Precision,
    checked: &Checked,
    state: &State,
    data: &Data,
    score: &mut Score,
) -> Result<(), Failure> {
    let network = &checked.network;
    let mut hear = |answer: Answer| {
        let sums = Sums::of_answer(network, &answer);
        let row = Row {
            label: answer.label,
            prediction: answer.prediction,
            logits: answer.logits,
        };
        score.add(&sums, row);
    };
    let answered = match precision {
        Precision::F32 => {
            let spide = state.spide(network).map_err(finding)?;
            answer_f32(&spide, data, &mut hear)
        }
        Precision::F64 => {
            let spide = state.spide(network).map_err(finding)?;
            answer_f64(&spide, data, &mut hear)
        }
    };
    answered.map_err(unread)
}

fn fixed(checked: &Checked, state: &State, data: &Data, score: &mut Score) -> Result<(), Failure> {
    let network = &checked.network;
    let engine = FixedEngine::new(network).map_err(finding)?;
    let parameters = input::fitting(state.fixed(network))?;
    let weights = engine.load(&parameters).map_err(finding)?;
    let mut clamped = ClampedSamples::default();
    for (k, (sample, label)) in input::constant(data)?.samples().enumerate() {
        let outcome = engine.infer(&weights, sample);
        clamped.add(k, outcome.clamped);
        let answer = (&outcome.logits[..], outcome.prediction, label);
        score.add_integers(network, answer, outcome.spikes());
    }
    score.clamped = Some(clamped);
    Ok(())
}

fn array(checked: &Checked, state: &State, data: &Data, score: &mut Score) -> Result<(), Failure> {
    let network = &checked.network;
    let program = input::program(checked, Purpose::Inference)?;
    let parameters = input::fitting(state.fixed(network))?;
    let mut engine = ArrayEngine::new(&program, &parameters).map_err(finding)?;
    let mut counters = Counters::default();
    let mut clamped = ClampedOnArray::default();
    for (k, (sample, label)) in input::constant(data)?.samples().enumerate() {
        let outcome = engine.infer(sample);
        counters += outcome.counters;
        clamped.add(k, &program, &outcome.counters, &outcome.clamps);
        let answer = (&outcome.logits[..], outcome.prediction, label);
        score.add_integers(network, answer, engine.spikes());
    }
    score.clamped = Some(clamped.membranes);
    score.counters = Some(counters);
    Ok(())
}
