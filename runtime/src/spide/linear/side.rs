//! Where a kernel leads from each place of one of its two shapes.

use super::axis::Axis;
use spidec_ir::network::{Shape, Window};

/// The places of one shape, seen from those of the other.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Side {
    /// The kernel's side.
    pub(in crate::spide) kernel: usize,
    /// Width and channels of the shape that it starts from.
    pub(in crate::spide) from_width: usize,
    pub(in crate::spide) from_channels: usize,
    /// Width, channels and size of the shape that it leads to.
    pub(in crate::spide) to_width: usize,
    pub(in crate::spide) to_channels: usize,
    pub(in crate::spide) to_size: usize,
    pub(super) rows: Axis,
    pub(super) columns: Axis,
}

/// What one tap does to each place.
#[derive(Clone, Copy)]
pub(in crate::spide) struct Tap<'a> {
    side: &'a Side,
    row: usize,
    column: usize,
}

impl Tap<'_> {
    /// The place in the other shape that this leads to.
    #[inline(always)]
    pub(in crate::spide) fn lead(&self, row: usize, column: usize) -> Option<usize> {
        let row = self.side.rows.lead(self.row, row)?;
        let column = self.side.columns.lead(self.column, column)?;
        Some(row * self.side.to_width + column)
    }
}

impl Side {
    /// `slides` as in [`Axis::new`]; both shapes are `[height, width, channels]`.
    pub(super) fn new(from: &Shape, to: &Shape, window: Window, slides: bool) -> Side {
        let (from_height, from_width) = from.extents().unwrap_or((1, 1));
        let (to_height, to_width) = to.extents().unwrap_or((1, 1));
        Side {
            kernel: window.kernel as usize,
            from_width: from_width as usize,
            from_channels: from.channels(),
            to_width: to_width as usize,
            to_channels: to.channels(),
            to_size: to.size(),
            rows: Axis::new(from_height, to_height, window, slides),
            columns: Axis::new(from_width, to_width, window, slides),
        }
    }

    /// The number of taps.
    pub(in crate::spide) fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    /// A tap, counted row by row.
    #[inline(always)]
    pub(in crate::spide) fn tap(&self, tap: usize) -> Tap<'_> {
        Tap {
            side: self,
            row: tap / self.kernel,
            column: tap % self.kernel,
        }
    }

    /// The taps that lead from a place to one, each with that place.
    #[inline(always)]
    pub(in crate::spide) fn each_lead(&self, place: usize, mut hear: impl FnMut(usize, usize)) {
        let (row, column) = (place / self.from_width, place % self.from_width);
        for tap_row in 0..self.kernel {
            let Some(row) = self.rows.lead(tap_row, row) else {
                continue;
            };
            for tap in 0..self.kernel {
                if let Some(column) = self.columns.lead(tap, column) {
                    hear(tap_row * self.kernel + tap, row * self.to_width + column);
                }
            }
        }
    }
}
