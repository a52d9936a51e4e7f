//! Work that follows events changes nothing but the time: each way to leave work out is switched off in
//! the program, and everything that is compared stays as it was, in more cycles.

use rtlsim::{Engine, PowerUp, Project, Tools};
use spidec_compiler::lower::Purpose;
use spidec_ir::program::{ArrayProgram, Condition, Instruction};
use spidec_ir::random::hash;
use spidec_ir::trace::{ArrayTrace, Counters, Stage, Work};
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::FixedEngine;
use spidec_tests::activity::{TrainingActivity, Witness};
use spidec_tests::case::{Case, Run, small_weights};
use spidec_tests::random_network::{self, LEARNING_GROUPS};
use spidec_verify::hardware::project;
use spidec_verify::{Kind, Report};

/// Membranes so wide that none is clamped: of populations that learning does not need, the
/// fixed-point engine counts no clamps. Errors so coarse that they can all be zero.
const TEXT: &str = "spidec 1
network bench {
  input      x [6] = constant(scale = 1/16)
  population a [7] = if
  population b [9] = if
  population c [5] = if
  readout    y [5] = linear(from = c)
  forward  x -> a = dense(FIRST)
  forward  a -> b = dense(FIRST)
  forward  b -> c = dense
  forward  a -> c = dense
  feedback c -> c = dense(bias = false)
  feedback c -> b = dense(FIRST)
}
training {
  forward_stage  = stage(steps = 12, v_th = 1/2, u_rest = -1/4)
  backward_stage = stage(steps = 6, v_th = 1)
  loss   = cross_entropy(scale = 16)
  update = sgd(rate = 1)
}
array {
  lanes    = 4
  weight   = fixed(bits = 6, frac = 3)
  membrane = fixed(bits = 16, frac = 5)
  error    = fixed(bits = 4, frac = 2)
}
";

/// The network, with or without frozen projections at its beginning.
fn bench(frozen: bool) -> Case {
    let samples = (0..12u64)
        .map(|sample| {
            // Some samples come twice running.
            let value = |k| match hash(&[sample / 6, sample % 5, k]) {
                h if h.is_multiple_of(3) => 0,
                h => (h >> 32) as u8,
            };
            (0..6).map(value).collect()
        })
        .collect();
    let text = TEXT.replace(
        "FIRST",
        if frozen {
            "frozen = true"
        } else {
            "frozen = false"
        },
    );
    Case::new(&text, Purpose::Learning, parameters, samples)
}

fn parameters(network: &Network) -> FixedParameters {
    small_weights(network, SEED)
}

/// Of weights with which there are samples without an error and quiet ones, and all layers learn.
const SEED: u64 = 16;

/// A way to leave work out, and how it is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feature {
    /// A neuron that fires twice running becomes part of the current.
    Hold,
    /// A sample without an error ends after the loss.
    NoError,
    /// A backward stage that cannot spike is left out, and so is what would learn from it.
    Quiet,
    /// A scatter starts before the sums of the one before are written.
    Drain,
    /// All of them.
    All,
}

const FEATURES: [Feature; 5] = [
    Feature::Hold,
    Feature::NoError,
    Feature::Quiet,
    Feature::Drain,
    Feature::All,
];

impl Feature {
    /// Switches it off; whether the program has it.
    fn off(self, program: &mut ArrayProgram) -> bool {
        let is = |feature| self == feature || self == Feature::All;
        let before = program.clone();
        for instruction in &mut program.instructions {
            match instruction {
                Instruction::Fire { hold, .. } if is(Feature::Hold) => *hold = false,
                Instruction::Scatter(scatter) => {
                    if is(Feature::Hold) {
                        scatter.hold = false;
                    }
                    if is(Feature::Drain) {
                        scatter.drain = true;
                    }
                }
                Instruction::Branch { condition, .. } => {
                    let off = match condition {
                        Condition::Inference => false,
                        Condition::NoError => is(Feature::NoError),
                        Condition::Quiet => is(Feature::Quiet),
                    };
                    if off {
                        // In training it is never taken.
                        *condition = Condition::Inference;
                    }
                }
                _ => {}
            }
        }
        assert_eq!(program.verify(), Ok(()));
        *program != before
    }
}

fn verify(case: &Case, project: &Project, tools: &Tools) -> Report {
    let run = Run {
        project,
        engine: Engine::Verilator,
        tools,
        power_up: PowerUp::Random(9),
        compile: rtlsim::Compile::Quick,
        waveform: None,
    };
    let report = case.verify(&run).expect("runs");
    let first = report.comparison.first.as_ref().map(ToString::to_string);
    assert_eq!((first, &report.stopped), (None, &None));
    assert_eq!(report.samples, case.samples.len());
    report
}

/// Everything but times: equal where only work was left out.
fn compared(report: &Report) -> Vec<(Kind, u64)> {
    let times = [Kind::SpikeCycles, Kind::BackwardCycles];
    // A backward stage that was left out has one value a step and population to compare.
    let left_out = [Kind::BackwardSpikes, Kind::BackwardMembranes];
    let all = report.comparison.compared.iter();
    all.filter(|(kind, _)| !times.contains(kind) && !left_out.contains(kind))
        .map(|(&kind, &count)| (kind, count))
        .collect()
}

fn work(report: &Report, stage: Stage) -> Work {
    report.counters.stages[stage as usize]
}

#[test]
fn hardware_does_the_same_with_each_feature_off_in_more_cycles() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let case = bench(false);
    let project = project(&case.program.machine).expect("renders");
    let on = verify(&case, &project, &tools);
    assert!(on.passed(), "{:?}", on.vacuous());
    let trained = on.trained.as_ref().expect("a training");
    eprintln!(
        "{} samples, {} without an error, {} quiet\n| off | cycles | forward events' slots | backward passes | learning cycles |",
        on.samples, trained.without_error, trained.quiet
    );
    assert!(trained.without_error > 0 && trained.quiet > 0);
    let print = |name: &str, report: &Report| {
        eprintln!(
            "| {name} | {} | {} | {} | {} |",
            report.counters.total_cycles(),
            work(report, Stage::Forward).slots,
            work(report, Stage::Backward).passes,
            work(report, Stage::Learning).cycles,
        );
    };
    print("nothing", &on);
    for feature in FEATURES {
        let mut other = case.clone();
        assert!(feature.off(&mut other.program), "{feature:?}");
        let off = verify(&other, &project, &tools);
        print(&format!("{feature:?}"), &off);
        let parameters =
            |report: &Report| report.trained.as_ref().and_then(|t| t.parameters.clone());
        assert_eq!(parameters(&off), parameters(&on), "{feature:?}");
        assert_eq!(off.predictions, on.predictions, "{feature:?}");
        assert_eq!(compared(&off), compared(&on), "{feature:?}");
        assert_eq!(off.counters.spikes, on.counters.spikes);
        assert_eq!(off.counters.backward_spikes, on.counters.backward_spikes);
        assert_eq!(
            off.counters.weight_saturations,
            on.counters.weight_saturations
        );
        assert_eq!(
            off.counters.error_saturations,
            on.counters.error_saturations
        );
        let exits = trained.without_error as u64;
        less(feature, &on.counters, &off.counters, exits);
    }
}

/// What is less with a feature on, and what is the same.
fn less(feature: Feature, on: &Counters, off: &Counters, exits: u64) {
    assert!(on.total_cycles() < off.total_cycles(), "{feature:?}");
    let cycles = |counters: &Counters, stage: Stage| counters.stages[stage as usize].cycles;
    let slots = |counters: &Counters, stage: Stage| counters.stages[stage as usize].slots;
    let passes = |counters: &Counters, stage: Stage| counters.stages[stage as usize].passes;
    use Stage::{Backward, Forward, Input, Learning};
    match feature {
        Feature::Hold => {
            assert!(on.events < off.events);
            assert!(slots(on, Forward) < slots(off, Forward));
            assert!(cycles(on, Forward) < cycles(off, Forward));
            for stage in Stage::ALL.into_iter().filter(|&stage| stage != Forward) {
                assert_eq!(on.stages[stage as usize], off.stages[stage as usize]);
            }
        }
        Feature::NoError | Feature::Quiet => {
            // What is left out has no events, or none that did anything.
            assert_eq!(slots(on, Forward), slots(off, Forward));
            assert!(passes(on, Backward) < passes(off, Backward));
            assert!(cycles(on, Learning) < cycles(off, Learning));
            for stage in [Input, Forward, Stage::Readout] {
                assert_eq!(cycles(on, stage), cycles(off, stage), "{feature:?}");
            }
            // The branch that is taken fetches its target: a cycle.
            assert!(cycles(on, Stage::Loss) <= cycles(off, Stage::Loss) + exits);
        }
        Feature::Drain => {
            for stage in Stage::ALL {
                let (mut on, mut off) = (on.stages[stage as usize], off.stages[stage as usize]);
                assert!(on.cycles <= off.cycles, "{stage:?}");
                (on.cycles, off.cycles) = (0, 0);
                assert_eq!(on, off, "{stage:?}");
            }
            assert!(cycles(on, Forward) < cycles(off, Forward));
            assert!(cycles(on, Backward) < cycles(off, Backward));
        }
        Feature::All => assert!(slots(on, Forward) < slots(off, Forward)),
    }
}

#[test]
fn what_frozen_layers_leave_out_changes_nothing() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let frozen = bench(true);
    assert_eq!(frozen.network.backward_populations(), [false, true, true]);
    let project = project(&bench(false).program.machine).expect("renders");
    // The program of the network that learns everywhere, with the constants of the frozen one: those of
    // frozen layers are zero.
    let mut all = frozen.clone();
    all.program = bench(false).program;
    let machine = all.program.machine.clone();
    let mut pruned = frozen.clone();
    pruned.lower_onto(&machine);
    let (on, off) = (
        verify(&pruned, &project, &tools),
        verify(&all, &project, &tools),
    );
    assert!(on.passed(), "{:?}", on.vacuous());
    let trained = [&on, &off].map(|report| report.trained.as_ref().expect("a training"));
    assert_eq!(trained[0].parameters, trained[1].parameters);
    assert_eq!(trained[0].without_error, trained[1].without_error);
    assert_eq!(on.predictions, off.predictions);
    let same = |report: &Report| {
        let mut kinds = compared(report);
        // Counts of populations that learning does not need are compared too where they are there.
        kinds.retain(|(kind, _)| *kind != Kind::BackwardCounts);
        kinds
    };
    assert_eq!(same(&on), same(&off));
    let names = [
        "cycles",
        "backward slots",
        "backward passes",
        "learning slots",
    ];
    let figures = |report: &Report| {
        let backward = work(report, Stage::Backward);
        let learning = work(report, Stage::Learning);
        [
            report.counters.total_cycles(),
            backward.slots,
            backward.passes,
            learning.slots,
        ]
    };
    for ((name, on), off) in names.iter().zip(figures(&on)).zip(figures(&off)) {
        eprintln!("{name}: {on} with layers frozen, {off} with their work done");
        assert!(on < off, "{name}");
    }
}

#[test]
fn dead_couples_take_no_slots() {
    // Slots of learning and of backward scatters are those of couples that spiked, all of them alive.
    let case = bench(false);
    let mut engine = array(&case, &case.program);
    let lanes = case.network.array.lanes as u64;
    let (mut done, mut alive, mut full) = (0, 0, 0);
    for ((k, sample), trace) in case
        .samples
        .iter()
        .enumerate()
        .zip(Witness::of(&case).traces)
    {
        let counters = engine.train(sample, case.label(k)).counters;
        done += counters.stages[Stage::Learning as usize].slots;
        for (population, masks) in trace.masks.iter().enumerate() {
            for (neuron, &mask) in masks.iter().enumerate() {
                let silent = trace
                    .backward
                    .iter()
                    .all(|s| s[population].spikes[neuron] == 0);
                assert!(mask || silent, "a dead couple sends");
            }
        }
        // The same work for all couples, and for those with mask 1.
        for p in &case.network.projections {
            let slots = |n: u64| {
                let sources = case.network.source_size(p) as u64;
                n * (sources.div_ceil(lanes) + u64::from(p.bias))
            };
            let masks = &trace.masks[p.destination.index()];
            full += slots(masks.len() as u64);
            alive += slots(masks.iter().filter(|&&mask| mask).count() as u64);
        }
        let readout = case
            .network
            .population(case.network.readout.source)
            .shape
            .size() as u64;
        let slots = u64::from(case.network.readout.classes) * (readout.div_ceil(lanes) + 1);
        full += slots;
        alive += slots;
    }
    eprintln!("learning slots {done}; of all couples with mask 1 {alive}, of all couples {full}");
    assert!(done > 0 && done < alive && alive < full);
}

/// An array engine that is ready to train a case with a program.
fn array(case: &Case, program: &ArrayProgram) -> ArrayEngine {
    let fixed = FixedEngine::new(&case.network).expect("fixed point takes it");
    let mut engine = ArrayEngine::new(program, &case.parameters).expect("runs");
    engine.learning = LearningState {
        seed: case.network.training.seed,
        samples: 0,
        constants: fixed.learning(0).expect("it learns").constants,
    };
    engine
}

/// What a training comes to, without times: chunks of the forward stage, backward spikes, results.
fn untimed(mut trace: ArrayTrace, forward: usize) -> (ArrayTrace, Vec<(u32, u32, u32)>) {
    for chunk in &mut trace.chunks {
        chunk.cycle = 0;
    }
    // A stage that was left out is one without spikes.
    let backward = trace.chunks.split_off(forward);
    let spikes = backward.iter().map(|c| (c.chunk, c.spikes, c.negative));
    let spikes = spikes.filter(|&(_, spikes, _)| spikes != 0).collect();
    trace.counters = Counters::default();
    trace.idle = Default::default();
    (trace, spikes)
}

#[test]
fn sixty_random_networks_train_alike_with_each_feature_off() {
    let mut sums = [(0, 0); FEATURES.len()];
    let mut samples = 0;
    for index in 0..60 {
        let group = &LEARNING_GROUPS[index as usize * LEARNING_GROUPS.len() / 60];
        let (network, _) = random_network::learner(group, index);
        let inputs = random_network::training_samples(&network, index);
        let parameters = |n: &_| random_network::parameters(n, index);
        let case = Case::new(&network.to_string(), Purpose::Learning, parameters, inputs);
        let chunks = case.program.readout.chunk * case.program.steps;
        for (feature, sums) in FEATURES.iter().zip(&mut sums) {
            let mut program = case.program.clone();
            if !feature.off(&mut program) {
                // Of a network without a backward stage, or in which nothing is connected.
                continue;
            }
            let (mut on, mut off) = (array(&case, &case.program), array(&case, &program));
            for (k, sample) in case.samples.iter().enumerate() {
                let label = case.label(k);
                let (one, two) = (
                    on.train_trace(sample, label),
                    off.train_trace(sample, label),
                );
                let cycles = (one.counters.total_cycles(), two.counters.total_cycles());
                // Two spikes running and no third are three events with hold bits: that can be more.
                let holds = [Feature::Hold, Feature::All].contains(feature);
                assert!(
                    holds || cycles.0 <= cycles.1,
                    "{feature:?}: {cycles:?}\n{}",
                    case.text
                );
                sums.0 += cycles.0;
                sums.1 += cycles.1;
                let (one, two) = (untimed(one, chunks as usize), untimed(two, chunks as usize));
                assert!(one == two, "{feature:?}, sample {k}\n{}", case.text);
                assert_eq!(
                    on.parameters(),
                    off.parameters(),
                    "{feature:?}\n{}",
                    case.text
                );
                samples += 1;
            }
        }
    }
    for (feature, (on, off)) in FEATURES.iter().zip(sums) {
        eprintln!("{feature:?}: {on} cycles, {off} with it off");
        assert!(on < off);
    }
    eprintln!("{samples} samples");
}

#[test]
fn the_bench_is_lively() {
    for frozen in [false, true] {
        let case = bench(frozen);
        let witness = Witness::of(&case);
        let mut activity = TrainingActivity::default();
        activity.add(&case, &witness);
        eprintln!("{activity:?}");
        assert_eq!((activity.forward_clamps, activity.backward_clamps), (0, 0));
        assert!(activity.masks[0] > 0 && activity.masks[1] > 0 && activity.without_error > 0);
    }
}
