//! Contents of the weight memory for a set of weights, and back.

use super::{ArrayProgram, LayerMap};
use crate::parameters::FixedParameters;

/// Contents of all weight banks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightImage {
    /// Lanes, one bank each.
    pub lanes: usize,
    /// `[row][bank]`; rows that the program does not use are zero.
    pub words: Vec<i32>,
}

/// Where the weights of a block lie: element (destination lane `a`, source lane `b`) is in row `b` of
/// the block, in bank `a`; where the machine learns, in bank `a xor b`, so that both a column
/// and a row of the block are in all banks.
fn place(program: &ArrayProgram, block: u32, a: u32, b: u32) -> usize {
    let lanes = program.machine.lanes;
    let bank = if program.machine.learning { a ^ b } else { a };
    ((block * lanes + b) * lanes + bank) as usize
}

/// The place of a weight.
fn weight(program: &ArrayProgram, layer: &LayerMap, destination: u32, source: u32) -> usize {
    let lanes = program.machine.lanes;
    let block = layer.block + source / lanes * layer.chunks + destination / lanes;
    place(program, block, destination % lanes, source % lanes)
}

/// The place of a bias, whose first block is given: the block's source 0.
fn bias(program: &ArrayProgram, block: u32, destination: u32) -> usize {
    let lanes = program.machine.lanes;
    place(program, block + destination / lanes, destination % lanes, 0)
}

impl WeightImage {
    /// Places weights and biases where the program's layers say. Places without a weight hold zero.
    ///
    /// `parameters` must have the shapes of the program's network; what lies outside stays zero.
    pub fn new(program: &ArrayProgram, parameters: &FixedParameters) -> WeightImage {
        let lanes = program.machine.lanes as usize;
        let blocks = program.layers.iter().map(LayerMap::end).max().unwrap_or(0) as usize;
        let mut words = vec![0; blocks * lanes * lanes];
        for (map, layer) in program.layers.iter().zip(parameters.layers()) {
            let rows = layer.weight.chunks(map.sources.max(1) as usize);
            for (i, row) in (0..map.destinations).zip(rows) {
                for (j, &w) in (0..).zip(row) {
                    words[weight(program, map, i, j)] = w;
                }
            }
            if let Some(block) = map.bias_block {
                for (i, &b) in (0..map.destinations).zip(&layer.bias) {
                    words[bias(program, block, i)] = b;
                }
            }
        }
        WeightImage { lanes, words }
    }

    /// The weights and biases that the image holds, into parameters of the program's network.
    pub fn read_into(&self, program: &ArrayProgram, parameters: &mut FixedParameters) {
        for (map, layer) in program.layers.iter().zip(parameters.layers_mut()) {
            let rows = layer.weight.chunks_mut(map.sources.max(1) as usize);
            for (i, row) in (0..map.destinations).zip(rows) {
                for (j, w) in (0..).zip(row) {
                    *w = self.words[weight(program, map, i, j)];
                }
            }
            if let Some(block) = map.bias_block {
                for (i, b) in (0..map.destinations).zip(&mut layer.bias) {
                    *b = self.words[bias(program, block, i)];
                }
            }
        }
    }

    /// The used rows of one bank.
    pub fn bank(&self, lane: usize) -> impl Iterator<Item = i32> + '_ {
        self.words.iter().skip(lane).step_by(self.lanes).copied()
    }
}
