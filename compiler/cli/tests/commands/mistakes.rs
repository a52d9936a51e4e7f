//! The guide's page of mistakes shows what the commands print; `UPDATE=1` writes it again.

use crate::run::*;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

const PAGE: &str = "compiler/guide/src/mistakes.md";
const BEGIN: &str = "```transcript\n";
const END: &str = "```\n";

/// Rows of the tutorial's data, so many of each of three classes.
fn rows(each: u8) -> Vec<[u8; 4]> {
    let row = |k: u8| {
        let class = k % 3;
        [30 + 60 * class + k / 2, 180 - 60 * class + k / 3, k, class]
    };
    (0..3 * each).map(row).collect()
}

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
    for name in ["sensors", "floats"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    for (split, each) in [("train", 20), ("test", 5)] {
        let rows = rows(each);
        let mut table = String::new();
        for [a, b, c, label] in &rows {
            writeln!(table, "{a},{b},{c},{label}").unwrap();
        }
        fs::write(folder.join(format!("sensors/{split}.csv")), table).unwrap();
        let values = rows.iter().flat_map(|row| &row[..3]);
        let values = values.flat_map(|&v| (f64::from(v) / 255.0).to_le_bytes());
        let labels = rows.iter().flat_map(|row| i64::from(row[3]).to_le_bytes());
        let count = rows.len();
        let file = fs::File::create(folder.join(format!("floats/{split}.npz"))).unwrap();
        let mut archive = zip::ZipWriter::new(file);
        for (name, array) in [
            (
                "x.npy",
                npy("<f8", &format!("{count}, 3"), values.collect()),
            ),
            ("y.npy", npy("<i8", &format!("{count},"), labels.collect())),
        ] {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(name, options).unwrap();
            archive.write_all(&array).unwrap();
        }
        archive.finish().unwrap();
    }
}

/// A transcript's commands with what they print now: standard output, then the rest, and how they end.
fn transcript(folder: &Path, shown: &str) -> String {
    let mut text = String::new();
    for command in shown.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let command = command.split("   # exit ").next().unwrap();
        let bin = Path::new(env!("CARGO_BIN_EXE_spidec")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(folder);
        shell.env("PATH", format!("{}:{path}", bin.display()));
        let Outcome { code, out, err } = finish(shell);
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
