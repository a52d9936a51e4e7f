//! The report itself: a run without a fault passes and was no empty one; silence fails; the waveform
//! of a mismatch; the watchdog.

use crate::rtl::replace;
use crate::{bench, change_a_bit, project_of, verify};
use rtlsim::{Compile, Engine, Options, PowerUp};
use spidec_ir::FixedParameters;
use spidec_ir::program::{Instruction, WeightImage};
use spidec_tests::activity::Activity;
use spidec_tests::case::Run;
use spidec_verify::{Hardware, HardwareError, Kind, VerifyError};

#[test]
fn without_a_fault_it_passes_and_there_is_something_to_catch() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let case = bench();
    let report = verify(&case, &project_of(&case), &tools).expect("runs");
    assert!(report.passed(), "{:?}", report.comparison.first);
    assert_eq!(report.vacuous(), [""; 0]);
    assert_eq!(report.samples, case.samples.len());
    for kind in Kind::ALL.into_iter().filter(|kind| kind.inference()) {
        assert!(report.comparison.compared[&kind] > 0, "{}", kind.name());
    }

    let traces = case.reference();
    let mut activity = Activity::default();
    activity.add(&case, &traces);
    eprintln!("{activity:?}");
    assert!(
        activity.ties > 0 && activity.highest > 0 && activity.lowest > 0 && activity.releases > 0
    );
    for population in 0..case.network.populations.len() {
        let silent =
            |t: &spidec_ir::trace::ForwardTrace| t.counts[population].iter().all(|&n| n == 0);
        assert!(
            !traces.iter().all(silent),
            "population {population} never spikes"
        );
    }
    for trace in &traces {
        let largest = trace.logits.iter().max();
        let alike = trace.logits.iter().filter(|z| Some(*z) == largest).count();
        assert!(alike > 1, "the largest logit is alone");
    }
}

#[test]
fn a_run_in_which_nothing_spikes_fails_as_vacuous() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let mut case = bench();
    case.parameters = FixedParameters::zeros(&case.network);
    case.image = WeightImage::new(&case.program, &case.parameters);
    let report = verify(&case, &project_of(&case), &tools).expect("runs");
    assert_eq!(report.comparison.mismatches(), 0);
    assert_eq!(report.vacuous(), ["no spike"]);
    assert!(!report.passed());

    case.samples.clear();
    let report = verify(&case, &project_of(&case), &tools).expect("runs");
    assert_eq!(report.vacuous(), ["no spike"], "no samples");
    assert!(!report.passed());
}

#[test]
fn a_mismatch_leaves_a_waveform_where_it_was_asked_for() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wave.vcd");
    let mut case = bench();
    let project = project_of(&case);
    let run = Run {
        project: &project,
        engine: Engine::Verilator,
        tools: &tools,
        power_up: PowerUp::Zero,
        compile: Compile::Quick,
        waveform: Some(path.clone()),
    };
    let report = case.verify(&run).expect("runs");
    assert_eq!(report.waveform, None, "nothing differs");
    assert!(!path.exists());

    change_a_bit(&mut case);
    let report = case.verify(&run).expect("runs");
    assert!(!report.passed());
    assert_eq!(report.waveform.as_deref(), Some(path.as_path()));
    let wave = std::fs::read_to_string(&path).expect("a waveform");
    assert!(wave.contains("$enddefinitions") && wave.contains("trace_state_o"));
    let last = wave
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix('#'))
        .expect("a time");
    assert!(last.parse::<u64>().expect("a number") > 1000, "{last}");
}

#[test]
fn a_loop_that_does_not_end_within_the_limit_is_stopped() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let mut case = bench();
    let project = project_of(&case);
    for instruction in &mut case.program.instructions {
        if let Instruction::Loop { steps, .. } = instruction {
            *steps = 0xffff;
        }
    }
    let options = Options {
        compile: Compile::Quick,
        ..Options::default()
    };
    let mut hardware = Hardware::open(
        Engine::Verilator,
        &project,
        &case.program,
        &case.image,
        &tools,
        &options,
    )
    .expect("opens");
    for limit in [2000, 2001, 2002, 2003, 2050] {
        match hardware.run(&case.samples[0], limit) {
            Err(HardwareError::Stopped { code, unit, cycles }) => {
                assert!((1..=5).contains(&code), "{code} {unit}");
                assert!(
                    cycles > u64::from(limit) && cycles < u64::from(limit) + 8,
                    "{cycles}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn hardware_of_another_machine_is_refused() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let mut case = bench();
    let project = project_of(&case);
    case.program.machine.blocks += 4;
    match verify(&case, &project, &tools) {
        Err(VerifyError::Hardware(HardwareError::Identity { what, .. })) => {
            assert_eq!(what, "machine")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_memories_hold_at_power_up_shows_only_with_a_fault() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let case = bench();
    let sound = project_of(&case);
    let uncleared = [(
        "(s4_op_i == CLEAR) || (s4_op_i == LATCH)",
        "(s4_op_i == LATCH)",
    )];
    let faulty = replace(&sound, "lane", &uncleared);
    for (project, equal) in [(&sound, true), (&faulty, false)] {
        let trace = |seed| {
            let options = Options {
                power_up: PowerUp::Random(seed),
                compile: Compile::Quick,
                ..Options::default()
            };
            let (engine, program) = (Engine::Verilator, &case.program);
            let opened = Hardware::open(engine, project, program, &case.image, &tools, &options);
            let mut hardware = opened.expect("opens");
            hardware.run(&case.samples[0], 100_000).expect("finishes")
        };
        assert_eq!(trace(1) == trace(2), equal);
    }
}
