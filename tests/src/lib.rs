//! What the end-to-end tests share: tools, files, and loud skips.

pub mod activity;
pub mod any_network;
pub mod board;
pub mod case;
pub mod random_network;
pub mod rtl;
pub mod sums;
pub mod synthesis;
pub mod work;

use rtlsim::{Engine, Tools};
use std::io::Write;
use std::path::PathBuf;

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file or folder of the shared data beside the repository; `None`, loudly, where it is absent.
/// In CI that is an error.
pub fn shared(path: &str) -> Option<PathBuf> {
    let full = root().join("../shared").join(path);
    if full.exists() {
        return Some(full);
    }
    skip(&format!("no ../shared/{path}"));
    None
}

/// Tools with a simulator that works; `None`, loudly, where it is missing. In CI that is an error.
pub fn simulator(engine: Engine) -> Option<Tools> {
    let tools = spidec_verify::toolbox::tools();
    let found = match engine {
        Engine::Verilator => tools.verilator().map(|_| ()),
        Engine::Icarus => tools.icarus().map(|_| ()),
    };
    match found {
        Ok(()) => Some(tools),
        Err(e) => {
            let name = match engine {
                Engine::Verilator => "verilator",
                Engine::Icarus => "icarus",
            };
            skip(&format!("no {name} ({e})"));
            None
        }
    }
}

/// Says that a test is skipped; fails in CI, where everything must be there.
pub fn skip(why: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "in CI nothing is skipped: {why}"
    );
    // Not by `eprintln!`: the test harness keeps that to itself while the test passes.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
