//! Faults in the RTL of a learning build: a few words of one module replaced.

use super::{bench, coarse, squared};
use crate::Caught::{self, By, Watchdog};
use crate::Odd::{ArrayOrHardware, Hardware};
use crate::{judge, outcome, project_of, verify};
use rtlsim::Engine;
use spidec_ir::program::WeightImage;
use spidec_tests::case::Case;
use spidec_tests::rtl::replace;
use spidec_tests::work::in_two_threads;
use spidec_verify::Kind::{
    BackwardCounts, BackwardCycles, BackwardMembranes, BackwardSpikes, Biases, Clamps, Counters,
    Errors, Saturations, SpikeWords, StageCycles, Weights,
};

struct Fault {
    name: &'static str,
    module: &'static str,
    /// What stands there, exactly once, and what replaces it.
    edit: (&'static str, &'static str),
    case: fn() -> Case,
    caught: Caught,
}

const fn fault(
    name: &'static str,
    module: &'static str,
    edit: (&'static str, &'static str),
    caught: Caught,
) -> Fault {
    Fault {
        name,
        module,
        edit,
        case: bench,
        caught,
    }
}

/// With readout weights so large that logits lie far apart.
fn far() -> Case {
    let mut case = bench();
    for weight in &mut case.parameters.readout.weight {
        *weight *= 3;
    }
    case.image = WeightImage::new(&case.program, &case.parameters);
    case
}

const FAULTS: &[Fault] = &[
    fault(
        "a couple at its lower threshold does not fire",
        "lane",
        (
            "s5_below   = !s5_lack[ACC];",
            "s5_below   = !s5_lack[ACC] && s5_lack != 0;",
        ),
        By(BackwardSpikes, Hardware),
    ),
    fault(
        "a spike of -1 takes the reset away",
        "lane",
        ("s5_sum + reset_i", "s5_sum - reset_i"),
        By(BackwardMembranes, Hardware),
    ),
    fault(
        "the backward clamp is one too low",
        "sequencer",
        ("least_plus_o <= MIN", "least_plus_o <= MIN - 1"),
        By(BackwardMembranes, Hardware),
    ),
    fault(
        "couples of neurons that always fired are alive",
        "lane",
        (" && (count_o != steps_i);", ";"),
        By(BackwardSpikes, Hardware),
    ),
    fault(
        "couples of neurons that never fired are alive",
        "lane",
        ("(count_o != {COUNT{1'b0}}) && ", ""),
        By(BackwardSpikes, Hardware),
    ),
    fault(
        "dead couples keep their sums",
        "lane",
        (" || (s4_op_i == COUPLE && !s4_live);", ";"),
        By(BackwardMembranes, Hardware),
    ),
    fault(
        "a spike of -1 is counted as 1",
        "lane",
        ("{(ERROR-1){negative_o}}", "{(ERROR-1){1'b0}}"),
        By(BackwardCounts, Hardware),
    ),
    fault(
        "errors outlive the sample",
        "lane",
        ("(s7_clear && cleared_i[3])", "1'b0"),
        By(BackwardCounts, Hardware),
    ),
    fault(
        "chunks of a backward sum lie as in a column",
        "core",
        ("(row ? stride : 14'd1)", "(14'd1)"),
        By(BackwardSpikes, Hardware),
    ),
    fault(
        "backward sums read columns",
        "core",
        (".row_i            (row),", ".row_i            (1'b0),"),
        By(BackwardMembranes, Hardware),
    ),
    fault(
        "weights stay in the order of the banks",
        "permuter",
        ("index_i[l] ?", "1'b0 ?"),
        By(SpikeWords, Hardware),
    ),
    fault(
        "updates go to a column",
        "array",
        (".write_row_i  (1'b1)", ".write_row_i  (1'b0)"),
        By(Weights, Hardware),
    ),
    fault(
        "the last bank is not updated",
        "weights",
        ("(write_i || (", "((write_i && BANK != LANES - 1) || ("),
        By(Weights, Hardware),
    ),
    fault(
        "the weight is that of the slot before",
        "lane",
        ("s7_weight_q <= s6_weight_q;", "s7_weight_q <= weight_o;"),
        By(Saturations, Hardware),
    ),
    fault(
        "updates are added",
        "update",
        ("weight_i} -", "weight_i} +"),
        By(Weights, Hardware),
    ),
    fault(
        "weights wrap",
        "update",
        ("weight_o    = saturated_o ?", "weight_o    = 1'b0 ?"),
        By(Weights, Hardware),
    ),
    fault(
        "noise reaches above the point",
        "lane",
        ("(s4_noise_i ^ NOISE) & mask_i", "(s4_noise_i ^ NOISE)"),
        By(Saturations, Hardware),
    ),
    fault(
        "all lanes have the same noise",
        "lane",
        ("(s4_noise_i ^ NOISE)", "s4_noise_i"),
        By(Weights, Hardware),
    ),
    fault(
        "all chunks of sources have the same noise",
        "noise",
        ("position_q + (16'd1 << LOG)", "position_q"),
        By(Weights, Hardware),
    ),
    fault(
        "all layers have the same noise",
        "noise",
        ("y_q     <= layer_i;", "y_q     <= 32'd0;"),
        By(Weights, Hardware),
    ),
    fault(
        "samples are not counted",
        "host",
        ("sample_o <= sample_o + 64'd1;", "sample_o <= sample_o;"),
        By(Weights, Hardware),
    ),
    fault(
        "all layers have the first one's constant",
        "core",
        (
            "layer ? instruction[27:12] : host_row",
            "layer ? 16'd0 : host_row",
        ),
        By(Weights, Hardware),
    ),
    fault(
        "updates take their sources from the input",
        "array",
        ("learn_i ? learn_source_i", "learn_i ? 2'd1"),
        By(Counters, ArrayOrHardware),
    ),
    fault(
        "the label's error lacks its 1",
        "loss",
        ("labeled_q ? 19'sd1 <<< frac_i", "1'b0 ? 19'sd1 <<< frac_i"),
        By(Errors, Hardware),
    ),
    fault(
        "the last class is no part of the softmax's sum",
        "loss",
        (
            "sum_q + {11'd0, entry}",
            "last ? sum_q : sum_q + {11'd0, entry}",
        ),
        By(Errors, Hardware),
    ),
    fault(
        "spikes of -1 arrive as 1",
        "core",
        ("{!spikes[k]}", "{!spikes[k] && !row}"),
        By(BackwardSpikes, Hardware),
    ),
    fault(
        "a backward sum is waited for before its pass",
        "sequencer",
        ("&& program_i[19]", "&& program_i[19] && !program_i[11]"),
        By(BackwardCycles, ArrayOrHardware),
    ),
    fault(
        "an update's end is not waited for",
        "array",
        (
            "(op_q[6] == LATCH || op_q[6] == LEARN)",
            "(op_q[6] == LATCH)",
        ),
        By(StageCycles, ArrayOrHardware),
    ),
    fault(
        "a bias learns as from 1",
        "array",
        ("(k == 0) ? one_i", "(k == 0) ? {{(OPERAND-1){1'b0}}, 1'b1}"),
        By(Biases, Hardware),
    ),
    fault(
        "the last clamped weight is told, not the first",
        "counters",
        (" && weight_lanes_q == 32'd0", ""),
        By(Clamps, Hardware),
    ),
    Fault {
        name: "logits far from the largest wrap in the softmax's table",
        module: "loss",
        edit: ("(excess || quotient[9]) ? 9'd511 : quotient", "quotient"),
        case: far,
        caught: By(Errors, Hardware),
    },
    Fault {
        name: "a squared error is clamped one too high",
        module: "loss",
        edit: ("over ? limit_q - 19'sd1", "over ? limit_q"),
        case: squared,
        caught: By(Errors, Hardware),
    },
    Fault {
        name: "errors clamped from below are not counted",
        module: "loss",
        edit: ("outside_q <= over || under;", "outside_q <= over;"),
        case: squared,
        caught: By(Saturations, Hardware),
    },
    Fault {
        name: "the last clamped error is told, not the first",
        module: "counters",
        edit: ("if (errors_q == 32'd0) class_q", "class_q"),
        case: squared,
        caught: By(Clamps, Hardware),
    },
    Fault {
        name: "halves of negative squared errors are rounded down",
        module: "loss",
        edit: ("(squared_i && minus_q)", "(1'b0)"),
        case: squared,
        caught: By(Errors, Hardware),
    },
    fault(
        "every sample ends as one without an error",
        "loss",
        ("none_o <= 1'b0;", "none_o <= 1'b1;"),
        By(BackwardSpikes, Hardware),
    ),
    Fault {
        name: "a sample without an error goes on",
        module: "sequencer",
        edit: ("2'd1:    taken = no_error_i;", "2'd1:    taken = 1'b0;"),
        case: coarse,
        caught: By(StageCycles, ArrayOrHardware),
    },
    Fault {
        name: "a sample ends although a couple can fire",
        module: "sequencer",
        edit: ("else if (loud_i) quiet_q <= 1'b0;", ""),
        case: coarse,
        caught: By(BackwardSpikes, Hardware),
    },
    fault(
        "the loss never ends",
        "loss",
        ("CLAMP: state_q <= WRITE;", "CLAMP: state_q <= CLAMP;"),
        Watchdog("loss"),
    ),
    fault(
        "the noise never ends",
        "noise",
        ("round_q <= round_q - 5'd1;", "round_q <= round_q;"),
        Watchdog("noise"),
    ),
];

#[test]
fn every_fault_in_the_learning_rtl_is_caught() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let reports = in_two_threads(FAULTS, |fault| {
        let case = (fault.case)();
        let planted = replace(&project_of(&case), fault.module, &[fault.edit]);
        (case.text.clone(), outcome(verify(&case, &planted, &tools)))
    });
    let rows = FAULTS.iter().zip(&reports);
    judge(rows.map(|(fault, (text, report))| {
        (fault.name, fault.module, fault.caught, &text[..], report)
    }));
}
