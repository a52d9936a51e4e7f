//! A kernel's weights for few events: for each place, those of all places that it leads to.

use super::Side;
use spidec_ir::network::Window;

/// Weights lie as `[run][from channel][tap of the run][to channel]`.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Runs(Vec<Run>);

/// Taps of one kernel row that lead from any place to places side by side.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Run {
    /// The taps, in the order of the places that they lead to.
    pub(super) taps: Vec<usize>,
    /// How many taps the runs before it have.
    pub(in crate::spide) before: usize,
    /// Where the kernel row leads from each row.
    rows: Vec<Option<usize>>,
    /// For each column.
    columns: Vec<Lead>,
    to_width: usize,
}

/// The taps of a run that lead from a place to some, and the first of these.
#[derive(Clone, Copy, Debug)]
pub(in crate::spide) struct Lead {
    pub(in crate::spide) first: usize,
    pub(in crate::spide) count: usize,
    pub(in crate::spide) to: usize,
}

impl Runs {
    /// Of a kernel that goes to a side; `slides` as in [`Side::new`].
    pub(super) fn new(side: &Side, window: Window, slides: bool) -> Runs {
        let mut runs = Vec::new();
        let mut before = 0;
        for row in 0..side.kernel {
            for columns in side_by_side(window, slides) {
                let lead = |from: usize| {
                    let leads = || columns.iter().map(|&tap| side.columns.lead(tap, from));
                    Lead {
                        first: leads().position(|lead| lead.is_some()).unwrap_or(0),
                        count: leads().flatten().count(),
                        to: leads().flatten().next().unwrap_or(0),
                    }
                };
                runs.push(Run {
                    taps: columns.iter().map(|tap| row * side.kernel + tap).collect(),
                    before,
                    rows: (0..side.rows.extent)
                        .map(|from| side.rows.lead(row, from))
                        .collect(),
                    columns: (0..side.columns.extent).map(lead).collect(),
                    to_width: side.to_width,
                });
                before += columns.len();
            }
        }
        Runs(runs)
    }

    #[inline(always)]
    pub(in crate::spide) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.0.iter()
    }
}

impl Run {
    /// The number of its taps.
    #[inline(always)]
    pub(in crate::spide) fn len(&self) -> usize {
        self.taps.len()
    }

    #[inline(always)]
    pub(in crate::spide) fn lead(&self, row: usize, column: usize) -> Option<Lead> {
        let (row, lead) = (self.rows[row]?, self.columns[column]);
        (lead.count > 0).then_some(Lead {
            to: row * self.to_width + lead.to,
            ..lead
        })
    }
}

/// The taps of a kernel row, in groups that lead from any column to columns side by side: where the
/// kernel slides over the columns, those that are a stride apart, from the last.
fn side_by_side(window: Window, slides: bool) -> Vec<Vec<usize>> {
    let taps = 0..window.kernel as usize;
    if !slides {
        return vec![taps.collect()];
    }
    let stride = window.stride.max(1) as usize;
    let group = |rest: usize| {
        let taps = taps.clone().rev();
        taps.filter(|tap| tap % stride == rest).collect()
    };
    (0..stride.min(taps.len())).map(group).collect()
}
