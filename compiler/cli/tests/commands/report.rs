//! `spidec report`, and the log that `spidec train` writes for it.

use crate::run::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The names of all that a folder holds, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The page's tables and pictures, with what is missing; all well-formed.
fn page(folder: &Path) -> String {
    for name in names(folder).iter().filter(|name| name.ends_with(".svg")) {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(
            document
                .root_element()
                .has_tag_name(("http://www.w3.org/2000/svg", "svg"))
        );
    }
    let html = fs::read_to_string(folder.join("report.html")).unwrap();
    let (_, root) = html.split_once('\n').unwrap();
    roxmltree::Document::parse(root).unwrap_or_else(|e| panic!("{e}"));
    html
}

const PICTURES: [&str; 6] = ["network", "sample", "raster", "rates", "cycles", "memory"];

#[test]
fn examples_are_drawn_without_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in ["tiny.fsnn", "digits.fsnn"] {
        fs::write(path.join(name), example(name)).unwrap();
        let json = spidec(path, &format!("report {name} -o out --json"))
            .code(OK)
            .json();
        let pictures = PICTURES.map(|p| format!("{p}.svg"));
        assert_eq!(json["pictures"], serde_json::json!(pictures));
        assert_eq!(json["verified"], Value::Null);
        assert_eq!(json["missing"].as_array().unwrap().len(), 3, "{json}");
        let out = path.join("out");
        let mut wanted = vec!["report.html".to_string()];
        wanted.extend(pictures);
        wanted.sort();
        assert_eq!(names(&out), wanted);
        let html = page(&out);
        for said in [
            "no log was given",
            &format!("<code>spidec report {name} -o out --verify N</code>"),
            &format!("<code>spidec report {name} -o out --log LOG</code>"),
            "<a href=\"https://arxiv.org/abs/2302.00232\">",
            "generated sample",
        ] {
            assert!(html.to_lowercase().contains(&said.to_lowercase()), "{said}");
        }
        assert_eq!(html.matches("<svg ").count(), 6);
        // Written again: the same bytes.
        spidec(path, &format!("report {name} -o out")).code(OK);
        assert!(page(&out) == html);
    }
}

#[test]
fn a_training_is_drawn_from_its_log() {
    let folder = folder();
    let path = folder.path();
    for engine in ["float", "fixed", "array"] {
        let train = format!("train net.fsnn --data data --engine {engine}");
        spidec(path, &format!("{train} --epochs 2 -o s --log l --json")).code(OK);
        let both = fs::read_to_string(path.join("l")).unwrap();
        let lines: Vec<Value> = both
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        for line in &lines {
            let loss = line["train_loss"].as_f64().unwrap();
            assert!(loss > 0.0 && loss < 10.0, "{line}");
            let parts = line["progress"].as_array().unwrap();
            assert_eq!(
                parts
                    .iter()
                    .map(|p| p["samples"].as_u64().unwrap())
                    .sum::<u64>(),
                200
            );
            assert_eq!(parts[0]["accuracy"], line["train_accuracy"]);
        }
        // What one training logs, two log too; a log goes on where the state is.
        spidec(path, &format!("{train} --epochs 1 -o t --log m")).code(OK);
        spidec(path, &format!("{train} --epochs 1 -o t --from t --log m")).code(OK);
        spidec(path, &format!("{train} --epochs 1 -o u --from s --log l")).code(OK);
        spidec(path, &format!("{train} --epochs 1 -o u --from s --log l")).code(OK);
        let numbers = |name: &str, key: &str| -> Vec<Value> {
            let text = fs::read_to_string(path.join(name)).unwrap();
            let lines = text
                .lines()
                .map(|l| serde_json::from_str::<Value>(l).unwrap());
            lines.map(|line| line[key].clone()).collect()
        };
        assert_eq!(
            numbers("m", "test_accuracy"),
            lines
                .iter()
                .map(|l| l["test_accuracy"].clone())
                .collect::<Vec<_>>()
        );
        assert_eq!(numbers("l", "epoch"), [1, 2, 3]);
    }
    let line = "report net.fsnn --data data --state s --log l --sample 7 -o out";
    let told = spidec(path, line).code(OK).out;
    assert!(
        told.contains("9 pictures") && told.contains("curves, activity, confusion, sample"),
        "{told}"
    );
    let html = page(&path.join("out"));
    let log = fs::read_to_string(path.join("l")).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let loss = format!("{:.4}", last["test_loss"].as_f64().unwrap());
    for said in [
        "test loss",
        &loss,
        "Accuracy and loss",
        "after 2 epochs",
        "<code>spidec report net.fsnn --data data --state s --log l -o out --sample K</code>",
        "Test sample 7",
        "test split of data",
        "What is taken for what",
        "60 test samples, classified in floating point",
        "Means over 32 test samples with the state&#39;s weights",
        "Firing rates: spikes of either sign a neuron and step",
        "ANN, both",
        "Most often mistaken",
    ] {
        assert!(html.contains(said), "{said}");
    }
    // The sample is drawn, and a wrong answer is called so.
    let eval = spidec(path, "eval net.fsnn s --data data --engine fixed --json");
    let wrong = 60 - eval.code(OK).json()["correct"].as_u64().unwrap();
    let mut told = 0;
    for sample in 0..60 {
        let line = "report net.fsnn --data data --state s -o out";
        spidec(path, &format!("{line} --sample {sample}")).code(OK);
        let picture = fs::read_to_string(path.join("out/sample.svg")).unwrap();
        told += u64::from(
            picture.contains(">predicted ") && picture.contains(", which is wrong</text>"),
        );
    }
    assert_eq!(told, wrong);
    assert!((1..60).contains(&wrong));
    // An earlier report's picture that this one has not is gone.
    spidec(path, "report net.fsnn -o out").code(OK);
    assert!(!path.join("out/curves.svg").exists());
    let said = spidec(path, "report net.fsnn --data data --sample 60 -o out").code(USAGE);
    said.says("there are 60 samples, from 0");
}

#[test]
fn a_bad_log_is_told_with_its_line_and_nothing_is_written() {
    let folder = folder();
    let path = folder.path();
    let good = r#"{"epoch": 1, "train_accuracy": 0.5, "test_accuracy": 0.5}"#;
    for (bad, said) in [
        ("{\"epoch\": 2", "l, line 2: column"),
        (
            "{\"epoch\": 2, \"train_accuracy\": 7, \"test_accuracy\": 0.5}",
            "line 2: an accuracy of 7",
        ),
        (good, "line 2: epoch 1 comes after epoch 1"),
    ] {
        fs::write(path.join("l"), format!("{good}\n{bad}\n")).unwrap();
        let found = spidec(path, "report net.fsnn --log l -o out").code(FINDINGS);
        found.says("error[L001]").says(said);
        assert!(!path.join("out").exists());
        let found = spidec(
            path,
            "train net.fsnn --data data --engine fixed --epochs 1 -o s --log l",
        );
        found.code(USAGE).says(said);
    }
    spidec(path, "report net.fsnn --log none -o out")
        .code(USAGE)
        .says("cannot read the log none");
    fs::write(path.join("l"), good).unwrap();
    spidec(path, "report net.fsnn --log l -o out").code(OK);
    assert!(page(&path.join("out")).contains("the log has none"));
    fs::write(path.join("l"), "").unwrap();
    spidec(path, "report net.fsnn --log l -o out").code(OK);
    assert!(page(&path.join("out")).contains("no epoch yet"));
    let same = spidec(
        path,
        "train net.fsnn --data data --engine fixed --epochs 1 -o s --log s",
    );
    same.code(USAGE).says("the same file");
}

#[test]
fn foreign_files_stay_and_a_full_disk_leaves_the_old_report() {
    let folder = folder();
    let path = folder.path();
    let out = path.join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("network.svg"), "mine").unwrap();
    let line = "report net.fsnn -o out";
    spidec(path, line)
        .code(USAGE)
        .says("it holds no report of spidec");
    assert_eq!(fs::read_to_string(out.join("network.svg")).unwrap(), "mine");
    fs::write(out.join("notes.txt"), "mine").unwrap();
    spidec(path, line)
        .code(USAGE)
        .says("it holds notes.txt, which is no part of a report");
    spidec(path, "report net.fsnn -o net.fsnn")
        .code(USAGE)
        .says("it is a file");
    spidec(path, "report net.fsnn -o a/b")
        .code(USAGE)
        .says("there is no folder a");

    spidec(path, "report net.fsnn -o new").code(OK);
    let before = page(&path.join("new"));
    let count = names(&path.join("new")).len();
    spidec_on_a_full_disk(path, "report net.fsnn --sample 3 -o new").code(USAGE);
    assert!(page(&path.join("new")) == before);
    assert_eq!(names(&path.join("new")).len(), count);
    spidec_on_a_full_disk(path, "report net.fsnn -o other").code(USAGE);
    assert!(!path.join("other").exists());
}

#[test]
fn what_an_engine_does_not_accept_the_page_says() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let momentum = text.replace(
        "training {",
        "training {\n  update = sgd(rate = 0.1, momentum = 0.9)",
    );
    fs::write(path.join("net.fsnn"), momentum).unwrap();
    let json = spidec(path, "report net.fsnn -o out --json")
        .code(OK)
        .json();
    assert_eq!(json["pictures"].as_array().unwrap().len(), 6);
    let html = page(&path.join("out"));
    for said in ["does not train this network", "momentum", "forward stage"] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("backward stage</text>"));
}

/// The network of the folder, in a form that only floating point executes.
fn floating(folder: &Path) {
    let text = fs::read_to_string(folder.join("net.fsnn")).unwrap();
    let other = text.replace("bias = false", "bias = false, max_norm = 1");
    assert_ne!(other, text);
    fs::write(folder.join("net.fsnn"), other).unwrap();
}

#[test]
fn what_only_floating_point_executes_is_drawn_too_and_no_hardware_advised() {
    let folder = folder();
    let path = folder.path();
    floating(path);
    let line = "report net.fsnn --data data -o out --json";
    let json = spidec(path, line).code(OK).json();
    let pictures = ["network", "sample", "raster", "rates"].map(|p| format!("{p}.svg"));
    assert_eq!(json["pictures"], serde_json::json!(pictures));
    let html = page(&path.join("out"));
    for said in [
        "in floating point, since fixed point does not accept this network",
        "backward stage</text>",
        "there is no hardware to simulate",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("--verify N"));
    // Asked for, it is refused, with the place and a code.
    let asked = spidec(path, &format!("{line} --verify 2")).code(FINDINGS);
    asked.says("max_norm").says("spidec explain E0");
}

#[test]
fn a_log_of_another_network_is_refused() {
    let folder = folder();
    let path = folder.path();
    let train = "train net.fsnn --data data --engine float --epochs 1 -o s --log l";
    spidec(path, train).code(OK);
    spidec(path, "report net.fsnn --log l -o out").code(OK);
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let other = text.replace("hidden", "secret");
    fs::write(path.join("other.fsnn"), other).unwrap();
    spidec(path, "report other.fsnn --log l -o new")
        .code(FINDINGS)
        .says("error[L002]: l: epoch 1 tells how often hidden fired")
        .says("spidec explain L002");
    assert!(!path.join("new").exists());
    // Nor does another network's training go on with it.
    let old = fs::read(path.join("l")).unwrap();
    let line = "train other.fsnn --data data --engine float --epochs 1 -o t --log l";
    spidec(path, line)
        .code(FINDINGS)
        .says("error[L002]: l is there: epoch 1 tells");
    assert_eq!(fs::read(path.join("l")).unwrap(), old);
}

#[test]
fn a_verification_is_on_the_page() {
    let folder = folder();
    let path = folder.path();
    if !has("verilator") {
        return;
    }
    let json = spidec(
        path,
        "report net.fsnn --data data --verify 12 -o out --json",
    )
    .code(OK)
    .json();
    let verified = &json["verified"];
    assert_eq!(verified["passed"], true);
    assert_eq!(verified["samples"], 12);
    assert_eq!(verified["training"], true);
    assert_eq!(verified["mismatches"], 0);
    assert!(verified["compared"].as_u64().unwrap() > 1000);
    let html = page(&path.join("out"));
    assert!(html.contains("12 samples trained in Verilator") && html.contains("All values agree"));
    // Each kind that is counted is explained.
    for kind in ["spike words", "masks", "counters", "clamps", "stage cycles"] {
        assert!(html.contains(&format!("<dt>{kind}</dt>")), "{kind}");
    }
}

#[test]
fn without_a_simulator_the_page_says_so() {
    let folder = folder();
    let path = folder.path();
    let mut alone = command(path, &["report", "net.fsnn", "--verify", "2", "-o", "out"]);
    // Nothing on the path, and an empty folder of tools.
    alone
        .env("PATH", path)
        .env("SPIDEC_TOOLS", path.join("tools"));
    alone
        .env_remove("RTLSIM_VERILATOR")
        .env_remove("VERILATOR_ROOT");
    let said = finish(alone).code(TOOL).says("verilator");
    assert!(!said.err.contains("compiling"), "{}", said.err);
    let all = said.out + &said.err;
    assert_eq!(
        all.matches("sudo apt-get install verilator").count(),
        1,
        "{all}"
    );
    let html = page(&path.join("out"));
    assert!(html.contains("Verification: it could not run"));
}

/// The picture that README shows is what the commands draw; `UPDATE=1` writes it again.
#[test]
fn the_picture_of_the_readme_is_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("digits.fsnn"), example("digits.fsnn")).unwrap();
    for command in [
        "data make data --train 1500 --test 500",
        "train digits.fsnn --data data --engine fixed --epochs 3 --log log.jsonl -o digits.safetensors",
        "report digits.fsnn --data data --state digits.safetensors --log log.jsonl -o report",
    ] {
        spidec(path, command).code(OK);
    }
    // Its first epoch is the demo's training, of which README and guide tell the accuracy.
    let log = fs::read_to_string(path.join("log.jsonl")).unwrap();
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let told = format!("{:.1} %", 100.0 * first["test_accuracy"].as_f64().unwrap());
    let page = fs::read_to_string(root().join("compiler/guide/src/first_minutes.md")).unwrap();
    assert!(page.contains(&format!("to {told}")), "{told}");
    let drawn = fs::read_to_string(path.join("report/curves.svg")).unwrap();
    let kept = root().join("compiler/guide/pictures/digits-training.svg");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&kept, &drawn).unwrap();
    }
    assert!(
        fs::read_to_string(&kept).unwrap() == drawn,
        "run with UPDATE=1"
    );
}
