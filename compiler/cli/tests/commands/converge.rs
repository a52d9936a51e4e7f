//! `spidec converge`.

use crate::run::*;
use serde_json::Value;
use std::fs;

fn numbers(json: &Value, reset: &str, key: &str) -> Vec<f64> {
    let stages = json["stages"].as_array().unwrap().iter();
    let of = stages.filter(|a| a["reset"] == reset);
    of.map(|a| a[key].as_f64().unwrap()).collect()
}

#[test]
fn the_modified_reset_converges_faster_on_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("digits.fsnn"), example("digits.fsnn")).unwrap();
    let line = "converge digits.fsnn --samples 20 --steps 1024 -o out";
    let json = spidec(path, &format!("{line} --json")).code(OK).json();
    let of = |reset, key| numbers(&json, reset, key);
    let steps = [16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
    assert_eq!(of("modified", "steps"), steps);
    assert_eq!(of("plain", "steps"), steps);
    for key in ["forward", "backward"] {
        let (modified, plain) = (of("modified", key), of("plain", key));
        let ratios: Vec<f64> = plain.iter().zip(&modified).map(|(p, m)| p / m).collect();
        assert!(ratios.iter().all(|&ratio| ratio > 1.2), "{key}: {ratios:?}");
        let mean = ratios
            .iter()
            .product::<f64>()
            .powf(1.0 / ratios.len() as f64);
        assert!(mean > 1.5, "{key}: {ratios:?}");
        // Both go on falling as one over the steps.
        for errors in [modified, plain] {
            assert!(8.0 * errors[6] < errors[2], "{key}: {errors:?}");
        }
    }
    assert!(of("modified", "cosine")[6] > 0.99, "{json:#}");

    let svg = fs::read_to_string(path.join("out/convergence.svg")).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert!(document.root_element().has_attribute("viewBox"));
    let said = spidec(path, line).code(OK);
    let rows: Vec<&str> = said.out.lines().collect();
    assert_eq!(rows.len(), 3 + 7 + 1, "{}", said.out);
    assert!(rows[9].trim_start().starts_with("1024 "), "{}", said.out);
    assert_eq!(
        fs::read_to_string(path.join("out/convergence.svg")).unwrap(),
        svg
    );
}

#[test]
fn a_network_without_equilibrium_is_told_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let line = "converge digits.fsnn --samples 2 --steps 16";
    for (std, code) in [("1000", FINDINGS), ("0.04", OK)] {
        let text = example("digits.fsnn").replace("std = 0.09", &format!("std = {std}"));
        fs::write(path.join("digits.fsnn"), text).unwrap();
        let said = spidec(path, line).code(code).err;
        assert_eq!(
            said.contains("error[C001]: no equilibrium"),
            code != OK,
            "{said}"
        );
        assert_eq!(said.contains("spidec explain C001"), code != OK, "{said}");
    }
}

#[test]
fn data_and_state_are_used_and_what_is_wrong_is_told() {
    let folder = folder();
    let path = folder.path();
    let run = |rest: &str| spidec(path, &format!("converge net.fsnn --steps 32 --json {rest}"));
    let plain = run("--samples 3").code(OK).json();
    let data = run("--samples 3 --data data").code(OK).json();
    assert_eq!(data["samples"], 3);
    assert_ne!(plain["stages"], data["stages"]);
    let train = "train net.fsnn --data data --engine float --epochs 1 -o net.safetensors";
    spidec(path, train).code(OK);
    let trained = run("--samples 3 --data data --state net.safetensors")
        .code(OK)
        .json();
    assert_ne!(trained["stages"], data["stages"]);

    run("--data nowhere")
        .code(USAGE)
        .says("there is no folder nowhere");
    run("--steps 15").code(USAGE);
    fs::write(path.join("file"), "").unwrap();
    run("-o file").code(USAGE).says("cannot write file");
}

#[test]
fn a_network_of_events_has_no_equilibrium_and_no_bytes_are_made_up_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let text = example("digits.fsnn");
    let events = text.replace("constant(scale = 1/16)", "events");
    assert_ne!(events, text);
    fs::write(path.join("net.fsnn"), events).unwrap();
    fs::create_dir(path.join("recordings")).unwrap();
    for data in ["", " --data recordings"] {
        spidec(path, &format!("converge net.fsnn --steps 16{data}"))
            .code(FINDINGS)
            .says("error[C002]: an equilibrium needs an input that stays the same in every step")
            .says("spidec explain C002");
    }
}

#[test]
fn the_steps_that_are_asked_for_are_measured_and_keys_are_words() {
    let folder = folder();
    let line = "converge net.fsnn --samples 2 --json --steps";
    for (most, wanted) in [("100", &[16.0, 32.0, 64.0, 100.0][..]), ("16", &[16.0])] {
        let json = spidec(folder.path(), &format!("{line} {most}")).code(OK);
        let json = json.json();
        assert_eq!(numbers(&json, "plain", "steps"), wanted);
        assert_eq!(json["samples_without_equilibrium"], 0);
        assert!(json["saturated_couples"].is_f64());
    }
    let help = spidec(folder.path(), "converge --help").code(OK).out;
    for word in ["stages", "samples_without_equilibrium", "saturated_couples"] {
        assert!(help.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn the_picture_of_the_guide_is_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("digits.fsnn"), example("digits.fsnn")).unwrap();
    let told = spidec(path, "converge digits.fsnn -o out").code(OK).out;
    let page = fs::read_to_string(root().join("compiler/guide/src/results.md")).unwrap();
    for line in told.lines().filter(|line| !line.starts_with("wrote")) {
        assert!(page.contains(line.trim_end()), "{line}");
    }
    let drawn = fs::read_to_string(path.join("out/convergence.svg")).unwrap();
    let kept = root().join("compiler/guide/pictures/convergence.svg");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&kept, &drawn).unwrap();
    }
    assert!(
        fs::read_to_string(&kept).unwrap() == drawn,
        "run with UPDATE=1"
    );
}
