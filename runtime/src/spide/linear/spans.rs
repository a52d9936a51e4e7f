//! A kernel's weights for many events: for each place that it leads to, those of all places that lead
//! there.

use super::axis::Axis;
use spidec_ir::network::{Shape, Window};

/// Weights lie as `[row][position of the column][from channel][to channel]`, columns in an order in
/// which those that lead to any place come from places side by side.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Spans {
    kernel: usize,
    /// The position of each column.
    positions: Vec<usize>,
    from_width: usize,
    to_width: usize,
    /// For each kernel row and each row of the other shape, the row that leads there.
    rows: Axis,
    /// For each column of the other shape.
    columns: Vec<Span>,
}

/// Places side by side that lead to one.
#[derive(Clone, Copy, Debug)]
pub(in crate::spide) struct Span {
    /// The place that they lead to.
    pub(in crate::spide) to: usize,
    /// The first of them.
    pub(in crate::spide) from: usize,
    pub(in crate::spide) count: usize,
    /// The position of the first one's kernel column; the others' follow.
    pub(in crate::spide) position: usize,
}

impl Spans {
    /// As [`super::Side::new`].
    pub(super) fn new(from: &Shape, to: &Shape, window: Window, slides: bool) -> Spans {
        let (from_height, from_width) = from.extents().unwrap_or((1, 1));
        let (to_height, to_width) = to.extents().unwrap_or((1, 1));
        let order = order(window, slides);
        let position = |column: usize| order.iter().take_while(|&&other| other != column).count();
        let columns = Axis::new(to_width, from_width, window, !slides);
        let span = |to: usize| {
            let leads = || order.iter().map(|&column| columns.lead(column, to));
            Span {
                to,
                from: leads().flatten().next().unwrap_or(0),
                count: leads().flatten().count(),
                position: leads().position(|lead| lead.is_some()).unwrap_or(0),
            }
        };
        let spans = (0..to_width as usize).map(span);
        Spans {
            kernel: window.kernel as usize,
            positions: (0..order.len()).map(position).collect(),
            from_width: from_width as usize,
            to_width: to_width as usize,
            rows: Axis::new(to_height, from_height, window, !slides),
            columns: spans.filter(|span| span.count > 0).collect(),
        }
    }

    /// Where a tap's weights lie among those of all taps.
    #[inline(always)]
    pub(in crate::spide) fn position(&self, tap: usize) -> usize {
        let column = tap % self.kernel;
        tap - column + self.positions[column]
    }

    /// Whatever a kernel row leads to.
    #[inline(always)]
    pub(in crate::spide) fn each(&self, kernel_row: usize, mut hear: impl FnMut(Span)) {
        for row in 0..self.rows.extent {
            let Some(from) = self.rows.lead(kernel_row, row) else {
                continue;
            };
            for &span in &self.columns {
                hear(Span {
                    to: row * self.to_width + span.to,
                    from: from * self.from_width + span.from,
                    ..span
                });
            }
        }
    }
}

/// If the kernel slides over the columns that it starts from, as they are; else those that are a
/// stride apart, from the last.
fn order(window: Window, slides: bool) -> Vec<usize> {
    let columns = 0..window.kernel as usize;
    if slides {
        return columns.collect();
    }
    let stride = window.stride.max(1) as usize;
    let group = |rest: usize| {
        columns
            .clone()
            .rev()
            .filter(move |column| column % stride == rest)
    };
    (0..stride).flat_map(group).collect()
}
