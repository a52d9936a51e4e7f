//! The names of a network: what each of them is, each declared once.

use super::arguments::Report;
use super::words::{check_name, expected, nearest};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Span, Word};
use spidec_ir::network::{PopulationId, Source};
use std::collections::BTreeMap;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// The input.
    Input,
    /// A population.
    Population(PopulationId),
    /// The readout.
    Readout,
    /// Something whose declaration is wrong and reported.
    Unclear,
}

/// All names of a network.
#[derive(Debug, Default)]
pub struct Names {
    things: BTreeMap<String, (Thing, Option<Span>)>,
}

impl Names {
    /// Declares a name; one that is illegal or taken is reported.
    pub fn declare(&mut self, report: &mut Report, name: &Word, thing: Thing) {
        if let Some(diagnostic) = check_name(name) {
            report.push(diagnostic);
        }
        match self.things.get(&name.text) {
            Some((_, Some(first))) => report.push(
                Diagnostic::new(
                    Code::DuplicateName,
                    name.span,
                    format!("the name `{}` is used twice", name.text),
                    "declared again",
                    "give one of them another name",
                )
                .also(*first, "first declared here"),
            ),
            _ => {
                self.things
                    .insert(name.text.clone(), (thing, Some(name.span)));
            }
        }
    }

    /// Makes a name known that a line which could not be read may declare.
    pub fn excuse(&mut self, name: &str) {
        self.things
            .entry(name.to_string())
            .or_insert((Thing::Unclear, None));
    }

    fn find(&self, report: &mut Report, name: &Word, wanted: fn(Thing) -> bool) -> Option<Thing> {
        let found = self.things.get(&name.text).map(|(thing, _)| *thing);
        if found.is_none() {
            let legal: Vec<&str> = self
                .things
                .iter()
                .filter(|(_, (thing, _))| wanted(*thing))
                .map(|(name, _)| name.as_str())
                .collect();
            let label = match nearest(&name.text, &legal) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "not declared in this network".to_string(),
            };
            let help = match legal.as_slice() {
                [] => "declare it: `population name [n] = if`".to_string(),
                legal if legal.len() > 12 => {
                    format!("{} and more are declared", legal[..12].join(", "))
                }
                legal => expected(legal),
            };
            report.push(Diagnostic::new(
                Code::UnknownName,
                name.span,
                format!("nothing is named `{}`", name.text),
                label,
                help,
            ));
        }
        found
    }

    /// The source of a projection.
    pub fn source(&self, report: &mut Report, name: &Word) -> Option<Source> {
        let wanted = |thing| matches!(thing, Thing::Input | Thing::Population(_));
        match self.find(report, name, wanted)? {
            Thing::Input => Some(Source::Input),
            Thing::Population(id) => Some(Source::Population(id)),
            Thing::Readout => {
                report.push(Diagnostic::new(
                    Code::WrongEnd,
                    name.span,
                    format!("a projection cannot start at the readout `{}`", name.text),
                    "this is the readout",
                    "projections start at the input or at a population; a readout is the end of the network",
                ));
                None
            }
            Thing::Unclear => None,
        }
    }

    /// The destination of a projection.
    pub fn destination(&self, report: &mut Report, name: &Word) -> Option<PopulationId> {
        let (is, help) = match self.find(report, name, |t| matches!(t, Thing::Population(_)))? {
            Thing::Population(id) => return Some(id),
            Thing::Unclear => return None,
            Thing::Input => ("input", "projections end at a population".to_string()),
            Thing::Readout => (
                "readout",
                format!(
                    "projections end at a population; to read one, write `readout {} [classes] = linear(from = population)`",
                    name.text
                ),
            ),
        };
        report.push(Diagnostic::new(
            Code::WrongEnd,
            name.span,
            format!("a projection cannot end at the {is} `{}`", name.text),
            format!("this is the {is}"),
            help,
        ));
        None
    }

    /// The population that the readout reads.
    pub fn readout_source(&self, report: &mut Report, name: &Word) -> Option<PopulationId> {
        let is = match self.find(report, name, |t| matches!(t, Thing::Population(_)))? {
            Thing::Population(id) => return Some(id),
            Thing::Unclear => return None,
            Thing::Input => "input",
            Thing::Readout => "readout itself",
        };
        report.push(Diagnostic::new(
            Code::WrongEnd,
            name.span,
            format!("the readout cannot read `{}`", name.text),
            format!("this is the {is}"),
            "a readout reads the rates of one population: `linear(from = population)`",
        ));
        None
    }
}
