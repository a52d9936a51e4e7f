//! The ArrayProgram: what the array executes, and where everything lies in its memories.
//!
//! [`Machine`] is what the RTL depends on; the rest is data that the host loads. The program prints
//! as YAML and parses back.

mod encode;
mod image;
mod instruction;
mod machine;
mod verify;

pub use encode::{ENCODING_VERSION, INSTRUCTION_WORDS};
pub use image::WeightImage;
pub use instruction::{
    Access, Block, Cleared, Condition, EventSource, Events, Instruction, Learn, LearnSource,
    LossUnit, Register, Scatter,
};
pub use machine::{
    HAZARD, HOST_VERSION, MAX_CHUNKS, MAX_DEPTH, MAX_LANES, MAX_WEIGHT_WORDS, MIN_LANES, Machine,
};
pub use verify::ProgramError;

use crate::trace::{ChunkClamp, ClampPlace, RowClamp};
use serde::{Deserialize, Serialize};

/// The version of the printed form.
pub const PROGRAM_VERSION: u32 = 2;

/// A network lowered to an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrayProgram {
    /// [`PROGRAM_VERSION`].
    pub version: u32,
    /// The network's name.
    pub network: String,
    /// Hash of the network's canonical text and of this program, 16 hexadecimal digits: what the
    /// hardware computes but for its weights.
    pub design: String,
    /// The array it runs on.
    pub machine: Machine,
    /// Fraction bits of weights.
    pub weight_frac: u32,
    /// Fraction bits of membranes.
    pub membrane_frac: u32,
    /// Steps of the forward stage.
    pub steps: u32,
    /// What the backward stage handles; `None` where nothing before the readout learns.
    pub backward: Option<BackwardMap>,
    /// Where the input's values lie.
    pub input: InputMap,
    /// Where populations lie, in declaration order.
    pub populations: Vec<NeuronMap>,
    /// Where logits lie.
    pub readout: NeuronMap,
    /// Where weights lie: projections in declaration order, the readout last.
    pub layers: Vec<LayerMap>,
    /// What the sequencer does for one sample.
    pub instructions: Vec<Instruction>,
}

/// Where the input's values lie in the input memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputMap {
    /// Name in the network file.
    pub name: String,
    /// Line in the network file.
    pub line: u32,
    /// Number of values; value `k` is in row `k / lanes`, place `k % lanes`.
    pub values: u32,
    /// Rows of the input memory.
    pub rows: u32,
}

/// Where a population or the readout lies in the state memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuronMap {
    /// Name in the network file.
    pub name: String,
    /// Line in the network file.
    pub line: u32,
    /// Neurons or classes; neuron `k` is in chunk `chunk + k / lanes`, lane `k % lanes`.
    pub neurons: u32,
    /// The first chunk.
    pub chunk: u32,
    /// Number of chunks.
    pub chunks: u32,
}

/// Where the weights of a projection or of the readout lie in the weight banks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerMap {
    /// `source -> destination`, or the readout's name.
    pub name: String,
    /// Line in the network file.
    pub line: u32,
    /// Number of source values.
    pub sources: u32,
    /// Chunks of the source.
    pub source_chunks: u32,
    /// Number of destination neurons.
    pub destinations: u32,
    /// Chunks of the destination: blocks of a column of blocks.
    pub chunks: u32,
    /// The first block. Source chunk `J`, destination chunk `I` are in block `block + J * chunks + I`.
    pub block: u32,
    /// Block of the bias, destination chunk 0; `None` without a bias.
    pub bias_block: Option<u32>,
}

impl LayerMap {
    /// The block behind the last one.
    pub fn end(&self) -> u32 {
        match self.bias_block {
            Some(block) => block + self.chunks,
            None => self.block + self.source_chunks * self.chunks,
        }
    }
}

/// The backward stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackwardMap {
    /// Steps.
    pub steps: u32,
    /// Indices of the populations whose couples are handled, in the order of a step.
    pub populations: Vec<u32>,
}

impl ArrayProgram {
    /// As YAML.
    pub fn to_yaml(&self) -> String {
        // Serializing plain structs to a string has no failure of its own.
        serde_yaml::to_string(self).unwrap_or_default()
    }

    /// Parses and verifies what [`ArrayProgram::to_yaml`] printed.
    pub fn from_yaml(text: &str) -> Result<ArrayProgram, ProgramError> {
        let program: ArrayProgram =
            serde_yaml::from_str(text).map_err(|e| ProgramError::Syntax(e.to_string()))?;
        program.verify()?;
        Ok(program)
    }

    /// The population whose membranes lie in a chunk, by index, and its first neuron there.
    pub fn neurons_of_chunk(&self, chunk: u32) -> Option<(usize, u32)> {
        self.populations
            .iter()
            .position(|p| (p.chunk..p.chunk + p.chunks).contains(&chunk))
            .map(|k| (k, (chunk - self.populations[k].chunk) * self.machine.lanes))
    }

    /// The membrane of a chunk's lowest clamped lane.
    pub fn membrane_place(&self, clamp: &ChunkClamp) -> Option<ClampPlace> {
        let (population, first) = self.neurons_of_chunk(clamp.chunk)?;
        Some(ClampPlace {
            step: clamp.step + 1,
            population_or_layer: population as u32,
            neuron: first + clamp.lanes.trailing_zeros(),
            source: 0,
        })
    }

    /// The weight or bias of a row's lowest clamped source.
    pub fn weight_place(&self, clamp: &RowClamp) -> Option<ClampPlace> {
        let lanes = self.machine.lanes;
        let (block, lane) = (clamp.row / lanes, clamp.row % lanes);
        let within = |layer: &LayerMap| (layer.block..layer.end()).contains(&block);
        let index = self.layers.iter().position(within)?;
        let layer = &self.layers[index];
        let (column, chunk) = (
            (block - layer.block) / layer.chunks,
            (block - layer.block) % layer.chunks,
        );
        let clamped = |b: &u32| clamp.banks >> (b ^ lane) & 1 == 1;
        let source = match layer.bias_block {
            Some(bias) if block >= bias => layer.sources,
            _ => column * lanes + (0..lanes).find(clamped)?,
        };
        Some(ClampPlace {
            step: 0,
            population_or_layer: index as u32,
            neuron: chunk * lanes + lane,
            source,
        })
    }
}
