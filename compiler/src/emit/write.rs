//! Writing a project into a folder, all of it or nothing.

use super::{EmitError, MANIFEST, ProjectFile};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// Writes a project: aside first, then renamed, so that an interrupted write leaves what was there.
///
/// A folder that is there already is replaced as a whole. So it must be empty, or hold a project of
/// ours and nothing else beside the files that its manifest lists.
pub fn write(files: &[ProjectFile], folder: &Path) -> Result<(), EmitError> {
    let Some(name) = folder.file_name() else {
        return Err(refused(folder, "its path ends in no name to replace"));
    };
    let beside =
        |suffix: &str| folder.with_file_name(format!(".{}.{suffix}", name.to_string_lossy()));
    let (aside, old) = (beside("new"), beside("old"));
    if old.exists() && !folder.exists() {
        // An earlier call was interrupted between its two renames.
        fs::rename(&old, folder).map_err(failed(folder))?;
    }
    may_replace(folder)?;
    for stale in [&aside, &old] {
        if stale.exists() {
            fs::remove_dir_all(stale).map_err(failed(stale))?;
        }
    }
    let named = |error| match error {
        // Of the folder aside the user knows nothing.
        EmitError::Write { source, .. } => failed(folder)(source),
        other => other,
    };
    let written = fill(files, &aside)
        .map_err(named)
        .and_then(|()| exchange(&aside, folder, &old));
    if written.is_err() {
        // The first error is the one to tell; a leftover folder does no harm.
        let _ = fs::remove_dir_all(&aside);
    }
    written
}

/// Whether everything that the folder holds was written by an earlier call.
fn may_replace(folder: &Path) -> Result<(), EmitError> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(refused(folder, "it is a file"));
    }
    let mut found = BTreeSet::new();
    list(folder, "", &mut found)?;
    if found.is_empty() {
        return Ok(());
    }
    let manifest = fs::read(folder.join(MANIFEST)).unwrap_or_default();
    let manifest = serde_json::from_slice(&manifest).unwrap_or(serde_json::Value::Null);
    let Some(ours) = manifest["files"]
        .as_array()
        .filter(|_| manifest["machine_id"].is_string())
    else {
        return Err(refused(folder, "it holds no project of spidec"));
    };
    for file in ours.iter().filter_map(|file| file.as_str()) {
        found.remove(file);
    }
    found.remove(MANIFEST);
    match found.first() {
        None => Ok(()),
        Some(name) => Err(refused(
            folder,
            &format!("it holds {name}, which is no part of a project of spidec"),
        )),
    }
}

/// The paths of all that a folder holds, as the manifest lists files; of folders, those that are empty.
fn list(folder: &Path, path: &str, found: &mut BTreeSet<String>) -> Result<(), EmitError> {
    for entry in folder.read_dir().map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let name = format!("{path}{}", entry.file_name().to_string_lossy());
        let before = found.len();
        // A link is one thing, wherever it leads.
        if entry.file_type().map_err(failed(folder))?.is_dir() {
            list(&entry.path(), &format!("{name}/"), found)?;
        }
        if found.len() == before {
            found.insert(name);
        }
    }
    Ok(())
}

fn fill(files: &[ProjectFile], folder: &Path) -> Result<(), EmitError> {
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        fs::write(&path, &file.text).map_err(failed(&path))?;
    }
    Ok(())
}

/// Puts a new folder in the place of the one that may be there.
fn exchange(new: &Path, folder: &Path, old: &Path) -> Result<(), EmitError> {
    let replaces = folder.exists();
    if replaces {
        fs::rename(folder, old).map_err(failed(folder))?;
    }
    if let Err(error) = fs::rename(new, folder) {
        if replaces {
            fs::rename(old, folder).map_err(failed(old))?;
        }
        return Err(failed(folder)(error));
    }
    if replaces {
        fs::remove_dir_all(old).map_err(failed(old))?;
    }
    Ok(())
}

fn refused(folder: &Path, why: &str) -> EmitError {
    EmitError::Refused {
        path: folder.display().to_string(),
        why: why.to_string(),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> EmitError {
    let path = path.display().to_string();
    move |source| EmitError::Write { path, source }
}
