//! Taking turns, threads and processes alike.

use std::path::Path;

use crate::{Error, Result};

/// The folder of the files that are locked.
pub(crate) const LOCKS: &str = ".locks";

/// The right to fill one entry of a folder, held by one thread of one process at a time. It goes with the
/// file's handle, also where a process is killed; the empty file stays.
pub(crate) struct Turn {
    _file: std::fs::File,
    /// Whether nobody else has it: not every file system has locks.
    pub(crate) alone: bool,
}

impl Turn {
    /// Waits for it.
    pub(crate) fn wait(root: &Path, key: &str) -> Result<Self> {
        let folder = root.join(LOCKS);
        std::fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
        let path = folder.join(key);
        let file = std::fs::File::create(&path).map_err(|e| Error::io(&path, e))?;
        // Without locks an entry may be made twice; one of them is thrown away.
        let alone = match file.lock() {
            Ok(()) => true,
            Err(e) if e.kind() == std::io::ErrorKind::Unsupported => false,
            Err(e) => return Err(Error::io(&path, e)),
        };
        Ok(Turn { _file: file, alone })
    }
}
