//! Where compiled models are kept, by the hash of all that they depend on.
//!
//! An entry is a folder. It is filled aside and renamed into place, so that a
//! reader never sees half of one; of two processes that build the same entry
//! the slower one throws its copy away. Within a process the second waits.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use crate::project::absolute;
use crate::{Error, Result};

/// A folder of compiled models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// A cache in the folder given, which need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Cache {
            root: absolute(root.into()),
        }
    }

    /// The first of `$RTLSIM_CACHE`, `$XDG_CACHE_HOME/rtlsim`,
    /// `~/.cache/rtlsim` and a folder in the temporary directory that can be
    /// written to.
    pub fn from_env() -> Self {
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty());
        if let Some(root) = var("RTLSIM_CACHE") {
            return Cache::new(root);
        }
        let homes = [
            var("XDG_CACHE_HOME").map(|d| PathBuf::from(d).join("rtlsim")),
            var("HOME").map(|d| PathBuf::from(d).join(".cache/rtlsim")),
        ];
        let usable = homes.into_iter().flatten().find(|root| {
            std::fs::create_dir_all(root).is_ok() && tempfile::tempfile_in(root).is_ok()
        });
        Cache::new(usable.unwrap_or_else(|| std::env::temp_dir().join("rtlsim-cache")))
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Finds the entry or has `build` fill it; says whether it was built.
    pub(crate) fn entry(
        &self,
        key: &str,
        build: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<(PathBuf, bool)> {
        let path = self.root.join(key);
        let _turn = Turn::wait(&path);
        if path.is_dir() {
            return Ok((path, false));
        }
        std::fs::create_dir_all(&self.root).map_err(|e| Error::io(&self.root, e))?;
        let aside = tempfile::Builder::new()
            .prefix(".building-")
            .tempdir_in(&self.root)
            .map_err(|e| Error::io(&self.root, e))?;
        build(aside.path())?;
        match std::fs::rename(aside.path(), &path) {
            Ok(()) => {
                // Its folder is gone: nothing is left to clean up.
                let _ = aside.keep();
                Ok((path, true))
            }
            Err(_) if path.is_dir() => Ok((path, true)),
            Err(e) => Err(Error::io(&path, e)),
        }
    }
}

/// The right to build one entry, held by one thread of this process at a time.
struct Turn(PathBuf);

static TAKEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static FREED: Condvar = Condvar::new();

impl Turn {
    fn wait(path: &Path) -> Self {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        while !taken.insert(path.to_owned()) {
            taken = FREED.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        Turn(path.to_owned())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.0);
        FREED.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn threads_build_an_entry_once() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path());
        let builds = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    cache.entry("k", |_| {
                        builds.fetch_add(1, Ordering::Relaxed);
                        Ok(())
                    })
                });
            }
        });
        assert_eq!(builds.into_inner(), 1);
    }

    #[test]
    fn a_failed_build_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path());
        let failed = cache.entry("k", |aside| {
            std::fs::write(aside.join("half"), "x").unwrap();
            Err(Error::Project("no".into()))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
