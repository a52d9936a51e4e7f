//! Where spidec keeps the HDL tools that it installs for itself.

use rtlsim::Tools;
use rtlsim::tools::{Group, install};
use std::path::PathBuf;

/// The folder of the installed tools: `SPIDEC_TOOLS`, or `spidec/tools` below the user's cache folder.
pub fn folder() -> PathBuf {
    let named = |key: &str| {
        std::env::var_os(key)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    named("SPIDEC_TOOLS")
        .or_else(|| named("XDG_CACHE_HOME").map(|dir| dir.join("spidec/tools")))
        .or_else(|| named("HOME").map(|dir| dir.join(".cache/spidec/tools")))
        .unwrap_or_else(|| std::env::temp_dir().join("spidec-tools"))
}

/// Tools from [`folder`], from the environment, or from `PATH`.
pub fn tools() -> Tools {
    Tools::in_dir(folder())
}

/// Installs pinned tools into [`folder`]; what is there already is left alone.
pub fn set_up(groups: &[Group]) -> Result<Tools, rtlsim::Error> {
    install(folder(), groups)?;
    Ok(tools())
}
