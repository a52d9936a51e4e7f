//! Reading what the user names: network files, states, data.

use crate::failure::{Failure, coded, finding, usage};
use crate::output::note;
use spidec_compiler::check::{CheckResult, Checked, Engine, check_bytes};
use spidec_compiler::diagnostics::{Diagnostic, Severity};
use spidec_compiler::lower::{Purpose, lower};
use spidec_ir::fixed::{WeightsDoNotFit, quantize};
use spidec_ir::random::initial_parameters;
use spidec_ir::{ArrayProgram, FixedParameters, Network};
use spidec_runtime::data::{Dataset, Split, load};
use spidec_runtime::fixed::{FixedEngine, Learning};
use spidec_runtime::state::State;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// Reads and checks a network file.
pub(crate) fn read(file: &Path) -> Result<CheckResult, Failure> {
    Ok(check_bytes(&file.display().to_string(), &bytes(file)?))
}

/// Reads a network file.
pub(crate) fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(file).map_err(|e| {
        let hint = meant(file).map_or(String::new(), |meant| {
            format!("; there is {}", meant.display())
        });
        let name = file.display();
        usage(format!("cannot read the network file {name}: {e}{hint}"))
    })?;
    match State::begins(&bytes) {
        true => Err(usage(format!(
            "{} is a state; the network file is wanted here",
            file.display()
        ))),
        false => Ok(bytes),
    }
}

/// The network file that was probably meant by a path that cannot be read: with its extension, in the
/// folder that was named, or in `examples`.
fn meant(file: &Path) -> Option<PathBuf> {
    let named = file.with_extension("fsnn");
    let example = named
        .file_name()
        .map(|name| Path::new("examples").join(name));
    let mut inside: Vec<PathBuf> = match file.read_dir() {
        Ok(entries) => entries.filter_map(|e| Some(e.ok()?.path())).collect(),
        Err(_) => Vec::new(),
    };
    inside.retain(|path| path.extension().is_some_and(|e| e == "fsnn"));
    inside.sort();
    let mut all = [named].into_iter().chain(example).chain(inside);
    all.find(|path| path != file && path.is_file())
}

/// Findings on standard error, in color on a terminal.
pub(crate) fn show(result: &CheckResult, findings: &[Diagnostic]) {
    if !findings.is_empty() {
        let text = result.render(findings, std::io::stderr().is_terminal());
        note!("{}\n", text.trim_end());
    }
}

/// Where more is said about the codes that were shown.
pub(crate) fn explain(findings: &[Diagnostic]) {
    let mut codes: Vec<&str> = findings.iter().map(|d| d.code.name()).collect();
    codes.sort();
    codes.dedup();
    if !codes.is_empty() {
        note!("for more: spidec explain {}", codes.join(" "));
    }
}

/// The network for an engine; findings are shown.
pub(crate) fn network(file: &Path, engine: Engine) -> Result<Checked, Failure> {
    let result = read(file)?;
    match result.require(engine) {
        Ok(checked) => {
            show(&result, &result.diagnostics);
            explain(&result.diagnostics);
            Ok(checked.clone())
        }
        Err(errors) => {
            show(&result, &errors);
            explain(&errors);
            let count = errors
                .iter()
                .filter(|d| d.severity() == Severity::Error)
                .count();
            let errors = if count == 1 { "error" } else { "errors" };
            Err(Failure::Findings(format!(
                "{count} {errors} in {}",
                file.display()
            )))
        }
    }
}

/// The network's array program.
pub(crate) fn program(checked: &Checked, purpose: Purpose) -> Result<ArrayProgram, Failure> {
    lower(&checked.network, &checked.lines, purpose).map_err(finding)
}

/// What an array is for, and the engine that must accept the network.
pub(crate) fn purpose(train: bool) -> (Purpose, Engine) {
    match train {
        false => (Purpose::Inference, Engine::Array),
        true => (Purpose::Learning, Engine::ArrayTraining),
    }
}

/// Whether a file is, by its name or its first line that is no comment, a network file.
fn is_network(path: &Path) -> bool {
    let mut head = Vec::new();
    // What cannot be read is none.
    let _ = std::fs::File::open(path).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    let mut lines = text.lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with("//"));
    path.extension().is_some_and(|e| e == "fsnn") || first.is_some_and(|l| l.starts_with("spidec "))
}

/// Reads a state that must fit the network; warns where it was written for another text.
pub(crate) fn state(network: &Network, path: &Path) -> Result<State, Failure> {
    let state = any_state(network, path)?;
    // The seed is the training's: `train --seed` changes nothing that anything else reads.
    let mut same_seed = network.clone();
    same_seed.training.seed = state.seed;
    if !state.is_of(&same_seed) {
        note!(
            "spidec: note: {} was written for another version of this network; the shapes fit",
            path.display()
        );
    }
    Ok(state)
}

/// Reads a state that must fit the network.
pub(crate) fn any_state(network: &Network, path: &Path) -> Result<State, Failure> {
    if !path.exists() {
        return Err(Failure::Usage(format!(
            "there is no state file {}",
            path.display()
        )));
    }
    State::load(network, path).map_err(|e| match is_network(path) {
        true => usage(format!(
            "{} is a network file; the state is wanted here, which `spidec train` writes where -o says",
            path.display()
        )),
        false => coded(e.code(), e),
    })
}

/// The learning constants of an epoch, counted from 0; says how far rounding moves them.
pub(crate) fn learning(engine: &FixedEngine, epoch: u32) -> Result<Learning, Failure> {
    let learning = engine.learning(epoch).map_err(finding)?;
    let off = learning.rounded.iter().map(|c| (c.new / c.old - 1.0).abs());
    if let Some(most) = off.reduce(f64::max) {
        note!(
            "the array's registers hold the learning rate to within {} %",
            (1e4 * most).ceil() / 100.0
        );
    }
    Ok(learning)
}

/// Weights in the network's format: a state's, or the initial ones of the network's seed.
pub(crate) fn weights(network: &Network, path: Option<&Path>) -> Result<FixedParameters, Failure> {
    let state = match path {
        Some(path) => Some(state(network, path)?),
        None => None,
    };
    fitted(network, state.as_ref())
}

/// The same of a state that was read before.
pub(crate) fn fitted(network: &Network, state: Option<&State>) -> Result<FixedParameters, Failure> {
    let quantized = match state {
        Some(state) => state.fixed(network),
        None => quantize(network, &initial_parameters(network, network.training.seed)),
    };
    fitting(quantized)
}

/// Weights that fit their format; says how many were saturated, where the network asks for that.
pub(crate) fn fitting(
    quantized: Result<(FixedParameters, usize), WeightsDoNotFit>,
) -> Result<FixedParameters, Failure> {
    let (parameters, saturated) = quantized.map_err(|e| {
        finding(format!(
            "{e}; give `weight` more bits before the point, or write `overflow = saturate`"
        ))
    })?;
    if saturated > 0 {
        note!("spidec: note: {saturated} weights were saturated, as `overflow = saturate` asks");
    }
    Ok(parameters)
}

/// Most bytes of generated samples: they are held in memory.
const MOST_GENERATED: u64 = 1 << 30;

/// Whether so many generated samples can be held.
pub(crate) fn small_enough(network: &Network, samples: usize) -> Result<(), Failure> {
    let bytes = samples as u64 * network.input.shape.size() as u64;
    if bytes <= MOST_GENERATED {
        return Ok(());
    }
    Err(usage(format!(
        "{samples} generated samples need {bytes} bytes of memory, more than {MOST_GENERATED}; \
         ask for fewer"
    )))
}

/// Whether there is a folder that data can be read from.
pub(crate) fn data_folder(directory: &Path) -> Result<(), Failure> {
    let place = directory.display();
    if directory.is_dir() {
        return Ok(());
    }
    Err(usage(match directory.is_file() {
        true => format!("{place} is a file; name the folder that holds it"),
        false => format!(
            "there is no folder {place}; name one that holds data, or make digits to try: `spidec data make {place}`"
        ),
    }))
}

/// A split of the data that the network can read, or its first samples.
pub(crate) fn data(
    network: &Network,
    directory: &Path,
    split: Split,
    samples: Option<u32>,
) -> Result<Dataset, Failure> {
    let place = directory.display();
    data_folder(directory)?;
    let data = load(directory, split).map_err(|e| coded(e.code(), e))?;
    data.check(network)
        .map_err(|e| coded(e.code(), format!("{place}, {split} data: {e}")))?;
    let Some(count) = samples.map(|count| count as usize) else {
        return Ok(data);
    };
    if count > data.len() {
        note!(
            "spidec: note: {place} holds {} {split} samples, fewer than {count}; all are used",
            data.len()
        );
    }
    Ok(data.first(count))
}

/// Whether a file can lie there: said before the work whose result it is to hold.
pub(crate) fn writable(file: &Path) -> Result<(), Failure> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(usage(format!(
            "cannot write {}: there is no folder {}",
            file.display(),
            folder.display()
        )));
    }
    if file.is_dir() {
        return Err(usage(format!(
            "cannot write {}: it is a folder; name a file",
            file.display()
        )));
    }
    Ok(())
}
