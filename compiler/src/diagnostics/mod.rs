//! Findings about a file: what they are, the one table of their codes, how they are shown.

mod codes;
mod json;
mod render;

pub use codes::{Code, Severity};
pub use json::{JsonDiagnostic, JsonLabel, to_json};
pub use render::render;

use crate::syntax::Span;

/// A place with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be said about it.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its entry in the table of codes, which says whether it is an error or a warning.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where, and what was expected there.
    pub label: Label,
    /// Other places that belong to it.
    pub secondary: Vec<Label>,
    /// What to do about it; never empty.
    pub help: String,
}

impl Diagnostic {
    /// A finding at one place.
    pub fn new(
        code: Code,
        span: Span,
        message: String,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            message,
            label: Label {
                span,
                text: label.into(),
            },
            secondary: Vec::new(),
            help: help.into(),
        }
    }

    /// The same with one more place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Sorts by place, then by code, and drops what is said twice.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.label.span, d.code, d.message.clone());
        key(a).cmp(&key(b))
    });
    diagnostics.dedup();
}

/// `a`, `a or b`, `a, b or c`.
pub fn one_of(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [word] => word.to_string(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
