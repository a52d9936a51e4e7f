//! Input, populations and readout: the first of two passes over the block `network`.

use super::arguments::{Call, Report};
use super::names::{Names, Thing};
use super::shapes::{CLASSES, classes, shape};
use super::vocabulary::{COUPLE, LEAK, NEURON};
use super::{defaults, input};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Span, Statement, Value, Word};
use spidec_ir::network::{Input, Neuron, Population, PopulationId, Shape, Source};

/// A shape, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is.
    Known(Shape),
    /// It is left out.
    Missing,
    /// What is wrong with it is reported.
    Unclear,
}

impl Told {
    /// The shape; where it is not known a placeholder, so that the rest can be checked.
    fn or_placeholder(&self) -> Shape {
        match self {
            Told::Known(shape) => shape.clone(),
            Told::Missing | Told::Unclear => Shape(vec![1]),
        }
    }
}

impl From<Option<Shape>> for Told {
    fn from(shape: Option<Shape>) -> Told {
        shape.map_or(Told::Unclear, Told::Known)
    }
}

/// A population as it is declared.
pub struct Declared<'a> {
    /// Its name.
    pub name: &'a Word,
    /// Its shape.
    pub told: Told,
    neuron: Neuron,
}

/// What is declared so far.
#[derive(Default)]
pub struct Declarations<'a> {
    /// All names.
    pub names: Names,
    /// The input.
    pub input: Option<Input>,
    input_shape: Option<Shape>,
    /// Populations in order.
    pub populations: Vec<Declared<'a>>,
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
            if let Some((list, value)) = parts {
                self.input_shape = list.and_then(|list| shape(report, list));
                self.input = self.read_input(report, name, value);
            }
        } else {
            self.names.declare(report, name, Thing::Readout);
            if let Some((list, value)) = parts {
                let classes = list.and_then(|list| classes(report, list));
                let classes = classes.unwrap_or(*CLASSES.start() as u32);
                self.readout = Some((name, classes, value));
            }
        }
    }

    fn read_input(&self, report: &mut Report, name: &Word, value: &Value) -> Option<Input> {
        let shape = self.input_shape.as_ref();
        let values = input::values(report, value, shape)?;
        Some(Input {
            name: name.text.clone(),
            shape: Told::from(shape.cloned()).or_placeholder(),
            values,
        })
    }

    fn population(
        &mut self,
        report: &mut Report,
        statement: &Statement,
        name: &'a Word,
        parts: Option<(Option<&Value>, &Value)>,
    ) {
        let id = PopulationId(self.populations.len() as u32);
        let path = format!("population.{}", id.0);
        self.names.declare(report, name, Thing::Population(id));
        report.places.set(path.as_str(), statement.span);
        let told = match parts {
            None => Told::Unclear,
            Some((None, _)) => Told::Missing,
            Some((Some(list), _)) => shape(report, list).into(),
        };
        let neuron = parts.and_then(|(_, value)| neuron(report, value, &path));
        self.populations.push(Declared {
            name,
            told,
            neuron: neuron.unwrap_or(Neuron::IntegrateAndFire),
        });
    }

    /// The shape of a projection's source.
    pub fn told(&self, source: Source) -> Told {
        match source {
            Source::Input => self.input_shape.clone().into(),
            Source::Population(id) => self.populations[id.index()].told.clone(),
        }
    }

    /// The shape of a projection's source, or a placeholder.
    pub fn shape(&self, source: Source) -> Shape {
        self.told(source).or_placeholder()
    }

    /// The populations in order.
    pub fn finish(&self) -> Vec<Population> {
        let populations = self.populations.iter().map(|declared| Population {
            name: declared.name.text.clone(),
            shape: declared.told.or_placeholder(),
            neuron: declared.neuron,
        });
        populations.collect()
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

fn neuron(report: &mut Report, value: &Value, path: &str) -> Option<Neuron> {
    let call = Call::read(report, value, "neuron model", path, NEURON)?;
    if call.word == "if" {
        return Some(Neuron::IntegrateAndFire);
    }
    call.required(report, "leak", "leak = 0.95");
    let leak = call.number(report, "leak", &LEAK);
    let couple = call.value("couple").and_then(|value| {
        let path = format!("{path}.couple");
        Call::read(report, value, "neuron model of a couple", &path, COUPLE)
    });
    Some(Neuron::Leaky {
        leak: leak?,
        leaky_couple: couple.map_or(defaults::LEAKY_COUPLE, |call| call.word == "lif"),
    })
}

/// Shape and value of a declaration; the first part that is missing or too many is reported. A
/// population's shape may be left out.
fn parts<'a>(
    report: &mut Report,
    statement: &'a Statement,
) -> Option<(Option<&'a Value>, &'a Value)> {
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
        (Some(name), _, None, _) if keyword.text != "population" => {
            missing(name.span, "a shape", "expected `[shape]` after it".into())
        }
        (Some(name), _, shape, None) => {
            let last = shape.as_ref().map_or(name.span, |shape| shape.span);
            let span = statement.definition.as_ref().map_or(last, |d| d.span);
            missing(span, "a value", "expected `= value` here".into())
        }
        (_, _, shape, Some(value)) => return Some((shape.as_ref(), value)),
    }
    None
}
