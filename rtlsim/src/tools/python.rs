//! Python and its pip.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::find::{missing, named, on_path, output};
use super::system::hint;
use crate::{Error, Result};

/// A usable Python 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// The program.
    pub program: PathBuf,
    /// Its version, as it says it.
    pub version: String,
}

/// A usable pip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pip {
    /// The Python that it is a module of.
    pub python: PathBuf,
    /// Its version, as it says it.
    pub version: String,
    /// Where it lies.
    pub place: String,
    /// Whether it is found with `$PYTHONPATH` only.
    by_path: bool,
}

/// The program: `$RTLSIM_PYTHON`, `PATH`.
pub(super) fn program() -> Result<PathBuf> {
    const TOOL: &str = "python3";
    let found = named(TOOL, "RTLSIM_PYTHON")?
        .or_else(|| on_path("python3").next())
        .or_else(|| on_path("python").next());
    found.ok_or_else(|| missing(TOOL, hint(TOOL)))
}

/// A command of it, which another program's Python does not disturb, nor a `random.py` in the folder where
/// it runs.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("PYTHONHOME").env("PYTHONSAFEPATH", "1");
    command
}

impl Python {
    pub(super) fn find() -> Result<Self> {
        let program = program()?;
        let broken = |message: String| Error::ToolBroken {
            tool: "python3",
            path: program.clone(),
            message,
        };
        let said = output(command(&program).arg("--version")).map_err(|e| broken(e.to_string()))?;
        match said.trim().strip_prefix("Python ") {
            Some(version) if version.starts_with("3.") => Ok(Python {
                version: version.to_owned(),
                program,
            }),
            _ => Err(broken(format!("it is no Python 3: `{}`", said.trim()))),
        }
    }
}

impl Pip {
    pub(super) fn find() -> Result<Self> {
        let python = Python::find()?.program;
        let mut said = String::new();
        // The variable may serve another Python, or be the one way to a pip.
        for by_path in [false, true] {
            let mut pip = Pip {
                python: python.clone(),
                version: String::new(),
                place: String::new(),
                by_path,
            };
            said = output(pip.command().arg("--version")).map_err(|e| Error::ToolBroken {
                tool: "pip",
                path: python.clone(),
                message: e.to_string(),
            })?;
            let found = said.lines().find_map(|line| line.strip_prefix("pip "));
            if let Some((version, place)) = found.and_then(|line| line.split_once(" from ")) {
                pip.version = version.to_owned();
                pip.place = place.to_owned();
                return Ok(pip);
            }
        }
        if said.contains("No module named") {
            return Err(missing("pip", hint("pip")));
        }
        Err(Error::ToolBroken {
            tool: "pip",
            path: python,
            message: said.trim().to_owned(),
        })
    }

    /// `python3 -m pip`, with the user's mirrors and proxies, without settings that say where else to install.
    pub(super) fn command(&self) -> Command {
        let mut command = command(&self.python);
        if !self.by_path {
            command.env_remove("PYTHONPATH");
        }
        for name in [
            "TARGET",
            "PREFIX",
            "ROOT",
            "USER",
            "DRY_RUN",
            "CONSTRAINT",
            "REQUIREMENT",
            "EDITABLE",
        ] {
            command.env_remove(format!("PIP_{name}"));
        }
        // May be set in a file too, which this goes before.
        command.env("PIP_REQUIRE_VIRTUALENV", "0");
        command.args(["-m", "pip"]);
        command
    }
}
