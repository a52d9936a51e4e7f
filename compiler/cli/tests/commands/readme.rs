//! The commands of README.md are those that CI runs and that work.

use crate::run::*;
use std::fs;

/// Fenced text without a language that is a command, in order.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let fenced = readme.split("\n```").skip(1).step_by(2);
    let fenced = fenced.map(|text| text.trim().to_string());
    fenced.filter(|text| text.starts_with("cargo ")).collect()
}

#[test]
fn there_are_two_and_ci_runs_the_tests() {
    let commands = commands();
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(
        commands[1].contains("cargo test --workspace"),
        "{commands:?}"
    );
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        ci.lines().any(|line| line == commands[1]),
        "not in .ci/run: {}",
        commands[1]
    );
}

#[test]
fn the_first_one_works() {
    if !has("verilator") {
        return;
    }
    let commands = commands();
    let line = commands[0].strip_prefix("cargo run -p spidec -- ").unwrap();
    let said = spidec(&root(), line).code(OK).out;
    assert!(
        said.contains("20 samples") && said.ends_with("0 mismatches\n"),
        "{said}"
    );
}
