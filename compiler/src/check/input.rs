//! What an input's values are.

use super::arguments::{Call, Range, Report, number, out_of_range};
use super::defaults;
use super::vocabulary::{ANY, INPUT, POSITIVE};
use crate::syntax::{Value, ValueKind};
use spidec_ir::Number;
use spidec_ir::network::{Shape, Values};

/// Reads the value of an input of a shape, as far as that is known.
pub fn values(report: &mut Report, value: &Value, shape: Option<&Shape>) -> Option<Values> {
    let call = Call::read(report, value, "input", "input", INPUT)?;
    if call.word == "events" {
        let resize = call.boolean(report, "resize").unwrap_or(defaults::RESIZE);
        return Some(Values::Events { resize });
    }
    call.required(report, "scale", "scale = 1/256");
    let scale = call.number(report, "scale", &POSITIVE);
    let mean = channels(report, &call, "mean", &ANY, shape);
    let std = channels(report, &call, "std", &POSITIVE, shape);
    Some(Values::Constant {
        scale: scale.unwrap_or(Number::from(1.0)),
        mean: mean.unwrap_or(vec![Number::from(0.0)]),
        std: std.unwrap_or(vec![Number::from(1.0)]),
    })
}

/// One number for all channels, or a list of one a channel.
fn channels(
    report: &mut Report,
    call: &Call,
    name: &str,
    range: &Range,
    shape: Option<&Shape>,
) -> Option<Vec<Number>> {
    let value = call.value(name)?;
    let ValueKind::List(values) = &value.kind else {
        return Some(vec![number(report, value, name, range)?]);
    };
    if let Some(channels) = shape.map(Shape::channels)
        && channels != values.len()
    {
        let written = format!("a list of {}", values.len());
        let range = match channels {
            1 => "one number".to_string(),
            _ => format!("one number, or a list of {channels}, one a channel"),
        };
        out_of_range(report, value.span, name, &written, &range);
        return None;
    }
    let numbers = values.iter().map(|v| number(report, v, name, range));
    let numbers: Vec<Option<Number>> = numbers.collect();
    numbers
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .filter(|n| !n.is_empty())
}
