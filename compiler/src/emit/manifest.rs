//! The manifest: everything a host needs to drive the hardware, with names of the network file.

use serde_json::{Value, json};
use spidec_ir::program::{
    ArrayProgram, ENCODING_VERSION, HOST_VERSION, NeuronMap, PROGRAM_VERSION,
};

/// Registers of region 0: offset, name, what it is. `spidec_host.v` has the same table.
const REGISTERS: [(u32, &str, &str); 17] = [
    (0, "identity", "0x53504443, \"SPDC\""),
    (1, "machine", "hash of the machine"),
    (
        2,
        "design_low",
        "hash of the design in the program memory, low word; outlives a reset; 0 from a write to the \
         program memory until it is written",
    ),
    (3, "design_high", "the same, high word"),
    (4, "control", "write bit 0: start a sample"),
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
    (8, "cycles_input", "cycles of the input stage"),
    (9, "cycles_forward", "cycles of the forward stage"),
    (10, "cycles_readout", "cycles of the readout"),
    (11, "events", "events scattered"),
    (12, "slots", "lanes times chunks of the events"),
    (13, "useful", "slots on a real weight"),
    (14, "spikes", "spikes of the forward stage"),
    (15, "saturations", "membranes that were clamped"),
    (16, "lanes", "lanes"),
];

/// Regions of the host port: number, name, how an offset is made.
const REGIONS: [(u32, &str, &str); 8] = [
    (0, "registers", "register"),
    (1, "program", "4 * instruction + word; write word 3 last"),
    (
        2,
        "input",
        "value / 4, four values a word; write a row's last word last",
    ),
    (3, "weights", "row * lanes + lane; signed"),
    (4, "states", "chunk * lanes + lane; signed"),
    (5, "currents", "chunk * lanes + lane; signed"),
    (6, "counts", "chunk * lanes + lane"),
    (7, "spikes", "chunk * lanes; read only"),
];

/// The manifest as JSON text. `images` is the hash of the memory images.
pub(super) fn manifest(program: &ArrayProgram, images: &str) -> String {
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
                "row": layer.row, "chunks": layer.chunks, "bias_row": layer.bias_row,
            })
        })
        .collect();
    let manifest = json!({
        "manifest_version": PROGRAM_VERSION,
        "network": program.network,
        "design": program.design,
        "images": images,
        "machine_id": format!("{:08x}", machine.id()),
        "covers": {
            "design": "the network's canonical text and the array program; not weights: projects of one \
                       network file differ in `images` alone",
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
            "weight_rows": machine.weight_rows, "chunks": machine.chunks,
            "input_rows": machine.input_rows, "instructions": machine.instructions,
        },
        "registers": REGISTERS.map(|(offset, name, what)| {
            json!({ "offset": offset, "name": name, "what": what })
        }),
        "regions": REGIONS.map(|(number, name, offset)| {
            json!({ "region": number, "name": name, "offset": offset })
        }),
        "input": {
            "name": program.input.name, "line": program.input.line,
            "values": program.input.values, "rows": program.input.rows,
        },
        "populations": program.populations.iter().map(neurons).collect::<Vec<_>>(),
        "readout": neurons(&program.readout),
        "layers": layers,
    });
    format!("{manifest:#}\n")
}
