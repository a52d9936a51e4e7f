//! How a dense layer's weights lie: in blocks of destinations, so that a block of all sources stays
//! in the cache while several samples are read.

use rayon::prelude::*;
use std::ops::Range;

/// Destinations of a block, the last block's at most as many.
const BLOCK: usize = 64;

/// Blocks of `width` destinations; within each, a row a source.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Blocks {
    width: usize,
    rows: usize,
}

/// Some destinations of all sources.
#[derive(Clone, Copy)]
pub(in crate::spide) struct Block {
    start: usize,
    width: usize,
    rows: usize,
}

impl Blocks {
    /// `rows` sources to `width` destinations.
    pub(super) fn new(rows: usize, width: usize) -> Blocks {
        Blocks { width, rows }
    }

    /// The number of destinations.
    #[inline(always)]
    pub(in crate::spide) fn width(&self) -> usize {
        self.width
    }

    #[inline(always)]
    pub(in crate::spide) fn iter(&self) -> impl Iterator<Item = Block> {
        let starts = (0..self.width).step_by(BLOCK);
        starts.map(|start| Block {
            start,
            width: BLOCK.min(self.width - start),
            rows: self.rows,
        })
    }

    /// Fills the weights of all blocks.
    pub(super) fn fill<F: Send>(
        &self,
        weights: &mut [F],
        fill: impl Fn(Block, &mut [F]) + Sync + Send,
    ) {
        let blocks: Vec<Block> = self.iter().collect();
        let parts = weights.par_chunks_mut((BLOCK * self.rows).max(1));
        parts
            .zip(blocks)
            .for_each(|(part, block)| fill(block, part));
    }

    /// Where the weight of a source and a destination lies.
    pub(super) fn index(&self, row: usize, column: usize) -> usize {
        let start = column / BLOCK * BLOCK;
        let width = BLOCK.min(self.width - start);
        start * self.rows + row * width + column - start
    }
}

impl Block {
    /// Its destinations.
    #[inline(always)]
    pub(in crate::spide) fn columns(self) -> Range<usize> {
        self.start..self.start + self.width
    }

    /// Its weights, a row a source.
    #[inline(always)]
    pub(in crate::spide) fn weights(self) -> Range<usize> {
        self.start * self.rows..(self.start + self.width) * self.rows
    }
}
