//! The proofs: what is proven of which modules, how far, and the faults that break it.

use spidec_ir::random::speck::ROUNDS;
use spidec_ir::random::{noise_destination, noise_source};

/// How far a proof reaches.
#[derive(Clone, Copy, Debug)]
pub enum Reach {
    /// Nothing is clocked: one step is all there is.
    Complete,
    /// Runs of any length: the first so many cycles, and induction over as many.
    Unbounded(u32),
    /// The first so many cycles.
    Cycles(u32),
}

pub struct Proof {
    pub name: &'static str,
    /// The properties: module `NAME_properties`.
    pub properties: &'static str,
    pub modules: &'static [&'static str],
    /// What the properties see of the first module, as outputs `shown_NAME`: name, bits, expression.
    pub shown: &'static [Shown],
    pub parameters: &'static [(&'static str, u32)],
    /// Parameters that hold a function of the number contract, linear over the bits of an index: its value for each bit.
    pub contract: &'static [Table],
    pub reach: Reach,
    pub faults: &'static [Fault],
}

/// A parameter, and the function whose values it holds.
pub type Table = (&'static str, fn(u32) -> u32);

pub type Shown = (&'static str, &'static str, &'static str);

/// The module, what stands there, what replaces it; the assertions that then fail, at least one of them:
/// which, is the solver's choice.
pub type Fault = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// What the noise is made of.
const NOISE: &[Shown] = &[
    ("rounds", "5", "round_q"),
    ("hash", "32", "x_q"),
    ("next", "32", "next_q"),
    ("of_event", "32", "event_q"),
    ("position", "16", "position_q"),
    ("destination", "32", "destination(index_i)"),
    ("low", "32", "source({{(16-LOG){1'b0}}, index_i[LOG-1:0]})"),
    ("of_position", "32", "source(position_q)"),
];

/// The scanner's registers.
const SCANNER: &[Shown] = &[
    ("left", "16", "left_q"),
    ("reading", "1", "reading_q"),
    ("fetched", "1", "fetched_q"),
    ("next", "1", "next_q"),
    ("next_mask", "LANES", "next_mask_q"),
    ("next_held", "LANES", "next_held_q"),
    ("next_data", "LANES*DATA", "next_data_q"),
    ("mask", "LANES", "mask_q"),
    ("held", "LANES", "held_q"),
    ("some", "1", "some_q"),
    ("more", "1", "more_q"),
    ("data", "LANES*DATA", "data_q"),
    ("word", "16-LOG", "word_q"),
    ("count", "16-LOG", "count_q"),
];

pub const PROOFS: &[Proof] = &[
    Proof {
        name: "update",
        properties: include_str!("update.v"),
        modules: &["update"],
        shown: &[],
        parameters: &[("WEIGHT", 12), ("DELTA", 34)],
        contract: &[],
        reach: Reach::Complete,
        faults: &[
            (
                "update",
                "{minus, {(WEIGHT-1){!minus}}}",
                "exact[WEIGHT-1:0]",
                &["exactly"],
            ),
            (
                "update",
                "exact[DELTA:WEIGHT-1] != {(DELTA+2-WEIGHT)",
                "exact[DELTA:WEIGHT] != {(DELTA+1-WEIGHT)",
                &["says", "exactly", "down", "up"],
            ),
        ],
    },
    Proof {
        name: "permuter",
        properties: include_str!("permuter.v"),
        modules: &["permuter"],
        shown: &[],
        parameters: &[("LANES", 16), ("LOG", 4), ("WIDTH", 2)],
        contract: &[],
        reach: Reach::Complete,
        faults: &[(
            "permuter",
            "k ^ (1 << l)",
            "k ^ (1 << (l == LOG - 1 ? 0 : l))",
            &["placed"],
        )],
    },
    Proof {
        name: "noise_parts",
        properties: include_str!("noise.v"),
        modules: &["noise"],
        shown: NOISE,
        parameters: &[("PARTS", 1)],
        contract: &[("DESTINATION", noise_destination), ("SOURCE", noise_source)],
        reach: Reach::Complete,
        faults: &[(
            "noise",
            "destination = ({32{index[0]}}",
            "destination = ({32{index[1]}}",
            &["to", "from"],
        )],
    },
    Proof {
        name: "noise",
        properties: include_str!("noise.v"),
        modules: &["noise"],
        shown: NOISE,
        parameters: &[("ROUNDS", ROUNDS)],
        contract: &[("DESTINATION", noise_destination), ("SOURCE", noise_source)],
        reach: Reach::Unbounded(4),
        faults: &[
            (
                "noise",
                " ^ source({{(16-LOG){1'b0}}, index_i[LOG-1:0]});\n    if",
                ";\n    if",
                &["taken"],
            ),
            (
                "noise",
                "position_q <= first_i",
                "position_q <= position_q",
                &["along"],
            ),
            (
                "noise",
                "event_q ^ source(position_q)",
                "event_q ^ source(first_i)",
                &["adds"],
            ),
            (
                "noise",
                "else if (busy_o) begin",
                "else begin",
                &["kept", "lasts"],
            ),
        ],
    },
    Proof {
        name: "weights",
        properties: include_str!("weights.v"),
        modules: &["ram", "weights", "permuter"],
        shown: &[],
        parameters: &[("ALWAYS", 1)],
        contract: &[],
        reach: Reach::Unbounded(6),
        faults: &[
            (
                "weights",
                "write_row_i ? write_index_i ^ BANK",
                "write_row_i ? write_index_i",
                &["returned"],
            ),
            (
                "weights",
                "host_bank_i == BANK",
                "host_bank_i != BANK",
                &["returned"],
            ),
        ],
    },
    Proof {
        name: "weights_free",
        properties: include_str!("weights.v"),
        modules: &["ram", "weights", "permuter"],
        shown: &[],
        parameters: &[("ALWAYS", 0), ("WEIGHT", 1)],
        contract: &[],
        reach: Reach::Cycles(7),
        faults: &[(
            "weights",
            "row_i ? index_i ^ BANK : index_i",
            "index_i",
            &["returned"],
        )],
    },
    Proof {
        name: "scanner",
        properties: include_str!("scanner.v"),
        modules: &["scanner"],
        shown: SCANNER,
        parameters: &[("LANES", 4), ("WORDS", 2)],
        contract: &[],
        reach: Reach::Cycles(12),
        faults: &[
            // An event that waits is lost.
            (
                "scanner",
                "(!event_o || ready_i);",
                "1'b1;",
                &["whole", "stays"],
            ),
            (
                "scanner",
                "(take && !more_q)",
                "take",
                &["whole", "complete"],
            ),
            (
                "scanner",
                "index_o <= {word_q, lowest};",
                "index_o <= {count_q, lowest};",
                &["ascends", "valued", "whole"],
            ),
            ("scanner", "held_q[lowest]", "held_i[lowest]", &["valued"]),
            ("scanner", "|| event_o;", ";", &["complete"]),
            ("scanner", "(!event_o || ready_i);", "!event_o;", &["ends"]),
        ],
    },
    Proof {
        name: "scanner_always",
        properties: include_str!("scanner.v"),
        modules: &["scanner"],
        shown: SCANNER,
        parameters: &[("LANES", 8), ("LOG", 3), ("WORDS", 4), ("LEMMAS", 1)],
        contract: &[],
        reach: Reach::Unbounded(8),
        faults: &[(
            "scanner",
            "rest = mask_q & (mask_q - 1'b1)",
            "rest = mask_q & (mask_q + 1'b1)",
            &["whole", "counted", "either", "above", "scanning"],
        )],
    },
    Proof {
        name: "issue",
        properties: include_str!("issue.v"),
        modules: &["issue"],
        shown: &[],
        parameters: &[],
        contract: &[],
        reach: Reach::Cycles(12),
        faults: &[
            (
                "issue",
                "chunks_i < HAZARD) ? HAZARD - 16'd1",
                "chunks_i < HAZARD) ? HAZARD - 16'd2",
                &["apart"],
            ),
            ("issue", "!next_q || pop;", "1'b1;", &["once"]),
            (
                "issue",
                "block_o + {{(10-LOG){1'b0}}, along_q}",
                "block_o",
                &["addressed"],
            ),
            (
                "issue",
                "position_q + 16'd2 == chunks_i",
                "position_q + 16'd1 == chunks_i",
                &["ends"],
            ),
        ],
    },
];
