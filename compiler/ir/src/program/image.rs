//! Contents of the weight banks for a set of weights.

use super::ArrayProgram;
use crate::parameters::FixedParameters;

/// Contents of all weight banks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightImage {
    /// Lanes, one bank each.
    pub lanes: usize,
    /// `[row][lane]`; rows that the program does not use are zero.
    pub words: Vec<i32>,
}

impl WeightImage {
    /// Places weights and biases where the program's layers say. Lanes without a neuron hold zero.
    ///
    /// `parameters` must have the shapes of the program's network; what lies outside stays zero.
    pub fn new(program: &ArrayProgram, parameters: &FixedParameters) -> WeightImage {
        let lanes = program.machine.lanes as usize;
        let used = program
            .layers
            .iter()
            .map(|l| l.row + (l.sources + u32::from(l.bias_row.is_some())) * l.chunks)
            .max()
            .unwrap_or(0) as usize;
        let mut words = vec![0; used * lanes];
        for (map, layer) in program.layers.iter().zip(parameters.layers()) {
            let (sources, chunks) = (map.sources as usize, map.chunks as usize);
            for (i, row) in layer.weight.chunks(sources.max(1)).enumerate() {
                for (j, &w) in row.iter().enumerate() {
                    words[(map.row as usize + j * chunks) * lanes + i] = w;
                }
            }
            if let Some(row) = map.bias_row {
                let start = row as usize * lanes;
                words[start..start + layer.bias.len()].copy_from_slice(&layer.bias);
            }
        }
        WeightImage { lanes, words }
    }

    /// The used rows of one bank.
    pub fn bank(&self, lane: usize) -> impl Iterator<Item = i32> + '_ {
        self.words.iter().skip(lane).step_by(self.lanes).copied()
    }
}
