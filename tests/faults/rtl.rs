//! Faults in the RTL of an inference build: a few words of one module replaced, everything else as it
//! is.

use crate::Caught::{self, By, Watchdog};
use crate::Odd::{ArrayOrHardware, Hardware};
use crate::{bench, judge, outcome, project_of, verify};
use rtlsim::Engine;
pub use spidec_tests::rtl::replace;
use spidec_tests::work::in_two_threads;
use spidec_verify::Kind::{
    Counters, Counts, Membranes, Predictions, Saturations, SpikeCycles, SpikeWords, StageCycles,
};

struct Fault {
    name: &'static str,
    module: &'static str,
    /// What stands there, exactly once, and what replaces it.
    edits: &'static [(&'static str, &'static str)],
    caught: Caught,
}

const fn fault(
    name: &'static str,
    module: &'static str,
    edits: &'static [(&'static str, &'static str)],
    caught: Caught,
) -> Fault {
    Fault {
        name,
        module,
        edits,
        caught,
    }
}

const FAULTS: &[Fault] = &[
    fault(
        "equality does not fire: `>=` to `>`",
        "lane",
        &[(
            "s5_above   = !s5_excess[ACC];",
            "s5_above   = !s5_excess[ACC] && s5_excess != 0;",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the reset is added",
        "lane",
        &[("s5_sum - reset_i", "s5_sum + reset_i")],
        By(Membranes, Hardware),
    ),
    fault(
        "the clamp is one too high",
        "sequencer",
        &[(
            "MAX = (1 <<< (MEMBRANE - 1)) - 1;",
            "MAX = 1 <<< (MEMBRANE - 1);",
        )],
        By(Membranes, Hardware),
    ),
    fault(
        "the clamp is one too low",
        "lane",
        &[(
            "MIN = -(1 <<< (MEMBRANE - 1));",
            "MIN = -(1 <<< (MEMBRANE - 1)) + 1;",
        )],
        By(Membranes, Hardware),
    ),
    fault(
        "spikes are not counted",
        "lane",
        &[("s6_count_q + {{(COUNT-1){1'b0}}, spike_o}", "s6_count_q")],
        By(Counts, Hardware),
    ),
    fault(
        "the product loses its sign",
        "lane",
        &[("{s3_operand_i[OPERAND-1]}", "{1'b0}")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the input current is rounded down",
        "lane",
        &[("s4_more = half_i;", "s4_more = {SUM{1'b0}};")],
        By(Membranes, Hardware),
    ),
    fault(
        "the latch leaves its sum behind",
        "lane",
        &[("|| (s4_op_i == LATCH)", "")],
        By(Membranes, Hardware),
    ),
    fault(
        "under is no saturation",
        "lane",
        &[("(s5_over || s5_under)", "s5_over")],
        By(Saturations, Hardware),
    ),
    fault(
        "a weight bit changes on its way from the host",
        "weights",
        &[(": host_data_i)", ": host_data_i ^ (host_row_i == 24'd3))")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the last lane's events are lost",
        "scanner",
        &[(
            "next_mask_q <= mask_i;",
            "next_mask_q <= {1'b0, mask_i[LANES-2:0]};",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "events carry the next word's index",
        "scanner",
        &[(
            "index_o <= {word_q, lowest};",
            "index_o <= {count_q, lowest};",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "spikes carry 1, not the instruction's factor",
        "core",
        &[(
            "(instruction[49:32])",
            "(source == 3'd0 ? 18'd1 : instruction[49:32])",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "a spike word goes to the next chunk",
        "array",
        &[(
            ".write_addr_i(chunk_q[6]),",
            ".write_addr_i(chunk_q[6] + 16'd1),",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "a neuron is held from its first spike on",
        "array",
        &[("now & (held | earlier)", "now")],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "a held neuron that stops makes no event",
        "array",
        &[("now ^ held;", "now & ~held;")],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "a held neuron's second spike goes to the state",
        "core",
        &[("~(spikes & ~held)", "(~spikes)")],
        By(Membranes, Hardware),
    ),
    fault(
        "events of held neurons go to the state",
        "lane",
        &[("s4_held_i ? s4_current : s4_membrane", "s4_membrane")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "spike words and hold bits outlive the sample",
        "array",
        &[("valid_q[6] && clears && cleared_i[4]", "1'b0")],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "every chunk has the weights of the first",
        "issue",
        &[("block_o + {{(10-LOG){1'b0}}, along_q}", "block_o")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the hazard is a cycle too short",
        "issue",
        &[("? HAZARD - 16'd1 :", "? HAZARD - 16'd2 :")],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "one step less",
        "sequencer",
        &[("step_q + 16'd1 !=", "step_q + 16'd2 !=")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "one step more",
        "sequencer",
        &[("step_q + 16'd1 !=", "step_q !=")],
        By(Counts, Hardware),
    ),
    fault(
        "feedback arrives in the first step too",
        "sequencer",
        &[("instruction_o[10] && first_q", "1'b0")],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "a unit's end is seen a cycle late",
        "sequencer",
        &[
            (
                "reg [15:0] step_q;",
                "reg [15:0] step_q; reg slow_q; always @(posedge clk_i) slow_q <= busy;",
            ),
            ("if (!busy) begin", "if (!busy && !slow_q) begin"),
        ],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "threshold and reset are exchanged",
        "sequencer",
        &[
            ("3'd0:    threshold_o", "3'd1:    threshold_o"),
            ("3'd1:    reset_o ", "3'd0:    reset_o "),
        ],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the last of the largest wins: `>` to `>=`",
        "readout",
        &[("logit_i > best_q", "logit_i >= best_q")],
        By(Predictions, Hardware),
    ),
    fault(
        "half of the spikes are counted",
        "counters",
        &[("{5'd0, word[k]}", "{5'd0, word[k] && k[0]}")],
        By(Counters, ArrayOrHardware),
    ),
    fault(
        "idle lanes count as useful",
        "core",
        &[("slot_last ? first_lanes : {LANES", "{LANES")],
        By(Counters, ArrayOrHardware),
    ),
    fault(
        "cycles of the readout count as the forward stage's",
        "counters",
        &[(
            "cycles_q[s] <= cycles_q[s] + 32'd1",
            "cycles_q[s == 2 ? 1 : s] <= cycles_q[s == 2 ? 1 : s] + 32'd1",
        )],
        By(StageCycles, ArrayOrHardware),
    ),
    fault(
        "the scanner never ends",
        "scanner",
        &[("else if (advance) fetched_q <= 1'b0;", "")],
        Watchdog("scanner"),
    ),
    fault(
        "an event never ends",
        "issue",
        &[("active_q && !ending_q;", "active_q;")],
        Watchdog("loop generator"),
    ),
    fault(
        "the readout never ends",
        "readout",
        &[("left_q - 16'd1", "left_q")],
        Watchdog("readout"),
    ),
    fault(
        "the sequencer never goes on",
        "sequencer",
        &[(
            "SET: begin\n              state_q <= DECODE;",
            "SET: begin\n              state_q <= START;",
        )],
        Watchdog("sequencer"),
    ),
];

#[test]
fn every_fault_in_the_rtl_is_caught() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let case = bench();
    let project = project_of(&case);
    let reports = in_two_threads(FAULTS, |fault| {
        let planted = replace(&project, fault.module, fault.edits);
        outcome(verify(&case, &planted, &tools))
    });
    let rows = FAULTS.iter().zip(&reports);
    judge(rows.map(|(fault, report)| {
        (
            fault.name,
            fault.module,
            fault.caught,
            &case.text[..],
            report,
        )
    }));
}
