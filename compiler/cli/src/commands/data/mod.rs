//! `spidec data`.

mod download;
mod fetch;
mod info;
mod show;
#[cfg(test)]
mod tests_fetch;

use crate::failure::{Failure, usage};
use crate::input;
use crate::output::say;
use clap::{Args, Subcommand, ValueEnum};
use spidec_data::{DataError, Digits, Split, digits, load, save};
use std::fs;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Data {
    /// Write digits drawn from a seed, as IDX files: the same bytes everywhere.
    Make(Make),
    /// Download a known data set, compared with its checksums; what broke off goes on.
    Fetch(fetch::Fetch),
    /// Say what a folder holds: samples, shape, values, labels.
    Info(info::Info),
    /// Draw samples in the terminal.
    Show(show::Show),
}

/// The size of made digits.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DigitSize {
    /// Pixels of 0 to 16, for an input `[8, 8, 1] = constant(scale = 1/16)`.
    #[value(name = "8x8")]
    Small,
    /// Pixels of 0 to 255, for an input `[28, 28, 1] = constant(scale = 1/256)`.
    #[value(name = "28x28")]
    Large,
}

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data make digits/ --size 8x8 --train 2000 --test 500")]
pub(crate) struct Make {
    /// The folder to write into.
    folder: PathBuf,
    /// Pixels.
    #[arg(long, value_enum, default_value = "8x8")]
    size: DigitSize,
    /// Training samples.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    train: u32,
    /// Test samples.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    test: u32,
    /// What they are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Overwrite the IDX files of a folder that holds data.
    #[arg(long)]
    replace: bool,
}

pub(crate) fn run(arguments: &Data) -> Result<(), Failure> {
    match arguments {
        Data::Make(arguments) => make(arguments),
        Data::Fetch(arguments) => fetch::run(arguments),
        Data::Info(arguments) => info::run(arguments),
        Data::Show(arguments) => show::run(arguments),
    }
}

fn make(arguments: &Make) -> Result<(), Failure> {
    let kind = match arguments.size {
        DigitSize::Small => Digits::Small,
        DigitSize::Large => Digits::Large,
    };
    let folder = &arguments.folder;
    input::folder(folder)?;
    // What other files lie there is the user's; a second dataset could not be told from this one.
    let occupied = |split| !matches!(load(folder, split), Err(DataError::Nothing { .. }));
    if folder.is_dir()
        && !arguments.replace
        && [Split::Train, Split::Test].into_iter().any(occupied)
    {
        return Err(usage(format!(
            "{} holds data already; name another folder, or say --replace",
            folder.display()
        )));
    }
    let unwritten = |error| usage(format!("cannot write {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritten)?;
    for (split, count) in [
        (Split::Train, arguments.train),
        (Split::Test, arguments.test),
    ] {
        let data = digits(kind, split, count as usize, arguments.seed);
        save(folder, split, &data).map_err(unwritten)?;
    }
    say!(
        "{}: {} training and {} test digits of {} x {} pixels from 0 to {}, seed {}",
        folder.display(),
        arguments.train,
        arguments.test,
        kind.side(),
        kind.side(),
        kind.most(),
        arguments.seed
    )
}
