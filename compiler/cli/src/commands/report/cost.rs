//! What samples cost in operations and energy, beside the same network as an ANN.

use super::Sources;
use super::sections::table;
use crate::failure::{Failure, coded};
use spidec_ir::network::Values;
use spidec_report::{Content, grouped};
use spidec_runtime::spide::Operations;

/// Samples that are counted, at most: a page is a matter of seconds.
const COUNTED: usize = 32;
/// Picojoules of an accumulate and of a multiply-accumulate of 32-bit floating point in 45 nm (M. Horowitz, ISSCC
/// 2014), as the SPIDE paper takes them.
const PICOJOULES: [f64; 2] = [0.9, 4.6];

/// Firing rates, operations and energy, with the weights that there are.
pub(super) fn content(sources: &Sources) -> Result<Vec<Content>, Failure> {
    let network = &sources.checked.network;
    if let Some(why) = sources.unreadable() {
        return Ok(vec![Content::Missing(format!(
            "Operations and energy: {why}"
        ))]);
    }
    let spide = sources.spide()?;
    let data = sources.data.first(COUNTED);
    let cost = spide.cost(&data).map_err(|e| coded(e.code(), e))?;
    let weights = match sources.state {
        Some(_) => "the state's weights",
        None => "the initial weights",
    };
    let input = match network.input.values {
        Values::Constant { .. } => {
            "is one neuron that a spike reaches; what is no spike, constant input, leaks, readout and its error,"
        }
        Values::Events { .. } => {
            "is one neuron that a spike reaches, or an event of the input in its step; what is neither, resized events, \
             leaks, readout and its error,"
        }
    };
    let text = format!(
        "Means over {} {}s with {weights}, read by both stages in floating point without dropout, their errors those of a \
         batch of {}. An accumulate {input} \
         is a product, multiplied and accumulated; a leaky neuron or couple takes two a step, of its membrane and of \
         the trace that is its rate. A spike of the last step arrives over no delayed projection. The ANN \
         has the same projections, each used once forward and once backward; zeros of the input cost neither anything. An accumulate is taken for {} pJ, a \
         product for {} pJ (32-bit floating point, 45 nm). Memory, thresholds and the update of weights, \
         products of two numbers for both, are not counted: it is an estimate of operations, not a measurement.",
        cost.samples, sources.kind, network.training.update.batch, PICOJOULES[0], PICOJOULES[1],
    );
    let percent = |rate: f64| format!("{:.2}", 100.0 * rate);
    let names = network.populations.iter().map(|p| p.name.clone());
    let rates = names.zip(cost.rates.forward.iter().zip(&cost.rates.backward));
    let rows =
        rates.map(|(name, (&forward, &backward))| vec![name, percent(forward), percent(backward)]);
    let rates = table(
        "Firing rates: spikes of either sign a neuron and step",
        &["population", "forward stage, %", "backward stage, %"],
        rows.collect(),
    );
    let rows = [
        ("forward stage", cost.forward),
        ("backward stage", cost.backward),
        ("both", cost.forward + cost.backward),
        ("ANN, forward", cost.ann_forward),
        ("ANN, backward", cost.ann_backward),
        ("ANN, both", cost.ann_forward + cost.ann_backward),
    ];
    let row = |(name, operations): (&str, Operations)| {
        vec![
            name.to_string(),
            grouped(operations.accumulates.round() as u64),
            grouped(operations.products.round() as u64),
            format!("{:.3}", microjoules(operations)),
        ]
    };
    let heads = ["a sample", "accumulates", "products", "energy, \u{b5}J"];
    let operations = table(
        "Operations and estimated energy",
        &heads,
        rows.map(row).into(),
    );
    Ok(vec![Content::Text(text), rates, operations])
}

fn microjoules(operations: Operations) -> f64 {
    let [accumulate, product] = PICOJOULES;
    (operations.accumulates * accumulate + operations.products * product) / 1e6
}
