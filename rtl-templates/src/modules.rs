//! One struct a template.

use askama::Template;
use spidec_ir::fixed::{SOFTMAX_ENTRIES, softmax_table};
use spidec_ir::program::{ArrayProgram, HAZARD, Machine};
use spidec_ir::random::speck::ROUNDS;
use spidec_ir::random::{NOISE_INDEX_BITS, NOISE_KEY, noise_destination, noise_source};

/// Modules whose numbers are Verilog parameters.
macro_rules! plain {
    ($($name:ident $path:literal),* $(,)?) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        pub(crate) struct $name;
    )*};
}

plain! {
    Ram "spidec_ram.v",
    Weights "spidec_weights.v",
    Permuter "spidec_permuter.v",
    Update "spidec_update.v",
    Divider "spidec_divider.v",
    Loss "spidec_loss.v",
    Scanner "spidec_scanner.v",
    Readout "spidec_readout.v",
    Waivers "spidec_waivers.vlt",
}

/// Modules from which an inference build leaves out what learns.
macro_rules! kinds {
    ($($name:ident $path:literal),* $(,)?) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        pub(crate) struct $name {
            pub(crate) learning: bool,
        }
    )*};
}

kinds! {
    Lane "spidec_lane.v",
    Sequencer "spidec_sequencer.v",
    Counters "spidec_counters.v",
    Host "spidec_host.v",
}

/// The parts of the rounding noise, a word for each bit of an index.
fn noise_words(part: fn(u32) -> u32) -> Vec<String> {
    (0..NOISE_INDEX_BITS)
        .map(|bit| format!("{:08x}", part(1 << bit)))
        .collect()
}

/// The array: it gives each lane its part of the rounding noise.
#[derive(Template)]
#[template(path = "spidec_array.v", escape = "none")]
pub(crate) struct Array {
    learning: bool,
    source: Vec<String>,
}

impl Array {
    pub(crate) fn new(machine: &Machine) -> Array {
        let mut source = noise_words(noise_source);
        source.truncate(machine.lanes_log() as usize);
        Array {
            learning: machine.learning,
            source,
        }
    }
}

/// The rounding noise.
#[derive(Template)]
#[template(path = "spidec_noise.v", escape = "none")]
pub(crate) struct Noise {
    rounds: u32,
    key: String,
    destination: Vec<String>,
    source: Vec<String>,
}

impl Noise {
    pub(crate) fn new() -> Noise {
        Noise {
            rounds: ROUNDS,
            key: format!("{NOISE_KEY:08x}"),
            destination: noise_words(noise_destination),
            source: noise_words(noise_source),
        }
    }
}

/// The softmax table.
#[derive(Template)]
#[template(path = "spidec_softmax.v", escape = "none")]
pub(crate) struct Softmax {
    entries: [u32; SOFTMAX_ENTRIES],
}

impl Softmax {
    pub(crate) fn new() -> Softmax {
        Softmax {
            entries: softmax_table(),
        }
    }
}

/// The loop generator, with the one constant that timing and hardware share.
#[derive(Template)]
#[template(path = "spidec_issue.v", escape = "none")]
pub(crate) struct Issue {
    hazard: u32,
}

impl Issue {
    pub(crate) fn new() -> Issue {
        Issue { hazard: HAZARD }
    }
}

/// The core: where a machine's numbers are written.
#[derive(Template)]
#[template(path = "spidec_core.v", escape = "none")]
pub(crate) struct Core {
    learning: bool,
    lanes: u32,
    log: u32,
    weight_bits: u32,
    operand: u32,
    membrane_bits: u32,
    acc: u32,
    sum: u32,
    count: u32,
    error: u32,
    layers: u32,
    data: u32,
    blocks: u32,
    chunks: u32,
    classes: u32,
    inputs: u32,
    program: u32,
    stages: usize,
    machine_id: String,
}

impl Core {
    pub(crate) fn new(machine: &Machine) -> Core {
        let learning = machine.learning;
        Core {
            learning,
            lanes: machine.lanes,
            log: machine.lanes_log(),
            weight_bits: machine.weight_bits,
            operand: machine.operand_bits,
            membrane_bits: machine.membrane_bits,
            acc: machine.accumulator_bits,
            // In learning, a product of 31 bits and noise of as many.
            sum: if learning {
                machine.accumulator_bits.max(34)
            } else {
                machine.accumulator_bits
            },
            count: machine.count_bits,
            error: machine.error_bits,
            layers: machine.layers,
            data: machine.data_bits(),
            blocks: machine.blocks,
            chunks: machine.chunks,
            // As many as the state memories hold, up to the most that a network can have.
            classes: (machine.chunks * machine.lanes).min(1024),
            inputs: machine.input_rows,
            program: machine.instructions,
            stages: if learning { 6 } else { 3 },
            machine_id: format!("{:08x}", machine.id()),
        }
    }
}

/// The top level: one network's names and hash.
#[derive(Template)]
#[template(path = "spidec_top.v", escape = "none")]
pub(crate) struct Top<'a> {
    learning: bool,
    network: &'a str,
    design: &'a str,
    seed: String,
    samples: String,
    map: Vec<String>,
}

impl Top<'_> {
    pub(crate) fn new(program: &ArrayProgram, seed: u64, samples: u64) -> Top<'_> {
        let mut map = vec![format!(
            "line {:3}  input {}: {} values, input rows 0 to {}",
            program.input.line,
            program.input.name,
            program.input.values,
            program.input.rows - 1
        )];
        for (kind, p) in (program.populations.iter().map(|p| ("population", p)))
            .chain([("readout", &program.readout)])
        {
            map.push(format!(
                "line {:3}  {kind} {}: {}, chunks {} to {}",
                p.line,
                p.name,
                p.neurons,
                p.chunk,
                p.chunk + p.chunks - 1
            ));
        }
        for layer in &program.layers {
            map.push(format!(
                "line {:3}  weights of {}: {} x {}, blocks {} to {}",
                layer.line,
                layer.name,
                layer.destinations,
                layer.sources,
                layer.block,
                layer.end() - 1
            ));
        }
        Top {
            learning: program.machine.learning,
            network: &program.network,
            design: &program.design,
            seed: format!("{seed:016x}"),
            samples: format!("{samples:016x}"),
            map,
        }
    }
}
