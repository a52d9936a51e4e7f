//! Input, populations and readout: the first of two passes over the block `network`.

use super::arguments::{Call, Report};
use super::defaults;
use super::names::{Names, Thing};
use super::vocabulary::{INIT, INPUT, NEURON, POSITIVE};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Span, Statement, Value, ValueKind, Word};
use spidec_ir::Number;
use spidec_ir::network::{Init, Input, Neuron, Population, PopulationId, Shape};
use std::ops::RangeInclusive;

/// Values of an input or a population, at most.
pub const MAX_SIZE: u64 = 65536;

/// Classes of a readout.
pub const CLASSES: RangeInclusive<u64> = 2..=1024;

/// What is declared so far. Where something is wrong a placeholder stands, so that the rest can be checked.
#[derive(Default)]
pub struct Declarations<'a> {
    /// All names.
    pub names: Names,
    /// The input.
    pub input: Option<Input>,
    /// Populations in order.
    pub populations: Vec<Population>,
    /// Name, classes and value of the readout, which is read when all populations are known.
    pub readout: Option<(&'a Word, u32, &'a Value)>,
    first_input: Option<Span>,
    first_readout: Option<Span>,
}

impl<'a> Declarations<'a> {
    /// Reads one declaration.
    pub fn read(&mut self, report: &mut Report, statement: &'a Statement) {
        let keyword = statement.keyword.text.as_str();
        let parts = parts(report, statement);
        let Some(name) = &statement.name else {
            return;
        };
        let first = match keyword {
            "input" => &mut self.first_input,
            "readout" => &mut self.first_readout,
            _ => return self.population(report, statement, name, parts),
        };
        if let Some(first) = *first {
            report.push(
                Diagnostic::new(
                    Code::SecondDeclaration,
                    statement.span,
                    format!("a second {keyword}: a network has one"),
                    format!("second {keyword}"),
                    "remove one of them",
                )
                .also(first, format!("first {keyword}")),
            );
            self.names.declare(report, name, Thing::Unclear);
            return;
        }
        *first = Some(statement.span);
        report.places.set(keyword, statement.span);
        if keyword == "input" {
            self.names.declare(report, name, Thing::Input);
            self.input = parts.and_then(|(list, value)| input(report, name, list, value));
        } else {
            self.names.declare(report, name, Thing::Readout);
            if let Some((list, value)) = parts {
                let classes = classes(report, list).unwrap_or(*CLASSES.start() as u32);
                self.readout = Some((name, classes, value));
            }
        }
    }

    fn population(
        &mut self,
        report: &mut Report,
        statement: &Statement,
        name: &Word,
        parts: Option<(&Value, &Value)>,
    ) {
        let id = PopulationId(self.populations.len() as u32);
        self.names.declare(report, name, Thing::Population(id));
        report
            .places
            .set(format!("population.{}", id.0), statement.span);
        let mut population = Population {
            name: name.text.clone(),
            shape: Shape(vec![1]),
            neuron: Neuron::IntegrateAndFire,
        };
        if let Some((list, value)) = parts {
            population.shape = shape(report, list).unwrap_or(population.shape);
            // There is one model so far, so reading the word is all.
            Call::read(report, value, "neuron model", "population", NEURON);
        }
        self.populations.push(population);
    }

    /// Whether an input, or a readout, is declared, be it wrongly.
    pub fn has(&self, keyword: &str) -> bool {
        match keyword {
            "input" => self.first_input.is_some(),
            "readout" => self.first_readout.is_some(),
            _ => !self.populations.is_empty(),
        }
    }
}

/// Shape and value of a declaration; the first part that is missing or too many is reported.
fn parts<'a>(report: &mut Report, statement: &'a Statement) -> Option<(&'a Value, &'a Value)> {
    let keyword = &statement.keyword;
    let example = match keyword.text.as_str() {
        "input" => "input image [28, 28, 1] = constant(scale = 1/256)",
        "readout" => "readout digit [10] = linear(from = hidden)",
        _ => "population hidden [240] = if",
    };
    let help = format!("a declaration reads `{example}`");
    let mut missing = |span: Span, what: &str, label: String| {
        report.push(Diagnostic::new(
            Code::MissingPart,
            span,
            format!("`{}` without {what}", keyword.text),
            label,
            help.clone(),
        ));
    };
    let value = statement.definition.as_ref().and_then(|d| d.value.as_ref());
    match (&statement.name, &statement.target, &statement.shape, value) {
        (_, Some(target), _, _) => report.push(Diagnostic::new(
            Code::ExtraPart,
            target.span,
            format!("`{}` is a declaration and has no arrow", keyword.text),
            "does not belong here",
            format!("{help}; projections begin with `forward` or `feedback`"),
        )),
        (None, ..) => missing(keyword.span, "a name", "expected a name after it".into()),
        (Some(name), _, None, _) => {
            missing(name.span, "a shape", "expected `[shape]` after it".into())
        }
        (_, _, Some(shape), None) => {
            let span = statement.definition.as_ref().map_or(shape.span, |d| d.span);
            missing(span, "a value", "expected `= value` here".into())
        }
        (_, _, Some(shape), Some(value)) => return Some((shape, value)),
    }
    None
}

fn input(report: &mut Report, name: &Word, list: &Value, value: &Value) -> Option<Input> {
    let shape = shape(report, list);
    let call = Call::read(report, value, "input", "input", INPUT)?;
    call.required(report, "scale", "scale = 1/256");
    let scale = call.number(report, "scale", &POSITIVE);
    Some(Input {
        name: name.text.clone(),
        shape: shape.unwrap_or(Shape(vec![1])),
        scale: scale.unwrap_or(Number::from(1.0)),
    })
}

/// The whole numbers of a list; those that are none, or zero, are reported.
fn extents(report: &mut Report, list: &Value) -> Option<Vec<u64>> {
    let ValueKind::List(values) = &list.kind else {
        return None;
    };
    let mut extents = Vec::new();
    for value in values {
        match value.kind {
            ValueKind::Number {
                whole: Some(whole @ 1..),
                ..
            } => extents.push(whole),
            ValueKind::Broken => {}
            _ => report.push(Diagnostic::new(
                Code::BadShape,
                value.span,
                "an extent of a shape is a whole number from 1".to_string(),
                "expected a whole number from 1",
                "shapes are `[n]` or `[height, width, channels]`",
            )),
        }
    }
    (extents.len() == values.len()).then_some(extents)
}

fn shape(report: &mut Report, list: &Value) -> Option<Shape> {
    let extents = extents(report, list)?;
    if !matches!(extents.len(), 1 | 3) {
        report.push(Diagnostic::new(
            Code::BadShape,
            list.span,
            format!("a shape of {} extents", extents.len()),
            "expected 1 or 3 extents",
            match extents[..] {
                [height, width] => format!("an image of one channel has one extent more: write `[{height}, {width}, 1]`"),
                _ => "shapes are `[n]` or `[height, width, channels]`; an image of one channel is `[28, 28, 1]`".into(),
            },
        ));
        return None;
    }
    let size = extents.iter().fold(1u64, |size, &e| size.saturating_mul(e));
    if size > MAX_SIZE {
        report.push(Diagnostic::new(
            Code::TooLarge,
            list.span,
            format!("a shape of {size} values is too large"),
            format!("must be at most {MAX_SIZE} in all"),
            "take fewer neurons, or scale the samples down",
        ));
        return None;
    }
    Some(Shape(extents.iter().map(|&e| e as u32).collect()))
}

fn classes(report: &mut Report, list: &Value) -> Option<u32> {
    let extents = extents(report, list)?;
    let [classes] = extents.as_slice() else {
        report.push(Diagnostic::new(
            Code::BadShape,
            list.span,
            format!("a readout with a shape of {} extents", extents.len()),
            "expected `[classes]`",
            "a readout's shape is its number of classes, such as `[10]`",
        ));
        return None;
    };
    if !CLASSES.contains(classes) {
        report.push(Diagnostic::new(
            Code::TooLarge,
            list.span,
            format!(
                "a readout has {} to {} classes, not {classes}",
                CLASSES.start(),
                CLASSES.end()
            ),
            format!("must be from {} to {}", CLASSES.start(), CLASSES.end()),
            "a classifier tells at least two classes apart; for a yes or no write `[2]`",
        ));
        return None;
    }
    Some(*classes as u32)
}

/// The argument `init`, or its default for a number of source values.
pub fn init(report: &mut Report, call: &Call, path: &str, sources: usize) -> Init {
    let default = defaults::init(sources);
    let Some(value) = call.value("init") else {
        return default;
    };
    let path = format!("{path}.init");
    let Some(call) = Call::read(report, value, "kind of initial weights", &path, INIT) else {
        return default;
    };
    if call.word == "zeros" {
        return Init::Zeros;
    }
    call.required(report, "std", "std = 0.1");
    match call.number(report, "std", &POSITIVE) {
        Some(std) => Init::Normal { std },
        None => default,
    }
}

/// The name that an argument must be.
pub fn name<'a>(report: &mut Report, value: &'a Value, argument: &str) -> Option<&'a Word> {
    match &value.kind {
        ValueKind::Name(word) => Some(word),
        _ => {
            let help = format!("write `{argument} = hidden`, the name of a population");
            report.wrong_type(value, "a name", help);
            None
        }
    }
}
