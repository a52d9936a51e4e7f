//! The formatter: a network file with its columns aligned; words, numbers and comments stay what they are.
//!
//! * Statements of a block are indented by two. Adjacent ones of a kind (declarations, projections, the
//!   two stages, other settings) align their columns; a blank line ends such a run, a comment does not.
//! * Arguments align where adjacent statements make the same call with the same names and plain numbers.
//! * A comment behind code begins in column 53, or three spaces behind code that reaches further.
//! * A call or list stands on one line, unless a line break follows its opening bracket or a comment is
//!   inside: then each item has a line and a comma.
//! * Of several blank lines one stays, none at a block's ends. Lines end as the first one does; the last
//!   line too has an end. A byte order mark goes.

mod columns;
mod comments;
mod line;
mod printer;
mod values;

use crate::check::other_version;
use crate::diagnostics::{Diagnostic, sort};
use crate::syntax::parse;
use printer::Printer;

/// The formatted text; errors where the text cannot be read as language version 1.
///
/// Formatting what it returns changes nothing. Whether the network makes sense is not asked.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (file, mut errors) = parse(text);
    errors.extend(other_version(&file));
    if !errors.is_empty() {
        sort(&mut errors);
        return Err(errors);
    }
    let end = match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let lines = Printer::new(text).file(&file);
    Ok(lines.iter().map(|line| line.to_string() + end).collect())
}

#[cfg(test)]
mod tests;
