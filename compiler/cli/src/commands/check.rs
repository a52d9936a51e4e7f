//! `spidec check`.

use crate::failure::Failure;
use crate::input;
use crate::output::{note, say};
use clap::Args;
use serde_json::{Value, json};
use spidec_compiler::check::{CheckResult, Checked, Engine};
use spidec_compiler::diagnostics::{Diagnostic, Severity};
use spidec_ir::fixed::{Constants, MembraneNeed, membrane_bits};
use spidec_ir::network::{Network, Operator, Source};
use spidec_runtime::state::{layer_names, text_hash};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Check {
    /// The network file.
    file: PathBuf,
    /// Print findings and network as JSON.
    #[arg(long)]
    json: bool,
}

/// Engines by name.
const ENGINES: [(&str, Engine); 5] = [
    ("float", Engine::Float),
    ("fixed", Engine::Fixed),
    ("array", Engine::Array),
    ("training in fixed", Engine::FixedTraining),
    ("training on the array", Engine::ArrayTraining),
];

pub(crate) fn run(arguments: &Check) -> Result<(), Failure> {
    let result = input::read(&arguments.file)?;
    if arguments.json {
        let accepted = |checked: &Checked| {
            let engines = ENGINES.iter().map(|&(name, engine)| {
                let obstacles = result.json(checked.engines.obstacles(engine));
                (name.to_string(), json!(obstacles))
            });
            serde_json::Map::from_iter(engines)
        };
        let report = json!({
            "findings": result.json(&result.diagnostics),
            "network": result.checked.as_ref().map(|c| c.network.to_string()),
            "text_sha256": result.checked.as_ref().map(|c| text_hash(&c.network)),
            "layers": result.checked.as_ref().map(|c| layers(&c.network)),
            "engine_obstacles": result.checked.as_ref().map(accepted),
            "membranes": result.checked.as_ref().map(|c| needs(c).iter().map(|need| json!({
                "population": need.population, "worst_case_bits": need.bits,
                "bits": c.network.array.membrane.bits,
            })).collect::<Vec<_>>()),
        });
        say!("{report:#}")?;
    } else {
        input::show(&result, &result.diagnostics);
        let mut shown = result.diagnostics.clone();
        if let Some(checked) = &result.checked {
            say!("{}", checked.network.to_string().trim_end())?;
            shown.extend(summarize(&result, checked));
        }
        input::explain(&shown);
    }
    let errors = result
        .diagnostics
        .iter()
        .filter(|d| d.severity() == Severity::Error)
        .count();
    if result.checked.is_some() {
        return Ok(());
    }
    let text = match (arguments.json, errors) {
        (true, _) => String::new(),
        (false, 1) => format!("1 error in {}", arguments.file.display()),
        (false, n) => format!("{n} errors in {}", arguments.file.display()),
    };
    Err(Failure::Findings(text))
}

/// Each layer with what its tensors in a state are named by, and its ends: populations by their place in the file,
/// from 0; null for the input, and behind the readout.
fn layers(network: &Network) -> Vec<Value> {
    let layer = |(layer, name): (usize, String)| {
        let ends = match network.projections.get(layer) {
            Some(projection) => {
                let from = match projection.source {
                    Source::Input => None,
                    Source::Population(id) => Some(id.index()),
                };
                json!({
                    "operator": operator(projection.operator),
                    "from": from,
                    "to": projection.destination.index(),
                    "source": network.source_shape(projection),
                    "destination": network.destination_shape(projection),
                })
            }
            None => json!({
                "operator": "readout",
                "from": network.readout.source.index(),
                "to": null,
                "source": network.population(network.readout.source).shape,
                "destination": [network.readout.classes],
            }),
        };
        let mut all = json!({
            "name": name,
            "weight": network.weight_shape(layer),
            "biases": network.biases(layer),
        });
        for key in ["operator", "from", "to", "source", "destination"] {
            all[key] = ends[key].clone();
        }
        all
    };
    layer_names(network)
        .into_iter()
        .enumerate()
        .map(layer)
        .collect()
}

/// An operator as the language calls it.
fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Dense => "dense",
        Operator::Convolution { .. } => "conv",
        Operator::ConvolutionTranspose { .. } => "conv_transpose",
        Operator::AveragePool { .. } => "avg_pool",
        Operator::Zero => "zero",
    }
}

/// What the text itself does not say; the findings that were shown.
fn summarize(result: &CheckResult, checked: &Checked) -> Vec<Diagnostic> {
    let (mut accept, mut refuse, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for (name, engine) in ENGINES {
        match checked.engines.obstacles(engine) {
            [] => accept.push(name),
            obstacles => {
                refuse.push(name);
                // Several engines have the same reason: it is said once.
                let new = obstacles.iter().filter(|o| !reasons.contains(*o));
                reasons.extend(new.cloned().collect::<Vec<_>>());
            }
        }
    }
    note!("ok: accepted by the engines: {}", accept.join(", "));
    if !refuse.is_empty() {
        note!("not by: {}, because", refuse.join(", "));
        lacking(result, &reasons);
    }
    let given = checked.network.array.membrane.bits;
    for need in needs(checked) {
        if need.bits <= given {
            note!(
                "membranes of {}: never clamp in the forward stage, whatever the weights",
                need.population
            );
        } else {
            note!(
                "membranes of {}: {given} bits; the forward stage's worst case of all weights and inputs needs {}; \
                 what leaves them is clamped in the pass and counted",
                need.population,
                need.bits
            );
        }
    }
    reasons
}

/// A line for each kind of reason why engines do not accept a network that is right in itself, with all its places.
fn lacking(result: &CheckResult, reasons: &[Diagnostic]) {
    let mut kinds: Vec<(String, Vec<usize>)> = Vec::new();
    for reason in result.json(reasons) {
        let said = format!("{} [{}]; {}", reason.message, reason.code, reason.help);
        match kinds.iter_mut().find(|(other, _)| *other == said) {
            Some((_, lines)) => lines.push(reason.label.line),
            None => kinds.push((said, vec![reason.label.line])),
        }
    }
    for (said, lines) in kinds.iter_mut().take(input::SHOWN) {
        lines.dedup();
        let numbers: Vec<String> = lines
            .iter()
            .take(input::SHOWN)
            .map(usize::to_string)
            .collect();
        let more = if lines.len() > numbers.len() {
            ", ..."
        } else {
            ""
        };
        let lines = if lines.len() == 1 { "line" } else { "lines" };
        note!("  {lines} {}{more}: {said}", numbers.join(", "));
    }
    if kinds.len() > input::SHOWN {
        note!(
            "  and {} more: `spidec check {} --json` has all",
            kinds.len() - input::SHOWN,
            result.name
        );
    }
}

/// The worst case of each population; nothing where fixed point does not accept the network.
fn needs(checked: &Checked) -> Vec<MembraneNeed> {
    match Constants::of(&checked.network) {
        Ok((constants, _)) => membrane_bits(&checked.network, &constants),
        Err(_) => Vec::new(),
    }
}
