//! `spidec data`.

use crate::run::*;
use std::fs;

#[test]
fn made_digits_are_described_drawn_and_learned() {
    let folder = folder();
    let path = folder.path();
    spidec(path, "data make made --train 300 --test 60").code(OK);
    let json = spidec(path, "data info made --json").code(OK).json();
    assert_eq!(json["training"]["samples"], 300);
    assert_eq!(json["test"]["shape"], serde_json::json!([8, 8, 1]));
    let labels = json["training"]["labels"].as_array().unwrap();
    assert_eq!(labels.iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), 300);
    let text = spidec(path, "data info made").code(OK).out;
    assert!(
        text.contains("training: 300 samples of [8, 8, 1]"),
        "{text}"
    );
    let drawn = spidec(path, "data show made --split test --index 58 --count 5")
        .code(OK)
        .out;
    assert_eq!(drawn.matches("label").count(), 2, "{drawn}");
    assert_eq!(drawn.lines().count(), 2 * 9, "{drawn}");

    fs::write(path.join("digits.fsnn"), example("digits.fsnn")).unwrap();
    let line = "train digits.fsnn --data made --engine fixed --epochs 3 -o s --json";
    let out = spidec(path, line).code(OK).out;
    let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert!(last["test_accuracy"].as_f64().unwrap() > 0.5, "{last}");
}

#[test]
fn data_that_is_there_is_not_overwritten() {
    let folder = folder();
    let path = folder.path();
    spidec(path, "data make data").code(USAGE).says("--replace");
    spidec(path, "data make made --train 20 --test 5").code(OK);
    let before = fs::read(path.join("made/train-images-idx3-ubyte")).unwrap();
    spidec(path, "data make made --seed 2")
        .code(USAGE)
        .says("--replace");
    assert_eq!(
        fs::read(path.join("made/train-images-idx3-ubyte")).unwrap(),
        before
    );
    spidec(
        path,
        "data make made --train 20 --test 5 --seed 2 --replace",
    )
    .code(OK);
    assert_ne!(
        fs::read(path.join("made/train-images-idx3-ubyte")).unwrap(),
        before
    );
    spidec_on_a_full_disk(path, "data make made --train 900 --replace")
        .code(USAGE)
        .says("cannot write made");
    // A split is whole or as it was.
    assert_eq!(
        spidec(path, "data info made --json").code(OK).json()["training"]["samples"],
        20
    );
    spidec(path, "data info nowhere").code(FINDINGS);
    spidec(path, "data show made --index 20")
        .code(USAGE)
        .says("20 samples");
}
