//! The running simulator: commands in, replies out.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::testbench::MARKER;
use crate::tools::Icarus;
use crate::{Error, Result};

/// A simulator process that interprets the generated test bench.
pub(super) struct Process {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    errors: PathBuf,
    said: String,
}

impl Process {
    /// Starts the simulator in a folder, where it finds the images.
    pub(super) fn start(icarus: &Icarus, model: &Path, dir: &Path) -> Result<Self> {
        let errors = dir.join("rtlsim.stderr");
        // Not a pipe: nobody reads it while the process runs.
        let file = File::create(&errors).map_err(|e| Error::io(&errors, e))?;
        let mut child = Command::new(&icarus.vvp)
            .arg("-n")
            .arg(model)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .map_err(|e| Error::ToolBroken {
                tool: "vvp",
                path: icarus.vvp.clone(),
                message: e.to_string(),
            })?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Process("it has no standard input".to_owned()));
        };
        Ok(Process {
            child,
            input: BufWriter::new(input),
            output: BufReader::new(output),
            errors,
            said: String::new(),
        })
    }

    /// Sends a command, or a part of one.
    pub(super) fn send(&mut self, text: &str) -> Result<()> {
        match self.input.write_all(text.as_bytes()) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.gone()),
        }
    }

    /// The next reply: its letter and the rest of its line.
    pub(super) fn reply(&mut self) -> Result<(char, String)> {
        if self.input.flush().is_err() {
            return Err(self.gone());
        }
        loop {
            let mut bytes = Vec::new();
            let read = self.output.read_until(b'\n', &mut bytes);
            let line = String::from_utf8_lossy(&bytes);
            match read {
                Ok(0) | Err(_) => return Err(self.gone()),
                Ok(_) => {}
            }
            let Some(at) = line.find(MARKER) else {
                self.say(&line);
                continue;
            };
            self.say(&line[..at]);
            let reply = &line[at + MARKER.len()..];
            let mut chars = reply.chars();
            match chars.next() {
                Some('f') => {
                    let cycle = chars.as_str().trim().parse().unwrap_or(0);
                    return Err(self.ended(cycle));
                }
                Some(letter) => return Ok((letter, chars.as_str().trim().to_owned())),
                None => return Err(Error::Process(format!("half a reply: {line}"))),
            }
        }
    }

    /// The next reply, which has to be of one kind.
    pub(super) fn answer(&mut self, letter: char) -> Result<String> {
        match self.reply()? {
            (found, rest) if found == letter => Ok(rest),
            (found, rest) => Err(Error::Process(format!("`{found} {rest}`, not `{letter}`"))),
        }
    }

    /// Keeps the latest of what the design prints: it may be the last words.
    fn say(&mut self, text: &str) {
        const KEPT: usize = 4096;
        self.said.push_str(text);
        if self.said.len() > 2 * KEPT {
            let from = self.said.len() - KEPT;
            let cut = (from..).find(|at| self.said.is_char_boundary(*at));
            self.said.drain(..cut.unwrap_or(0));
        }
    }

    /// Icarus goes on without an image that it cannot open; this does not.
    pub(super) fn check_images(&self) -> Result<()> {
        let mut lines = self.said.lines();
        match lines.find(|line| line.contains("$readmem") && line.contains("Unable to open")) {
            Some(line) => Err(Error::Stopped {
                cycle: 0,
                message: line.to_owned(),
            }),
            None => Ok(()),
        }
    }

    fn ended(&self, cycle: u64) -> Error {
        let said = self.said.trim();
        let message = if said.is_empty() { "$finish" } else { said };
        Error::Stopped {
            cycle,
            message: message.to_owned(),
        }
    }

    fn gone(&self) -> Error {
        let errors = std::fs::read_to_string(&self.errors).unwrap_or_default();
        let all = format!("it ended unasked. {}{errors}", self.said);
        Error::Process(all.trim().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing can be done about a process that will not end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
