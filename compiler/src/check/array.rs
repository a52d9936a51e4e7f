//! The block `array`.

use super::arguments::{Call, Report, out_of_range, whole};
use super::vocabulary::{
    ERROR_BITS, FORMAT, LANES, MEMBRANE_BITS, OVERFLOW, ROUNDING, TRACE_BITS, WEIGHT, WEIGHT_BITS,
};
use super::words::expected;
use super::{ARRAY, defaults, settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Block, Value, ValueKind};
use spidec_ir::network::Array;
use spidec_ir::{Format, Overflow, Rounding};
use std::ops::RangeInclusive;

/// Reads the block over the defaults.
pub fn read(report: &mut Report, block: &Block) -> Array {
    let mut array = defaults::array();
    let values = settings::read(report, block, &ARRAY);
    if let Some(value) = values.get("lanes")
        && let Some(lanes) = whole(report, value, "lanes", LANES)
    {
        if lanes.is_power_of_two() {
            array.lanes = lanes as u32;
        } else {
            let text = lanes.to_string();
            out_of_range(report, value.span, "lanes", &text, "4, 8, 16 or 32");
        }
    }
    if let Some(value) = values.get("weight")
        && let Some(call) = Call::read(report, value, "format", "weight", WEIGHT)
    {
        array.weight = format(report, &call, array.weight, WEIGHT_BITS);
        if let Some(value) = call.value("overflow") {
            let word = Call::read(
                report,
                value,
                "kind of overflow",
                "weight.overflow",
                OVERFLOW,
            );
            array.weight_overflow = match word.map(|call| call.word) {
                Some("saturate") => Overflow::Saturate,
                _ => Overflow::Error,
            };
        }
    }
    array.membrane = defaults::membrane(array.weight);
    if let Some(value) = values.get("membrane")
        && let Some(call) = Call::read(report, value, "format", "membrane", FORMAT)
    {
        array.membrane = format(report, &call, array.membrane, MEMBRANE_BITS);
    }
    if let Some(value) = values.get("error")
        && let Some(call) = Call::read(report, value, "format", "error", FORMAT)
    {
        array.error = format(report, &call, array.error, ERROR_BITS);
    }
    if let Some(value) = values.get("trace")
        && let Some(call) = Call::read(report, value, "format", "trace", FORMAT)
    {
        array.trace = format(report, &call, array.trace, TRACE_BITS);
    }
    if let Some(value) = values.get("learning") {
        array.learning = learning(report, value).unwrap_or(array.learning);
    }
    array
}

/// `bits` are required; `frac` may be left out for the default.
fn format(
    report: &mut Report,
    call: &Call,
    default: Format,
    [bits, frac]: [RangeInclusive<u64>; 2],
) -> Format {
    let example = format!("bits = {}, frac = {}", default.bits, default.frac);
    call.required(report, "bits", &example);
    let bits = call.whole(report, "bits", bits);
    let frac = call.whole(report, "frac", frac);
    Format {
        bits: bits.map_or(default.bits, |bits| bits as u32),
        frac: frac.map_or(default.frac, |frac| frac as u32),
    }
}

/// `round(stochastic)`: the one call with an argument that has no name.
fn learning(report: &mut Report, value: &Value) -> Option<Rounding> {
    const HELP: &str = "write `round(stochastic)` or `round(nearest)`";
    let (name, arguments) = match &value.kind {
        ValueKind::Call { name, arguments } if name.text == "round" => (name, arguments),
        _ => {
            report.wrong_type(value, "`round(stochastic)` or `round(nearest)`", HELP);
            return None;
        }
    };
    let [argument] = arguments.as_slice() else {
        report.push(Diagnostic::new(
            Code::MissingArgument,
            value.span,
            format!(
                "`{}` takes one argument, found {}",
                name.text,
                arguments.len()
            ),
            expected(&["stochastic", "nearest"]),
            HELP,
        ));
        return None;
    };
    if let Some(name) = &argument.name {
        report.push(Diagnostic::new(
            Code::UnknownArgument,
            name.span,
            format!("`round` has no argument `{}`", name.text),
            "its argument has no name",
            HELP,
        ));
        return None;
    }
    match Call::read(report, &argument.value, "rounding", "learning", ROUNDING)?.word {
        "nearest" => Some(Rounding::Nearest),
        _ => Some(Rounding::Stochastic),
    }
}
