//! What `spidec --version` tells, for bug reports.

use crate::survey;
use spidec_compiler::emit::MANIFEST_VERSION;
use spidec_ir::print::LANGUAGE_VERSION;
use spidec_ir::program::{ENCODING_VERSION, HOST_VERSION, PROGRAM_VERSION};
use spidec_runtime::state;

/// The versions of the program, of its formats, and of the tools that are found: these are run.
pub(crate) fn all() -> String {
    let formats = [
        ("language", LANGUAGE_VERSION),
        ("array program", PROGRAM_VERSION),
        ("instruction encoding", ENCODING_VERSION),
        ("host port", HOST_VERSION),
        ("manifest", MANIFEST_VERSION),
        ("state", state::VERSION),
    ];
    let mut text = env!("CARGO_PKG_VERSION").to_string();
    for (name, version) in formats {
        text += &format!("\n{name:<21} {version}");
    }
    for tool in survey::tools() {
        let line = match tool.answer {
            Ok(good) if good.version.trim().is_empty() => "version unknown".to_string(),
            Ok(good) => good.version,
            Err(_) => "not found".to_string(),
        };
        text += &format!("\n{:<21} {line}", tool.name);
    }
    text
}
