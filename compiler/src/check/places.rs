//! Where the parts of a network stand in its file.

use crate::syntax::Span;
use spidec_ir::network::{Network, PopulationId, ProjectionId};
use std::collections::BTreeMap;

/// Spans by a dotted path: `input.scale`, `population.0`, `projection.2.init`, `forward_stage.v_th`, `array`.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<String, Span>);

impl Places {
    /// Remembers a place; the first one counts.
    pub fn set(&mut self, path: impl Into<String>, span: Span) {
        self.0.entry(path.into()).or_insert(span);
    }

    /// The first of some paths that stands in the file; the start of the text if none does.
    pub fn find(&self, paths: &[&str]) -> Span {
        let found = paths.iter().find_map(|&path| self.0.get(path));
        found.copied().unwrap_or(Span { start: 0, end: 0 })
    }

    /// Lines of everything.
    pub fn lines(&self, text: &str, network: &Network) -> SourceLines {
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |path: &str| {
            let start = self.0.get(path)?.start;
            Some(1 + ends.partition_point(|&end| end < start) as u32)
        };
        let of = |path: &str| line(path).unwrap_or(1);
        let entries = super::TRAINING.iter().chain(&super::ARRAY);
        SourceLines {
            input: of("input"),
            populations: (0..network.populations.len())
                .map(|k| of(&format!("population.{k}")))
                .collect(),
            projections: (0..network.projections.len())
                .map(|k| of(&format!("projection.{k}")))
                .collect(),
            readout: of("readout"),
            entries: entries
                .filter_map(|&name| Some((name, line(name)?)))
                .collect(),
        }
    }
}

/// Lines of a network's parts in its file, counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLines {
    /// The input.
    pub input: u32,
    /// Populations in declaration order.
    pub populations: Vec<u32>,
    /// Projections in declaration order.
    pub projections: Vec<u32>,
    /// The readout.
    pub readout: u32,
    /// Settings of training and array that the file has, by name: `forward_stage`, `lanes`.
    pub entries: BTreeMap<&'static str, u32>,
}

impl SourceLines {
    /// A population's line.
    pub fn population(&self, id: PopulationId) -> Option<u32> {
        self.populations.get(id.index()).copied()
    }

    /// A projection's line.
    pub fn projection(&self, id: ProjectionId) -> Option<u32> {
        self.projections.get(id.index()).copied()
    }
}
