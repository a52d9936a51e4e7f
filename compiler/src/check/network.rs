//! The block `network`: declarations first, then the readout's source and the projections.

use super::arguments::{Call, Report};
use super::declarations::Declarations;
use super::layer::Layer;
use super::operator::{self, Written};
use super::vocabulary::READOUT;
use super::words::{check_name, nearest, unknown};
use super::{defaults, fit, size};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Block, Span, Statement, Value, ValueKind, Word};
use spidec_ir::network::{
    Direction, Input, Operator, Population, PopulationId, Projection, Readout, Source,
};
use std::collections::BTreeMap;

/// The statements of the block.
pub const KEYWORDS: [&str; 5] = ["input", "population", "readout", "forward", "feedback"];

/// The parts of a network without training and array.
pub struct Parts {
    /// Its name.
    pub name: String,
    /// The input.
    pub input: Input,
    /// Populations in order.
    pub populations: Vec<Population>,
    /// Projections in order.
    pub projections: Vec<Projection>,
    /// The readout.
    pub readout: Readout,
}

/// Reads the block; `None` only where something is reported.
pub fn read(report: &mut Report, block: &Block) -> Option<Parts> {
    let header = block.name.as_ref().unwrap_or(&block.keyword).span;
    report.places.set("network", block.keyword.span.to(header));
    let mut declarations = Declarations::default();
    // Keywords of lines that could not be read: what they would declare is not missing.
    let mut excused: Vec<&str> = block.damaged.iter().map(String::as_str).collect();
    for statement in &block.statements {
        let keyword = &statement.keyword;
        match keyword.text.as_str() {
            "input" | "population" | "readout" => declarations.read(report, statement),
            "forward" | "feedback" => {}
            _ => {
                report.push(unknown(Code::UnknownKeyword, "keyword", keyword, &KEYWORDS));
                excused.extend(nearest(&keyword.text, &KEYWORDS));
                excused.extend(statement.name.as_ref().map(|name| name.text.as_str()));
            }
        }
    }
    for word in &excused {
        declarations.names.excuse(word);
    }
    for keyword in &KEYWORDS[..3] {
        if !declarations.has(keyword) && !excused.contains(keyword) {
            let example = match *keyword {
                "input" => "input image [28, 28, 1] = constant(scale = 1/256)",
                "readout" => "readout digit [10] = linear(from = hidden)",
                _ => "population hidden [240] = if",
            };
            report.push(Diagnostic::new(
                Code::MissingDeclaration,
                header,
                format!("the network has no {keyword}"),
                format!("no `{keyword}` in this block"),
                format!("declare it: `{example}`"),
            ));
        }
    }
    let (drafts, complete) = drafts(report, &declarations, &block.statements);
    let complete = complete && excused.is_empty();
    fit::shapes(report, &mut declarations, &drafts, complete);
    let readout = readout(report, &declarations);
    let source = readout.as_ref().map(|readout| readout.source);
    size::limit(report, &declarations, &drafts, source);
    let projections = drafts.into_iter();
    let projections = projections.map(|draft| draft.finish(&declarations));
    let projections = projections.collect();
    let name = network_name(report, block)?;
    Some(Parts {
        name,
        populations: declarations.finish(),
        input: declarations.input?,
        projections,
        readout: readout?,
    })
}

fn network_name(report: &mut Report, block: &Block) -> Option<String> {
    let Some(name) = &block.name else {
        if block.damaged.is_empty() {
            report.push(Diagnostic::new(
                Code::BlockName,
                block.keyword.span,
                "the network has no name".to_string(),
                "expected a name after it",
                "write `network NAME {`; the name is what the hardware's files are called",
            ));
        }
        return None;
    };
    if let Some(diagnostic) = check_name(name) {
        report.push(diagnostic);
    }
    Some(name.text.clone())
}

fn readout(report: &mut Report, declarations: &Declarations) -> Option<Readout> {
    let (word, classes, value) = declarations.readout?;
    let call = Call::read(report, value, "readout", "readout", READOUT)?;
    let from = call.required(report, "from", "from = hidden");
    let from = from.and_then(|value| name(report, value, "from"));
    let source = from.and_then(|from| declarations.names.readout_source(report, from));
    let layer = Layer::read(report, &call, "readout");
    let source = source?;
    let sources = declarations.shape(Source::Population(source)).size();
    Some(Readout {
        name: word.text.clone(),
        classes,
        source,
        init: layer.init.unwrap_or_else(|| defaults::init(sources)),
        bias: layer.bias,
        frozen: layer.frozen,
    })
}

/// The name that an argument must be.
fn name<'a>(report: &mut Report, value: &'a Value, argument: &str) -> Option<&'a Word> {
    match &value.kind {
        ValueKind::Name(word) => Some(word),
        _ => {
            let help = format!("write `{argument} = hidden`, the name of a population");
            report.wrong_type(value, "a name", help);
            None
        }
    }
}

/// A projection whose ends are known, but perhaps not yet their shapes.
pub struct Draft {
    /// As messages name it.
    pub name: String,
    /// Where it starts.
    pub source: Source,
    /// Where it ends.
    pub destination: PopulationId,
    /// Its operator.
    pub written: Written,
    /// Where that stands.
    pub place: Span,
    direction: Direction,
}

impl Draft {
    fn finish(self, declarations: &Declarations) -> Projection {
        let operator = self.written.operator.unwrap_or(Operator::Dense);
        let source = declarations.shape(self.source);
        let destination = declarations.shape(Source::Population(self.destination));
        let layer = self.written.layer;
        let default = || defaults::init(operator.fan_in(&source, &destination));
        Projection {
            source: self.source,
            destination: self.destination,
            direction: self.direction,
            operator,
            init: layer.init.unwrap_or_else(default),
            bias: layer.bias,
            frozen: layer.frozen,
            dropout: layer.dropout,
            max_norm: layer.max_norm,
        }
    }
}

/// The projections, and whether each of them is there.
fn drafts(
    report: &mut Report,
    declarations: &Declarations,
    statements: &[Statement],
) -> (Vec<Draft>, bool) {
    let mut drafts = Vec::new();
    let mut complete = true;
    let mut pairs = BTreeMap::new();
    for statement in statements {
        let direction = match statement.keyword.text.as_str() {
            "forward" => Direction::Forward,
            "feedback" => Direction::Feedback,
            _ => continue,
        };
        let Some((from, to)) = ends(report, statement) else {
            complete = false;
            continue;
        };
        let source = declarations.names.source(report, from);
        let destination = declarations.names.destination(report, to);
        let path = format!("projection.{}", drafts.len());
        let value = statement.definition.as_ref().and_then(|d| d.value.as_ref());
        let written = value.and_then(|value| operator::read(report, value, &path));
        let (Some(source), Some(destination)) = (source, destination) else {
            complete = false;
            continue;
        };
        check_direction(report, statement, (from, source), (to, destination));
        let key = match source {
            Source::Input => (None, destination),
            Source::Population(id) => (Some(id), destination),
        };
        let name = format!("{} -> {}", from.text, to.text);
        if let Some(first) = pairs.get(&key) {
            report.push(
                Diagnostic::new(
                    Code::DuplicateProjection,
                    statement.span,
                    format!("a second projection `{name}`"),
                    "second projection of this pair",
                    "remove one of them: a projection is known by its two ends, and two dense ones add up to one",
                )
                .also(*first, "first projection of this pair"),
            );
            continue;
        }
        pairs.insert(key, statement.span);
        report.places.set(path, statement.span);
        drafts.push(Draft {
            name,
            source,
            destination,
            written: written.unwrap_or_else(Written::unclear),
            place: value.map_or(statement.span, |value| value.span),
            direction,
        });
    }
    (drafts, complete)
}

/// Both names of a projection; the first part that is missing or too many is reported.
fn ends<'a>(report: &mut Report, statement: &'a Statement) -> Option<(&'a Word, &'a Word)> {
    let keyword = &statement.keyword;
    let target = statement.target.as_ref();
    let defined = statement.definition.as_ref().and_then(|d| d.value.as_ref());
    let problem = match (
        &statement.name,
        target,
        target.and_then(|t| t.name.as_ref()),
    ) {
        (Some(from), _, Some(to)) => match (&statement.shape, defined) {
            (Some(shape), _) => {
                report.push(Diagnostic::new(
                    Code::ExtraPart,
                    shape.span,
                    format!("`{}` is a projection and has no shape", keyword.text),
                    "does not belong here",
                    "leave it out: a projection's shape follows from both of its ends",
                ));
                return Some((from, to));
            }
            (None, Some(_)) => return Some((from, to)),
            (None, None) => {
                let end = statement.definition.as_ref().map_or(to.span, |d| d.span);
                (end, "an operator", "expected `= dense` here")
            }
        },
        (None, ..) => (
            keyword.span,
            "a source",
            "expected `source -> destination` after it",
        ),
        (Some(from), None, _) => (from.span, "an arrow", "expected `-> destination` after it"),
        (_, Some(target), None) => (
            target.span,
            "a destination",
            "expected a population after it",
        ),
    };
    let (span, what, label) = problem;
    report.push(Diagnostic::new(
        Code::MissingPart,
        span,
        format!("`{}` without {what}", keyword.text),
        label,
        "a projection reads `forward image -> hidden = dense`",
    ));
    None
}

/// Reports a keyword that does not agree with declaration order, and says which one does.
fn check_direction(
    report: &mut Report,
    statement: &Statement,
    (from, source): (&Word, Source),
    (to, destination): (&Word, PopulationId),
) {
    let earlier = match source {
        Source::Input => true,
        Source::Population(id) => id < destination,
    };
    let keyword = &statement.keyword;
    let (from, to) = (&from.text, &to.text);
    let diagnostic = match (keyword.text.as_str(), earlier) {
        ("forward", false) => Diagnostic::new(
            Code::NotForward,
            keyword.span,
            format!("`{from} -> {to}` is a feedback projection"),
            "must be `feedback`",
            if from == to {
                format!(
                    "write `feedback {from} -> {to}`: a population hears its own spikes one step later"
                )
            } else {
                format!(
                    "write `feedback {from} -> {to}`: `{from}` is declared after `{to}`, so its spikes arrive one step later"
                )
            },
        ),
        ("feedback", true) => Diagnostic::new(
            Code::NotFeedback,
            keyword.span,
            format!("`{from} -> {to}` is a forward projection"),
            "must be `forward`",
            if source == Source::Input {
                format!(
                    "write `forward {from} -> {to}`: the input's values arrive in their own step"
                )
            } else {
                format!(
                    "write `forward {from} -> {to}`: `{from}` is declared before `{to}`, so its spikes arrive in the same step"
                )
            },
        ),
        _ => return,
    };
    report.push(diagnostic);
}
