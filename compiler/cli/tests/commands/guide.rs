//! README and guide: every command in them is run, or is on the list of those that are checked in another way.

use crate::first_minutes::recipe;
use crate::run::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A page, by its path in the repository.
struct Page {
    path: String,
    text: String,
}

fn page(path: &str) -> Page {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let path = path.to_string();
    Page { path, text }
}

/// README and the guide's pages.
fn pages() -> Vec<Page> {
    let folder = "compiler/guide/src";
    let names = fs::read_dir(root().join(folder)).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    names.sort();
    let guide = names.iter().map(|name| page(&format!("{folder}/{name}")));
    std::iter::once(page("README.md")).chain(guide).collect()
}

impl Page {
    /// Fenced text: language and body.
    fn fenced(&self) -> impl Iterator<Item = (&str, &str)> {
        let blocks = self.text.split("\n```").skip(1).step_by(2);
        blocks.filter_map(|block| block.split_once('\n'))
    }

    /// What stands in backquotes outside of fenced text.
    fn quoted(&self) -> Vec<&str> {
        let prose = self.text.split("\n```").step_by(2);
        prose
            .flat_map(|text| text.split('`').skip(1).step_by(2))
            .collect()
    }
}

/// A command, and lines that its output is shown with.
#[derive(Debug)]
struct Shown {
    line: String,
    output: Vec<String>,
    code: i32,
}

/// The commands of fenced text. They begin with `$ `; where none does, every line of shell is one, and in text
/// without a language what begins as one.
fn commands(language: &str, body: &str) -> Vec<Shown> {
    if !["", "sh", "bash", "shell", "console"].contains(&language) || body.starts_with("spidec 1\n")
    {
        return Vec::new();
    }
    let body = body.replace("\\\n", " ");
    let marked = body.lines().any(|line| line.starts_with("$ "));
    let starts = |line: &str| {
        ["cargo ", "spidec "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let mut shown: Vec<Shown> = Vec::new();
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let command = match line.strip_prefix("$ ") {
            Some(command) => command,
            None if marked => {
                shown
                    .last_mut()
                    .expect("a command first")
                    .output
                    .push(line.to_string());
                continue;
            }
            None if line.starts_with('#') || (language.is_empty() && !starts(line)) => continue,
            None => line,
        };
        // `# exit 1` behind a command tells how it ends.
        let (command, comment) = command.split_once(" # ").unwrap_or((command, ""));
        let code = comment
            .strip_prefix("exit ")
            .map_or(OK, |code| code.parse().unwrap());
        for line in command.trim().split(" && ") {
            let line = [
                "cargo run -p spidec -- ",
                "cargo run --release -p spidec -- ",
            ]
            .iter()
            .find_map(|start| line.strip_prefix(start))
            .map_or(line.to_string(), |arguments| format!("spidec {arguments}"));
            shown.push(Shown {
                line,
                output: Vec::new(),
                code,
            });
        }
    }
    shown
}

/// Commands that are not run here, because they take long or change the machine, and how each is checked instead.
fn checked_elsewhere(line: &str) -> bool {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        // CI runs them.
        ["cargo", "test" | "clippy" | "fmt", ..] => {
            assert!(ci.contains(line), "not in .ci/run: {line}")
        }
        // Of this package CI makes them, with all others.
        ["cargo", "doc", "-p", "spidec-guide", "--open"] => {
            assert!(
                root().join("compiler/guide/src/lib.rs").is_file()
                    && ci.contains("cargo doc --workspace")
            )
        }
        // Minutes to an hour each; there must be such figures.
        ["cargo", "figures", names @ ..] => names.iter().for_each(|name| figure(name)),
        // A test of its own runs the demo; here the alias leads to it.
        ["cargo", "demo"] => {
            let mut alias = Command::new(env!("CARGO"));
            alias
                .args(["--offline", "demo", "--help"])
                .current_dir(root());
            let help = finish(alias).code(OK).out;
            assert!(help.contains("Usage: spidec demo"), "{help}");
        }
        // The package that is installed must be the command's, with the versions that were tested.
        ["cargo", "install", "--path", path, "--locked"] => {
            let manifest = fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap();
            assert!(manifest.contains("name = \"spidec\""), "{line}");
        }
        // They install things: what they name CI installs, or the command at least takes the arguments.
        ["sudo", "apt-get", "install", packages @ ..] | ["apt-get", "install", packages @ ..] => {
            let packages = packages.iter().filter(|package| !package.starts_with('-'));
            packages.for_each(|package| assert!(ci.contains(package), "not in .ci/run: {package}"));
        }
        ["spidec", "tools", "install", ..] => accepts(line),
        // The recipe of the first minutes has a test of its own.
        _ if recipe()
            .iter()
            .any(|shown| shown.split(" && ").any(|part| part == line)) => {}
        _ => return false,
    }
    true
}

/// Whether the command line is one, without doing what it says.
fn accepts(line: &str) {
    let arguments = line.strip_prefix("spidec ").unwrap();
    spidec(&root(), &format!("{arguments} --help")).code(OK);
}

fn figure(name: &str) {
    let list = fs::read_to_string(root().join("tests/src/bin/figures/main.rs")).unwrap();
    let named = list.contains(&format!("name: \"{name}\""));
    assert!(named || name == "all", "there is no figure {name}");
}

/// Whether the output has a line as shown; `...` stands for anything.
fn has_line(output: &str, shown: &str) -> bool {
    let parts: Vec<&str> = shown.split("...").collect();
    output.lines().any(|line| {
        let mut rest = line;
        let found = parts.iter().enumerate().all(|(k, part)| {
            let at = match k {
                0 => rest.starts_with(part).then_some(0),
                _ => rest.find(part),
            };
            at.inspect(|at| rest = &rest[at + part.len()..]).is_some()
        });
        found && (rest.is_empty() || parts.last() == Some(&""))
    })
}

/// Runs a command where the examples are; `spidec` is the one just built.
fn run(folder: &Path, shown: &Shown) {
    let bin = Path::new(env!("CARGO_BIN_EXE_spidec")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-c", &shown.line]).current_dir(folder);
    shell.env("PATH", format!("{}:{path}", bin.display()));
    let Outcome { code, out, err } = finish(shell);
    let said = out + &err;
    assert_eq!(code, shown.code, "{}:\n{said}", shown.line);
    for line in &shown.output {
        assert!(
            has_line(&said, line),
            "`{}` does not say `{line}`:\n{said}",
            shown.line
        );
    }
}

/// Says that a command is not run; fails in CI.
fn skip(line: &str, why: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "in CI nothing is skipped: {line}: {why}"
    );
    let said = format!("skipped: {line}: {why}\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes());
}

/// Runs the commands of a page in order, in a folder with the examples, and with MNIST and golden vectors where they are
/// there.
fn run_page(page: &Page) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let examples = folder.path().join("examples");
    fs::create_dir(&examples).unwrap();
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), examples.join(entry.file_name())).unwrap();
        }
    }
    let named = std::env::var_os("SPIDEC_MNIST").map(PathBuf::from);
    let mnist = named.unwrap_or_else(|| root().join("../shared/data/mnist"));
    if let Ok(mnist) = mnist.canonicalize() {
        std::os::unix::fs::symlink(mnist, folder.path().join("mnist")).unwrap();
    }
    if let Ok(golden) = root().join("../shared/golden").canonicalize() {
        std::os::unix::fs::symlink(golden, folder.path().join("golden")).unwrap();
    }
    let lacks = |line: &str, data: &str| {
        line.contains(&format!("{data}/")) && !folder.path().join(data).exists()
    };
    let mut count = 0;
    for (language, body) in page.fenced() {
        // A network file whose first line names it is what later commands read.
        let name = body
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("// "));
        if let Some(name) = name.filter(|name| language == "fsnn" && name.ends_with(".fsnn")) {
            fs::write(folder.path().join(name), body).unwrap();
        }
        for shown in commands(language, body) {
            count += 1;
            let line = &shown.line;
            let simulates = line.starts_with("spidec verify");
            if checked_elsewhere(line) {
                continue;
            } else if lacks(line, "mnist") {
                skip(
                    line,
                    "no MNIST: name the folder with its files in SPIDEC_MNIST",
                );
            } else if lacks(line, "golden") {
                skip(line, "no ../shared/golden");
            } else if !simulates || has("verilator") {
                run(folder.path(), &shown);
            }
        }
    }
    count
}

/// None of them is run here as it stands: they build, test and install for minutes. [`checked_elsewhere`] says how each is
/// checked.
#[test]
fn the_commands_of_the_readme_are_checked() {
    let page = page("README.md");
    assert!(run_page(&page) >= 3);
    // Its network, too, is one.
    let networks = page.fenced().filter(|(language, _)| *language == "fsnn");
    let networks: Vec<&str> = networks.map(|(_, body)| body).collect();
    assert_eq!(networks.len(), 1);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.fsnn"), networks[0]).unwrap();
    let said = spidec(folder.path(), "check a.fsnn").code(OK).err;
    assert!(
        !said.contains("warning") && said.contains("training on the array"),
        "{said}"
    );
}

#[test]
fn the_commands_of_the_guide_work() {
    let count: usize = pages().iter().skip(1).map(run_page).sum();
    assert!(count > 10, "{count}");
}

/// `spidec train FILE --engine float|fixed` in the text: the command is there, and has the options.
#[test]
fn commands_and_figures_that_are_named_exist() {
    let mut named = 0;
    let mut texts = pages();
    texts.extend(["ARCHITECTURE.md", "CONTRIBUTING.md"].map(page));
    for page in texts {
        for quoted in page.quoted() {
            let quoted = quoted.replace(['[', ']', '\n'], " ").replace("\\|", "|");
            let words: Vec<&str> = quoted.split_whitespace().collect();
            match words.as_slice() {
                ["cargo", "figures", name, ..] => figure(name),
                ["cargo", "install" | "doc" | "demo", ..] | ["apt-get", "install", ..] => {
                    assert!(checked_elsewhere(&words.join(" ")), "{quoted}");
                }
                ["spidec", command, rest @ ..]
                    if command.starts_with(|c: char| c.is_ascii_lowercase()) =>
                {
                    let below = rest.first().filter(|word| !word.starts_with('-')).copied();
                    let below = below
                        .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'|'));
                    for below in below.unwrap_or("").split('|') {
                        let line = format!("{command} {below} --help").replace("  ", " ");
                        let help = spidec(&root(), &line).code(OK).out;
                        for option in rest.iter().filter(|word| word.starts_with("--")) {
                            assert!(help.contains(option), "{}: {quoted}", page.path);
                        }
                    }
                }
                _ => continue,
            }
            named += 1;
        }
    }
    assert!(named > 10, "{named}");
}

/// Paths in backquotes: whole ones, and the ends of paths to source files.
#[test]
fn paths_that_are_named_exist() {
    let mut files = Vec::new();
    list(&root(), "", &mut files);
    let top: Vec<&str> = files
        .iter()
        .filter(|file| !file.contains('/'))
        .map(|file| &**file)
        .collect();
    let mut texts = pages();
    texts.extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(page));
    let mut named = 0;
    for page in texts {
        for quoted in page.quoted() {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
            // `NAME` is a reader's to fill in.
            if !quoted.bytes().all(plain) || quoted.contains("NAME") || quoted.contains("CODE") {
                continue;
            }
            let path = quoted.trim_end_matches('/');
            let source = [".rs", ".v", ".md", ".pest", ".toml"]
                .iter()
                .any(|end| path.ends_with(end));
            let rooted = path
                .split_once('/')
                .is_some_and(|(first, _)| top.contains(&first));
            if !source && !rooted {
                continue;
            }
            named += 1;
            let found = files
                .iter()
                .any(|file| *file == path || file.ends_with(&format!("/{path}")));
            assert!(found, "{} names {path}", page.path);
        }
    }
    assert!(named > 40, "{named}");
}

/// All files and folders of the repository.
fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if prefix.is_empty() && ["target", "build", ".git", "spidec-demo"].contains(&&*name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &format!("{path}/"), files);
        }
        files.push(path);
    }
}

#[test]
fn the_checks_above_can_fail() {
    assert!(has_line("a\nb 12 c", "b ... c") && has_line("accuracy 97 %: 3", "accuracy 9..."));
    assert!(!has_line("b 12 c", "b ... d") && !has_line("ab", "b") && !has_line("ab", "a"));
    assert!(!checked_elsewhere("spidec verify examples/tiny.fsnn"));
    assert!(!checked_elsewhere("rm -r target"));
    let shown = commands(
        "",
        "cargo run -p spidec -- doctor && cargo test --workspace\nprose\n",
    );
    let lines: Vec<&str> = shown.iter().map(|s| &*s.line).collect();
    assert_eq!(lines, ["spidec doctor", "cargo test --workspace"]);
    let shown = commands("sh", "$ spidec check a \\\n  --json  # exit 2\nsaid\n");
    assert_eq!(
        (shown[0].code, &*shown[0].output),
        (2, &["said".to_string()][..])
    );
    assert!(std::panic::catch_unwind(|| figure("nothing")).is_err());
    assert!(std::panic::catch_unwind(|| checked_elsewhere("cargo test --no-such")).is_err());
    assert!(!checked_elsewhere("cargo doc -p spidec-guied --open"));
    assert!(!checked_elsewhere("cargo install --path compiler/cli"));
    assert!(!checked_elsewhere("git clone elsewhere"));
}
