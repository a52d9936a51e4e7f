//! The guide's page of mistakes shows what the commands print; `UPDATE=1` writes it again.

use crate::run::*;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

const PAGE: &str = "compiler/guide/src/mistakes.md";
const BEGIN: &str = "```transcript\n";
const END: &str = "```\n";

/// An array of NumPy's, in the format's first version.
fn npy(kind: &str, shape: &str, values: Vec<u8>) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header = format!("{header:<0$}\n", length - 1);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values);
    bytes
}

/// What the page takes to be there: the tutorial's network and data, and archives of floats.
fn prepare(folder: &Path) {
    let tutorial = fs::read_to_string(root().join("compiler/guide/src/tutorial.md")).unwrap();
    let (_, network) = tutorial.split_once("```fsnn\n").unwrap();
    let (network, _) = network.split_once("```").unwrap();
    fs::write(folder.join("sensors.fsnn"), network).unwrap();
    let (_, data) = tutorial.split_once("```sh\n").unwrap();
    let (data, _) = data.split_once("```").unwrap();
    for line in data.lines().filter_map(|line| line.strip_prefix("$ ")) {
        shell(folder, line);
    }
    fs::create_dir(folder.join("floats")).unwrap();
    for split in ["train", "test"] {
        floats(folder, split);
    }
}

/// What NumPy writes for a table whose values were divided by 255.
fn floats(folder: &Path, split: &str) {
    let table = fs::read_to_string(folder.join(format!("sensors/{split}.csv"))).unwrap();
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for line in table.lines() {
        let row: Vec<i64> = line.split(',').map(|v| v.parse().unwrap()).collect();
        let divided = row[..3].iter().map(|&v| v as f64 / 255.0);
        values.extend(divided.flat_map(f64::to_le_bytes));
        labels.extend(row[3].to_le_bytes());
    }
    let count = table.lines().count();
    let file = fs::File::create(folder.join(format!("floats/{split}.npz"))).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    for (name, array) in [
        ("x.npy", npy("<f8", &format!("{count}, 3"), values)),
        ("y.npy", npy("<i8", &format!("{count},"), labels)),
    ] {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive.write_all(&array).unwrap();
    }
    archive.finish().unwrap();
}

/// Runs a line in a folder; `spidec` is the one just built.
fn shell(folder: &Path, line: &str) -> Outcome {
    let bin = Path::new(env!("CARGO_BIN_EXE_spidec")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder);
    shell.env("PATH", format!("{}:{path}", bin.display()));
    finish(shell)
}

/// A transcript's commands with what they print now: standard output, then the rest, and how they end.
fn transcript(folder: &Path, shown: &str) -> String {
    let mut text = String::new();
    for command in shown.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let command = command.split("   # exit ").next().unwrap();
        let Outcome { code, out, err } = shell(folder, command);
        let end = match code {
            OK => String::new(),
            code => format!("   # exit {code}"),
        };
        text += &format!("$ {command}{end}\n{out}{err}");
    }
    text
}

/// The page with its transcripts made again; with how many there are.
fn again(page: &str) -> (String, usize) {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let mut parts = page.split(BEGIN);
    let mut text = parts.next().unwrap().to_string();
    let mut count = 0;
    for part in parts {
        let (shown, rest) = part.split_once(END).unwrap();
        let made = transcript(folder.path(), shown);
        text += &format!("{BEGIN}{made}{END}{rest}");
        count += 1;
    }
    // As the page says: what stopped wrote nothing.
    assert!(!folder.path().join("sensors.safetensors").exists());
    (text, count)
}

#[test]
fn the_transcripts_are_what_the_commands_print() {
    let path = root().join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let (made, count) = again(&page);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap();
    assert!(
        found == made,
        "{PAGE} is not what the commands print: UPDATE=1 cargo test -p spidec mistakes\n{made}"
    );
    assert_eq!(count, 5);
    for said in ["D004", "D020", "no folder", "E070", "E080"] {
        assert!(made.contains(said), "{said}");
    }
    assert_eq!(made.matches("   # exit ").count(), 5);

    // A page that shows something else is seen.
    let wrong = made.replace("error[D004]", "error[D005]");
    assert_ne!(wrong, made);
    assert_eq!(again(&wrong).0, made);
}
