//! Shapes as they are written.

use super::arguments::Report;
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Span, Value, ValueKind};
use spidec_ir::network::Shape;
use std::ops::RangeInclusive;

/// Values of an input or a population, at most.
pub const MAX_SIZE: u64 = 1 << 20;

/// Classes of a readout.
pub const CLASSES: RangeInclusive<u64> = 2..=1024;

/// The whole numbers of a list; those that are none, or zero, are reported.
fn extents(report: &mut Report, list: &Value) -> Option<Vec<u64>> {
    let ValueKind::List(values) = &list.kind else {
        return None;
    };
    let mut extents = Vec::new();
    for value in values {
        match value.kind {
            ValueKind::Number {
                whole: Some(whole @ 1..),
                ..
            } => extents.push(whole),
            ValueKind::Broken => {}
            _ => report.push(Diagnostic::new(
                Code::BadShape,
                value.span,
                "an extent of a shape is a whole number from 1".to_string(),
                "expected a whole number from 1",
                "shapes are `[n]` or `[height, width, channels]`",
            )),
        }
    }
    (extents.len() == values.len()).then_some(extents)
}

/// The shape of an input or a population; what is wrong with it is reported.
pub fn shape(report: &mut Report, list: &Value) -> Option<Shape> {
    let extents = extents(report, list)?;
    if !matches!(extents.len(), 1 | 3) {
        report.push(Diagnostic::new(
            Code::BadShape,
            list.span,
            format!("a shape of {} extents", extents.len()),
            "expected 1 or 3 extents",
            match extents[..] {
                [height, width] => format!(
                    "an image of one channel has one extent more: write `[{height}, {width}, 1]`"
                ),
                _ => "shapes are `[n]` or `[height, width, channels]`; an image of one channel is `[28, 28, 1]`"
                    .into(),
            },
        ));
        return None;
    }
    limited(report, list.span, &extents)
}

/// A shape that is not too large; `place` is where it comes from.
pub fn limited(report: &mut Report, place: Span, extents: &[u64]) -> Option<Shape> {
    let size = extents.iter().fold(1u64, |size, &e| size.saturating_mul(e));
    if size > MAX_SIZE {
        report.push(Diagnostic::new(
            Code::TooLarge,
            place,
            format!("a shape of {size} values is too large"),
            format!("must be at most {MAX_SIZE} in all"),
            "take fewer neurons, or scale the samples down",
        ));
        return None;
    }
    Some(Shape(extents.iter().map(|&e| e as u32).collect()))
}

/// The number of classes in a readout's shape; what is wrong with it is reported.
pub fn classes(report: &mut Report, list: &Value) -> Option<u32> {
    let extents = extents(report, list)?;
    let [classes] = extents.as_slice() else {
        report.push(Diagnostic::new(
            Code::BadShape,
            list.span,
            format!("a readout with a shape of {} extents", extents.len()),
            "expected `[classes]`",
            "a readout's shape is its number of classes, such as `[10]`",
        ));
        return None;
    };
    if !CLASSES.contains(classes) {
        report.push(Diagnostic::new(
            Code::TooLarge,
            list.span,
            format!(
                "a readout has {} to {} classes, not {classes}",
                CLASSES.start(),
                CLASSES.end()
            ),
            format!("must be from {} to {}", CLASSES.start(), CLASSES.end()),
            "a classifier tells at least two classes apart; for a yes or no write `[2]`",
        ));
        return None;
    }
    Some(*classes as u32)
}
