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
pub(crate) const fn entry(
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

/// Whether a table has an entry for each code in the text of a source file, in order, and no other.
#[cfg(test)]
pub(crate) fn has_all(table: &[CodeEntry], source: &str, letter: char) -> bool {
    let mut used: Vec<&str> = source
        .split('"')
        .filter(|word| {
            word.strip_prefix(letter).is_some_and(|number| {
                number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
        .collect();
    used.sort();
    used.dedup();
    let names: Vec<&str> = table.iter().map(|entry| entry.name).collect();
    !used.is_empty() && names == used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_an_error_has_an_entry() {
        let data = include_str!("data/error.rs");
        let state = include_str!("state/error.rs");
        let golden = include_str!("golden/error.rs");
        assert!(has_all(crate::data::CODES, data, 'D'));
        assert!(has_all(crate::state::CODES, state, 'S'));
        assert!(has_all(crate::golden::CODES, golden, 'G'));
        assert!(!has_all(&crate::data::CODES[1..], data, 'D'));
        assert!(!has_all(crate::data::CODES, state, 'S'));
        let tables = [
            crate::data::CODES,
            crate::state::CODES,
            crate::golden::CODES,
        ];
        for entry in tables.into_iter().flatten() {
            assert!(entry.explanation.len() > entry.title.len(), "{entry:?}");
            assert!(!entry.before.is_empty() && !entry.after.is_empty());
            assert_ne!(entry.before, entry.after, "{entry:?}");
        }
    }
}
