//! `spidec train`.

mod advice;
mod engines;
mod epoch;

use crate::failure::{Failure, usage};
use crate::input;
use crate::log::Log;
use crate::output::note;
use advice::Stuck;
use clap::{Args, ValueEnum};
use epoch::Epoch;
use spidec_compiler::check::{Checked, Engine};
use spidec_compiler::diagnostics::one_of;
use spidec_runtime::data::{Dataset, Split};
use spidec_runtime::state::{MAX_EPOCHS, State};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The reading of a network that trains.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reading {
    /// Floating point.
    Float,
    /// The array's integers.
    Fixed,
    /// The compiled program, cycle-exact.
    Array,
}

#[derive(Args)]
pub(crate) struct Train {
    /// The network file.
    file: PathBuf,
    /// A data folder: IDX files (as MNIST's), CSV files (train.csv and test.csv, or *.tra and *.tes; a row a sample, the
    /// label last, an optional header), NumPy archives (train.npz and test.npz with arrays x and y, or one *.npz with
    /// x_train, y_train, x_test, y_test), or CIFAR's binary batches, also in one *.tar; each file plain, gzip or xz.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which engine trains.
    #[arg(long, value_enum, value_name = "float|fixed|array")]
    engine: Reading,
    /// Epochs to train now.
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_EPOCHS)))]
    epochs: u32,
    /// The state file to write, after every epoch; a state that is there is replaced.
    #[arg(short, long, value_name = "STATE")]
    output: PathBuf,
    /// Go on from this state.
    #[arg(long, value_name = "STATE")]
    from: Option<PathBuf>,
    /// Use only the first N training samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    samples: Option<u32>,
    /// Replace the file's seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Write each epoch's results to this file too, one line of JSON each, with loss and accuracy of each 256
    /// samples: what `spidec report --log` draws. With --from the lines up to the state's epoch are kept.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print each epoch's results as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Train) -> Result<(), Failure> {
    input::writable(&arguments.output)?;
    if arguments.output.is_file() && !State::is_at(&arguments.output) {
        return Err(usage(format!(
            "cannot write {}: a file is there that is no state of spidec; name another",
            arguments.output.display()
        )));
    }
    let engine = match arguments.engine {
        Reading::Float => Engine::Float,
        Reading::Fixed => Engine::FixedTraining,
        Reading::Array => Engine::ArrayTraining,
    };
    let mut checked = input::network(&arguments.file, engine)?;
    if let Some(seed) = arguments.seed {
        checked.network.training.seed = seed;
    }
    let network = &checked.network;
    let all = input::data(network, &arguments.data, Split::Train, None)?;
    let labels: BTreeSet<usize> = all.samples().map(|(_, label)| label).collect();
    let train = input::first(all, &arguments.data, Split::Train, arguments.samples);
    let test = input::data(network, &arguments.data, Split::Test, None)?;
    let from = match &arguments.from {
        Some(path) => Some(input::state(network, path)?),
        None => None,
    };
    if let Some(state) = &from {
        room(state, arguments.epochs, train.len())?;
        if state.seed != network.training.seed {
            note!(
                "spidec: note: trained with seed {} so far, goes on with seed {}",
                state.seed,
                network.training.seed
            );
        }
    }
    let mut log = match &arguments.log {
        Some(path) if *path == arguments.output => {
            return Err(usage("state and log would be the same file; name two"));
        }
        Some(path) => Some(Log::open(
            path,
            from.as_ref().map_or(0, |state| state.epochs),
        )?),
        None => None,
    };
    if arguments.output.is_file() && arguments.from.as_ref() != Some(&arguments.output) {
        note!(
            "spidec: note: {} holds a state, which is replaced after the first epoch",
            arguments.output.display()
        );
    }
    unlearned_classes(&checked, &train, &labels);
    advice::scale(&checked, &train);
    let before = from.as_ref().map_or(0, |state| state.epochs);
    let (first, last) = (before + 1, before + arguments.epochs);
    advice::schedule(&checked, before..last);
    let mut stuck = Stuck::new(&train, &test, last);
    let mut tell = |epoch: &Epoch| {
        epoch.tell(arguments, &checked, log.as_mut())?;
        if epoch.number == first {
            silent_populations(&checked, &epoch.fired);
        }
        stuck.after(&checked, epoch);
        Ok(())
    };
    let data = (&train, &test);
    match arguments.engine {
        Reading::Float => engines::float(arguments, network, from, data, &mut tell),
        Reading::Fixed => engines::fixed(arguments, network, from, data, &mut tell),
        Reading::Array => engines::array(arguments, &checked, from, data, &mut tell),
    }
}

/// Whether epochs and samples can still be counted.
fn room(state: &State, epochs: u32, samples: usize) -> Result<(), Failure> {
    let more = u64::from(epochs).checked_mul(samples as u64);
    let samples = more.and_then(|more| state.samples.checked_add(more));
    if samples.is_some() && state.epochs + epochs <= MAX_EPOCHS {
        return Ok(());
    }
    Err(usage(format!(
        "the state has {} epochs and {} samples behind it; {epochs} epochs more cannot be counted",
        state.epochs, state.samples
    )))
}

/// Most classes that a warning names.
const NAMED: usize = 5;

/// Warns of classes that no sample belongs to; `labels`: those of all training samples there are.
fn unlearned_classes(checked: &Checked, data: &Dataset, labels: &BTreeSet<usize>) {
    let readout = &checked.network.readout;
    let mut seen = vec![false; readout.classes as usize];
    for (_, label) in data.samples() {
        seen[label] = true;
    }
    let missing: Vec<usize> = (0..seen.len()).filter(|&class| !seen[class]).collect();
    if missing.is_empty() {
        return;
    }
    let named = missing.iter().map(|class| class.to_string());
    let mut named: Vec<String> = named.collect();
    if named.len() > NAMED + 1 {
        named.truncate(NAMED);
        named.push(format!("{} others", missing.len() - NAMED));
    }
    let (why, mend) = match missing.iter().all(|class| labels.contains(class)) {
        true => (
            format!("none of the first {} training samples has", data.len()),
            "the data have such samples, further on: take more by --samples, or shuffle their order",
        ),
        false => (
            "no training sample has".to_string(),
            "give the readout as many classes as there are labels, or add samples",
        ),
    };
    note!(
        "spidec: warning: the readout {} (line {}) has {} classes, but {why} label {}: what has no samples is not \
         learned; {mend}",
        readout.name,
        checked.lines.readout,
        readout.classes,
        one_of(&named)
    );
}

/// Warns of populations that did not fire; `fired`: one a population.
fn silent_populations(checked: &Checked, fired: &[bool]) {
    for (id, _) in { checked.network.population_ids().zip(fired) }.filter(|&(_, &fired)| !fired) {
        note!(
            "spidec: warning: no neuron of {} (line {}) fired in the whole epoch, and what never fires does not learn: \
             give the projections into it an `init` of a larger std, `forward_stage` a smaller v_th, or the input a \
             larger scale",
            checked.network.population(id).name,
            checked.lines.population(id).unwrap_or(1)
        );
    }
}
