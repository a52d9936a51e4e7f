//! CSV files: a row a sample, the last column its label.

use super::{DataProblem, Dataset};
use spidec_ir::network::Shape;
use std::io::{BufRead, BufReader, Read};
use std::str::FromStr;

/// Reads a CSV file. A first row without any number is a header; empty lines are passed over.
pub(super) fn read(stream: &mut dyn Read) -> Result<Dataset, DataProblem> {
    let mut stream = BufReader::new(stream);
    let mut table = Table::default();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if stream.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&bytes);
        if !text.trim().is_empty() {
            let fields: Vec<&str> = text.split(',').map(str::trim).collect();
            table.row(&fields).map_err(|what| {
                let hint = match (fields.len(), separator(&text)) {
                    (1, Some(other)) => {
                        format!("; this row is separated by {other}: write the file with commas")
                    }
                    _ => String::new(),
                };
                let what = what + &hint;
                DataProblem::Line { line, what }
            })?;
        }
    }
    let size = table.columns.map_or(0, |columns| columns - 1);
    let shape = Shape(vec![size as u32]);
    Dataset::new(shape, table.values, table.labels).ok_or(DataProblem::Empty)
}

#[derive(Default)]
struct Table {
    /// As many as the first row has.
    columns: Option<usize>,
    values: Vec<u8>,
    labels: Vec<u32>,
}

impl Table {
    /// Adds a row, or tells what is wrong with it.
    fn row(&mut self, fields: &[&str]) -> Result<(), String> {
        let count = fields.len();
        let [values @ .., label] = fields else {
            return Ok(());
        };
        match self.columns {
            None if values.is_empty() => {
                return Err("1 column, not two or more: values and a label".into());
            }
            None => {
                self.columns = Some(count);
                let is_header = fields.iter().all(|field| parse::<f64>(field).is_none());
                if is_header {
                    return Ok(());
                }
            }
            Some(columns) if count != columns => {
                return Err(format!(
                    "{count} columns, not {columns} as in the rows or header before"
                ));
            }
            Some(_) => {}
        }
        for (column, field) in (1..).zip(values) {
            let value = parse(field).ok_or_else(|| {
                let hint = match parse::<f64>(field) {
                    Some(_) => "; scale the values to that range and round them",
                    None => "",
                };
                let field = shortened(field);
                format!("column {column} holds `{field}`, not an integer from 0 to 255{hint}")
            })?;
            self.values.push(value);
        }
        let label = parse(label).ok_or_else(|| {
            let label = shortened(label);
            format!("the last column holds `{label}`, not a label: an integer from 0; number the classes")
        })?;
        self.labels.push(label);
        Ok(())
    }
}

/// What a row without commas seems to be separated by; spaces only where all between them is numbers.
fn separator(row: &str) -> Option<&'static str> {
    let row = row.trim();
    let numbers = || { row.split_whitespace() }.all(|field| parse::<f64>(field).is_some());
    match () {
        _ if row.contains(';') => Some("semicolons"),
        _ if row.contains('\t') => Some("tabs"),
        _ if row.contains(' ') && numbers() => Some("spaces"),
        _ => None,
    }
}

fn parse<T: FromStr>(field: &str) -> Option<T> {
    field.parse().ok()
}

fn shortened(field: &str) -> String {
    field.chars().take(40).collect()
}
