//! Faults of learning in lowering and in fixed point, planted by giving `verify` parts that do not belong
//! together.

use super::{bench, coarse, squared};
use crate::Caught::{By, Refused};
use crate::Odd::{self, Fixed, Hardware};
use crate::{Planted, plant};
use spidec_ir::Number;
use spidec_ir::network::LossKind;
use spidec_ir::program::{Block, Condition, Instruction, Learn, LearnSource, Register, Scatter};
use spidec_ir::trace::Stage;
use spidec_tests::case::Case;
use spidec_verify::Kind::{
    self, BackwardCounts, BackwardMembranes, BackwardSpikes, Biases, Errors, Saturations, Weights,
};

const fn fault(
    name: &'static str,
    place: &'static str,
    plant: fn(&mut Case),
    kind: Kind,
    odd: Odd,
) -> Planted {
    Planted {
        name,
        place,
        case: bench,
        plant,
        caught: By(kind, odd),
    }
}

/// Layers of [`crate::TEXT`], by index.
const X_A: u32 = 0;
const A_B: u32 = 2;

fn change(case: &mut Case, change: impl FnMut(&mut Instruction)) {
    case.program.instructions.iter_mut().for_each(change);
}

/// A register, in a stage.
fn set(case: &mut Case, wanted: (Stage, Register), by: i32) {
    change(case, |instruction| {
        if let Instruction::Set {
            stage,
            register,
            value,
        } = instruction
            && (*stage, *register) == wanted
        {
            *value += by;
        }
    });
}

/// The updates of a layer: of its weights, then of its biases.
fn learns(case: &mut Case, layer: u32) -> Vec<&mut Learn> {
    let learns = case.program.instructions.iter_mut();
    learns
        .filter_map(|i| match i {
            Instruction::Learn(learn) if learn.layer == layer => Some(learn),
            _ => None,
        })
        .collect()
}

/// The scatter that injects the error.
fn injection(case: &mut Case) -> &mut Scatter {
    let mut scatters = case
        .program
        .instructions
        .iter_mut()
        .filter_map(|i| match i {
            Instruction::Scatter(s) if s.stage == Stage::Backward => Some(s),
            _ => None,
        });
    scatters.next().expect("an injection")
}

/// The passes of couples, in the order in which a step does them.
fn couples(case: &mut Case) -> Vec<&mut Block> {
    let couples = case.program.instructions.iter_mut();
    couples
        .filter_map(|i| match i {
            Instruction::Couple { block } => Some(block),
            _ => None,
        })
        .collect()
}

const FAULTS: &[Planted] = &[
    fault(
        "the backward threshold is one unit low",
        "lowering",
        |case| set(case, (Stage::Backward, Register::Threshold), -1),
        BackwardSpikes,
        Fixed,
    ),
    fault(
        "the backward stage has a step less",
        "lowering",
        |case| {
            change(case, |instruction| {
                if let Instruction::Loop {
                    stage: Stage::Backward,
                    steps,
                    ..
                } = instruction
                {
                    *steps -= 1;
                }
            });
        },
        BackwardSpikes,
        Fixed,
    ),
    fault(
        "couples are handled in another order",
        "lowering",
        |case| {
            let mut blocks = couples(case);
            let (first, others) = blocks.split_at_mut(1);
            std::mem::swap(first[0], others[0]);
        },
        BackwardSpikes,
        Fixed,
    ),
    fault(
        "a count of one step less has mask 0",
        "lowering",
        |case| set(case, (Stage::Backward, Register::Steps), -1),
        BackwardSpikes,
        Fixed,
    ),
    fault(
        "the error is injected with the wrong sign",
        "lowering",
        |case| injection(case).factor *= -1,
        BackwardSpikes,
        Fixed,
    ),
    fault(
        "the error that is injected is another chunk's",
        "lowering",
        |case| injection(case).events.from -= 1,
        BackwardSpikes,
        Fixed,
    ),
    fault(
        "errors outlive the sample",
        "lowering",
        |case| {
            change(case, |instruction| {
                if let Instruction::Clear { cleared, .. } = instruction {
                    cleared.errors = false;
                }
            });
        },
        BackwardCounts,
        Fixed,
    ),
    fault(
        "an error has a fraction bit less",
        "lowering",
        |case| {
            change(case, |instruction| {
                if let Instruction::Loss { frac, .. } = instruction {
                    *frac -= 1;
                }
            });
        },
        Errors,
        Fixed,
    ),
    fault(
        "the softmax measures logits by half their unit",
        "lowering",
        |case| {
            change(case, |instruction| {
                if let Instruction::Set {
                    register: Register::Unit,
                    value,
                    ..
                } = instruction
                {
                    *value /= 2;
                }
            });
        },
        Errors,
        Hardware,
    ),
    fault(
        "an update is rounded to the nearest",
        "lowering",
        |case| learns(case, A_B)[0].stochastic = false,
        Weights,
        Fixed,
    ),
    fault(
        "an update takes its sources a chunk further",
        "lowering",
        |case| {
            if let LearnSource::Counts { block } = &mut learns(case, A_B)[0].source {
                block.chunk += 1;
            }
        },
        Weights,
        Fixed,
    ),
    fault(
        "an update takes its errors from another population",
        "lowering",
        |case| learns(case, A_B)[0].from += 1,
        Weights,
        Fixed,
    ),
    Planted {
        name: "an update changes another layer's weights",
        place: "lowering",
        case: bench,
        plant: |case| learns(case, A_B)[0].weights += 1,
        caught: Refused,
    },
    fault(
        "a bias learns as from half of one",
        "lowering",
        |case| {
            if let LearnSource::One { value, .. } = &mut learns(case, X_A)[1].source {
                *value /= 2;
            }
        },
        Biases,
        Fixed,
    ),
    fault(
        "a layer has another one's noise and constant",
        "lowering",
        |case| {
            change(case, |instruction| {
                if let Instruction::Layer { layer } = instruction
                    && *layer == A_B
                {
                    *layer = X_A;
                }
            });
        },
        Weights,
        Fixed,
    ),
    Planted {
        name: "a gradient that lets a couple fire is taken for quiet",
        place: "lowering",
        case: coarse,
        plant: |case| {
            change(case, |instruction| {
                if let Instruction::Set {
                    register: Register::Quiet,
                    value,
                    ..
                } = instruction
                {
                    *value *= 64;
                }
            });
        },
        caught: By(BackwardSpikes, Fixed),
    },
    Planted {
        name: "a quiet sample ends before its readout has learned",
        place: "lowering",
        case: coarse,
        plant: |case| {
            let program = &mut case.program.instructions;
            let find = |wanted: fn(&Instruction) -> bool| program.iter().position(wanted);
            let quiet = find(|i| {
                matches!(
                    i,
                    Instruction::Branch {
                        condition: Condition::Quiet,
                        ..
                    }
                )
            });
            let readout = find(|i| matches!(i, Instruction::Layer { .. }));
            let branch = program.remove(quiet.expect("a branch"));
            program.insert(readout.expect("a readout that learns"), branch);
        },
        caught: By(Weights, Fixed),
    },
    fault(
        "errors have a fraction bit more",
        "fixed",
        |case| case.network.array.error.frac += 1,
        Errors,
        Fixed,
    ),
    fault(
        "weights are a bit narrower",
        "fixed",
        |case| case.network.array.weight.bits -= 1,
        Saturations,
        Fixed,
    ),
    fault(
        "the backward stage's threshold is twice as high",
        "fixed",
        |case| case.network.training.backward.v_th = Number::from(1.0),
        BackwardSpikes,
        Fixed,
    ),
    Planted {
        name: "the loss is another",
        place: "checking",
        case: squared,
        plant: |case| case.network.training.loss.kind = LossKind::CrossEntropy,
        caught: By(Errors, Fixed),
    },
    fault(
        "the loss is scaled by twice as much",
        "checking",
        |case| case.network.training.loss.scale = Number::from(8.0),
        BackwardMembranes,
        Fixed,
    ),
    fault(
        "a layer that learns is taken for frozen",
        "checking",
        |case| {
            let mut frozen = case.clone();
            frozen.network.projections[A_B as usize].frozen = true;
            frozen.lower_onto(&case.program.machine);
            case.program = frozen.program;
        },
        Weights,
        Fixed,
    ),
];

#[test]
fn every_fault_of_learning_in_lowering_and_fixed_is_caught() {
    plant(FAULTS);
}
