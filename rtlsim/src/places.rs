//! Where a program keeps what it makes for itself, user by user.

use std::path::{Path, PathBuf};

use crate::project::absolute;
use crate::{Error, Result};

/// The folders that a program's own files may lie in, the preferred one first.
///
/// What an environment variable names is the only one. Else they are `$XDG_CACHE_HOME/NAME`,
/// `~/.cache/NAME`, and a folder in the temporary directory, where no home can be written to. That
/// last one is only used while it belongs to the user: another could have put programs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    chosen: Vec<PathBuf>,
    temporary: Option<PathBuf>,
}

impl Places {
    /// The places for files of the name given, which may be a path such as `program/kind`.
    pub fn of_user(variable: &str, name: &str) -> Self {
        let var = |name: &str| {
            let value = std::env::var_os(name).filter(|v| !v.is_empty());
            value.map(PathBuf::from)
        };
        if let Some(named) = var(variable) {
            return Places {
                chosen: vec![absolute(named)],
                temporary: None,
            };
        }
        let homes = [
            var("XDG_CACHE_HOME").map(|dir| dir.join(name)),
            var("HOME").map(|dir| dir.join(".cache").join(name)),
        ];
        Places {
            chosen: homes.into_iter().flatten().map(absolute).collect(),
            temporary: temporary(&std::env::temp_dir(), name),
        }
    }

    /// Where to look for what is there, the preferred place first.
    pub fn all(&self) -> Vec<PathBuf> {
        let temporary = self.temporary.iter().filter(|dir| is_own(dir));
        self.chosen.iter().chain(temporary).cloned().collect()
    }

    /// The first place that can be written to, made if it is not there.
    pub fn writable(&self) -> Result<PathBuf> {
        let mut refused = None;
        for dir in &self.chosen {
            let made = std::fs::create_dir_all(dir);
            match made.and_then(|()| try_write(dir)) {
                Ok(()) => return Ok(dir.clone()),
                Err(e) => refused = refused.or(Some(Error::io(dir, e))),
            }
        }
        if let Some(dir) = &self.temporary {
            match make_own(dir).and_then(|()| try_write(dir)) {
                // Looked at after it was made: before, another may make it.
                Ok(()) if is_own(dir) => return Ok(dir.clone()),
                Ok(()) => {
                    let why = "it belongs to another user, or others may write to it";
                    let e = std::io::Error::other(why);
                    refused = refused.or(Some(Error::io(dir, e)));
                }
                Err(e) => refused = refused.or(Some(Error::io(dir, e))),
            }
        }
        let nowhere = || {
            Error::io(
                std::env::temp_dir(),
                std::io::Error::other("no such folder"),
            )
        };
        Err(refused.unwrap_or_else(nowhere))
    }

    /// Whether a place is the one in the temporary directory, which does not last.
    pub fn is_temporary(&self, dir: &Path) -> bool {
        self.temporary.as_deref() == Some(dir)
    }
}

fn try_write(dir: &Path) -> std::io::Result<()> {
    tempfile::tempfile_in(dir).map(drop)
}

fn make_own(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(unix)]
fn temporary(below: &Path, name: &str) -> Option<PathBuf> {
    // A new file tells whose process this is.
    let uid = owner(&tempfile::tempfile_in(below).ok()?.metadata().ok()?);
    Some(below.join(format!("{}-{uid}", name.replace('/', "-"))))
}

#[cfg(not(unix))]
fn temporary(below: &Path, name: &str) -> Option<PathBuf> {
    Some(below.join(name.replace('/', "-")))
}

#[cfg(unix)]
fn owner(metadata: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(metadata)
}

/// Whether a folder is the user's, and nobody else can write to it.
#[cfg(unix)]
fn is_own(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // Its name ends in the user's number. A link's target may change hands.
    let name = dir.file_name().and_then(|name| name.to_str());
    let uid = name.and_then(|name| name.rsplit('-').next()?.parse().ok());
    std::fs::symlink_metadata(dir)
        .is_ok_and(|d| d.is_dir() && Some(owner(&d)) == uid && d.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_own(dir: &Path) -> bool {
    dir.is_dir()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn places(chosen: &[PathBuf], below: &Path) -> Places {
        Places {
            chosen: chosen.to_vec(),
            temporary: temporary(below, "a/b"),
        }
    }

    #[test]
    fn the_first_that_can_be_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let (bad, good) = (file.join("x"), dir.path().join("y/z"));
        let both = places(&[bad.clone(), good.clone()], dir.path());
        assert_eq!(both.writable().unwrap(), good);
        let none = places(std::slice::from_ref(&bad), dir.path());
        let last = none.writable().unwrap();
        assert!(none.is_temporary(&last) && !both.is_temporary(&good));
        assert_eq!(none.all(), [bad, last]);
    }

    #[test]
    fn a_temporary_folder_that_is_not_the_users_alone_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(&[], dir.path());
        let folder = places.writable().unwrap();
        assert_eq!(places.all(), std::slice::from_ref(&folder));
        let mode = |mode| std::fs::set_permissions(&folder, PermissionsExt::from_mode(mode));
        mode(0o777).unwrap();
        assert!(places.all().is_empty());
        let error = places.writable().unwrap_err().to_string();
        assert!(error.contains("another user"), "{error}");
        mode(0o700).unwrap();
        let elsewhere = dir.path().join("elsewhere");
        std::fs::rename(&folder, &elsewhere).unwrap();
        symlink(&elsewhere, &folder).unwrap();
        assert!(places.all().is_empty() && places.writable().is_err());
        // One that another user made, as far as its name tells.
        let other = dir.path().join("a-b-4294967294");
        std::fs::create_dir(&other).unwrap();
        assert!(!is_own(&other));
    }
}
