//! `spidec train` and `spidec eval`.

use crate::run::*;
use serde_json::Value;
use spidec_runtime::state::{State, Weights};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

fn train(folder: &Path, engine: &str, rest: &str) -> Outcome {
    spidec(
        folder,
        &format!("train net.fsnn --data data --engine {engine} {rest}"),
    )
}

#[test]
fn two_epochs_are_one_and_one_more() {
    let folder = folder();
    let path = folder.path();
    for engine in ["float", "fixed"] {
        let lines = train(path, engine, "--epochs 2 -o both --json")
            .code(OK)
            .out;
        let lines: Vec<Value> = lines
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        for (number, line) in (1..).zip(&lines) {
            assert_eq!(line["epoch"], number);
            assert_eq!(line["test_samples"], 60);
            assert_eq!(line["state"], "both");
            for key in [
                "train_accuracy",
                "train_loss",
                "test_accuracy",
                "test_loss",
                "seconds",
            ] {
                assert!(line[key].is_f64(), "{key} in {line}");
            }
        }
        train(path, engine, "--epochs 1 -o one").code(OK);
        let more = train(path, engine, "--epochs 1 -o two --from one --json").code(OK);
        assert_eq!(more.json()["epoch"], 2);
        assert_eq!(more.json()["test_accuracy"], lines[1]["test_accuracy"]);
        let read = |name: &str| fs::read(path.join(name)).unwrap();
        assert!(read("two") == read("both"), "{engine}");
        assert!(read("one") != read("both"), "{engine}");

        // Another seed is another training, and going on with the file's is told.
        train(path, engine, "--epochs 1 -o seeded --seed 5").code(OK);
        assert!(read("seeded") != read("one"));
        train(path, engine, "--epochs 1 -o x --from seeded")
            .code(OK)
            .says("seed 5 so far, goes on with seed 1");
    }
}

#[test]
fn a_training_that_diverges_stops_and_keeps_the_last_good_state() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    train(path, "float", "--epochs 1 -o s").code(OK);
    let good = fs::read(path.join("s")).unwrap();
    let wild = text.replace("training {", "training {\n  update = sgd(rate = 1e300)");
    fs::write(path.join("net.fsnn"), wild).unwrap();
    train(path, "float", "--epochs 3 -o s --from s")
        .code(FINDINGS)
        .says("error[C003]: the training diverged in epoch 2, at rate ")
        .says("take a smaller rate")
        .says("s is as it was last written")
        .says("spidec explain C003");
    assert!(fs::read(path.join("s")).unwrap() == good);
    train(path, "float", "--epochs 3 -o new")
        .code(FINDINGS)
        .says("no state was written");
    assert!(!path.join("new").exists());
}

/// All weights are numbers still, and only the test samples' logits are none: found after the state was written.
#[test]
fn a_test_that_diverges_is_told_with_what_the_state_holds() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let wild = text
        .replace(
            "-> hidden = dense\n",
            "-> hidden = dense(init = normal(std = 2), frozen = true)\n",
        )
        .replace(
            "training {",
            "training {\n  update = sgd(rate = 3e38, batch = 8)",
        );
    fs::write(path.join("net.fsnn"), wild).unwrap();
    train(path, "float", "--epochs 1 --samples 1 -o s")
        .code(FINDINGS)
        .says("error[C003]: the training diverged in epoch 1")
        .says("s holds the weights after that epoch: begin with an earlier state");
    assert!(path.join("s").is_file());
}

#[test]
fn logits_that_overflow_are_told_and_have_no_loss() {
    let folder = folder();
    let path = folder.path();
    train(path, "float", "--epochs 1 -o s").code(OK);
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let checked = spidec_compiler::check::check_text("net.fsnn", &text).checked;
    let network = checked.unwrap().network;
    let mut state = State::load(&network, &path.join("s")).unwrap();
    assert!(state.is_finite());
    let Weights::Float { parameters, .. } = &mut state.weights else {
        panic!("a state of floating point");
    };
    parameters.readout.weight.fill(1e300);
    state.save(&network, &path.join("s")).unwrap();
    let eval = "eval net.fsnn s --data data --engine float";
    let said = spidec(path, eval).code(OK);
    assert!(!said.out.contains("loss 0.0"), "{}", said.out);
    said.says("the loss is no number");
    let json = spidec(path, &format!("{eval} --json")).code(OK).json();
    assert_eq!(json["loss"], Value::Null);
    let Weights::Float { parameters, .. } = &mut state.weights else {
        panic!("a state of floating point");
    };
    parameters.readout.weight[0] = f64::INFINITY;
    assert!(!state.is_finite());
}

#[test]
fn a_precision_of_integers_is_refused() {
    let folder = folder();
    let path = folder.path();
    train(path, "float", "--epochs 1 -o s").code(OK);
    for engine in ["fixed", "array"] {
        let line = format!("eval net.fsnn s --data data --engine {engine} --precision f64");
        spidec(path, &line)
            .code(USAGE)
            .says("--precision chooses numbers of floating point");
    }
    let line = "eval net.fsnn s --data data --engine float --precision f64";
    spidec(path, line).code(OK);
}

#[test]
fn every_engine_measures_every_state() {
    let folder = folder();
    let path = folder.path();
    for engine in ["float", "fixed"] {
        train(path, engine, "--epochs 2 -o s").code(OK);
        let eval = |engine: &str| {
            let line = format!("eval net.fsnn s --data data --engine {engine}");
            let text = spidec(path, &line).code(OK).out;
            let json = spidec(path, &format!("{line} --json")).code(OK).json();
            let said = format!("{} of 60 right", json["correct"]);
            assert!(text.contains(&said), "{said}: {text}");
            assert_eq!(json["samples"], 60);
            assert!(json["seconds"].is_f64());
            json
        };
        let (float, fixed, array) = (eval("float"), eval("fixed"), eval("array"));
        assert!(float["accuracy"].as_f64().unwrap() > 0.1, "{float}");
        for key in ["correct", "accuracy", "saturations"] {
            assert_eq!(fixed[key], array[key]);
        }
        let cycles = |key: &str| array[key].as_f64().unwrap();
        let stages = cycles("cycles_input") + cycles("cycles_forward") + cycles("cycles_readout");
        assert!((stages - cycles("cycles_per_sample")).abs() < 1e-6);
        assert!(cycles("spikes_per_sample") > 0.0);
        assert!((0.0..=1.0).contains(&cycles("lane_use")));
        let first = spidec(
            path,
            "eval net.fsnn s --data data --engine fixed --samples 7 --json",
        );
        assert_eq!(first.code(OK).json()["samples"], 7);
    }
}

#[test]
fn what_is_clamped_is_told_with_the_first_place() {
    let folder = folder();
    let path = folder.path();
    // Weights from -1 to 1, membranes from -4 to 4, and steps so large that both are left.
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let narrow = text
        .replace("fixed(bits = 8, frac = 5", "fixed(bits = 6, frac = 5")
        .replace("fixed(bits = 16)", "fixed(bits = 8)")
        .replace("training {", "training {\n  update = sgd(rate = 2)");
    assert_ne!(narrow, text);
    fs::write(path.join("net.fsnn"), &narrow).unwrap();
    let json = train(path, "fixed", "--epochs 1 -o s --json")
        .code(OK)
        .json();
    let line = |value: &Value| {
        let number = value["line"].as_u64().unwrap() as usize;
        narrow.lines().nth(number - 1).unwrap()
    };
    for stage in ["forward", "backward"] {
        let clamped = &json["clamped"][stage];
        let first = &clamped["first"];
        assert!(clamped["count"].as_u64().unwrap() > 0, "{json}");
        assert!(first["step"].as_u64().unwrap() >= 1 && first["sample"].is_u64());
        assert_eq!(first["population"], "hidden");
        assert!(first["neuron"].as_u64().unwrap() < 8);
        assert!(line(first).contains("population hidden"));
    }
    let weights = &json["clamped"]["weights"];
    let first = &weights["first"];
    let layer = first["layer"].as_str().unwrap();
    assert!(
        line(first).contains(layer.split(' ').next().unwrap()),
        "{first}"
    );

    let told = train(path, "fixed", "--epochs 1 -o s").code(OK).out;
    for (count, what) in [
        (
            &json["clamped"]["forward"],
            "membranes clamped in the forward stage; the first in sample",
        ),
        (
            &json["clamped"]["backward"],
            "membranes clamped in the backward stage; the first in sample",
        ),
        (weights, "weights clamped; the first in sample"),
    ] {
        let wanted = format!("{} {what}", count["count"]);
        assert!(told.contains(&wanted), "{wanted}: {told}");
    }
    // The array counts both stages together.
    let array = train(path, "array", "--epochs 1 -o a --json")
        .code(OK)
        .json();
    let clamped = &array["clamped"];
    let count = |of: &Value| of["count"].as_u64().unwrap();
    let both = count(&json["clamped"]["forward"]) + count(&json["clamped"]["backward"]);
    assert_eq!(count(&clamped["membranes"]), both);
    assert_eq!(&clamped["weights"], weights);
    let first = &clamped["membranes"]["first"];
    let stage = first["stage"].as_str().unwrap();
    for key in ["sample", "step", "population", "neuron", "line"] {
        assert_eq!(first[key], json["clamped"][stage]["first"][key], "{key}");
    }
    let told = train(path, "array", "--epochs 1 -o a").code(OK).out;
    assert!(
        told.contains(&format!("{both} membranes clamped, from")),
        "{told}"
    );

    for engine in ["fixed", "array"] {
        let eval = format!("eval net.fsnn s --data data --engine {engine}");
        let json = spidec(path, &format!("{eval} --json")).code(OK).json();
        assert!(line(&json["first_saturation"]).contains("population hidden"));
        let wanted = format!(
            "{} membranes clamped; the first in sample",
            json["saturations"]
        );
        assert!(spidec(path, &eval).code(OK).out.contains(&wanted));
    }
    // Floating point clamps nothing.
    let json = train(path, "float", "--epochs 1 -o s --json")
        .code(OK)
        .json();
    assert!(json.get("clamped").is_none());
}

#[test]
fn a_killed_training_leaves_a_whole_state() {
    let folder = folder();
    let path = folder.path();
    let line = "train net.fsnn --data data --engine fixed --epochs 5000 -o s --json";
    let arguments: Vec<&str> = line.split(' ').collect();
    for delay in [0, 1, 3, 7, 20] {
        let mut training = command(path, &arguments);
        let mut training = training
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(training.stdout.take().unwrap()).lines();
        lines.next().unwrap().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        training.kill().unwrap();
        assert_eq!(
            training.wait().unwrap().code(),
            None,
            "it was still training"
        );
        let score = spidec(path, "eval net.fsnn s --data data --engine array --json").code(OK);
        assert_eq!(score.json()["samples"], 60);
        train(path, "fixed", "--epochs 1 -o t --from s").code(OK);
    }
}

#[test]
fn a_state_that_cannot_be_written_leaves_the_old_one() {
    let folder = folder();
    let path = folder.path();
    train(path, "fixed", "--epochs 1 -o s").code(OK);
    let old = fs::read(path.join("s")).unwrap();
    let line = "train net.fsnn --data data --engine fixed --epochs 2 -o s";
    spidec_on_a_full_disk(path, line)
        .code(USAGE)
        .says("what was there before is unchanged");
    assert!(fs::read(path.join("s")).unwrap() == old);
    assert_eq!(fs::read_dir(path).unwrap().count(), 3);
}

/// The network with weights that are and stay zero: nothing fires, and all logits are 0.
fn silent(path: &Path) {
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let frozen = "init = zeros, frozen = true";
    let text = text
        .replace("(init = zeros, bias", "(bias")
        .replace("dense(", &format!("dense({frozen}, "))
        .replace("= dense\n", &format!("= dense({frozen})\n"))
        .replace("linear(from", &format!("linear({frozen}, from"));
    assert_eq!(text.matches(frozen).count(), 3, "{text}");
    fs::write(path.join("silent.fsnn"), text).unwrap();
}

#[test]
fn the_loss_of_the_test_split_is_told_and_logged() {
    let folder = folder();
    let path = folder.path();
    silent(path);
    for engine in ["float", "fixed", "array"] {
        let line = format!(
            "train silent.fsnn --data data --engine {engine} --epochs 1 -o z --log log --json"
        );
        let json = spidec(path, &line).code(OK).json();
        let loss = json["test_loss"].as_f64().unwrap();
        // Each of ten classes is as likely.
        assert!((loss - 10f64.ln()).abs() < 1e-12, "{engine}: {loss}");
        let log = fs::read_to_string(path.join("log")).unwrap();
        let log: Value = serde_json::from_str(log.trim()).unwrap();
        assert_eq!(log["test_loss"], json["test_loss"]);
        // It is of the test split, after the epoch.
        let learned = train(path, engine, "--epochs 1 -o s --json").code(OK);
        let learned = learned.json();
        assert_ne!(learned["test_loss"], learned["train_loss"]);
        assert_ne!(learned["test_loss"], json["test_loss"]);
    }
}

#[test]
fn what_cannot_learn_is_warned_of_once() {
    let folder = folder();
    let path = folder.path();
    silent(path);
    let net = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let wide = net.replace("digit  [10]", "digit  [17]");
    fs::write(path.join("wide.fsnn"), wide).unwrap();
    let rows = fs::read_to_string(path.join("data/train.csv")).unwrap();
    let kept = rows.lines().filter(|row| !row.ends_with(",3"));
    let kept: String = kept.map(|row| format!("{row}\n")).collect();
    assert_ne!(kept, rows);
    let run = |file: &str, engine: &str| {
        let line = format!("train {file}.fsnn --data data --engine {engine} --epochs 2 -o s");
        let said = spidec(path, &line).code(OK);
        fs::remove_file(path.join("s")).unwrap();
        said
    };
    for engine in ["float", "fixed", "array"] {
        fs::write(path.join("data/train.csv"), &rows).unwrap();
        let lively = run("net", engine);
        assert!(!lively.err.contains("warning: "), "{}", lively.err);
        let said = run("silent", engine);
        assert_eq!(said.err.matches("spidec: warning: ").count(), 1);
        said.says("no neuron of hidden (line 6) fired in the whole epoch");
        let said = run("wide", engine);
        assert_eq!(said.err.matches("spidec: warning: ").count(), 1);
        said.says("the readout digit (line 7) has 17 classes")
            .says("has label 10, 11, 12, 13, 14 or 2 others:");
        fs::write(path.join("data/train.csv"), &kept).unwrap();
        run("net", engine).says("no training sample has label 3:");
    }
}

#[test]
fn a_state_that_is_replaced_is_told_of() {
    let folder = folder();
    let path = folder.path();
    let note = "note: s holds a state, which is replaced after the first epoch";
    let says = |rest: &str| train(path, "fixed", rest).code(OK).err.contains(note);
    assert!(!says("--epochs 1 -o s"));
    assert!(says("--epochs 1 -o s"));
    // Going on in the same file is what was asked for.
    assert!(!says("--epochs 1 -o s --from s"));
    assert!(!says("--epochs 1 -o t --from s"));
    let help = spidec(path, "train --help").code(OK).out;
    assert!(help.contains("a state that is there is replaced"), "{help}");
}

#[test]
fn a_rate_is_told_of_where_its_register_holds_another() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let with = |rate: &str| {
        let text = text.replace(
            "training {",
            &format!("training {{\n  update = sgd(rate = {rate})"),
        );
        fs::write(path.join("net.fsnn"), text).unwrap();
    };
    for engine in ["fixed", "array"] {
        // Half a percent is what every rate is rounded by.
        with("0.0123");
        let said = train(path, engine, "--epochs 1 -o s").code(OK).err;
        assert!(!said.contains("registers"), "{said}");
        with("0.0000001");
        let said = train(path, engine, "--epochs 3 -o s").code(OK).err;
        let start = "the array's registers hold the learning rate to within ";
        let lines: Vec<&str> = { said.lines() }
            .filter_map(|l| l.strip_prefix(start))
            .collect();
        let [share] = lines[..] else {
            panic!("{said}");
        };
        let share: f64 = share.strip_suffix(" %").unwrap().parse().unwrap();
        assert!((1.0..50.0).contains(&share), "{said}");
    }
    let said = train(path, "float", "--epochs 1 -o f").code(OK).err;
    assert!(!said.contains("registers"), "{said}");
}

/// The rates of a line of a log, by stage.
fn rates(line: &Value) -> Vec<(&str, f64)> {
    let stages = line["rates"].as_object().unwrap().iter();
    stages
        .map(|(stage, rates)| (stage.as_str(), rates["hidden"].as_f64().unwrap()))
        .collect()
}

#[test]
fn rates_and_speed_are_told_and_logged() {
    let folder = folder();
    let path = folder.path();
    let rows = fs::read_to_string(path.join("data/train.csv")).unwrap();
    fs::write(path.join("data/train.csv"), rows.repeat(3)).unwrap();
    for engine in ["float", "fixed", "array"] {
        let line = train(path, engine, "--epochs 1 -o s --log l.jsonl --json").code(OK);
        let line = line.json();
        let told = rates(&line);
        let stages: Vec<&str> = told.iter().map(|(stage, _)| *stage).collect();
        match engine {
            "float" => assert_eq!(stages, ["backward", "forward"]),
            _ => assert_eq!(stages, ["forward"]),
        }
        assert!(
            told.iter().all(|(_, rate)| *rate > 0.0 && *rate < 1.0),
            "{line}"
        );
        assert!(line["samples_per_second"].as_f64().unwrap() > 0.0);
        assert_eq!(line["train_samples"], 600);
        // The parts of the log are the epoch.
        let log = fs::read_to_string(path.join("l.jsonl")).unwrap();
        let log: Value = serde_json::from_str(&log).unwrap();
        let parts = log["progress"].as_array().unwrap();
        assert!(parts.len() >= 2, "{log}");
        for (stage, rate) in told {
            let sum: f64 = parts
                .iter()
                .map(|part| {
                    let rate = part["rates"][stage]["hidden"].as_f64().unwrap();
                    rate * part["samples"].as_f64().unwrap()
                })
                .sum();
            assert!((sum / 600.0 - rate).abs() < 1e-9, "{stage} {log}");
        }
        let text = train(path, engine, "--epochs 1 -o s").code(OK).out;
        assert!(text.contains(" samples/s; rates hidden 0."), "{text}");
    }
}

#[test]
fn a_log_is_a_table_where_its_name_says_so() {
    let folder = folder();
    let path = folder.path();
    for engine in ["float", "fixed"] {
        train(path, engine, "--epochs 1 -o s --log l.csv").code(OK);
        let line = "--epochs 2 -o s --log l.csv --resume --json";
        let json = train(path, engine, line).code(OK).json();
        // Beyond the state's epoch nothing is kept: the second is trained again.
        train(path, engine, "--epochs 1 -o s").code(OK);
        train(path, engine, "--epochs 1 -o t --from s --log l.csv").code(OK);
        let table = fs::read_to_string(path.join("l.csv")).unwrap();
        let rows: Vec<Vec<&str>> = table.lines().map(|l| l.split(',').collect()).collect();
        assert_eq!(rows[0][..3], ["epoch", "of", "samples"]);
        assert_eq!(rows[0][9..], ["forward_hidden", "backward_hidden"]);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{table}");
        let of: Vec<&str> = rows[1..].iter().map(|row| row[1]).collect();
        assert_eq!(of, ["part", "epoch", "part", "epoch"]);
        let last = rows.last().unwrap();
        for (column, key) in [
            (4, "train_accuracy"),
            (5, "test_loss"),
            (6, "test_accuracy"),
        ] {
            assert_eq!(
                last[column].parse::<f64>().ok(),
                json[key].as_f64(),
                "{key}"
            );
        }
        assert_eq!(last[10].is_empty(), engine == "fixed");
        fs::remove_file(path.join("s")).unwrap();
        fs::remove_file(path.join("l.csv")).unwrap();
    }
    for (foreign, why) in [("a,b\n1,2\n", "begins with `a,b`"), ("", "")] {
        fs::write(path.join("m.csv"), foreign).unwrap();
        let run = train(path, "fixed", "--epochs 1 -o s --log m.csv");
        match why {
            "" => drop(run.code(OK)),
            why => drop(
                run.code(USAGE)
                    .says("a file is there that is none")
                    .says(why),
            ),
        }
    }
    let table = fs::read_to_string(path.join("m.csv")).unwrap();
    fs::write(path.join("m.csv"), table + "x,y\n").unwrap();
    train(path, "fixed", "--epochs 1 -o s --log m.csv")
        .code(USAGE)
        .says("line 4 does not begin with an epoch's number");
    spidec(path, "report net.fsnn --log m.csv -o r")
        .code(USAGE)
        .says("a log of JSON lines is wanted here");
}

#[test]
fn what_is_taken_for_what_is_told_by_every_engine() {
    let folder = folder();
    let path = folder.path();
    train(path, "fixed", "--epochs 3 -o s").code(OK);
    let mut predictions = Vec::new();
    for engine in ["float", "float --precision f64", "fixed", "array"] {
        let line = format!("eval net.fsnn s --data data --engine {engine} --logits z.csv");
        let json = spidec(path, &format!("{line} --json")).code(OK).json();
        let counts: Vec<Vec<u64>> = serde_json::from_value(json["confusion"].clone()).unwrap();
        // Counted again from the table of logits, whose largest is the prediction.
        let table = fs::read_to_string(path.join("z.csv")).unwrap();
        let mut again = vec![vec![0; 10]; 10];
        let mut all = Vec::new();
        for (k, row) in table.lines().skip(1).enumerate() {
            let cells: Vec<f64> = row.split(',').map(|cell| cell.parse().unwrap()).collect();
            assert_eq!((cells.len(), cells[0]), (13, k as f64));
            let (label, predicted) = (cells[1] as usize, cells[2] as usize);
            assert!(
                cells[3..].iter().all(|z| *z <= cells[3 + predicted]),
                "{row}"
            );
            again[label][predicted] += 1;
            all.push(cells[2..].to_vec());
        }
        assert_eq!((counts, all.len()), (again.clone(), 60));
        let right: u64 = (0..10).map(|k| again[k][k]).sum();
        assert_eq!(json["correct"], right);
        assert!(json["rates"]["hidden"].as_f64().unwrap() > 0.0);
        let text = spidec(path, &line).code(OK).out;
        assert!(text.contains("what they were taken for"), "{text}");
        let row = text
            .lines()
            .find(|line| line.starts_with("    3 "))
            .unwrap();
        let cells: Vec<u64> = row
            .split_whitespace()
            .skip(1)
            .take(10)
            .map(|cell| cell.parse().unwrap_or(0))
            .collect();
        assert_eq!(cells, again[3]);
        predictions.push((json["rates"].clone(), all));
    }
    // The engines of integers agree in every logit and rate.
    assert_eq!(predictions[2], predictions[3]);
    spidec(
        path,
        "eval net.fsnn s --data data --engine fixed --logits no/z.csv",
    )
    .code(USAGE)
    .says("there is no folder no");
}

#[test]
fn the_reference_computes_with_more_digits() {
    let folder = folder();
    let path = folder.path();
    train(path, "float", "--epochs 2 -o s").code(OK);
    let [single, double] = ["f32", "f64"].map(|precision| {
        let line = format!(
            "eval net.fsnn s --data data --engine float --precision {precision} --logits {precision}.csv"
        );
        spidec(path, &line).code(OK);
        let table = fs::read_to_string(path.join(format!("{precision}.csv"))).unwrap();
        let cells = table.lines().skip(1).flat_map(|row| row.split(',').skip(3));
        cells.map(|z| z.parse::<f64>().unwrap()).collect::<Vec<_>>()
    });
    let most = single.iter().zip(&double).map(|(a, b)| (a - b).abs());
    let most = most.fold(0.0, f64::max);
    assert!(most > 0.0 && most < 1e-4, "{most}");
}

/// Norms that are estimated anew each step are, in `eval` and `report`, those of the training.
#[test]
fn a_state_is_measured_as_its_training_measured_it() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    let text = text
        .replace(
            "dense(init = zeros",
            "dense(max_norm = 0.3, init = normal(std = 0.3)",
        )
        .replace("training {", "training {\n  published = [norm_estimate]");
    assert!(text.contains("max_norm"), "{text}");
    fs::write(path.join("net.fsnn"), text).unwrap();
    let trained = train(path, "float", "--epochs 2 -o s --json --seed 5").code(OK);
    let last: Value = serde_json::from_str(trained.out.lines().last().unwrap()).unwrap();
    let eval = "eval net.fsnn s --data data --engine float --json";
    let measured = spidec(path, eval).code(OK).json();
    assert_eq!(measured["loss"], last["test_loss"]);
    assert_eq!(measured["accuracy"], last["test_accuracy"]);
}

#[test]
fn fewer_test_samples_are_enough_where_asked_for() {
    let folder = folder();
    let path = folder.path();
    let line = "--epochs 1 -o s --json --test-samples 7";
    let json = train(path, "float", line).code(OK).json();
    assert_eq!(json["test_samples"], 7);
}

#[test]
fn logits_take_no_other_files_place() {
    let folder = folder();
    let path = folder.path();
    train(path, "float", "--epochs 1 -o s").code(OK);
    let eval = |file: &str| {
        let line = format!("eval net.fsnn s --data data --engine float --logits {file}");
        spidec(path, &line)
    };
    for file in ["net.fsnn", "s", "data/test.csv"] {
        let old = fs::read(path.join(file)).unwrap();
        eval(file)
            .code(USAGE)
            .says("a file is there that holds no logits; name another");
        assert!(fs::read(path.join(file)).unwrap() == old, "{file}");
    }
    eval("z.csv").code(OK);
    eval("z.csv").code(OK);
}

#[test]
fn a_loss_beyond_anything_is_a_diverged_training() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    // The example of `spidec explain C003`.
    let wild = text.replace("training {", "training {\n  update = sgd(rate = 1000000)");
    fs::write(path.join("net.fsnn"), wild).unwrap();
    train(path, "float", "--epochs 2 -o s")
        .code(FINDINGS)
        .says("error[C003]");
}

#[test]
fn pictures_are_read_in_their_own_shape() {
    let folder = folder();
    let path = folder.path();
    spidec(path, "data make pictures --size 28x28 --train 20 --test 20").code(OK);
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    for (shape, code) in [
        ("[28, 28, 1]", OK),
        ("[784]", OK),
        ("[1, 28, 28]", FINDINGS),
    ] {
        let other = text.replace("[8, 8, 1]", shape);
        fs::write(path.join("other.fsnn"), other).unwrap();
        let line = "train other.fsnn --data pictures --engine float --epochs 1 -o t";
        let told = spidec(path, line).code(code);
        if code != OK {
            told.says("error[D003]").says("[28, 28, 1]");
        }
    }
}
