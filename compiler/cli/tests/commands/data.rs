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
    let labels = json["training"]["labels"].as_array().unwrap().iter();
    let samples = labels.map(|of| of["samples"].as_u64().unwrap());
    assert_eq!(samples.sum::<u64>(), 300);
    let text = spidec(path, "data info made").code(OK).out;
    assert!(
        text.contains("training: 300 samples of [8, 8, 1]"),
        "{text}"
    );
    let drawn = spidec(path, "data show made --split test --sample 58 --count 5")
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
    for (line, words) in [
        ("data info nowhere", "there is no folder nowhere"),
        ("data info nowhere", "`spidec data make nowhere`"),
        ("data show nowhere", "there is no folder nowhere"),
        ("data info data/train.csv", "name the folder that holds it"),
    ] {
        spidec(path, line).code(USAGE).says(words);
    }
    assert_eq!(
        spidec(path, "data show made --index 7").code(OK).out,
        spidec(path, "data show made --sample 7").code(OK).out
    );
    spidec(path, "data show made --sample 20")
        .code(USAGE)
        .says("there is no training sample 20: made holds 20 samples");
    spidec(path, "data show made --count 0").code(USAGE);
}

#[test]
fn many_labels_are_told_in_few_lines() {
    let folder = folder();
    let path = folder.path();
    let info = |labels: &[u32]| {
        let rows = labels.iter().map(|label| format!("1,2,{label}\n"));
        fs::write(path.join("data/train.csv"), rows.collect::<String>()).unwrap();
        let said = spidec(path, "data info data").code(OK).out;
        let (said, _) = said.split_once("test: ").unwrap();
        let said = said.to_string();
        let json = spidec(path, "data info data --json").code(OK).json();
        let listed = json["training"]["labels"].as_array().unwrap().clone();
        (said, listed)
    };
    let labels: Vec<u32> = (0..1000).map(|k| 3 * k).collect();
    let (said, listed) = info(&labels);
    assert!(said.contains("\n  labels 0: 1, 3: 1, "), "{said}");
    assert!(said.contains(" 57: 1\n"), "{said}");
    assert!(said.contains(" ... and 980 more, up to 2997\n"), "{said}");
    let width = said.lines().map(|line| line.chars().count()).max();
    assert!(width < Some(100), "{said}");
    assert_eq!(listed.len(), 1000);
    assert_eq!(listed[2], serde_json::json!({ "label": 6, "samples": 1 }));

    // All of 20, and a label so large that a list up to it would fill the memory.
    let (said, listed) = info(&(0..19).chain([u32::MAX, u32::MAX]).collect::<Vec<_>>());
    assert!(said.contains(", 18: 1, 4294967295: 2\n"), "{said}");
    assert!(!said.contains("more"), "{said}");
    assert_eq!(listed.len(), 20);
}

#[test]
fn recordings_and_color_pictures_are_described_and_drawn() {
    let folder = folder();
    let path = folder.path();
    // Two events: row 3, column 4, brighter; 2,000 us later row 30, column 33, darker.
    let events = [4, 3, 0x80, 0, 0, 33, 30, 0, 7, 0xd0];
    for class in ["Train/0", "Train/7", "Test/7"] {
        let class = path.join("retina").join(class);
        fs::create_dir_all(&class).unwrap();
        fs::write(class.join("00001.bin"), events).unwrap();
    }
    let said = spidec(path, "data info retina").code(OK).out;
    let wanted = "training: 2 recordings on [34, 34, 2], 2 to 2 events, 2 on average, 50 % of them brighter, 2 ms";
    assert!(
        said.contains(wanted) && said.contains("labels 0: 1, 7: 1"),
        "{said}"
    );
    let json = spidec(path, "data info retina --json").code(OK).json();
    assert_eq!(json["training"]["events"]["most"], 2);
    assert_eq!(json["test"]["labels"][0]["label"], 7);
    let drawn = spidec(path, "data show retina --count 9").code(OK).out;
    assert!(
        drawn.contains("training sample 1, label 7, 2 events in 2 ms"),
        "{drawn}"
    );
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!(lines.len(), 2 * (1 + 34 + 1), "{drawn}");
    let at = |row: usize| lines[1 + row].chars().position(|c| c == '\u{2588}');
    assert_eq!(
        (at(3), at(30), at(4)),
        (Some(2 + 2 * 4), Some(2 + 2 * 33), None)
    );
    assert_eq!(lines[35].matches('\u{2588}').count(), 2, "{drawn}");
    spidec(path, "eval net.fsnn s --data retina --engine fixed").code(USAGE);
    spidec(
        path,
        "train net.fsnn --data retina --engine fixed --epochs 1 -o s",
    )
    .code(FINDINGS)
    .says("error[D006]");

    let colors = path.join("colors");
    fs::create_dir(&colors).unwrap();
    fs::write(
        colors.join("test_batch.bin"),
        [&[5][..], &[9; 3072]].concat(),
    )
    .unwrap();
    let said = spidec(path, "data info colors").code(OK).out;
    assert!(
        said.contains("test: 1 samples of [32, 32, 3], values 9 to 9"),
        "{said}"
    );
    let drawn = spidec(path, "data show colors --split test").code(OK).out;
    assert_eq!(drawn.matches('\u{2588}').count(), 32 * 32 * 2, "{drawn}");
}

#[test]
fn what_cannot_be_fetched_leaves_nothing() {
    let folder = folder();
    let path = folder.path();
    // Nobody listens there.
    spidec(path, "data fetch mnist new --from http://127.0.0.1:1/x")
        .code(USAGE)
        .says("http://127.0.0.1:1/x/train-images-idx3-ubyte.gz: ");
    assert_eq!(fs::read_dir(path.join("new")).unwrap().count(), 0);
    spidec(path, "data fetch mnist data --from http://127.0.0.1:1")
        .code(USAGE)
        .says("already; name a folder for this dataset alone");
    spidec(path, "data fetch nothing new").code(USAGE);
}

#[test]
fn lists_of_values_are_drawn_as_squares_or_as_asked() {
    let folder = folder();
    let path = folder.path();
    let show = |rest: &str| spidec(path, format!("data show data {rest}").trim());
    let lines = |rest: &str| show(rest).code(OK).out.lines().count();
    // 64 values.
    assert_eq!(
        [lines(""), lines("--shape 8,8,1"), lines("--shape 8,8")],
        [9, 9, 9]
    );
    assert_eq!([lines("--shape 4,16,1"), lines("--shape 4,4,4")], [5, 5]);
    for rest in [
        "--shape 8,9,1",
        "--shape 8",
        "--shape 4294967295,4294967295,4294967295",
    ] {
        show(rest).code(USAGE).says("unless --shape says which");
    }
    fs::write(path.join("data/train.csv"), "1,2,3,0\n").unwrap();
    show("")
        .code(USAGE)
        .says("samples of [3] are no pictures, unless --shape says which, such as --shape 8,8,1");
    assert_eq!(lines("--shape 1,3,1"), 2);
}

#[test]
fn splits_that_do_not_belong_together_are_remarked_on() {
    let folder = folder();
    let path = folder.path();
    let info = |train: &str, test: &str| {
        for (name, text) in [("train", train), ("test", test)] {
            let file = path.join(format!("data/{name}.csv"));
            match text {
                "" => fs::remove_file(file).unwrap(),
                text => fs::write(file, text).unwrap(),
            }
        }
        spidec(path, "data info data").code(OK).out
    };
    assert!(!info("1,2,0\n1,2,1\n", "1,2,1\n3,4,0\n").contains("note:"));
    for (train, test, said) in [
        (
            "1,2,0\n",
            "1,2,3,0\n",
            "note: training samples are [2], test samples [3]: one network cannot take both",
        ),
        (
            "1,2,0\n1,2,16\n",
            "1,2,0\n",
            "note: only training samples have label 16: it is never tested",
        ),
        (
            "1,2,0\n",
            "1,2,0\n1,2,1\n1,2,2\n1,2,3\n1,2,4\n1,2,5\n1,2,6\n",
            "note: only test samples have label 1, 2, 3, 4, 5 and 1 more: it is never trained",
        ),
        (
            "1,2,0\n",
            "",
            "note: there is no test data: `train`, `eval` and `verify` need it",
        ),
    ] {
        let told = info(train, test);
        assert_eq!(told.matches("note:").count(), 1, "{told}");
        assert!(told.contains(said), "{said}: {told}");
    }
}
