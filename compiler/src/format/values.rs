//! Values as text, and whether they take more than one line.

use crate::syntax::{Argument, Value, ValueKind};

/// What stands between brackets: an argument or a value of a list.
pub(super) struct Item<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) value: &'a Value,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A call or a list, taken apart.
pub(super) struct Bracketed<'a> {
    /// What is called and the bracket.
    pub(super) open: String,
    /// One past the opening bracket.
    pub(super) inside: usize,
    pub(super) items: Vec<Item<'a>>,
    pub(super) close: &'static str,
}

/// A call or a list; `None` for a number or a name.
pub(super) fn bracketed<'a>(text: &str, value: &'a Value) -> Option<Bracketed<'a>> {
    match &value.kind {
        ValueKind::List(values) => Some(Bracketed {
            open: "[".to_string(),
            inside: value.span.start + 1,
            items: values.iter().map(element).collect(),
            close: "]",
        }),
        ValueKind::Call { name, arguments } => Some(Bracketed {
            open: name.text.clone() + "(",
            inside: name.span.end + text[name.span.end..value.span.end].find('(')? + 1,
            items: arguments.iter().map(argument).collect(),
            close: ")",
        }),
        _ => None,
    }
}

fn element(value: &Value) -> Item<'_> {
    Item {
        name: None,
        value,
        start: value.span.start,
        end: value.span.end,
    }
}

fn argument(argument: &Argument) -> Item<'_> {
    Item {
        name: argument.name.as_ref().map(|name| name.text.as_str()),
        value: &argument.value,
        start: argument.span.start,
        end: argument.value.span.end,
    }
}

impl Bracketed<'_> {
    /// Whether each item takes a line: after a line break behind the bracket, or around a comment.
    pub(super) fn is_open(&self, text: &str, value: &Value) -> bool {
        let inside = &text[self.inside..value.span.end];
        let breaks = inside.trim_start_matches([' ', '\t', '\r']);
        inside.contains("//") || (breaks.starts_with('\n') && !self.items.is_empty())
    }
}

/// Whether a value takes one line.
pub(super) fn is_flat(text: &str, value: &Value) -> bool {
    bracketed(text, value).is_none_or(|parts| {
        !parts.is_open(text, value) && parts.items.iter().all(|item| is_flat(text, item.value))
    })
}

/// A value on one line; numbers as they are written.
pub(super) fn flat(text: &str, value: &Value) -> String {
    let Some(parts) = bracketed(text, value) else {
        let written = &text[value.span.start..value.span.end];
        let halves: Vec<&str> = written.split('/').map(str::trim).collect();
        return halves.join("/");
    };
    let items: Vec<String> = { parts.items.iter() }
        .map(|item| match item.name {
            Some(name) => format!("{name} = {}", flat(text, item.value)),
            None => flat(text, item.value),
        })
        .collect();
    parts.open + &items.join(", ") + parts.close
}
