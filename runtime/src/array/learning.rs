//! Loss and weight update.

use super::memories::Memories;
use super::{Event, LearningState};
use spidec_ir::fixed::{
    Errors, Format, LearningConstant, Rounding, SOFTMAX_ENTRIES, mean_squared_error, softmax_error,
    softmax_table, update,
};
use spidec_ir::program::{Learn, LearnSource, LossUnit};
use spidec_ir::random::{noise, noise_destination, noise_source};
use spidec_ir::trace::RowClamp;

/// What a layer's updates share in a sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerRule {
    pub constant: LearningConstant,
    pub noise: u32,
}

impl LayerRule {
    pub fn of(state: &LearningState, layer: u32) -> LayerRule {
        let constant = state.constants.get(layer as usize);
        LayerRule {
            constant: constant.copied().unwrap_or(LearningConstant {
                mantissa: 0,
                shift: 0,
            }),
            noise: noise(state.seed, state.samples, layer),
        }
    }
}

/// Tables that the units of a learning array hold.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    softmax: [u32; SOFTMAX_ENTRIES],
    /// The source's part of the noise, by index.
    source: Vec<u32>,
    /// Sources of the update under way: index from the block's first column, integer, noise.
    sources: Vec<(usize, i32, u32)>,
}

impl Tables {
    pub fn new(largest_source: u32) -> Tables {
        Tables {
            softmax: softmax_table(),
            source: (0..=largest_source).map(noise_source).collect(),
            sources: Vec::new(),
        }
    }
}

/// What an update did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Learned {
    /// Sources that are not zero.
    pub sources: u64,
    /// Slots of an event.
    pub chunks: u32,
    /// Weights that were clamped.
    pub clamped: u64,
    /// The first slot with such weights.
    pub first: Option<RowClamp>,
}

impl Memories {
    /// The errors of all classes, into the chunks of the logits.
    pub fn loss(
        &mut self,
        tables: &Tables,
        unit: LossUnit,
        (chunk, classes): (u32, u32),
        format: Format,
        one: i64,
        label: usize,
    ) -> Errors {
        let start = chunk as usize * self.lanes;
        let range = start..start + classes as usize;
        let logits = &self.states[range.clone()];
        let errors = match unit {
            LossUnit::CrossEntropy => softmax_error(&tables.softmax, logits, one, label, format),
            LossUnit::MeanSquaredError => mean_squared_error(logits, one, label, format),
        };
        self.errors[range].copy_from_slice(&errors.values);
        errors
    }

    /// Updates weights from error events.
    pub fn learn(
        &mut self,
        tables: &mut Tables,
        learn: &Learn,
        rule: LayerRule,
        format: Format,
        sample: &[u8],
        events: &[Event],
    ) -> Learned {
        let lanes = self.lanes;
        let column = |j: usize| (j / lanes * learn.stride as usize * lanes + j % lanes) * lanes;
        let sources = &mut tables.sources;
        sources.clear();
        let mut push = |j: usize, integer: i32, noise: u32| {
            if integer != 0 {
                sources.push((column(j), integer, noise));
            }
        };
        let chunks = match &learn.source {
            LearnSource::Counts { block } => {
                let counts = self.counts[self.range(block)].iter().enumerate();
                counts.for_each(|(j, &n)| push(j, n as i32, tables.source[j]));
                block.chunks
            }
            LearnSource::Input { rows } => {
                let values = sample.iter().enumerate();
                values.for_each(|(j, &x)| push(j, i32::from(x), tables.source[j]));
                *rows
            }
            LearnSource::One { value, index } => {
                push(0, *value as i32, tables.source[*index as usize]);
                1
            }
        };
        let rounding = if learn.stochastic {
            Rounding::Stochastic
        } else {
            Rounding::Nearest
        };
        let (mut clamped, mut first_clamp) = (0, None::<RowClamp>);
        for event in events {
            let (chunk, lane) = (event.index as usize / lanes, event.index as usize % lanes);
            let first = (learn.weights as usize + chunk) * lanes * lanes + lane;
            let value = rule.constant.event(event.integer);
            let shared = rule.noise ^ noise_destination(event.index);
            for &(offset, integer, noise) in sources.iter() {
                let weight = &mut self.weights[first + offset];
                let noise = shared ^ noise;
                let shift = rule.constant.shift;
                let updated = update(*weight, value, integer, shift, noise, rounding, format);
                *weight = updated.weight;
                if updated.saturated {
                    clamped += 1;
                    let (block, b) = ((first + offset) / (lanes * lanes), offset / lanes % lanes);
                    let row = (block * lanes + lane) as u32;
                    let clamp = first_clamp.get_or_insert(RowClamp { row, banks: 0 });
                    if clamp.row == row {
                        clamp.banks |= 1 << (b ^ lane);
                    }
                }
            }
        }
        Learned {
            sources: sources.len() as u64,
            chunks,
            clamped,
            first: first_clamp,
        }
    }
}
