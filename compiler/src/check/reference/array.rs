//! The block `array`.

use super::{Entry, Takes, entry, meaning};
use crate::check::defaults;
use crate::check::vocabulary::{
    ERROR_BITS, FORMAT, MEMBRANE_BITS, OVERFLOW, TRACE_BITS, WEIGHT, WEIGHT_BITS,
};
use spidec_ir::Format;

/// The block `array`.
pub fn array() -> Vec<Entry> {
    let array = defaults::array();
    let weight = array.weight.to_string().replace(')', ", overflow = error)");
    let frac = |format: Format| format.frac.to_string();
    let [weight_bits, weight_frac] = WEIGHT_BITS;
    let [membrane_bits, membrane_frac] = MEMBRANE_BITS;
    let [error_bits, error_frac] = ERROR_BITS;
    let [trace_bits, trace_frac] = TRACE_BITS;
    vec![
        entry(
            "lanes",
            Takes::Other("4, 8, 16 or 32"),
            array.lanes.to_string(),
            meaning("lanes"),
        ),
        entry(
            "weight",
            Takes::Words(WEIGHT),
            weight,
            "the format of weights and biases",
        ),
        entry(
            "weight = fixed(bits)",
            Takes::Whole(weight_bits),
            None,
            meaning("bits"),
        ),
        entry(
            "weight = fixed(frac)",
            Takes::Whole(weight_frac),
            frac(array.weight),
            meaning("frac"),
        ),
        entry(
            "weight = fixed(overflow)",
            Takes::Words(OVERFLOW),
            "error".to_string(),
            "what becomes of a weight that does not fit when it is loaded",
        ),
        entry(
            "membrane",
            Takes::Words(FORMAT),
            array.membrane.to_string(),
            "the format of membranes after a step",
        ),
        entry(
            "membrane = fixed(bits)",
            Takes::Whole(membrane_bits),
            None,
            meaning("bits"),
        ),
        entry(
            "membrane = fixed(frac)",
            Takes::Whole(membrane_frac),
            "the weight's".to_string(),
            "the number of bits behind the point: the weight's, or up to 8 more, with leaky neurons up to 16",
        ),
        entry(
            "error",
            Takes::Words(FORMAT),
            array.error.to_string(),
            "the format of a class's error",
        ),
        entry(
            "error = fixed(bits)",
            Takes::Whole(error_bits),
            None,
            meaning("bits"),
        ),
        entry(
            "error = fixed(frac)",
            Takes::Whole(error_frac),
            frac(array.error),
            meaning("frac"),
        ),
        entry(
            "trace",
            Takes::Words(FORMAT),
            array.trace.to_string(),
            "the format of traces, the weighted spike counts that leaky rates are kept as",
        ),
        entry(
            "trace = fixed(bits)",
            Takes::Whole(trace_bits),
            None,
            meaning("bits"),
        ),
        entry(
            "trace = fixed(frac)",
            Takes::Whole(trace_frac),
            frac(array.trace),
            meaning("frac"),
        ),
        entry(
            "learning",
            Takes::Other("`round(stochastic)` or `round(nearest)`"),
            "round(stochastic)".to_string(),
            "how a weight update is rounded",
        ),
    ]
}
