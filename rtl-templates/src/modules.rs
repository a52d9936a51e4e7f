//! One struct a template.

use askama::Template;
use spidec_ir::program::{ArrayProgram, HAZARD, Machine};

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
    Scanner "spidec_scanner.v",
    Lane "spidec_lane.v",
    Array "spidec_array.v",
    Sequencer "spidec_sequencer.v",
    Readout "spidec_readout.v",
    Counters "spidec_counters.v",
    Host "spidec_host.v",
    Waivers "spidec_waivers.vlt",
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
    lanes: u32,
    log: u32,
    weight_bits: u32,
    membrane_bits: u32,
    acc: u32,
    value: u32,
    count: u32,
    data: u32,
    shift: i32,
    weights: u32,
    chunks: u32,
    inputs: u32,
    program: u32,
    machine_id: String,
}

impl Core {
    pub(crate) fn new(machine: &Machine) -> Core {
        Core {
            lanes: machine.lanes,
            log: machine.lanes_log(),
            weight_bits: machine.weight_bits,
            membrane_bits: machine.membrane_bits,
            acc: machine.accumulator_bits,
            value: machine.value_bits,
            count: machine.count_bits,
            data: machine.data_bits(),
            shift: machine.input_shift,
            weights: machine.weight_rows,
            chunks: machine.chunks,
            inputs: machine.input_rows,
            program: machine.instructions,
            machine_id: format!("{:08x}", machine.id()),
        }
    }
}

/// The top level: one network's names and hash.
#[derive(Template)]
#[template(path = "spidec_top.v", escape = "none")]
pub(crate) struct Top<'a> {
    network: &'a str,
    design: &'a str,
    map: Vec<String>,
}

impl Top<'_> {
    pub(crate) fn new(program: &ArrayProgram) -> Top<'_> {
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
            let columns = layer.sources + u32::from(layer.bias_row.is_some());
            map.push(format!(
                "line {:3}  weights of {}: {} x {}, weight rows {} to {}",
                layer.line,
                layer.name,
                layer.destinations,
                layer.sources,
                layer.row,
                layer.row + columns * layer.chunks - 1
            ));
        }
        Top {
            network: &program.network,
            design: &program.design,
            map,
        }
    }
}
