//! `spidec completions` and `spidec --version`.

use crate::run::*;
use std::process::{Command, Stdio};

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = spidec(&root(), "--help").code(OK).out;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_string)
        .collect()
}

#[test]
fn every_shell_gets_every_command() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = spidec(&root(), &format!("completions {shell}"))
            .code(OK)
            .out;
        for command in &commands {
            assert!(script.contains(command), "no {command} for {shell}");
        }
        let help = spidec(&root(), "completions --help").code(OK).out;
        assert!(
            help.contains(&format!("spidec completions {shell} >")),
            "{help}"
        );
    }
    spidec(&root(), "completions tcsh")
        .code(USAGE)
        .says("[possible values: bash");
}

#[test]
fn bash_reads_its_script() {
    let script = spidec(&root(), "completions bash").code(OK).out;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spidec.bash");
    let reads = |script: &str| {
        std::fs::write(&file, script).unwrap();
        let mut bash = Command::new("bash");
        bash.arg("-n").arg(&file).stderr(Stdio::null());
        bash.status().unwrap().success()
    };
    assert!(reads(&script));
    assert!(!reads(&script.replacen("esac", "", 1)));
}

#[test]
fn the_short_version_is_a_line_and_the_long_one_names_the_tools() {
    let short = spidec(&root(), "-V").code(OK).out;
    assert_eq!(short, format!("spidec {}\n", env!("CARGO_PKG_VERSION")));
    let long = spidec(&root(), "--version").code(OK).out;
    assert!(long.starts_with(&short), "{long}");
    let found = spidec(&root(), "doctor --json");
    let found = found.json();
    let found = found["tools"].as_array().unwrap();
    let value = |name: &str| {
        let mut lines = long.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix("  "));
        line.unwrap_or_else(|| panic!("no {name} in {long}"))
            .trim()
            .to_string()
    };
    for name in [
        "verilator",
        "c++ compiler",
        "icarus",
        "yosys",
        "nextpnr-ecp5",
        "z3",
    ] {
        let tool = found.iter().find(|tool| tool["tool"] == name).unwrap();
        assert_eq!(
            value(name) == "not found",
            tool["found"] == false,
            "{name}: {long}"
        );
    }
    for name in [
        "language",
        "host port",
        "manifest",
        "instruction encoding",
        "state",
    ] {
        assert!(value(name).parse::<u32>().is_ok(), "{name}: {long}");
    }
}

#[test]
#[cfg(unix)]
fn the_version_is_told_without_tools_and_with_broken_ones() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let bare = |path: &std::path::Path| {
        let mut command = command(folder.path(), &["--version"]);
        command
            .env("PATH", path)
            .env("SPIDEC_TOOLS", folder.path().join("tools"));
        for name in [
            "RTLSIM_VERILATOR",
            "RTLSIM_IVERILOG",
            "RTLSIM_PYTHON",
            "RTLSIM_Z3",
            "CXX",
        ] {
            command.env_remove(name);
        }
        finish(command).code(OK).out
    };
    let names = [
        "verilator",
        "g++",
        "iverilog",
        "vvp",
        "yosys",
        "nextpnr-ecp5",
        "z3",
    ];
    let none = bare(&folder.path().join("nowhere"));
    assert_eq!(none.matches("not found").count(), 10, "{none}");
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    for name in names {
        let file = bin.join(name);
        std::fs::write(&file, "#!/bin/sh\nexit 1\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let broken = bare(&bin);
    for (name, said) in [
        ("verilator", "not found"),
        ("c++ compiler", "version unknown"),
        ("icarus", "not found"),
        ("yosys", "version unknown"),
        ("nextpnr-ecp5", "version unknown"),
        ("z3", "not found"),
    ] {
        let line = format!("{name:<21} {said}\n");
        assert!(broken.contains(&line), "{line} in {broken}");
    }
    std::fs::write(bin.join("yosys"), "#!/bin/sh\necho Yosys 0.1; echo more\n").unwrap();
    let one = bare(&bin);
    assert!(
        one.contains(&format!("{:<21} Yosys 0.1\n", "yosys")),
        "{one}"
    );
}
