//! The proofs: what is proven of which modules, how far, and the faults that break it.

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
    pub parameters: &'static [(&'static str, u32)],
    pub reach: Reach,
    pub faults: &'static [Fault],
}

/// The module, what stands there, what replaces it; the assertions that then fail, at least one of them:
/// which, is the solver's choice.
pub type Fault = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

pub const PROOFS: &[Proof] = &[
    Proof {
        name: "update",
        properties: include_str!("update.v"),
        modules: &["update"],
        parameters: &[("WEIGHT", 12), ("DELTA", 34)],
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
        parameters: &[("LANES", 16), ("LOG", 4), ("WIDTH", 2)],
        reach: Reach::Complete,
        faults: &[(
            "permuter",
            "k ^ (1 << l)",
            "k ^ (1 << (l == LOG - 1 ? 0 : l))",
            &["placed"],
        )],
    },
    Proof {
        name: "weights",
        properties: include_str!("weights.v"),
        modules: &["ram", "weights", "permuter"],
        parameters: &[("ALWAYS", 1)],
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
        parameters: &[("ALWAYS", 0), ("WEIGHT", 1)],
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
        parameters: &[("LANES", 4), ("WORDS", 2)],
        reach: Reach::Cycles(17),
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
        name: "issue",
        properties: include_str!("issue.v"),
        modules: &["issue"],
        parameters: &[],
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
