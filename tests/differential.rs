//! Random networks: fixed-point engine, array engine and simulated RTL agree in everything that they
//! can be compared in, in both simulators and whatever the memories hold at power-up.

use rtlsim::{Compile, Engine, Options, PowerUp, Project};
use spidec_compiler::lower::Purpose;
use spidec_ir::ArrayProgram;
use spidec_ir::network::{Direction, Source};
use spidec_ir::program::{Block, EventSource, Instruction, Machine};
use spidec_runtime::array::ArrayEngine;
use spidec_tests::activity::{Activity, Reckoned};
use spidec_tests::case::{Case, Run};
use spidec_tests::random_network::{self, GRAPHS, GROUPS, Graph, STEPS};
use spidec_tests::sums::Sums;
use spidec_tests::work::in_two_threads;
use spidec_verify::Kind;
use spidec_verify::hardware::{Hardware, project};
use std::collections::{BTreeMap, BTreeSet};

/// Random networks in all.
const NETWORKS: u64 = 40;

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
    let groups = GROUPS.len() as u64;
    let mut all = Vec::new();
    for (k, group) in (0..).zip(&GROUPS) {
        let indices = k * NETWORKS / groups..(k + 1) * NETWORKS / groups;
        let mut cases: Vec<(u64, Graph, Case)> = indices
            .map(|index| {
                let (network, graph) = random_network::network(group, index);
                let samples = random_network::samples(&network, index);
                let parameters = |n: &_| random_network::parameters(n, index);
                let case = Case::new(
                    &network.to_string(),
                    Purpose::Inference,
                    parameters,
                    samples,
                );
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

/// The kinds of an inference.
fn kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| kind.inference())
}

#[test]
fn random_networks_agree_in_everything() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let members = members();
    let mut activity = Activity::default();
    let mut builds: Vec<&Project> = Vec::new();
    for member in &members {
        activity.add(&member.case, &member.case.reference());
        if !builds.contains(&&member.project) {
            builds.push(&member.project);
        }
    }
    assert!(builds.len() <= 6, "{} builds", builds.len());

    let reports = in_two_threads(&members, |member| {
        let run = Run {
            project: &member.project,
            engine: Engine::Verilator,
            tools: &tools,
            power_up: PowerUp::Zero,
            compile: Compile::default(),
            waveform: None,
        };
        let report = member.case.verify(&run).expect("runs");
        assert_eq!(report.samples, member.case.samples.len());
        power_up(member, &tools);
        report
    });
    let mut sums = Sums::default();
    for (member, report) in members.iter().zip(&reports) {
        sums.add(&member.case.text, report);
    }
    sums.print("Verilator", kinds());
    eprintln!(
        "  {} networks, {} builds, {} networks without a spike; {activity:?}",
        members.len(),
        builds.len(),
        sums.vacuous,
    );
    assert!(sums.vacuous <= 8, "{} networks never spike", sums.vacuous);
    for (what, count) in [
        ("ties", activity.ties),
        ("upper clamps", activity.highest),
        ("lower clamps", activity.lowest),
        ("saturations", activity.saturations),
        ("neurons that become part of the current", activity.holds),
        ("neurons that are taken out of it", activity.releases),
    ] {
        assert!(count > 0, "no {what}");
    }
}

/// Two random power-ups give equal traces, though the second runs the samples in the other order.
fn power_up(member: &Member, tools: &rtlsim::Tools) {
    let case = &member.case;
    let open = |seed| {
        let options = Options {
            power_up: PowerUp::Random(seed),
            ..Options::default()
        };
        let (engine, project) = (Engine::Verilator, &member.project);
        Hardware::open(engine, project, &case.program, &case.image, tools, &options)
    };
    let (mut one, mut two) = (open(1).expect("opens"), open(2).expect("opens"));
    let run =
        |hardware: &mut Hardware, sample: &Vec<u8>| hardware.run(sample, LIMIT).expect("finishes");
    let ones: Vec<_> = case.samples.iter().map(|s| run(&mut one, s)).collect();
    let twos: Vec<_> = case
        .samples
        .iter()
        .rev()
        .map(|s| run(&mut two, s))
        .collect();
    assert!(ones.iter().eq(twos.iter().rev()), "{}", case.text);
}

#[test]
fn events_and_useful_slots_are_those_of_the_network() {
    for member in members() {
        let case = &member.case;
        let mut engine = ArrayEngine::new(&case.program, &case.parameters).expect("runs");
        for (sample, trace) in case.samples.iter().zip(case.reference()) {
            let counters = engine.infer(sample).counters;
            let reckoned = Reckoned::inference(case, sample, &trace);
            assert_eq!(Reckoned::of(&counters), reckoned, "{}", case.text);
        }
    }
}

#[test]
fn five_of_them_agree_in_icarus() {
    let Some(tools) = spidec_tests::simulator(Engine::Icarus) else {
        return;
    };
    // Of each of five machines the one of least work that spikes in several populations and steps.
    let mut cheapest: BTreeMap<u32, (u64, Member)> = BTreeMap::new();
    for member in members() {
        let work = work(&member.case);
        let machine = member.case.program.machine.id();
        let network = &member.case.network;
        let small = network.populations.len() < 2 || network.training.forward.steps < 3;
        let spikes = member
            .case
            .reference()
            .iter()
            .flat_map(|t| t.counts.concat())
            .any(|n| n > 0);
        if spikes
            && !small
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
        assert_eq!(report.vacuous(), [""; 0]);
        sums.add(&member.case.text, report);
    }
    sums.print("Icarus", kinds());
}

/// About what a simulator has to do: cycles of samples and of loading weights, times lanes.
fn work(case: &Case) -> u64 {
    let mut engine = ArrayEngine::new(&case.program, &case.parameters).expect("runs");
    let samples = case.samples.iter();
    let cycles: u64 = samples
        .map(|s| engine.infer(s).counters.total_cycles())
        .sum();
    (cycles + 3 * case.image.words.len() as u64) * u64::from(case.program.machine.lanes)
}

#[test]
fn the_networks_cover_sizes_steps_graphs_and_biases() {
    let members = members();
    assert_eq!(members.len(), NETWORKS as usize);
    let mut populations = BTreeSet::new();
    let mut classes = BTreeSet::new();
    let mut steps = BTreeSet::new();
    let mut graphs = BTreeSet::new();
    let mut traits = BTreeMap::<&str, usize>::new();
    for Member { graph, case, .. } in &members {
        let network = &case.network;
        let lanes = network.array.lanes;
        let place = |all: &[u32], n: u32| all.iter().position(|&size| size == n).expect("one");
        for population in &network.populations {
            let size = population.shape.size() as u32;
            populations.insert(place(&random_network::sizes(lanes), size));
        }
        classes.insert(place(
            &random_network::classes(lanes),
            network.readout.classes,
        ));
        steps.insert(network.training.forward.steps);
        graphs.insert(*graph);
        let mut note = |what, yes: bool| *traits.entry(what).or_default() += usize::from(yes);
        note("readout with bias", network.readout.bias);
        note("readout without bias", !network.readout.bias);
        for p in &network.projections {
            let feedback = p.direction == Direction::Feedback;
            let input = p.source == Source::Input;
            note("input with bias", input && p.bias);
            note("input without bias", input && !p.bias);
            note("forward with bias", !input && !feedback && p.bias);
            note("forward without bias", !input && !feedback && !p.bias);
            note("feedback with bias", feedback && p.bias);
            note("feedback without bias", feedback && !p.bias);
            note("self", p.source == Source::Population(p.destination));
        }
        for id in network.population_ids() {
            let mut into = network.into_population(id);
            let inputs = network
                .projections
                .iter()
                .filter(|p| p.source == Source::Input);
            note("several inputs", inputs.count() > 1);
            note("nothing arrives", into.next().is_none());
        }
        note(
            "all zero",
            case.samples.iter().any(|s| s.iter().all(|&x| x == 0)),
        );
        note(
            "all 255",
            case.samples.iter().any(|s| s.iter().all(|&x| x == 255)),
        );
    }
    eprintln!("{traits:?}");
    assert_eq!(populations.len(), 6, "sizes {populations:?}");
    assert_eq!(classes.len(), 5, "classes {classes:?}");
    assert!(steps.iter().eq(&STEPS), "steps {steps:?}");
    assert_eq!(graphs.len(), GRAPHS.len(), "graphs {graphs:?}");
    for (what, count) in traits {
        assert!(count > 0, "{what}");
    }
}

#[test]
fn programs_print_as_yaml_and_parse_back() {
    for member in members() {
        let program = &member.case.program;
        let back = ArrayProgram::from_yaml(&program.to_yaml()).expect("parses");
        assert_eq!(&back, program, "random_{}", member.index);
    }
}

/// A way to break a program.
type Break = fn(&mut ArrayProgram);

#[test]
fn programs_that_leave_their_machine_are_refused() {
    fn scatter(program: &mut ArrayProgram) -> &mut spidec_ir::program::Scatter {
        let scatters = program.instructions.iter_mut().filter_map(|i| match i {
            Instruction::Scatter(s) if s.events.source != EventSource::Constant => Some(s),
            _ => None,
        });
        scatters.last().expect("the readout's")
    }
    fn fire(program: &mut ArrayProgram) -> &mut Block {
        let mut blocks = program.instructions.iter_mut().filter_map(|i| match i {
            Instruction::Fire { block, .. } => Some(block),
            _ => None,
        });
        blocks.next().expect("a pass")
    }
    fn scan(program: &mut ArrayProgram, of_input: bool) -> &mut spidec_ir::program::Scatter {
        let found = program.instructions.iter_mut().find_map(|i| match i {
            Instruction::Scatter(s)
                if s.events.source != EventSource::Constant
                    && (s.events.source == EventSource::Input) == of_input =>
            {
                Some(s)
            }
            _ => None,
        });
        found.expect("a scan")
    }
    let breaks: [(&str, Break); 24] = [
        ("version", |p| p.version += 1),
        ("lanes", |p| p.machine.lanes = 12),
        ("a width", |p| {
            p.machine.accumulator_bits = p.machine.membrane_bits
        }),
        ("chunks", |p| p.machine.chunks = 0),
        ("the input", |p| p.input.values = 1 << 20),
        ("a population", |p| {
            p.populations[0].chunk = p.machine.chunks
        }),
        ("the readout", |p| p.readout.chunks = 0),
        ("a layer", |p| p.layers[0].block = p.machine.blocks),
        ("no end", |p| {
            p.instructions.pop();
        }),
        ("too many instructions", |p| p.machine.instructions = 2),
        ("a scatter's words", |p| {
            scatter(p).events.words = p.machine.chunks + 1
        }),
        // Inside of the machine, but not what the layer reads.
        ("a word too few", |p| scan(p, false).events.words -= 1),
        ("a word too many", |p| {
            p.machine.chunks += 1;
            scan(p, false).events.words += 1
        }),
        ("a row of the input too few", |p| {
            scan(p, true).events.words -= 1
        }),
        ("a row of the input too many", |p| {
            p.machine.input_rows += 1;
            scan(p, true).events.words += 1
        }),
        ("an input that is smaller than the layer", |p| {
            p.input.values -= 1
        }),
        ("the design", |p| p.design = "x".repeat(16)),
        ("a scatter's weights", |p| {
            scatter(p).weights = p.machine.blocks
        }),
        ("a scatter's factor", |p| scatter(p).factor = 1 << 17),
        ("a scatter's lanes", |p| scatter(p).last_lanes = 0),
        ("a scatter's stride", |p| scatter(p).stride += 1),
        ("learning", |p| {
            let couple = Instruction::Couple { block: *fire(p) };
            p.instructions.insert(0, couple);
        }),
        ("a pass", |p| fire(p).chunk = p.machine.chunks),
        ("a loop", |p| {
            for instruction in &mut p.instructions {
                if let Instruction::Loop { steps, .. } = instruction {
                    *steps = 0;
                }
            }
        }),
    ];
    let all = members();
    let reads_input = |m: &&Member| {
        let scans = m.case.program.instructions.iter();
        scans
            .into_iter()
            .any(|i| matches!(i, Instruction::Scatter(s) if s.events.source == EventSource::Input))
    };
    let some: Vec<&Member> = all.iter().filter(reads_input).step_by(7).collect();
    assert!(some.len() > 3);
    for member in some {
        let program = &member.case.program;
        assert_eq!(program.verify(), Ok(()));
        for (what, break_it) in breaks {
            let mut broken = program.clone();
            break_it(&mut broken);
            assert!(
                broken.verify().is_err(),
                "{what} of random_{}",
                member.index
            );
            assert!(
                ArrayProgram::from_yaml(&broken.to_yaml()).is_err(),
                "{what}"
            );
        }
    }
    let narrow = Machine {
        chunks: 1,
        ..members()[0].case.program.machine.clone()
    };
    let case = &members()[0].case;
    let refused = spidec_compiler::lower::lower_onto(&case.network, &case.lines, &narrow);
    assert!(
        refused.is_err(),
        "a machine that does not cover the network"
    );
}
