//! Reading what the user names: network files, states, data.

use crate::failure::{Failure, coded, finding, usage};
use crate::output::note;
use spidec_compiler::check::{CheckResult, Checked, Engine, check_bytes};
use spidec_compiler::diagnostics::{Diagnostic, Severity};
use spidec_compiler::lower::{Purpose, lower};
use spidec_data::{Data, DataError, Dataset, Split, load, open};
use spidec_ir::fixed::{WeightsDoNotFit, quantize};
use spidec_ir::random::initial_parameters;
use spidec_ir::{ArrayProgram, FixedParameters, Network};
use spidec_runtime::fixed::{FixedEngine, Learning};
use spidec_runtime::spide::Readable;
use spidec_runtime::state::State;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// Reads and checks a network file.
pub(crate) fn read(file: &Path) -> Result<CheckResult, Failure> {
    Ok(check_bytes(&file.display().to_string(), &bytes(file)?))
}

/// Reads a network file.
pub(crate) fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let name = file.display();
    let hint = || {
        meant(file).map_or(String::new(), |meant| {
            format!("; there is {}", meant.display())
        })
    };
    if file.is_dir() {
        let hint = hint();
        return Err(usage(format!(
            "{name} is a folder; the network file is wanted here{hint}"
        )));
    }
    let bytes = std::fs::read(file).map_err(|e| {
        usage(format!(
            "cannot read the network file {name}: {e}{}",
            hint()
        ))
    })?;
    let other = match () {
        _ if State::begins(&bytes) => "is a state",
        _ if is_table(&bytes) => "looks like a table of numbers (CSV)",
        _ => return Ok(bytes),
    };
    Err(usage(format!(
        "{name} {other}; the network file is wanted here"
    )))
}

/// Whether text is a table: its first lines, but for a header, are numbers between commas.
fn is_table(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]).into_owned();
    let rows = head.lines().filter(|line| !line.trim().is_empty());
    let is_row = |line: &str| {
        let mut fields = line.split(',').map(|field| field.trim().trim_matches('"'));
        line.contains(',') && fields.all(|field| field.parse::<f64>().is_ok())
    };
    let rows: Vec<bool> = rows.take(3).map(is_row).collect();
    // A row that was cut is none.
    rows.first() == Some(&true) || rows.len() > 1 && rows[1]
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

/// Most findings that are shown at once.
pub(crate) const SHOWN: usize = 20;

/// The first findings on standard error, in color on a terminal.
pub(crate) fn show(result: &CheckResult, findings: &[Diagnostic]) {
    let shown = &findings[..findings.len().min(SHOWN)];
    if !shown.is_empty() {
        let text = result.render(shown, std::io::stderr().is_terminal());
        note!("{}\n", text.trim_end());
    }
    let more = findings.len() - shown.len();
    if more > 0 {
        note!(
            "and {more} more: `spidec check {} --json` has all\n",
            result.name
        );
    }
}

/// Where more is said about the codes that were shown.
pub(crate) fn explain(findings: &[Diagnostic]) {
    let shown = findings.iter().take(SHOWN);
    let mut codes: Vec<&str> = shown.map(|d| d.code.name()).collect();
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
    if path.is_dir() {
        return Err(usage(format!(
            "{} is a folder; the state is wanted here, a file",
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

/// The share of a learning rate that its rounding may take unsaid.
const ROUNDED: f64 = 0.01;

/// The learning constants of an epoch, counted from 0; says how far rounding moves them, where that is far.
pub(crate) fn learning(engine: &FixedEngine, epoch: u32) -> Result<Learning, Failure> {
    let learning = engine.learning(epoch).map_err(finding)?;
    let off = learning.rounded.iter().map(|c| (c.new / c.old - 1.0).abs());
    if let Some(most) = off.reduce(f64::max).filter(|&most| most > ROUNDED) {
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
        false => match nearest(directory) {
            Some(near) => format!(
                "there is no folder {place}; did you mean {}?",
                near.display()
            ),
            None => format!(
                "there is no folder {place}; name one that holds data, or make digits to try: `spidec data make {place}`"
            ),
        },
    }))
}

/// The folder beside one that is not there whose name looks much like its name.
fn nearest(directory: &Path) -> Option<PathBuf> {
    let wanted = directory.file_name()?.to_string_lossy().into_owned();
    let beside = directory.parent()?;
    let listed = match beside.as_os_str().is_empty() {
        true => Path::new("."),
        false => beside,
    };
    let names = listed.read_dir().ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let folder = entry.path().is_dir();
        folder.then(|| entry.file_name().to_string_lossy().into_owned())
    });
    let near = names.filter_map(|name| {
        let distance = strsim::damerau_levenshtein(&wanted, &name);
        (3 * distance <= wanted.chars().count()).then_some((distance, name))
    });
    near.min().map(|(_, name)| beside.join(name))
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
    Ok(first(data, directory, split, samples))
}

/// The first samples of a split, where so many are asked for.
pub(crate) fn first(
    data: Dataset,
    directory: &Path,
    split: Split,
    samples: Option<u32>,
) -> Dataset {
    match asked(data.len(), directory, split, samples) {
        Some(count) => data.first(count),
        None => data,
    }
}

/// How many samples are asked for, where it is not all.
fn asked(held: usize, directory: &Path, split: Split, samples: Option<u32>) -> Option<usize> {
    let count = samples? as usize;
    if count > held {
        note!(
            "spidec: note: {} holds {held} {split} samples, fewer than {count}; all are used",
            directory.display()
        );
    }
    Some(count)
}

/// As [`data`], constant in time or recordings as the network's input is.
pub(crate) fn any_data(
    network: &Network,
    directory: &Path,
    split: Split,
    samples: Option<u32>,
) -> Result<Data, Failure> {
    data_folder(directory)?;
    let coded = |e: DataError| {
        let text = format!("{}, {split} data: {e}", directory.display());
        coded(e.code(), text)
    };
    let data = open(directory, split).map_err(|e| crate::failure::coded(e.code(), e))?;
    data.check(network).map_err(coded)?;
    Ok(first_of(data, directory, split, samples))
}

/// As [`first`].
pub(crate) fn first_of(data: Data, directory: &Path, split: Split, samples: Option<u32>) -> Data {
    match asked(data.len(), directory, split, samples) {
        Some(count) => data.first(count),
        None => data,
    }
}

/// Data for an engine of integers, which accepts no network that reads events.
pub(crate) fn constant(data: &Data) -> Result<&Dataset, Failure> {
    match data {
        Data::Constant(data) => Ok(data),
        Data::Events(_) => Err(finding("this engine reads no events; take --engine float")),
    }
}

/// Whether a folder is there or can be: said in words, not by the system's number.
pub(crate) fn folder(folder: &Path) -> Result<(), Failure> {
    let mut parts = folder
        .ancestors()
        .filter(|part| !part.as_os_str().is_empty());
    let file = parts.find(|part| part.exists() && !part.is_dir());
    file.map_or(Ok(()), |file| {
        Err(usage(format!(
            "cannot write {}: {} is a file; name a folder",
            folder.display(),
            file.display()
        )))
    })
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
