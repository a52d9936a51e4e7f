//! `spidec demo`.

use crate::run::*;
use std::fs;

#[test]
fn hardware_trains_itself_in_an_empty_folder() {
    if !has("verilator") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let said = spidec(path, "demo").code(OK).out;
    for wanted in crate::first_minutes::numbers() {
        assert!(said.contains(&wanted), "no `{wanted}` in {said}");
    }
    for part in [
        "64 inputs -> 64 neurons",
        "The hardware taught itself",
        "report.html: open it in a browser; its 9 pictures",
        "0 of ",
        " compared values differ",
        "clock cycles",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let made = path.join("spidec-demo");
    for name in [
        "digits.fsnn",
        "digits.safetensors",
        "log.jsonl",
        "data/train-images-idx3-ubyte",
        "hardware/rtl/spidec_top.v",
        "hardware/manifest.json",
        "report/report.html",
        "report/curves.svg",
        "report/verification.svg",
    ] {
        assert!(made.join(name).is_file(), "{name}");
    }

    // The next three commands do what they say.
    let next = said.lines().filter_map(|l| l.strip_prefix("  spidec "));
    let next: Vec<&str> = next.collect();
    assert_eq!(next.len(), 3, "{said}");
    for command in next {
        spidec(path, command).code(OK);
    }

    // The page shows a sample that the network knows, and how to see another: with that no picture is lost.
    let page = || fs::read_to_string(made.join("report/report.html")).unwrap();
    let shown = page();
    assert!(shown.contains("Test sample ") && !shown.contains("which is wrong"));
    let (_, command) = shown.split_once("<code>spidec report ").unwrap();
    let (command, _) = command.split_once("</code>").unwrap();
    assert!(command.ends_with(" --sample K"), "{command}");
    let command = format!("report {command}");
    let count = || fs::read_dir(made.join("report")).unwrap().count();
    assert_eq!(count(), 10);
    spidec(path, &command.replace("--sample K", "--sample 3")).code(OK);
    assert!(page().contains("Test sample 3, "));
    assert_eq!(count(), 10);

    // The same training by the other commands.
    let state = fs::read(made.join("digits.safetensors")).unwrap();
    spidec(
        path,
        "train spidec-demo/digits.fsnn --data spidec-demo/data --engine fixed --epochs 1 -o same.safetensors",
    )
    .code(OK);
    assert!(fs::read(path.join("same.safetensors")).unwrap() == state);
}

#[test]
fn a_demo_after_a_demo_keeps_what_is_the_users() {
    if !has("verilator") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let made = path.join("spidec-demo");
    spidec(path, "demo --samples 150 --test 40").code(OK);
    let state = fs::read(made.join("digits.safetensors")).unwrap();

    // What the user made of the network stays, and is what runs.
    let text = fs::read_to_string(made.join("digits.fsnn")).unwrap();
    let text = text.replace("rate = 0.02", "rate = 0.04");
    fs::write(made.join("digits.fsnn"), &text).unwrap();
    spidec(path, "demo --samples 150 --test 40").code(OK);
    assert_eq!(fs::read_to_string(made.join("digits.fsnn")).unwrap(), text);
    assert!(fs::read(made.join("digits.safetensors")).unwrap() != state);
    // More digits than were made are made; the first are the same. Those of someone else are used as they are.
    let images =
        |part: &str| fs::read(made.join(format!("data/{part}-images-idx3-ubyte"))).unwrap();
    let few = [images("train"), images("t10k")];
    let said = spidec(path, "demo --samples 160 --test 30").code(OK).out;
    assert!(
        said.contains("160 digits to train on, 30 to test on"),
        "{said}"
    );
    assert_eq!(images("t10k"), few[1]);
    // A header of 16 bytes tells the count.
    assert!(images("train")[16..].starts_with(&few[0][16..]) && images("train") != few[0]);
    let mut foreign = images("train");
    foreign[16 + 9] ^= 1;
    fs::write(made.join("data/train-images-idx3-ubyte"), &foreign).unwrap();
    let said = spidec(path, "demo --samples 170 --test 30").code(OK);
    assert!(said.out.contains("160 digits to train on"), "{}", said.out);
    said.says("holds 160 training samples, fewer than 170; all are used");
    assert_eq!(images("train"), foreign);

    // The page counts what the summary counts.
    let summary = spidec(path, "demo --samples 150 --test 30").code(OK).out;
    let page = fs::read_to_string(made.join("report/report.html")).unwrap();
    let between = |start: &str, end: &str| -> String {
        let (_, rest) = summary.split_once(start).unwrap();
        rest.split_once(end).unwrap().0.to_string()
    };
    for (start, end, on_page) in [
        (
            "agree: 0 of ",
            " compared",
            " values compared, none differs",
        ),
        ("training sample took ", " clock", " cycles a sample"),
        ("a test sample ", ".\n", " cycles a sample"),
    ] {
        let number = between(start, end) + on_page;
        assert!(page.contains(&number), "{number}");
    }
    assert!(page.contains("Accuracy and loss") && !page.contains("the log has none"));

    // Noise is not called learning.
    let hot = text.replace("rate = 0.04", "rate = 5");
    fs::write(made.join("digits.fsnn"), &hot).unwrap();
    let said = spidec(path, "demo --samples 150 --test 40").code(OK).out;
    for part in [
        "The hardware learned nothing yet",
        "no better than guessing",
        "another rate (it is 5)",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }

    // A mistake in it is told at its place.
    fs::write(made.join("digits.fsnn"), text.replace("= if", "= of")).unwrap();
    let said = spidec(path, "demo").code(FINDINGS).err;
    assert!(said.contains("digits.fsnn:6"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("taken"), "text").unwrap();
    // Files that the demo would replace are its own, or it stops before it writes.
    for (name, what) in [
        ("digits.safetensors", "no state of spidec"),
        ("report/curves.svg", "report"),
        ("log.jsonl", "a file is there that is none"),
    ] {
        let path = folder.path().join("own").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        let said = spidec(folder.path(), "demo -o own").code(USAGE).err;
        assert!(said.contains(what), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert!(!folder.path().join("own/digits.fsnn").exists());
        fs::remove_file(&path).unwrap();
    }
    let said = spidec(folder.path(), "demo -o taken").code(USAGE).err;
    assert!(said.contains("cannot write taken"), "{said}");
    assert_eq!(
        fs::read_to_string(folder.path().join("taken")).unwrap(),
        "text"
    );
}
