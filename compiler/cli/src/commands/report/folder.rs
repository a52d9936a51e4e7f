//! Writing a report into a folder, all of it or nothing.

use crate::failure::{Failure, usage};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The page's name.
pub(super) const PAGE: &str = "report.html";

/// All that a report may hold beside the page.
const PICTURES: [&str; 10] = [
    "network.svg",
    "curves.svg",
    "activity.svg",
    "sample.svg",
    "confusion.svg",
    "raster.svg",
    "rates.svg",
    "cycles.svg",
    "memory.svg",
    "verification.svg",
];

/// What a page of ours has near its beginning.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"spidec report\"/>";

/// Whether a report may be written there: said before the work whose result it is to hold.
pub(crate) fn check(folder: &Path) -> Result<(), Failure> {
    let refused = |why: &str| {
        usage(format!(
            "cannot write {}: {why}; name another folder",
            folder.display()
        ))
    };
    if !folder.exists() {
        let parent = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        return match parent.filter(|parent| !parent.is_dir()) {
            Some(parent) => Err(refused(&format!("there is no folder {}", parent.display()))),
            None => Ok(()),
        };
    }
    if !folder.is_dir() {
        return Err(refused("it is a file"));
    }
    let entries = folder
        .read_dir()
        .and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|e| refused(&e.to_string()))?;
    let mut names: Vec<String> = entries
        .iter()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let foreign =
        |name: &&String| *name != PAGE && !PICTURES.contains(&name.as_str()) && !is_aside(name);
    if let Some(name) = names.iter().find(foreign) {
        return Err(refused(&format!(
            "it holds {name}, which is no part of a report"
        )));
    }
    if names.iter().any(|name| !is_aside(name)) && !is_page(&folder.join(PAGE)) {
        return Err(refused("it holds no report of spidec"));
    }
    Ok(())
}

fn is_page(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(1024).read_to_end(&mut start));
    read.is_ok() && start.windows(MARK.len()).any(|window| window == MARK)
}

/// The name of a file that is not finished.
fn aside(name: &str) -> String {
    format!(".{name}.part")
}

fn is_aside(name: &str) -> bool {
    let inner = name
        .strip_prefix('.')
        .and_then(|name| name.strip_suffix(".part"));
    inner.is_some_and(|name| name == PAGE || PICTURES.contains(&name))
}

/// Writes files, each aside; when all are there they take their places, and pictures of an earlier report
/// that this one has not are removed.
pub(super) fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    let made = !folder.exists();
    fill(folder, files).map_err(|(path, error)| {
        // The first error is the one to tell; what is left does no harm.
        for (name, _) in files {
            let _ = fs::remove_file(folder.join(aside(name)));
        }
        if made {
            let _ = fs::remove_dir(folder);
        }
        usage(format!("cannot write {}: {error}", path.display()))
    })
}

fn fill(folder: &Path, files: &[(String, String)]) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: PathBuf| move |error| (path, error);
    fs::create_dir_all(folder).map_err(at(folder.to_path_buf()))?;
    for (name, text) in files {
        let write = |mut file: File| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        let written = File::create(folder.join(aside(name))).and_then(write);
        written.map_err(at(folder.join(name)))?;
    }
    for (name, _) in files {
        let renamed = fs::rename(folder.join(aside(name)), folder.join(name));
        renamed.map_err(at(folder.join(name)))?;
    }
    for name in PICTURES {
        let path = folder.join(name);
        if !files.iter().any(|(written, _)| written == name) && path.exists() {
            fs::remove_file(&path).map_err(at(path.clone()))?;
        }
    }
    Ok(())
}
