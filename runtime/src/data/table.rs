//! CSV files: a row a sample, the last column its label.

use super::{DataProblem, Dataset};
use csv::{ByteRecord, ReaderBuilder, Trim};
use spidec_ir::network::Shape;
use std::io::Read;
use std::str::FromStr;

/// Reads a CSV file. A first row without any number is a header.
pub(super) fn read(stream: &mut dyn Read) -> Result<Dataset, DataProblem> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(stream);
    let mut values = Vec::new();
    let mut labels = Vec::new();
    let mut columns = None;
    let mut record = ByteRecord::new();
    let mut first = true;
    while read_record(&mut reader, &mut record)? {
        let header = first && !record.iter().any(|field| parse::<f64>(field).is_some());
        first = false;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what: String| DataProblem::Line { line, what };
        let wanted = *columns.get_or_insert(record.len());
        if record.len() != wanted || wanted < 2 {
            let wanted = match wanted {
                0 | 1 => "two or more: values and a label".to_string(),
                _ => format!("{wanted} as in the rows before"),
            };
            return Err(wrong(format!("{} columns, not {wanted}", record.len())));
        }
        if header {
            continue;
        }
        for (column, field) in (1..).zip(record.iter()) {
            let shown = || String::from_utf8_lossy(field).chars().take(40).collect::<String>();
            if column < wanted {
                let value = parse(field).ok_or_else(|| {
                    wrong(format!(
                        "column {column} holds `{}`, not an integer from 0 to 255",
                        shown()
                    ))
                })?;
                values.push(value);
            } else {
                let label = parse(field).ok_or_else(|| {
                    wrong(format!(
                        "the last column holds `{}`, not a label: an integer from 0",
                        shown()
                    ))
                })?;
                labels.push(label);
            }
        }
    }
    let size = columns.map_or(0, |columns| columns - 1);
    let shape = Shape(vec![size as u32]);
    Dataset::new(shape, values, labels).ok_or(DataProblem::Empty)
}

fn read_record(
    reader: &mut csv::Reader<&mut dyn Read>,
    record: &mut ByteRecord,
) -> Result<bool, DataProblem> {
    reader
        .read_byte_record(record)
        .map_err(|error| DataProblem::Read(error.into()))
}

fn parse<T: FromStr>(field: &[u8]) -> Option<T> {
    std::str::from_utf8(field).ok()?.parse().ok()
}
