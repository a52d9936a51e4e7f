//! `spidec build`.

use crate::run::*;
use serde_json::Value;
use spidec_ir::ArrayProgram;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let below = files(&path).into_iter();
            found.extend(below.map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_project_is_complete_and_the_same_every_time() {
    let folder = folder();
    let path = folder.path();
    let json = spidec(path, "build net.fsnn -o deep/one --json")
        .code(OK)
        .json();
    let one = files(&path.join("deep/one"));
    let mut listed: Vec<&str> = json["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f.as_str().unwrap())
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, one.keys().collect::<Vec<_>>());
    spidec(path, "build net.fsnn -o two/").code(OK);
    assert_eq!(one, files(&path.join("two")));

    let text = |name: &str| std::str::from_utf8(&one[name]).unwrap();
    let program = ArrayProgram::from_yaml(text("program.yaml")).unwrap();
    assert_eq!(program.to_yaml(), text("program.yaml"));
    let manifest: Value = serde_json::from_str(text("manifest.json")).unwrap();
    assert_eq!(manifest["design"], program.design.as_str());
    assert_eq!(manifest["design"], json["design"]);
    assert_eq!(manifest["images"], json["images"]);
    let id = format!("{:08x}", program.machine.id());
    assert_eq!(manifest["machine_id"], id.as_str());
    assert!(text("rtl/spidec_core.v").contains(&format!("MACHINE(32'h{id})")));
    let top = format!("module {}", manifest["top"].as_str().unwrap());
    assert!(text("rtl/spidec_top.v").contains(&top));
    for (name, line) in [
        ("input", "input      image"),
        ("readout", "readout    digit"),
    ] {
        let number = manifest[name]["line"].as_u64().unwrap() as usize;
        let source = fs::read_to_string(path.join("net.fsnn")).unwrap();
        assert!(source.lines().nth(number - 1).unwrap().contains(line));
    }
}

#[test]
fn the_manifest_is_the_table_in_the_host_port() {
    for (build, registers) in [
        ("build net.fsnn -o out", 9),
        ("build net.fsnn -o out --train", 14),
    ] {
        let folder = folder();
        spidec(folder.path(), build).code(OK);
        let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
        let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
        let host = read("rtl/spidec_host.v");
        let head = host.lines().map_while(|line| line.strip_prefix("//"));
        let head = head.collect::<Vec<_>>().join("\n");
        let (regions, table) = head.split_once("Registers:").unwrap();

        // `4 states, 5 currents, 6 counts    offset = ...`: what stands before the wide gap, on lines
        // that begin with a number.
        let regions = regions.split_once("Address:").unwrap().1.lines().skip(1);
        let regions = regions.flat_map(|line| {
            let names = line.trim().split("  ").next().unwrap();
            names.split(", ").map(str::to_string).collect::<Vec<_>>()
        });
        let numbered = |r: &String| r.starts_with(|c: char| c.is_ascii_digit());
        let mut regions: Vec<String> = regions.filter(numbered).collect();
        regions.sort();
        let told = manifest["regions"].as_array().unwrap().iter();
        let told = told.map(|r| format!("{} {}", r["region"], r["name"].as_str().unwrap()));
        assert_eq!(regions, told.collect::<Vec<_>>());

        // `2 and 3 design hash (low, high), 4 control (...)`: a register's number stands before its name.
        let flat = table.replace(['\n', ',', '.'], " ");
        let words: Vec<&str> = flat.split_whitespace().collect();
        let told = manifest["registers"].as_array().unwrap();
        assert_eq!(told.len(), registers, "{build}");
        for (offset, register) in told.iter().enumerate() {
            assert_eq!(register["offset"], offset);
            let name = register["name"].as_str().unwrap();
            let name = name.split('_').next().unwrap();
            let number = offset.to_string();
            let named = words
                .iter()
                .enumerate()
                .any(|(k, word)| *word == number && words[k..].iter().take(4).any(|w| *w == name));
            assert!(named, "register {offset}, {name}, is not in: {flat}");
        }
    }
}

#[test]
fn a_learning_project_goes_on_from_its_state() {
    let folder = folder();
    let path = folder.path();
    let training = |line: &str| -> Value {
        spidec(path, line).code(OK);
        let manifest = fs::read_to_string(path.join("out/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        manifest["training"].clone()
    };
    let fresh = training("build net.fsnn -o out --train");
    let train = "train net.fsnn --data data --engine fixed --epochs 2 --seed 9 -o s";
    spidec(path, train).code(OK);
    let later = training("build net.fsnn -o out --train --state s");
    assert_eq!(
        (&fresh["epochs_done"], &later["epochs_done"]),
        (&0.into(), &2.into())
    );
    assert_eq!(fresh["samples"], 0);
    assert!(later["samples"].as_u64().unwrap() > 0);
    assert_eq!(later["seed"], 9);
    assert_eq!(later["constants"][0], fresh["constants"][2]);
    let top = fs::read_to_string(path.join("out/rtl/spidec_top.v")).unwrap();
    assert!(top.contains(".SEED(64'h0000000000000009)"), "{top}");
    // An inference has nothing of it.
    assert!(training("build net.fsnn -o out").is_null());
}

#[test]
fn an_earlier_project_is_replaced_and_nothing_else() {
    let folder = folder();
    let path = folder.path();
    let out = path.join("out");
    fs::create_dir(&out).unwrap();
    spidec(path, "build net.fsnn -o out").code(OK);
    let first = files(&out);
    spidec(
        path,
        "train net.fsnn --data data --engine fixed --epochs 1 -o s",
    )
    .code(OK);
    // Other weights, and a leftover of a run that was killed.
    fs::create_dir_all(path.join(".out.new/rtl")).unwrap();
    spidec(path, "build net.fsnn -o out --state s").code(OK);
    let second = files(&out);
    assert_ne!(
        first["images/weights_00.hex"],
        second["images/weights_00.hex"]
    );
    assert_eq!(first["rtl/spidec_lane.v"], second["rtl/spidec_lane.v"]);
    // The design is the same; the images' hash tells the two apart.
    let manifest = |files: &BTreeMap<String, Vec<u8>>| -> Value {
        serde_json::from_slice(&files["manifest.json"]).unwrap()
    };
    let (one, two) = (manifest(&first), manifest(&second));
    assert_eq!(one["design"], two["design"]);
    assert_ne!(one["images"], two["images"]);
    assert_eq!(one["images"].as_str().map(str::len), Some(16));

    // Something of the user's in it.
    fs::write(out.join("notes.txt"), "mine").unwrap();
    spidec(path, "build net.fsnn -o out")
        .code(USAGE)
        .says("notes.txt");
    fs::remove_file(out.join("notes.txt")).unwrap();
    fs::write(out.join("rtl/board.v"), "mine").unwrap();
    spidec(path, "build net.fsnn -o out")
        .code(USAGE)
        .says("rtl/board.v");
    fs::remove_file(out.join("rtl/board.v")).unwrap();
    // Interrupted between the two renames: the old project is not lost.
    fs::rename(&out, path.join(".out.old")).unwrap();
    spidec_on_a_full_disk(path, "build net.fsnn -o out").code(USAGE);
    assert_eq!(files(&out), second);
    // A manifest of something else.
    let other = path.join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("manifest.json"), r#"{"name": "my extension"}"#).unwrap();
    spidec(path, "build net.fsnn -o other")
        .code(USAGE)
        .says("no project of spidec");
    spidec(path, "build net.fsnn -o data")
        .code(USAGE)
        .says("no project of spidec");
    spidec(&other, "build ../net.fsnn -o .")
        .code(USAGE)
        .says("no name");
    assert_eq!(files(&other).len(), 1);

    // A disk that is full.
    spidec_on_a_full_disk(path, "build net.fsnn -o out")
        .code(USAGE)
        .says("cannot write");
    assert_eq!(files(&out), second);
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["data", "net.fsnn", "other", "out", "s"]);
}
