//! `spidec fmt`.

use crate::failure::{Failure, finding, usage};
use crate::input;
use crate::output::{note, say, write_out};
use clap::Args;
use similar::TextDiff;
use spidec_compiler::check::{CheckResult, check_bytes};
use spidec_compiler::format::format;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Fmt {
    /// The network files; `-` reads standard input and writes standard output.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write nothing; say which files would change, and how.
    #[arg(long)]
    check: bool,
    /// Print the formatted text instead of writing the file.
    #[arg(long, conflicts_with = "check")]
    stdout: bool,
}

pub(crate) fn run(arguments: &Fmt) -> Result<(), Failure> {
    let mut failures = Vec::new();
    for file in &arguments.files {
        // What is wrong with one file keeps no other from being formatted.
        failures.extend(one(arguments, file).err());
    }
    let worst = failures.iter().map(Failure::code).max();
    let last = failures.iter().rposition(|f| Some(f.code()) == worst);
    let Some(last) = last.map(|last| failures.remove(last)) else {
        return Ok(());
    };
    failures.iter().for_each(Failure::print);
    Err(last)
}

fn one(arguments: &Fmt, file: &Path) -> Result<(), Failure> {
    let piped = file.as_os_str() == "-";
    let (name, bytes) = if piped {
        let mut bytes = Vec::new();
        let read = io::stdin().read_to_end(&mut bytes);
        read.map_err(|e| usage(format!("cannot read standard input: {e}")))?;
        ("standard input".to_string(), bytes)
    } else {
        (file.display().to_string(), input::bytes(file)?)
    };
    let (text, formatted) = formatted(&name, &bytes)?;
    if arguments.check {
        return compare(&name, &text, &formatted);
    }
    if piped || arguments.stdout {
        return write_out(&formatted);
    }
    if text == formatted {
        return Ok(());
    }
    replace(file, &formatted).map_err(|e| usage(format!("cannot write {name}: {e}")))?;
    note!("formatted {name}");
    Ok(())
}

/// The text before and after; findings are shown.
fn formatted(name: &str, bytes: &[u8]) -> Result<(String, String), Failure> {
    let show = |result: &CheckResult| {
        let errors = &result.diagnostics;
        input::show(result, errors);
        input::explain(errors);
        finding(format!("{name} is left as it is"))
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(show(&check_bytes(name, bytes)));
    };
    match format(text) {
        Ok(formatted) => Ok((text.to_string(), formatted)),
        Err(diagnostics) => Err(show(&CheckResult {
            name: name.to_string(),
            text: text.to_string(),
            diagnostics,
            checked: None,
        })),
    }
}

fn compare(name: &str, text: &str, formatted: &str) -> Result<(), Failure> {
    if text == formatted {
        return Ok(());
    }
    let diff = TextDiff::from_lines(text, formatted);
    let mut diff = diff.unified_diff();
    say!("{}", diff.header(name, "formatted").to_string().trim_end())?;
    Err(finding(format!("{name} would change")))
}

/// Writes the text beside the file and renames it; the file's permissions stay, and a link stays a link.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let permissions = fs::metadata(&file)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let aside = file.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = File::create(&aside)
        .and_then(|mut out| {
            out.set_permissions(permissions)?;
            out.write_all(text.as_bytes())?;
            out.sync_all()
        })
        .and_then(|()| fs::rename(&aside, &file));
    if written.is_err() {
        // The first error is the one to tell; a leftover file does no harm.
        let _ = fs::remove_file(&aside);
    }
    written
}
