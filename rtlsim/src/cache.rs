//! Where compiled models are kept, by the hash of all that they depend on.
//!
//! An entry is a folder. It is filled aside and renamed into place, so that a
//! reader never sees half of one. Who finds an entry being built, in this
//! process or another, waits for it.

use std::path::{Path, PathBuf};

use crate::project::absolute;
use crate::turn::Turn;
use crate::{Error, Places, Result};

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

    /// A cache in the first of `$RTLSIM_CACHE`, `$XDG_CACHE_HOME/rtlsim`, `~/.cache/rtlsim` and a folder of
    /// the user's own in the temporary directory that can be written to.
    pub fn from_env() -> Self {
        let places = Places::of_user("RTLSIM_CACHE", "rtlsim");
        // Where nothing can be written, building says so; a folder that others can fill is never used.
        let preferred = || places.all().into_iter().next();
        let usable = places.writable().ok().or_else(preferred);
        let fresh = || tempfile::tempdir().map(tempfile::TempDir::keep);
        Cache::new(usable.or_else(|| fresh().ok()).unwrap_or_default())
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
        if path.is_dir() {
            return Ok((path, false));
        }
        let _turn = Turn::wait(&self.root, key)?;
        if path.is_dir() {
            return Ok((path, false));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::LOCKS;
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
        let left = std::fs::read_dir(dir.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [LOCKS]);
        assert!(cache.entry("k", |_| Ok(())).unwrap().1, "the lock is free");
    }
}
