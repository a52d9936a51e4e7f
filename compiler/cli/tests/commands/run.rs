//! Running the command, and what it runs on.

use serde_json::Value;
use spidec_compiler::check::check_text;
use spidec_data::generated;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Exit codes.
pub const OK: i32 = 0;
pub const FINDINGS: i32 = 1;
pub const USAGE: i32 = 2;
pub const TOOL: i32 = 3;

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    /// Checks the exit code; what was said otherwise is shown.
    #[track_caller]
    pub fn code(self, wanted: i32) -> Outcome {
        assert_eq!(self.code, wanted, "{}\n{}", self.out, self.err);
        self
    }

    /// Checks that standard error says something.
    #[track_caller]
    pub fn says(self, wanted: &str) -> Outcome {
        assert!(self.err.contains(wanted), "no `{wanted}` in: {}", self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

/// The command, to be run in a folder.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spidec"));
    // As from a shell, not from cargo.
    command.env_remove("CARGO_MANIFEST_DIR");
    command.args(arguments).current_dir(folder);
    command
}

/// Runs a command to its end.
pub fn finish(mut command: Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the command line in a folder; arguments have no spaces.
pub fn spidec(folder: &Path, line: &str) -> Outcome {
    let arguments: Vec<&str> = line.split(' ').collect();
    finish(command(folder, &arguments))
}

/// Runs the command line with models that are compiled in little time, for few cycles.
pub fn spidec_quick(folder: &Path, line: &str) -> Outcome {
    let arguments: Vec<&str> = line.split(' ').collect();
    let mut command = command(folder, &arguments);
    command.env("RTLSIM_COMPILE", "quick");
    finish(command)
}

/// Runs the command line where no file may grow beyond 1 KiB, as on a full disk.
pub fn spidec_on_a_full_disk(folder: &Path, line: &str) -> Outcome {
    let mut shell = Command::new("bash");
    // Signal 25 would kill the process; ignored, the write fails.
    shell.args(["-c", "trap '' 25; ulimit -f 1; exec \"$@\"", "bash"]);
    shell.arg(env!("CARGO_BIN_EXE_spidec"));
    shell.args(line.split(' ')).current_dir(folder);
    finish(shell)
}

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of an example.
pub fn example(name: &str) -> String {
    std::fs::read_to_string(root().join("examples").join(name)).unwrap()
}

/// A folder with a small network, `net.fsnn`, and data for it in `data/`.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // The rate stays, so that one can train for long.
    let text = example("tiny.fsnn").replace(
        "training {",
        "training {\n  schedule = step(every = 1, factor = 1)",
    );
    std::fs::write(folder.path().join("net.fsnn"), &text).unwrap();
    let network = check_text("net.fsnn", &text).checked.unwrap().network;
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for (name, seed, count) in [("train.csv", 1, 200), ("test.csv", 2, 60)] {
        let mut rows = String::new();
        for (sample, label) in generated(&network, count, seed).samples() {
            for value in sample {
                write!(rows, "{},", value / 15).unwrap();
            }
            writeln!(rows, "{label}").unwrap();
        }
        std::fs::write(data.join(name), rows).unwrap();
    }
    folder
}

/// Whether a tool is there; where not, that is said loudly, and in CI it is a failure.
pub fn has(tool: &str) -> bool {
    let found = spidec(&root(), "doctor --json").json();
    let tools = found["tools"].as_array().unwrap();
    let entry = tools.iter().find(|t| t["tool"] == tool).unwrap();
    let found = entry["found"] == true;
    if !found {
        skip(&format!("no {tool}"));
    }
    found
}

/// Says that a test is skipped; fails in CI, where everything must be there.
pub fn skip(why: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "in CI nothing is skipped: {why}"
    );
    // Not by `eprintln!`: the test harness keeps that to itself while the test passes.
    let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("skipped: {why}\n"));
}
