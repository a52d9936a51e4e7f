//! How wide the columns of a block's statements are.

use super::values::{bracketed, flat, is_flat};
use crate::syntax::{Statement, ValueKind};

/// Keyword, name, target, shape: what stands before `=`.
pub(super) const COLUMNS: usize = 4;
/// The last of them.
pub(super) const SHAPE: usize = COLUMNS - 1;

/// What aligns with its like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Declaration,
    Projection,
    /// The settings of the two stages, longer names than all others.
    Stage,
    Setting,
}

/// A statement's columns.
pub(super) struct Row {
    kind: Kind,
    /// The columns as text; the shape is empty where it takes more than one line.
    pub(super) cells: [String; COLUMNS],
    /// How wide each column is; 0 where no statement of the run has it.
    pub(super) widths: [usize; COLUMNS],
    /// The value, if it is a call with plain numbers: what is called, and the arguments.
    call: Option<(String, Vec<(String, String)>)>,
    /// How wide its arguments are, but for the last.
    arguments: Vec<usize>,
}

impl Row {
    fn new(text: &str, statement: &Statement) -> Row {
        let name = statement.name.as_ref().map(|name| name.text.clone());
        let target = statement.target.as_ref().map(|target| match &target.name {
            Some(name) => format!("-> {}", name.text),
            None => "->".to_string(),
        });
        let shape = statement.shape.as_ref();
        let kind = if target.is_some() {
            Kind::Projection
        } else if name.is_some() || shape.is_some() {
            Kind::Declaration
        } else if statement.keyword.text.ends_with("_stage") {
            Kind::Stage
        } else {
            Kind::Setting
        };
        let shape = shape.filter(|shape| is_flat(text, shape));
        Row {
            kind,
            cells: [
                statement.keyword.text.clone(),
                name.unwrap_or_default(),
                target.unwrap_or_default(),
                shape.map_or(String::new(), |shape| flat(text, shape)),
            ],
            widths: [0; COLUMNS],
            call: plain_call(text, statement),
            arguments: Vec::new(),
        }
    }

    /// The value with its arguments aligned, if it is a call with plain numbers.
    pub(super) fn call(&self) -> Option<String> {
        let (name, arguments) = self.call.as_ref()?;
        let mut written = format!("{name}(");
        for (k, (name, number)) in arguments.iter().enumerate() {
            let argument = format!("{name} = {number}");
            match self.arguments.get(k) {
                Some(&width) => written += &pad(&(argument + ","), width + 1),
                None => written += &argument,
            }
            if k + 1 < arguments.len() {
                written.push(' ');
            }
        }
        Some(written + ")")
    }

    fn same_call(&self, other: &Row) -> bool {
        let signature = |row: &Row| {
            let (name, arguments) = row.call.as_ref()?;
            let names = arguments.iter().map(|(name, _)| name.clone());
            Some((name.clone(), names.collect::<Vec<_>>()))
        };
        self.call.is_some() && signature(self) == signature(other)
    }
}

/// What is called, and its arguments, if each is a number with a name.
fn plain_call(text: &str, statement: &Statement) -> Option<(String, Vec<(String, String)>)> {
    let value = statement.definition.as_ref()?.value.as_ref()?;
    let ValueKind::Call { name, .. } = &value.kind else {
        return None;
    };
    if !is_flat(text, value) {
        return None;
    }
    let items = bracketed(text, value)?.items;
    let number = |item: &super::values::Item| match item.value.kind {
        ValueKind::Number { .. } => Some((item.name?.to_string(), flat(text, item.value))),
        _ => None,
    };
    let arguments = items.iter().map(number).collect::<Option<Vec<_>>>()?;
    Some((name.text.clone(), arguments))
}

/// Text and spaces, so wide in all.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text:width$}")
}

/// The rows of a block's statements.
pub(super) fn rows(text: &str, statements: &[&Statement]) -> Vec<Row> {
    let mut rows: Vec<Row> = { statements.iter() }
        .map(|statement| Row::new(text, statement))
        .collect();
    // A block's keywords of a kind align even where blank lines part them.
    let keywords: Vec<usize> = { rows.iter() }
        .map(|row| {
            let same = rows.iter().filter(|r| r.kind == row.kind);
            same.map(|r| width(&r.cells[0])).max().unwrap_or(0)
        })
        .collect();
    let mut start = 0;
    for end in 1..=rows.len() {
        let goes_on = end < rows.len()
            && rows[end].kind == rows[start].kind
            && !parted(text, statements[end - 1], statements[end]);
        if !goes_on {
            align(&mut rows[start..end]);
            start = end;
        }
    }
    for (row, keyword) in rows.iter_mut().zip(keywords) {
        if matches!(row.kind, Kind::Declaration | Kind::Projection) {
            row.widths[0] = keyword;
        }
    }
    rows
}

/// Aligns the columns of a run, and arguments among neighbors that make the same call.
fn align(run: &mut [Row]) {
    let column = |c: usize| run.iter().map(|row| width(&row.cells[c])).max();
    let widths = std::array::from_fn(|c| column(c).unwrap_or(0));
    run.iter_mut().for_each(|row| row.widths = widths);
    for same in run.chunk_by_mut(|a, b| a.same_call(b)) {
        let wide = |row: &Row| -> Vec<usize> {
            let arguments = row.call.iter().flat_map(|(_, arguments)| arguments);
            arguments
                .map(|(name, number)| width(name) + " = ".len() + width(number))
                .collect()
        };
        let all: Vec<Vec<usize>> = same.iter().map(wide).collect();
        let count = all.first().map_or(0, |row| row.len().saturating_sub(1));
        let widest = |k: usize| all.iter().map(|row| row[k]).max().unwrap_or(0);
        let arguments: Vec<usize> = (0..count).map(widest).collect();
        same.iter_mut()
            .for_each(|row| row.arguments.clone_from(&arguments));
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Whether a blank line stands between two statements.
fn parted(text: &str, before: &Statement, after: &Statement) -> bool {
    let lines: Vec<&str> = text[end(text, before)..after.span.start]
        .split('\n')
        .collect();
    let between = lines.len().saturating_sub(1);
    { lines.iter().take(between).skip(1) }.any(|line| line.trim().is_empty())
}

/// Where a statement's last word ends: the span of one with parts missing has spaces and a comment behind it.
pub(super) fn end(text: &str, statement: &Statement) -> usize {
    let value = statement.definition.as_ref().and_then(|d| d.value.as_ref());
    if let Some(value) = value {
        return value.span.end;
    }
    // A shape may have comments inside.
    let from = statement
        .shape
        .as_ref()
        .map_or(statement.span.start, |shape| shape.span.end);
    let rest = &text[from..statement.span.end];
    let code = rest.find("//").map_or(rest, |comment| &rest[..comment]);
    from + code.trim_end().len()
}
