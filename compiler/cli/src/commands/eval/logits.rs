//! Logits as a table of CSV.

use crate::failure::{Failure, usage};
use spidec_data::file::replace;
use std::io::{BufWriter, Write};
use std::path::Path;

/// A sample's.
pub(super) struct Row {
    pub label: usize,
    pub prediction: usize,
    pub logits: Vec<f64>,
}

/// Writes a row a sample: its number from 0, label, prediction, a logit a class.
pub(super) fn write(path: &Path, rows: &[Row]) -> Result<(), Failure> {
    let classes = rows.first().map_or(0, |row| row.logits.len());
    let written = replace(path, |file| {
        let mut file = BufWriter::new(file);
        write!(file, "sample,label,prediction")?;
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
