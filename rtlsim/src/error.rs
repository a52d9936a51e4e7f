//! Everything that can go wrong, in one enum.
//!
//! A message says what to do next: the install line for a missing tool, the
//! tool's own words, with file and line, for a source that it rejects.

use std::path::{Path, PathBuf};

use crate::tools::Obstacle;

/// The result of every fallible operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tool was found nowhere.
    #[error("{tool} was not found; {hint}")]
    ToolMissing {
        /// The tool's name.
        tool: &'static str,
        /// How to get it.
        hint: String,
    },
    /// An environment variable names a tool that is not there.
    #[error("{tool} was not found: ${variable} names {}, which is no file", path.display())]
    ToolNamed {
        /// The tool's name.
        tool: &'static str,
        /// The variable.
        variable: String,
        /// What it names.
        path: PathBuf,
    },
    /// A tool was found, but is older than what the generated code needs.
    #[error("{tool} {found} at {} is too old: {needed} or newer is needed; {hint}", path.display())]
    ToolTooOld {
        /// The tool's name.
        tool: &'static str,
        /// Where it was found.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The oldest version supported.
        needed: String,
        /// How to get a newer one.
        hint: String,
    },
    /// A tool was found but could not be run or does not say its version.
    #[error("{tool} at {} does not work: {message}", path.display())]
    ToolBroken {
        /// The tool's name.
        tool: &'static str,
        /// Where it was found.
        path: PathBuf,
        /// What it said.
        message: String,
    },
    /// A tool rejected what it was given.
    #[error("{tool} rejected the project{}:\n{message}", place(.location))]
    Rejected {
        /// The tool's name.
        tool: &'static str,
        /// The source that the first error points at.
        location: Option<Location>,
        /// The tool's message, unaltered.
        message: String,
    },
    /// Installing or downloading tools failed.
    #[error("getting the tools to {what} failed: {obstacle}\n{message}")]
    Install {
        /// The group of tools.
        what: &'static str,
        /// The cause.
        obstacle: Obstacle,
        /// What pip or the system said.
        message: String,
    },
    /// The project itself makes no sense.
    #[error("bad project: {0}")]
    Project(String),
    /// The top module has no such port.
    #[error("no port `{name}`; the ports are: {known}")]
    NoSuchPort {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The memory was not listed in the project, or the design has none of that name.
    #[error("no memory `{name}`: {reason}")]
    NoSuchMemory {
        /// The name asked for.
        name: String,
        /// Why it cannot be reached.
        reason: String,
    },
    /// The call does not fit the port or the memory.
    #[error("`{name}`: {reason}")]
    Misuse {
        /// The port or memory.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// Icarus found unknown bits where a number was asked for.
    #[error("`{name}` has unknown bits ({value}) in cycle {cycle}")]
    Unknown {
        /// The port or memory word.
        name: String,
        /// The value, as the simulator prints it.
        value: String,
        /// The cycle in which it was looked at.
        cycle: u64,
    },
    /// The design ended the simulation: `$finish`, `$stop`, `$fatal` or a failed assertion.
    #[error("the design ended the simulation in cycle {cycle}: {message}")]
    Stopped {
        /// The cycle in which it did.
        cycle: u64,
        /// What it said.
        message: String,
    },
    /// A trace window was asked of a simulation opened without tracing, or twice.
    #[error("trace: {0}")]
    Trace(String),
    /// The compiled library could not be loaded.
    #[error("cannot load {}: {message}", path.display())]
    Load {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        message: String,
    },
    /// The simulator process answered nonsense or went away.
    #[error("the simulator process failed: {0}")]
    Process(String),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// A place in a source of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The source's name as the project gives it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

fn place(location: &Option<Location>) -> String {
    match location {
        Some(at) => format!(" at {}:{}", at.file, at.line),
        None => String::new(),
    }
}

impl Error {
    pub(crate) fn io(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Error::Io {
            path: path.as_ref().to_owned(),
            source,
        }
    }

    /// Reads the first `name:line:` out of a tool's message, for the names given.
    pub(crate) fn rejected(tool: &'static str, message: &str, names: &[&str]) -> Self {
        Error::Rejected {
            tool,
            location: message.lines().find_map(|line| locate(line, names)),
            message: message.trim_end().to_owned(),
        }
    }
}

fn locate(line: &str, names: &[&str]) -> Option<Location> {
    // A warning is not the reason for which the tool gave up.
    if line.starts_with("%Warning") {
        return None;
    }
    names.iter().find_map(|name| {
        let after = &line[line.find(&format!("{name}:"))? + name.len() + 1..];
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        Some(Location {
            file: (*name).to_owned(),
            line: digits.parse().ok()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_is_read_from_both_tools() {
        for message in [
            "%Warning-WIDTH: a.v:1:2: x\n%Error: a.v:3:5: syntax error",
            "a.v:3: syntax error",
        ] {
            let Error::Rejected { location, .. } = Error::rejected("t", message, &["a.v"]) else {
                panic!("not a rejection");
            };
            let expected = Location {
                file: "a.v".into(),
                line: 3,
            };
            assert_eq!(location, Some(expected));
        }
    }
}
