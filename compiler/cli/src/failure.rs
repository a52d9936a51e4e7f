//! How a command ends when it does not succeed.

use crate::output::note;
use std::fmt;

/// What went wrong, by exit code.
pub(crate) enum Failure {
    /// 1: findings in the user's network, data, state, or hardware; already printed or said here.
    Findings(String),
    /// 2: the command cannot be carried out as given: a file that is not there, options that clash.
    Usage(String),
    /// 3: a tool is missing, too old, or broken.
    Tool(String),
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Findings(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Tool(_) => 3,
        }
    }

    /// What went wrong; empty where it was said already.
    pub(crate) fn text(&self) -> &str {
        let (Failure::Findings(text) | Failure::Usage(text) | Failure::Tool(text)) = self;
        text
    }

    /// Says it on standard error; an empty text was said already.
    pub(crate) fn print(&self) {
        let text = self.text();
        if !text.is_empty() {
            note!("spidec: {text}");
        }
    }
}

/// A command that cannot be carried out, from any error.
pub(crate) fn usage(error: impl fmt::Display) -> Failure {
    Failure::Usage(error.to_string())
}

/// A finding from any error.
pub(crate) fn finding(error: impl fmt::Display) -> Failure {
    Failure::Findings(error.to_string())
}

/// A finding in the user's file, with its code.
pub(crate) fn coded(code: &str, error: impl fmt::Display) -> Failure {
    finding(format!("error[{code}]: {error}"))
}

impl From<rtlsim::Error> for Failure {
    fn from(error: rtlsim::Error) -> Failure {
        match error {
            // rtlsim knows how to install it by hand; spidec installs it itself.
            rtlsim::Error::ToolMissing {
                tool: "verilator", ..
            } => Failure::Tool(format!("{error}, or let `spidec doctor --set-up` do it")),
            rtlsim::Error::ToolMissing { .. }
            | rtlsim::Error::ToolTooOld { .. }
            | rtlsim::Error::ToolBroken { .. }
            | rtlsim::Error::Install { .. } => Failure::Tool(error.to_string()),
            other => finding(other),
        }
    }
}
