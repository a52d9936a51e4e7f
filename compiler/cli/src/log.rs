//! A training's log: a line of JSON an epoch.

use crate::failure::{Failure, coded, usage};
use crate::input;
use serde_json::{Value, json};
use spidec_ir::Network;
use spidec_report::{Epoch, Window, parse_log};
use spidec_runtime::file::replace;
use spidec_runtime::spide::{Progress, sample_loss};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Samples of a part of an epoch.
const PART: u64 = 256;

/// Reads a log.
pub(crate) fn read(path: &Path) -> Result<Vec<Epoch>, Failure> {
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

fn parse(path: &Path, text: &str) -> Result<Vec<Epoch>, Failure> {
    let coded = |e: spidec_report::LogError| coded(e.code(), format!("{}, {e}", path.display()));
    parse_log(text).map_err(coded)
}

/// A log that is being written. It is replaced as a whole after each epoch, so that every line of it is complete.
pub(crate) struct Log {
    path: PathBuf,
    lines: String,
}

impl Log {
    /// A log that begins after `epochs` epochs: what the file has up to there stays.
    pub fn open(path: &Path, epochs: u32) -> Result<Log, Failure> {
        input::writable(path)?;
        let mut lines = String::new();
        if path.is_file() {
            let text = text(path)?;
            let known = parse(path, &text).map_err(|failure| match failure {
                Failure::Findings(why) => usage(format!(
                    "cannot write a log: a file is there that is none: {why}"
                )),
                other => other,
            })?;
            let kept = text.lines().filter(|line| !line.trim().is_empty());
            for (line, _) in kept.zip(&known).filter(|(_, epoch)| epoch.number <= epochs) {
                lines += line;
                lines.push('\n');
            }
        }
        let path = path.to_path_buf();
        Ok(Log { path, lines })
    }

    /// Adds an epoch.
    pub fn add(&mut self, line: &Value, tally: &Tally) -> Result<(), Failure> {
        let mut line = line.clone();
        line["progress"] = json!(tally.parts);
        self.lines += &format!("{line}\n");
        let lines = self.lines.as_bytes();
        replace(&self.path, |file| file.write_all(lines)).map_err(|e| {
            let path = self.path.display();
            usage(format!(
                "cannot write {path}: {e}; what was there before is unchanged"
            ))
        })
    }
}

/// What an epoch's training samples came to so far.
#[derive(Default)]
pub(crate) struct Tally {
    samples: u64,
    correct: u64,
    /// Sum.
    loss: f64,
    parts: Vec<Window>,
    /// Up to the last part's end: samples, correct, sum of losses.
    told: (u64, u64, f64),
}

impl Tally {
    /// Adds a sample of fixed point or the array by its logits.
    pub fn add(&mut self, network: &Network, logits: &[i32], right: bool, label: usize) {
        self.samples += 1;
        self.correct += u64::from(right);
        self.loss += loss(network, logits, label);
        if self.samples.is_multiple_of(PART) {
            self.part();
        }
    }

    /// Brings it to where floating point says that it is; it says so about every part.
    pub fn reach(&mut self, progress: &Progress) {
        self.samples = progress.done as u64;
        self.correct = progress.correct as u64;
        self.loss = progress.loss * progress.done as f64;
        self.part();
    }

    /// Ends the epoch.
    pub fn end(&mut self) {
        if self.samples > self.told.0 {
            self.part();
        }
    }

    fn part(&mut self) {
        let (samples, correct, loss) = self.told;
        let count = self.samples - samples;
        self.parts.push(Window {
            samples: count,
            accuracy: (self.correct - correct) as f64 / count.max(1) as f64,
            // A difference of sums may round below 0.
            loss: Some(((self.loss - loss) / count.max(1) as f64).max(0.0)),
        });
        self.told = (self.samples, self.correct, self.loss);
    }

    /// Right samples, of how many.
    pub fn score(&self) -> (usize, usize) {
        (self.correct as usize, self.samples as usize)
    }

    /// Mean loss.
    pub fn loss(&self) -> f64 {
        self.loss / self.samples.max(1) as f64
    }
}

/// The unscaled loss of a sample of fixed point, the array or hardware by its logits.
pub(crate) fn loss(network: &Network, logits: &[i32], label: usize) -> f64 {
    let training = &network.training;
    let unit = f64::from(training.forward.steps) * f64::from(network.array.weight.frac).exp2();
    let logits: Vec<f64> = logits.iter().map(|&z| f64::from(z) / unit).collect();
    sample_loss(training.loss.kind, &logits, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_differences_of_what_was_reached() {
        let mut tally = Tally::default();
        let progress = |done, correct, loss| Progress {
            done,
            total: 400,
            loss,
            correct,
        };
        tally.reach(&progress(256, 128, 2.0));
        tally.reach(&progress(400, 272, 1.28));
        tally.end();
        let parts: Vec<(u64, f64)> = tally
            .parts
            .iter()
            .map(|p| (p.samples, p.accuracy))
            .collect();
        assert_eq!(parts, [(256, 0.5), (144, 1.0)]);
        assert!(tally.parts[1].loss.unwrap() < 1e-9);
        assert_eq!(tally.score(), (272, 400));
        assert!((tally.loss() - 1.28).abs() < 1e-9);
    }
}
