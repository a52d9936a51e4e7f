//! `spidec report`.

mod classes;
mod cost;
mod folder;
mod sections;
mod simulated;
mod spikes;

use crate::failure::{Failure, coded, finding, usage};
use crate::output::{note, say};
use crate::{input, log, shell};
use clap::Args;
pub(crate) use folder::check;
use serde_json::{Value, json};
pub(crate) use simulated::{Simulated, came_to, measured};
use spidec_compiler::check::{Checked, Engine};
use spidec_data::{Data, Split, generated};
use spidec_ir::network::Values;
use spidec_ir::random::initial_parameters;
use spidec_report::{Epoch, ForeignLog, Measured, Page, PictureError, log_is_of};
use spidec_runtime::spide::Spide;
use spidec_runtime::state::State;
use std::path::{Path, PathBuf};

/// Samples over which cycles are measured, where there are as many.
const MEASURED: usize = 50;

#[derive(Args)]
pub(crate) struct Report {
    /// The network file.
    file: PathBuf,
    /// A data folder; its test split is used. Generated samples without it. Formats: IDX (MNIST's), CSV, NumPy npz,
    /// CIFAR's binary batches, or recordings of events (ATIS, as N-MNIST's *.bin; AEDAT 2.0 or 3.1), each file plain,
    /// gzip or xz; batches and recordings in one *.tar too.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Weights; the initial ones of the file's seed without it.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The log of a training, as `spidec train --log` writes it.
    #[arg(long, value_name = "LOG")]
    log: Option<PathBuf>,
    /// Simulate the hardware on N samples, of a network that the array accepts, training where the array can train the network, and show what
    /// the comparison came to.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    verify: Option<u32>,
    /// The sample whose spikes and rates are shown, from 0.
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..100_000))]
    sample: u32,
    /// The folder to write.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Print what was written as JSON.
    #[arg(long)]
    json: bool,
}

/// What the page is made of, beside what a simulation came to.
pub(crate) struct Sources {
    pub(crate) checked: Checked,
    pub(crate) state: Option<State>,
    pub(crate) data: Data,
    pub(crate) log: Option<Vec<Epoch>>,
    /// The command that writes the page again, as it is typed.
    pub(crate) command: String,
    /// The sample to show, by index.
    pub(crate) sample: usize,
    /// What the samples are called: "generated sample", "test sample".
    pub(crate) kind: &'static str,
    /// Cycles of inference and of training that were measured; without them the array engine runs some samples.
    pub(crate) cycles: Option<[Measured; 2]>,
}

impl Sources {
    /// The network in floating point as the state's training used it, or with its initial weights.
    fn spide(&self) -> Result<Spide<f32>, Failure> {
        let network = &self.checked.network;
        let initial = || initial_parameters(network, network.training.seed);
        let spide = match &self.state {
            Some(state) => state.spide(network),
            None => Spide::new(network, &initial()),
        };
        spide.map_err(finding)
    }

    /// Why the network cannot read the samples; `None` where it can.
    fn unreadable(&self) -> Option<String> {
        let events = matches!(self.checked.network.input.values, Values::Events { .. });
        let constant = matches!(self.data, Data::Constant(_));
        (events && constant).then(|| {
            format!(
                "the network reads events, and generated samples have none. `{} --data DIR` takes recordings.",
                self.command
            )
        })
    }
}

impl From<PictureError> for Failure {
    fn from(error: PictureError) -> Failure {
        finding(error)
    }
}

pub(crate) fn run(arguments: &Report) -> Result<(), Failure> {
    folder::check(&arguments.output)?;
    let sources = sources(arguments)?;
    let simulated = match arguments.verify {
        Some(count) => Some(simulated::simulate(
            &sources,
            count as usize,
            arguments.json,
        )?),
        None => None,
    };
    let lead = lead(arguments, &sources);
    let (pictures, missing) = write(&sources, simulated.as_ref(), lead, &arguments.output)?;
    tell(arguments, &pictures, &missing, simulated.as_ref())?;
    match simulated {
        Some(Simulated::Missing(failure)) => Err(failure),
        Some(Simulated::Done(result)) if !result.passed => {
            Err(Failure::Findings(result.why.unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

/// Writes the page and its pictures; gives the pictures' names, and what is not there.
pub(crate) fn write(
    sources: &Sources,
    simulated: Option<&Simulated>,
    lead: String,
    into: &Path,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let (sections, missing) = sections::all(sources, simulated)?;
    let name = &sources.checked.network.name;
    let page = Page {
        title: format!("{name}: a feedback spiking neural network"),
        lead,
        sections,
    };
    let mut files = vec![(folder::PAGE.to_string(), page.html())];
    let pictures = page.pictures();
    files.extend(pictures.map(|p| (format!("{}.svg", p.name()), p.file())));
    folder::write(into, &files)?;
    let names = page.pictures().map(|p| p.name().to_string());
    Ok((names.collect(), missing))
}

fn sources(arguments: &Report) -> Result<Sources, Failure> {
    // What is simulated is the array: what it does not accept is said before all work.
    let engine = match arguments.verify {
        Some(_) => Engine::Array,
        None => Engine::Float,
    };
    let mut checked = input::network(&arguments.file, engine)?;
    let state = match &arguments.state {
        Some(path) => Some(input::state(&checked.network, path)?),
        None => None,
    };
    if let Some(state) = &state {
        // The training goes on where the state's stopped.
        checked.network.training.seed = state.seed;
    }
    let network = &checked.network;
    let log = match &arguments.log {
        Some(path) => {
            let log = log::read(path)?;
            let foreign = |e: ForeignLog| coded(e.code(), format!("{}: {e}", path.display()));
            log_is_of(network, &log).map_err(foreign)?;
            let last = log.last().map(|epoch| epoch.number);
            let trained = state.as_ref().map(|state| state.epochs);
            if let (Some(last), Some(trained)) = (last, trained)
                && last != trained
            {
                note!(
                    "spidec: warning: the log {} ends with epoch {last}, and the state has {trained} behind it: they may \
                     be of different trainings",
                    path.display()
                );
            }
            Some(log)
        }
        None => None,
    };
    let sample = arguments.sample as usize;
    let data = match &arguments.data {
        Some(directory) => input::any_data(network, directory, Split::Test, None)?,
        None => {
            let wanted = arguments.verify.unwrap_or(0) as usize;
            let count = wanted.max(sample + 1).max(MEASURED);
            input::small_enough(network, count)?;
            Data::Constant(generated(network, count, network.training.seed))
        }
    };
    if sample >= data.len() {
        return Err(usage(format!("there are {} samples, from 0", data.len())));
    }
    Ok(Sources {
        state,
        data,
        log,
        command: command(arguments),
        sample,
        kind: match &arguments.data {
            Some(_) => "test sample",
            None => "generated sample",
        },
        cycles: None,
        checked,
    })
}

/// The command of a report, but for `--sample`.
fn command(arguments: &Report) -> String {
    let paths = [
        ("--data", &arguments.data),
        ("--state", &arguments.state),
        ("--log", &arguments.log),
    ];
    let mut text = format!(
        "{} report {}",
        shell::spidec(),
        shell::quoted(&arguments.file)
    );
    for (option, path) in paths {
        if let Some(path) = path {
            text += &format!(" {option} {}", shell::quoted(path));
        }
    }
    if let Some(count) = arguments.verify {
        text += &format!(" --verify {count}");
    }
    text + &format!(" -o {}", shell::quoted(&arguments.output))
}

/// Where everything comes from.
fn lead(arguments: &Report, sources: &Sources) -> String {
    let weights = match (&arguments.state, &sources.state) {
        (Some(path), Some(state)) => format!(
            "weights of {}, after {}",
            path.display(),
            match state.epochs {
                1 => "one epoch".to_string(),
                epochs => format!("{epochs} epochs"),
            }
        ),
        _ => format!(
            "initial weights of seed {}; --state STATE takes trained ones",
            sources.checked.network.training.seed
        ),
    };
    let samples = match &arguments.data {
        Some(directory) => format!("samples of the test split of {}", directory.display()),
        None => "generated samples; --data DIR takes others".to_string(),
    };
    format!("{}: {weights}; {samples}.", arguments.file.display())
}

fn tell(
    arguments: &Report,
    pictures: &[String],
    missing: &[String],
    simulated: Option<&Simulated>,
) -> Result<(), Failure> {
    if arguments.json {
        let verified = match simulated {
            Some(Simulated::Done(result)) => json!({
                "passed": result.passed,
                "simulator": result.simulator,
                "samples": result.trained + result.classified,
                "training": result.trained > 0,
                "compared": result.kinds.iter().map(|k| k.compared).sum::<u64>(),
                "mismatches": result.kinds.iter().map(|k| k.differing).sum::<u64>(),
            }),
            _ => Value::Null,
        };
        let report = json!({
            "folder": arguments.output,
            "page": folder::PAGE,
            "pictures": pictures.iter().map(|name| format!("{name}.svg")).collect::<Vec<_>>(),
            "missing": missing,
            "verified": verified,
        });
        return say!("{report:#}");
    }
    say!(
        "{}: {} with {} picture{}, each an SVG file too: {}",
        arguments.output.display(),
        folder::PAGE,
        pictures.len(),
        if pictures.len() == 1 { "" } else { "s" },
        pictures.join(", ")
    )?;
    // Why it could not run is said in the end, and how to get what it needs.
    let said =
        |why: &&String| matches!(simulated, Some(Simulated::Missing(f)) if why.contains(f.text()));
    for why in missing.iter().filter(|why| !said(why)) {
        say!("  not there: {why}")?;
    }
    Ok(())
}
