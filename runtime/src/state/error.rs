//! What can be wrong with a state file.

use std::io;
use std::path::PathBuf;

/// A state that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file that is damaged, or not this network's.
    #[error("{}: {}", .0.display(), .1)]
    In(PathBuf, Box<StateError>),
    /// A file that cannot be read.
    #[error("{}: cannot be read: {}", .0.display(), .1)]
    Read(PathBuf, io::Error),
    /// A file that cannot be written; the old one is as it was.
    #[error("{}: cannot be written: {}; what was there before is unchanged", .0.display(), .1)]
    Write(PathBuf, io::Error),
    /// Not a valid safetensors file.
    #[error("is not a valid state file: {0}; it is damaged, or none that `spidec train` wrote")]
    Damaged(String),
    /// A safetensors file without spidec's manifest.
    #[error("is a safetensors file, but no state of spidec: its metadata has no `spidec`")]
    Foreign,
    /// A wrong manifest.
    #[error("its manifest is wrong: {0}")]
    Manifest(String),
    /// A file of another version.
    #[error("is of state format {0}, this program reads {version}; use the program that wrote it", version = super::VERSION)]
    Version(u64),
    /// A tensor that the network needs and the file has not.
    #[error("has no tensor {name} of shape {wanted:?}: {}", other(.found, .network))]
    Missing {
        /// The tensor.
        name: String,
        /// Its shape.
        wanted: Vec<usize>,
        /// The network that the state names.
        found: String,
        /// The network wanted.
        network: String,
    },
    /// A tensor that the network has no place for.
    #[error("has a tensor {name} of shape {found:?}, for which network {network} has no layer: {}", other(.state, .network))]
    Unknown {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The network that the state names.
        state: String,
        /// The network wanted.
        network: String,
    },
    /// A tensor of another shape.
    #[error("tensor {name} has shape {found:?}, the network needs {wanted:?}: {}", other(.state, .network))]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The network's.
        wanted: Vec<usize>,
        /// The network that the state names.
        state: String,
        /// The network wanted.
        network: String,
    },
    /// A tensor of another type than its manifest says.
    #[error("tensor {name} holds {found}, the manifest says {wanted}")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
        /// The type for the manifest's engine.
        wanted: &'static str,
    },
    /// A number that no weight can be.
    #[error("tensor {name} holds {value} at {index}: {why}")]
    Value {
        /// The tensor.
        name: String,
        /// The number.
        value: f64,
        /// Its index in C order.
        index: usize,
        /// Why not.
        why: &'static str,
    },
    /// A state that another training wrote, so that this one cannot go on from it.
    #[error("is not of this training: {0}")]
    Other(String),
}

/// Why layers differ, and what to do.
fn other(state: &str, network: &str) -> String {
    match state == network {
        true => format!(
            "network {network} was changed since this state was trained; change it back, or train again"
        ),
        false => format!(
            "the state is of network {state}, not of {network}; name the file of network {state}, or train again"
        ),
    }
}

impl StateError {
    /// The error's code, `S001` and on; it stays what it is.
    pub fn code(&self) -> &'static str {
        match self {
            StateError::In(_, error) => error.code(),
            StateError::Read(..) => "S001",
            StateError::Write(..) => "S002",
            StateError::Damaged(_) => "S003",
            StateError::Foreign => "S004",
            StateError::Manifest(_) => "S005",
            StateError::Version(_) => "S006",
            StateError::Missing { .. } => "S007",
            StateError::Unknown { .. } => "S008",
            StateError::Shape { .. } => "S009",
            StateError::Type { .. } => "S010",
            StateError::Value { .. } => "S011",
            StateError::Other(_) => "S012",
        }
    }
}
