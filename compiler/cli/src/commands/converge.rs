//! `spidec converge`.

use crate::failure::{Failure, coded, finding, usage};
use crate::output::{note, say};
use crate::{input, progress};
use clap::Args;
use serde_json::{Value, json};
use spidec_compiler::check::Engine;
use spidec_data::file;
use spidec_data::{Split, generated};
use spidec_ir::random::initial_parameters;
use spidec_report::Distances;
use spidec_runtime::spide::{
    Approach, Convergence, ConvergenceError, Reset, convergence, has_equilibrium,
};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The least steps that are measured.
const FEWEST: u32 = 16;

#[derive(Args)]
pub(crate) struct Converge {
    /// The network file.
    file: PathBuf,
    /// Weights; the initial ones of the file's seed without it.
    #[arg(long)]
    state: Option<PathBuf>,
    /// A data folder; its test split is used. Generated samples without it. Formats: IDX (MNIST's), CSV, NumPy npz or
    /// CIFAR's binary batches, each file plain, gzip or xz; recordings of events have no equilibrium.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Measure over the first N samples.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// The most steps of a stage; measured are the powers of two from 16, and this number.
    #[arg(long, value_name = "STEPS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(i64::from(FEWEST)..=1 << 20))]
    steps: u32,
    /// Draw the picture, convergence.svg, into this folder.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Print the results as JSON: `stages` has a line for each reset and number of steps. `forward` and `backward` are
    /// distances from the equilibrium, in units of its norm; `cosine` is that of the gradients; `masks` is the part
    /// of the masks that differ. `samples_without_equilibrium` were left out; `saturated_couples` is the part of the
    /// couples that would have to fire more than once a step.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Converge) -> Result<(), Failure> {
    let picture = arguments
        .output
        .as_ref()
        .map(|folder| folder.join("convergence.svg"));
    if let (Some(folder), Some(picture)) = (&arguments.output, &picture) {
        std::fs::create_dir_all(folder)
            .map_err(|e| usage(format!("cannot write {}: {e}", folder.display())))?;
        input::writable(picture)?;
    }
    let mut network = input::network(&arguments.file, Engine::Float)?.network;
    has_equilibrium(&network).map_err(failed)?;
    let (parameters, trained) = match &arguments.state {
        Some(path) => {
            let state = input::state(&network, path)?;
            // Norms that are estimated are as the state's training estimated them.
            network.training.seed = state.seed;
            (state.float(&network), state.steps)
        }
        None => (initial_parameters(&network, network.training.seed), 0),
    };
    let count = arguments.samples;
    let data = match &arguments.data {
        Some(directory) => input::data(&network, directory, Split::Test, Some(count))?,
        None => {
            input::small_enough(&network, count as usize)?;
            generated(&network, count as usize, network.training.seed)
        }
    };
    let powers = std::iter::successors(Some(FEWEST), |steps| steps.checked_mul(2));
    let powers = powers.take_while(|&steps| steps < arguments.steps);
    let steps: Vec<u32> = powers.chain([arguments.steps]).collect();
    let total: u32 = Reset::ALL.len() as u32 * steps.iter().sum::<u32>();
    let bar = progress::bar(total as usize, "steps");
    let mut tell = |steps: u32| bar.inc(u64::from(steps));
    let measured = convergence(&network, (&parameters, trained), &data, &steps, &mut tell);
    let measured = measured.map_err(failed)?;
    bar.finish_and_clear();
    let rows = rows(&measured, &steps);
    if let Some(path) = &picture {
        draw(path, &rows)?;
    }
    if arguments.json {
        return say!("{:#}", report(&measured, picture.as_deref()));
    }
    table(&measured, &rows)?;
    notes(&measured);
    match &picture {
        Some(path) => say!("wrote {}", path.display()),
        None => Ok(()),
    }
}

fn failed(error: ConvergenceError) -> Failure {
    match error.code() {
        Some(code) => coded(code, error),
        None => finding(error),
    }
}

/// What each number of steps came to with the modified and the plain reset.
type Row = [Approach; 2];

fn rows(measured: &Convergence, steps: &[u32]) -> Vec<Row> {
    let (modified, plain) = measured.approaches.split_at(steps.len());
    let rows = modified.iter().zip(plain);
    rows.map(|(&modified, &plain)| [modified, plain]).collect()
}

fn draw(path: &Path, rows: &[Row]) -> Result<(), Failure> {
    let both = |row: &Row, of: fn(&Approach) -> f64| [of(&row[0]), of(&row[1])];
    let distances: Vec<Distances> = rows
        .iter()
        .map(|row| Distances {
            steps: row[0].steps,
            forward: both(row, |a| a.forward),
            backward: both(row, |a| a.backward),
            cosine: both(row, |a| a.cosine),
        })
        .collect();
    let Some(picture) = spidec_report::convergence(&distances)? else {
        return Ok(());
    };
    file::replace(path, |file| file.write_all(picture.file().as_bytes()))
        .map_err(|e| usage(format!("cannot write {}: {e}", path.display())))
}

fn table(measured: &Convergence, rows: &[Row]) -> Result<(), Failure> {
    say!(
        "distance from the equilibrium, in units of its norm; {} samples",
        measured.samples
    )?;
    say!(
        "         forward stage         backward stage        cosine of gradients   masks that differ"
    )?;
    say!(
        "  steps  modified  plain       modified  plain       modified  plain       modified  plain"
    )?;
    for [modified, plain] in rows {
        let distances = |a: f64, b: f64| format!("{a:<10.5}{b:<10.5}");
        say!(
            "{:>7}  {}  {}  {:<10.4}{:<10.4}  {:<10}{}",
            modified.steps,
            distances(modified.forward, plain.forward),
            distances(modified.backward, plain.backward),
            modified.cosine,
            plain.cosine,
            format!("{:.2} %", 100.0 * modified.masks),
            format_args!("{:.2} %", 100.0 * plain.masks),
        )?;
    }
    Ok(())
}

fn notes(measured: &Convergence) {
    if measured.unsettled > 0 {
        note!(
            "spidec: note: {} samples are left out: no equilibrium of theirs was found",
            measured.unsettled
        );
    }
    if measured.beyond > 0.0 {
        note!(
            "spidec: note: {:.2} % of the couples would have to fire more than once a step to reach their equilibrium, and \
             cannot: a smaller loss scale lets them",
            100.0 * measured.beyond
        );
    }
}

fn report(measured: &Convergence, picture: Option<&Path>) -> Value {
    let approach = |a: &Approach| {
        json!({
            "reset": a.reset.name(), "steps": a.steps, "forward": a.forward, "backward": a.backward,
            "cosine": a.cosine, "masks": a.masks,
        })
    };
    json!({
        "samples": measured.samples,
        "samples_without_equilibrium": measured.unsettled,
        "saturated_couples": measured.beyond,
        "stages": measured.approaches.iter().map(approach).collect::<Vec<_>>(),
        "picture": picture.map(|path| path.display().to_string()),
    })
}
