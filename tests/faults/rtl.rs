//! Faults in the RTL: a few words of one module replaced, everything else as it is. An inference
//! build has every module but a permuter.

use crate::Caught::{self, By, Watchdog};
use crate::Odd::{ArrayOrHardware, Hardware};
use crate::{bench, judge, project_of, verify};
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
        &[("s4_sum_q >= threshold_i", "s4_sum_q > threshold_i")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the reset is added",
        "lane",
        &[("s4_clamped - reset_i", "s4_clamped + reset_i")],
        By(Membranes, Hardware),
    ),
    fault(
        "the clamp is one too high",
        "lane",
        &[(
            "MAX  = (1 <<< (MEMBRANE - 1)) - 1;",
            "MAX  = 1 <<< (MEMBRANE - 1);",
        )],
        By(Membranes, Hardware),
    ),
    fault(
        "spikes are not counted",
        "lane",
        &[("s4_count_q + {{(COUNT-1){1'b0}}, s4_spike}", "s4_count_q")],
        By(Counts, Hardware),
    ),
    fault(
        "the product loses its sign",
        "lane",
        &[("{s3_product_q[WEIGHT+VALUE-1]}", "{1'b0}")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the input current is rounded down",
        "lane",
        &[("s3_operand = HALF;", "s3_operand = {ACC{1'b0}};")],
        By(Membranes, Hardware),
    ),
    fault(
        "the latch leaves its sum behind",
        "lane",
        &[("CLEAR, LATCH: state_o", "CLEAR: state_o")],
        By(Membranes, Hardware),
    ),
    fault(
        "under is no saturation",
        "lane",
        &[("(s4_over || s4_under)", "s4_over")],
        By(Saturations, Hardware),
    ),
    fault(
        "a weight bit changes on its way from the host",
        "lane",
        &[(
            "host_data_i[WEIGHT-1:0]",
            "host_data_i[WEIGHT-1:0] ^ (host_addr_i == 24'd3)",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the last lane's events are lost",
        "scanner",
        &[("mask_q <= mask_i;", "mask_q <= {1'b0, mask_i[LANES-2:0]};")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "events carry the next word's index",
        "scanner",
        &[(
            "index_o <= {word_q, lowest};",
            "index_o <= {next_q, lowest};",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "spikes carry 1, not the instruction's value",
        "scanner",
        &[("fixed_i ? value_i :", "constant_i ? value_i :")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "a spike word goes to the next chunk",
        "array",
        &[(
            ".write_addr_i(s5_chunk_q),",
            ".write_addr_i(s5_chunk_q + 16'd1),",
        )],
        By(SpikeWords, Hardware),
    ),
    fault(
        "every chunk has the weights of the first",
        "issue",
        &[("addr_o + 24'd1", "addr_o")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "the hazard is a cycle too short",
        "issue",
        &[("parameter HAZARD = 4", "parameter HAZARD = 3")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "one step less",
        "sequencer",
        &[("{16'd0, step_q} + 32'd1 <", "{16'd0, step_q} + 32'd2 <")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "one step more",
        "sequencer",
        &[("{16'd0, step_q} + 32'd1 <", "{16'd0, step_q} <")],
        By(SpikeWords, Hardware),
    ),
    fault(
        "feedback arrives in the first step too",
        "sequencer",
        &[("instruction_o[8] && step_q == 16'd0", "1'b0")],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "a unit's end is seen a cycle late",
        "sequencer",
        &[
            (
                "reg [15:0] step_q;",
                "reg [15:0] step_q; reg late_q; always @(posedge clk_i) late_q <= busy;",
            ),
            ("if (!busy) begin", "if (!busy && !late_q) begin"),
        ],
        By(SpikeCycles, ArrayOrHardware),
    ),
    fault(
        "threshold and reset are exchanged",
        "sequencer",
        &[("if (value[0]) reset_o", "if (!value[0]) reset_o")],
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
        By(Saturations, Hardware),
    ),
    fault(
        "idle lanes count as useful",
        "core",
        &[("slot_last ? real_lanes : ALL_LANES", "ALL_LANES")],
        By(Counters, ArrayOrHardware),
    ),
    fault(
        "cycles of the readout count as the forward stage's",
        "counters",
        &[(
            "if (running_i && stage_i == 2'd1)",
            "if (running_i && stage_i != 2'd0)",
        )],
        By(StageCycles, ArrayOrHardware),
    ),
    fault(
        "the scanner never ends",
        "scanner",
        &[("else if (load) fetched_q <= 1'b0;", "")],
        Watchdog("scanner"),
    ),
    fault(
        "an event never ends",
        "issue",
        &[("active_q && !ending;", "active_q;")],
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
        verify(&case, &planted, &tools).expect("builds and answers")
    });
    let rows = FAULTS.iter().zip(&reports);
    judge(rows.map(|(fault, report)| (fault.name, fault.module, fault.caught, report)));
}
