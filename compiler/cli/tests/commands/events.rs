//! Networks that read recordings of events.

use crate::run::*;
use std::fs;
use std::path::Path;

/// A recording of a DVS128 as CIFAR10-DVS holds it: an event at each of the places, a microsecond apart.
fn recording(places: impl Iterator<Item = (u32, u32)>) -> Vec<u8> {
    let mut bytes = b"#!AER-DAT2.0\r\n".to_vec();
    for (time, (x, y)) in (0u32..).zip(places) {
        bytes.extend((y << 8 | x << 1).to_be_bytes());
        bytes.extend(time.to_be_bytes());
    }
    bytes
}

/// Two classes, of events in the upper half and in the lower; the last tenth of each is for tests.
fn halves(folder: &Path) {
    for (class, top) in [("low", 64), ("high", 0)] {
        fs::create_dir_all(folder.join(class)).unwrap();
        for number in 0..20 {
            let places = (0..400u32).map(|k| ((k * 37 + number) % 128, top + k * 11 % 64));
            let name = format!("cifar10_{class}_{number}.aedat");
            fs::write(folder.join(class).join(name), recording(places)).unwrap();
        }
    }
}

const NETWORK: &str = "spidec 1
network halves {
  input      retina [6, 6, 2] = events(resize = true)
  population hidden [8]       = if
  readout    half   [2]       = linear(from = hidden)
  forward  retina -> hidden = dense(init = normal(std = 60))
  feedback hidden -> hidden = dense(init = zeros, bias = false)
}
training {
  forward_stage = stage(steps = 10, v_th = 1)
  update   = sgd(rate = 0.2)
  schedule = constant
}
";

#[test]
fn recordings_of_another_size_are_trained_with_where_the_network_resizes_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    halves(&path.join("data"));
    fs::write(path.join("net.fsnn"), NETWORK).unwrap();
    let train = "train net.fsnn --data data --engine float --epochs 4 -o s --json";
    let said = spidec(path, train).code(OK).out;
    assert_eq!(said.lines().count(), 4, "{said}");
    let eval = spidec(path, "eval net.fsnn s --data data --engine float --json");
    assert_eq!(eval.code(OK).json()["accuracy"], 1.0);

    let plain = NETWORK.replace("events(resize = true)", "events");
    fs::write(path.join("net.fsnn"), plain).unwrap();
    spidec(path, train)
        .code(FINDINGS)
        .says("error[D003]")
        .says("samples [128, 128, 2] of 32768 values do not fit the input retina [6, 6, 2] of 72")
        .says("; write `events(resize = true)` for the input, to have recordings resized to its height and width, or ")
        .says("give it the shape [128, 128, 2]");
    // Darker and brighter are two channels, whatever the size.
    let one = NETWORK.replace("[6, 6, 2]", "[6, 6, 1]");
    fs::write(path.join("net.fsnn"), one).unwrap();
    spidec(path, train)
        .code(FINDINGS)
        .says("error[D003]")
        .says("samples [6, 6, 2] of 72 values do not fit")
        .says("give the input the shape [6, 6, 2] and `events(resize = true)`");
}

/// The published network itself, straight from the folder's files.
#[test]
fn the_network_of_cifar10_dvs_takes_its_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    halves(&path.join("data"));
    // Fewer channels and steps: the same input.
    let text = example("paper/cifar10_dvs.fsnn")
        .replace("[24, 24, 512]", "[24, 24, 2]")
        .replace("steps = 30,", "steps = 3,")
        .replace("steps = 250,", "steps = 3,");
    fs::write(path.join("net.fsnn"), text).unwrap();
    let train = "train net.fsnn --data data --engine float --epochs 1 --samples 2 -o s";
    spidec(path, train).code(OK);
}

#[test]
fn a_report_counts_what_events_reach() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // Each recording has 400 events in 10 steps, and the input is as large as their sensor.
    halves(&path.join("data"));
    let text = NETWORK
        .replace("events(resize = true)", "events")
        .replace("[6, 6, 2]", "[128, 128, 2]")
        .replace("std = 60", "std = 0.000001");
    fs::write(path.join("net.fsnn"), text).unwrap();
    spidec(path, "report net.fsnn --data data -o out").code(OK);
    let page = fs::read_to_string(path.join("out/report.html")).unwrap();
    assert!(path.join("out/raster.svg").is_file());
    assert!(page.contains("recordings of events are not drawn"));
    // 400 events to 8 neurons, which never fire; a readout of 8 rates and 2 classes, forward and backward.
    for cells in [
        "<tr><td>forward stage</td><td>3,200</td><td>16</td><td>0.003</td>",
        "<tr><td>backward stage</td><td>0</td><td>16</td><td>0.000</td>",
    ] {
        assert!(page.contains(cells), "{cells}");
    }
    assert!(page.contains("or an event of the input in its step"));

    // With a state, the answers are counted too. Generated samples have no events: that is said.
    let train = "train net.fsnn --data data --engine float --epochs 1 -o s";
    spidec(path, train).code(OK);
    spidec(path, "report net.fsnn --data data --state s -o out").code(OK);
    let page = fs::read_to_string(path.join("out/report.html")).unwrap();
    assert!(page.contains("4 test samples, classified in floating point"));
    let said = spidec(path, "report net.fsnn --state s -o out")
        .code(OK)
        .out;
    for part in [
        "Operations and energy",
        "What is taken for what",
        "Spikes and rates",
    ] {
        let why = format!("{part}: the network reads events, and generated samples have none.");
        assert!(said.contains(&why), "{said}");
    }
}

/// What was trained before it is kept.
#[test]
fn a_damaged_recording_ends_training_with_its_code_and_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    halves(&path.join("data"));
    fs::write(path.join("net.fsnn"), NETWORK).unwrap();
    spidec(
        path,
        "train net.fsnn --data data --engine float --epochs 1 -o whole",
    )
    .code(OK);
    let damage = |name: &str| {
        let file = path.join("data/low").join(name);
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() - 3]).unwrap();
        move || fs::write(&file, &bytes).unwrap()
    };
    let mend = damage("cifar10_low_3.aedat");
    let line = "train net.fsnn --data data --engine float --epochs 1";
    let told = spidec(path, &format!("{line} -o s")).code(FINDINGS);
    told.says("error[D022]").says("cifar10_low_3.aedat");
    let half = spidec(path, "eval net.fsnn s --data data --engine float --json").code(OK);
    let whole = spidec(
        path,
        "eval net.fsnn whole --data data --engine float --json",
    )
    .code(OK);
    assert_ne!(half.json()["loss"], whole.json()["loss"]);
    // Mended, training goes on as if nothing had happened.
    fs::copy(path.join("s"), path.join("half")).unwrap();
    mend();
    let told = spidec(path, &format!("{line} -o s --resume")).code(OK).out;
    assert!(told.contains(", without the first "), "{told}");
    assert!(fs::read(path.join("s")).unwrap() == fs::read(path.join("whole")).unwrap());
    // Without that sample it is another training, which can begin with what is there.
    fs::copy(path.join("half"), path.join("s")).unwrap();
    fs::remove_file(path.join("data/low/cifar10_low_3.aedat")).unwrap();
    spidec(path, &format!("{line} -o s --resume"))
        .code(FINDINGS)
        .says("error[S012]");
    spidec(path, &format!("{line} -o t --from s")).code(OK);

    let _ = damage("cifar10_low_19.aedat");
    let eval = "eval net.fsnn whole --data data --engine float";
    spidec(path, eval).code(FINDINGS).says("error[D022]");
    let report = "report net.fsnn --data data --state whole -o out";
    spidec(path, report).code(FINDINGS).says("error[D022]");
    assert!(!path.join("out/report.html").exists());
}
