//! What is wrong with a line that follows no rule: where it breaks and what could have stood there.

use super::parse::{Grammar, Rule};
use super::{Span, Word};
use crate::diagnostics::{Code, Diagnostic, one_of};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

/// The words of a broken line.
pub fn words(text: &str, line: Span) -> impl Iterator<Item = Word> {
    let code = &text[line.start..line.end];
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    code.split(move |c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(move |word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            Word {
                text: word.to_string(),
                span: Span {
                    start,
                    end: start + word.len(),
                },
            }
        })
}

/// The error of a broken line.
pub fn explain(text: &str, line: Span) -> Diagnostic {
    let rest = &text[line.start..];
    let (offset, expected) = match Grammar::parse(Rule::probe, rest) {
        // It reads as a statement, so it is the brace after it that is wrong.
        Ok(_) => (line.end - line.start, vec!["the end of the line"]),
        Err(error) => (
            match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            },
            match &error.variant {
                ErrorVariant::ParsingError { positives, .. } => names(positives),
                ErrorVariant::CustomError { .. } => Vec::new(),
            },
        ),
    };
    if let Some(open) = unclosed(&rest[..offset], &rest[offset..]) {
        return unclosed_error(rest, line.start + open, expected);
    }
    let place = token(text, line.start + offset);
    if text[place.start..].starts_with('#') && offset == 0 {
        return Diagnostic::new(
            Code::Syntax,
            place,
            "expected a statement, found `#`".to_string(),
            "expected a statement",
            "comments begin with `//`",
        );
    }
    let found = match text[place.start..place.end].trim() {
        "" => "the end of the line".to_string(),
        found => format!("`{found}`"),
    };
    let help = if expected.contains(&"`)`") || expected.contains(&"`]`") {
        "the values of a call or a list are separated by `,`; an argument is `name = value`"
    } else {
        "statements are `keyword name [shape] = value`, `keyword a -> b = value` and `name = value`, one a line"
    };
    let expected = match expected.as_slice() {
        expected if offset > 0 && !expected.is_empty() => one_of(expected),
        _ => "a statement".to_string(),
    };
    Diagnostic::new(
        Code::Syntax,
        place,
        format!("expected {expected}, found {found}"),
        format!("expected {expected}"),
        help,
    )
}

/// What the grammar's rules are called in messages, in a fixed order, each once.
fn names(rules: &[Rule]) -> Vec<&'static str> {
    const NAMES: [(&[Rule], &str); 11] = [
        (&[Rule::statement, Rule::probe], "a statement"),
        (&[Rule::word, Rule::name], "a name"),
        (&[Rule::arrow, Rule::target], "`->`"),
        (&[Rule::list, Rule::open_list], "`[`"),
        (&[Rule::equals, Rule::definition], "`=`"),
        (
            &[Rule::value, Rule::fraction, Rule::number, Rule::call],
            "a value",
        ),
        (&[Rule::argument, Rule::named], "an argument"),
        (&[Rule::open_call], "`(`"),
        (&[Rule::comma], "`,`"),
        (&[Rule::close_call], "`)`"),
        (&[Rule::close_list], "`]`"),
    ];
    let mut found: Vec<&str> = NAMES
        .iter()
        .filter(|(of, _)| of.iter().any(|rule| rules.contains(rule)))
        .map(|&(_, name)| name)
        .collect();
    if rules.contains(&Rule::end) || rules.contains(&Rule::EOI) {
        found.push("the end of the line");
    }
    found
}

/// The token at a place: a word, or one character; empty at the end of a line.
fn token(text: &str, start: usize) -> Span {
    let rest = &text[start..];
    let word = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    let one = rest
        .chars()
        .next()
        .filter(|&c| c != '\n' && c != '\r')
        .map_or(0, char::len_utf8);
    Span {
        start,
        end: start + word.max(one),
    }
}

/// The last bracket that is open where reading stopped, if it stopped on a later line or at a brace.
fn unclosed(read: &str, rest: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut offset = 0;
    for line in read.split_inclusive('\n') {
        let code = line.find("//").map_or(line, |comment| &line[..comment]);
        for (k, byte) in code.bytes().enumerate() {
            match byte {
                b'(' | b'[' => open.push(offset + k),
                b')' | b']' => drop(open.pop()),
                _ => {}
            }
        }
        offset += line.len();
    }
    let bracket = open.pop()?;
    let later = read[bracket..].contains('\n');
    (later || rest.is_empty() || rest.starts_with(['}', '{', '\n'])).then_some(bracket)
}

fn unclosed_error(rest: &str, place: usize, expected: Vec<&str>) -> Diagnostic {
    let text = rest.lines().next().unwrap_or_default().trim_end();
    let closing = if expected.contains(&"`]`") { "]" } else { ")" };
    Diagnostic::new(
        Code::Unclosed,
        Span {
            start: place,
            end: place + 1,
        },
        format!("a bracket is never closed: `{closing}` is missing"),
        "opened here",
        format!("close it with `{closing}`; the statement begins `{text}`"),
    )
}
