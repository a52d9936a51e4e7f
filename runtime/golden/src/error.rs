//! What can be wrong with a case.

use std::io;
use std::path::PathBuf;

/// A case that cannot be executed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .file.display())]
pub struct GoldenError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    pub problem: GoldenProblem,
}

/// What is wrong with a file of a case.
#[derive(Debug, thiserror::Error)]
pub enum GoldenProblem {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// Not the JSON of a case.
    #[error("is not the JSON of a case: {0}")]
    Json(#[from] serde_json::Error),
    /// A setting that is out of range, or contradicts another.
    #[error("{place}: {what}")]
    Setting {
        /// As in the file: `projections[2].kernel`.
        place: String,
        /// What is wrong and what is wanted.
        what: String,
    },
    /// A setting that spidec does not execute.
    #[error("{place} is {found}; only {wanted} is executed")]
    Unsupported {
        /// As in the file.
        place: String,
        /// Its value.
        found: String,
        /// What would be executed.
        wanted: String,
    },
    /// Not a NumPy archive.
    #[error("is no NumPy archive that can be read: {0}")]
    Archive(String),
    /// An array that is not there.
    #[error("array {name} is missing; {why}")]
    Missing {
        /// Its name.
        name: String,
        /// What needs it.
        why: &'static str,
    },
    /// An array that cannot be used.
    #[error("array {name}: {what}")]
    Array {
        /// Its name.
        name: String,
        /// What is wrong and what is wanted.
        what: String,
    },
}

impl GoldenError {
    /// The error's code, `G001` and on; it stays what it is.
    pub fn code(&self) -> &'static str {
        match self.problem {
            GoldenProblem::Read(_) => "G001",
            GoldenProblem::Json(_) => "G002",
            GoldenProblem::Setting { .. } => "G003",
            GoldenProblem::Unsupported { .. } => "G004",
            GoldenProblem::Archive(_) => "G005",
            GoldenProblem::Missing { .. } => "G006",
            GoldenProblem::Array { .. } => "G007",
        }
    }
}

impl GoldenProblem {
    /// A setting that is out of range, or contradicts another.
    pub(super) fn setting(place: impl Into<String>, what: impl Into<String>) -> GoldenProblem {
        GoldenProblem::Setting {
            place: place.into(),
            what: what.into(),
        }
    }

    /// An array that cannot be used.
    pub(super) fn array(name: &str, what: impl Into<String>) -> GoldenProblem {
        GoldenProblem::Array {
            name: name.into(),
            what: what.into(),
        }
    }
}
