//! The block `network`: declarations first, then the readout's source and the projections.

use super::arguments::{Call, Report};
use super::declarations::{Declarations, init, name};
use super::defaults;
use super::vocabulary::{OPERATOR, READOUT};
use super::words::{check_name, nearest, unknown};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Block, Statement, Word};
use spidec_ir::network::{
    Direction, Init, Input, Operator, Population, PopulationId, Projection, Readout, Source,
};
use std::collections::BTreeMap;

const KEYWORDS: [&str; 5] = ["input", "population", "readout", "forward", "feedback"];

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
    let readout = readout(report, &declarations);
    let projections = projections(report, &declarations, &block.statements);
    let name = network_name(report, block)?;
    Some(Parts {
        name,
        input: declarations.input?,
        populations: declarations.populations,
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
    let sources = source.map_or(1, |id| size(declarations, Source::Population(id)));
    let Layer { init, bias, frozen } = Layer::read(report, &call, "readout", sources);
    Some(Readout {
        name: word.text.clone(),
        classes,
        source: source?,
        init,
        bias,
        frozen,
    })
}

/// What a projection and the readout have in common.
struct Layer {
    init: Init,
    bias: bool,
    frozen: bool,
}

impl Layer {
    fn default(sources: usize) -> Layer {
        Layer {
            init: defaults::init(sources),
            bias: defaults::BIAS,
            frozen: defaults::FROZEN,
        }
    }

    fn read(report: &mut Report, call: &Call, path: &str, sources: usize) -> Layer {
        Layer {
            init: init(report, call, path, sources),
            bias: call.boolean(report, "bias").unwrap_or(defaults::BIAS),
            frozen: call.boolean(report, "frozen").unwrap_or(defaults::FROZEN),
        }
    }
}

fn size(declarations: &Declarations, source: Source) -> usize {
    match source {
        Source::Input => declarations.input.as_ref().map_or(1, |i| i.shape.size()),
        Source::Population(id) => declarations.populations[id.index()].shape.size(),
    }
}

fn projections(
    report: &mut Report,
    declarations: &Declarations,
    statements: &[Statement],
) -> Vec<Projection> {
    let mut projections = Vec::new();
    let mut pairs = BTreeMap::new();
    for statement in statements {
        let direction = match statement.keyword.text.as_str() {
            "forward" => Direction::Forward,
            "feedback" => Direction::Feedback,
            _ => continue,
        };
        let Some((from, to)) = ends(report, statement) else {
            continue;
        };
        let source = declarations.names.source(report, from);
        let destination = declarations.names.destination(report, to);
        let path = format!("projection.{}", projections.len());
        let sources = source.map_or(1, |source| size(declarations, source));
        let Layer { init, bias, frozen } = operator(report, statement, &path, sources);
        let (Some(source), Some(destination)) = (source, destination) else {
            continue;
        };
        check_direction(report, statement, (from, source), (to, destination));
        let key = match source {
            Source::Input => (None, destination),
            Source::Population(id) => (Some(id), destination),
        };
        if let Some(first) = pairs.get(&key) {
            report.push(
                Diagnostic::new(
                    Code::DuplicateProjection,
                    statement.span,
                    format!("a second projection `{} -> {}`", from.text, to.text),
                    "second projection of this pair",
                    "remove one of them: two dense projections of a pair add up to one",
                )
                .also(*first, "first projection of this pair"),
            );
            continue;
        }
        pairs.insert(key, statement.span);
        report.places.set(path, statement.span);
        projections.push(Projection {
            source,
            destination,
            direction,
            operator: Operator::Dense,
            init,
            bias,
            frozen,
        });
    }
    projections
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

fn operator(report: &mut Report, statement: &Statement, path: &str, sources: usize) -> Layer {
    let value = statement.definition.as_ref().and_then(|d| d.value.as_ref());
    match value.and_then(|value| Call::read(report, value, "operator", path, OPERATOR)) {
        Some(call) => Layer::read(report, &call, path, sources),
        None => Layer::default(sources),
    }
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
                format!("write `forward {from} -> {to}`: the input is the same in every step")
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
