//! What is said about a code, beside the message of the error itself.

/// One entry of a table of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// As printed, such as `D010`.
    pub name: &'static str,
    /// The kind of mistake, in a few words.
    pub title: &'static str,
    /// What the rule is, and what to do.
    pub explanation: &'static str,
    /// Lines of a file, or commands, with the mistake.
    pub before: &'static str,
    /// The same without it.
    pub after: &'static str,
}

/// An entry, short to write.
pub const fn entry(
    name: &'static str,
    title: &'static str,
    explanation: &'static str,
    [before, after]: [&'static str; 2],
) -> CodeEntry {
    CodeEntry {
        name,
        title,
        explanation,
        before,
        after,
    }
}
