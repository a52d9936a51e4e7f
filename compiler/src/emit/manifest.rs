//! The manifest: everything a host needs to drive the hardware, with names of the network file.

use super::host::{self, Row};
use super::{ProjectFile, Start};
use serde_json::{Value, json};
use spidec_ir::fixed::LearningConstant;
use spidec_ir::program::{ArrayProgram, ENCODING_VERSION, HOST_VERSION, NeuronMap};
use spidec_ir::{Network, Rounding};

/// Version of the manifest's keys.
pub const VERSION: u32 = 3;

/// A table as a list of objects.
fn table(key: &str, rows: Vec<Row>, text: &str) -> Vec<Value> {
    rows.into_iter()
        .map(|(number, name, what)| json!({ key: number, "name": name, text: what }))
        .collect()
}

/// What a host needs to train: seed, rounding, formats, and the constants of the next epochs, `[mantissa,
/// shift]` a layer.
fn training(network: &Network, start: Start) -> Value {
    let epochs = super::next_constants(network, start);
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
        "constants": epochs.into_iter().map(pairs).collect::<Vec<_>>(),
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
    let learning = machine.learning;
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
        "registers": table("offset", host::registers(learning), "what"),
        "error_codes":
            table("code", host::rows(learning, &host::ERRORS, &host::LEARNING_ERRORS), "what"),
        "stages": host::stages(learning),
        "stage_counters_at": format!(
            "offset {} + 8 * kind + number of the stage in `stages`",
            host::STAGE_COUNTERS
        ),
        "stage_counters": table("kind", host::COUNTERS.to_vec(), "what"),
        "sample_counters": table(
            "offset",
            host::rows(learning, &host::SAMPLE_COUNTERS, &host::LEARNING_COUNTERS),
            "what"
        ),
        "regions": table(
            "region",
            host::rows(learning, &host::REGIONS, &host::LEARNING_REGIONS),
            "offset"
        ),
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
