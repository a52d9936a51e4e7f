//! The manifest: everything a host needs to drive the hardware, with names of the network file.

use super::{ProjectFile, Start};
use serde_json::{Value, json};
use spidec_ir::fixed::LearningConstant;
use spidec_ir::program::{ArrayProgram, ENCODING_VERSION, HOST_VERSION, NeuronMap};
use spidec_ir::trace::Stage;
use spidec_ir::{Network, Rounding};

/// Version of the manifest's keys.
pub const VERSION: u32 = 3;

/// Registers of region 0: offset, name, what it is. `spidec_host.v` has the same table.
const REGISTERS: [(u32, &str, &str); 8] = [
    (0, "identity", "0x53504443, \"SPDC\""),
    (1, "machine", "hash of the machine"),
    (
        2,
        "design_low",
        "hash of the design in the program memory, low word; outlives a reset; 0 from a write to the \
         program memory until it is written",
    ),
    (3, "design_high", "the high word of design_low"),
    (
        5,
        "status",
        "bit 0 running, bit 1 done, bit 2 error, bits 15 to 8 error code",
    ),
    (6, "prediction", "class of the largest logit"),
    (
        7,
        "limit",
        "watchdog: most cycles a sample, 0 for no limit; writable",
    ),
    (8, "lanes", "lanes"),
];

/// Of a machine that only infers.
const INFERENCE_REGISTERS: [(u32, &str, &str); 1] = [(4, "control", "write bit 0: start a sample")];

/// Error codes of the status register.
const ERRORS: [(u32, &str, &str); 7] = [
    (1, "scanner", "the watchdog stopped it"),
    (2, "loop generator", "the watchdog stopped it"),
    (3, "array", "the watchdog stopped it"),
    (4, "readout", "the watchdog stopped it"),
    (5, "sequencer", "the watchdog stopped it"),
    (6, "unknown instruction", "the program is damaged"),
    (
        7,
        "refused",
        "an access to memory, or a start, while a sample ran",
    ),
];

/// Error codes of a machine that learns.
const LEARNING_ERRORS: [(u32, &str, &str); 2] = [
    (
        8,
        "loss",
        "the watchdog stopped it; weights may be partly updated",
    ),
    (
        9,
        "noise",
        "the watchdog stopped it; weights may be partly updated",
    ),
];

/// Registers of a machine that learns.
const LEARNING_REGISTERS: [(u32, &str, &str); 6] = [
    (4, "control", "write bit 0: start a sample; bit 1: train it"),
    (9, "label", "class of the next training sample; writable"),
    (10, "seed_low", "seed of the rounding noise; writable"),
    (11, "seed_high", "the high word of seed_low; writable"),
    (
        12,
        "samples_low",
        "samples trained, counted by the hardware; writable",
    ),
    (13, "samples_high", "the high word of samples_low; writable"),
];

/// Counters of a stage: kind, name, what they count. Offset 64 + 8 * kind + stage.
const COUNTERS: [(u32, &str, &str); 5] = [
    (0, "cycles", "cycles"),
    (1, "slots", "cycles with an event on a chunk"),
    (2, "useful", "lanes of these that did work"),
    (3, "waits", "cycles that waited for a chunk's sum"),
    (4, "passes", "cycles with a chunk of a pass"),
];

/// Counters of a sample: offset, name, what they count.
const SAMPLE_COUNTERS: [(u32, &str, &str); 5] = [
    (104, "events", "events scattered or learned from"),
    (105, "spikes", "spikes of the forward stage"),
    (106, "saturations", "membranes that were clamped"),
    (
        112,
        "clamp_place",
        "of the first clamped membrane: bit 31 backward stage, bits 30 to 16 step from 0, bits 15 to 0 chunk",
    ),
    (113, "clamp_lanes", "its lanes; 0: none was clamped"),
];

/// Counters of a training sample.
const LEARNING_COUNTERS: [(u32, &str, &str); 6] = [
    (107, "backward_spikes", "spikes of the backward stage"),
    (108, "weight_saturations", "weights that were clamped"),
    (109, "error_saturations", "errors that were clamped"),
    (
        114,
        "weight_clamp_row",
        "of the first clamped weight: block * lanes + destination's lane",
    ),
    (
        115,
        "weight_clamp_banks",
        "its banks, source's lane xor destination's lane; 0: none was clamped",
    ),
    (
        116,
        "error_clamp_class",
        "class of the first clamped error, where any was",
    ),
];

/// Regions of the host port: number, name, how an offset is made.
const REGIONS: [(u32, &str, &str); 8] = [
    (0, "registers", "register"),
    (1, "program", "8 * instruction + word; write word 4 last"),
    (
        2,
        "input",
        "value / 4, four values a word; write a row's last word last",
    ),
    (
        3,
        "weights",
        "row * lanes + bank, row = block * lanes + source's lane; signed",
    ),
    (4, "states", "chunk * lanes + lane; signed"),
    (5, "currents", "chunk * lanes + lane; signed"),
    (6, "counts", "chunk * lanes + lane"),
    (7, "spikes", "chunk * lanes; read only"),
];

/// Regions of a machine that learns.
const LEARNING_REGIONS: [(u32, &str, &str); 2] = [
    (8, "errors", "chunk * lanes + lane; signed"),
    (
        9,
        "constants",
        "layer; bits 22 to 18 shift, bits 17 to 0 mantissa",
    ),
];

/// Two tables, the second only of a machine that learns.
fn table(
    learning: bool,
    key: &str,
    all: &[(u32, &str, &str)],
    more: &[(u32, &str, &str)],
    text: &str,
) -> Vec<Value> {
    let more = more.iter().filter(|_| learning);
    all.iter()
        .chain(more)
        .map(|(number, name, what)| json!({ key: number, "name": name, text: what }))
        .collect()
}

/// Stages by number, as instructions and counters name them.
fn stages(learning: bool) -> Vec<&'static str> {
    let all: &[Stage] = if learning {
        &Stage::ALL
    } else {
        &Stage::INFERENCE
    };
    all.iter().map(|stage| stage.name()).collect()
}

/// Epochs whose learning constants the manifest gives.
const EPOCHS: u32 = 32;

/// What a host needs to train: seed, rounding, formats, and the constants of the next epochs, `[mantissa,
/// shift]` a layer; where one no longer fits its register, the epoch and those behind it are left out.
fn training(network: &Network, start: Start) -> Value {
    let layers = network.projections.len() + 1;
    let epochs = (start.epochs..start.epochs.saturating_add(EPOCHS))
        .map(|epoch| super::constants(network, epoch));
    let epochs = epochs.take_while(|constants| constants.len() == layers);
    let pairs = |constants: Vec<LearningConstant>| -> Vec<Value> {
        let pair = |c: &LearningConstant| json!([c.mantissa, c.shift]);
        constants.iter().map(pair).collect()
    };
    let error = network.array.error;
    json!({
        "seed": network.training.seed,
        "samples": start.samples,
        "epochs_done": start.epochs,
        "rounding": match network.array.learning {
            Rounding::Stochastic => "stochastic",
            Rounding::Nearest => "nearest",
        },
        "error": { "bits": error.bits, "frac": error.frac },
        "constants": epochs.map(pairs).collect::<Vec<_>>(),
        "constants_of": "from that epoch on, by layer: mantissa, shift; images/ holds the first, the host \
                         writes the others between epochs",
    })
}

/// The manifest as JSON text. `files` are all others of the project.
pub(super) fn manifest(
    network: &Network,
    program: &ArrayProgram,
    start: Start,
    files: &[ProjectFile],
) -> String {
    let machine = &program.machine;
    let neurons = |map: &NeuronMap| {
        json!({
            "name": map.name, "line": map.line, "neurons": map.neurons,
            "chunk": map.chunk, "chunks": map.chunks,
        })
    };
    let layers: Vec<Value> = program
        .layers
        .iter()
        .map(|layer| {
            json!({
                "name": layer.name, "line": layer.line,
                "sources": layer.sources, "destinations": layer.destinations,
                "source_chunks": layer.source_chunks, "chunks": layer.chunks,
                "block": layer.block, "bias_block": layer.bias_block,
            })
        })
        .collect();
    let mut registers = table(
        machine.learning,
        "offset",
        &REGISTERS,
        &LEARNING_REGISTERS,
        "what",
    );
    if !machine.learning {
        registers.extend(table(true, "offset", &INFERENCE_REGISTERS, &[], "what"));
    }
    registers.sort_by_key(|register| register["offset"].as_u64());
    let mut manifest = json!({
        "manifest_version": VERSION,
        "network": program.network,
        "design": program.design,
        "images": super::images_hash(files),
        "machine_id": format!("{:08x}", machine.id()),
        "covers": {
            "design": "the network's canonical text and the array program; not weights: projects of one \
                       network file and seed differ in `images` alone",
            "images": "the files in images/: the program and all weights",
            "machine_id": "lanes, widths and depths, the instruction encoding's version, the host port's version",
        },
        "encoding_version": ENCODING_VERSION,
        "host_version": HOST_VERSION,
        "top": spidec_rtl::TOP,
        "clock": "clk_i",
        "reset": "rst_i, synchronous, active high",
        "lanes": machine.lanes,
        "formats": {
            "weight": { "bits": machine.weight_bits, "frac": program.weight_frac },
            "membrane": { "bits": machine.membrane_bits, "frac": program.membrane_frac },
            "accumulator_bits": machine.accumulator_bits,
            "logit_unit": format!("1 / ({} * 2^{})", program.steps, program.weight_frac),
        },
        "depths": {
            "blocks": machine.blocks, "chunks": machine.chunks,
            "input_rows": machine.input_rows, "instructions": machine.instructions,
        },
        "learning": machine.learning,
        "bank": if machine.learning { "a xor b" } else { "a" },
        "bank_of": "the weight from source lane b to destination lane a of a block; its row is block * lanes + b",
        "registers": registers,
        "error_codes": table(machine.learning, "code", &ERRORS, &LEARNING_ERRORS, "what"),
        "stages": stages(machine.learning),
        "stage_counters_at": "offset 64 + 8 * kind + number of the stage in `stages`",
        "stage_counters": table(false, "kind", &COUNTERS, &[], "what"),
        "sample_counters":
            table(machine.learning, "offset", &SAMPLE_COUNTERS, &LEARNING_COUNTERS, "what"),
        "regions": table(machine.learning, "region", &REGIONS, &LEARNING_REGIONS, "offset"),
        "input": {
            "name": program.input.name, "line": program.input.line,
            "values": program.input.values, "rows": program.input.rows,
        },
        "populations": program.populations.iter().map(neurons).collect::<Vec<_>>(),
        "readout": neurons(&program.readout),
        "logits": "states of the readout's chunks, offset chunk * lanes of region 4 on",
        "layers": layers,
        "files": files.iter().map(|file| &file.path).collect::<Vec<_>>(),
    });
    if machine.learning {
        manifest["training"] = training(network, start);
        manifest["depths"]["layers"] = json!(machine.layers);
    }
    format!("{manifest:#}\n")
}
