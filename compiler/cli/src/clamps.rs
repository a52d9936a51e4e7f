//! Numbers that were clamped to their format: how many, and where the first one is.

use serde_json::{Value, json};
use spidec_compiler::check::Checked;
use spidec_ir::network::{PopulationId, ProjectionId};
use spidec_ir::trace::{ClampPlace, Clamps};
use spidec_runtime::array::ClampedOnArray;
use spidec_runtime::fixed::ClampedSamples;

/// What an epoch of training clamped.
#[derive(Default)]
pub(crate) struct EpochClamps {
    forward: ClampedSamples,
    backward: ClampedSamples,
    errors: ClampedSamples,
    weights: ClampedSamples,
}

impl EpochClamps {
    /// Adds a sample, by its index in the dataset.
    pub(crate) fn add(&mut self, sample: usize, clamps: Clamps) {
        self.forward.add(sample, clamps.forward);
        self.backward.add(sample, clamps.backward);
        self.errors.add(sample, clamps.errors);
        self.weights.add(sample, clamps.weights);
    }

    /// A line for each kind that has any.
    pub(crate) fn lines(&self, checked: &Checked) -> Vec<String> {
        let mut lines = Vec::new();
        for (clamped, of) in [
            (&self.forward, " in the forward stage"),
            (&self.backward, " in the backward stage"),
        ] {
            if clamped.count > 0 {
                lines.push(membranes(checked, clamped, of));
            }
        }
        learned(checked, &self.errors, &self.weights, &mut lines);
        lines
    }

    /// All kinds as data.
    pub(crate) fn json(&self, checked: &Checked) -> Value {
        let kind = |clamped: &ClampedSamples, first: Value| json!({ "count": clamped.count, "first": first });
        json!({
            "forward": kind(&self.forward, first_membrane(checked, &self.forward)),
            "backward": kind(&self.backward, first_membrane(checked, &self.backward)),
            "errors": kind(&self.errors, first_error(checked, &self.errors)),
            "weights": kind(&self.weights, first_weight(checked, &self.weights)),
        })
    }
}

/// A line for each kind that the array or hardware clamped; of membranes also where none was.
pub(crate) fn array_lines(checked: &Checked, clamped: &ClampedOnArray) -> Vec<String> {
    let of = match (clamped.membranes.count, clamped.backward) {
        (0, _) => "",
        (_, false) => ", from the forward stage on",
        (_, true) => " in the backward stage",
    };
    let mut lines = vec![membranes(checked, &clamped.membranes, of)];
    learned(checked, &clamped.errors, &clamped.weights, &mut lines);
    lines
}

/// The same as data.
pub(crate) fn array_json(checked: &Checked, clamped: &ClampedOnArray) -> Value {
    let mut first = first_membrane(checked, &clamped.membranes);
    if !first.is_null() {
        first["stage"] = json!(if clamped.backward {
            "backward"
        } else {
            "forward"
        });
    }
    json!({
        "membranes": { "count": clamped.membranes.count, "first": first },
        "errors": { "count": clamped.errors.count, "first": first_error(checked, &clamped.errors) },
        "weights": { "count": clamped.weights.count, "first": first_weight(checked, &clamped.weights) },
    })
}

/// How many membranes were clamped, and the first; `of` is what they are the membranes of.
pub(crate) fn membranes(checked: &Checked, clamped: &ClampedSamples, of: &str) -> String {
    say(clamped, "membranes", of, |place| {
        let (name, line) = population(checked, place);
        format!(
            "step {}, neuron {} of {name} (line {line})",
            place.step, place.neuron
        )
    })
}

/// A line each for errors and weights, where any were clamped.
fn learned(
    checked: &Checked,
    errors: &ClampedSamples,
    weights: &ClampedSamples,
    lines: &mut Vec<String>,
) {
    if errors.count > 0 {
        let (name, line) = (&checked.network.readout.name, checked.lines.readout);
        lines.push(say(errors, "errors", " in the loss", |place| {
            format!("class {} of {name} (line {line})", place.neuron)
        }));
    }
    if weights.count > 0 {
        lines.push(self::weights(checked, weights));
    }
}

fn weights(checked: &Checked, clamped: &ClampedSamples) -> String {
    say(clamped, "weights", "", |place| {
        let Layer { name, line, source } = Layer::of(checked, place);
        let source = source.map_or("bias".to_string(), |source| format!("source {source}"));
        let destination = place.neuron;
        format!("{name}, destination {destination}, {source} (line {line})")
    })
}

fn say(
    clamped: &ClampedSamples,
    what: &str,
    of: &str,
    describe: impl Fn(&ClampPlace) -> String,
) -> String {
    let first = match &clamped.first {
        Some((sample, place)) => format!("; the first in sample {sample}: {}", describe(place)),
        None => String::new(),
    };
    format!("{} {what} clamped{of}{first}", clamped.count)
}

/// The first membrane as data; null where none was clamped.
pub(crate) fn first_membrane(checked: &Checked, clamped: &ClampedSamples) -> Value {
    let Some((sample, place)) = &clamped.first else {
        return Value::Null;
    };
    let (name, line) = population(checked, place);
    json!({
        "sample": sample, "step": place.step, "population": name, "neuron": place.neuron, "line": line,
    })
}

fn first_error(checked: &Checked, clamped: &ClampedSamples) -> Value {
    match &clamped.first {
        None => Value::Null,
        Some((sample, place)) => json!({
            "sample": sample, "class": place.neuron, "line": checked.lines.readout,
        }),
    }
}

fn first_weight(checked: &Checked, clamped: &ClampedSamples) -> Value {
    let Some((sample, place)) = &clamped.first else {
        return Value::Null;
    };
    let layer = Layer::of(checked, place);
    json!({
        "sample": sample, "layer": layer.name, "destination": place.neuron, "source": layer.source,
        "line": layer.line,
    })
}

/// A membrane's population and its line in the file.
fn population<'a>(checked: &'a Checked, place: &ClampPlace) -> (&'a str, u32) {
    let id = PopulationId(place.population_or_layer);
    let line = checked.lines.population(id).unwrap_or(1);
    (&checked.network.population(id).name, line)
}

/// A weight's layer.
struct Layer {
    name: String,
    line: u32,
    /// `None` for a bias.
    source: Option<u32>,
}

impl Layer {
    fn of(checked: &Checked, place: &ClampPlace) -> Layer {
        let network = &checked.network;
        let index = place.population_or_layer as usize;
        let (sources, line) = match network.projections.get(index) {
            Some(projection) => {
                let id = ProjectionId(place.population_or_layer);
                let line = checked.lines.projection(id).unwrap_or(1);
                (network.source_size(projection), line)
            }
            None => {
                let source = network.population(network.readout.source);
                (source.shape.size(), checked.lines.readout)
            }
        };
        Layer {
            name: network.layer_name(index),
            line,
            source: Some(place.source).filter(|&source| (source as usize) < sources),
        }
    }
}
