//! Learning in hardware: fixed-point engine, array engine and simulated RTL train the same random
//! networks and agree in everything that they can be compared in, in both simulators, whatever the
//! memories hold at power-up, and on any number of lanes.

use rtlsim::{Compile, Engine, Options, PowerUp, Project, Tools};
use spidec_compiler::lower::Purpose;
use spidec_ir::fixed::quantize;
use spidec_ir::network::{Direction, LossKind, Source};
use spidec_ir::program::{ArrayProgram, Instruction, LearnSource, WeightImage};
use spidec_ir::random::{hash, initial_parameters};
use spidec_ir::trace::ArrayTrace;
use spidec_ir::{FixedParameters, Rounding};
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::FixedEngine;
use spidec_tests::activity::{Activity, Reckoned, TrainingActivity, Witness};
use spidec_tests::case::{Case, Run};
use spidec_tests::random_network::{
    self, BACKWARD_STEPS, GRAPHS, Graph, LEARNING_GROUPS, LEARNING_STEPS, sizes,
};
use spidec_tests::sums::Sums;
use spidec_tests::work::in_two_threads;
use spidec_verify::hardware::{Hardware, project};
use spidec_verify::{Kind, Report};
use std::collections::{BTreeMap, BTreeSet};

/// Random networks in all.
const NETWORKS: u64 = 60;

/// Far above what any sample takes.
const LIMIT: u32 = 100_000_000;

/// One random network on the machine of its group.
struct Member {
    index: u64,
    graph: Graph,
    case: Case,
    project: Project,
}

/// All networks, the machine of each the join over its group.
fn members() -> Vec<Member> {
    let groups = LEARNING_GROUPS.len() as u64;
    let mut all = Vec::new();
    for (k, group) in (0..).zip(&LEARNING_GROUPS) {
        let indices = k * NETWORKS / groups..(k + 1) * NETWORKS / groups;
        let mut cases: Vec<(u64, Graph, Case)> = indices
            .map(|index| {
                let (network, graph) = random_network::learner(group, index);
                let samples = random_network::training_samples(&network, index);
                let parameters = |n: &_| random_network::parameters(n, index);
                let text = network.to_string();
                let case = Case::new(&text, Purpose::Learning, parameters, samples);
                assert_eq!(case.network, network, "the canonical text parses back");
                (index, graph, case)
            })
            .collect();
        let machines = cases
            .iter()
            .map(|(_, _, case)| case.program.machine.clone());
        let machine = machines
            .reduce(|a, b| a.join(&b).expect("alike"))
            .expect("members");
        let project = project(&machine).expect("templates render");
        for (_, _, case) in &mut cases {
            case.lower_onto(&machine);
        }
        all.extend(cases.into_iter().map(|(index, graph, case)| Member {
            index,
            graph,
            case,
            project: project.clone(),
        }));
    }
    all
}

/// The registers of a case's array before it trains.
fn learning_state(case: &Case) -> LearningState {
    let engine = FixedEngine::new(&case.network).expect("fixed point takes it");
    LearningState {
        seed: case.network.training.seed,
        samples: 0,
        constants: engine.learning(0).expect("it learns").constants,
    }
}

/// An array engine that is ready to train a case.
fn array(case: &Case) -> ArrayEngine {
    let mut engine = ArrayEngine::new(&case.program, &case.parameters).expect("runs");
    engine.learning = learning_state(case);
    engine
}

#[test]
fn random_networks_train_and_agree_in_everything() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let members = members();
    let mut builds: Vec<&Project> = Vec::new();
    for member in &members {
        if !builds.contains(&&member.project) {
            builds.push(&member.project);
        }
    }
    assert!(builds.len() <= 8, "{} builds", builds.len());

    let reports = in_two_threads(&members, |member| {
        let run = Run {
            project: &member.project,
            engine: Engine::Verilator,
            tools: &tools,
            power_up: PowerUp::Random(member.index),
            compile: Compile::default(),
            waveform: None,
        };
        member.case.verify(&run).expect("runs")
    });
    let mut sums = Sums::default();
    let mut forward = Activity::default();
    let mut training = TrainingActivity::default();
    let mut quiet = 0;
    for (member, report) in members.iter().zip(&reports) {
        let case = &member.case;
        sums.add(&case.text, report);
        assert_eq!(report.samples, case.samples.len());
        let witness = Witness::of(case);
        forward.add(case, witness.traces.iter().map(|trace| &trace.forward));
        let mut own = TrainingActivity::default();
        own.add(case, &witness);
        told(case, report, &witness, &own);
        quiet += report.trained.as_ref().map_or(0, |t| t.quiet);
        training.add(case, &witness);
    }
    sums.print("Verilator", Kind::ALL);
    // Every build has a network in which all of it happens.
    for build in &builds {
        let own = members
            .iter()
            .zip(&reports)
            .filter(|(member, _)| member.project == **build);
        assert!(
            { own }.any(|(_, report)| report.passed()),
            "a build without"
        );
    }
    eprintln!(
        "  {} networks, {} builds, {} of them without all activity; {quiet} quiet exits\n  {forward:?}\n  {training:?}",
        members.len(),
        builds.len(),
        sums.vacuous,
    );
    // Only those drawn without regard to what they do.
    assert!(sums.vacuous <= 15, "{}", sums.vacuous);
    for (what, count) in [
        ("ties", forward.ties),
        ("neurons that become part of the current", forward.holds),
        ("neurons that are taken out of it", forward.releases),
        ("backward spikes of 1", training.positive),
        ("backward spikes of -1", training.negative),
        ("ties of couples", training.ties),
        ("clamps of membranes", training.forward_clamps),
        ("clamps of couples", training.backward_clamps),
        ("weights that changed", training.changed),
        ("clamps of weights", training.weight_clamps),
        ("clamps of errors", training.error_clamps),
        ("samples without an error", training.without_error),
        (
            "samples with an error but no backward spike",
            training.silent,
        ),
        ("quiet exits", quiet as u64),
        ("couples with mask 0", training.masks[0]),
        ("couples with mask 1", training.masks[1]),
    ] {
        assert!(count > 0, "no {what}");
    }
}

/// What a report tells of a training is what the witness did.
fn told(case: &Case, report: &Report, witness: &Witness, activity: &TrainingActivity) {
    let trained = report.trained.as_ref().expect("a training");
    let counters = &report.counters;
    assert_eq!(
        (trained.positive, trained.negative),
        (activity.positive, activity.negative),
        "{}",
        case.text
    );
    assert_eq!(trained.without_error as u64, activity.without_error);
    assert_eq!(
        counters.backward_spikes,
        activity.positive + activity.negative
    );
    assert_eq!(
        counters.saturations,
        activity.forward_clamps + activity.backward_clamps
    );
    assert_eq!(counters.weight_saturations, activity.weight_clamps);
    assert_eq!(counters.error_saturations, activity.error_clamps);
    assert_eq!(trained.parameters.as_ref(), witness.parameters.last());
    let after = witness.parameters.last().expect("samples");
    let layers = after.layers().zip(case.parameters.layers()).enumerate();
    let layers = layers.filter(|&(layer, _)| !case.network.is_frozen(layer));
    let changed: Vec<bool> = layers
        .map(|(_, (after, before))| after.weight != before.weight)
        .collect();
    let said: Vec<bool> = trained.layers.iter().map(|(_, changed)| *changed).collect();
    assert_eq!(said, changed);
}

#[test]
fn five_of_them_train_in_icarus() {
    let Some(tools) = spidec_tests::simulator(Engine::Icarus) else {
        return;
    };
    // Of each machine the one of least work in which everything happens; of these the five least.
    let mut cheapest: BTreeMap<u32, (u64, Member)> = BTreeMap::new();
    for member in members() {
        let case = &member.case;
        let mut activity = TrainingActivity::default();
        activity.add(case, &Witness::of(case));
        let happens = activity
            .positive
            .min(activity.negative)
            .min(activity.changed)
            > 0;
        let work = work(case);
        let machine = case.program.machine.id();
        if happens
            && cheapest
                .get(&machine)
                .is_none_or(|(least, _)| work < *least)
        {
            cheapest.insert(machine, (work, member));
        }
    }
    let mut five: Vec<_> = cheapest.into_values().collect();
    five.sort_by_key(|(work, _)| *work);
    five.truncate(5);
    assert_eq!(five.len(), 5);

    let reports = in_two_threads(&five, |(_, member)| {
        let run = Run {
            project: &member.project,
            engine: Engine::Icarus,
            tools: &tools,
            power_up: PowerUp::Random(3),
            compile: Compile::default(),
            waveform: None,
        };
        member.case.verify(&run).expect("runs")
    });
    let mut sums = Sums::default();
    for ((_, member), report) in five.iter().zip(&reports) {
        sums.add(&member.case.text, report);
    }
    sums.print("Icarus", Kind::ALL);
}

/// About what a simulator has to do: cycles of samples and of loading weights, times lanes.
fn work(case: &Case) -> u64 {
    let mut engine = array(case);
    let samples = case.samples.iter().enumerate();
    let cycles: u64 = samples
        .map(|(k, s)| engine.train(s, case.label(k)).counters.total_cycles())
        .sum();
    (cycles + 3 * case.image.words.len() as u64) * u64::from(case.program.machine.lanes)
}

#[test]
fn two_power_ups_train_alike() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    // One of each machine, so that every width is powered up.
    let mut machines = BTreeSet::new();
    let members: Vec<Member> = members()
        .into_iter()
        .filter(|member| {
            let mut activity = TrainingActivity::default();
            activity.add(&member.case, &Witness::of(&member.case));
            activity.changed > 0 && machines.insert(member.case.program.machine.id())
        })
        .collect();
    assert_eq!(members.len(), LEARNING_GROUPS.len());
    let changed = in_two_threads(&members, |member| {
        let case = &member.case;
        let one = powered(member, &tools, 1);
        let two = powered(member, &tools, 2);
        assert!(one == two, "{}", case.text);
        let mut after = FixedParameters::zeros(&case.network);
        one.1.read_into(&case.program, &mut after);
        after != case.parameters
    });
    assert!(changed.iter().all(|&changed| changed));
}

/// Traces and weights of a training in hardware that was powered up with a seed.
fn powered(member: &Member, tools: &Tools, seed: u64) -> (Vec<ArrayTrace>, WeightImage, u64) {
    let case = &member.case;
    let options = Options {
        power_up: PowerUp::Random(seed),
        ..Options::default()
    };
    let (engine, project) = (Engine::Verilator, &member.project);
    let opened = Hardware::open(engine, project, &case.program, &case.image, tools, &options);
    let mut hardware = opened.expect("opens");
    hardware
        .set_learning(&learning_state(case))
        .expect("writes");
    let mut traces = Vec::new();
    for (k, sample) in case.samples.iter().enumerate() {
        let trace = hardware
            .train(sample, case.label(k), LIMIT)
            .expect("finishes");
        traces.push(trace);
    }
    let image = hardware.peek_weights().expect("reads");
    (traces, image, hardware.samples().expect("reads"))
}

#[test]
fn events_slots_and_useful_lanes_are_those_of_the_network() {
    let mut stages = [0; 6];
    for member in members() {
        let case = &member.case;
        let mut engine = array(case);
        let samples = case.samples.iter().zip(Witness::of(case).traces);
        for (k, (sample, trace)) in samples.enumerate() {
            let counters = engine.train(sample, case.label(k)).counters;
            let reckoned = Reckoned::training(case, sample, &trace);
            assert_eq!(
                Reckoned::of(&counters),
                reckoned,
                "sample {k}\n{}",
                case.text
            );
            for (sum, slots) in stages.iter_mut().zip(reckoned.slots) {
                *sum += slots;
            }
        }
    }
    eprintln!("slots {stages:?}");
    assert!(
        stages.iter().filter(|&&slots| slots > 0).count() == 5,
        "all but the loss"
    );
}

#[test]
fn an_inference_of_a_learning_machine_is_one() {
    // Not even the sample is counted, and the weights stay.
    for member in members().iter().step_by(5) {
        let case = &member.case;
        let mut learns = array(case);
        let mut infers = case.clone();
        infers.program =
            spidec_compiler::lower::lower(&case.network, &case.lines, Purpose::Inference)
                .expect("lowers");
        let mut infers = ArrayEngine::new(&infers.program, &case.parameters).expect("runs");
        for sample in &case.samples {
            let (one, two) = (learns.trace(sample), infers.trace(sample));
            assert_eq!((one.chunks, one.counts), (two.chunks, two.counts));
            assert_eq!((one.logits, one.prediction), (two.logits, two.prediction));
        }
        assert_eq!(learns.learning.samples, 0);
        assert_eq!(learns.parameters(), case.parameters);
    }
}

const LANES: &str = "spidec 1
network lanes {
  input      x [9] = constant(scale = 1/16)
  population a [19] = if
  population b [5] = if
  readout    y [6] = linear(from = b)
  forward  x -> a = dense(init = normal(std = 0.3))
  forward  a -> b = dense(init = normal(std = 0.3))
  feedback b -> a = dense(init = normal(std = 0.3))
  feedback a -> a = dense(init = normal(std = 0.1), bias = false)
}
training {
  forward_stage  = stage(steps = 12, v_th = 1/2, u_rest = -1/4)
  backward_stage = stage(steps = 9, v_th = 3/8)
  update = sgd(rate = 0.3)
}
array {
  lanes    = 4
  weight   = fixed(bits = 8, frac = 5)
  membrane = fixed(bits = 12, frac = 7)
}
";

#[test]
fn the_same_weights_are_learned_on_any_lanes() {
    let tools = spidec_tests::simulator(Engine::Verilator);
    let samples: Vec<Vec<u8>> = (0..24)
        .map(|sample| {
            let value = |k| match hash(&[sample, k]) % 3 {
                0 => 0,
                _ => (hash(&[sample, k]) >> 32) as u8,
            };
            (0..9).map(value).collect()
        })
        .collect();
    let mut trained: Vec<FixedParameters> = Vec::new();
    for lanes in [4, 8, 16, 32] {
        let text = LANES.replace("lanes    = 4", &format!("lanes    = {lanes}"));
        let parameters = |n: &_| quantize(n, &initial_parameters(n, 1)).expect("fits").0;
        let case = Case::new(&text, Purpose::Learning, parameters, samples.clone());
        assert_eq!(case.program.machine.lanes, lanes);
        let mut engine = array(&case);
        for (k, sample) in samples.iter().enumerate() {
            engine.train(sample, case.label(k));
        }
        trained.push(engine.parameters());
        trained.extend(Witness::of(&case).parameters.pop());
        let changed = engine.parameters();
        let changed = changed.layers().zip(case.parameters.layers());
        assert!(changed.into_iter().all(|(after, before)| after != before));
        if let Some(tools) = tools.as_ref().filter(|_| [4, 16].contains(&lanes)) {
            let project = project(&case.program.machine).expect("renders");
            let run = Run {
                project: &project,
                engine: Engine::Verilator,
                tools,
                power_up: PowerUp::Random(5),
                compile: Compile::default(),
                waveform: None,
            };
            let report = case.verify(&run).expect("runs");
            assert!(
                report.passed(),
                "{:?} {:?}",
                report.comparison.first,
                report.vacuous()
            );
            assert_eq!(report.samples, 24);
            trained.extend(report.trained.expect("a training").parameters);
        }
    }
    assert_eq!(trained.len(), if tools.is_some() { 10 } else { 8 });
    for other in &trained {
        assert_eq!(other, &trained[0]);
    }
}

#[test]
fn the_networks_cover_sizes_steps_graphs_losses_and_frozen_parts() {
    let members = members();
    assert_eq!(members.len(), NETWORKS as usize);
    let mut populations = BTreeSet::new();
    let mut steps = BTreeSet::new();
    let mut backward_steps = BTreeSet::new();
    let mut graphs = BTreeSet::new();
    let mut lanes = BTreeSet::new();
    let mut formats = BTreeSet::new();
    let mut traits = BTreeMap::<&str, usize>::new();
    for Member { graph, case, .. } in &members {
        let network = &case.network;
        for population in &network.populations {
            let size = population.shape.size() as u32;
            let all = sizes(network.array.lanes);
            populations.insert(all.iter().position(|&s| s == size).expect("one"));
        }
        lanes.insert(network.array.lanes);
        steps.insert(network.training.forward.steps);
        backward_steps.insert(network.training.backward.steps);
        graphs.insert(*graph);
        let error = network.array.error;
        formats.insert((error.bits, error.frac));
        assert!((3..=6).contains(&case.samples.len()));
        let mut note = |what, yes: bool| *traits.entry(what).or_default() += usize::from(yes);
        for (kind, what) in [
            (LossKind::CrossEntropy, "cross-entropy"),
            (LossKind::MeanSquaredError, "mean squared error"),
        ] {
            note(what, network.training.loss.kind == kind);
        }
        let stochastic = network.array.learning == Rounding::Stochastic;
        note("stochastic", stochastic);
        note("to the nearest", !stochastic);
        note("frozen readout", network.readout.frozen);
        note("readout with bias", network.readout.bias);
        note("readout without bias", !network.readout.bias);
        let needed = network.backward_populations();
        note(
            "a population that learning does not need",
            needed.contains(&false),
        );
        note("no backward stage", !needed.contains(&true));
        for p in &network.projections {
            let feedback = p.direction == Direction::Feedback;
            note("frozen", p.frozen);
            note("input that learns", p.source == Source::Input && !p.frozen);
            note("feedback that learns", feedback && !p.frozen);
            note(
                "self that learns",
                p.source == Source::Population(p.destination) && !p.frozen,
            );
            note("bias that learns", p.bias && !p.frozen);
            note("feedback with bias", feedback && p.bias);
        }
        let learns = |wanted: fn(&LearnSource) -> bool| {
            let mut all = case.program.instructions.iter();
            all.any(|i| matches!(i, Instruction::Learn(l) if wanted(&l.source)))
        };
        note(
            "learns from counts",
            learns(|s| matches!(s, LearnSource::Counts { .. })),
        );
        note(
            "learns from input",
            learns(|s| matches!(s, LearnSource::Input { .. })),
        );
        note(
            "learns from one",
            learns(|s| matches!(s, LearnSource::One { .. })),
        );
    }
    eprintln!("{traits:?} {lanes:?} {formats:?}");
    assert_eq!(populations.len(), 6, "sizes {populations:?}");
    assert!(lanes.iter().eq(&[4, 8, 16, 32]), "{lanes:?}");
    assert_eq!(steps, BTreeSet::from(LEARNING_STEPS));
    assert_eq!(backward_steps, BTreeSet::from(BACKWARD_STEPS));
    assert_eq!(graphs.len(), GRAPHS.len(), "graphs {graphs:?}");
    assert!(formats.len() >= 5, "{formats:?}");
    for (what, count) in traits {
        assert!(count > 0, "{what}");
    }
}

/// A way to break a program.
type Break = fn(&mut ArrayProgram);

#[test]
fn learning_programs_print_parse_back_and_are_refused_where_broken() {
    fn learn(program: &mut ArrayProgram) -> &mut spidec_ir::program::Learn {
        let mut learns = program.instructions.iter_mut().filter_map(|i| match i {
            Instruction::Learn(learn) => Some(learn),
            _ => None,
        });
        learns.next().expect("a learn")
    }
    let breaks: [(&str, Break); 12] = [
        ("a machine that only infers", |p| p.machine.learning = false),
        ("an operand's width", |p| {
            p.machine.operand_bits = p.machine.weight_bits - 1
        }),
        ("an error's width", |p| p.machine.error_bits = 0),
        ("a learn's errors", |p| learn(p).from = p.machine.chunks),
        ("a learn's words", |p| learn(p).words += 1),
        ("a learn's weights", |p| learn(p).weights += 1),
        ("a learn's stride", |p| learn(p).stride += 1),
        ("a learn's layer", |p| learn(p).layer = 1000),
        ("a learn's source", |p| {
            learn(p).source = LearnSource::One {
                value: 1 << 18,
                index: 0,
            }
        }),
        ("a layer's constant", |p| {
            let layer = p.machine.layers;
            p.instructions.insert(0, Instruction::Layer { layer });
        }),
        ("a branch backward", |p| {
            for instruction in &mut p.instructions {
                if let Instruction::Branch { target, .. } = instruction {
                    *target = 0;
                }
            }
        }),
        ("a loss of too many classes", |p| {
            for instruction in &mut p.instructions {
                if let Instruction::Loss { classes, .. } = instruction {
                    *classes = 0x10000;
                }
            }
        }),
    ];
    for member in members() {
        let program = &member.case.program;
        let back = ArrayProgram::from_yaml(&program.to_yaml()).expect("parses");
        assert_eq!(&back, program, "random_{}", member.index);
        if member.index % 7 != 0 {
            continue;
        }
        for (what, break_it) in breaks {
            let mut broken = program.clone();
            break_it(&mut broken);
            let refused = broken.verify();
            assert!(refused.is_err(), "{what} of random_{}", member.index);
        }
    }
}
