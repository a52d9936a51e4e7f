//! Faults in checking, lowering and fixed point, planted by giving `verify` parts that do not belong
//! together. Array and hardware run the same program, so a fault of lowering leaves the fixed-point
//! engine alone.

use crate::Caught::{By, Refused};
use crate::Odd::{self, Fixed, Hardware};
use crate::{Planted, bench, change_a_bit, layer, plant};
use spidec_ir::Number;
use spidec_ir::network::{Direction, Values};
use spidec_ir::program::{EventSource, Instruction, Register, Scatter, WeightImage};
use spidec_ir::trace::Stage;
use spidec_tests::case::Case;
use spidec_verify::Kind::{self, Counts, Logits, Membranes, SpikeWords};

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

/// The scatter of a layer in a stage, from a source.
fn scatter(case: &mut Case, layer: usize, stage: Stage, source: EventSource) -> &mut Scatter {
    let scatters = case
        .program
        .instructions
        .iter_mut()
        .filter_map(|i| match i {
            Instruction::Scatter(s) => Some(s),
            _ => None,
        });
    let mut found = scatters
        .filter(|s| s.layer as usize == layer && s.stage == stage && s.events.source == source);
    found.next().expect("such a scatter")
}

fn spikes(case: &mut Case, layer: usize) -> &mut Scatter {
    scatter(case, layer, Stage::Forward, EventSource::Spikes)
}

fn bias(case: &mut Case, layer: usize) -> &mut Scatter {
    scatter(case, layer, Stage::Input, EventSource::Constant)
}

fn set(case: &mut Case, which: Register, by: i32) {
    for instruction in &mut case.program.instructions {
        if let Instruction::Set {
            register, value, ..
        } = instruction
            && *register == which
        {
            *value += by;
        }
    }
}

fn steps(case: &mut Case, by: i32) {
    for instruction in &mut case.program.instructions {
        if let Instruction::Loop { steps, .. } = instruction {
            *steps = steps.wrapping_add_signed(by);
        }
    }
}

/// The program of a network in which a projection goes the other way in time.
fn turned(case: &mut Case, layer: usize) {
    let mut turned = case.clone();
    let direction = &mut turned.network.projections[layer].direction;
    *direction = match direction {
        Direction::Forward => Direction::Feedback,
        Direction::Feedback => Direction::Forward,
    };
    turned.lower_onto(&case.program.machine.clone());
    case.program = turned.program;
}

const FAULTS: &[Planted] = &[
    fault(
        "a feedback projection is taken for a forward one",
        "checking",
        |case| turned(case, layer::B_A),
        Membranes,
        Fixed,
    ),
    fault(
        "a forward projection is taken for a feedback one",
        "checking",
        |case| turned(case, layer::A_B),
        SpikeWords,
        Fixed,
    ),
    fault(
        "the input's scale is read as 1/8",
        "checking",
        |case| case.network.input.values = Values::scaled(0.125.into()),
        Membranes,
        Fixed,
    ),
    fault(
        "a bias is dropped",
        "checking",
        |case| {
            case.network.projections[layer::A_C].bias = false;
            case.parameters.projections[layer::A_C].bias.clear();
        },
        Membranes,
        Hardware,
    ),
    fault(
        "the threshold is one unit low",
        "lowering",
        |case| set(case, Register::Threshold, -1),
        SpikeWords,
        Fixed,
    ),
    fault(
        "the threshold is one unit high",
        "lowering",
        |case| set(case, Register::Threshold, 1),
        SpikeWords,
        Fixed,
    ),
    fault(
        "the reset is one unit large",
        "lowering",
        |case| set(case, Register::Reset, 1),
        Membranes,
        Fixed,
    ),
    fault(
        "the bias that feedback takes back is another's",
        "lowering",
        |case| {
            let other = bias(case, layer::X_A).weights;
            let scatters = case.program.instructions.iter_mut();
            for instruction in scatters {
                if let Instruction::Scatter(s) = instruction
                    && s.factor < 0
                {
                    (s.layer, s.weights) = (layer::X_A as u32, other);
                }
            }
        },
        Membranes,
        Fixed,
    ),
    fault(
        "spike words and hold bits outlive the sample",
        "lowering",
        |case| {
            for instruction in &mut case.program.instructions {
                if let Instruction::Clear { cleared, .. } = instruction {
                    cleared.spikes = false;
                }
            }
        },
        Membranes,
        Fixed,
    ),
    fault(
        "the banks' image is laid out for another block",
        "lowering",
        |case| {
            // The banks' image is laid out for where they belong.
            let map = &mut case.program.layers[layer::B_C];
            map.block += 1;
            map.bias_block = map.bias_block.map(|block| block + 1);
            let (block, bias_block) = (map.block, map.bias_block.expect("a bias"));
            spikes(case, layer::B_C).weights = block;
            bias(case, layer::B_C).weights = bias_block;
        },
        SpikeWords,
        Hardware,
    ),
    Planted {
        name: "an instruction's weights are not its layer's",
        place: "lowering",
        case: bench,
        plant: |case| spikes(case, layer::A_B).weights += 1,
        caught: Refused,
    },
    fault(
        "a neuron that fires twice running is added again",
        "lowering",
        |case| {
            // Hold bits are set, but one projection takes no notice.
            spikes(case, layer::A_B).hold = false;
        },
        Membranes,
        Fixed,
    ),
    fault(
        "a projection reads another population",
        "lowering",
        |case| spikes(case, layer::A_B).events.from += 1,
        Membranes,
        Fixed,
    ),
    fault(
        "spikes are not aligned to the membrane",
        "lowering",
        |case| spikes(case, layer::A_C).factor = 1,
        Membranes,
        Fixed,
    ),
    fault(
        "the bias of feedback is there from the first step on",
        "lowering",
        |case| {
            case.program.instructions.retain(
                |i| !matches!(i, Instruction::Scatter(s) if s.stage == Stage::Input && s.factor < 0),
            );
            // The loop's target moves along.
            for instruction in &mut case.program.instructions {
                if let Instruction::Loop { target, .. } = instruction {
                    *target -= 1;
                }
            }
        },
        Membranes,
        Fixed,
    ),
    fault(
        "one step less",
        "lowering",
        |case| steps(case, -1),
        SpikeWords,
        Fixed,
    ),
    fault(
        "one step more",
        "lowering",
        |case| steps(case, 1),
        Counts,
        Fixed,
    ),
    fault(
        "the readout's bias counts a step less",
        "lowering",
        |case| {
            let readout = case.program.layers.len() - 1;
            scatter(case, readout, Stage::Readout, EventSource::Constant).factor -= 1;
        },
        Logits,
        Fixed,
    ),
    fault(
        "the input's shift is one less",
        "lowering",
        |case| set(case, Register::Shift, -1),
        Membranes,
        Fixed,
    ),
    fault(
        "a bias has a bit changed in the banks' image",
        "lowering",
        change_a_bit,
        Membranes,
        Hardware,
    ),
    fault(
        "the banks' image is of other weights",
        "lowering",
        |case| {
            let mut other = case.parameters.clone();
            other.projections[layer::X_A].weight.swap(0, 1);
            case.image = WeightImage::new(&case.program, &other);
        },
        Membranes,
        Hardware,
    ),
    fault(
        "membranes are a bit wider",
        "fixed",
        |case| case.network.array.membrane.bits += 1,
        Membranes,
        Fixed,
    ),
    fault(
        "weights have a fraction bit less",
        "fixed",
        |case| case.network.array.weight.frac -= 1,
        Membranes,
        Fixed,
    ),
    fault(
        "the rest is a unit off",
        "fixed",
        |case| case.network.training.forward.u_rest = Number::from(-0.28125),
        Membranes,
        Fixed,
    ),
    fault(
        "a bias has a bit changed in both engines",
        "fixed",
        |case| case.parameters.projections[layer::X_A].bias[0] ^= 1,
        Membranes,
        Hardware,
    ),
];

#[test]
fn every_fault_in_checking_lowering_and_fixed_is_caught() {
    plant(FAULTS);
}
