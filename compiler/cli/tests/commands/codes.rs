//! Help, exit codes, and what is said with them.

use crate::run::*;
use std::fs;
use std::path::Path;

#[test]
fn every_command_explains_itself_with_an_example() {
    for name in [
        "check",
        "build",
        "train",
        "eval",
        "verify",
        "doctor",
        "tools",
        "tools install",
        "tools download",
        "tools list",
        "fmt",
        "golden",
        "explain",
        "completions",
        "demo",
        "data make",
        "data fetch",
        "data info",
        "data show",
        "report",
        "converge",
    ] {
        let help = spidec(&root(), &format!("{name} --help")).code(OK).out;
        let example = help.split("Example").nth(1).unwrap_or_default();
        assert!(example.contains(&format!("spidec {name}")), "{help}");
    }
    let help = spidec(&root(), "--help").code(OK).out;
    assert!(
        help.contains("Exit codes: 0 ok, 1 findings, 2 usage, 3"),
        "{help}"
    );
    spidec(&root(), "--version").code(OK);
}

#[test]
fn check_prints_a_network_file_that_prints_itself() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["tiny.fsnn", "digits.fsnn", "three.fsnn", "mnist.fsnn"] {
        fs::write(folder.path().join("a.fsnn"), example(name)).unwrap();
        let once = spidec(folder.path(), "check a.fsnn").code(OK).out;
        assert!(once.starts_with("spidec 1\n"), "{once}");
        fs::write(folder.path().join("b.fsnn"), &once).unwrap();
        let twice = spidec(folder.path(), "check b.fsnn").code(OK);
        assert_eq!(once, twice.out);
        let json = spidec(folder.path(), "check a.fsnn --json").code(OK).json();
        assert_eq!(json["network"], once.as_str());
        assert_eq!(json["engine_obstacles"]["array"], serde_json::json!([]));
        assert!(json["findings"].is_array() && json["membranes"][0]["worst_case_bits"].is_u64());
    }
}

#[test]
fn findings_come_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = example("tiny.fsnn")
        .replace("= if ", "= iff ")
        .replace("lanes    = 4 ", "lanes    = 5 ")
        .replace("steps = 16", "steps = 0");
    fs::write(folder.path().join("bad.fsnn"), text).unwrap();
    let found = spidec(folder.path(), "check bad.fsnn").code(FINDINGS);
    let found = found.says("`iff`").says("lanes").says("steps = 0");
    assert!(
        found.err.ends_with("spidec: 3 errors in bad.fsnn\n"),
        "{}",
        found.err
    );
    assert_eq!(found.out, "");
    let json = spidec(folder.path(), "check bad.fsnn --json").code(FINDINGS);
    assert_eq!(json.json()["findings"].as_array().unwrap().len(), 3);
    assert_eq!(json.err, "");
    // Every other command refuses it in the same words.
    let built = spidec(folder.path(), "build bad.fsnn -o out").code(FINDINGS);
    assert_eq!(built.err, found.err);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn many_findings_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    let lines = (0..30).map(|k| format!("  populaton p{k} [2] = if\n"));
    let text = example("tiny.fsnn").replace(
        "network tiny {\n",
        &format!("network tiny {{\n{}", lines.collect::<String>()),
    );
    fs::write(folder.path().join("bad.fsnn"), text).unwrap();
    let found = spidec(folder.path(), "check bad.fsnn").code(FINDINGS);
    assert_eq!(found.err.matches("error[").count(), 20, "{}", found.err);
    found
        .says("and 10 more: `spidec check bad.fsnn --json` has all")
        .says("spidec: 30 errors in bad.fsnn");
    let json = spidec(folder.path(), "check bad.fsnn --json").code(FINDINGS);
    assert_eq!(json.json()["findings"].as_array().unwrap().len(), 30);
}

#[test]
fn words_of_other_tools_are_answered_in_this_language() {
    let folder = tempfile::tempdir().unwrap();
    for (word, said) in [
        ("learning_rate = 0.1", "write `update = sgd(rate = 0.02)`"),
        ("optimizer = sgd", "write `update = sgd(rate = 0.02)`"),
        ("epochs = 10", "`spidec train --epochs N`"),
        (
            "batch_size = 32",
            "write `update = sgd(rate = 0.02, batch = 32)`",
        ),
    ] {
        let text = example("tiny.fsnn").replace("training {", &format!("training {{\n  {word}"));
        fs::write(folder.path().join("bad.fsnn"), text).unwrap();
        let found = spidec(folder.path(), "check bad.fsnn").code(FINDINGS);
        found
            .says("error[E030]")
            .says(said)
            .says("expected `forward_stage`");
    }
    let text = example("tiny.fsnn").replace("[8, 8, 1]", "[8, 8]");
    fs::write(folder.path().join("bad.fsnn"), text).unwrap();
    let found = spidec(folder.path(), "check bad.fsnn").code(FINDINGS);
    found.says("error[E050]").says("write `[8, 8, 1]`");
}

#[test]
fn a_network_that_some_engines_lack_is_right_first_and_then_why() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.fsnn"), example("convnet_f.fsnn")).unwrap();
    let said = spidec(folder.path(), "check a.fsnn").code(OK).err;
    assert!(!said.contains("error"), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "ok: accepted by the engines: float",
            "not by: fixed, array, training in fixed, training on the array, because",
        ]
    );
    for line in [
        "  lines 11, 12, 13: fixed point has no convolution, which this network needs [E079]; use the floating-point \
         engine, which executes every network: `--engine float`",
        "  line 30: fixed point cannot train this network: momentum is not kept [E086]; write `momentum = 0`, or train \
         in floating point",
    ] {
        assert!(lines.contains(&line), "{line}\n{said}");
    }
    assert!(
        said.ends_with("for more: spidec explain E079 E085 E086 E087\n"),
        "{said}"
    );
    // What is asked of such an engine is an error.
    let line = "train a.fsnn --engine fixed --data d --epochs 1 -o s";
    spidec(folder.path(), line)
        .code(FINDINGS)
        .says("error[E079]");
}

#[test]
fn a_network_too_large_for_the_array_is_refused_with_a_code_and_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = root().join("tests/diagnostics/E091_weight_words.fsnn");
    fs::copy(fixture, folder.path().join("wide.fsnn")).unwrap();
    let json = spidec(folder.path(), "check wide.fsnn --json")
        .code(OK)
        .json();
    assert_eq!(json["engine_obstacles"]["array"][0]["code"], "E091");
    assert_eq!(json["engine_obstacles"]["fixed"], serde_json::json!([]));
    for line in ["build wide.fsnn -o out", "verify wide.fsnn"] {
        spidec(folder.path(), line)
            .code(FINDINGS)
            .says("error[E091]")
            .says("wide.fsnn:8:3");
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn bad_files_are_findings() {
    let folder = folder();
    let path = folder.path();
    let put = |name: &str, bytes: &[u8]| fs::write(path.join(name), bytes).unwrap();
    put("empty.fsnn", b"");
    put("binary.fsnn", &[0xff, 0, 0xfe]);
    put("junk.state", b"junk");
    fs::create_dir(path.join("wrong")).unwrap();
    put("wrong/test.csv", b"1,2,3,0\n");
    put("wrong/train.csv", b"1,2,x,0\n");
    fs::create_dir(path.join("none")).unwrap();
    let narrow = example("tiny.fsnn").replace(
        "bits = 8, frac = 5, overflow = saturate",
        "bits = 4, frac = 3",
    );
    put("narrow.fsnn", narrow.as_bytes());
    put("digits.fsnn", example("digits.fsnn").as_bytes());
    spidec(
        path,
        "train net.fsnn --data data --engine float --epochs 1 -o s",
    )
    .code(OK);

    let train = "train net.fsnn --engine fixed --epochs 1 -o t";
    for (line, words) in [
        ("check empty.fsnn".into(), "E022"),
        ("check binary.fsnn".into(), "not UTF-8"),
        (
            format!("{train} --data wrong"),
            "line 1: column 3 holds `x`",
        ),
        (format!("{train} --data none"), "no training data in none"),
        (
            format!("{train} --data data --from junk.state"),
            "none that `spidec train` wrote",
        ),
        (
            "eval net.fsnn s --data wrong --engine fixed".into(),
            "do not fit the input image",
        ),
        (
            "eval digits.fsnn s --data data --engine fixed".into(),
            "tensor image->hidden/weight has shape [8, 64]",
        ),
        (
            "verify digits.fsnn --state s".into(),
            "tensor image->hidden/weight has shape [8, 64]",
        ),
        (
            "build digits.fsnn --state s -o out".into(),
            "tensor image->hidden/weight has shape [8, 64]",
        ),
        ("build narrow.fsnn -o out".into(), "overflow = saturate"),
        (
            "eval narrow.fsnn s --data data --engine array".into(),
            "overflow = saturate",
        ),
    ] {
        spidec(path, &line).code(FINDINGS).says(words);
    }
    assert!(!path.join("t").exists() && !path.join("out").exists());
}

#[test]
fn commands_that_cannot_be_carried_out_are_usage() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("file"), "mine").unwrap();
    fs::write(path.join("named.csv"), "a,b,label\n1,2,0\n").unwrap();
    fs::write(
        path.join("plain.txt"),
        format!("\n// Mine.\n{}", example("tiny.fsnn")),
    )
    .unwrap();
    spidec(
        path,
        "train net.fsnn --data data --engine fixed --epochs 1 -o s",
    )
    .code(OK);
    let train = "train net.fsnn --data data --engine fixed --epochs 1 -o t";
    for (line, words) in [
        ("check missing.fsnn".into(), "missing.fsnn"),
        (
            "check data".into(),
            "data is a folder; the network file is wanted here",
        ),
        (
            "check data/train.csv".into(),
            "data/train.csv looks like a table of numbers (CSV); the network file is wanted here",
        ),
        (
            "check named.csv".into(),
            "named.csv looks like a table of numbers (CSV)",
        ),
        ("data make file".into(), "file is a file; name a folder"),
        (
            "data make file/below".into(),
            "file is a file; name a folder",
        ),
        (
            "tools download file".into(),
            "file is a file; name a folder",
        ),
        (
            "tools download data".into(),
            ".csv, which is no wheel; name a folder for the wheels alone",
        ),
        ("check net".into(), "there is net.fsnn"),
        ("check .".into(), "there is ./net.fsnn"),
        (
            "eval s net.fsnn --data data --engine fixed".into(),
            "the network file comes first",
        ),
        ("check net.fsnn --colour".into(), "--colour"),
        ("chekc net.fsnn".into(), "check"),
        ("check".into(), "<FILE>"),
        (train.replace("--epochs 1", "--epochs 0"), "--epochs"),
        (
            train.replace("--engine fixed", "--engine hardware"),
            "[possible values: float, fixed, array]",
        ),
        (
            train.replace("--data data", "--data nowhere"),
            "there is no folder nowhere",
        ),
        (
            train.replace("--data data", "--data data/train.csv"),
            "name the folder that holds it",
        ),
        (train.replace("-o t", "-o no/t"), "there is no folder no"),
        (train.replace("-o t", "-o net.fsnn"), "no state of spidec"),
        (train.replace("-o t", "-o data"), "it is a folder"),
        (
            format!("{train} --from nowhere"),
            "there is no state file nowhere",
        ),
        (
            format!("{train} --from s").replace("--epochs 1", "--epochs 1000000"),
            "cannot be counted",
        ),
        (
            "eval net.fsnn nowhere --data data --engine fixed".into(),
            "there is no state file nowhere",
        ),
        (
            "eval net.fsnn net.fsnn --data data --engine fixed".into(),
            "net.fsnn is a network file; the state is wanted here",
        ),
        (
            format!("{train} --from plain.txt"),
            "plain.txt is a network file; the state is wanted here",
        ),
        (
            "eval net.fsnn data --data data --engine fixed".into(),
            "data is a folder; the state is wanted here, a file",
        ),
        (
            "verify net.fsnn --state net.fsnn".into(),
            "net.fsnn is a network file; the state is wanted here",
        ),
        (
            "check s".into(),
            "s is a state; the network file is wanted here",
        ),
        (
            "report net.fsnn --log s -o r".into(),
            "s is no log, as `spidec train --log` writes it",
        ),
        (
            "report net.fsnn --log nowhere -o r".into(),
            "cannot read the log nowhere",
        ),
        (
            train.replace(" --engine fixed", ""),
            "--engine <float|fixed|array>",
        ),
        ("build net.fsnn -o file".into(), "it is a file"),
        (
            "verify net.fsnn --waveform no/w.vcd".into(),
            "there is no folder no",
        ),
        (
            "verify net.fsnn --simulator icarus --waveform w.fst".into(),
            "name the file `.vcd`",
        ),
        (
            "verify net.fsnn --samples 4294967295".into(),
            "ask for fewer",
        ),
        (
            "verify net.fsnn --set-up --simulator icarus".into(),
            "apt-get install iverilog",
        ),
    ] {
        spidec(path, &line).code(USAGE).says(words);
    }
    assert_eq!(fs::read_to_string(path.join("file")).unwrap(), "mine");
    let fewer = "eval net.fsnn s --data data --engine fixed --samples 1000";
    spidec(path, fewer)
        .code(OK)
        .says("holds 60 test samples, fewer than 1000");
}

#[test]
fn a_missing_tool_is_told_with_the_line_that_gets_it() {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("tools")).unwrap();
    let bare = |path: &Path, line: &str| {
        let arguments: Vec<&str> = line.split(' ').collect();
        let mut command = command(path, &arguments);
        command
            .env("PATH", "")
            .env("SPIDEC_TOOLS", path.join("tools"));
        for name in [
            "RTLSIM_VERILATOR",
            "RTLSIM_IVERILOG",
            "RTLSIM_PYTHON",
            "VERILATOR_ROOT",
            "CXX",
        ] {
            command.env_remove(name);
        }
        finish(command).code(TOOL)
    };
    bare(path, "verify net.fsnn")
        .says("`sudo apt-get install verilator`")
        .says("`spidec tools install simulate`");
    bare(path, "verify net.fsnn --simulator icarus").says("`sudo apt-get install iverilog`");
    bare(path, "verify net.fsnn --set-up").says("`sudo apt-get install python3 python3-pip`");
    let doctor = bare(path, "doctor")
        .says("verify needs verilator (`spidec tools install simulate`)")
        .says("c++ compiler (`sudo apt-get install g++`)")
        .out;
    for line in [
        "spidec tools install synthesize\n",
        "spidec tools install prove\n",
        "sudo apt-get install verilator  (5.006 or newer",
        "sudo apt-get install python3 python3-pip",
        "oss-cad-suite",
    ] {
        assert!(doctor.contains(line), "{line}: {doctor}");
    }
    let json = bare(path, "doctor --json").json();
    assert!(
        json["tools"]
            .as_array()
            .unwrap()
            .iter()
            .all(|t| t["found"] == false)
    );
    // A tool that was named and is not there.
    let mut named = command(path, &["verify", "net.fsnn"]);
    named.env("RTLSIM_VERILATOR", path.join("nowhere"));
    finish(named)
        .code(TOOL)
        .says("$RTLSIM_VERILATOR names ")
        .says("nowhere, which is no file");
}

#[test]
#[cfg(target_os = "linux")]
fn a_reader_that_leaves_is_no_failure_and_a_full_disk_is_one() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut check = command(&root(), &["check", "examples/tiny.fsnn"]);
    let status = check
        .stdout(writer)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(OK));
    let mut check = command(&root(), &["check", "examples/tiny.fsnn"]);
    check.stdout(fs::File::create("/dev/full").unwrap());
    let child = check.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(USAGE));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
}
