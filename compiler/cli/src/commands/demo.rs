//! `spidec demo`.

use crate::chance::Chance;
use crate::commands::report::{self, Sources};
use crate::commands::tools::with_simulator;
use crate::failure::{Failure, finding, usage};
use crate::output::{note, say};
use crate::shell::{self, quoted};
use crate::{input, log, progress, sums};
use clap::Args;
use rtlsim::{Engine, Options, Project, Tools};
use spidec_compiler::check::{self, Checked};
use spidec_compiler::emit;
use spidec_compiler::lower::Purpose;
use spidec_data::file::replace;
use spidec_data::{Data, DataError, DataProblem, Dataset, Digits, Split, digits, load, save};
use spidec_ir::program::WeightImage;
use spidec_ir::random::sample_order;
use spidec_ir::{ArrayProgram, FixedParameters, Network};
use spidec_report::{Epoch, EpochRates, Window, grouped};
use spidec_runtime::array::ArrayEngine;
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::state::{State, Weights};
use spidec_verify::{Report, Setup, Training, hardware, verify};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The network that is trained, where the folder holds none yet.
const NETWORK: &str = include_str!("../../../../examples/digits.fsnn");
/// What made digits are drawn from.
const SEED: u64 = 1;
/// Samples that a report on the demo verifies again.
const AGAIN: usize = 100;
/// Samples of a point of the learning curve.
const PART: usize = 100;

#[derive(Args)]
pub(crate) struct Demo {
    /// The folder for all of it. A network and data that lie there already are used, and digits that the demo made
    /// are made again where there are too few; hardware, state and report are replaced.
    #[arg(short, long, value_name = "DIR", default_value = "spidec-demo")]
    output: PathBuf,
    /// How many digits the hardware trains on.
    #[arg(long, value_name = "N", default_value_t = 1500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// How many digits its accuracy is measured on.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    test: u32,
}

pub(crate) fn run(arguments: &Demo) -> Result<(), Failure> {
    let start = Instant::now();
    let folder = &arguments.output;
    input::folder(folder)?;
    fs::create_dir_all(folder).map_err(|e| unwritten(folder, e))?;
    let place = |name: &str| folder.join(name);

    let (file, state, page) = (
        place("digits.fsnn"),
        place("digits.safetensors"),
        place("report"),
    );
    let told = place("log.jsonl");
    if state.exists() && !State::is_at(&state) {
        return Err(usage(format!(
            "{} is no state of spidec, and would be replaced; name another folder",
            state.display()
        )));
    }
    input::writable(&told)?;
    if told.is_file() {
        log::read(&told).map_err(|_| {
            usage(format!(
                "{}: a file is there that is none of ours, and would be replaced; name another folder",
                told.display()
            ))
        })?;
    }
    report::check(&page)?;
    if !file.is_file() {
        let written = replace(&file, |out| out.write_all(NETWORK.as_bytes()));
        written.map_err(|e| unwritten(&file, e))?;
    }
    let checked = input::network(&file, check::Engine::ArrayTraining)?;
    let network = &checked.network;
    let sizes: Vec<String> = network
        .populations
        .iter()
        .map(|population| population.shape.size().to_string())
        .collect();
    say!(
        "network   {}: {} inputs -> {} neurons with feedback -> {} classes",
        file.display(),
        network.input.shape.size(),
        sizes.join(" + "),
        network.readout.classes
    )?;

    let data = place("data");
    let train = made(&checked, &data, Split::Train, arguments.samples)?;
    let test = made(&checked, &data, Split::Test, arguments.test)?;
    say!(
        "data      {}: {} digits to train on, {} to test on",
        data.display(),
        train.len(),
        test.len()
    )?;

    let fixed = FixedEngine::new(network).map_err(finding)?;
    let learning = fixed.learning(0).map_err(finding)?;
    let program = input::program(&checked, Purpose::Learning)?;
    let parameters = input::weights(network, None)?;
    let image = WeightImage::new(&program, &parameters);
    let rtl = place("hardware");
    let files =
        emit::project(network, &program, &image, emit::Start::default()).map_err(finding)?;
    emit::write(&files, &rtl).map_err(usage)?;
    let modules = files.iter().filter(|f| f.path.ends_with(".v")).count();
    say!(
        "hardware  {}: {modules} modules of Verilog, {} lanes, {} instructions; it trains itself",
        rtl.display(),
        program.machine.lanes,
        program.instructions.len()
    )?;

    let tools = with_simulator(true)?;
    note!("          compiling it for the simulator, unless it was compiled before ...");
    let simulated = Simulated {
        checked: &checked,
        program: &program,
        project: hardware::project(&program.machine).map_err(finding)?,
        tools,
        options: Options::default(),
    };
    let began = Instant::now();
    let (engine, tools) = (Engine::Verilator, &simulated.tools);
    rtlsim::prepare(engine, &simulated.project, tools, &simulated.options)?;
    say!(
        "simulator Verilator {}, {:.1} s",
        tools.verilator()?.version.padded(),
        began.elapsed().as_secs_f64()
    )?;

    let fingerprint = Data::Constant(train.clone()).fingerprint();
    // The order of an epoch, as `train` and `verify --train` take it.
    let order = sample_order(network.training.seed, 0, train.len());
    let train = train.select(order.iter().map(|&k| k as usize));
    note!(
        "          training in the simulated hardware, comparing every value with the software ..."
    );
    let began = Instant::now();
    let training = Some(Training {
        learning: &learning,
        samples: 0,
    });
    let trained = simulated.run(&parameters, training, &train, "training")?;
    let after = trained.trained.as_ref().and_then(|t| t.parameters.clone());
    let after = after.ok_or_else(|| finding("the training ended without weights"))?;
    let weights = Weights::Fixed {
        parameters: after.clone(),
        format: network.array.weight,
    };
    let kept = State {
        epochs: 1,
        samples: trained.samples as u64,
        data: Some(fingerprint),
        ..State::new(network, weights)
    };
    kept.save(network, &state).map_err(usage)?;
    say!(
        "training  {} samples, one at a time, {:.1} s; weights in {}",
        trained.samples,
        began.elapsed().as_secs_f64(),
        state.display()
    )?;
    let tested = simulated.run(&after, None, &test, "test")?;
    let right = right(&tested.predictions, &test);
    // The array engine says what the hardware would have said: that was just compared.
    let mut engine = ArrayEngine::new(&program, &parameters).map_err(finding)?;
    let untrained: Vec<u32> = test
        .samples()
        .map(|(sample, _)| engine.infer(sample).prediction)
        .collect();
    let before = self::right(&untrained, &test);

    let epoch = epoch(network, (&trained, &train), (&tested, &test));
    let line = serde_json::to_string(&epoch).map_err(finding)?;
    let written = replace(&told, |out| writeln!(out, "{line}"));
    written.map_err(|e| unwritten(&told, e))?;
    let labels = test.samples().map(|(_, label)| label);
    let mut answers = tested.predictions.iter().zip(labels);
    let sources = Sources {
        state: Some(kept),
        data: Data::Constant(test.clone()),
        log: Some(vec![epoch]),
        command: format!(
            "{} report {} --data {} --state {} --log {} --verify {AGAIN} -o {}",
            shell::spidec(),
            quoted(&file),
            quoted(&data),
            quoted(&state),
            quoted(&told),
            quoted(&page)
        ),
        // One that it knows, where it knows any.
        sample: { answers.position(|(&answer, label)| answer as usize == label) }.unwrap_or(0),
        kind: "test sample",
        cycles: Some([&tested, &trained].map(report::measured)),
        checked: checked.clone(),
    };
    let lead = format!(
        "{}: trained in simulated hardware on {} digits, then tested on {} others, of which one is shown.",
        file.display(),
        grouped(trained.samples as u64),
        grouped(tested.samples as u64)
    );
    let verified = report::Simulated::Done(report::came_to(&[&trained, &tested]));
    let (pictures, _) = report::write(&sources, Some(&verified), lead, &page)?;
    say!(
        "report    {}: open it in a browser; its {} pictures are SVG files beside it",
        page.join("report.html").display(),
        pictures.len()
    )?;

    let chance = Chance::of(test.labels());
    let guessed = chance.explains(right);
    let learned = right > before && !guessed;
    let compared = |report: &Report| report.comparison.compared.values().sum::<u64>();
    say!("")?;
    say!(
        "{}: {:.1} % of the test digits right before, {:.1} % after ({right} of {}).",
        if learned {
            "The hardware taught itself"
        } else {
            "The hardware learned nothing yet"
        },
        100.0 * before as f64 / test.len() as f64,
        100.0 * right as f64 / test.len() as f64,
        test.len()
    )?;
    if guessed {
        say!(
            "That is no better than guessing, {:.1} % by always naming the commonest digit: try more samples, another \
             rate (it is {}) or another `init` in {}.",
            100.0 * chance.share(),
            network.training.update.rate,
            file.display()
        )?;
    }
    say!(
        "Software and hardware agree: 0 of {} compared values differ (spikes, membranes, weights after each sample, \
         cycles).",
        grouped(compared(&trained) + compared(&tested))
    )?;
    say!(
        "A training sample took {} clock cycles, a test sample {}.",
        grouped(trained.cycles_per_sample().round() as u64),
        grouped(tested.cycles_per_sample().round() as u64)
    )?;
    say!("{:.0} s in all.", start.elapsed().as_secs_f64())?;
    say!("")?;
    next(&file, &data, &state, folder)
}

/// The next three commands, as they are typed here.
fn next(file: &Path, data: &Path, state: &Path, folder: &Path) -> Result<(), Failure> {
    let spidec = shell::spidec();
    let longer = folder.join("longer.safetensors");
    let [file, data, state, longer] = [file, data, state, &longer].map(quoted);
    say!(
        "Next, look at what it learned from, what the file means, and train on in the cycle-exact software:"
    )?;
    say!("  {spidec} data show {data} --count 3")?;
    say!("  {spidec} check {file}")?;
    say!(
        "  {spidec} train {file} --data {data} --engine array --epochs 5 --from {state} -o {}",
        longer
    )?;
    say!("Or edit {file} (another size, another rate) and run the demo again.")
}

/// The hardware in the simulator, beside both software engines.
struct Simulated<'a> {
    checked: &'a Checked,
    program: &'a ArrayProgram,
    project: Project,
    tools: Tools,
    options: Options,
}

impl Simulated<'_> {
    /// Runs samples; fails where anything differs.
    fn run(
        &self,
        parameters: &FixedParameters,
        training: Option<Training<'_>>,
        data: &Dataset,
        what: &str,
    ) -> Result<Report, Failure> {
        let image = WeightImage::new(self.program, parameters);
        let setup = Setup {
            network: &self.checked.network,
            program: self.program,
            parameters,
            image: &image,
            project: &self.project,
            engine: Engine::Verilator,
            tools: &self.tools,
            options: &self.options,
            waveform: None,
            training,
        };
        let bar = progress::bar(data.len(), what);
        let report = verify(&setup, data.samples(), &mut |done| {
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        let report = report?;
        match report.passed() {
            true => Ok(report),
            false => Err(finding(report.verdict())),
        }
    }
}

/// Training and test as an epoch of a log.
fn epoch(network: &Network, (trained, train): Ran<'_>, (tested, test): Ran<'_>) -> Epoch {
    let samples = outcomes(network, trained, train);
    let learned = window(&samples);
    let test = window(&outcomes(network, tested, test));
    Epoch {
        number: 1,
        train_accuracy: learned.accuracy,
        train_loss: learned.loss,
        test_accuracy: test.accuracy,
        test_loss: test.loss,
        // Hardware counts the spikes of all populations together.
        rates: EpochRates::default(),
        before: 0,
        progress: samples.chunks(PART).map(window).collect(),
    }
}

/// A simulation with its samples.
type Ran<'a> = (&'a Report, &'a Dataset);

/// Of each sample whether the hardware was right, and the loss of its logits.
fn outcomes(network: &Network, report: &Report, data: &Dataset) -> Vec<(bool, f64)> {
    let answers = report.predictions.iter().zip(&report.logits);
    let answers = answers.zip(data.samples());
    let outcomes = answers.map(|((&prediction, logits), (_, label))| {
        let right = prediction as usize == label;
        (right, sums::loss(network, logits, label))
    });
    outcomes.collect()
}

/// What samples came to, each with whether it was right, and its loss.
fn window(samples: &[(bool, f64)]) -> Window {
    let count = samples.len().max(1) as f64;
    let right = samples.iter().filter(|(right, _)| *right).count();
    let loss: f64 = samples.iter().map(|(_, loss)| loss).sum();
    Window {
        samples: samples.len() as u64,
        accuracy: right as f64 / count,
        loss: Some(loss / count),
    }
}

/// The folder's split, made where there is none, or one that was made with fewer samples.
fn made(checked: &Checked, folder: &Path, split: Split, count: u32) -> Result<Dataset, Failure> {
    fs::create_dir_all(folder).map_err(|e| unwritten(folder, e))?;
    let made = |count: usize| digits(Digits::Small, split, count, SEED);
    let wanted = count as usize;
    let make = match load(folder, split) {
        Err(DataError::Nothing { .. }) => true,
        // A pair whose writing was interrupted.
        Err(DataError::File { problem, .. }) => matches!(problem, DataProblem::Alone(_)),
        Ok(found) => found.len() < wanted && found == made(found.len()),
        Err(_) => false,
    };
    if make {
        save(folder, split, &made(wanted)).map_err(|e| unwritten(folder, e))?;
    }
    input::data(&checked.network, folder, split, Some(count))
}

fn right(predictions: &[u32], data: &Dataset) -> usize {
    let labels = data.samples().map(|(_, label)| label);
    let pairs = predictions.iter().zip(labels);
    pairs.filter(|&(&p, label)| p as usize == label).count()
}

fn unwritten(path: &Path, error: std::io::Error) -> Failure {
    usage(format!("cannot write {}: {error}", path.display()))
}
