//! Logits as a table of CSV.

use crate::failure::{Failure, usage};
use crate::input;
use spidec_data::file::replace;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// A sample's.
pub(super) struct Row {
    pub label: usize,
    pub prediction: usize,
    pub logits: Vec<f64>,
}

/// What a file of logits begins with.
const HEAD: &str = "sample,label,prediction";

/// Whether logits can be written there: to a new file, or in the place of other logits.
pub(super) fn writable(path: &Path) -> Result<(), Failure> {
    input::writable(path)?;
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| {
        let mut file = file.take(HEAD.len() as u64);
        file.read_to_end(&mut head)
    });
    match read.is_err() || head.is_empty() || head == HEAD.as_bytes() {
        true => Ok(()),
        false => Err(usage(format!(
            "cannot write {}: a file is there that holds no logits; name another",
            path.display()
        ))),
    }
}

/// Writes a row a sample: its number from 0, label, prediction, a logit a class.
pub(super) fn write(path: &Path, rows: &[Row]) -> Result<(), Failure> {
    let classes = rows.first().map_or(0, |row| row.logits.len());
    let written = replace(path, |file| {
        let mut file = BufWriter::new(file);
        write!(file, "{HEAD}")?;
        (0..classes).try_for_each(|class| write!(file, ",logit_{class}"))?;
        writeln!(file)?;
        for (k, row) in rows.iter().enumerate() {
            write!(file, "{k},{},{}", row.label, row.prediction)?;
            row.logits.iter().try_for_each(|z| write!(file, ",{z}"))?;
            writeln!(file)?;
        }
        file.flush()
    });
    written.map_err(|e| usage(format!("cannot write the logits {}: {e}", path.display())))
}
