//! The emitted project as a board has it: it runs from its memory images, and its host port does what
//! the manifest says, in both simulators.

use rtlsim::{Engine, PowerUp, Project};
use serde_json::Value;
use spidec_compiler::lower::Purpose;
use spidec_ir::program::WeightImage;
use spidec_ir::random;
use spidec_ir::trace::{Stage, Work};
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::FixedEngine;
use spidec_tests::board::{
    Board, COUNTS, CURRENTS, PROGRAM, REGISTERS, START, STATES, WEIGHTS, example,
};
use spidec_tests::case::Case;
use spidec_tests::simulator;

/// The smallest example, with its project as it lies in a folder, and the manifest.
fn tiny(purpose: Purpose) -> (Case, Project, Value) {
    example("tiny.fsnn", purpose)
}

const ENGINES: [Engine; 2] = [Engine::Verilator, Engine::Icarus];

#[test]
fn a_project_runs_from_its_images() {
    let (case, project, _) = tiny(Purpose::Inference);
    for (engine, seed) in [
        (ENGINES[0], 1),
        (ENGINES[0], 2),
        (ENGINES[0], 3),
        (ENGINES[1], 1),
    ] {
        let Some(mut board) = Board::open(engine, &project, PowerUp::Random(seed)) else {
            continue;
        };
        let expected = u64::from_str_radix(&case.program.design, 16).expect("a hash");
        assert_eq!(board.design(), expected);
        assert_eq!(board.read(REGISTERS), u32::from_be_bytes(*b"SPDC"));
        assert_eq!(board.read(REGISTERS + 1), case.program.machine.id());
        let mut array = ArrayEngine::new(&case.program, &case.parameters).expect("verifies");
        let mut spikes = 0;
        for sample in &case.samples {
            board.start(sample);
            assert_eq!(board.wait(), 2, "done, no error");
            let trace = array.trace(sample);
            spikes += trace.counters.spikes;
            assert_eq!(board.read(REGISTERS + 6), trace.prediction);
            let start = STATES + case.program.readout.chunk * case.program.machine.lanes;
            let logits = (0..).zip(&trace.logits).map(|(k, _)| start + k);
            let logits: Vec<i32> = logits.map(|at| board.read(at) as i32).collect();
            assert_eq!(logits, trace.logits);
            let c = trace.counters;
            for stage in Stage::INFERENCE {
                let counters = [0, 1, 2, 3, 4].map(|kind| board.counter(kind, stage));
                let work = c.stages[stage as usize];
                let Work {
                    cycles,
                    slots,
                    useful,
                    waits,
                    passes,
                } = work;
                assert_eq!(
                    counters,
                    [cycles, slots, useful, waits, passes],
                    "{stage:?}"
                );
            }
            let whole = [104, 105, 106].map(|k| u64::from(board.read(REGISTERS + k)));
            assert_eq!(whole, [c.events, c.spikes, c.saturations]);
        }
        assert!(spikes > 0, "nothing spiked");
    }
}

/// What the design register says: at power-up, after the program memory was written, after the host
/// set it, after a reset, after one more write.
fn designs(engine: Engine, project: &Project) -> Option<[u64; 5]> {
    let mut board = Board::open(engine, project, PowerUp::Random(5))?;
    let built_in = board.design();
    board.write(PROGRAM + 4, 7);
    let written = board.design();
    board.write(REGISTERS + 2, 0x89ab_cdef);
    board.write(REGISTERS + 3, 0x0123_4567);
    // Weights are no part of it.
    board.write(WEIGHTS, 1);
    let set = board.design();
    board.reset();
    let kept = board.design();
    board.write(PROGRAM, 0);
    Some([built_in, written, set, kept, board.design()])
}

#[test]
fn the_design_register_says_what_is_loaded_or_nothing() {
    let (case, project, _) = tiny(Purpose::Inference);
    let built_in = u64::from_str_radix(&case.program.design, 16).expect("a hash");
    let loaded = 0x0123_4567_89ab_cdef;
    for engine in ENGINES {
        if let Some(found) = designs(engine, &project) {
            assert_eq!(found, [built_in, 0, loaded, loaded, 0], "{engine:?}");
        }
    }
    // A reset that forgets what was loaded, and a write that goes unnoticed, are seen.
    for (from, to, wrong) in [
        (
            "if (!rst_i) begin",
            "if (rst_i) design_q <= DESIGN; else begin",
            [built_in, 0, loaded, built_in, 0],
        ),
        (
            "if (writes && region == 4'd1) design_q <= 64'd0;",
            "",
            [built_in, built_in, loaded, loaded, loaded],
        ),
    ] {
        let mut broken = project.clone();
        let host = broken.sources.iter_mut();
        let mut host = host.filter(|s| s.name.ends_with("spidec_host.v"));
        let text = &mut host.next().expect("the host port").text;
        assert_eq!(text.matches(from).count(), 1, "{from}");
        *text = text.replace(from, to);
        if let Some(found) = designs(Engine::Verilator, &broken) {
            assert_eq!(found, wrong, "{to}");
        }
    }
}

#[test]
fn all_weights_and_states_can_be_written_and_read() {
    for (engine, purpose) in [
        (ENGINES[0], Purpose::Inference),
        (ENGINES[1], Purpose::Inference),
        (ENGINES[0], Purpose::Learning),
    ] {
        let (case, project, manifest) = tiny(purpose);
        let machine = &case.program.machine;
        let Some(mut board) = Board::open(engine, &project, PowerUp::Zero) else {
            continue;
        };
        // The images are there before anything is written.
        for (k, &weight) in (0..).zip(&case.image.words) {
            assert_eq!(board.read(WEIGHTS + k) as i32, weight, "weight {k}");
        }
        let lanes = machine.lanes;
        let mut regions = vec![
            (
                WEIGHTS,
                machine.weight_rows() * lanes,
                machine.weight_bits,
                true,
            ),
            (
                STATES,
                machine.chunks * lanes,
                machine.accumulator_bits,
                true,
            ),
            (
                CURRENTS,
                machine.chunks * lanes,
                machine.accumulator_bits,
                true,
            ),
            (COUNTS, machine.chunks * lanes, machine.count_bits, false),
        ];
        if machine.learning {
            let region = |name: &str| number(&manifest, "regions", "region", name) << 24;
            regions.extend([
                (
                    region("errors"),
                    machine.chunks * lanes,
                    machine.error_bits,
                    true,
                ),
                (region("constants"), machine.layers, 23, false),
            ]);
        }
        for (region, words, bits, signed) in regions {
            let word = |k: u32| {
                let random = random::hash(&[u64::from(region), u64::from(k)]) as u32;
                match signed {
                    true => (random << (32 - bits)) as i32 >> (32 - bits),
                    false => (random & ((1 << bits) - 1)) as i32,
                }
            };
            // All of the small memories, the first and last words of the banks.
            let places = || (0..words).filter(|k| *k < 80 || *k + 80 >= words);
            for k in places() {
                board.write(region + k, word(k) as u32);
            }
            for k in places() {
                assert_eq!(board.read(region + k) as i32, word(k), "{region:#x} + {k}");
            }
        }
    }
}

#[test]
fn what_the_manifest_does_not_name_reads_as_zero() {
    for purpose in [Purpose::Inference, Purpose::Learning] {
        let (case, project, manifest) = tiny(purpose);
        let Some(mut board) = Board::open(ENGINES[0], &project, PowerUp::Random(3)) else {
            continue;
        };
        board.load(&case.samples[0]);
        let training = u32::from(purpose == Purpose::Learning);
        board.write(REGISTERS + 4, 1 | training << 1);
        assert_eq!(board.wait(), 2);
        let offsets = |table: &str| -> Vec<u32> {
            let rows = manifest[table].as_array().expect("a table").iter();
            rows.map(|row| row["offset"].as_u64().expect("a number") as u32)
                .collect()
        };
        let mut named = offsets("registers");
        named.extend(offsets("sample_counters"));
        let stages = manifest["stages"].as_array().expect("stages").len() as u32;
        named.extend((0..5).flat_map(|kind| (0..stages).map(move |stage| 64 + 8 * kind + stage)));
        let mut told = 0;
        for offset in (0..300).chain([0x1000, 0x10_0000, 0x40_0040]) {
            let found = board.read(REGISTERS + offset);
            told += u32::from(found != 0);
            assert!(
                found == 0 || named.contains(&offset),
                "{offset}: {found:#x}"
            );
        }
        assert!(told > 12, "{told}");
        let regions = manifest["regions"].as_array().expect("regions").len() as u32;
        for region in regions..16 {
            board.write(region << 24, 5);
            assert_eq!(board.read(region << 24), 0, "region {region}");
        }
    }
}

/// Registers may be read at any time. The network has so many chunks that the array is seldom idle.
#[test]
fn reading_registers_while_a_sample_runs_changes_nothing() {
    for purpose in [Purpose::Inference, Purpose::Learning] {
        let (case, project, _) = example("digits.fsnn", purpose);
        assert_eq!(polled(&case, &project), Ok(()));
        // A read of a register that takes a cycle of the array's memories, as one of a weight does.
        let mut broken = project.clone();
        let mut host = broken.sources.iter_mut();
        let host = host.find(|s| s.name.ends_with("spidec_host.v"));
        let text = &mut host.expect("the host port").text;
        let gate = "&& !running_i && region != 4'd0;";
        assert_eq!(text.matches(gate).count(), 1);
        *text = text.replace(gate, "&& allowed;");
        let found = polled(&case, &broken);
        assert!(
            found.is_err() || simulator(Engine::Verilator).is_none(),
            "it is found"
        );
    }
}

/// Runs samples, reading registers without a pause; what differs from the array engine first.
fn polled(case: &Case, project: &Project) -> Result<(), String> {
    let Some(mut board) = Board::open(Engine::Verilator, project, PowerUp::Random(4)) else {
        return Ok(());
    };
    let learning = case.program.machine.learning;
    let fixed = FixedEngine::new(&case.network).expect("fixed point takes it");
    let mut array = ArrayEngine::new(&case.program, &case.parameters).expect("verifies");
    array.learning = LearningState {
        seed: case.network.training.seed,
        samples: START.samples,
        constants: fixed.learning(START.epochs).expect("it learns").constants,
    };
    let same = |what: &str, found: &[i64], wanted: &[i64]| match found == wanted {
        true => Ok(()),
        false => Err(format!("{what}: {found:?} instead of {wanted:?}")),
    };
    for (k, sample) in case.samples.iter().enumerate() {
        board.load(sample);
        let trace = match learning {
            false => array.trace(sample),
            true => array.train_trace(sample, case.label(k)),
        };
        if learning {
            board.write(REGISTERS + 9, case.label(k) as u32);
        }
        board.write(REGISTERS + 4, 1 | u32::from(learning) << 1);
        // Status, counters and all other registers in turn.
        let mut reads = 0;
        while board.read(REGISTERS + 5) & 1 == 1 {
            board.read(REGISTERS + 64 + reads % 64);
            board.read(REGISTERS + reads % 16);
            reads += 1;
        }
        assert!(reads > 10, "{reads}");
        let start = STATES + case.program.readout.chunk * case.program.machine.lanes;
        let logits = (0..).zip(&trace.logits).map(|(k, _)| start + k);
        let logits: Vec<i64> = logits.map(|at| i64::from(board.read(at) as i32)).collect();
        let wanted: Vec<i64> = trace.logits.iter().map(|&z| z.into()).collect();
        same("logits", &logits, &wanted)?;
        let counted = [6, 104, 105].map(|at| i64::from(board.read(REGISTERS + at)));
        let c = &trace.counters;
        let wanted = [trace.prediction.into(), c.events as i64, c.spikes as i64];
        same("prediction, events, spikes", &counted, &wanted)?;
        let cycles = [board.cycles() as i64];
        same("cycles", &cycles, &[c.total_cycles() as i64])?;
    }
    let image = WeightImage::new(&case.program, &array.parameters());
    assert_eq!(image != case.image, learning);
    let words = (0..).zip(&image.words).map(|(k, &word)| {
        let found = board.read(WEIGHTS + k) as i32;
        same(&format!("weight {k}"), &[found.into()], &[word.into()])
    });
    words.collect()
}

#[test]
fn a_running_sample_is_not_disturbed() {
    let (case, project, _) = tiny(Purpose::Inference);
    let sample = &case.samples[0];
    for engine in ENGINES {
        let Some(mut board) = Board::open(engine, &project, PowerUp::Zero) else {
            continue;
        };
        let weight = board.read(WEIGHTS);
        let design = board.design();
        for access in [
            |board: &mut Board| board.write(WEIGHTS, 0x55),
            |board: &mut Board| board.write(PROGRAM + 4, 0),
            |board: &mut Board| board.write(REGISTERS + 4, 1),
            |board: &mut Board| assert_eq!(board.read(STATES), 0, "refused"),
        ] {
            board.start(sample);
            access(&mut board);
            assert_eq!(board.wait(), 7 << 8 | 6, "done, with error 7");
            assert!(board.failed(), "the port says it too");
            let mut array = ArrayEngine::new(&case.program, &case.parameters).expect("verifies");
            let trace = array.trace(sample);
            assert_eq!(board.read(REGISTERS + 6), trace.prediction);
            let cycles = Stage::INFERENCE.map(|stage| board.counter(0, stage));
            assert_eq!(cycles.iter().sum::<u64>(), trace.counters.total_cycles());
        }
        assert_eq!(board.read(WEIGHTS), weight);
        assert_eq!(board.design(), design);
        // The next start forgets the error; a limit that is too small stops the sample.
        board.write(REGISTERS + 7, 100);
        board.start(sample);
        let status = board.wait();
        assert_eq!(status & 7, 6, "done, with an error");
        assert!(
            (1..=5).contains(&(status >> 8)),
            "a unit is named: {status:#x}"
        );
        board.write(REGISTERS + 7, 0);
        board.start(sample);
        assert_eq!(board.wait(), 2);
    }
}

#[test]
fn a_damaged_program_stops_with_an_error() {
    for (purpose, engine) in [
        (Purpose::Inference, Engine::Verilator),
        (Purpose::Learning, Engine::Icarus),
    ] {
        let (case, project, _) = tiny(purpose);
        let Some(mut board) = Board::open(engine, &project, PowerUp::Random(5)) else {
            continue;
        };
        board.load(&case.samples[0]);
        // An operation that there is none of, a register that there is none of.
        for first in [15, 5 | 7 << 12] {
            for (k, word) in (0..).zip([first, 0, 0, 0, 0]) {
                board.write(PROGRAM + k, word);
            }
            board.write(REGISTERS + 4, 1);
            assert_eq!(board.read(REGISTERS + 5), 6 << 8 | 0b110, "{first:#x}");
        }
    }
}

/// The number that a table of the manifest gives a name.
fn number(manifest: &Value, table: &str, key: &str, name: &str) -> u32 {
    let rows = manifest[table].as_array().expect("a table");
    let row = rows.iter().find(|row| row["name"] == name).expect(name);
    row[key].as_u64().expect("a number") as u32
}

#[test]
fn a_project_trains_itself_from_its_images_by_what_the_manifest_says() {
    let (case, project, manifest) = tiny(Purpose::Learning);
    let register = |name: &str| number(&manifest, "registers", "offset", name);
    let region = |name: &str| number(&manifest, "regions", "region", name) << 24;
    let counter = |name: &str| number(&manifest, "sample_counters", "offset", name);
    let fixed = FixedEngine::new(&case.network).expect("fixed point takes it");
    let lanes = case.program.machine.lanes;
    for (engine, seed) in [
        (ENGINES[0], 1),
        (ENGINES[0], 2),
        (ENGINES[0], 3),
        (ENGINES[1], 1),
    ] {
        let Some(mut board) = Board::open(engine, &project, PowerUp::Random(seed)) else {
            continue;
        };
        let mut array = ArrayEngine::new(&case.program, &case.parameters).expect("verifies");
        array.learning = LearningState {
            seed: case.network.training.seed,
            samples: START.samples,
            constants: fixed.learning(START.epochs).expect("it learns").constants,
        };
        let mut backward_spikes = [0; 2];
        // The images hold the epoch's constants; the host writes those of the next.
        for (epoch, learned) in backward_spikes.iter_mut().enumerate() {
            if epoch > 0 {
                let layers = manifest["training"]["constants"][epoch].as_array();
                for (layer, pair) in (0..).zip(layers.expect("constants")) {
                    let part = |k: usize| pair[k].as_u64().expect("a number") as u32;
                    board.write(region("constants") + layer, part(1) << 18 | part(0));
                }
                array.learning.constants = fixed
                    .learning(START.epochs + 1)
                    .expect("it learns")
                    .constants;
            }
            for (k, sample) in case.samples.iter().enumerate() {
                board.write(register("label"), case.label(k) as u32);
                board.load(sample);
                board.write(register("control"), 3);
                assert_eq!(board.wait(), 2, "done, no error");
                let trace = array.train_trace(sample, case.label(k));
                assert_eq!(board.read(register("prediction")), trace.prediction);
                let c = trace.counters;
                for (name, count) in [
                    ("events", c.events),
                    ("spikes", c.spikes),
                    ("backward_spikes", c.backward_spikes),
                    ("saturations", c.saturations),
                    ("weight_saturations", c.weight_saturations),
                    ("error_saturations", c.error_saturations),
                ] {
                    assert_eq!(u64::from(board.read(counter(name))), count, "{name}");
                }
                for stage in Stage::ALL {
                    let cycles = c.stages[stage as usize].cycles;
                    assert_eq!(board.counter(0, stage), cycles, "{stage:?}");
                }
                for (chunk, errors) in (0..).zip(&trace.errors) {
                    for (lane, &error) in (0..).zip(errors) {
                        let found = board.read(region("errors") + chunk * lanes + lane) as i32;
                        assert_eq!(found, error, "error of chunk {chunk}, lane {lane}");
                    }
                }
                let samples = u64::from(board.read(register("samples_low")));
                assert_eq!(samples, array.learning.samples);
                *learned += c.backward_spikes;
            }
            let image = WeightImage::new(&case.program, &array.parameters());
            assert_ne!(image, case.image, "nothing was learned");
            for (k, &weight) in (0..).zip(&image.words) {
                let found = board.read(region("weights") + k) as i32;
                assert_eq!(found, weight, "weight {k}");
            }
        }
        assert!(
            backward_spikes.iter().all(|&n| n > 0),
            "{backward_spikes:?}"
        );
    }
}
