//! Samples a second of the engines and cycles a second of Verilator, one core each, in one run.

use crate::Outcome;
use crate::agreement;
use crate::mnist;
use rtlsim::{Compile, Engine, Options};
use spidec_compiler::check::Checked;
use spidec_compiler::lower::{Purpose, lower};
use spidec_data::{Dataset, Split};
use spidec_ir::FixedParameters;
use spidec_ir::fixed::{dequantize, quantize};
use spidec_ir::program::WeightImage;
use spidec_ir::random::initial_parameters;
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::{Spide, Trainer};
use spidec_verify::{Hardware, hardware};
use std::ops::ControlFlow;
use std::time::Instant;

/// Samples a measurement.
const SAMPLES: usize = 5000;
/// Samples that Verilator trains.
const VERILATED: usize = 300;

fn rate(what: &str, count: f64, unit: &str, start: Instant) -> f64 {
    let rate = count / start.elapsed().as_secs_f64();
    println!("{what}: {rate:.0} {unit}/s");
    rate
}

pub(crate) fn print() -> Outcome {
    let checked = mnist::network("mnist.fsnn")?;
    let network = &checked.network;
    let train = mnist::data(Split::Train)?;
    let test = mnist::data(Split::Test)?.first(SAMPLES);
    let parameters = mnist::train_fixed(network, &train, 1, |_, _, _| ())?;
    let train = train.first(SAMPLES);
    let count = test.len() as f64;

    let initial = initial_parameters(network, 1);
    let mut trainer = Trainer::<f32>::new(network, &initial)?.with_threads(1);
    let start = Instant::now();
    trainer.epoch(&train, &mut |_| ControlFlow::Continue(()))?;
    rate("float, training", count, "samples", start);
    let spide = Spide::<f32>::new(network, &dequantize(network, &parameters))?;
    let start = Instant::now();
    spide.evaluate(&test, &mut |_| {})?;
    rate("float, inference on all cores", count, "images", start);

    let engine = FixedEngine::new(network)?;
    let mut state = engine.state(&quantize(network, &initial)?.0)?;
    let start = Instant::now();
    engine.train_epoch(&mut state, &train, 0, |_| ControlFlow::Continue(()))?;
    rate("fixed, training", count, "samples", start);
    let weights = engine.load(&parameters)?;
    let start = Instant::now();
    engine.evaluate(&weights, &test, |_| ())?;
    rate("fixed, inference", count, "images", start);

    training(&checked, &parameters, &train)?;

    let program = lower(network, &checked.lines, Purpose::Inference)?;
    let mut array = ArrayEngine::new(&program, &parameters)?;
    let start = Instant::now();
    let mut cycles = 0;
    for (sample, _) in test.samples() {
        cycles += array.infer(sample).counters.total_cycles();
    }
    rate("array, inference", count, "images", start);
    let predicted = rate("array, predicted cycles", cycles as f64, "cycles", start);

    // Compiling, loading weights and comparing are left out by a difference of two runs.
    let (short, long) = (test.first(10), test.first(510));
    agreement::run(&checked, &parameters, &short)?;
    let start = Instant::now();
    let few = agreement::run(&checked, &parameters, &short)?;
    let few_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let many = agreement::run(&checked, &parameters, &long)?;
    let seconds = start.elapsed().as_secs_f64() - few_seconds;
    let cycles = (many.counters.total_cycles() - few.counters.total_cycles()) as f64;
    println!(
        "verify with Verilator, both engines and comparison included: {:.0} images/s, {:.0} cycles/s; \
         the array engine alone is {:.1} times as fast",
        500.0 / seconds,
        cycles / seconds,
        predicted / (cycles / seconds)
    );
    Ok(())
}

/// Training after an epoch: the array engine, and Verilator with its traces and counts but nothing compared.
fn training(checked: &Checked, parameters: &FixedParameters, train: &Dataset) -> Outcome {
    let network = &checked.network;
    let learning = FixedEngine::new(network)?.learning(1)?;
    let program = lower(network, &checked.lines, Purpose::Learning)?;
    let state = LearningState {
        seed: network.training.seed,
        samples: 0,
        constants: learning.constants,
    };
    let mut array = ArrayEngine::new(&program, parameters)?;
    array.learning = state.clone();
    let start = Instant::now();
    for (sample, label) in train.samples() {
        array.train(sample, label);
    }
    let engine = rate("array, training", train.len() as f64, "samples", start);

    let tools = spidec_tests::simulator(Engine::Verilator).ok_or("no simulator")?;
    let project = hardware::project(&program.machine)?;
    let image = WeightImage::new(&program, parameters);
    let options = Options {
        compile: Compile::Thorough,
        ..Options::default()
    };
    let mut hardware = Hardware::open(
        Engine::Verilator,
        &project,
        &program,
        &image,
        &tools,
        &options,
    )?;
    hardware.set_learning(&state)?;
    let samples = train.first(VERILATED);
    let start = Instant::now();
    for (sample, label) in samples.samples() {
        hardware.train(sample, label, 1_000_000)?;
    }
    let verilator = rate("Verilator, training", VERILATED as f64, "samples", start);
    println!(
        "the array engine is {:.1} times as fast",
        engine / verilator
    );
    Ok(())
}
