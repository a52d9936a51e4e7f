//! The examples of every help are run.

use crate::run::*;
use std::fs;

/// The lines of every help that begin as a command; a remark stands behind four spaces.
fn examples_of_help() -> Vec<String> {
    let mut names = vec![String::new()];
    let mut lines = Vec::new();
    while let Some(name) = names.pop() {
        let help = spidec(&root(), format!("{name} --help").trim())
            .code(OK)
            .out;
        let (_, below) = help.split_once("Commands:\n").unwrap_or_default();
        let below = below.lines().take_while(|line| !line.is_empty());
        let below = below.filter_map(|line| line.split_whitespace().next());
        let below = below.filter(|word| *word != "help");
        names.extend(below.map(|word| format!("{name} {word}").trim().to_string()));
        let shown = help.lines().filter(|line| line.starts_with("  spidec "));
        lines.extend(shown.map(|line| line.trim().split("    ").next().unwrap().to_string()));
    }
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn the_examples_of_every_help_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let places = [path.to_path_buf(), path.join("examples")];
    fs::create_dir(&places[1]).unwrap();
    for place in &places {
        for name in ["tiny", "digits", "mnist"] {
            let file = format!("{name}.fsnn");
            fs::write(place.join(&file), example(&file)).unwrap();
        }
        for name in ["net", "network"] {
            fs::write(place.join(format!("{name}.fsnn")), example("tiny.fsnn")).unwrap();
        }
    }
    // What the examples name, small: data of both sizes, a state and a log of each network.
    for (name, size) in [("optdigits", "8x8"), ("digits", "8x8"), ("mnist", "28x28")] {
        let make = format!("data make {name} --size {size} --train 30 --test 10");
        spidec(path, &make).code(OK);
    }
    let train = "train examples/mnist.fsnn --data mnist --engine fixed --epochs 1 -o mnist.safetensors --log mnist.jsonl";
    spidec(path, train).code(OK);
    let shown = examples_of_help();
    let mut ran = 0;
    for line in &shown {
        let arguments = line.strip_prefix("spidec ").unwrap();
        // What installs, downloads or reads recorded cases is tested elsewhere, the demo and the shell's redirection by themselves.
        let elsewhere = ["tools ", "demo", "completions ", "data fetch ", "golden "];
        if elsewhere.iter().any(|start| arguments.starts_with(start)) || line.contains(" < ") {
            continue;
        }
        let simulates = arguments.starts_with("verify") || arguments.contains("--verify");
        if simulates
            && !has(if line.contains("icarus") {
                "icarus"
            } else {
                "verilator"
            })
        {
            continue;
        }
        // As a shell has it, and with few samples of the large network.
        let expanded = arguments.replace("*.fsnn", "tiny.fsnn");
        let few = expanded
            .replace("--samples 500", "--samples 5")
            .replace("--samples 200", "--samples 5")
            .replace("data make digits/", "data make digits/ --replace");
        let ended = spidec(path, &few);
        // Without a C++ compiler `doctor` ends with another code; all others succeed.
        assert!(
            ended.code == OK || line.contains("doctor"),
            "{line}: {}",
            ended.err
        );
        ran += 1;
    }
    assert!(shown.len() > 25 && ran > 15, "{ran} of {shown:#?}");
}
