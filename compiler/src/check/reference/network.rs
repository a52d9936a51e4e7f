//! The block `network`.

use super::{Entry, Takes, entry, meaning};
use crate::check::defaults;
use crate::check::vocabulary::{
    ANY, CHANNELS, COUPLE, DROPOUT, INIT, INPUT, LEAK, NEURON, OPERATOR, POSITIVE, READOUT, SIDE,
    TRUTH,
};

const SHAPE: Takes = Takes::Other("a shape, `[n]` or `[height, width, channels]`, and a value");
const ENDS: Takes = Takes::Other("two names and an operator");

/// The block `network`.
pub fn network() -> Vec<Entry> {
    let none = || "none".to_string();
    let mut entries = vec![
        entry(
            "input",
            SHAPE,
            None,
            "the values of a sample; one a network",
        ),
        entry(
            "population",
            SHAPE,
            None,
            "neurons that fire together; one or more; the shape may be left out where a projection tells it",
        ),
        entry(
            "readout",
            Takes::Other("`[classes]` and a value"),
            None,
            "the classifier on a population's rates; one",
        ),
        entry(
            "forward",
            ENDS,
            none(),
            "a projection from the input or an earlier population: this step's spikes",
        ),
        entry(
            "feedback",
            ENDS,
            none(),
            "a projection from the population itself or a later one: the previous step's spikes",
        ),
        entry(
            "input = ",
            Takes::Words(INPUT),
            None,
            "the same input in every step, or a sample's events, counted in each step",
        ),
        entry(
            "population = ",
            Takes::Words(NEURON),
            None,
            "integrate and fire, without leak or with one after the reset",
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
            "the operator, of `feedback` too; all but `dense` and `zero` run between shapes `[height, width, channels]`",
        ),
    ];
    entries.extend(values());
    entries.push(entry(
        "linear(from)",
        Takes::Other("the name of a population"),
        None,
        "whose rates are classified",
    ));
    entries.extend(weights(["linear(init)", "linear(bias)", "linear(frozen)"]));
    entries.extend(weights(["dense(init)", "dense(bias)", "dense(frozen)"]));
    entries.extend(limits(["dense(dropout)", "dense(max_norm)"]));
    entries.extend(kernel([
        "conv(kernel)",
        "conv(stride)",
        "conv(pad)",
        "conv(channels)",
    ]));
    entries.push(entry(
        "conv(standardize)",
        Takes::Words(TRUTH),
        defaults::STANDARDIZE.to_string(),
        "whether the weights of each destination channel are used less their mean, over their deviation and the root of their number",
    ));
    entries.extend(weights(["conv(init)", "conv(bias)", "conv(frozen)"]));
    entries.extend(limits(["conv(dropout)", "conv(max_norm)"]));
    entries.extend(kernel([
        "conv_transpose(kernel)",
        "conv_transpose(stride)",
        "conv_transpose(pad)",
        "conv_transpose(channels)",
    ]));
    entries.push(entry(
        "conv_transpose(output_pad)",
        Takes::Other("a whole number from 0, below `stride`"),
        defaults::OUTPUT_PAD.to_string(),
        meaning("output_pad"),
    ));
    entries.extend(weights([
        "conv_transpose(init)",
        "conv_transpose(bias)",
        "conv_transpose(frozen)",
    ]));
    entries.extend(limits([
        "conv_transpose(dropout)",
        "conv_transpose(max_norm)",
    ]));
    entries.push(entry(
        "avg_pool(size)",
        Takes::Whole(SIDE),
        None,
        "the side of the squares over which the mean is taken; it divides height and width",
    ));
    entries.extend(inits());
    entries
}

/// Arguments of an input's and a population's value.
fn values() -> [Entry; 6] {
    [
        entry(
            "constant(scale)",
            Takes::Number(&POSITIVE),
            None,
            "what a sample's integers, 0 to 255, are multiplied by; in fixed point a power of two from 1/16384 to 1",
        ),
        entry(
            "constant(mean)",
            Takes::Channels(&ANY),
            "0".to_string(),
            "what is then taken away; fixed point takes 0",
        ),
        entry(
            "constant(std)",
            Takes::Channels(&POSITIVE),
            "1".to_string(),
            "what it is then divided by; fixed point takes 1",
        ),
        entry(
            "events(resize)",
            Takes::Words(TRUTH),
            defaults::RESIZE.to_string(),
            meaning("resize"),
        ),
        entry("lif(leak)", Takes::Number(&LEAK), None, meaning("leak")),
        entry(
            "lif(couple)",
            Takes::Words(COUPLE),
            "lif".to_string(),
            "whether the couples, which carry the error back, leak too",
        ),
    ]
}

fn weights([init, bias, frozen]: [&'static str; 3]) -> [Entry; 3] {
    let each = match bias {
        "conv(bias)" | "conv_transpose(bias)" => {
            "whether there is a bias, a weight a destination channel"
        }
        _ => "whether there is a bias, a weight a destination",
    };
    [
        entry(
            init,
            Takes::Words(INIT),
            "normal(std = 1 / sqrt(n))".to_string(),
            "the initial weights; `n` is the number of weights that a destination's sum has",
        ),
        entry(bias, Takes::Words(TRUTH), defaults::BIAS.to_string(), each),
        entry(
            frozen,
            Takes::Words(TRUTH),
            defaults::FROZEN.to_string(),
            "whether training leaves the weights alone",
        ),
    ]
}

fn limits([dropout, max_norm]: [&'static str; 2]) -> [Entry; 2] {
    [
        entry(
            dropout,
            Takes::Number(&DROPOUT),
            defaults::DROPOUT.to_string(),
            meaning("dropout"),
        ),
        entry(
            max_norm,
            Takes::NumberOrNone(&POSITIVE),
            "none".to_string(),
            meaning("max_norm"),
        ),
    ]
}

fn kernel([kernel, stride, pad, channels]: [&'static str; 4]) -> [Entry; 4] {
    [
        entry(kernel, Takes::Whole(SIDE), None, meaning("kernel")),
        entry(
            stride,
            Takes::Whole(SIDE),
            defaults::STRIDE.to_string(),
            meaning("stride"),
        ),
        entry(
            pad,
            Takes::Other("a whole number from 0, below `kernel`"),
            "(kernel - 1) / 2".to_string(),
            "the width of the zeros around the image: that of the source, or, transposed, of the destination",
        ),
        entry(
            channels,
            Takes::Whole(CHANNELS),
            "the destination's".to_string(),
            "the number of channels of the destination, where its shape is left out",
        ),
    ]
}

fn inits() -> [Entry; 5] {
    let scale = defaults::INIT_SCALE.to_string();
    [
        entry(
            "normal(std)",
            Takes::Number(&POSITIVE),
            None,
            "the standard deviation of the initial weights; biases begin at 0",
        ),
        entry(
            "uniform(bound)",
            Takes::Number(&POSITIVE),
            None,
            "weights lie from `-bound` to `bound`",
        ),
        entry(
            "uniform(bias)",
            Takes::Words(TRUTH),
            defaults::INIT_BIAS.to_string(),
            "whether biases are drawn too; else they begin at 0, as with all others",
        ),
        entry(
            "kaiming(scale)",
            Takes::Number(&POSITIVE),
            scale.clone(),
            "normal numbers of deviation `scale` times the root of 2 / `n`",
        ),
        entry(
            "unit(scale)",
            Takes::Number(&POSITIVE),
            scale,
            "uniform numbers; those of each destination, or its channel, have the norm `scale`",
        ),
    ]
}
