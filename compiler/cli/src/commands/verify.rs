//! `spidec verify`.

use crate::commands::tools::with_simulator;
use crate::failure::{Failure, finding, usage};
use crate::output::{note, say};
use crate::{clamps, input, progress, waveform};
use clap::{Args, ValueEnum};
use rtlsim::{Options, PowerUp, Waveform};
use serde_json::json;
use spidec_compiler::check::Checked;
use spidec_data::{Split, generated};
use spidec_ir::program::WeightImage;
use spidec_ir::random::sample_order;
use spidec_ir::trace::Stage;
use spidec_runtime::fixed::FixedEngine;
use spidec_verify::{Kind, Report, Setup, Training, hardware, verify};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The simulator of the Verilog.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Simulator {
    /// Compiled, fast.
    Verilator,
    /// Interpreted, slow, knows unknown bits: for small networks.
    Icarus,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The network file.
    file: PathBuf,
    /// A data folder (IDX, CSV, npz or CIFAR); its test split is used, with --train its training split.
    /// Generated samples without it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Train the samples, in the order of the epoch that the state has come to, instead of only
    /// classifying them.
    #[arg(long)]
    train: bool,
    /// How many samples.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    samples: u32,
    /// Weights; the initial ones of the file's seed without it.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Which simulator runs the Verilog.
    #[arg(long, value_enum, default_value = "verilator")]
    simulator: Simulator,
    /// Registers and memories start with pseudo-random contents of this seed, instead of zeros.
    #[arg(long, value_name = "SEED")]
    power_up: Option<u64>,
    /// Where the waveform of a sample that differs goes, spidec-verify.vcd without it: VCD, or FST where the name ends
    /// in `.fst` (with Verilator; Debian: liblz4-dev, zlib1g-dev). Of files only a waveform is replaced.
    #[arg(long, value_name = "FILE")]
    waveform: Option<PathBuf>,
    /// Leave a waveform of the first sample there (VCD or FST as above), with view files beside it: FILE.gtkw shows it
    /// in GTKWave under the network's names, FILE.sucl in Surfer; FILE.chunks and FILE.program have the names of
    /// chunks and instructions.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Install the pinned Verilator first, where none is found.
    #[arg(long)]
    set_up: bool,
    /// Print the results as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Verify) -> Result<(), Failure> {
    let differing = arguments.waveform.as_deref();
    let differing = differing.unwrap_or(Path::new(waveform::DEFAULT));
    waveform::check(differing, arguments.trace.as_deref())?;
    let (purpose, engine) = input::purpose(arguments.train);
    let mut checked = input::network(&arguments.file, engine)?;
    let state = match &arguments.state {
        Some(path) => Some(input::state(&checked.network, path)?),
        None => None,
    };
    if let Some(state) = state.as_ref().filter(|_| arguments.train) {
        // The training goes on where the state's stopped.
        checked.network.training.seed = state.seed;
    }
    let network = &checked.network;
    let program = input::program(&checked, purpose)?;
    let parameters = input::weights(network, arguments.state.as_deref())?;
    let (epochs, trained) = state.as_ref().map_or((0, 0), |s| (s.epochs, s.samples));
    let learning = match arguments.train {
        true => {
            let engine = FixedEngine::new(network).map_err(finding)?;
            Some(input::learning(&engine, epochs)?)
        }
        false => None,
    };
    let data = match &arguments.data {
        Some(directory) if arguments.train => {
            let all = input::data(network, directory, Split::Train, None)?;
            let order = sample_order(network.training.seed, epochs, all.len());
            all.select(
                order
                    .iter()
                    .take(arguments.samples as usize)
                    .map(|&k| k as usize),
            )
        }
        Some(directory) => input::data(network, directory, Split::Test, Some(arguments.samples))?,
        None => {
            input::small_enough(network, arguments.samples as usize)?;
            generated(network, arguments.samples as usize, network.training.seed)
        }
    };

    if arguments.set_up && arguments.simulator == Simulator::Icarus {
        return Err(usage(
            "--set-up installs Verilator, which --simulator icarus does not use; \
             get Icarus with `sudo apt-get install iverilog`",
        ));
    }
    let tools = with_simulator(arguments.set_up)?;
    let engine = match arguments.simulator {
        Simulator::Verilator => rtlsim::Engine::Verilator,
        Simulator::Icarus => rtlsim::Engine::Icarus,
    };
    // Said now, not when a long run has found a sample whose waveform cannot be written.
    let mut waveforms = [Some(differing), arguments.trace.as_deref()]
        .into_iter()
        .flatten();
    if waveforms.any(|path| Waveform::of(path) == Waveform::Fst) {
        if engine == rtlsim::Engine::Icarus {
            return Err(usage(
                "with --simulator icarus waveforms are VCD: name the file `.vcd`",
            ));
        }
        let compiler = tools.compiler()?;
        compiler.has_fst_headers(&tools.verilator()?)?;
    }
    let options = Options {
        power_up: arguments.power_up.map_or(PowerUp::Zero, PowerUp::Random),
        ..Options::default()
    };
    let project = hardware::project(&program.machine).map_err(finding)?;
    if !arguments.json {
        note!("compiling the Verilog, unless it was compiled before ...");
    }
    let start = Instant::now();
    rtlsim::prepare(engine, &project, &tools, &options)?;
    let compiled = start.elapsed().as_secs_f64();

    let image = WeightImage::new(&program, &parameters);
    let setup = Setup {
        network,
        program: &program,
        parameters: &parameters,
        image: &image,
        project: &project,
        engine,
        tools: &tools,
        options: &options,
        waveform: Some(differing.to_path_buf()),
        training: learning.as_ref().map(|learning| Training {
            learning,
            samples: trained,
        }),
    };
    if let Some(path) = &arguments.trace {
        waveform::leave(&setup, &data, path, arguments.json)?;
    }
    let start = Instant::now();
    let bar = progress::bar(data.len(), "verify");
    let report = verify(&setup, data.samples(), &mut |done| {
        bar.set_position(done as u64);
    });
    let report = report?;
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();

    let labels = data.samples().map(|(_, label)| label);
    let correct = report
        .predictions
        .iter()
        .zip(labels)
        .filter(|&(&p, l)| p as usize == l)
        .count();
    let accuracy = arguments
        .data
        .as_ref()
        .map(|_| correct as f64 / report.samples.max(1) as f64);
    if arguments.json {
        print_json(
            arguments,
            &checked,
            &program.design,
            &report,
            accuracy,
            compiled,
            seconds,
        )?;
    } else {
        print(
            &checked,
            &report,
            accuracy,
            &program.design,
            compiled,
            seconds,
        )?;
    }
    if report.passed() {
        if let Some(path) = arguments.waveform.as_ref().filter(|_| !arguments.json) {
            let path = path.display();
            note!(
                "no difference, so no waveform is left in {path}; --trace FILE leaves one of the first sample"
            );
        }
        return Ok(());
    }
    Err(Failure::Findings(report.verdict()))
}

fn print(
    checked: &Checked,
    report: &Report,
    accuracy: Option<f64>,
    design: &str,
    compiled: f64,
    seconds: f64,
) -> Result<(), Failure> {
    say!(
        "design {design}, {} samples, {} spikes",
        report.samples,
        report.counters.spikes
    )?;
    for kind in kinds(report) {
        let count = report.comparison.compared.get(&kind).copied().unwrap_or(0);
        let differ = report.comparison.differing.get(&kind).copied().unwrap_or(0);
        say!("{count:>12} {} compared, {differ} differ", kind.name())?;
    }
    say!(
        "{:.1} cycles a sample, lane use {:.1} %:\n{}",
        report.cycles_per_sample(),
        100.0 * report.lane_use(),
        report.work().trim_end()
    )?;
    for line in clamps::array_lines(checked, &report.clamped) {
        say!("{line}")?;
    }
    if let Some(trained) = &report.trained {
        say!(
            "{} backward spikes of 1, {} of -1; {} samples without an error, {} whose backward stage \
             could not spike",
            trained.positive,
            trained.negative,
            trained.without_error,
            trained.quiet
        )?;
    }
    if let Some(accuracy) = accuracy {
        let percent = 100.0 * accuracy;
        match &report.trained {
            None => say!("accuracy of the hardware {percent:.2} %")?,
            Some(_) => say!(
                "accuracy of the hardware as it learned {percent:.2} %: each sample before it was learned from"
            )?,
        }
    }
    say!("compiling {compiled:.1} s, running {seconds:.1} s")?;
    if report.passed() {
        say!("{} mismatches", report.comparison.mismatches())?;
    }
    Ok(())
}

/// The kinds of values that were to be compared.
fn kinds(report: &Report) -> Vec<Kind> {
    let all = Kind::ALL.into_iter();
    all.filter(|kind| report.trained.is_some() || kind.inference())
        .collect()
}

/// The stages that were run.
fn stages(report: &Report) -> &'static [Stage] {
    match &report.trained {
        Some(_) => &Stage::ALL,
        None => &Stage::INFERENCE,
    }
}

fn print_json(
    arguments: &Verify,
    checked: &Checked,
    design: &str,
    report: &Report,
    accuracy: Option<f64>,
    compiled: f64,
    seconds: f64,
) -> Result<(), Failure> {
    let compared = kinds(report).into_iter().map(|kind| {
        let count = report.comparison.compared.get(&kind).copied().unwrap_or(0);
        (kind.name().to_string(), json!(count))
    });
    let stages = stages(report).iter().map(|&stage| {
        let cycles = report.stage_cycles()[stage as usize];
        (stage.name().to_string(), json!(cycles))
    });
    let report = json!({
        "passed": report.passed(),
        "vacuous": !report.vacuous().is_empty(),
        "missing": report.vacuous(),
        "design": design,
        "simulator": match arguments.simulator {
            Simulator::Verilator => "verilator",
            Simulator::Icarus => "icarus",
        },
        "samples": report.samples,
        "compared": serde_json::Map::from_iter(compared),
        "mismatches": report.comparison.mismatches(),
        "first_mismatch": report.comparison.first,
        "stopped": report.stopped,
        "waveform": report.waveform,
        "cycles_per_sample": report.cycles_per_sample(),
        "stage_cycles": serde_json::Map::from_iter(stages),
        "lane_use": report.lane_use(),
        "spikes": report.counters.spikes,
        "saturations": report.counters.saturations,
        "clamped": clamps::array_json(checked, &report.clamped),
        "training": report.trained.as_ref().map(|trained| json!({
            "backward_spikes": { "positive": trained.positive, "negative": trained.negative },
            "samples_without_error": trained.without_error,
            "samples_quiet": trained.quiet,
            "weight_saturations": report.counters.weight_saturations,
            "changed": trained.layers.iter().map(|(name, changed)| {
                json!({ "layer": name, "changed": changed })
            }).collect::<Vec<_>>(),
        })),
        "accuracy": accuracy,
        "compile_seconds": compiled,
        "run_seconds": seconds,
    });
    say!("{report:#}")
}
