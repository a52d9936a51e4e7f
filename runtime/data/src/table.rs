//! CSV files: a row a sample, the last column its label.

use super::{DataProblem, Dataset};
use spidec_ir::network::Shape;
use std::io::{BufRead, BufReader, Read};
use std::str::FromStr;

/// Reads a CSV file. A first row that names its columns is a header; empty lines are passed over. Numbers may be quoted,
/// and have a point where they are whole: `16.0`.
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
        // A mark of the text's encoding, as spreadsheets leave it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if !text.trim().is_empty() {
            let fields: Vec<&str> = text.split(',').map(unquoted).collect();
            table.row(&fields).map_err(|what| {
                // Where semicolons separate, commas stand for points.
                let others = fields.len() == 1 || text.contains(';');
                let hint = match separator(text) {
                    Some(other) if others => {
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
                let numbers = fields.iter().filter_map(|field| parse::<f64>(field));
                let are_names = numbers.count() == 0;
                // As pandas names columns that have no name.
                let count_up = counts_up(values) && values.len() >= FEWEST_COUNTED;
                if (are_names || count_up) && values[0].is_empty() {
                    return Err("the first column has no name, as an index has, which is no value; write the file \
                                without it (pandas: `index=False`)"
                        .into());
                }
                if are_names || count_up && parse::<f64>(label).is_none() {
                    return Ok(());
                }
                if count_up && counts_up(fields) {
                    return Err("0, 1, 2 and on: this looks like a header of column numbers; leave it out (pandas: \
                                `header=False`), or, where it is a sample, put a header of names above it"
                        .into());
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
            let value = whole(field).ok_or_else(|| {
                let hint = match parse::<f64>(field) {
                    Some(number) if column == 1 && self.is_index(count - 1, number) => {
                        "; it counts the rows, as an index does: write the file without it (pandas: `index=False`)"
                    }
                    Some(_) => "; scale the values to that range and round them",
                    None => "",
                };
                let field = shortened(field);
                format!("column {column} holds `{field}`, not an integer from 0 to 255{hint}")
            })?;
            self.values.push(value);
        }
        let label = whole(label).ok_or_else(|| {
            let label = shortened(label);
            format!("the last column holds `{label}`, not a label: an integer from 0; number the classes")
        })?;
        self.labels.push(label);
        Ok(())
    }

    /// Whether the first column counts the rows, up to this one's; `size`: values of a row.
    fn is_index(&self, size: usize, number: f64) -> bool {
        let firsts = self.values.iter().step_by(size).map(|&v| f64::from(v));
        let rows = { firsts.chain([number]) }.zip(0..);
        let start = self.values.first().map_or(number, |&v| f64::from(v));
        self.labels.len() > 1 && { rows }.all(|(first, row)| first == start + f64::from(row))
    }
}

/// Fewest columns whose numbers, counting up, are no sample.
const FEWEST_COUNTED: usize = 3;

/// Whether fields are 0, 1, 2 and on; one without a name may stand before.
fn counts_up(fields: &[&str]) -> bool {
    let counted = match fields {
        ["", rest @ ..] => rest,
        all => all,
    };
    { counted.iter() }
        .zip(0..)
        .all(|(field, k)| parse(field) == Some(k))
}

/// A field without spaces and quotes around it.
fn unquoted(field: &str) -> &str {
    let field = field.trim();
    let inner = field.strip_prefix('"').and_then(|f| f.strip_suffix('"'));
    inner.unwrap_or(field).trim()
}

/// A whole number, also with a point: `16.0`.
fn whole<T: FromStr + TryFrom<u64>>(field: &str) -> Option<T> {
    let pointed = || {
        let number: f64 = parse(field)?;
        let whole = number as u64;
        (whole as f64 == number).then(|| T::try_from(whole).ok())?
    };
    parse(field).or_else(pointed)
}

/// What a row seems to be separated by in place of commas; spaces only where all between them is numbers.
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
