//! Finding programs and reading versions.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::Version;
use crate::project::absolute;
use crate::{Error, Result};

pub(super) fn missing(tool: &'static str, hint: String) -> Error {
    Error::ToolMissing { tool, hint }
}

pub(super) fn too_old(
    tool: &'static str,
    path: PathBuf,
    [found, needed]: [String; 2],
    hint: String,
) -> Error {
    Error::ToolTooOld {
        tool,
        path,
        found,
        needed,
        hint,
    }
}

pub(super) fn exe(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// A tool that an environment variable names has to be there.
pub(super) fn named(tool: &'static str, variable: &str) -> Result<Option<PathBuf>> {
    let Some(value) = std::env::var_os(variable).filter(|v| !v.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(&value);
    if path.is_file() {
        return Ok(Some(absolute(path)));
    }
    let on_path = value.to_str().and_then(|name| on_path(name).next());
    match on_path {
        Some(path) => Ok(Some(path)),
        None => Err(Error::ToolNamed {
            tool,
            variable: variable.to_owned(),
            path,
        }),
    }
}

/// The programs of a name, in the order of `PATH`.
pub(super) fn on_path(name: &str) -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let name = exe(name);
    let files = dirs.into_iter().filter(|dir| !dir.as_os_str().is_empty());
    files
        .map(move |dir| absolute(dir.join(&name)))
        .filter(|file| file.is_file())
}

/// What a command prints on both channels, whatever its exit status.
pub(super) fn output(command: &mut Command) -> std::io::Result<String> {
    let Output { stdout, stderr, .. } = command.output()?;
    Ok(String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

pub(super) fn verilator_root(binary: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(binary).unwrap_or_else(|_| binary.to_owned());
    let prefix = real.parent().and_then(Path::parent);
    let asked = || {
        let said = Command::new(binary)
            .args(["--getenv", "VERILATOR_ROOT"])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        Some(PathBuf::from(text))
    };
    // What lies beside the binary belongs to it; the variable may be another's.
    let beside = [
        prefix.map(Path::to_owned),
        prefix.map(|p| p.join("share/verilator")),
    ];
    let rest = std::iter::once_with(|| std::env::var_os("VERILATOR_ROOT").map(PathBuf::from))
        .chain(std::iter::once_with(asked));
    beside
        .into_iter()
        .chain(rest)
        .flatten()
        .map(absolute)
        .find(|root| root.join("include/verilated.h").is_file())
}

/// The `MAJOR.MINOR` that follows a marker.
pub(super) fn version_after(text: &str, marker: &str) -> Option<Version> {
    let rest = &text[text.find(marker)? + marker.len()..];
    let (major, rest) = rest.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(Version(major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_spellings() {
        let read = |text| version_after(text, "Verilator ");
        assert_eq!(
            read("Verilator 5.006 2023-01-22 rev x"),
            Some(Version(5, 6))
        );
        assert_eq!(read("Verilator 5.49"), Some(Version(5, 49)));
        assert_eq!(read(" rev vUNKNOWN-built20260516-4e853d8"), None);
        assert!(Version(5, 6) < Version(5, 49) && Version(4, 228) < Version(5, 6));
    }
}
