//! What holds of the repository as a whole: arrows between crates, the oldest Rust, what the binary needs.

use crate::run::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What a crate may use, as ARCHITECTURE's diagram has it.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// `a  <-  b` allows b to use a, and all that a may use. Crates that use everything are not in it.
fn arrows(text: &str) -> Arrows {
    let (_, diagram) = text.split_once("## Arrows\n\n```\n").unwrap();
    let (diagram, _) = diagram.split_once("```").unwrap();
    let mut arrows = Arrows::new();
    for line in diagram
        .lines()
        .filter(|line| !line.starts_with("all of them"))
    {
        let groups: Vec<Vec<&str>> = line
            .split("<-")
            .map(|group| {
                group
                    .split(" (")
                    .next()
                    .unwrap()
                    .split(',')
                    .map(str::trim)
                    .collect()
            })
            .collect();
        for name in groups.iter().flatten() {
            arrows.entry(name.to_string()).or_default();
        }
        for pair in groups.windows(2) {
            for user in &pair[1] {
                let used = pair[0].iter().map(|name| name.to_string());
                arrows.get_mut(*user).unwrap().extend(used);
            }
        }
    }
    // What is used by what is used.
    for _ in 0..arrows.len() {
        let before = arrows.clone();
        for used in arrows.values_mut() {
            let further: Vec<String> = used.iter().flat_map(|name| before[name].clone()).collect();
            used.extend(further);
        }
    }
    arrows
}

/// The crates of this project that a manifest depends on; for its tests alone they do not count.
fn used(manifest: &str) -> Vec<String> {
    let (_, dependencies) = manifest.split_once("\n[dependencies]").unwrap_or_default();
    let lines = dependencies
        .lines()
        .take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    let ours = |name: &&str| name.starts_with("spidec") || *name == "rtlsim";
    names.filter(ours).map(str::to_string).collect()
}

fn against_the_arrows(arrows: &Arrows, name: &str, manifest: &str) -> Vec<String> {
    let allowed = &arrows[name];
    let used = used(manifest).into_iter();
    used.filter(|used| !allowed.contains(used)).collect()
}

#[test]
fn crates_use_each_other_along_the_arrows() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let arrows = arrows(&text);
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, members) = workspace.split_once("members = [").unwrap();
    let (members, _) = members.split_once(']').unwrap();
    let mut seen = Vec::new();
    for member in members.split('"').skip(1).step_by(2) {
        let manifest = fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        let (_, name) = manifest.split_once("name = \"").unwrap();
        let name = name.split('"').next().unwrap();
        if ["spidec", "spidec-tests"].contains(&name) {
            continue;
        }
        assert_eq!(
            against_the_arrows(&arrows, name, &manifest),
            [""; 0],
            "{name}"
        );
        seen.push(name.to_string());
    }
    seen.sort();
    assert_eq!(seen, arrows.keys().cloned().collect::<Vec<_>>());
    // One turned around is seen.
    let turned = "\n[dependencies]\nspidec-ir.workspace = true\nspidec-compiler.workspace = true\n";
    assert_eq!(
        against_the_arrows(&arrows, "spidec-runtime", turned),
        ["spidec-compiler"]
    );
    assert_eq!(against_the_arrows(&arrows, "rtlsim", turned).len(), 2);
}

#[test]
fn the_readme_names_the_oldest_rust() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, version) = manifest.split_once("rust-version = \"").unwrap();
    let wanted = format!("Rust {} or newer", version.split('"').next().unwrap());
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&wanted), "README.md lacks: {wanted}");
}

/// Sources that are compiled into the command, without tests.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

/// An installed command works without the folder that it was built in: no source keeps that folder's path, and a project
/// comes out whole in another folder, with nothing in the environment.
#[test]
fn an_installed_command_needs_no_repository() {
    let mut found = Vec::new();
    for folder in [
        "compiler/src",
        "compiler/ir/src",
        "compiler/cli/src",
        "rtl-templates/src",
        "rtlsim/src",
        "runtime/src",
        "runtime/data/src",
        "runtime/golden/src",
        "runtime/report/src",
        "runtime/verify/src",
    ] {
        sources(&root().join(folder), &mut found);
    }
    assert!(found.len() > 100);
    for (path, text) in &found {
        for built in ["env!(\"CARGO_MANIFEST", "env!(\"OUT_DIR", "file!()"] {
            assert!(!text.contains(built), "{path}: {built}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let binary = path.join("spidec");
    fs::copy(env!("CARGO_BIN_EXE_spidec"), &binary).unwrap();
    fs::write(path.join("net.fsnn"), example("tiny.fsnn")).unwrap();
    let mut build = std::process::Command::new(&binary);
    build.args(["build", "net.fsnn", "--train", "-o", "out"]);
    build.env_clear().current_dir(path);
    finish(build).code(OK);
    let module = |name: &str| fs::read_to_string(path.join("out/rtl").join(name)).unwrap();
    let template = root().join("rtl-templates/templates/spidec_divider.v");
    assert_eq!(
        module("spidec_divider.v"),
        fs::read_to_string(template).unwrap()
    );
    assert!(module("spidec_top.v").contains("module spidec_top"));
}
