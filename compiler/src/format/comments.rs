//! The comments of a text: the tree has none.

use crate::syntax::Span;

/// A comment.
pub(super) struct Comment<'a> {
    /// Where it stands.
    pub(super) span: Span,
    /// From `//` on, without spaces at its end.
    pub(super) text: &'a str,
    /// Whether nothing stands before it on its line.
    pub(super) own_line: bool,
}

/// All comments. The language has no strings, so each `//` begins one.
pub(super) fn comments(text: &str) -> Vec<Comment<'_>> {
    const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
    let mut offset = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.find("//") {
            let before = line[..at].trim_start_matches('\u{feff}');
            let text = line[at..].trim_end_matches(SPACE);
            let start = offset + at;
            found.push(Comment {
                span: Span {
                    start,
                    end: start + text.len(),
                },
                text,
                own_line: before.trim_matches(SPACE).is_empty(),
            });
        }
        offset += line.len();
    }
    found
}
