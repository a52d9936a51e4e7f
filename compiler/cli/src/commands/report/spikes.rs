//! The part of the page on one sample.

use super::Sources;
use super::sections::{learning, obstacle};
use crate::failure::{Failure, coded, finding};
use crate::input;
use spidec_compiler::check::Engine;
use spidec_data::Data;
use spidec_ir::Network;
use spidec_ir::network::Shape;
use spidec_ir::trace::PopulationStep;
use spidec_report as report;
use spidec_report::{Content, Stages};
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::{self, Readable};

/// Most neurons times steps whose spikes are drawn: they are held in memory.
const MOST: u64 = 1 << 25;

/// A sample as an engine read it.
struct Read {
    /// "in fixed point".
    how: String,
    label: usize,
    prediction: usize,
    forward: Vec<Vec<PopulationStep>>,
    backward: Result<Backward, String>,
}

struct Backward {
    steps: Vec<Vec<PopulationStep>>,
    /// Whether a class has an error.
    error: bool,
}

/// One sample, what is answered to it, its spikes and rates.
pub(super) fn section(sources: &Sources) -> Result<Vec<Content>, Failure> {
    let network = &sources.checked.network;
    let missing = |why: String| Ok(vec![Content::Missing(format!("Spikes and rates: {why}"))]);
    if let Some(why) = sources.unreadable() {
        return missing(why);
    }
    if size(network) > MOST {
        return missing(format!(
            "{} neurons times steps are more than are drawn, {MOST}.",
            size(network)
        ));
    }
    let read = match obstacle(&sources.checked, Engine::Fixed) {
        None => fixed(sources)?,
        Some(why) => floating(sources, &why)?,
    };
    let Read {
        label, prediction, ..
    } = read;
    // Of weights that learned nothing yet nobody expects more.
    let wrong = sources.state.is_some() && prediction != label;
    let predicted = format!(
        "predicted {prediction}{}",
        if wrong { ", which is wrong" } else { "" }
    );
    let name = format!("{} {}", capital(sources.kind), sources.sample);
    let mut content = vec![
        Content::Text(spide(network)),
        Content::Text(format!(
            "{name}, label {label}, {predicted}; {}. `{} --sample K` shows another.",
            read.how, sources.command
        )),
    ];
    let words = [name, format!("label {label}"), predicted];
    content.extend(drawn(sources, &words));
    match &read.backward {
        Err(why) => content.push(Content::Missing(format!(
            "The backward stage: fixed point does not train this network: {why}."
        ))),
        Ok(backward) if !backward.error => content.push(Content::Text(
            "No class has an error, so nothing spikes in the backward stage.".to_string(),
        )),
        Ok(_) => {}
    }
    let backward = read.backward.as_ref().ok();
    let stages = Stages {
        forward: &read.forward,
        backward: backward.map(|backward| &backward.steps[..]),
    };
    content.push(Content::Picture(report::raster(network, &stages)?));
    content.push(Content::Picture(report::rates(network, &stages)?));
    Ok(content)
}

/// The sample itself.
fn drawn(sources: &Sources, words: &[String; 3]) -> Option<Content> {
    let Data::Constant(data) = &sources.data else {
        let text = "The sample itself: recordings of events are not drawn.";
        return Some(Content::Missing(text.to_string()));
    };
    let (sample, _) = data.sample(sources.sample);
    let most = data.samples().flat_map(|(sample, _)| sample).max();
    // The same values in a list are a picture too where the network takes them as one.
    let shape = match &sources.checked.network.input.shape {
        shape @ Shape(extents) if extents.len() == 3 => shape,
        _ => data.shape(),
    };
    let drawn = report::sample(shape, sample, most.copied().unwrap_or(0), words);
    drawn.map(Content::Picture)
}

fn fixed(sources: &Sources) -> Result<Read, Failure> {
    let network = &sources.checked.network;
    let engine = FixedEngine::new(network).map_err(finding)?;
    let parameters = input::fitted(network, sources.state.as_ref())?;
    let mut state = engine.state(&parameters).map_err(finding)?;
    state.samples = sources.state.as_ref().map_or(0, |state| state.samples);
    let (sample, label) = input::constant(&sources.data)?.sample(sources.sample);
    let (forward, backward) = match learning(&engine, sources) {
        Ok(learning) => {
            let trace = engine.train_trace(&mut state, sample, label, &learning);
            let error = trace.error.iter().any(|&error| error != 0);
            let steps = trace.backward;
            (trace.forward, Ok(Backward { steps, error }))
        }
        Err(why) => (engine.forward_trace(&state.weights, sample), Err(why)),
    };
    Ok(Read {
        how: "in fixed point".to_string(),
        label,
        prediction: forward.prediction as usize,
        forward: forward.steps,
        backward,
    })
}

/// In floating point, where fixed point does not accept the network.
fn floating(sources: &Sources, why: &str) -> Result<Read, Failure> {
    let network = &sources.checked.network;
    let spide = sources.spide()?;
    let read = sources.data.read(&spide, sources.sample, None);
    let (sample, label) = read.map_err(|e| coded(e.code(), e))?;
    let mut forward = Vec::new();
    let stage = spide.forward_heard(&sample, &mut |step| forward.push(spikes(step)));
    let batch = network.training.update.batch.max(1) as usize;
    let (_, error) = spide.loss(&stage.logits, label, batch);
    let g = spide.rate_gradient(&error);
    let mut steps = Vec::new();
    spide.backward_heard(&sample, &stage, &g, &mut |step| steps.push(spikes(step)));
    Ok(Read {
        how: format!("in floating point, since fixed point does not accept this network ({why})"),
        label,
        prediction: stage.prediction(),
        forward,
        backward: Ok(Backward {
            steps,
            error: error.iter().any(|&error| error != 0.0),
        }),
    })
}

/// The spikes of a step; membranes are not drawn.
fn spikes(step: Vec<spide::PopulationStep<f32>>) -> Vec<PopulationStep> {
    let population = |p: spide::PopulationStep<f32>| PopulationStep {
        spikes: p.spikes,
        membranes: Vec::new(),
    };
    step.into_iter().map(population).collect()
}

/// Neurons times steps of both stages.
fn size(network: &Network) -> u64 {
    let neurons: usize = network.populations.iter().map(|p| p.shape.size()).sum();
    let training = &network.training;
    let steps = u64::from(training.forward.steps) + u64::from(training.backward.steps);
    (neurons as u64).saturating_mul(steps)
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
