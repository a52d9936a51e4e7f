//! Trainings that stop and go on: checkpoints, Ctrl-C, threads, and what is said of it.

use crate::run::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

const ENGINES: [&str; 3] = ["float", "fixed", "array"];

fn train(folder: &Path, engine: &str, rest: &str) -> Outcome {
    spidec(
        folder,
        &format!("train net.fsnn --data data --engine {engine} {rest}"),
    )
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

/// The network with momentum, batches, dropout and warm-up, which floating point alone has.
fn rich(folder: &Path) {
    let text = fs::read_to_string(folder.join("net.fsnn")).unwrap();
    let text = text
        .replace("= dense\n", "= dense(dropout = 0.2)\n")
        .replace("dense(init", "dense(dropout = 0.2, init")
        .replace(
            "training {",
            "training {\n  update = sgd(rate = 0.05, batch = 8, momentum = 0.9)\n  warm_up = 30",
        );
    fs::write(folder.join("rich.fsnn"), text).unwrap();
}

#[test]
fn resuming_counts_epochs_in_all() {
    let folder = folder();
    let path = folder.path();
    for engine in ENGINES {
        train(path, engine, "--epochs 3 -o whole").code(OK);
        let state = format!("{engine}.state");
        let resume = |epochs: u32| {
            let line = format!("--epochs {epochs} -o {state} --resume");
            train(path, engine, &line).code(OK)
        };
        resume(1).says("there is no state").says("training begins");
        let more = resume(3);
        assert_eq!(more.out.matches("epoch ").count(), 2, "{}", more.out);
        assert!(!more.err.contains("is replaced"), "{}", more.err);
        assert!(bytes(path, &state) == bytes(path, "whole"), "{engine}");
        let none = resume(3).says("stands after epoch 3");
        assert_eq!(none.out, "");
        assert!(bytes(path, &state) == bytes(path, "whole"), "{engine}");
    }
    let help = spidec(path, "train --help").code(OK).out;
    assert!(help.contains("epochs in all"), "{help}");
    train(path, "float", "--epochs 1 -o t --from whole --resume")
        .code(USAGE)
        .says("cannot be used with");
}

#[test]
fn another_training_is_refused_with_a_code() {
    let folder = folder();
    let path = folder.path();
    let text = fs::read_to_string(path.join("net.fsnn")).unwrap();
    train(path, "float", "--epochs 1 -o s").code(OK);
    let old = bytes(path, "s");
    let refused = |engine: &str, rest: &str, why: &str| {
        let line = format!("--epochs 2 -o s --resume {rest}");
        let told = train(path, engine, line.trim_end()).code(FINDINGS);
        told.says("error[S012]: s is not of this training")
            .says(why);
        assert!(bytes(path, "s") == old);
    };
    refused(
        "fixed",
        "",
        "it was trained in floating point, not in fixed point",
    );
    refused("float", "--seed 7", "its seed is 1, not 7");
    refused("float", "--samples 199", "it was trained on other samples");
    let rows = fs::read_to_string(path.join("data/train.csv")).unwrap();
    let changed = rows.replacen("0,", "1,", 1);
    assert_ne!(changed, rows);
    fs::write(path.join("data/train.csv"), changed).unwrap();
    refused("float", "", "--data and --samples must be as they were");
    fs::write(path.join("data/train.csv"), rows).unwrap();
    let faster = text.replace("training {", "training {\n  update = sgd(rate = 0.5)");
    fs::write(path.join("net.fsnn"), &faster).unwrap();
    refused("float", "", "another text of this network");
    // A warm start takes it.
    train(path, "float", "--epochs 1 -o t --from s")
        .code(OK)
        .says("another version of this network");
    let explained = spidec(path, "explain S012").code(OK).out;
    assert!(explained.contains("--from STATE"), "{explained}");
}

#[test]
fn results_do_not_depend_on_threads() {
    let folder = folder();
    let path = folder.path();
    rich(path);
    let run = |threads: &str, name: &str| {
        let line = format!(
            "train rich.fsnn --data data --engine float --epochs 2 -o {name} --json {threads}"
        );
        let told = spidec(path, line.trim_end()).code(OK).out;
        let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
        ["train_loss", "test_loss", "rates"].map(|key| last[key].clone())
    };
    let all = run("", "all");
    for threads in [1, 2, 3, 5] {
        let name = format!("of{threads}");
        assert_eq!(run(&format!("--threads {threads}"), &name), all);
        assert!(bytes(path, &name) == bytes(path, "all"), "{threads}");
    }
    let line = "eval rich.fsnn all --data data --engine float --json --threads";
    let [one, two] = [1, 2].map(|n| spidec(path, &format!("{line} {n}")).code(OK).json());
    assert_eq!(one["loss"], two["loss"]);
    assert_eq!(one["confusion"], two["confusion"]);
    spidec(path, &format!("{line} 0"))
        .code(USAGE)
        .says("--threads");
}

#[cfg(unix)]
mod interrupted {
    use super::*;
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    fn interrupt(child: &Child) {
        let pid = child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until a state is there that is not `old`.
    fn wait_for_another(path: &Path, old: &[u8]) {
        for _ in 0..6000 {
            if fs::read(path).is_ok_and(|now| now != old) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no checkpoint in {}", path.display());
    }

    fn text(from: impl Read) -> String {
        let lines = BufReader::new(from).lines().map(Result::unwrap);
        lines.map(|line| line + "\n").collect()
    }

    fn begin(path: &Path, line: &str) -> Child {
        let arguments: Vec<&str> = line.split(' ').collect();
        command(path, &arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// As many samples as make an epoch long enough to be interrupted in it.
    fn long(path: &Path) {
        let rows = fs::read_to_string(path.join("data/train.csv")).unwrap();
        fs::write(path.join("data/train.csv"), rows.repeat(200)).unwrap();
    }

    #[test]
    fn what_was_stopped_goes_on_as_if_nothing_had_happened() {
        let folder = folder();
        let path = folder.path();
        rich(path);
        long(path);
        for (file, engine) in [("rich", "float"), ("net", "fixed"), ("net", "array")] {
            let start = format!(
                "train {file}.fsnn --data data --engine {engine} --epochs 2 --checkpoint-every 500"
            );
            spidec(path, &format!("{start} -o whole")).code(OK);
            let state = path.join(format!("{engine} state"));
            let _ = fs::remove_file(&state);
            // Stopped again and again, in mid-epoch, as long as something is left.
            let mut line: Vec<String> = start.split(' ').map(str::to_string).collect();
            line.extend([
                "-o".to_string(),
                format!("{engine} state"),
                "--resume".to_string(),
            ]);
            let mut stopped = 0;
            let mut within = 0;
            loop {
                let old = fs::read(&state).unwrap_or_default();
                let words: Vec<&str> = line.iter().map(String::as_str).collect();
                let mut child = command(path, &words)
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                if stopped < 3 {
                    wait_for_another(&state, &old);
                    interrupt(&child);
                }
                let said = text(child.stderr.take().unwrap());
                match child.wait().unwrap().code() {
                    Some(OK) => break,
                    Some(130) => {}
                    other => panic!("{other:?}: {said}"),
                }
                stopped += 1;
                within += usize::from(said.contains("in epoch "));
                assert!(said.contains("stops after the batch at hand"), "{said}");
                assert!(said.contains("state holds all of it"), "{said}");
                // The command that it gives is one that goes on.
                let given = said.lines().find(|line| line.starts_with("  spidec train"));
                let given = given.unwrap_or_else(|| panic!("{said}")).trim();
                let parts = given.strip_prefix("spidec ").unwrap();
                let quoted = format!("'{engine} state'");
                assert!(parts.contains(&quoted), "{parts}");
                line = parts
                    .replace(&quoted, "STATE")
                    .split(' ')
                    .map(|word| word.replace("STATE", &format!("{engine} state")))
                    .collect();
            }
            assert!(within > 0, "{engine}: never stopped in mid-epoch");
            assert!(
                fs::read(&state).unwrap() == bytes(path, "whole"),
                "{engine}"
            );
        }
    }

    #[test]
    fn a_killed_training_goes_on_from_its_checkpoint() {
        let folder = folder();
        let path = folder.path();
        rich(path);
        long(path);
        let line = "train rich.fsnn --data data --engine float --epochs 1 --checkpoint-every 64";
        spidec(path, &format!("{line} -o whole")).code(OK);
        for k in 0..4 {
            let old = fs::read(path.join("s")).unwrap_or_default();
            let mut child = begin(path, &format!("{line} -o s --resume"));
            wait_for_another(&path.join("s"), &old);
            std::thread::sleep(Duration::from_millis(3 * k));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        spidec(path, &format!("{line} -o s --resume")).code(OK);
        assert!(bytes(path, "s") == bytes(path, "whole"));
    }

    #[test]
    fn the_second_one_ends_at_once() {
        let folder = folder();
        let path = folder.path();
        long(path);
        // A batch of everything: the first Ctrl-C waits for its end.
        let net = fs::read_to_string(path.join("net.fsnn")).unwrap();
        let net = net
            .replace("steps = 8,", "steps = 255,")
            .replace("steps = 16,", "steps = 255,")
            .replace(
                "training {",
                "training {\n  update = sgd(rate = 0.1, batch = 20000)",
            );
        fs::write(path.join("slow.fsnn"), net).unwrap();
        let line = "train slow.fsnn --data data --engine float --epochs 1000 -o s";
        let mut child = begin(path, &format!("{line} --threads 1"));
        wait_for_another(&path.join("s"), b"");
        interrupt(&child);
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        while !first.contains("Ctrl-C again") {
            first.clear();
            assert!(said.read_line(&mut first).unwrap() > 0);
        }
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        spidec(path, "eval slow.fsnn s --data data --engine float").code(OK);
    }
}
