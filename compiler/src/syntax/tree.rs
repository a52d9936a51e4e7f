//! Pairs of the grammar to nodes of the tree.

use super::parse::Rule;
use super::{Argument, Definition, Span, Statement, Target, Value, ValueKind, Word, number};
use crate::diagnostics::{Code, Diagnostic};
use pest::iterators::Pair;

pub(super) fn span(pair: &Pair<Rule>) -> Span {
    let span = pair.as_span();
    Span {
        start: span.start(),
        end: span.end(),
    }
}

pub(super) fn word(pair: Pair<Rule>) -> Word {
    Word {
        text: pair.as_str().to_string(),
        span: span(&pair),
    }
}

pub(super) fn statement(pair: Pair<Rule>, diagnostics: &mut Vec<Diagnostic>) -> Option<Statement> {
    let span = span(&pair);
    let mut keyword = None;
    let (mut name, mut target, mut shape, mut definition) = (None, None, None, None);
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::word => keyword = Some(word(part)),
            Rule::name => name = part.into_inner().next().map(word),
            Rule::target => {
                if !part.as_str().starts_with("->") {
                    diagnostics.push(wrong_arrow(&part));
                }
                target = Some(Target {
                    span: self::span(&part),
                    name: part
                        .into_inner()
                        .find(|p| p.as_rule() == Rule::word)
                        .map(word),
                })
            }
            Rule::list => shape = Some(list(part, diagnostics)),
            Rule::definition => {
                definition = Some(Definition {
                    span: self::span(&part),
                    value: part
                        .into_inner()
                        .find(|p| p.as_rule() == Rule::value)
                        .map(|p| value(p, diagnostics)),
                })
            }
            _ => {}
        }
    }
    Some(Statement {
        keyword: keyword?,
        name,
        target,
        shape,
        definition,
        span,
    })
}

fn wrong_arrow(target: &Pair<Rule>) -> Diagnostic {
    let span = span(target);
    let arrow = target.clone().into_inner().next();
    let place = arrow.map_or(span, |arrow| self::span(&arrow));
    Diagnostic::new(
        Code::Syntax,
        place,
        "an arrow of another kind".to_string(),
        "expected `->`",
        "an arrow is a minus and a greater-than sign: `forward a -> b = dense`",
    )
}

fn list(pair: Pair<Rule>, diagnostics: &mut Vec<Diagnostic>) -> Value {
    let span = span(&pair);
    let values = pair
        .into_inner()
        .filter(|p| p.as_rule() == Rule::value)
        .map(|p| value(p, diagnostics))
        .collect();
    Value {
        kind: ValueKind::List(values),
        span,
    }
}

/// The value of a pair of the rule `value`.
fn value(pair: Pair<Rule>, diagnostics: &mut Vec<Diagnostic>) -> Value {
    let span = span(&pair);
    let Some(inner) = pair.into_inner().next() else {
        return Value {
            kind: ValueKind::Broken,
            span,
        };
    };
    let mut numeric = |read: Result<ValueKind, Diagnostic>| {
        read.unwrap_or_else(|diagnostic| {
            diagnostics.push(diagnostic);
            ValueKind::Broken
        })
    };
    let kind = match inner.as_rule() {
        Rule::number => numeric(number::number(inner.as_str(), span)),
        Rule::fraction => {
            let mut parts = inner.into_inner().map(word);
            match (parts.next(), parts.next()) {
                (Some(above), Some(below)) => numeric(number::fraction(
                    (&above.text, above.span),
                    (&below.text, below.span),
                )),
                _ => ValueKind::Broken,
            }
        }
        Rule::word => ValueKind::Name(word(inner)),
        Rule::list => return list(inner, diagnostics),
        _ => call(inner, diagnostics),
    };
    Value { kind, span }
}

fn call(pair: Pair<Rule>, diagnostics: &mut Vec<Diagnostic>) -> ValueKind {
    let mut name = None;
    let mut arguments = Vec::new();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::word => name = Some(word(part)),
            Rule::argument => arguments.push(argument(part, diagnostics)),
            _ => {}
        }
    }
    match name {
        Some(name) => ValueKind::Call { name, arguments },
        None => ValueKind::Broken,
    }
}

fn argument(pair: Pair<Rule>, diagnostics: &mut Vec<Diagnostic>) -> Argument {
    let span = span(&pair);
    let mut name = None;
    let mut given = None;
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::value => given = Some(value(part, diagnostics)),
            _ => {
                for part in part.into_inner() {
                    match part.as_rule() {
                        Rule::word => name = Some(word(part)),
                        Rule::value => given = Some(value(part, diagnostics)),
                        _ => {}
                    }
                }
            }
        }
    }
    let value = given.unwrap_or_else(|| {
        let name = name.as_ref().map_or("name", |name| &name.text);
        diagnostics.push(Diagnostic::new(
            Code::MissingPart,
            span,
            "an argument has no value".to_string(),
            "a value is missing after `=`",
            format!("write `{name} = value`, or leave the argument out if it has a default"),
        ));
        Value {
            kind: ValueKind::Broken,
            span,
        }
    });
    Argument { name, value, span }
}
