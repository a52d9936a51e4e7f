//! An expected or measured value edited before it is compared: every kind of comparison finds its own.

use crate::{Odd, bench};
use spidec_ir::trace::{ArrayTrace, ForwardTrace};
use spidec_runtime::array::ArrayEngine;
use spidec_verify::{Comparison, Kind};

/// Expected by the fixed-point engine, predicted by the array engine, measured on the hardware.
struct Traces {
    fixed: ForwardTrace,
    array: ArrayTrace,
    hardware: ArrayTrace,
}

type Edit = fn(&mut Traces);

const EDITS: [(Kind, Odd, Edit); 24] = [
    (Kind::SpikeWords, Odd::Fixed, |t| {
        t.fixed.steps[2][1].spikes[0] ^= 1
    }),
    (Kind::SpikeWords, Odd::Array, |t| {
        t.array.chunks[3].spikes ^= 2
    }),
    (Kind::SpikeWords, Odd::Hardware, |t| {
        t.hardware.chunks[3].spikes ^= 8
    }),
    (Kind::SpikeCycles, Odd::ArrayOrHardware, |t| {
        t.array.chunks[7].cycle += 1
    }),
    (Kind::SpikeCycles, Odd::ArrayOrHardware, |t| {
        t.hardware.chunks[7].cycle -= 1
    }),
    (Kind::Membranes, Odd::Fixed, |t| {
        t.fixed.steps[5][2].membranes[4] += 1
    }),
    (Kind::Membranes, Odd::Array, |t| {
        t.array.chunks[0].membranes[0] ^= 1
    }),
    (Kind::Membranes, Odd::Hardware, |t| {
        t.hardware.chunks[8].membranes[2] -= 1
    }),
    // A lane without a neuron.
    (Kind::Membranes, Odd::ArrayOrHardware, |t| {
        t.hardware.chunks[9].membranes[2] -= 1
    }),
    (Kind::Counts, Odd::Fixed, |t| t.fixed.counts[0][6] += 1),
    (Kind::Counts, Odd::Hardware, |t| {
        t.hardware.counts[1][2] += 1
    }),
    (Kind::Logits, Odd::Fixed, |t| t.fixed.logits[4] += 1),
    (Kind::Logits, Odd::Hardware, |t| t.hardware.logits[0] -= 1),
    (Kind::Predictions, Odd::Array, |t| t.array.prediction += 2),
    (Kind::StageCycles, Odd::ArrayOrHardware, |t| {
        t.hardware.counters.stages[2].cycles += 1
    }),
    (Kind::Saturations, Odd::Fixed, |t| t.fixed.saturations += 1),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.hardware.counters.events += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.array.counters.stages[1].useful += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.array.counters.spikes += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.hardware.counters.stages[0].slots += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.array.counters.stages[0].waits += 1
    }),
    (Kind::Counters, Odd::ArrayOrHardware, |t| {
        t.hardware.counters.stages[1].passes -= 1
    }),
    (Kind::Clamps, Odd::Fixed, |t| {
        t.fixed.first_saturation.as_mut().expect("a clamp").neuron += 1
    }),
    (Kind::Clamps, Odd::Hardware, |t| {
        t.hardware.clamps.membrane.as_mut().expect("a clamp").step += 1
    }),
];

#[test]
fn every_edited_value_is_found_by_its_comparison() {
    let case = bench();
    let sample = &case.samples[0];
    let mut engine = ArrayEngine::new(&case.program, &case.parameters).expect("runs");
    let array = engine.trace(sample);
    let fixed = case.reference().remove(0);
    let compare = |edit: Edit| {
        let mut traces = Traces {
            fixed: fixed.clone(),
            array: array.clone(),
            hardware: array.clone(),
        };
        edit(&mut traces);
        let mut comparison = Comparison::default();
        let Traces {
            fixed,
            array,
            hardware,
        } = &traces;
        comparison.add(0, &case.program, fixed, array, hardware);
        comparison
    };
    assert_eq!(compare(|_| ()).mismatches(), 0, "without an edit");
    for (k, (kind, odd, edit)) in EDITS.into_iter().enumerate() {
        let comparison = compare(edit);
        assert_eq!(comparison.mismatches(), 1, "edit {k}");
        assert_eq!(comparison.differing.get(&kind), Some(&1), "edit {k}");
        let first = comparison.first.expect("a mismatch");
        assert_eq!(
            (first.kind, Odd::of(&first)),
            (kind, odd),
            "edit {k}: {first}"
        );
        eprintln!("| an edited value | traces | {} | {first} |", kind.name());
    }
}

#[test]
fn lost_and_misplaced_records_are_found() {
    let case = bench();
    let mut engine = ArrayEngine::new(&case.program, &case.parameters).expect("runs");
    let array = engine.trace(&case.samples[0]);
    let fixed = case.reference().remove(0);
    let breaks: [fn(&mut ArrayTrace); 4] = [
        |t| t.chunks.clear(),
        |t| drop(t.chunks.pop()),
        |t| t.chunks.swap(0, 1),
        |t| t.chunks.push(t.chunks[0].clone()),
    ];
    for (k, break_it) in breaks.into_iter().enumerate() {
        let mut hardware = array.clone();
        break_it(&mut hardware);
        let mut comparison = Comparison::default();
        comparison.add(0, &case.program, &fixed, &array, &hardware);
        let first = comparison.first.expect("a mismatch");
        assert_eq!(
            (first.kind, Odd::of(&first)),
            (Kind::SpikeWords, Odd::Hardware),
            "{k}: {first}"
        );
    }
}
