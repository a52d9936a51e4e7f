//! Comparing one value, and where it belongs.

use super::{Comparison, Kind, Mismatch};
use spidec_ir::ArrayProgram;
use spidec_ir::trace::Stage;

/// Where a value belongs.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    pub(super) cycle: Option<u64>,
    pub(super) step: Option<u32>,
    pub(super) population: Option<(&'a str, u32)>,
    pub(super) neuron: Option<u32>,
    pub(super) source: Option<u32>,
    pub(super) what: Option<&'static str>,
}

/// One value in three readings; `None` where a reading has none.
#[derive(Clone, Copy)]
pub(super) struct Values {
    pub(super) fixed: Option<i64>,
    pub(super) array: Option<i64>,
    pub(super) hardware: Option<i64>,
}

/// Comparing one sample.
pub(super) struct Pass<'a> {
    pub(super) comparison: &'a mut Comparison,
    pub(super) sample: usize,
    pub(super) program: &'a ArrayProgram,
}

impl Pass<'_> {
    /// Compares one value of all three.
    pub(super) fn three(&mut self, kind: Kind, stage: Stage, place: Place<'_>, values: Values) {
        let same = values.fixed == values.array && values.array == values.hardware;
        self.value(same && values.array.is_some(), kind, stage, place, values);
    }

    /// Compares one value that the fixed-point engine does not have.
    pub(super) fn two(
        &mut self,
        kind: Kind,
        stage: Stage,
        place: Place<'_>,
        array: Option<i64>,
        hardware: Option<i64>,
    ) {
        let values = Values {
            fixed: None,
            array,
            hardware,
        };
        let same = array == hardware && array.is_some();
        self.value(same, kind, stage, place, values);
    }

    fn value(&mut self, same: bool, kind: Kind, stage: Stage, place: Place<'_>, values: Values) {
        *self.comparison.compared.entry(kind).or_default() += 1;
        if same {
            return;
        }
        *self.comparison.differing.entry(kind).or_default() += 1;
        if self.comparison.first.is_none() {
            self.comparison.first = Some(Mismatch {
                sample: self.sample,
                kind,
                cycle: place.cycle,
                stage,
                step: place.step,
                population: place.population.map(|p| p.0.to_string()),
                neuron: place.neuron,
                source: place.source,
                what: place.what,
                fixed: values.fixed,
                array: values.array,
                hardware: values.hardware,
                line: place.population.map(|p| p.1),
            });
        }
    }
}
