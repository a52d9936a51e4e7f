//! A kernel's weights for few events: for each place, those of all places that it leads to.

use super::Side;
use super::axis::Axis;
use spidec_ir::network::Window;

/// Weights lie as `[run][from channel][tap of the run][to channel]`, runs as `[kernel row][group]`.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Runs {
    runs: Vec<Run>,
    /// How many groups the taps of a kernel row have; from any column, those of one lead somewhere.
    groups: usize,
    /// Where the kernel rows lead from each row.
    rows: Axis,
    /// For each column.
    columns: Vec<Lead>,
    to_width: usize,
}

/// Taps of one kernel row that lead from any place to places side by side.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Run {
    /// The taps, in the order of the places that they lead to.
    pub(super) taps: Vec<usize>,
    /// How many taps the runs before it have.
    pub(in crate::spide) before: usize,
}

/// The taps of a run that lead from a place to some, and the first of these.
#[derive(Clone, Copy, Debug)]
pub(in crate::spide) struct Lead {
    group: usize,
    pub(in crate::spide) first: usize,
    pub(in crate::spide) count: usize,
    pub(in crate::spide) to: usize,
}

impl Runs {
    /// Of a kernel that goes to a side; `slides` as in [`Side::new`].
    pub(super) fn new(side: &Side, window: Window, slides: bool) -> Runs {
        let groups = side_by_side(window, slides);
        let (stride, pad) = (window.stride as usize, window.pad as usize);
        let lead = |from: usize| {
            let group = if slides { (from + pad) % stride } else { 0 };
            let taps = groups.get(group).into_iter().flatten();
            let leads = || taps.clone().map(|&tap| side.columns.lead(tap, from));
            Lead {
                group,
                first: leads().position(|lead| lead.is_some()).unwrap_or(0),
                count: leads().flatten().count(),
                to: leads().flatten().next().unwrap_or(0),
            }
        };
        let columns = (0..side.columns.extent).map(lead).collect();
        let mut runs = Vec::new();
        let mut before = 0;
        for row in 0..side.kernel {
            for columns in &groups {
                runs.push(Run {
                    taps: columns.iter().map(|tap| row * side.kernel + tap).collect(),
                    before,
                });
                before += columns.len();
            }
        }
        Runs {
            runs,
            groups: groups.len(),
            rows: side.rows.clone(),
            columns,
            to_width: side.to_width,
        }
    }

    #[inline(always)]
    pub(in crate::spide) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter()
    }

    /// The runs that lead from a place to some.
    #[inline(always)]
    pub(in crate::spide) fn each(
        &self,
        (row, column): (usize, usize),
        mut hear: impl FnMut(&Run, Lead),
    ) {
        let lead = self.columns[column];
        if lead.count == 0 {
            return;
        }
        for (kernel_row, groups) in self.runs.chunks_exact(self.groups).enumerate() {
            if let Some(row) = self.rows.lead(kernel_row, row) {
                let to = row * self.to_width + lead.to;
                hear(&groups[lead.group], Lead { to, ..lead });
            }
        }
    }
}

impl Run {
    /// The number of its taps.
    #[inline(always)]
    pub(in crate::spide) fn len(&self) -> usize {
        self.taps.len()
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
