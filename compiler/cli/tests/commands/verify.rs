//! `spidec verify`.

use crate::run::*;
use spidec_compiler::check::{Engine, check_bytes};
use std::fs;

#[test]
fn agreement_is_counted_by_kind() {
    if !has("verilator") {
        return;
    }
    let folder = folder();
    let path = folder.path();
    let json = spidec(path, "verify net.fsnn --samples 3 --json")
        .code(OK)
        .json();
    assert_eq!(
        (&json["samples"], &json["mismatches"]),
        (&3.into(), &0.into())
    );
    assert_eq!(
        (&json["passed"], &json["vacuous"]),
        (&true.into(), &false.into())
    );
    let kinds = json["compared"].as_object().unwrap();
    for kind in [
        "spike_words",
        "spike_cycles",
        "membranes",
        "counts",
        "logits",
        "predictions",
        "stage_cycles",
    ] {
        assert!(kinds[kind].as_u64().unwrap() > 0, "{kind} in {json}");
    }
    // Eight steps of eight neurons, three samples.
    assert_eq!(kinds["membranes"], 8 * 8 * 3);
    assert!(json["cycles_per_sample"].as_f64().unwrap() > 100.0);
    assert!((0.01..=1.0).contains(&json["lane_use"].as_f64().unwrap()));
    let text = spidec(path, "verify net.fsnn --samples 3").code(OK).out;
    assert!(
        text.contains("192 membranes compared, 0 differ") && text.ends_with("0 mismatches\n"),
        "{text}"
    );

    // What power-up leaves in the registers changes nothing; only times differ.
    let powered = spidec(path, "verify net.fsnn --samples 3 --json --power-up 7")
        .code(OK)
        .json();
    for key in [
        "design",
        "compared",
        "spikes",
        "cycles_per_sample",
        "lane_use",
    ] {
        assert_eq!(json[key], powered[key], "{key}");
    }

    // Trained weights and real labels; the array engine says the same of them.
    spidec(
        path,
        "train net.fsnn --data data --engine float --epochs 2 -o s",
    )
    .code(OK);
    let hardware = spidec(
        path,
        "verify net.fsnn --data data --samples 60 --state s --json",
    )
    .code(OK)
    .json();
    let array = spidec(path, "eval net.fsnn s --data data --engine array --json")
        .code(OK)
        .json();
    for key in ["accuracy", "cycles_per_sample", "lane_use", "saturations"] {
        assert_eq!(hardware[key], array[key], "{key}");
    }
    assert!(!path.join("spidec-verify.vcd").exists());
}

#[test]
fn the_table_says_where_all_cycles_go() {
    if !has("verilator") {
        return;
    }
    let folder = folder();
    let told = spidec(folder.path(), "verify net.fsnn --samples 4 --train");
    let rows = told
        .out
        .lines()
        .skip_while(|line| !line.starts_with("stage"));
    let rows: Vec<Vec<&str>> = rows
        .take_while(|line| !line.contains("clamped"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let stages: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(
        (stages[1], stages.last()),
        ("input", Some(&"all")),
        "{stages:?}"
    );
    for row in &rows[1..] {
        let numbers: Vec<f64> = row[1..].iter().map(|n| n.parse().unwrap()).collect();
        // Effective slots are a part of the slots.
        let [cycles, slots, effective, rest @ ..] = &numbers[..] else {
            panic!("{row:?}");
        };
        let sum = slots + rest.iter().sum::<f64>();
        assert!((cycles - sum).abs() < 0.5 && effective <= slots, "{row:?}");
    }
}

#[test]
fn icarus_says_the_same() {
    if !has("icarus") {
        return;
    }
    let folder = folder();
    let icarus = "verify net.fsnn --samples 2 --json --simulator icarus";
    let json = spidec(folder.path(), icarus).code(OK).json();
    assert_eq!(
        (&json["simulator"], &json["mismatches"]),
        (&"icarus".into(), &0.into())
    );
    if has("verilator") {
        let other = spidec(folder.path(), "verify net.fsnn --samples 2 --json")
            .code(OK)
            .json();
        assert_eq!(json["cycles_per_sample"], other["cycles_per_sample"]);
        assert_eq!(json["compared"], other["compared"]);
    }
}

#[test]
fn silence_verifies_nothing() {
    if !has("verilator") {
        return;
    }
    let folder = folder();
    let file = folder.path().join("net.fsnn");
    let text = fs::read_to_string(&file).unwrap();
    let silent = text.replace(
        "image  -> hidden = dense\n",
        "image -> hidden = dense(init = zeros)\n",
    );
    assert_ne!(text, silent);
    fs::write(file, silent).unwrap();
    let vacuous = spidec(folder.path(), "verify net.fsnn --samples 2 --json").code(FINDINGS);
    let vacuous = vacuous.says("nothing was verified: no spike");
    let json = vacuous.json();
    assert_eq!(
        (&json["passed"], &json["vacuous"]),
        (&false.into(), &true.into())
    );
    assert_eq!(json["mismatches"], 0);
}

/// Every example that trains in hardware does so: tiny by the tests above, digits by the demo's, the others here.
#[test]
fn the_other_examples_train_in_hardware() {
    let paths = fs::read_dir(root().join("examples")).unwrap();
    let mut paths: Vec<_> = paths.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "fsnn"));
    paths.sort();
    let mut trained = 0;
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if ["tiny", "digits"].contains(&name) {
            continue;
        }
        let result = check_bytes(name, &fs::read(&path).unwrap());
        if let Err(reasons) = result.require(Engine::ArrayTraining) {
            let said = format!(
                "{name} does not train in hardware: {}\n",
                reasons[0].message
            );
            std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes()).unwrap();
            continue;
        }
        trained += 1;
        if !has("verilator") {
            continue;
        }
        let folder = folder();
        let line = format!("verify {} --train --samples 4 --json", path.display());
        let json = spidec(folder.path(), &line).code(OK).json();
        assert_eq!(json["mismatches"], 0, "{json}");
        assert!(json["compared"]["weights"].as_u64().unwrap() > 0, "{json}");
    }
    assert_eq!(trained, 3);
}

/// Names of a waveform's variables, with their scopes.
fn variables(vcd: &str) -> Vec<String> {
    let (mut scopes, mut found) = (Vec::new(), Vec::new());
    for line in vcd.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["$scope", _, name, ..] => scopes.push(name),
            ["$upscope", ..] => {
                scopes.pop();
            }
            ["$var", _, bits, _, name, ..] => {
                let range = match bits.parse::<u32>() {
                    Ok(1) | Err(_) => String::new(),
                    Ok(bits) => format!("[{}:0]", bits - 1),
                };
                found.push(format!("{}.{name}{range}", scopes.join(".")));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_trace_is_left_with_views_of_what_it_holds() {
    for (simulator, tool) in [("verilator", "verilator"), ("icarus", "icarus")] {
        if !has(tool) {
            continue;
        }
        let folder = folder();
        let path = folder.path();
        for train in ["", "--train "] {
            let command =
                format!("verify net.fsnn {train}--samples 3 --simulator {simulator} --trace a.vcd");
            let said = spidec_quick(path, &command).code(OK).err;
            assert!(said.contains("gtkwave a.vcd.gtkw"), "{said}");
            let read = |name: &str| fs::read_to_string(path.join(name)).unwrap();
            let variables = variables(&read("a.vcd"));
            let shown = read("a.vcd.gtkw");
            let shown = shown.lines().filter_map(|line| line.strip_prefix("+{"));
            let shown: Vec<&str> = shown
                .map(|line| line.split_once("} ").expect("a name").1)
                .collect();
            assert!(shown.len() >= 12);
            for name in &shown {
                assert!(variables.iter().any(|v| v == name), "{name}");
            }
            let surfer = read("a.vcd.sucl");
            let added = surfer
                .lines()
                .filter_map(|l| l.strip_prefix("variable_add "));
            let bare = |name: &&'_ str| -> String {
                match name.rsplit_once('[') {
                    Some((bare, range)) if range.ends_with(":0]") => bare.to_string(),
                    _ => name.to_string(),
                }
            };
            let plain: Vec<String> = shown.iter().map(bare).collect();
            assert_eq!(added.collect::<Vec<_>>(), plain);
            assert!(surfer.contains("divider_add hidden:chunks_"), "{surfer}");
            assert!(read("a.vcd.chunks").contains(" hidden 0.."));
            let program = read("a.vcd.program");
            assert!(
                program.contains(" fire hidden") && program.contains("scatter image -> hidden"),
                "{program}"
            );
            assert_eq!(
                program.contains("learn weights of image -> hidden"),
                !train.is_empty()
            );
            // Two lanes' membranes; no path of this machine, so that the folder can be moved.
            let lanes = shown
                .iter()
                .filter(|name| name.contains(".u_lane.state_o["));
            assert_eq!(lanes.count(), 2);
            for name in ["a.vcd.gtkw", "a.vcd.sucl", "a.vcd.chunks", "a.vcd.program"] {
                assert!(!read(name).contains('/'), "{name}: {}", read(name));
                fs::remove_file(path.join(name)).unwrap();
            }
        }
    }
}

#[test]
fn only_waveforms_are_replaced_by_waveforms() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("b.vcd.program"), "mine").unwrap();
    let before = |name: &str| fs::read(path.join(name)).unwrap();
    for name in ["net.fsnn", "data/test.csv"] {
        let kept = before(name);
        for option in ["--trace", "--waveform"] {
            let line = format!("verify net.fsnn --samples 1 {option} {name}");
            let said = format!("cannot write {name}: a file is there that is no waveform");
            spidec_quick(path, &line).code(USAGE).says(&said);
            assert!(before(name) == kept);
        }
    }
    for (line, said) in [
        (
            "--trace b.vcd",
            "b.vcd.program would be written beside it, and is there without a waveform",
        ),
        ("--trace a.vcd --waveform a.vcd", "name two"),
        ("--trace spidec-verify.vcd", "name two"),
    ] {
        spidec_quick(path, &format!("verify net.fsnn {line}"))
            .code(USAGE)
            .says(said);
    }
    if !has("verilator") {
        return;
    }
    // What verify itself left is replaced, in either format.
    let mut names = vec!["a.vcd"];
    let found = spidec_quick(path, "doctor --json").json();
    let tools = found["tools"].as_array().unwrap();
    if tools
        .iter()
        .any(|t| t["tool"] == "fst headers" && t["found"] == true)
    {
        names.push("a.fst");
    }
    for name in names {
        for net in [
            "verify net.fsnn --samples 1",
            "verify net.fsnn --train --samples 3",
        ] {
            let said = spidec_quick(path, &format!("{net} --trace {name} --waveform w.vcd"));
            let said = said.code(OK);
            assert!(!path.join("w.vcd").exists());
            said.says("compiling the Verilog once more, with a waveform")
                .says(&format!("{name}.chunks and {name}.program have the names"))
                .says("no difference, so no waveform is left in w.vcd");
        }
    }
}

#[test]
fn guesses_before_learning_are_called_so() {
    if !has("verilator") {
        return;
    }
    let folder = folder();
    let says = |line: &str| spidec(folder.path(), line).code(OK).out;
    let words = "accuracy of the hardware as it learned";
    let line = "verify net.fsnn --data data --samples 4";
    assert!(says(&format!("{line} --train")).contains(words));
    let inferred = says(line);
    assert!(!inferred.contains(words) && inferred.contains("accuracy of the hardware "));
}

#[test]
fn a_trace_may_be_fst() {
    if !has("verilator") || !has("fst headers") {
        return;
    }
    let folder = folder();
    let path = folder.path();
    let said = spidec_quick(path, "verify net.fsnn --samples 1 --trace a.fst").code(OK);
    said.says("gtkwave a.fst.gtkw")
        .says("surfer -c a.fst.sucl a.fst");
    // A header block: its type, its length, 329 bytes, in eight.
    let bytes = fs::read(path.join("a.fst")).unwrap();
    assert!(bytes.len() > 329);
    assert_eq!(bytes[..9], [0, 0, 0, 0, 0, 0, 0, 1, 73]);
    let view = fs::read_to_string(path.join("a.fst.gtkw")).unwrap();
    assert!(view.starts_with("[dumpfile] \"a.fst\"\n"), "{view}");
}
