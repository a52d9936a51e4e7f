//! The long loops for each kind of number: compiled here, with this crate's optimization. A generic function is
//! compiled where it is called, which in a debug build of the command is without any.

use super::{Answer, Progress, Score, Spide, Trainer};
use spidec_data::{Data, DataError};
use std::ops::ControlFlow;

/// [`Trainer::epoch`].
///
/// # Errors
/// As there.
pub fn epoch_f32(
    trainer: &mut Trainer<f32>,
    data: &Data,
    tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Score, DataError> {
    trainer.epoch(data, tell)
}

/// [`Spide::answer`].
///
/// # Errors
/// As there.
pub fn answer_f32(
    spide: &Spide<f32>,
    data: &Data,
    hear: &mut dyn FnMut(Answer),
) -> Result<(), DataError> {
    spide.answer(data, hear)
}

/// [`Spide::answer`].
///
/// # Errors
/// As there.
pub fn answer_f64(
    spide: &Spide<f64>,
    data: &Data,
    hear: &mut dyn FnMut(Answer),
) -> Result<(), DataError> {
    spide.answer(data, hear)
}
