//! An expected or measured value of a training edited before it is compared: every kind of comparison
//! that an inference does not have finds its own.

use super::bench;
use crate::Odd;
use spidec_ir::FixedParameters;
use spidec_ir::trace::{ArrayTrace, ChunkStep, ClampPlace, Stage, TrainingTrace};
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::FixedEngine;
use spidec_tests::case::Case;
use spidec_verify::{Comparison, Kind};

/// A training sample and the weights that it leaves: expected by the fixed-point engine, predicted by the
/// array engine, measured on the hardware.
#[derive(Clone)]
struct Traces {
    fixed: (TrainingTrace, FixedParameters),
    array: (ArrayTrace, FixedParameters),
    hardware: (ArrayTrace, FixedParameters),
}

type Edit = fn(&mut Traces);

/// Chunks of the forward stage; those of the backward stage lie behind them.
const FORWARD: usize = 8 * 5;

/// The logits' chunk.
const READOUT: usize = 5;

/// Four couples of `c`, which is handled first; the next chunk is its last couple alone.
fn couples(trace: &mut ArrayTrace) -> &mut ChunkStep {
    &mut trace.chunks[FORWARD]
}

const EDITS: [(Kind, Odd, Edit); 34] = [
    (Kind::Masks, Odd::Fixed, |t| t.fixed.0.masks[1][2] ^= true),
    (Kind::Errors, Odd::Fixed, |t| t.fixed.0.error[4] += 1),
    (Kind::Errors, Odd::Array, |t| {
        t.array.0.errors[READOUT][3] -= 1
    }),
    (Kind::Errors, Odd::Hardware, |t| {
        t.hardware.0.errors[READOUT + 1][0] += 1
    }),
    (Kind::BackwardSpikes, Odd::Fixed, |t| {
        let spikes = &mut t.fixed.0.backward[0][2].spikes;
        spikes[0] = if spikes[0] == 0 { 1 } else { 0 };
    }),
    // Of the other sign.
    (Kind::BackwardSpikes, Odd::Fixed, |t| {
        let steps = t.fixed.0.backward.iter_mut();
        let mut spikes = steps.flat_map(|step| &mut step[2].spikes);
        let spike = spikes.find(|spike| **spike != 0).expect("a spike");
        *spike = -*spike;
    }),
    (Kind::BackwardSpikes, Odd::Array, |t| {
        couples(&mut t.array.0).spikes ^= 2
    }),
    (Kind::BackwardSpikes, Odd::Hardware, |t| {
        couples(&mut t.hardware.0).negative ^= 4
    }),
    (Kind::BackwardCycles, Odd::ArrayOrHardware, |t| {
        couples(&mut t.array.0).cycle += 1
    }),
    (Kind::BackwardCycles, Odd::ArrayOrHardware, |t| {
        couples(&mut t.hardware.0).cycle -= 1
    }),
    (Kind::BackwardMembranes, Odd::Fixed, |t| {
        t.fixed.0.backward[5][0].membranes[6] += 1
    }),
    (Kind::BackwardMembranes, Odd::Array, |t| {
        couples(&mut t.array.0).membranes[3] -= 1
    }),
    (Kind::BackwardMembranes, Odd::Hardware, |t| {
        couples(&mut t.hardware.0).membranes[0] += 1
    }),
    // A lane without a couple.
    (Kind::BackwardMembranes, Odd::ArrayOrHardware, |t| {
        t.hardware.0.chunks[FORWARD + 1].membranes[2] += 1
    }),
    (Kind::BackwardCounts, Odd::Fixed, |t| {
        t.fixed.0.backward_counts[1][2] += 1
    }),
    (Kind::BackwardCounts, Odd::Array, |t| {
        t.array.0.errors[0][1] -= 1
    }),
    (Kind::BackwardCounts, Odd::Hardware, |t| {
        t.hardware.0.errors[1][2] += 1
    }),
    (Kind::StageCycles, Odd::ArrayOrHardware, |t| {
        t.hardware.0.counters.stages[Stage::Loss as usize].cycles += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.array.0.counters.stages[Stage::Learning as usize].useful += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.hardware.0.counters.backward_spikes -= 1
    }),
    (Kind::Saturations, Odd::Fixed, |t| {
        t.fixed.0.clamps.weights.count += 1
    }),
    (Kind::Saturations, Odd::Fixed, |t| {
        t.fixed.0.clamps.backward.count += 1
    }),
    (Kind::Saturations, Odd::Hardware, |t| {
        t.hardware.0.counters.weight_saturations += 1
    }),
    (Kind::Saturations, Odd::Fixed, |t| {
        t.fixed.0.clamps.errors.count += 1
    }),
    (Kind::Saturations, Odd::Hardware, |t| {
        t.hardware.0.counters.error_saturations += 1
    }),
    (Kind::Clamps, Odd::Hardware, |t| {
        t.hardware.0.clamps.error = Some(ClampPlace::of_error(1))
    }),
    (Kind::Clamps, Odd::Fixed, |t| {
        let first = &mut t.fixed.0.clamps.weights.first;
        first.as_mut().expect("a clamp").source += 1;
    }),
    (Kind::Clamps, Odd::Hardware, |t| {
        let first = &mut t.hardware.0.clamps.weight;
        let row = &mut first.as_mut().expect("a clamp").row;
        *row ^= 1;
    }),
    (Kind::Weights, Odd::Fixed, |t| {
        t.fixed.1.projections[0].weight[41] ^= 1
    }),
    (Kind::Weights, Odd::Array, |t| {
        t.array.1.projections[6].weight[0] ^= 1
    }),
    (Kind::Weights, Odd::Hardware, |t| {
        t.hardware.1.readout.weight[24] ^= 1
    }),
    (Kind::Biases, Odd::Fixed, |t| t.fixed.1.readout.bias[4] ^= 1),
    (Kind::Biases, Odd::Array, |t| {
        t.array.1.projections[5].bias[0] ^= 1
    }),
    (Kind::Biases, Odd::Hardware, |t| {
        t.hardware.1.projections[2].bias[1] ^= 1
    }),
];

/// The second sample, in which a weight is clamped; the array's prediction stands for the hardware.
fn traces(case: &Case) -> Traces {
    let engine = FixedEngine::new(&case.network).expect("fixed point takes it");
    let learning = engine.learning(0).expect("it learns");
    let mut state = engine.state(&case.parameters).expect("weights fit");
    let mut array = ArrayEngine::new(&case.program, &case.parameters).expect("runs");
    array.learning = LearningState {
        seed: case.network.training.seed,
        samples: 0,
        constants: learning.constants.clone(),
    };
    let mut train = |k: usize| {
        let (sample, label) = (&case.samples[k], case.label(k));
        let expected = engine.train_trace(&mut state, sample, label, &learning);
        (expected, array.train_trace(sample, label))
    };
    train(0);
    let (expected, predicted) = train(1);
    let predicted = (predicted, array.parameters());
    Traces {
        fixed: (expected, state.weights.parameters()),
        array: predicted.clone(),
        hardware: predicted,
    }
}

fn compare(case: &Case, t: &Traces) -> Comparison {
    let (mut comparison, program) = (Comparison::default(), &case.program);
    comparison.add_training(1, program, &t.fixed.0, &t.array.0, &t.hardware.0);
    comparison.add_weights(1, program, &t.fixed.1, &t.array.1, &t.hardware.1);
    comparison
}

#[test]
fn every_edited_value_of_a_training_is_found_by_its_comparison() {
    let case = bench();
    let sound = traces(&case);
    let comparison = compare(&case, &sound);
    assert_eq!(comparison.mismatches(), 0, "without an edit");
    for kind in Kind::ALL {
        assert!(comparison.compared[&kind] > 0, "{}", kind.name());
        let edited = EDITS.iter().any(|edit| edit.0 == kind);
        assert!(edited || kind.inference(), "{}", kind.name());
    }
    for (k, (kind, odd, edit)) in EDITS.into_iter().enumerate() {
        let mut edited = sound.clone();
        edit(&mut edited);
        let comparison = compare(&case, &edited);
        let first = comparison.first.as_ref().expect("a mismatch");
        eprintln!("| an edited value | traces | {} | {first} |", kind.name());
        assert_eq!((first.kind, Odd::of(first)), (kind, odd), "edit {k}");
        assert!(comparison.differing.keys().eq([&kind]), "edit {k}");
    }
}

#[test]
fn a_backward_stage_that_was_wrongly_left_out_is_found() {
    let case = bench();
    let mut traces = traces(&case);
    traces.array.0.chunks.truncate(FORWARD);
    traces.hardware.0.chunks.truncate(FORWARD);
    let first = compare(&case, &traces).first.expect("a mismatch");
    assert_eq!(
        (first.kind, Odd::of(&first), first.what),
        (
            Kind::BackwardSpikes,
            Odd::Fixed,
            Some("a stage that was left out")
        )
    );
}
