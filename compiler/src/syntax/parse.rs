//! Text to lines, by the grammar that pest reads.

use super::blocks::Builder;
use super::{File, Span, broken};
use crate::diagnostics::{Code, Diagnostic};
use pest::Parser;
use pest::iterators::Pair;

/// The parser that pest generates from `grammar.pest`.
#[derive(pest_derive::Parser)]
#[grammar = "syntax/grammar.pest"]
pub(super) struct Grammar;

/// Calls and lists inside each other, at most; the parser recurses as deep as they are.
const MAX_DEPTH: usize = 32;

/// Reads a file: the tree of everything that could be read, and one finding a line that could not.
pub fn parse(text: &str) -> (File, Vec<Diagnostic>) {
    if let Some(place) = too_deep(text) {
        return (File::default(), vec![depth_error(place)]);
    }
    let mut builder = Builder::new(text);
    match Grammar::parse(Rule::file, text) {
        Ok(mut pairs) => {
            for line in pairs.next().into_iter().flat_map(Pair::into_inner) {
                builder.line(line);
            }
        }
        // The rule matches every text; were it not so, the text would still get a coded error.
        Err(_) => builder.report(broken::explain(
            text,
            Span {
                start: 0,
                end: text.len(),
            },
        )),
    }
    builder.finish()
}

/// Where brackets are open inside each other beyond the limit.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.find("//").map_or(line, |comment| &line[..comment]);
        for (k, byte) in code.bytes().enumerate() {
            match byte {
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                b'{' | b'}' => depth = 0,
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Some(offset + k);
            }
        }
        offset += line.len();
    }
    None
}

fn depth_error(place: usize) -> Diagnostic {
    Diagnostic::new(
        Code::TooDeep,
        Span {
            start: place,
            end: place + 1,
        },
        format!("more than {MAX_DEPTH} brackets are open inside each other"),
        "too deep",
        "no value of this language nests deeper than 3; look for a bracket that is not closed",
    )
}
