//! The C header: numbers that a host needs, as macros that C99 and C++ take. Where names of the network file
//! are needed too, the manifest has them.

use super::host::{self, Row};
use super::{Start, images, next_constants};
use spidec_ir::Network;
use spidec_ir::program::{ArrayProgram, ENCODING_VERSION, HOST_VERSION};
use std::fmt::Write;

/// The header's text.
#[derive(Default)]
struct Header(String);

impl Header {
    /// A comment on a line of its own, behind an empty one.
    fn section(&mut self, text: &str) {
        self.line(&format!("\n/* {text} */"));
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn define(&mut self, name: &str, value: &str, what: &str) {
        let name = format!("SPIDEC_{}", name.to_uppercase().replace(' ', "_"));
        let text = format!("#define {name:<31} {value}");
        match what {
            "" => self.line(&text),
            _ => self.line(&format!("{text:<50} /* {what} */")),
        }
    }

    fn number(&mut self, name: &str, value: u32, what: &str) {
        self.define(name, &format!("{value}u"), what);
    }

    fn hash(&mut self, name: &str, value: u32, what: &str) {
        self.define(name, &format!("0x{value:08x}u"), what);
    }

    fn table(&mut self, prefix: &str, rows: Vec<Row>) {
        for (number, name, what) in rows {
            self.number(&format!("{prefix}_{name}"), number, what);
        }
    }
}

/// `spidec.h` of a project whose images have this hash.
pub(super) fn header(
    network: &Network,
    program: &ArrayProgram,
    start: Start,
    images: &str,
) -> String {
    let machine = &program.machine;
    let learning = machine.learning;
    let mut header = Header::default();
    header.line(&format!(
        "/* {}: what a host in C needs of spidec_top. manifest.json has the same numbers, and the names of the\n\
         \x20  network file. An address of the host port is a region plus an offset; registers are region 0. */",
        program.network
    ));
    header.line("#ifndef SPIDEC_H\n#define SPIDEC_H");

    header.section("Identities: compare them with the registers before anything is loaded.");
    let design = u64::from_str_radix(&program.design, 16).unwrap_or(0);
    header.hash("IDENTITY", host::IDENTITY, "SPDC, as bytes");
    header.hash("MACHINE", machine.id(), "");
    header.hash("DESIGN_LOW", design as u32, "");
    header.hash("DESIGN_HIGH", (design >> 32) as u32, "");
    header.define(
        "IMAGES",
        &format!("\"{images}\""),
        "program and weights of images/",
    );
    header.number("HOST_VERSION", HOST_VERSION, "");
    header.number("ENCODING_VERSION", ENCODING_VERSION, "");

    header.section("Sizes.");
    let lanes = machine.lanes;
    let readout = &program.readout;
    header.number("LEARNING", u32::from(learning), "1: it trains itself");
    header.number("LANES", lanes, "");
    header.number("INPUT_VALUES", program.input.values, "bytes, 0 to 255");
    let words = program.input.rows * lanes / 4;
    header.number(
        "INPUT_WORDS",
        words,
        "all are to be written, the last filled with zeros",
    );
    header.number("CLASSES", readout.neurons, "");
    header.number(
        "WEIGHT_WORDS",
        machine.weight_rows() * lanes,
        "those without a weight hold 0",
    );
    header.number("WEIGHT_BITS", machine.weight_bits, "");
    header.number("WEIGHT_FRAC", program.weight_frac, "");
    header.number(
        "STEPS",
        program.steps,
        "a logit is this times 2^WEIGHT_FRAC times its real value",
    );
    header.number("INSTRUCTIONS", machine.instructions, "");
    header.number("CHUNKS", machine.chunks, "");

    header.section("Regions.");
    for (number, name, what) in host::rows(learning, &host::REGIONS, &host::LEARNING_REGIONS) {
        header.hash(&format!("REGION_{name}"), number << 24, what);
    }
    header.section("Of the states: the first logit; the others follow.");
    header.number("LOGITS", readout.chunk * lanes, "");

    header.section("Registers.");
    header.table("REG", host::registers(learning));
    header.section("Bits of control and status.");
    header.table(
        "CONTROL",
        host::rows(learning, &host::CONTROL, &host::LEARNING_CONTROL),
    );
    header.table("STATUS", host::STATUS.to_vec());
    header.line("#define SPIDEC_STATUS_CODE(status)      (((status) >> 8) & 0xffu)");
    header.section("Error codes.");
    header.table(
        "ERROR",
        host::rows(learning, &host::ERRORS, &host::LEARNING_ERRORS),
    );

    header.section(
        "Counters of the last sample, registers too: of a stage, and of the whole sample.",
    );
    header.line(&format!(
        "#define SPIDEC_COUNTER(kind, stage)     ({}u + 8u * (kind) + (stage))",
        host::STAGE_COUNTERS
    ));
    header.table("KIND", host::COUNTERS.to_vec());
    for (number, stage) in (0..).zip(host::stages(learning)) {
        header.number(&format!("STAGE_{stage}"), number, "");
    }
    header.table(
        "COUNT",
        host::rows(learning, &host::SAMPLE_COUNTERS, &host::LEARNING_COUNTERS),
    );
    if learning {
        constants(&mut header, network, program, start);
    }
    header.line("\n#endif");
    header.0
}

/// The words of the region of constants, epoch by epoch.
fn constants(header: &mut Header, network: &Network, program: &ArrayProgram, start: Start) {
    let epochs = next_constants(network, start);
    header.section(
        "Learning constants, a word a layer; images/ holds those of the first of these epochs.",
    );
    header.number("LAYERS", program.layers.len() as u32, "");
    header.number("FIRST_EPOCH", start.epochs, "");
    header.number("EPOCHS", epochs.len() as u32, "");
    let rows: Vec<String> = epochs
        .iter()
        .map(|constants| {
            let words = constants.iter().map(images::constant);
            let words: Vec<String> = words.map(|word| format!("0x{word:06x}u")).collect();
            format!("{{ {} }}", words.join(", "))
        })
        .collect();
    let mut text = String::from("#define SPIDEC_CONSTANTS {");
    for row in rows {
        // Writing to a string does not fail.
        let _ = write!(text, " \\\n  {row},");
    }
    header.line(&format!("{text} \\\n}}"));
}
