//! The table of the language: every place of a value, what may stand there, and what stands there if nothing is
//! written. Ranges and words are those that the check reads by.

mod array;
mod network;
mod training;

pub use array::array;
pub use network::network;
pub use training::training;

use super::arguments::{MEANINGS, Range, from_to};
use super::vocabulary::Words;
use crate::diagnostics::one_of;
use std::ops::RangeInclusive;

/// What may stand in a place.
#[derive(Debug)]
pub enum Takes {
    /// A whole number in a range.
    Whole(RangeInclusive<u64>),
    /// A number that a rule holds for.
    Number(&'static Range),
    /// A number that a rule holds for, or `none`.
    NumberOrNone(&'static Range),
    /// A number that a rule holds for, or a list of them, one a channel.
    Channels(&'static Range),
    /// One of some words, with its arguments.
    Words(&'static Words),
    /// Something else, in words.
    Other(&'static str),
}

/// A place of the language.
#[derive(Debug)]
pub struct Entry {
    /// A statement's keyword (`lanes`), an argument of a call (`dense(init)`), or of a setting's call
    /// (`weight = fixed(bits)`).
    pub place: &'static str,
    /// What may stand there.
    pub takes: Takes,
    /// What stands there if nothing is written; `None` where something must be.
    pub default: Option<String>,
    /// What it is.
    pub meaning: &'static str,
}

impl Takes {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Takes::Whole(range) => format!("a whole number {}", from_to(range)),
            Takes::Number(range) => format!("a number {}", range.text),
            Takes::NumberOrNone(range) => format!("a number {}, or `none`", range.text),
            Takes::Channels(range) => {
                format!("a number {}, or a list of one a channel", range.text)
            }
            Takes::Words(words) => {
                let calls = words.iter().map(|(word, arguments)| match arguments {
                    [] => format!("`{word}`"),
                    _ => format!("`{word}({})`", arguments.join(", ")),
                });
                one_of(&calls.collect::<Vec<_>>())
            }
            Takes::Other(text) => text.to_string(),
        }
    }
}

/// The meaning of a number, as messages tell it.
fn meaning(argument: &str) -> &'static str {
    let found = MEANINGS.iter().find(|(name, _)| *name == argument);
    found.map_or("", |(_, meaning)| meaning)
}

fn entry(
    place: &'static str,
    takes: Takes,
    default: impl Into<Option<String>>,
    meaning: &'static str,
) -> Entry {
    Entry {
        place,
        takes,
        default: default.into(),
        meaning,
    }
}

/// The whole table, block by block.
///
/// ```
/// for entry in spidec_compiler::check::reference::all() {
///     println!("{:40} {}", entry.place, entry.default.as_deref().unwrap_or("is needed"));
/// }
/// ```
pub fn all() -> Vec<Entry> {
    [network(), training(), array()]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests;
