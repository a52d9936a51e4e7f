//! How a command ends when it does not succeed.

use crate::output::note;
use crate::{advice, interrupt};
use spidec_data::DataError;
use spidec_verify::{HardwareError, VerifyError};
use std::fmt;

/// What went wrong, by exit code.
pub(crate) enum Failure {
    /// 1: findings in the user's network, data, state, or hardware; already printed or said here.
    Findings(String),
    /// 2: the command cannot be carried out as given: a file that is not there, options that clash.
    Usage(String),
    /// 3: a tool is missing, too old, or broken.
    Tool(String),
    /// 130: Ctrl-C, as shells count it; what is done is kept.
    Interrupted(String),
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Findings(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Tool(_) => 3,
            Failure::Interrupted(_) => interrupt::CODE,
        }
    }

    /// What went wrong; empty where it was said already.
    pub(crate) fn text(&self) -> &str {
        let (Failure::Findings(text)
        | Failure::Usage(text)
        | Failure::Tool(text)
        | Failure::Interrupted(text)) = self;
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
    finding(format!(
        "error[{code}]: {error}\nfor more: spidec explain {code}"
    ))
}

/// A sample that could not be read, with its code.
pub(crate) fn unread(error: DataError) -> Failure {
    coded(error.code(), error)
}

impl From<rtlsim::Error> for Failure {
    fn from(error: rtlsim::Error) -> Failure {
        match error {
            rtlsim::Error::ToolMissing { tool, .. }
            | rtlsim::Error::ToolTooOld { tool, .. }
            | rtlsim::Error::ToolBroken { tool, .. } => {
                Failure::Tool(advice::with_own_way(tool, &error))
            }
            rtlsim::Error::ToolNamed { .. } => Failure::Tool(error.to_string()),
            rtlsim::Error::Install { what, obstacle, .. } => {
                let text = format!("{error}\n{}", advice::beside(what, obstacle));
                Failure::Tool(text.trim_end().to_string())
            }
            other => finding(other),
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Failure {
        match error {
            VerifyError::Hardware(HardwareError::Simulator(error)) => error.into(),
            other => finding(other),
        }
    }
}
