//! `spidec train`.

mod advice;
mod course;
mod epoch;
mod float;
mod integers;

use crate::failure::{Failure, coded, usage};
use crate::log::Log;
use crate::output::note;
use crate::shell::quoted;
use crate::{input, interrupt, threads};
use advice::{Stuck, short};
use clap::{Args, ValueEnum};
use course::{Course, Learner};
pub(crate) use epoch::Epoch;
use float::Float;
use integers::{Array, Fixed};
use spidec_compiler::check::{Checked, Engine};
use spidec_compiler::diagnostics::one_of;
use spidec_data::{Data, Split};
use spidec_ir::Network;
use spidec_runtime::spide::Rates;
use spidec_runtime::state::{self, MAX_EPOCHS, State};
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
    /// x_train, y_train, x_test, y_test), CIFAR's binary batches, also in one *.tar, or recordings of events
    /// (Train/CLASS/*.bin and Test/CLASS/*.bin, or CLASS/*.aedat); each file plain, gzip or xz.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which engine trains.
    #[arg(long, value_enum, value_name = "float|fixed|array")]
    engine: Reading,
    /// Epochs to train now, beyond those of --from; with --resume, epochs in all: those that the state has behind it
    /// count.
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_EPOCHS)))]
    epochs: u32,
    /// The state file to write, after every epoch; a state that is there is replaced. It is written aside and renamed,
    /// so that at any time it is whole.
    #[arg(short, long, value_name = "STATE")]
    output: PathBuf,
    /// Go on with the training whose state is at -o, as if it had never stopped: the same bytes come out, in
    /// mid-epoch too. Network text, seed, engine, data and --samples must be the same. Without a state it begins, so that one
    /// command serves both; where --epochs are done already, it does nothing.
    #[arg(long, conflicts_with = "from")]
    resume: bool,
    /// Begin with the weights of this state, and what its training remembers, and train --epochs more: another text of
    /// the network (rate, schedule, loss), another seed, engine or data will do, as long as the shapes fit. Epochs are
    /// counted on, so a schedule goes on where it was.
    #[arg(long, value_name = "STATE")]
    from: Option<PathBuf>,
    /// Write the state within an epoch too, whenever so many samples more are trained, at a batch's end.
    #[arg(long, value_name = "SAMPLES", value_parser = clap::value_parser!(u32).range(1..))]
    checkpoint_every: Option<u32>,
    /// Compute with so many threads: all cores without it. The results do not depend on it. In floating point; one
    /// sample at a time, as integers learn, is one thread's work.
    #[arg(long, value_name = "N", value_parser = threads::parser())]
    threads: Option<usize>,
    /// Use only the first N training samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    samples: Option<u32>,
    /// Test with the first N test samples only, after each epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    test_samples: Option<u32>,
    /// Replace the file's seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Write each epoch's results to this file too, with loss, accuracy, firing rates and samples a second of each 256
    /// samples or more: a line of JSON an epoch, which `spidec report --log` draws, or a table where the name ends in
    /// .csv. With --from and --resume the lines up to the state's epoch are kept.
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
    let all = input::any_data(network, &arguments.data, Split::Train, None)?;
    let labels: BTreeSet<u32> = all.labels().iter().copied().collect();
    let train = input::first_of(all, &arguments.data, Split::Train, arguments.samples);
    let test = input::any_data(
        network,
        &arguments.data,
        Split::Test,
        arguments.test_samples,
    )?;
    let data = train.fingerprint();
    let from = begin_with(arguments, network, train.len(), &data)?;
    let behind = from.as_ref().map_or(0, |state| state.epochs);
    let last = match arguments.resume {
        true => arguments.epochs,
        false => behind + arguments.epochs,
    };
    if behind >= last {
        note!(
            "spidec: {} stands after epoch {behind}, and --epochs {last} asks for no more: with --resume epochs are counted \
             from the first one on",
            arguments.output.display()
        );
        return Ok(());
    }
    let mut log = match &arguments.log {
        Some(path) if *path == arguments.output => {
            return Err(usage("state and log would be the same file; name two"));
        }
        Some(path) => Some(Log::open(path, network, behind)?),
        None => None,
    };
    let goes_on = arguments.resume || arguments.from.as_ref() == Some(&arguments.output);
    if arguments.output.is_file() && !goes_on {
        note!(
            "spidec: note: {} holds a state, which is replaced after the first epoch",
            arguments.output.display()
        );
    }
    unlearned_classes(&checked, &train, &labels);
    advice::scale(&checked, &train);
    advice::schedule(&checked, behind..last);
    let mut silent = Silent::default();
    let mut stuck = Stuck::new(&train, &test, last);
    threads::set(arguments.threads)?;
    interrupt::catch()?;
    let mut tell = |epoch: &Epoch| {
        epoch.tell(arguments, &checked, log.as_mut())?;
        silent.after(&checked, epoch);
        stuck.after(&checked, epoch);
        Ok(())
    };
    let mut learner: Box<dyn Learner> = match arguments.engine {
        Reading::Float => {
            let threads = arguments.threads.unwrap_or(0);
            Box::new(Float::begin(network, from, threads)?)
        }
        Reading::Fixed => Box::new(Fixed::begin(network, from, last)?),
        Reading::Array => Box::new(Array::begin(&checked, from, last)?),
    };
    let course = Course {
        arguments,
        network,
        train: &train,
        test: &test,
        data,
        last,
    };
    course.run(&mut *learner, &mut tell)
}

impl Train {
    /// The command that goes on with this training to an epoch.
    fn to_go_on(&self, last: u32) -> String {
        let engine = self.engine.to_possible_value();
        let engine = engine.map_or(String::new(), |value| value.get_name().to_string());
        let mut words = vec!["spidec train".to_string(), quoted(&self.file)];
        let mut add = |option: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("{option} {value}")));
        };
        add("--data", Some(quoted(&self.data)));
        add("--engine", Some(engine));
        add("--samples", self.samples.map(|n| n.to_string()));
        let test_samples = self.test_samples.map(|n| n.to_string());
        add("--test-samples", test_samples);
        add("--seed", self.seed.map(|seed| seed.to_string()));
        add("--log", self.log.as_ref().map(|path| quoted(path)));
        add("--threads", self.threads.map(|n| n.to_string()));
        let every = self.checkpoint_every.map(|n| n.to_string());
        add("--checkpoint-every", every);
        add("-o", Some(quoted(&self.output)));
        add("--epochs", Some(last.to_string()));
        words.extend(self.json.then(|| "--json".to_string()));
        words.push("--resume".to_string());
        words.join(" ")
    }
}

/// The state to go on from, or to begin with.
fn begin_with(
    arguments: &Train,
    network: &Network,
    samples: usize,
    data: &str,
) -> Result<Option<State>, Failure> {
    let (path, state) = match &arguments.from {
        _ if arguments.resume => {
            let path = &arguments.output;
            if !path.is_file() {
                note!(
                    "spidec: note: there is no state {} yet; training begins",
                    path.display()
                );
                return Ok(None);
            }
            let state = input::any_state(network, path)?;
            let engine = match arguments.engine {
                Reading::Float => state::Engine::Float,
                Reading::Fixed | Reading::Array => state::Engine::Fixed,
            };
            let continues = state.continues(network, engine, data);
            continues.map_err(|e| coded(e.code(), format!("{} {e}", path.display())))?;
            (path, state)
        }
        Some(path) => {
            let state = input::state(network, path)?;
            if state.seed != network.training.seed {
                note!(
                    "spidec: note: trained with seed {} so far, goes on with seed {}",
                    state.seed,
                    network.training.seed
                );
            }
            (path, state)
        }
        None => return Ok(None),
    };
    let fits = state.has_room(samples);
    fits.map_err(|e| coded(e.code(), format!("{} {e}", path.display())))?;
    let more = match arguments.resume {
        true => arguments.epochs.saturating_sub(state.epochs),
        false => arguments.epochs,
    };
    room(&state, more, samples)?;
    Ok(Some(state))
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
fn unlearned_classes(checked: &Checked, data: &Data, labels: &BTreeSet<u32>) {
    let readout = &checked.network.readout;
    let mut seen = vec![false; readout.classes as usize];
    for &label in data.labels() {
        seen[label as usize] = true;
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
    let (why, mend) = match missing
        .iter()
        .all(|&class| labels.contains(&(class as u32)))
    {
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

/// Spikes of either sign a couple and step, below which the first epoch's errors are as good as lost.
const ERRORS: f64 = 1e-4;

/// Warns, once of each, of populations and couples that did not fire in an epoch.
#[derive(Default)]
struct Silent {
    told: BTreeSet<(bool, usize)>,
}

impl Silent {
    fn after(&mut self, checked: &Checked, epoch: &Epoch) {
        let Rates { forward, backward } = epoch.train.sums.rates();
        let learning = checked.network.backward_populations();
        for id in checked.network.population_ids() {
            let (name, line) = (
                &checked.network.population(id).name,
                checked.lines.population(id).unwrap_or(1),
            );
            let of = |rates: &[f64]| rates.get(id.index()).copied();
            if of(&forward) == Some(0.0) {
                if self.told.insert((false, id.index())) {
                    note!(
                        "spidec: warning: no neuron of {name} (line {line}) fired in the whole epoch, and what never fires \
                         does not learn: give the projections into it an `init` of a larger std, `forward_stage` a smaller \
                         v_th, or the input a larger scale; after a training that was too fast, take a smaller rate"
                    );
                }
            } else if epoch.number == 1
                && of(&backward).is_some_and(|rate| rate < ERRORS)
                && learning[id.index()]
                && self.told.insert((true, id.index()))
            {
                let training = &checked.network.training;
                let (batch, scale) = (training.update.batch, training.loss.scale);
                let instead = match scale.value() < f64::from(batch) {
                    true => "about as large as the batch, lets it through",
                    false => {
                        "larger initial weights or a smaller v_th of `backward_stage` let it through"
                    }
                };
                note!(
                    "spidec: warning: in the backward stage {name} (line {line}) hardly fired, {} spikes a couple and step, \
                     so its errors are lost and what leads into it hardly learns: the error of each sample is divided by \
                     the batch, {batch}; a larger `loss` scale than {scale}, {instead}",
                    short(of(&backward).unwrap_or(0.0))
                );
            }
        }
    }
}
