//! Findings as data, for `--json`.

use super::{Diagnostic, Label, Severity};
use crate::syntax::Span;
use serde::Serialize;

/// A place with a few words about it. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonLabel {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
    /// What is said about it.
    pub text: String,
}

/// One finding as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonDiagnostic {
    /// The code, such as `E041`.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: Severity,
    /// The code's title in the table.
    pub title: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// The file's name.
    pub file: String,
    /// Where, and what was expected there.
    pub label: JsonLabel,
    /// Other places that belong to it.
    pub secondary: Vec<JsonLabel>,
    /// What to do about it.
    pub help: String,
}

/// All findings as data, in their order. `name` is what the file is called, `text` its contents.
pub fn to_json(name: &str, text: &str, diagnostics: &[Diagnostic]) -> Vec<JsonDiagnostic> {
    let label = |label: &Label| {
        let Span { start, end } = label.span;
        let (line, column) = place(text, start);
        let (end_line, end_column) = place(text, end);
        JsonLabel {
            line,
            column,
            end_line,
            end_column,
            text: label.text.clone(),
        }
    };
    diagnostics
        .iter()
        .map(|diagnostic| JsonDiagnostic {
            code: diagnostic.code.name(),
            severity: diagnostic.severity(),
            title: diagnostic.code.title(),
            message: diagnostic.message.clone(),
            file: name.to_string(),
            label: label(&diagnostic.label),
            secondary: diagnostic.secondary.iter().map(label).collect(),
            help: diagnostic.help.clone(),
        })
        .collect()
}

/// Line and column of a byte, from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        1 + before.matches('\n').count(),
        1 + before[start..].chars().count(),
    )
}
