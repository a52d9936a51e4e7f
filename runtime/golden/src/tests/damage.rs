//! Damaged cases: a result or a coded error, never a panic.

use super::{case, shared};
use crate::Case;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A case that is to be damaged: copies of its two files.
struct Files {
    folder: tempfile::TempDir,
    json: Vec<u8>,
    npz: Vec<u8>,
}

impl Files {
    fn of(name: &str) -> Option<Files> {
        let from = shared()?.join(name);
        let read = |file: &str| fs::read(from.join(file)).unwrap();
        let files = Files {
            folder: tempfile::tempdir().unwrap(),
            json: read("case.json"),
            npz: read("arrays.npz"),
        };
        files.write("case.json", &files.json);
        files.write("arrays.npz", &files.npz);
        Some(files)
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join(file), bytes).unwrap();
    }

    /// `ok`, or the code of what is wrong.
    fn outcome(&self) -> String {
        outcome(self.folder.path())
    }
}

fn outcome(folder: &Path) -> String {
    let ran = Case::read(folder).and_then(|case| {
        case.run_fixed()?.ok();
        case.run()
    });
    match ran {
        Ok(_) => "ok".into(),
        Err(error) => {
            let text = error.to_string();
            assert!(
                text.contains("case.json") || text.contains("arrays.npz"),
                "{text}"
            );
            error.code().into()
        }
    }
}

#[test]
fn prefixes_have_a_code() {
    let Some(files) = Files::of("s01_fc1_if_default") else {
        return;
    };
    assert_eq!(files.outcome(), "ok");
    let text = files.json.trim_ascii_end();
    for length in 0..text.len() {
        files.write("case.json", &text[..length]);
        assert_eq!(files.outcome(), "G002", "{length} bytes");
    }
    files.write("case.json", text);
    for length in (0..files.npz.len()).step_by(3) {
        files.write("arrays.npz", &files.npz[..length]);
        let outcome = files.outcome();
        assert!(
            ["G001", "G005", "G006", "G007"].contains(&&*outcome),
            "{length}: {outcome}"
        );
    }
}

#[test]
fn changed_bytes_have_a_result_or_a_code() {
    let Some(files) = Files::of("s01_fc1_if_default") else {
        return;
    };
    for place in 0..files.json.len() {
        let mut changed = files.json.clone();
        changed[place] ^= 1 << (place % 7);
        files.write("case.json", &changed);
        files.outcome();
    }
    files.write("case.json", &files.json);
    let (mut wrong, step) = (0, 5);
    for place in (0..files.npz.len()).step_by(step) {
        let mut changed = files.npz.clone();
        changed[place] ^= 1 << (place % 8);
        files.write("arrays.npz", &changed);
        wrong += usize::from(files.outcome() != "ok");
    }
    // Checksums see all but a few bytes of the archive's own.
    assert!(wrong * step > files.npz.len() * 2 / 3, "{wrong}");
}

#[test]
fn files_that_are_not_there_have_a_code() {
    let Some(files) = Files::of("s01_fc1_if_default") else {
        return;
    };
    fs::remove_file(files.folder.path().join("arrays.npz")).unwrap();
    assert_eq!(files.outcome(), "G001");
    fs::remove_file(files.folder.path().join("case.json")).unwrap();
    assert_eq!(files.outcome(), "G001");
}

#[test]
fn missing_arrays_and_wrong_shapes_have_a_code() {
    for name in [
        "s02_fc1_if_sgd",
        "s10_wsconv_if",
        "s12_event_conv1_lif",
        "s17_dropout_mixed_if",
    ] {
        let Some(original) = case(name) else { return };
        for array in original.arrays.all.keys() {
            let mut case = original.clone();
            case.arrays.all.remove(array);
            match case.run() {
                Ok(_) => assert!(array.starts_with("norm."), "{name} without {array}"),
                Err(error) => {
                    assert_eq!(error.code(), "G006", "{name} without {array}: {error}");
                    assert!(error.to_string().contains(array.as_str()));
                }
            }
            let mut case = original.clone();
            case.arrays.all.get_mut(array).unwrap().shape.push(1);
            let error = case.run().unwrap_err();
            assert_eq!(error.code(), "G007", "{name} {array}: {error}");
        }
    }
}

#[test]
fn labels_are_classes() {
    let Some(mut case) = case("s01_fc1_if_default") else {
        return;
    };
    for label in [4.0, -1.0, 0.5] {
        case.arrays.all.get_mut("labels").unwrap().values[1] = label;
        assert_eq!(case.run().unwrap_err().code(), "G007");
    }
}

/// Places of `case.json` with what is written there.
type Changes<'a> = &'a [(&'a str, Value)];

#[test]
fn settings_that_cannot_be_have_a_code() {
    let cases: [(&str, &str, Changes); 4] = [
        (
            "s01_fc1_if_default",
            "G003",
            &[
                ("/layers/0/shape", json!([0])),
                ("/layers/0/shape", json!([65536, 65536])),
                ("/layers/0/shape", json!([11])),
                ("/layers", json!([])),
                ("/projections/0/to", json!(1)),
                ("/projections/1/from", json!(7)),
                ("/projections/0/dropout", json!(1.0)),
                ("/output_layer", json!(1)),
                ("/readout/from_layer", json!(1)),
                ("/readout/classes", json!(0)),
                ("/batch", json!(0)),
                ("/T_F", json!(0)),
                ("/T_B", json!(0)),
                ("/neuron/u_rest", json!(1.0)),
                ("/neuron/forward", json!("LIF")),
                ("/loss/scale_factor", json!(0.0)),
                ("/input/type", json!("event")),
            ],
        ),
        (
            "s01_fc1_if_default",
            "G004",
            &[
                ("/format_version", json!(2)),
                ("/neuron/forward", json!("ALIF")),
                ("/neuron/backward", json!("LIF")),
                ("/projections/0/kind", json!("conv3d")),
                ("/projections/0/from", json!("sky")),
                ("/input/type", json!("video")),
                ("/loss/kind", json!("hinge")),
                (
                    "/projections/1/norm_restriction",
                    json!({"norm_range": 1.0, "samples": 64, "eps": 1e-6}),
                ),
            ],
        ),
        (
            "s10_wsconv_if",
            "G004",
            &[
                ("/projections/0/ws_gamma", json!(0.25)),
                ("/projections/0/ws_eps", json!(1e-4)),
            ],
        ),
        (
            "s16_exact_conv_pool_if",
            "G003",
            &[
                ("/projections/0/kernel", json!(0)),
                ("/projections/0/kernel", json!(null)),
                ("/projections/0/kernel", json!(5)),
                ("/projections/0/stride", json!(4_000_000_000u32)),
                ("/projections/1/bias", json!(true)),
                ("/projections/3/output_padding", json!(0)),
            ],
        ),
    ];
    for (name, code, changes) in cases {
        let Some(files) = Files::of(name) else { return };
        for (place, value) in changes {
            let mut json: Value = serde_json::from_slice(&files.json).unwrap();
            match json.pointer_mut(place) {
                Some(old) => *old = value.clone(),
                None => {
                    let (parent, key) = place.rsplit_once('/').unwrap();
                    json.pointer_mut(parent).unwrap()[key] = value.clone();
                }
            }
            files.write("case.json", json.to_string().as_bytes());
            assert_eq!(files.outcome(), code, "{name}: {place} = {value}");
        }
    }
    let Some(files) = Files::of("s02_fc1_if_sgd") else {
        return;
    };
    for (place, value) in [
        ("nesterov", json!(true)),
        ("dampening", json!(0.1)),
        ("lr_effective", json!(0.1)),
    ] {
        let mut json: Value = serde_json::from_slice(&files.json).unwrap();
        json["sgd"][place] = value;
        files.write("case.json", json.to_string().as_bytes());
        assert_eq!(files.outcome(), "G004", "sgd.{place}");
    }
}
