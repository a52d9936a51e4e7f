//! The table of the language: every place of a value, what may stand there, and what stands there if nothing is
//! written. Ranges and words are those that the check reads by.

use super::arguments::{MEANINGS, Range, from_to};
use super::defaults;
use super::vocabulary::*;
use crate::diagnostics::one_of;
use spidec_ir::Format;
use spidec_ir::network::Schedule;
use std::ops::RangeInclusive;

/// What may stand in a place.
#[derive(Debug)]
pub enum Takes {
    /// A whole number in a range.
    Whole(RangeInclusive<u64>),
    /// A number that a rule holds for.
    Number(&'static Range),
    /// One of some words, with its arguments.
    Words(&'static Words),
    /// Something else, in words.
    Other(&'static str),
}

/// A place of the language.
#[derive(Debug)]
pub struct Entry {
    /// A statement's keyword (`lanes`), an argument of a call (`dense(init)`), or of a setting's call
    /// (`weight = fixed(bits)`).
    pub place: &'static str,
    /// What may stand there.
    pub takes: Takes,
    /// What stands there if nothing is written; `None` where something must be.
    pub default: Option<String>,
    /// What it is.
    pub meaning: &'static str,
}

impl Takes {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Takes::Whole(range) => format!("a whole number {}", from_to(range)),
            Takes::Number(range) => format!("a number {}", range.text),
            Takes::Words(words) => {
                let calls = words.iter().map(|(word, arguments)| match arguments {
                    [] => format!("`{word}`"),
                    _ => format!("`{word}({})`", arguments.join(", ")),
                });
                one_of(&calls.collect::<Vec<_>>())
            }
            Takes::Other(text) => text.to_string(),
        }
    }
}

/// The meaning of a number, as messages tell it.
fn meaning(argument: &str) -> &'static str {
    let found = MEANINGS.iter().find(|(name, _)| *name == argument);
    found.map_or("", |(_, meaning)| meaning)
}

fn entry(
    place: &'static str,
    takes: Takes,
    default: impl Into<Option<String>>,
    meaning: &'static str,
) -> Entry {
    Entry {
        place,
        takes,
        default: default.into(),
        meaning,
    }
}

/// The block `network`.
pub fn network() -> Vec<Entry> {
    let layer = |init, bias, frozen, std: &str| {
        [
            entry(
                init,
                Takes::Words(INIT),
                std.to_string(),
                "the initial weights; biases begin at 0",
            ),
            entry(
                bias,
                Takes::Words(TRUTH),
                defaults::BIAS.to_string(),
                "whether there is a bias, a weight a destination",
            ),
            entry(
                frozen,
                Takes::Words(TRUTH),
                defaults::FROZEN.to_string(),
                "whether training leaves the weights alone",
            ),
        ]
    };
    let shape = "a shape, `[n]` or `[height, width, channels]`, and a value";
    let ends = "two names and an operator";
    let mut entries = vec![
        entry(
            "input",
            Takes::Other(shape),
            None,
            "the values of a sample; one a network",
        ),
        entry(
            "population",
            Takes::Other(shape),
            None,
            "neurons that fire together; one or more",
        ),
        entry(
            "readout",
            Takes::Other("`[classes]` and a value"),
            None,
            "the classifier on a population's rates; one",
        ),
        entry(
            "forward",
            Takes::Other(ends),
            "none".to_string(),
            "a projection from the input or an earlier population: this step's spikes",
        ),
        entry(
            "feedback",
            Takes::Other(ends),
            "none".to_string(),
            "a projection from the population itself or a later one: the previous step's spikes",
        ),
        entry(
            "input = ",
            Takes::Words(INPUT),
            None,
            "the same input in every step",
        ),
        entry(
            "population = ",
            Takes::Words(NEURON),
            None,
            "integrate and fire, without leak",
        ),
        entry(
            "readout = ",
            Takes::Words(READOUT),
            None,
            "a linear classifier",
        ),
        entry(
            "forward = ",
            Takes::Words(OPERATOR),
            None,
            "a weight from each source value to each neuron; of `feedback` too",
        ),
        entry(
            "constant(scale)",
            Takes::Number(&POSITIVE),
            None,
            "what a sample's integers, 0 to 255, are multiplied by; in fixed point a power of two from 1/16384 to 1",
        ),
        entry(
            "linear(from)",
            Takes::Other("the name of a population"),
            None,
            "whose rates are classified",
        ),
    ];
    entries.extend(layer(
        "linear(init)",
        "linear(bias)",
        "linear(frozen)",
        "normal(std = 1 / sqrt(number of source neurons))",
    ));
    entries.extend(layer(
        "dense(init)",
        "dense(bias)",
        "dense(frozen)",
        "normal(std = 1 / sqrt(number of source values))",
    ));
    entries.push(entry(
        "normal(std)",
        Takes::Number(&POSITIVE),
        None,
        meaning("std"),
    ));
    entries
}

/// The block `training`.
pub fn training() -> Vec<Entry> {
    let training = defaults::training();
    let sgd = &training.update;
    let update = format!(
        "sgd(rate = {}, batch = {}, momentum = {}, weight_decay = {})",
        sgd.rate, sgd.batch, sgd.momentum, sgd.weight_decay
    );
    let loss = format!("cross_entropy(scale = {})", training.loss.scale);
    let (every, factor) = match defaults::step() {
        Schedule::Step { every, factor } => (every.to_string(), factor.to_string()),
        Schedule::Constant => Default::default(),
    };
    let the_setting = "the setting's".to_string();
    vec![
        entry(
            "forward_stage",
            Takes::Words(STAGE),
            training.forward.to_string(),
            "the stage in which the network answers",
        ),
        entry(
            "backward_stage",
            Takes::Words(STAGE),
            training.backward.to_string(),
            "the stage that carries the error back; its threshold is that of a couple",
        ),
        entry(
            "stage(steps)",
            Takes::Whole(STEPS),
            the_setting.clone(),
            meaning("steps"),
        ),
        entry(
            "stage(v_th)",
            Takes::Number(&POSITIVE),
            the_setting,
            meaning("v_th"),
        ),
        entry(
            "stage(u_rest)",
            Takes::Number(&BELOW_THRESHOLD),
            "-v_th".to_string(),
            meaning("u_rest"),
        ),
        entry("loss", Takes::Words(LOSS), loss, "what is made small"),
        entry(
            "cross_entropy(scale)",
            Takes::Number(&POSITIVE),
            training.loss.scale.to_string(),
            "what the gradient is multiplied by before the backward stage; the rate is divided by it",
        ),
        entry(
            "mean_squared_error(scale)",
            Takes::Number(&POSITIVE),
            training.loss.scale.to_string(),
            "the same",
        ),
        entry(
            "update",
            Takes::Words(UPDATE),
            update,
            "how weights follow the gradient",
        ),
        entry(
            "sgd(rate)",
            Takes::Number(&POSITIVE),
            sgd.rate.to_string(),
            meaning("rate"),
        ),
        entry(
            "sgd(batch)",
            Takes::Whole(COUNT),
            sgd.batch.to_string(),
            "the number of samples of one step; fixed point takes 1",
        ),
        entry(
            "sgd(momentum)",
            Takes::Number(&MOMENTUM),
            sgd.momentum.to_string(),
            "the part of the previous step that is kept; fixed point takes 0",
        ),
        entry(
            "sgd(weight_decay)",
            Takes::Number(&NOT_NEGATIVE),
            sgd.weight_decay.to_string(),
            "the part of a weight that each step takes away; fixed point takes 0",
        ),
        entry(
            "schedule",
            Takes::Words(SCHEDULE),
            format!("step(every = {every}, factor = {factor})"),
            "the rate over epochs",
        ),
        entry("step(every)", Takes::Whole(COUNT), every, meaning("every")),
        entry(
            "step(factor)",
            Takes::Number(&FACTOR),
            factor,
            meaning("factor"),
        ),
        entry(
            "seed",
            Takes::Whole(SEED),
            training.seed.to_string(),
            meaning("seed"),
        ),
    ]
}

/// The block `array`.
pub fn array() -> Vec<Entry> {
    let array = defaults::array();
    let weight = array.weight.to_string().replace(')', ", overflow = error)");
    let frac = |format: Format| format.frac.to_string();
    let [weight_bits, weight_frac] = WEIGHT_BITS;
    let [membrane_bits, membrane_frac] = MEMBRANE_BITS;
    let [error_bits, error_frac] = ERROR_BITS;
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
            "the number of bits behind the point: the weight's, or up to 8 more",
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
            "learning",
            Takes::Other("`round(stochastic)` or `round(nearest)`"),
            "round(stochastic)".to_string(),
            "how a weight update is rounded",
        ),
    ]
}

/// The whole table, block by block.
///
/// ```
/// for entry in spidec_compiler::check::reference::all() {
///     println!("{:40} {}", entry.place, entry.default.as_deref().unwrap_or("is needed"));
/// }
/// ```
pub fn all() -> Vec<Entry> {
    [network(), training(), array()]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests;
