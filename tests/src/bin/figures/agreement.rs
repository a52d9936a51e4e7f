//! Fixed-point engine, array engine and Verilog on MNIST test images.

use crate::Outcome;
use crate::mnist;
use rtlsim::{Compile, Engine, Options};
use spidec_compiler::check::Checked;
use spidec_compiler::lower::{Purpose, lower};
use spidec_data::{Dataset, Split};
use spidec_ir::FixedParameters;
use spidec_ir::program::WeightImage;
use spidec_ir::trace::Stage;
use spidec_verify::{Report, Setup, Training, hardware, verify};
use std::error::Error;

/// Images a network.
const IMAGES: usize = 500;

pub(crate) fn print() -> Outcome {
    let train = mnist::data(Split::Train)?;
    let test = mnist::data(Split::Test)?.first(IMAGES);
    let mnist = mnist::network("mnist.fsnn")?;
    let three = mnist::network("three.fsnn")?;
    let fixed = mnist::train_fixed(&mnist.network, &train, 3, |_, _, _| ())?;
    one("mnist.fsnn, fixed-trained, 3 epochs", &mnist, &fixed, &test)?;
    let float = mnist::train_float(&mnist.network, &train, 3)?;
    one("mnist.fsnn, float-trained, 3 epochs", &mnist, &float, &test)?;
    let fixed = mnist::train_fixed(&three.network, &train, 1, |_, _, _| ())?;
    one("three.fsnn, fixed-trained, 1 epoch", &three, &fixed, &test)?;
    let float = mnist::train_float(&three.network, &train, 1)?;
    one("three.fsnn, float-trained, 1 epoch", &three, &float, &test)
}

fn one(what: &str, checked: &Checked, parameters: &FixedParameters, test: &Dataset) -> Outcome {
    let report = run(checked, parameters, test)?;
    let right = report.predictions.iter().zip(test.samples());
    let right = right
        .filter(|(p, (_, label))| **p as usize == *label)
        .count();
    let compared: u64 = report.comparison.compared.values().sum();
    let stages = report.stage_cycles();
    println!(
        "{what}: {} images, {} mismatches in {compared} values, {right} right",
        report.samples,
        report.comparison.mismatches()
    );
    println!(
        "  {:.1} cycles an image ({:.1} input, {:.1} forward, {:.1} readout), lane use {:.1} %, {} clamped",
        report.cycles_per_sample(),
        stages[Stage::Input as usize],
        stages[Stage::Forward as usize],
        stages[Stage::Readout as usize],
        100.0 * report.lane_use(),
        report.counters.saturations
    );
    if report.passed() {
        Ok(())
    } else {
        Err(format!("{what}: {:?} {:?}", report.comparison.first, report.stopped).into())
    }
}

/// Verifies inferences of one network with Verilator.
pub(crate) fn run(
    checked: &Checked,
    parameters: &FixedParameters,
    test: &Dataset,
) -> Result<Report, Box<dyn Error>> {
    simulate(checked, Purpose::Inference, parameters, test, None)
}

/// Verifies one network with Verilator: an inference, or a training from an epoch's end on.
pub(crate) fn simulate(
    checked: &Checked,
    purpose: Purpose,
    parameters: &FixedParameters,
    samples: &Dataset,
    training: Option<Training>,
) -> Result<Report, Box<dyn Error>> {
    let program = lower(&checked.network, &checked.lines, purpose)?;
    let tools = spidec_tests::simulator(Engine::Verilator).ok_or("no simulator")?;
    let setup = Setup {
        network: &checked.network,
        program: &program,
        parameters,
        image: &WeightImage::new(&program, parameters),
        project: &hardware::project(&program.machine)?,
        engine: Engine::Verilator,
        tools: &tools,
        options: &Options {
            compile: Compile::Thorough,
            ..Options::default()
        },
        waveform: None,
        training,
    };
    Ok(verify(&setup, samples.samples(), &mut |_| {})?)
}
