//! Words: which are legal where, which are nearest, which are not supported yet.

use crate::diagnostics::{Code, Diagnostic, one_of};
use crate::syntax::{Span, Word};

/// Words of the language that nothing executes yet: what they are, and what is supported instead.
const UNSUPPORTED: [(&str, &str, &str); 4] = [
    (
        "operator",
        "max_pool",
        "write `avg_pool(size = 2)`, or a convolution with a stride",
    ),
    (
        "argument",
        "dilation",
        "leave it out: a kernel's weights stand side by side; take a larger kernel",
    ),
    (
        "argument",
        "groups",
        "leave it out: each channel of the destination reads all of the source",
    ),
    (
        "argument",
        "nesterov",
        "leave it out: momentum is the plain one",
    ),
];

/// The error of a word that belongs to the language but is not supported yet.
pub fn unsupported(kind: &str, word: &Word) -> Option<Diagnostic> {
    let (_, _, instead) = UNSUPPORTED
        .iter()
        .find(|(of, text, _)| *of == kind && *text == word.text)?;
    Some(Diagnostic::new(
        Code::Unsupported,
        word.span,
        format!("the {kind} `{}` is not supported yet", word.text),
        "not supported yet",
        *instead,
    ))
}

/// The error of a word that is none of the legal ones, with the nearest of them.
pub fn unknown(code: Code, kind: &str, word: &Word, legal: &[&str]) -> Diagnostic {
    let message = format!("unknown {kind} `{}`", word.text);
    let label = match nearest(&word.text, legal) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("not {} {kind}", article(kind)),
    };
    Diagnostic::new(code, word.span, message, label, expected(legal))
}

/// `expected x, y or z`, each quoted.
pub fn expected(legal: &[&str]) -> String {
    let quoted: Vec<String> = legal.iter().map(|word| format!("`{word}`")).collect();
    format!("expected {}", one_of(&quoted))
}

/// `a` or `an`.
pub fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

/// The legal word that is nearest, if one is near: about one letter in three may differ.
pub fn nearest<'a>(word: &str, legal: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    legal
        .iter()
        .map(|&candidate| {
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Reports a name that is no ASCII identifier.
pub fn check_name(word: &Word) -> Option<Diagnostic> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let digit_first = word.text.starts_with(|c: char| c.is_ascii_digit());
    if word.text.chars().all(legal) && !digit_first {
        return None;
    }
    let mut better: String = word
        .text
        .chars()
        .map(|c| if legal(c) { c } else { '_' })
        .collect();
    if digit_first {
        better.insert(0, '_');
    }
    let at = word.text.find(|c| !legal(c)).unwrap_or(0);
    let width = word.text[at..].chars().next().map_or(0, char::len_utf8);
    let start = word.span.start + at;
    Some(Diagnostic::new(
        Code::BadName,
        Span {
            start,
            end: start + width,
        },
        format!("`{}` is not a name", word.text),
        if digit_first && at == 0 {
            "a name does not begin with a digit"
        } else {
            "not an ASCII letter, digit or `_`"
        },
        if word.text.is_ascii() {
            format!("names are ASCII letters, digits and `_`: write `{better}`")
        } else {
            "names are ASCII letters, digits and `_`, such as `hidden_2`; comments may use any character".into()
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        let legal = ["dense", "conv", "avg_pool"];
        assert_eq!(nearest("desne", &legal), Some("dense"));
        assert_eq!(nearest("Dense", &legal), Some("dense"));
        assert_eq!(nearest("elephant", &legal), None);
        assert_eq!(nearest("", &["if"]), None);
    }
}
