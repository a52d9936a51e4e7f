//! Sums over reports of `verify`.

use spidec_ir::trace::Counters;
use spidec_verify::{Kind, Report};
use std::collections::BTreeMap;

/// Sums over reports, all of which agree.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Samples.
    pub samples: usize,
    /// Values that were compared.
    pub compared: BTreeMap<Kind, u64>,
    /// Sums of the hardware's counters.
    pub counters: Counters,
    /// Reports of which something did not happen.
    pub vacuous: usize,
}

impl Sums {
    /// Adds a report.
    ///
    /// # Panics
    /// Where anything differs, or the hardware stopped.
    pub fn add(&mut self, name: &str, report: &Report) {
        let first = report.comparison.first.as_ref().map(ToString::to_string);
        assert_eq!(first, None, "{name}");
        assert_eq!(report.stopped, None, "{name}");
        assert_eq!(report.comparison.mismatches(), 0, "{name}");
        self.samples += report.samples;
        self.counters += report.counters;
        self.vacuous += usize::from(!report.vacuous().is_empty());
        for (&kind, count) in &report.comparison.compared {
            *self.compared.entry(kind).or_default() += count;
        }
    }

    /// Prints what was compared.
    ///
    /// # Panics
    /// Where nothing of a kind was.
    pub fn print(&self, title: &str, kinds: impl IntoIterator<Item = Kind>) {
        let (samples, cycles) = (self.samples, self.counters.total_cycles());
        eprintln!("{title}: {samples} samples, {cycles} cycles");
        for kind in kinds {
            let count = self.compared.get(&kind).copied().unwrap_or(0);
            assert!(count > 0, "{title}: no {} were compared", kind.name());
            eprintln!("  {:<19}{count:>12}", kind.name());
        }
    }
}
