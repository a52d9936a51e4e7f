//! A training's log: a line of JSON an epoch, or a table of CSV.

use crate::commands::train::Epoch;
use crate::failure::{Failure, coded, usage};
use crate::input;
use crate::sums::Timed;
use serde_json::{Value, json};
use spidec_data::file::replace;
use spidec_ir::Network;
use spidec_report::{log_is_of, parse_log};
use spidec_runtime::spide::Rates;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Reads a log of JSON lines.
pub(crate) fn read(path: &Path) -> Result<Vec<spidec_report::Epoch>, Failure> {
    if Form::of(path) == Form::Table {
        return Err(usage(format!(
            "{} is a table by its name; a log of JSON lines is wanted here: `spidec train --log` writes one where the \
             name does not end in .csv",
            path.display()
        )));
    }
    parse(path, &text(path)?)
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|e| {
        let path = path.display();
        usage(match e.kind() {
            ErrorKind::InvalidData => {
                format!("{path} is no log, as `spidec train --log` writes it: it is no text")
            }
            _ => format!("cannot read the log {path}: {e}"),
        })
    })
}

fn parse(path: &Path, text: &str) -> Result<Vec<spidec_report::Epoch>, Failure> {
    let coded = |e: spidec_report::LogError| coded(e.code(), format!("{}, {e}", path.display()));
    parse_log(text).map_err(coded)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// JSON, a line an epoch with its parts.
    Lines,
    /// CSV, a row a part and a row an epoch.
    Table,
}

impl Form {
    fn of(path: &Path) -> Form {
        match path.extension() {
            Some(end) if end.eq_ignore_ascii_case("csv") => Form::Table,
            _ => Form::Lines,
        }
    }
}

/// A log that is being written. It is replaced as a whole after each epoch, so that every line of it is complete.
pub(crate) struct Log {
    path: PathBuf,
    form: Form,
    lines: String,
}

impl Log {
    /// A log that begins after `epochs` epochs: what the file has up to there stays.
    pub fn open(path: &Path, network: &Network, epochs: u32) -> Result<Log, Failure> {
        input::writable(path)?;
        let form = Form::of(path);
        let old = match path.is_file() {
            true => text(path)?,
            false => String::new(),
        };
        let lines = match form {
            Form::Lines => kept_lines(path, &old, network, epochs)?,
            Form::Table => kept_rows(path, &old, &head(network), epochs)?,
        };
        let path = path.to_path_buf();
        Ok(Log { path, form, lines })
    }

    /// Adds an epoch; `line`: the same as JSON, without its parts.
    pub fn add(&mut self, network: &Network, epoch: &Epoch, line: &Value) -> Result<(), Failure> {
        self.lines += &match self.form {
            Form::Lines => {
                let mut line = line.clone();
                line["progress"] = epoch.parts.iter().map(|p| part(network, p)).collect();
                format!("{line}\n")
            }
            Form::Table => rows(network, epoch),
        };
        let lines = self.lines.as_bytes();
        replace(&self.path, |file| file.write_all(lines)).map_err(|e| {
            let path = self.path.display();
            usage(format!(
                "cannot write {path}: {e}; what was there before is unchanged"
            ))
        })
    }
}

/// A part of an epoch as JSON.
fn part(network: &Network, part: &Timed) -> Value {
    json!({
        "samples": part.sums.samples,
        "accuracy": part.sums.accuracy(),
        "loss": part.sums.mean_loss(),
        "samples_per_second": part.speed(),
        "rates": part.sums.rates_json(network),
    })
}

fn foreign(why: String) -> Failure {
    usage(format!(
        "cannot write a log: a file is there that is none: {why}"
    ))
}

/// Lines of JSON up to an epoch.
fn kept_lines(path: &Path, text: &str, network: &Network, epochs: u32) -> Result<String, Failure> {
    let known = parse(path, text).map_err(|failure| match failure {
        Failure::Findings(why) => foreign(why),
        other => other,
    })?;
    log_is_of(network, &known).map_err(|e| {
        let path = path.display();
        coded(e.code(), format!("{path} is there: {e}, or another file"))
    })?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines = lines.zip(&known);
    let kept = lines.filter(|(_, epoch)| epoch.number <= epochs);
    Ok(kept.map(|(line, _)| format!("{line}\n")).collect())
}

/// The table's first columns.
const COLUMNS: [&str; 9] = [
    "epoch",
    "of",
    "samples",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "seconds",
    "samples_per_second",
];

/// The table's first line.
fn head(network: &Network) -> String {
    let mut columns = COLUMNS.map(str::to_string).to_vec();
    for stage in ["forward", "backward"] {
        let names = network.populations.iter().map(|p| &p.name);
        columns.extend(names.map(|name| format!("{stage}_{name}")));
    }
    columns.join(",")
}

/// Head, and rows up to an epoch.
fn kept_rows(path: &Path, text: &str, head: &str, epochs: u32) -> Result<String, Failure> {
    let mut lines = text.lines();
    match lines.next() {
        None => {}
        Some(first) if first == head => {}
        Some(first) => {
            let path = path.display();
            return Err(foreign(format!(
                "{path} begins with `{first}`, not with `{head}`"
            )));
        }
    }
    let mut kept = format!("{head}\n");
    for (number, line) in (2..).zip(lines) {
        let epoch = line
            .split(',')
            .next()
            .and_then(|cell| cell.parse::<u32>().ok());
        let Some(epoch) = epoch else {
            let path = path.display();
            return Err(foreign(format!(
                "{path}, line {number} does not begin with an epoch's number"
            )));
        };
        if epoch <= epochs {
            kept += &format!("{line}\n");
        }
    }
    Ok(kept)
}

/// An epoch's rows: its parts, then itself.
fn rows(network: &Network, epoch: &Epoch) -> String {
    let none = || String::new();
    let row = |of: &str, timed: &Timed, test: [String; 2]| {
        let sums = &timed.sums;
        let mut cells = vec![
            epoch.number.to_string(),
            of.to_string(),
            sums.samples.to_string(),
            sums.mean_loss().to_string(),
            sums.accuracy().to_string(),
        ];
        cells.extend(test);
        cells.extend([timed.seconds.to_string(), timed.speed().to_string()]);
        let Rates { forward, backward } = sums.rates();
        for rates in [forward, backward] {
            let rate = |k: usize| rates.get(k).map_or_else(none, f64::to_string);
            cells.extend((0..network.populations.len()).map(rate));
        }
        cells.join(",") + "\n"
    };
    let mut rows: String = epoch
        .parts
        .iter()
        .map(|timed| row("part", timed, [none(), none()]))
        .collect();
    let test = [epoch.test.mean_loss(), epoch.test.accuracy()].map(|value| value.to_string());
    rows += &row("epoch", &epoch.train, test);
    rows
}
