//! The guide's page of the first minutes: its numbers and its recipe.

use crate::run::*;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The commands that measure the demo in a clean clone.
pub fn recipe() -> Vec<String> {
    let page = fs::read_to_string(root().join("compiler/guide/src/first_minutes.md")).unwrap();
    let (_, shown) = page.split_once("```sh\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let lines = shown.lines().filter_map(|line| line.strip_prefix("$ "));
    lines.map(str::to_string).collect()
}

/// The recipe that measures the demo, with a cargo that only notes how it was called.
#[test]
#[cfg(target_os = "linux")]
fn the_recipe_of_the_first_minutes_runs_the_demo_in_a_clean_clone() {
    use std::os::unix::fs::PermissionsExt;
    if !root().join(".git").exists() {
        return skip("the recipe of the first minutes: no clone of git");
    }
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("note");
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let text = format!(
        "#!/bin/sh\n(echo \"$*\"; pwd; echo \"$HOME\"; env) > {}\n",
        note.display()
    );
    fs::write(bin.join("cargo"), text).unwrap();
    fs::set_permissions(bin.join("cargo"), PermissionsExt::from_mode(0o755)).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-e", "-c", &recipe().join("\n")])
        .current_dir(root());
    let path = std::env::var("PATH").unwrap_or_default();
    bash.env("PATH", format!("{}:{path}", bin.display()));
    bash.env("TMPDIR", folder.path()).env("NOT_PASSED_ON", "1");
    finish(bash).code(OK).says("real");
    let note = fs::read_to_string(note).unwrap();
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!(lines[0], "demo");
    let clone = Path::new(lines[1]);
    assert!(clone.starts_with(folder.path()) && clone.join(".cargo/config.toml").is_file());
    assert_eq!(Path::new(lines[2]), clone.with_file_name("home"));
    assert!(!note.contains("NOT_PASSED_ON"), "{note}");
}

/// What the guide's page says of the whole demo, except for times.
pub fn numbers() -> [String; 4] {
    let page = fs::read_to_string(root().join("compiler/guide/src/first_minutes.md")).unwrap();
    let number = |before: &str, after: &str| {
        let (_, rest) = page.split_once(before).unwrap();
        rest.split_once(after).unwrap().0.trim().to_string()
    };
    [
        format!(
            "{} of the test digits right before",
            number("Accuracy went from", "to")
        ),
        format!("before, {} after", number("% to", "of the 500")),
        format!("0 of {} compared", number("and of", "values that")),
        format!(
            "{} digits to train on, 500 to test on",
            number("training", "digits").replace(',', "")
        ),
    ]
}
