//! The host port in tables: registers, regions, counters, error codes. Manifest and C header are made from
//! them; `spidec_host.v` has the same in its head.

use spidec_ir::trace::Stage;

/// Number, name, what it is.
pub(super) type Row = (u32, &'static str, &'static str);

/// The offset of the first counter of a stage in the register region; see [`COUNTERS`].
pub(super) const STAGE_COUNTERS: u32 = 64;

/// What the register `identity` holds.
pub(super) const IDENTITY: u32 = u32::from_be_bytes(*b"SPDC");

/// Bits of the status register.
pub(super) const STATUS: [Row; 3] = [
    (1, "running", "a sample runs"),
    (2, "done", "a sample has ended, until the next start"),
    (4, "error", "bits 15 to 8 say which"),
];

/// Bits of the control register.
pub(super) const CONTROL: [Row; 1] = [(1, "start", "start a sample")];

/// Bits of the control register of a machine that learns.
pub(super) const LEARNING_CONTROL: [Row; 1] = [(2, "train", "train the sample that is started")];

/// Registers of region 0: offset, name, what it is. `spidec_host.v` has the same table.
pub(super) const REGISTERS: [Row; 8] = [
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
pub(super) const INFERENCE_REGISTERS: [Row; 1] = [(4, "control", "write bit 0: start a sample")];

/// Error codes of the status register.
pub(super) const ERRORS: [Row; 7] = [
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
pub(super) const LEARNING_ERRORS: [Row; 2] = [
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
pub(super) const LEARNING_REGISTERS: [Row; 6] = [
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
pub(super) const COUNTERS: [Row; 5] = [
    (0, "cycles", "cycles"),
    (1, "slots", "cycles with an event on a chunk"),
    (2, "useful", "lanes of these that did work"),
    (3, "waits", "cycles that waited for a chunk's sum"),
    (4, "passes", "cycles with a chunk of a pass"),
];

/// Counters of a sample: offset, name, what they count.
pub(super) const SAMPLE_COUNTERS: [Row; 5] = [
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
pub(super) const LEARNING_COUNTERS: [Row; 6] = [
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
pub(super) const REGIONS: [Row; 8] = [
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
pub(super) const LEARNING_REGIONS: [Row; 2] = [
    (8, "errors", "chunk * lanes + lane; signed"),
    (
        9,
        "constants",
        "layer; bits 22 to 18 shift, bits 17 to 0 mantissa",
    ),
];

/// Two tables, the second only of a machine that learns.
pub(super) fn rows(learning: bool, all: &[Row], more: &[Row]) -> Vec<Row> {
    let more = more.iter().filter(|_| learning);
    all.iter().chain(more).copied().collect()
}

/// The registers of a machine, by offset.
pub(super) fn registers(learning: bool) -> Vec<Row> {
    let mut registers = match learning {
        true => rows(true, &REGISTERS, &LEARNING_REGISTERS),
        false => rows(true, &REGISTERS, &INFERENCE_REGISTERS),
    };
    registers.sort_by_key(|&(offset, ..)| offset);
    registers
}

/// Stages by number, as instructions and counters name them.
pub(super) fn stages(learning: bool) -> Vec<&'static str> {
    let all: &[Stage] = if learning {
        &Stage::ALL
    } else {
        &Stage::INFERENCE
    };
    all.iter().map(|stage| stage.name()).collect()
}
