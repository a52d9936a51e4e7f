//! `spidec data`.

use crate::failure::{Failure, coded, usage};
use crate::input;
use crate::output::say;
use crate::remarks::{Seen, remarks};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use spidec_ir::network::Shape;
use spidec_report::pixels;
use spidec_runtime::data::{DataError, Dataset, Digits, Split, digits, load, save};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Data {
    /// Write digits drawn from a seed, as IDX files: the same bytes everywhere.
    Make(Make),
    /// Say what a folder holds: samples, shape, values, labels.
    Info(Info),
    /// Draw samples in the terminal.
    Show(Show),
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

/// A part of a dataset.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitName {
    /// To learn from.
    Train,
    /// To measure accuracy on.
    Test,
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

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data info mnist/")]
pub(crate) struct Info {
    /// The data folder.
    folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data show mnist/ --split test --sample 7")]
pub(crate) struct Show {
    /// The data folder.
    folder: PathBuf,
    /// Of which part.
    #[arg(long, value_enum, default_value = "train")]
    split: SplitName,
    /// The first sample, from 0.
    #[arg(
        long = "sample",
        alias = "index",
        value_name = "K",
        default_value_t = 0
    )]
    index: u32,
    /// How many.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Height, width and channels of samples that are lists of values; without it a square, where they make one.
    #[arg(long, value_name = "H,W,C", value_delimiter = ',', num_args = 1, value_parser = clap::value_parser!(u32).range(1..))]
    shape: Vec<u32>,
}

pub(crate) fn run(arguments: &Data) -> Result<(), Failure> {
    match arguments {
        Data::Make(arguments) => make(arguments),
        Data::Info(arguments) => info(arguments),
        Data::Show(arguments) => show(arguments),
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

fn info(arguments: &Info) -> Result<(), Failure> {
    let folder = &arguments.folder;
    input::data_folder(folder)?;
    let (mut splits, mut missing) = (Vec::new(), None);
    for split in [Split::Train, Split::Test] {
        match load(folder, split) {
            Ok(data) => splits.push((split, data)),
            // One of the two is enough to describe.
            Err(error @ DataError::Nothing { .. }) => missing = missing.or(Some(error)),
            Err(error) => return Err(coded(error.code(), error)),
        }
    }
    if let (true, Some(error)) = (splits.is_empty(), missing) {
        return Err(coded(error.code(), error));
    }
    if arguments.json {
        let splits = splits
            .iter()
            .map(|(split, data)| (split.to_string(), described(data)));
        let text = serde_json::Value::Object(splits.collect());
        return say!("{text:#}");
    }
    for (split, data) in &splits {
        let about = About::of(data);
        say!(
            "{split}: {} samples of {}, values {} to {}, {:.0} % of them 0",
            data.len(),
            data.shape(),
            about.least,
            about.most,
            100.0 * about.zero
        )?;
        for line in label_lines(&about.labels) {
            say!("  {line}")?;
        }
    }
    let seen = |split| {
        let (_, data) = splits.iter().find(|(of, _)| *of == split)?;
        Some(Seen {
            shape: data.shape(),
            labels: data.samples().map(|(_, label)| label).collect(),
        })
    };
    for remark in remarks(seen(Split::Train), seen(Split::Test)) {
        say!("note: {remark}")?;
    }
    Ok(())
}

/// Labels of a line, and lines.
const LABELS: (usize, usize) = (10, 2);

/// The samples of each label, those of the first labels where there are many.
fn label_lines(labels: &BTreeMap<usize, usize>) -> Vec<String> {
    let (columns, rows) = LABELS;
    let counts = labels.iter().map(|(label, n)| format!("{label}: {n}"));
    let counts: Vec<String> = counts.collect();
    let lines = counts.chunks(columns).take(rows).enumerate();
    let lead = |k| if k == 0 { "labels" } else { "" };
    let lines = lines.map(|(k, line)| format!("{:<6} {}", lead(k), line.join(", ")));
    let mut lines: Vec<String> = lines.collect();
    let more = counts.len().saturating_sub(columns * rows);
    if let (1.., Some(last)) = (more, labels.keys().last()) {
        lines.push(format!("{:<6} ... and {more} more, up to {last}", ""));
    }
    lines
}

/// What a split holds.
struct About {
    least: u8,
    most: u8,
    /// The share of values that are 0.
    zero: f64,
    /// Samples of each label that occurs.
    labels: BTreeMap<usize, usize>,
}

impl About {
    fn of(data: &Dataset) -> About {
        let mut labels = BTreeMap::new();
        let (mut least, mut most, mut zeros) = (u8::MAX, 0, 0);
        for (sample, label) in data.samples() {
            *labels.entry(label).or_default() += 1;
            for &value in sample {
                least = least.min(value);
                most = most.max(value);
                zeros += usize::from(value == 0);
            }
        }
        About {
            least,
            most,
            zero: zeros as f64 / (data.len() * data.shape().size()) as f64,
            labels,
        }
    }
}

fn described(data: &Dataset) -> serde_json::Value {
    let about = About::of(data);
    let labels = about.labels.iter();
    let labels: Vec<_> = labels
        .map(|(label, samples)| json!({ "label": label, "samples": samples }))
        .collect();
    json!({
        "samples": data.len(), "shape": data.shape().0, "least": about.least, "most": about.most,
        "zero": about.zero, "labels": labels,
    })
}

fn show(arguments: &Show) -> Result<(), Failure> {
    let split = match arguments.split {
        SplitName::Train => Split::Train,
        SplitName::Test => Split::Test,
    };
    let data = split_of(&arguments.folder, split)?;
    let Some([height, width, channels]) = picture(arguments, &data) else {
        return Err(usage(format!(
            "samples of {} are no pictures, unless --shape says which, such as --shape 8,8,1; `spidec data info` \
             describes them",
            data.shape()
        )));
    };
    let first = arguments.index as usize;
    if first >= data.len() {
        return Err(usage(format!(
            "there is no {split} sample {first}: {} holds {} samples, counted from 0",
            arguments.folder.display(),
            data.len()
        )));
    }
    let most = f64::from(About::of(&data).most.max(1));
    for index in (first..data.len()).take(arguments.count as usize) {
        let (sample, label) = data.sample(index);
        say!("{split} sample {index}, label {label}")?;
        let pixels = sample.chunks_exact(channels);
        // Of colors the brightest.
        let pixels: Vec<u8> = pixels
            .map(|p| p.iter().copied().max().unwrap_or(0))
            .collect();
        for row in pixels.chunks_exact(width).take(height) {
            let line: String = row.iter().map(|&v| shade(f64::from(v) / most)).collect();
            say!("  {}", line.trim_end())?;
        }
    }
    Ok(())
}

/// What samples are as pictures, where they are any.
fn picture(arguments: &Show, data: &Dataset) -> Option<[usize; 3]> {
    match arguments.shape[..] {
        [] => pixels(data.shape()),
        [height, width] => pixels(&Shape(vec![height, width, 1])),
        _ => pixels(&Shape(arguments.shape.clone())),
    }
    .filter(|[height, width, channels]| {
        let size = height
            .checked_mul(*width)
            .and_then(|n| n.checked_mul(*channels));
        size == Some(data.shape().size())
    })
}

/// A pixel, two characters wide: about a square.
fn shade(ink: f64) -> &'static str {
    const SHADES: [&str; 5] = [
        "  ",
        "\u{2591}\u{2591}",
        "\u{2592}\u{2592}",
        "\u{2593}\u{2593}",
        "\u{2588}\u{2588}",
    ];
    SHADES[(ink * 4.0).round() as usize]
}

fn split_of(folder: &Path, split: Split) -> Result<Dataset, Failure> {
    input::data_folder(folder)?;
    load(folder, split).map_err(|error| coded(error.code(), error))
}
