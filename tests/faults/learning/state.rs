//! Faults in what a training starts from: learning constants, seed and sample number of each of the three,
//! and the banks' image.

use super::bench;
use crate::Caught::{self, By};
use crate::Odd::{Array, Fixed, Hardware};
use crate::{Outcome, judge, project_of};
use rtlsim::{Compile, Engine, Options, Tools};
use spidec_ir::FixedParameters;
use spidec_ir::program::WeightImage;
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::{FixedEngine, Learning};
use spidec_tests::case::Case;
use spidec_tests::work::in_two_threads;
use spidec_verify::Kind::{Saturations, SpikeWords, Weights};
use spidec_verify::{Hardware as Simulated, Report};

/// What each of the three starts from.
struct Start {
    case: Case,
    /// The fixed-point engine's constants and sample number.
    fixed: (Learning, u64),
    array: LearningState,
    hardware: LearningState,
}

struct Fault {
    name: &'static str,
    place: &'static str,
    plant: fn(&mut Start),
    caught: Caught,
}

const fn fault(
    name: &'static str,
    place: &'static str,
    plant: fn(&mut Start),
    caught: Caught,
) -> Fault {
    Fault {
        name,
        place,
        plant,
        caught,
    }
}

/// Layers of [`crate::TEXT`], by index.
const X_A: usize = 0;
const A_B: usize = 2;
const READOUT: usize = 8;

const FAULTS: &[Fault] = &[
    fault(
        "a learning constant's shift is one less",
        "fixed",
        |start| start.fixed.0.constants[A_B].shift -= 1,
        By(Weights, Fixed),
    ),
    fault(
        "a sample was trained before",
        "fixed",
        |start| start.fixed.1 += 1,
        By(Weights, Fixed),
    ),
    fault(
        "the readout has another layer's constant",
        "array",
        |start| start.array.constants.swap(READOUT, X_A),
        // So much larger that a weight is clamped.
        By(Saturations, Array),
    ),
    fault(
        "the seed is another",
        "array",
        |start| start.array.seed += 1,
        By(Weights, Array),
    ),
    fault(
        "the seed's upper half is another",
        "hardware",
        |start| start.hardware.seed |= 1 << 32,
        By(Weights, Hardware),
    ),
    fault(
        "the sample number's upper half is another",
        "hardware",
        |start| start.hardware.samples |= 1 << 32,
        By(Weights, Hardware),
    ),
    fault(
        "a learning constant's mantissa is half",
        "hardware",
        |start| start.hardware.constants[READOUT].mantissa /= 2,
        By(Weights, Hardware),
    ),
    fault(
        "the banks' image is an inference's",
        "image",
        |Start { case, .. }| {
            let mut program = case.program.clone();
            program.machine.learning = false;
            case.image = WeightImage::new(&program, &case.parameters);
        },
        By(SpikeWords, Hardware),
    ),
    fault(
        "a weight is another, which no pixel of the first sample reaches",
        "image",
        |Start { case, .. }| {
            let zero = case.samples[0].iter().position(|&x| x == 0);
            let mut other = case.parameters.clone();
            other.projections[X_A].weight[zero.expect("a zero")] ^= 1;
            case.image = WeightImage::new(&case.program, &other);
        },
        By(Weights, Hardware),
    ),
];

fn start() -> Start {
    let case = bench();
    let engine = FixedEngine::new(&case.network).expect("fixed point takes it");
    let learning = engine.learning(0).expect("it learns");
    let state = LearningState {
        seed: case.network.training.seed,
        samples: 0,
        constants: learning.constants.clone(),
    };
    Start {
        fixed: (learning, 0),
        array: state.clone(),
        hardware: state,
        case,
    }
}

/// As `verify`, which gives all three the same start.
fn verify(start: &Start, tools: &Tools) -> Outcome {
    let Start { case, fixed, .. } = start;
    let program = &case.program;
    let engine = FixedEngine::new(&case.network).expect("fixed point takes it");
    let mut state = engine.state(&case.parameters).expect("weights fit");
    state.samples = fixed.1;
    let mut array = ArrayEngine::new(program, &case.parameters).expect("runs");
    array.learning = start.array.clone();
    let options = Options {
        compile: Compile::Quick,
        ..Options::default()
    };
    let simulator = Engine::Verilator;
    let project = project_of(case);
    let opened = Simulated::open(simulator, &project, program, &case.image, tools, &options);
    let mut hardware = opened.expect("opens");
    hardware.set_learning(&start.hardware).expect("writes");

    let mut report = Report::default();
    let comparison = &mut report.comparison;
    for (k, sample) in case.samples.iter().enumerate() {
        let label = case.label(k);
        let expected = engine.train_trace(&mut state, sample, label, &fixed.0);
        let predicted = array.train_trace(sample, label);
        let measured = hardware.train(sample, label, 100_000).expect("finishes");
        comparison.add_training(k, program, &expected, &predicted, &measured);
        let mut weights = FixedParameters::zeros(&case.network);
        let image = hardware.peek_weights().expect("reads");
        image.read_into(program, &mut weights);
        let expected = state.weights.parameters();
        comparison.add_weights(k, program, &expected, &array.parameters(), &weights);
        if comparison.mismatches() > 0 {
            break;
        }
    }
    Ok(report)
}

#[test]
fn every_fault_in_what_a_training_starts_from_is_caught() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let sound = verify(&start(), &tools).expect("runs");
    assert_eq!(sound.comparison.mismatches(), 0, "without a fault");
    let reports = in_two_threads(FAULTS, |fault| {
        let mut start = start();
        (fault.plant)(&mut start);
        verify(&start, &tools)
    });
    let rows = FAULTS.iter().zip(&reports);
    let text = bench().text;
    judge(rows.map(|(fault, report)| (fault.name, fault.place, fault.caught, &text[..], report)));
}
