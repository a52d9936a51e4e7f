//! The memories of the array.

use spidec_ir::parameters::Layer;
use spidec_ir::program::{ArrayProgram, Block, Events, LayerMap, WeightImage};
use spidec_ir::{FixedParameters, Parameters};
use std::ops::Range;

/// Contents of all memories. The weights lie by element, not by bank: in which bank an element is
/// changes no result.
#[derive(Clone, Debug)]
pub(super) struct Memories {
    pub lanes: usize,
    /// `[block][source lane][destination lane]`.
    pub weights: Vec<i32>,
    /// `[chunk][lane]`, as the three below.
    pub states: Vec<i32>,
    pub currents: Vec<i32>,
    pub counts: Vec<u32>,
    pub errors: Vec<i32>,
    /// A word a chunk: lanes that fired (of a couple: with +1), ...
    pub spikes: Vec<u32>,
    /// ... lanes with a hold bit, ...
    pub held: Vec<u32>,
    /// ... lanes whose last pass made an event.
    pub events: Vec<u32>,
}

impl Memories {
    pub fn new(program: &ArrayProgram, parameters: &FixedParameters) -> Memories {
        let lanes = program.machine.lanes as usize;
        let chunks = program.machine.chunks as usize;
        let image = WeightImage::new(program, parameters);
        let mut weights = vec![0; program.machine.blocks as usize * lanes * lanes];
        for (row, words) in image.words.chunks(lanes).enumerate() {
            let source = row % lanes;
            for (bank, &word) in words.iter().enumerate() {
                let skew = if program.machine.learning { source } else { 0 };
                weights[row * lanes + (bank ^ skew)] = word;
            }
        }
        Memories {
            lanes,
            weights,
            states: vec![0; chunks * lanes],
            currents: vec![0; chunks * lanes],
            counts: vec![0; chunks * lanes],
            errors: vec![0; chunks * lanes],
            spikes: vec![0; chunks],
            held: vec![0; chunks],
            events: vec![0; chunks],
        }
    }

    /// The elements of some chunks.
    pub fn range(&self, block: &Block) -> Range<usize> {
        let start = block.chunk as usize * self.lanes;
        start..start + block.chunks as usize * self.lanes
    }

    /// The elements of an event source's words.
    pub fn words(&self, events: &Events) -> Range<usize> {
        self.range(&Block {
            chunk: events.from,
            chunks: events.words,
        })
    }

    /// Where the column of a source begins: its block and lane.
    pub fn column(&self, block: u32, source: u32) -> usize {
        (block as usize * self.lanes + source as usize) * self.lanes
    }

    /// Weights and biases as the layers have them.
    pub fn parameters(&self, layers: &[LayerMap]) -> FixedParameters {
        let lanes = self.lanes as u32;
        let layer = |map: &LayerMap| {
            let element = |block: u32, i: u32, j: u32| {
                self.weights[self.column(block + i / lanes, j % lanes) + (i % lanes) as usize]
            };
            let mut weight = Vec::with_capacity((map.destinations * map.sources) as usize);
            for i in 0..map.destinations {
                for j in 0..map.sources {
                    weight.push(element(map.block + j / lanes * map.chunks, i, j));
                }
            }
            let bias = map.bias_block.map(|block| {
                let biases = (0..map.destinations).map(|i| element(block, i, 0));
                biases.collect()
            });
            Layer {
                weight,
                bias: bias.unwrap_or_default(),
            }
        };
        let mut all: Vec<Layer<i32>> = layers.iter().map(layer).collect();
        let readout = all.pop().unwrap_or(Layer {
            weight: Vec::new(),
            bias: Vec::new(),
        });
        Parameters {
            projections: all,
            readout,
        }
    }
}
