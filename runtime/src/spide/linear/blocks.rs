//! How a dense layer's weights lie: in blocks of destinations, so that some sources' rows of a block
//! stay in the nearest cache while several samples are read.

use rayon::prelude::*;
use std::ops::Range;

/// Destinations of a block: a sample's sums stay in registers, in training five of sixteen numbers, or ten of
/// eight. The last block is filled up with zeros.
pub(in crate::spide) const LANES: usize = 80;

/// Blocks of [`LANES`] destinations; within each, a row a source.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Blocks {
    width: usize,
    rows: usize,
}

impl Blocks {
    /// `rows` sources to `width` destinations.
    pub(in crate::spide) fn new(rows: usize, width: usize) -> Blocks {
        Blocks { width, rows }
    }

    /// The number of destinations.
    #[inline(always)]
    pub(in crate::spide) fn width(&self) -> usize {
        self.width
    }

    /// The number of sources.
    #[inline(always)]
    pub(in crate::spide) fn sources(&self) -> usize {
        self.rows
    }

    /// The number of weights, zeros of the last block included.
    pub(in crate::spide) fn len(&self) -> usize {
        self.width.div_ceil(LANES) * LANES * self.rows
    }

    /// Each block's destinations and its rows.
    #[inline(always)]
    pub(in crate::spide) fn iter<'a, F>(
        &'a self,
        weights: &'a [F],
    ) -> impl Iterator<Item = (Range<usize>, &'a [[F; LANES]])> {
        let starts = (0..self.width).step_by(LANES);
        starts.map(|start| {
            let rows = &weights[start * self.rows..][..LANES * self.rows];
            (self.columns(start), rows.as_chunks().0)
        })
    }

    /// Fills the rows of all blocks, given each block's destinations.
    pub(super) fn fill<F: Send>(
        &self,
        weights: &mut [F],
        fill: impl Fn(Range<usize>, &mut [[F; LANES]]) + Sync + Send,
    ) {
        let blocks = weights.par_chunks_mut((LANES * self.rows).max(1));
        let blocks = blocks.enumerate();
        blocks.for_each(|(k, rows)| fill(self.columns(k * LANES), rows.as_chunks_mut().0));
    }

    /// Where the weight of a source and a destination lies.
    pub(in crate::spide) fn index(&self, row: usize, column: usize) -> usize {
        (column / LANES * self.rows + row) * LANES + column % LANES
    }

    #[inline(always)]
    fn columns(&self, start: usize) -> Range<usize> {
        start..self.width.min(start + LANES)
    }
}
