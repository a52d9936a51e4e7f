//! How a system's own package manager gets a tool.

/// The line that installs a tool for the whole system, and what to know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// What to type; empty where no package manager has the tool.
    pub line: &'static str,
    /// What else to know; may be empty.
    pub note: &'static str,
}

/// The package of a tool, on an operating system as [`std::env::consts::OS`] names it. What is not
/// macOS is answered with Debian's.
pub fn package(tool: &str, os: &str) -> Option<Package> {
    const SUITE: &str = "the OSS CAD Suite has it, for most platforms: unpack a release of \
        https://github.com/YosysHQ/oss-cad-suite-build and put its bin folder on PATH";
    let (debian, brew, note) = match tool {
        "verilator" => (
            "sudo apt-get install verilator",
            "brew install verilator",
            "5.006 or newer is needed: Debian 12, Ubuntu 24.04 and later have it",
        ),
        "iverilog" | "vvp" => (
            "sudo apt-get install iverilog",
            "brew install icarus-verilog",
            "11.0 or newer is needed: Debian 11, Ubuntu 22.04 and later have it",
        ),
        "C++ compiler" => ("sudo apt-get install g++", "xcode-select --install", ""),
        "yosys" => ("sudo apt-get install yosys", "brew install yosys", ""),
        "nextpnr-ecp5" | "sby" => ("", "", SUITE),
        "z3" => ("sudo apt-get install z3", "brew install z3", ""),
        "python3" => (
            "sudo apt-get install python3 python3-pip",
            "brew install python3",
            "",
        ),
        "pip" => (
            "sudo apt-get install python3-pip",
            "brew install python3",
            "neither ensurepip nor venv is needed",
        ),
        _ => return None,
    };
    let line = if os == "macos" { brew } else { debian };
    // The note on versions is Debian's.
    let note = if os == "macos" && note != SUITE {
        ""
    } else {
        note
    };
    Some(Package { line, note })
}

/// The same as part of a sentence.
pub(super) fn hint(tool: &str) -> String {
    match package(tool, std::env::consts::OS) {
        Some(Package { line: "", note }) => note.to_owned(),
        Some(Package { line, note: "" }) => format!("install it with `{line}`"),
        Some(Package { line, note }) => format!("install it with `{line}` ({note})"),
        None => format!("install {tool} and put it on PATH"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{Group, OLDEST_ICARUS, OLDEST_VERILATOR};

    #[test]
    fn notes_tell_the_oldest_versions() {
        for (tool, version) in [
            ("verilator", OLDEST_VERILATOR.padded()),
            ("iverilog", OLDEST_ICARUS.to_string()),
        ] {
            let note = package(tool, "linux").unwrap().note;
            assert!(note.starts_with(&format!("{version} or newer")), "{note}");
        }
    }

    #[test]
    fn every_tool_of_a_group_can_be_got_without_a_wheel() {
        for tool in Group::ALL.iter().flat_map(|group| group.tools()) {
            for os in ["linux", "macos"] {
                let found = package(tool, os).unwrap();
                assert!(!found.line.is_empty() || !found.note.is_empty(), "{tool}");
            }
        }
        assert_eq!(package("z3", "macos").unwrap().line, "brew install z3");
    }
}
