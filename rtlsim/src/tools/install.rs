//! Installing pinned wheels by pip alone, without root.
//!
//! Each group lands in a folder of its own, filled aside and renamed into place: what is there is
//! complete. Who finds a group being installed, in this process or another, waits for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::python::Pip;
use super::{Group, Obstacle, pip};
use crate::project::{absolute, write};
use crate::turn::Turn;
use crate::{Error, Result};

/// A group that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it had to be installed.
    pub added: bool,
}

/// Installs a group of tools below a folder, for [`Tools::in_dir`]: from the package index that pip is set
/// up for, or from a folder that [`download`] filled, without network.
///
/// [`Tools::in_dir`]: super::Tools::in_dir
pub fn install(dir: impl AsRef<Path>, group: Group, from: Option<&Path>) -> Result<Installed> {
    let dir = &absolute(dir.as_ref().to_owned());
    let folder = dir.join(group.folder());
    if folder.is_dir() {
        let added = false;
        return Ok(Installed { folder, added });
    }
    let pip = Pip::find()?;
    std::fs::create_dir_all(dir).map_err(|e| unwritable(group, dir, &e))?;
    let turn = Turn::wait(dir, group.name()).map_err(|e| match e {
        Error::Io { path, source } => unwritable(group, &path, &source),
        other => other,
    })?;
    if folder.is_dir() {
        let added = false;
        return Ok(Installed { folder, added });
    }
    let prefix = format!(".installing-{}-", group.name());
    if turn.alone {
        sweep(dir, &prefix);
    }
    let aside = aside(dir, &prefix, group)?;
    let mut command = pip.command();
    // `--no-user`: a setting may ask for the opposite.
    command.args(["install", "--no-user", "--no-warn-script-location"]);
    command.arg("--target").arg(aside.path().join("tools"));
    if let Some(from) = from {
        command.env_remove("PIP_FIND_LINKS");
        command.args(["--no-index", "--find-links"]).arg(from);
    }
    run(command, group, aside.path())?;
    // Where there are no locks, another may have been first: its copy is as good.
    match std::fs::rename(aside.path().join("tools"), &folder) {
        Err(e) if !folder.is_dir() => Err(unwritable(group, &folder, &e)),
        result => Ok(Installed {
            added: result.is_ok(),
            folder,
        }),
    }
}

/// Downloads a group's wheels for this platform into a folder, for [`install`] where there is no network.
pub fn download(dir: impl AsRef<Path>, group: Group) -> Result<()> {
    let dir = &absolute(dir.as_ref().to_owned());
    let pip = Pip::find()?;
    std::fs::create_dir_all(dir).map_err(|e| unwritable(group, dir, &e))?;
    let aside = aside(dir, ".downloading-", group)?;
    let mut command = pip.command();
    command.args(["download", "--dest"]).arg(dir);
    run(command, group, aside.path())
}

fn aside(dir: &Path, prefix: &str, group: Group) -> Result<tempfile::TempDir> {
    let builder = tempfile::Builder::new().prefix(prefix).tempdir_in(dir);
    builder.map_err(|e| unwritable(group, dir, &e))
}

/// Removes what killed installations of a group have left; their turn is over.
fn sweep(dir: &Path, prefix: &str) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            // What cannot be removed only takes space.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Runs pip on a group's pins: wheels only, which run no code, each with its hash.
fn run(mut command: Command, group: Group, aside: &Path) -> Result<()> {
    let requirements = aside.join("requirements.txt");
    write(&requirements, group.requirements())?;
    let log = aside.join("log.txt");
    // pip's temporary files too: it moves them into place.
    let temporary = aside.join("temporary");
    std::fs::create_dir(&temporary).map_err(|e| unwritable(group, &temporary, &e))?;
    let output = command
        .args(["--quiet", "--disable-pip-version-check", "--no-input"])
        .args(["--no-deps", "--only-binary", ":all:", "--require-hashes"])
        .arg("--requirement")
        .arg(&requirements)
        .arg("--log")
        .arg(&log)
        .env("TMPDIR", &temporary)
        .output()
        .map_err(|e| Error::io(command.get_program(), e))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let log = std::fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log).into_owned() + &printed;
    Err(pip::failure(group, &log, &printed))
}

fn unwritable(group: Group, path: &Path, e: &std::io::Error) -> Error {
    Error::Install {
        what: group.name(),
        obstacle: Obstacle::Folder,
        message: format!("{}: {e}", path.display()),
    }
}
