//! Installing pinned wheels from PyPI, without root.
//!
//! Each group lands in a folder of its own, named after the hash of its
//! requirements: a new pin is a new folder, and what is there is complete.

use std::path::Path;
use std::process::Command;

use super::python;
use crate::project::{KeyHash, write};
use crate::{Error, Result};

/// Tools that are installed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Verilator; a C++ compiler has to be there already.
    Simulate,
    /// Yosys and nextpnr-ecp5 as WebAssembly: 0.8 GB.
    Synthesize,
    /// The solver z3, for proofs with SymbiYosys, which comes with Yosys.
    Prove,
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Group::Simulate => "simulate",
            Group::Synthesize => "synthesize",
            Group::Prove => "prove",
        }
    }

    fn requirements(self) -> &'static str {
        match self {
            Group::Simulate => include_str!("../../requirements-simulate.txt"),
            Group::Synthesize => include_str!("../../requirements-synthesize.txt"),
            Group::Prove => include_str!("../../requirements-prove.txt"),
        }
    }

    /// The version of a package that the group installs.
    pub fn version(self, package: &str) -> Option<&'static str> {
        let lines = self.requirements().lines();
        let mut pins = lines.filter_map(|line| line.split_once("=="));
        let (_, pin) = pins.find(|(name, _)| *name == package)?;
        pin.split_whitespace().next()
    }

    pub(super) fn folder(self) -> String {
        let mut hash = KeyHash::new("requirements");
        hash.field(self.requirements());
        format!("{}-{}", self.name(), &hash.finish()[..12])
    }
}

/// Installs groups of tools below a folder, for [`Tools::in_dir`]. Returns
/// the groups that were not there yet.
///
/// [`Tools::in_dir`]: super::Tools::in_dir
pub fn install(dir: impl AsRef<Path>, with: &[Group]) -> Result<Vec<Group>> {
    let dir = dir.as_ref();
    let mut added = Vec::new();
    for group in with {
        let target = dir.join(group.folder());
        if target.is_dir() {
            continue;
        }
        std::fs::create_dir_all(dir).map_err(|e| Error::io(dir, e))?;
        let aside = tempfile::Builder::new()
            .prefix(".installing-")
            .tempdir_in(dir)
            .map_err(|e| Error::io(dir, e))?;
        pip(*group, aside.path())?;
        // Another process may have finished first: its copy is as good.
        match std::fs::rename(aside.path().join("tools"), &target) {
            Err(e) if !target.is_dir() => return Err(Error::io(&target, e)),
            _ => added.push(*group),
        }
    }
    Ok(added)
}

fn pip(group: Group, aside: &Path) -> Result<()> {
    let requirements = aside.join("requirements.txt");
    write(&requirements, group.requirements())?;
    let program = python()?;
    let output = Command::new(&program)
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--no-warn-script-location"])
        .args(["--only-binary", ":all:", "--require-hashes", "--target"])
        .arg(aside.join("tools"))
        .arg("-r")
        .arg(&requirements)
        .output()
        .map_err(|e| Error::io(&program, e))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if message.contains("No module named pip") {
        return Err(Error::ToolMissing {
            tool: "pip",
            hint: "install it with `sudo apt-get install python3-pip`".to_owned(),
        });
    }
    Err(Error::Install {
        what: group.name(),
        message,
    })
}
