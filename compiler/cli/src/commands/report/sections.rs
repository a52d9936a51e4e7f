//! The parts of the page, each from its sources, or why it is not there.

use super::simulated::Simulated;
use super::{MEASURED, Sources, classes, cost, spikes};
use crate::failure::{Failure, finding};
use crate::input;
use spidec_compiler::check::{Checked, Engine};
use spidec_compiler::lower::Purpose;
use spidec_ir::network::Projection;
use spidec_ir::trace::{Counters, Idle};
use spidec_ir::{ArrayProgram, FixedParameters, Network};
use spidec_report as report;
use spidec_report::{Content, Epoch, Measured, Part, Section, Table, Term, grouped, rounded};
use spidec_runtime::array::{ArrayEngine, Outcome};
use spidec_runtime::fixed::{FixedEngine, Learning};
use spidec_verify::Kind;

/// All sections, and what is not in them.
pub(super) fn all(
    sources: &Sources,
    simulated: Option<&Simulated>,
) -> Result<(Vec<Section>, Vec<String>), Failure> {
    let network = &sources.checked.network;
    let (cycles, memory) = array(sources)?;
    let sections = vec![
        section(
            "Network",
            vec![Content::Picture(report::network(network)), layers(network)],
        ),
        section("Training", training(sources)?),
        section("Classes", classes::content(sources)?),
        section("Spikes and rates", spikes::section(sources)?),
        section("Operations and energy", cost::content(sources)?),
        section("Where the cycles go", cycles),
        section("Memory and multipliers", memory),
        section(
            "Software and simulated hardware",
            verified(sources, simulated),
        ),
    ];
    let missing = sections
        .iter()
        .flat_map(|s| &s.content)
        .filter_map(|content| match content {
            Content::Missing(why) => Some(why.clone()),
            _ => None,
        });
    let missing = missing.collect();
    Ok((sections, missing))
}

fn section(heading: &str, content: Vec<Content>) -> Section {
    Section {
        heading: heading.to_string(),
        content,
    }
}

/// Why an engine does not accept a network; `None` where it does.
pub(super) fn obstacle(checked: &Checked, engine: Engine) -> Option<String> {
    let obstacles = checked.engines.obstacles(engine);
    let mut texts: Vec<&str> = Vec::new();
    for obstacle in obstacles {
        if !texts.contains(&&obstacle.message[..]) {
            texts.push(&obstacle.message);
        }
    }
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// What the array is built for: learning where it can. Otherwise why it does not accept the network.
pub(super) fn purpose(checked: &Checked) -> Result<Purpose, String> {
    match obstacle(checked, Engine::Array) {
        Some(why) => Err(why),
        None if obstacle(checked, Engine::ArrayTraining).is_some() => Ok(Purpose::Inference),
        None => Ok(Purpose::Learning),
    }
}

fn layers(network: &Network) -> Content {
    let sizes = |p: &Projection| (network.source_size(p), network.destination_size(p));
    let source = network.population(network.readout.source).shape.size();
    let readout = (source, network.readout.classes as usize);
    let layers = network.projections.iter().map(sizes).chain([readout]);
    let rows = layers.enumerate();
    let rows = rows.map(|(index, sizes)| layer(network, index, sizes));
    let training = &network.training;
    let caption = format!(
        "Layers; {} steps forward, {} backward",
        training.forward.steps, training.backward.steps
    );
    table(
        &caption,
        &[
            "layer",
            "sources",
            "destinations",
            "weights",
            "biases",
            "learns",
        ],
        rows.collect(),
    )
}

fn layer(network: &Network, index: usize, (sources, destinations): (usize, usize)) -> Vec<String> {
    let weights = network.weight_shape(index).iter().product();
    let learns = match (weights, network.is_frozen(index)) {
        (0, _) => "nothing to learn",
        (_, true) => "no, frozen",
        (_, false) => "yes",
    };
    vec![
        network.layer_name(index),
        count(sources),
        count(destinations),
        count(weights),
        count(network.biases(index)),
        learns.to_string(),
    ]
}

fn count(number: usize) -> String {
    grouped(number as u64)
}

pub(super) fn table(caption: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Content {
    Content::Table(Table {
        caption: caption.to_string(),
        heads: heads.iter().map(|head| head.to_string()).collect(),
        rows,
    })
}

fn training(sources: &Sources) -> Result<Vec<Content>, Failure> {
    let Some(log) = &sources.log else {
        return Ok(vec![Content::Missing(format!(
            "Loss and accuracy: no log was given. `spidec train --log LOG` writes one, `{} --log LOG` shows it.",
            sources.command
        ))]);
    };
    let Some(picture) = report::curves(log)? else {
        return Ok(vec![Content::Missing(
            "Loss and accuracy: the log has no epoch yet.".to_string(),
        )]);
    };
    let mut content = vec![Content::Picture(picture)];
    let has_loss = |epoch: &Epoch| epoch.train_loss.or(epoch.test_loss).is_some();
    if !log.iter().any(has_loss) {
        content.push(Content::Missing("Loss: the log has none.".to_string()));
    }
    let loss = |loss: Option<f64>| loss.map_or(String::new(), |loss| format!("{loss:.4}"));
    let rows = log.iter().map(|epoch| {
        vec![
            epoch.number.to_string(),
            loss(epoch.train_loss),
            loss(epoch.test_loss),
            format!("{:.2}", 100.0 * epoch.train_accuracy),
            format!("{:.2}", 100.0 * epoch.test_accuracy),
        ]
    });
    let heads = [
        "epoch",
        "training loss",
        "test loss",
        "training accuracy, %",
        "test accuracy, %",
    ];
    content.push(table("Epochs", &heads, rows.collect()));
    content.push(match report::activity(&sources.checked.network, log)? {
        Some(picture) => Content::Picture(picture),
        None => {
            Content::Missing("Firing rates over epochs: the log does not tell them.".to_string())
        }
    });
    Ok(content)
}

/// The constants of the epoch that the state has come to; why there are none.
pub(super) fn learning(engine: &FixedEngine, sources: &Sources) -> Result<Learning, String> {
    if let Some(why) = obstacle(&sources.checked, Engine::FixedTraining) {
        return Err(why);
    }
    let epoch = sources.state.as_ref().map_or(0, |state| state.epochs);
    engine.learning(epoch).map_err(|e| e.to_string())
}

/// Cycles, then memory.
fn array(sources: &Sources) -> Result<(Vec<Content>, Vec<Content>), Failure> {
    let checked = &sources.checked;
    let largest = match purpose(checked) {
        Ok(purpose) => purpose,
        Err(why) => {
            let missing = |what: &str| {
                let text = format!("{what}: the array does not accept this network: {why}.");
                vec![Content::Missing(text)]
            };
            return Ok((missing("Cycles"), missing("Memories")));
        }
    };
    let parameters = input::fitted(&checked.network, sources.state.as_ref())?;
    let inferring = input::program(checked, Purpose::Inference)?;
    let (inference, mut training) = match &sources.cycles {
        Some([inference, training]) => (inference.clone(), Some(training.clone())),
        None => (measure(sources, &inferring, &parameters, None)?, None),
    };
    let fixed = FixedEngine::new(&checked.network).map_err(finding)?;
    let mut program = inferring;
    let mut missing = None;
    match (largest, learning(&fixed, sources)) {
        (Purpose::Learning, Ok(learning)) => {
            program = input::program(checked, Purpose::Learning)?;
            if training.is_none() {
                training = Some(measure(sources, &program, &parameters, Some(&learning))?);
            }
        }
        (Purpose::Learning, Err(why)) => missing = Some(why),
        (Purpose::Inference, _) => missing = obstacle(checked, Engine::ArrayTraining),
    }
    let mut cycles = vec![Content::Picture(report::cycles(
        &inference,
        training.as_ref(),
    )?)];
    if let Some(why) = missing {
        cycles.push(Content::Missing(format!(
            "Training: the array does not train this network: {why}."
        )));
    }
    cycles.push(Content::Text(SLOTS.to_string()));
    cycles.push(Content::Terms(terms()));
    cycles.push(stages(&inference, training.as_ref()));
    let memory = vec![
        Content::Picture(report::memory(&program)),
        rows(&program),
        memories(&program),
    ];
    Ok((cycles, memory))
}

/// The words of cycles.
const SLOTS: &str = "The array has lanes, each with the arithmetic of one neuron. A population's neurons are handled in \
    chunks: one neuron for each lane. A source that is not zero is an event. In a slot an event's value, times a weight in \
    each lane, is added to the sums of a chunk. Lane use is useful lanes over all lanes of all cycles. The cycles of a \
    stage are:";

fn terms() -> Vec<Term> {
    let term = |part: Part| Term {
        word: part.name().to_string(),
        meaning: part.meaning().to_string(),
    };
    Part::ALL.map(term).to_vec()
}

/// Runs the array engine on some samples; with learning constants it trains.
fn measure(
    sources: &Sources,
    program: &ArrayProgram,
    parameters: &FixedParameters,
    learning: Option<&Learning>,
) -> Result<Measured, Failure> {
    let mut engine = ArrayEngine::new(program, parameters).map_err(finding)?;
    if let Some(learning) = learning {
        engine.learning.seed = sources.checked.network.training.seed;
        engine.learning.samples = sources.state.as_ref().map_or(0, |state| state.samples);
        engine.learning.constants.clone_from(&learning.constants);
    }
    let data = input::constant(&sources.data)?.first(MEASURED);
    let (mut counters, mut idle) = (Counters::default(), [Idle::default(); 6]);
    for (sample, label) in data.samples() {
        let outcome: Outcome = match learning {
            Some(_) => engine.train(sample, label),
            None => engine.infer(sample),
        };
        counters += outcome.counters;
        for (sum, idle) in idle.iter_mut().zip(outcome.idle) {
            *sum += idle;
        }
    }
    Ok(Measured {
        samples: data.len(),
        lanes: program.machine.lanes,
        counters,
        idle,
    })
}

fn stages(inference: &Measured, training: Option<&Measured>) -> Content {
    let mut rows = Vec::new();
    for (name, measured) in [("inference", inference)]
        .into_iter()
        .chain(training.map(|t| ("training", t)))
    {
        for stage in measured.stages() {
            let mut row = vec![
                format!("{name}, {}", stage.stage.name()),
                rounded(stage.all()),
            ];
            row.extend(stage.parts.iter().map(|&cycles| rounded(cycles)));
            rows.push(row);
        }
    }
    let heads: Vec<&str> = ["stage", "cycles"]
        .into_iter()
        .chain(Part::ALL.map(Part::name))
        .collect();
    table("Mean cycles a sample", &heads, rows)
}

fn rows(program: &ArrayProgram) -> Content {
    let lanes = program.machine.lanes;
    let each = program.layers.iter().map(|layer| {
        let bias = layer.bias_block.map_or(0, |_| layer.chunks);
        let all = layer.end() - layer.block;
        let mut cells = vec![layer.name.clone()];
        cells
            .extend([layer.block, all - bias, bias].map(|blocks| grouped((blocks * lanes).into())));
        cells
    });
    let heads = ["layer", "first row", "rows of weights", "rows of biases"];
    table("Rows of each weight bank", &heads, each.collect())
}

fn memories(program: &ArrayProgram) -> Content {
    let mut rows = Vec::new();
    let memories = report::memories(program);
    let row = |memory: &report::Memory| {
        [memory.banks, memory.words, memory.bits]
            .map(|n| grouped(n.into()))
            .to_vec()
    };
    for memory in &memories {
        let mut cells = vec![memory.name.to_string()];
        cells.extend(row(memory));
        cells.push(grouped(memory.total()));
        rows.push(cells);
    }
    let kind = if program.machine.learning {
        "learning"
    } else {
        "inference"
    };
    let caption = format!(
        "Memories of the {kind} build; beside them it has {} multipliers: one a lane, one for an event's value, one \
         for its block",
        report::multipliers(program)
    );
    table(
        &caption,
        &["memory", "banks", "words each", "bits a word", "bits"],
        rows,
    )
}

fn verified(sources: &Sources, simulated: Option<&Simulated>) -> Vec<Content> {
    match simulated {
        None => vec![Content::Missing(match purpose(&sources.checked) {
            Ok(_) => format!(
                "Verification: it was not asked for. `{} --verify N` simulates the hardware on N samples.",
                sources.command
            ),
            Err(why) => format!(
                "Verification: there is no hardware to simulate, since the array does not accept this network: {why}."
            ),
        })],
        Some(Simulated::Missing(failure)) => vec![Content::Missing(format!(
            "Verification: it could not run: {}",
            failure.text()
        ))],
        Some(Simulated::Done(result)) => {
            let verdict = match &result.why {
                None => "All values agree.".to_string(),
                Some(why) => format!("It did not pass: {why}."),
            };
            let shown = |kind: &Kind| result.kinds.iter().any(|shown| shown.kind == kind.name());
            let term = |kind: Kind| Term {
                word: kind.name().replace('_', " "),
                meaning: kind.meaning().to_string(),
            };
            let terms = Kind::ALL.into_iter().filter(shown).map(term);
            vec![
                Content::Text(verdict),
                Content::Picture(report::verification(result)),
                Content::Terms(terms.collect()),
            ]
        }
    }
}
