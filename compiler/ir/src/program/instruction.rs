//! Instructions of the array.

use crate::trace::Stage;
use serde::{Deserialize, Serialize};

/// A register that `set` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    /// Threshold of the passes `fire` and `couple`.
    Threshold = 0,
    /// Step of a reset.
    Reset = 1,
    /// Shift of the pass `latch`.
    Shift = 2,
    /// Steps of the forward stage: a count of as many has mask 0.
    Steps = 3,
    /// The least gradient, in absolute value, by which a couple can fire.
    Quiet = 4,
    /// What logits are measured by in the loss, see `spidec_loss.v`.
    Unit = 5,
    /// The logit of 1, in the mean squared error.
    One = 6,
}

/// Chunks of the state memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The first chunk.
    pub chunk: u32,
    /// How many.
    pub chunks: u32,
}

/// Where events come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// Spike words: 1, or -1, for each event of the last pass.
    Spikes = 0,
    /// The input memory.
    Input = 1,
    /// Spike counts of the forward stage.
    Counts = 2,
    /// One event of index 0 and integer 1.
    Constant = 3,
    /// Counts of the backward stage, and the errors of classes.
    Errors = 4,
}

/// Which way a scatter reads the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Forward: an event is a source, the lanes are destinations.
    Column = 0,
    /// Backward: an event is a destination, the lanes are sources.
    Row = 1,
}

/// The words of an event source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// What is scanned.
    pub source: EventSource,
    /// The first word: chunk, or row of the input memory.
    pub from: u32,
    /// How many words; a constant has none.
    pub words: u32,
}

/// The fields of [`Instruction::Scatter`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scatter {
    /// The layer, an index into [`super::ArrayProgram::layers`]; for readers only.
    pub layer: u32,
    /// Whose cycles these are.
    pub stage: Stage,
    /// Where the events come from.
    pub events: Events,
    /// Not done in the first step.
    pub skip_first: bool,
    /// What spike words with hold bits tell: whether an event changes the current instead of the state.
    pub hold: bool,
    /// Columns or rows.
    pub access: Access,
    /// An event's value is its integer times this: 18 bits, signed.
    pub factor: i32,
    /// Block of event 0, chunk 0.
    pub weights: u32,
    /// Blocks between the columns of blocks: chunks of the layer's destination.
    pub stride: u32,
    /// Destination of the sums.
    pub block: Block,
    /// Real lanes of the last chunk.
    pub last_lanes: u32,
    /// Whether the next instruction waits until the last sum is written. Not needed where that adds to
    /// the same states or passes over them.
    pub drain: bool,
}

/// What the lanes hold in a weight update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnSource {
    /// Spike counts of the forward stage.
    Counts {
        /// Which chunks.
        block: Block,
    },
    /// The input memory.
    Input {
        /// Its rows.
        rows: u32,
    },
    /// A bias: one in lane 0.
    One {
        /// What stands for one.
        value: u32,
        /// The source's index in the rounding noise.
        index: u32,
    },
}

/// The fields of [`Instruction::Learn`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learn {
    /// The layer, for readers only: constants are those of the last [`Instruction::Layer`].
    pub layer: u32,
    /// First chunk of the errors.
    pub from: u32,
    /// Chunks of the errors.
    pub words: u32,
    /// What the lanes hold.
    pub source: LearnSource,
    /// Block of error 0, chunk 0.
    pub weights: u32,
    /// Blocks between the columns of blocks: chunks of the layer's destination.
    pub stride: u32,
    /// Rounded with noise, or to the nearest.
    pub stochastic: bool,
}

/// Memories that [`Instruction::Clear`] sets to zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cleared {
    /// Membranes.
    pub states: bool,
    /// Constant currents.
    pub currents: bool,
    /// Spike counts.
    pub counts: bool,
    /// Errors.
    pub errors: bool,
    /// Spike words.
    pub spikes: bool,
}

/// When [`Instruction::Branch`] is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The host started an inference, not a training sample.
    Inference = 0,
    /// Every class's error is zero.
    NoError = 1,
    /// The last latch left no couple with mask 1 a gradient of at least `quiet`.
    Quiet = 2,
}

/// The loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossUnit {
    /// Softmax by table and division.
    CrossEntropy = 0,
    /// A division a class.
    MeanSquaredError = 1,
}

/// One instruction. Every field but the names is data of the hardware.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Instruction {
    /// Writes a register.
    Set {
        /// Whose cycles these are.
        stage: Stage,
        /// Which.
        register: Register,
        /// What.
        value: i32,
    },
    /// Sets memories to zero.
    Clear {
        /// Whose cycles these are.
        stage: Stage,
        /// Which memories.
        cleared: Cleared,
        /// Which chunks.
        block: Block,
    },
    /// For each event and chunk: `state += W * value`.
    Scatter(Scatter),
    /// `current = round_shift(state, shift)`, then states to zero.
    Latch {
        /// Whose cycles these are.
        stage: Stage,
        /// Which chunks.
        block: Block,
    },
    /// The pass of the forward stage: threshold, reset, count, spike word.
    Fire {
        /// Which chunks.
        block: Block,
        /// Whether a neuron that fires twice running becomes part of the current.
        hold: bool,
    },
    /// The pass of the backward stage: ternary threshold under the mask.
    Couple {
        /// Which chunks.
        block: Block,
    },
    /// Back to `target` until `steps` steps are done.
    Loop {
        /// Whose cycles these are.
        stage: Stage,
        /// Index of an instruction.
        target: u32,
        /// Steps in all.
        steps: u32,
    },
    /// On to `target` where the condition holds.
    Branch {
        /// Whose cycles these are.
        stage: Stage,
        /// When.
        condition: Condition,
        /// Index of a later instruction.
        target: u32,
    },
    /// Finds the largest logit.
    Argmax {
        /// The first chunk of logits.
        chunk: u32,
        /// How many logits.
        classes: u32,
    },
    /// The errors of all classes, from their logits and the label.
    Loss {
        /// Which loss.
        unit: LossUnit,
        /// The first chunk of logits, and of errors.
        chunk: u32,
        /// How many classes.
        classes: u32,
        /// Bits of an error.
        bits: u32,
        /// Fraction bits of an error.
        frac: u32,
    },
    /// Takes a layer's learning constant and its noise of this sample.
    Layer {
        /// The layer, an index into the memory of learning constants.
        layer: u32,
    },
    /// For each error and chunk of sources: `W -= round(K * error * source)`.
    Learn(Learn),
    /// The sample is done.
    End {
        /// Whose cycles these are.
        stage: Stage,
    },
}

impl Instruction {
    /// The stage whose cycles an instruction's are.
    pub fn stage(&self) -> Stage {
        match self {
            Instruction::Fire { .. } => Stage::Forward,
            Instruction::Couple { .. } => Stage::Backward,
            Instruction::Argmax { .. } => Stage::Readout,
            Instruction::Loss { .. } => Stage::Loss,
            Instruction::Layer { .. } | Instruction::Learn(_) => Stage::Learning,
            Instruction::Set { stage, .. }
            | Instruction::Clear { stage, .. }
            | Instruction::Latch { stage, .. }
            | Instruction::Loop { stage, .. }
            | Instruction::Branch { stage, .. }
            | Instruction::End { stage } => *stage,
            Instruction::Scatter(scatter) => scatter.stage,
        }
    }
}
