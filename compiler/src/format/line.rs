//! One line of the formatted text.

use std::fmt;

/// Where a comment behind code begins, counted from 0.
const COMMENT_COLUMN: usize = 52;
/// Between longer code and its comment.
const COMMENT_GAP: usize = 3;

/// Code, a comment, both or neither.
#[derive(Default)]
pub(super) struct Line<'a> {
    pub(super) indent: usize,
    pub(super) code: String,
    pub(super) comment: Option<&'a str>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.trim_end();
        let Some(comment) = self.comment else {
            let indent = if code.is_empty() { 0 } else { self.indent };
            return write!(f, "{:indent$}{code}", "");
        };
        let width = self.indent + code.chars().count();
        let column = match code {
            "" => self.indent,
            _ => COMMENT_COLUMN.max(width + COMMENT_GAP),
        };
        let (indent, gap) = (self.indent, column - width);
        write!(f, "{:indent$}{code}{:gap$}{comment}", "", "")
    }
}
