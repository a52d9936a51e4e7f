//! Standard output and standard error, for readers that may leave before the end.
//!
//! `println!` panics where the text cannot be written: `spidec check FILE | head` is no reason to.

use crate::failure::Failure;
use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};

/// Writes a line to standard output; a reader that has left is no failure.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::to_stdout(format_args!($($text)*)) };
}

/// Writes a line to standard error.
macro_rules! note {
    ($($text:tt)*) => { $crate::output::to_stderr(format_args!($($text)*)) };
}

pub(crate) use {note, say};

pub(crate) fn to_stdout(text: Arguments<'_>) -> Result<(), Failure> {
    written(writeln!(stdout(), "{text}"))
}

/// Writes text as it is, without a line's end added; a reader that has left is no failure.
pub(crate) fn write_out(text: &str) -> Result<(), Failure> {
    written(
        stdout()
            .write_all(text.as_bytes())
            .and_then(|()| stdout().flush()),
    )
}

fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::Usage(format!(
            "cannot write to standard output: {e}"
        ))),
        _ => Ok(()),
    }
}

pub(crate) fn to_stderr(text: Arguments<'_>) {
    // Where this does not arrive, there is nowhere left to say so.
    let _ = writeln!(stderr(), "{text}");
}
