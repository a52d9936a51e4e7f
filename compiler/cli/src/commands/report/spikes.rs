//! The part of the page on one sample.

use super::Sources;
use super::sections::{learning, obstacle};
use crate::failure::{Failure, finding};
use crate::input;
use spidec_compiler::check::Engine;
use spidec_ir::Network;
use spidec_ir::network::Shape;
use spidec_ir::trace::TrainingTrace;
use spidec_report as report;
use spidec_report::{Content, Stages};
use spidec_runtime::fixed::FixedEngine;

/// One sample, what is answered to it, its spikes and rates.
pub(super) fn section(sources: &Sources) -> Result<Vec<Content>, Failure> {
    let network = &sources.checked.network;
    if let Some(why) = obstacle(&sources.checked, Engine::Fixed) {
        let text = format!(
            "Spikes and rates: they are drawn in fixed point, which does not accept this network: {why}."
        );
        return Ok(vec![Content::Missing(text)]);
    }
    let engine = FixedEngine::new(network).map_err(finding)?;
    let parameters = input::fitted(network, sources.state.as_ref())?;
    let mut state = engine.state(&parameters).map_err(finding)?;
    state.samples = sources.state.as_ref().map_or(0, |state| state.samples);
    let data = input::constant(&sources.data)?;
    let (sample, label) = data.sample(sources.sample);
    let learning = learning(&engine, sources);
    let trace = match &learning {
        Ok(learning) => engine.train_trace(&mut state, sample, label, learning),
        Err(_) => TrainingTrace {
            forward: engine.forward_trace(&state.weights, sample),
            ..TrainingTrace::default()
        },
    };
    let prediction = trace.forward.prediction;
    // Of weights that learned nothing yet nobody expects more.
    let wrong = sources.state.is_some() && prediction as usize != label;
    let predicted = format!(
        "predicted {prediction}{}",
        if wrong { ", which is wrong" } else { "" }
    );
    let name = format!("{} {}", capital(sources.kind), sources.sample);
    let mut content = vec![
        Content::Text(spide(network)),
        Content::Text(format!(
            "{name}, label {label}, {predicted}; in fixed point. `{} --sample K` shows another.",
            sources.command
        )),
    ];
    let most = data.samples().flat_map(|(sample, _)| sample).max();
    let words = [name, format!("label {label}"), predicted];
    // The same values in a list are a picture too where the network takes them as one.
    let shape = match &network.input.shape {
        shape @ Shape(extents) if extents.len() == 3 => shape,
        _ => data.shape(),
    };
    let drawn = report::sample(shape, sample, most.copied().unwrap_or(0), &words);
    content.extend(drawn.map(Content::Picture));
    match &learning {
        Err(why) => content.push(Content::Missing(format!(
            "The backward stage: fixed point does not train this network: {why}."
        ))),
        Ok(_) if trace.error.iter().all(|&error| error == 0) => content.push(Content::Text(
            "No class has an error, so nothing spikes in the backward stage.".to_string(),
        )),
        Ok(_) => {}
    }
    let stages = Stages {
        forward: &trace.forward.steps,
        backward: learning.is_ok().then_some(&trace.backward[..]),
    };
    content.push(Content::Picture(report::raster(network, &stages)?));
    content.push(Content::Picture(report::rates(network, &stages)?));
    Ok(content)
}

/// What both stages are for, in two sentences.
fn spide(network: &Network) -> String {
    let training = &network.training;
    format!(
        "This network learns by SPIDE (`https://arxiv.org/abs/2302.00232`), with spikes alone. In the forward stage, {} steps, \
         the sample drives the neurons, and the readout classifies by the rates that they come to. In the backward stage, \
         {} steps, the classes' errors drive them through the same weights, turned around, with spikes of either sign; \
         the rates of both stages together say how each weight changes.",
        training.forward.steps, training.backward.steps
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
