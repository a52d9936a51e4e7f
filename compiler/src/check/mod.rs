//! The tree of a file to a [`Network`], or everything that is wrong with it at once.
//!
//! [`check_text`] is the front door of the compiler. What is accepted is honored; what is not is a
//! finding at its place, with what is legal there. Which engines can execute the network is part of
//! the answer: their obstacles become errors only where one of them is asked for.

mod arguments;
mod array;
mod declarations;
pub mod defaults;
mod engines;
mod file;
mod fit;
mod input;
mod layer;
mod names;
mod network;
mod operator;
mod places;
pub mod reference;
mod settings;
mod shapes;
mod size;
mod training;
mod vocabulary;
mod warnings;
mod words;

pub use engines::{Engine, Engines};
pub(crate) use file::other_version;
pub use places::SourceLines;
pub use shapes::{CLASSES, MAX_SIZE};
pub use size::{MAX_NEURONS, MAX_PRODUCTS, MAX_WEIGHTS};

use crate::diagnostics::{self, Code, Diagnostic, JsonDiagnostic, Severity};
use crate::syntax::{self, Span};
use arguments::Report;
use spidec_ir::Network;

/// The settings of the block `training`.
pub const TRAINING: [&str; 9] = [
    "forward_stage",
    "backward_stage",
    "loss",
    "update",
    "schedule",
    "warm_up",
    "augment",
    "published",
    "seed",
];

/// The settings of the block `array`.
pub const ARRAY: [&str; 6] = ["lanes", "weight", "membrane", "error", "trace", "learning"];

/// A network that is accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The network, every default explicit; prints as canonical text.
    pub network: Network,
    /// Where its parts stand in the file.
    pub lines: SourceLines,
    /// Which engines can execute it, and why the others cannot.
    pub engines: Engines,
}

/// What checking a file gave.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    /// What the file is called.
    pub name: String,
    /// Its text; bytes that are no text are replaced.
    pub text: String,
    /// All errors and warnings, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The network, where there is no error.
    pub checked: Option<Checked>,
}

impl CheckResult {
    /// The network for an engine, or the errors that stand in its way.
    pub fn require(&self, engine: Engine) -> Result<&Checked, Vec<Diagnostic>> {
        let Some(checked) = &self.checked else {
            let is_error = |d: &&Diagnostic| d.severity() == Severity::Error;
            return Err(self.diagnostics.iter().filter(is_error).cloned().collect());
        };
        match checked.engines.obstacles(engine) {
            [] => Ok(checked),
            obstacles => Err(obstacles.to_vec()),
        }
    }

    /// Findings (these, or those of [`CheckResult::require`]) as text, with a terminal's colors if wanted.
    pub fn render(&self, diagnostics: &[Diagnostic], color: bool) -> String {
        diagnostics::render(&self.name, &self.text, diagnostics, color)
    }

    /// Findings as data.
    pub fn json(&self, diagnostics: &[Diagnostic]) -> Vec<JsonDiagnostic> {
        diagnostics::to_json(&self.name, &self.text, diagnostics)
    }
}

/// Checks the bytes of a file. `name` is what messages call it.
pub fn check_bytes(name: &str, bytes: &[u8]) -> CheckResult {
    match std::str::from_utf8(bytes) {
        Ok(text) => check_text(name, text),
        Err(error) => {
            let start = error.valid_up_to();
            let bad = bytes[start..].iter().take(error.error_len().unwrap_or(1));
            let shown: Vec<String> = bad.map(|byte| format!("{byte:#04x}")).collect();
            let text = String::from_utf8_lossy(bytes).into_owned();
            let end = start + char::REPLACEMENT_CHARACTER.len_utf8();
            CheckResult {
                name: name.to_string(),
                diagnostics: vec![Diagnostic::new(
                    Code::InvalidUtf8,
                    Span { start, end },
                    format!(
                        "the file is not UTF-8 text: byte {} is {}",
                        start,
                        shown.join(" ")
                    ),
                    "not UTF-8",
                    "save the file as UTF-8; if it is no network file, name one that is",
                )],
                text,
                checked: None,
            }
        }
    }
}

/// Checks the text of a file. `name` is what messages call it.
///
/// ```
/// use spidec_compiler::check::{Engine, check_text};
/// let result = check_text("xor.fsnn", "spidec 1
/// network xor {
///   input bits [2] = constant(scale = 1)
///   population hidden [4] = if
///   readout answer [2] = linear(from = hidden)
///   forward bits -> hidden = dense
///   feedback hidden -> hidden = dense(bias = false)
/// }
/// ");
/// assert!(result.require(Engine::Array).is_ok(), "{}", result.render(&result.diagnostics, false));
/// ```
pub fn check_text(name: &str, text: &str) -> CheckResult {
    let (tree, findings) = syntax::parse(text);
    let mut report = Report::default();
    let network = file::read(&mut report, &tree, !findings.is_empty());
    report.diagnostics.extend(findings);

    let is_error = |d: &Diagnostic| d.severity() == Severity::Error;
    let network = network.filter(|_| !report.diagnostics.iter().any(is_error));
    let checked = network.map(|network| {
        let lines = report.places.lines(text, &network);
        let (engines, rounded) = engines::of(&network, &report.places, &lines);
        let fixed = engines.accepts(Engine::Fixed);
        report.diagnostics.extend(rounded);
        let warnings = warnings::of(&network, &report.places, fixed);
        report.diagnostics.extend(warnings);
        Checked {
            lines,
            network,
            engines,
        }
    });
    diagnostics::sort(&mut report.diagnostics);
    CheckResult {
        name: name.to_string(),
        text: text.to_string(),
        diagnostics: report.diagnostics,
        checked,
    }
}
