//! What `spidec train` says of a training that will hardly learn.

use crate::run::*;
use std::fs;
use std::path::Path;

/// A folder with digits in `data`, and the example for them changed, `net.fsnn`.
fn digits(change: (&str, &str)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    spidec(folder.path(), "data make data --train 1000 --test 200").code(OK);
    put(folder.path(), change);
    folder
}

fn put(folder: &Path, (from, to): (&str, &str)) {
    let text = example("digits.fsnn");
    assert!(text.contains(from), "{from}");
    fs::write(folder.join("net.fsnn"), text.replace(from, to)).unwrap();
}

fn train(folder: &Path, engine: &str, rest: &str) -> Outcome {
    let line = format!("train net.fsnn --data data --engine {engine} -o s {rest}");
    let said = spidec(folder, line.trim()).code(OK);
    fs::remove_file(folder.join("s")).unwrap();
    said
}

#[test]
fn a_scale_that_does_not_bring_inputs_to_one_is_warned_of() {
    let folder = digits(("1/16)", "1/256)"));
    let path = folder.path();
    let warning = "spidec: warning: values of the training data reach 16; times the scale of the input image (line 5)";
    for (scale, scaled) in [("1/256", "0.0625"), ("1", "16")] {
        put(path, ("1/16)", &format!("{scale})")));
        for engine in ["float", "fixed"] {
            let said = train(path, engine, "--epochs 2 --samples 50");
            assert_eq!(
                said.err.matches("times the scale").count(),
                1,
                "{}",
                said.err
            );
            said.says(warning)
                .says(&format!("that is {scaled}, where about 1 is wanted"))
                .says("write `constant(scale = 1/16)`");
        }
    }
    for scale in ["1/16", "1/64", "1/4"] {
        put(path, ("1/16)", &format!("{scale})")));
        let said = train(path, "fixed", "--epochs 1 --samples 50").err;
        assert!(!said.contains("times the scale"), "{scale}: {said}");
    }
}

#[test]
fn each_epoch_tells_its_rate_and_a_schedule_that_ends_early_is_noted() {
    let folder = digits(("every = 4", "every = 1"));
    let path = folder.path();
    let few = |epochs: u32, rest: &str| {
        train(
            path,
            "fixed",
            &format!("--samples 20 --epochs {epochs} {rest}"),
        )
    };
    let json = few(3, "--json").out;
    let rates = json.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["rate"].as_f64().unwrap()
    });
    assert_eq!(rates.collect::<Vec<_>>(), [0.02, 0.01, 0.005]);
    let told = few(3, "").out;
    for rate in ["rate 0.02, ", "rate 0.01, ", "rate 0.005, "] {
        assert_eq!(told.matches(rate).count(), 1, "{told}");
    }
    // 1/64 of the rate is left in the seventh epoch, 1/128 in the eighth.
    assert!(!few(7, "").err.contains("schedule"));
    few(20, "").says(
        "note: the schedule step(every = 1, factor = 0.5) (line 16) leaves less than 1/100 of the rate from epoch 8 on; \
         for 20 epochs write `schedule = step(every = 4, factor = 0.5)` or `schedule = constant`",
    );
    // Half a cosine is meant to end with the training.
    put(
        path,
        ("step(every = 4, factor = 0.5)", "cosine(epochs = 20)"),
    );
    assert!(!few(20, "").err.contains("schedule"));
    few(21, "").says(
        "note: the schedule cosine(epochs = 20) (line 16) ends before the training: the rate is 0 from epoch 21 on; \
         for 21 epochs write `schedule = cosine(epochs = 21)`",
    );
    few(5, "").says(
        "note: the schedule cosine(epochs = 20) (line 16) ends after the training: epoch 5, the last now, still has a \
         rate of 0.0181; `--resume --epochs 20` goes on to its end; for 5 epochs write `schedule = cosine(epochs = 5)`",
    );
    put(path, ("every = 4", "every = 4"));
    assert!(!few(20, "").err.contains("schedule"));
    let text = example("digits.fsnn");
    let text = text.lines().filter(|line| !line.contains("schedule"));
    fs::write(path.join("net.fsnn"), text.collect::<Vec<_>>().join("\n")).unwrap();
    few(8, "").says("(the default) leaves less than 1/100 of the rate from epoch 8 on");
}

#[test]
fn a_training_that_is_no_better_than_guessing_is_warned_of_once() {
    let folder = digits(("rate = 0.02", "rate = 5"));
    let path = folder.path();
    let warning = "it is not clearly better than guessing";
    for engine in ["fixed", "array"] {
        let said = train(path, engine, "--epochs 3");
        assert_eq!(said.err.matches(warning).count(), 1, "{}", said.err);
        said.says("warning: after epoch 1 it is")
            .says("another rate than 5 (line 15)");
        // Where little was seen the last epoch is judged.
        train(path, engine, "--epochs 2 --samples 100")
            .says("warning: after epoch 2 it is")
            .says("(200 samples were seen)");
    }
    put(path, ("rate = 0.02", "rate = 0.02"));
    for engine in ["float", "fixed"] {
        let said = train(path, engine, "--epochs 1").err;
        assert!(!said.contains(warning), "{engine}: {said}");
    }
}

#[test]
fn a_sorted_file_is_told_from_labels_that_are_not_there() {
    let folder = folder();
    let path = folder.path();
    let rows = fs::read_to_string(path.join("data/train.csv")).unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_by_key(|row| row.rsplit(',').next().unwrap().parse::<u32>().unwrap());
    fs::write(path.join("data/train.csv"), rows.join("\n")).unwrap();
    let said = train(path, "fixed", "--epochs 1 --samples 20").err;
    for part in [
        "but none of the first 20 training samples has label ",
        "the data have such samples, further on: take more by --samples, or shuffle their order",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    let said = train(path, "fixed", "--epochs 1").err;
    assert!(!said.contains(" has label "), "{said}");
    // What no sample has, shuffling does not bring.
    let kept: Vec<&str> = rows
        .iter()
        .filter(|row| !row.ends_with(",9"))
        .copied()
        .collect();
    fs::write(path.join("data/train.csv"), kept.join("\n")).unwrap();
    let said = train(path, "fixed", "--epochs 1 --samples 20").err;
    assert!(said.contains("but no training sample has label "), "{said}");
}

/// The error of a sample is divided by the batch: without a loss scale it never reaches a threshold.
#[test]
fn a_backward_stage_that_hardly_fires_is_warned_of() {
    let rule = "update   = sgd(rate = 0.02)";
    let folder = digits((rule, "update = sgd(rate = 0.02, batch = 64)"));
    let path = folder.path();
    let warning = "spidec: warning: in the backward stage hidden (line 6) hardly fired";
    let said = train(path, "float", "--epochs 2");
    assert_eq!(said.err.matches(warning).count(), 1, "{}", said.err);
    said.says(
        "divided by the batch, 64; a larger `loss` scale than 1, about as large as the batch, lets it through",
    );
    let scaled = "loss = cross_entropy(scale = 64)\n  update = sgd(rate = 0.02, batch = 64)";
    put(path, (rule, scaled));
    let said = train(path, "float", "--epochs 1").err;
    assert!(!said.contains("hardly fired"), "{said}");
    let deaf = "backward_stage = stage(v_th = 1000)\n  loss = cross_entropy(scale = 64)\n  \
                update = sgd(rate = 0.02, batch = 64)";
    let both = "backward_stage = stage(steps = 32, v_th = 0.5)\n  update   = sgd(rate = 0.02)";
    put(path, (both, deaf));
    let said = train(path, "float", "--epochs 1");
    said.says(
        "a larger `loss` scale than 64, larger initial weights or a smaller v_th of `backward_stage` let it through",
    );
}
