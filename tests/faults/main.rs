//! Planted faults: each one makes `verify` fail, and the report names the comparison that caught it.

mod collisions;
mod edited;
mod learning;
mod report;
mod rtl;
mod software;

use rtlsim::{Compile, Engine, PowerUp, Project, Tools};
use spidec_compiler::lower::Purpose;
use spidec_ir::random::hash;
use spidec_ir::{FixedParameters, Network};
use spidec_tests::case::{Case, Run, small_weights};
use spidec_tests::work::in_two_threads;
use spidec_verify::hardware::project;
use spidec_verify::{Kind, Mismatch, Report, VerifyError};

/// Few lanes, so that it builds quickly; narrow membranes, so that they clamp; projections of all
/// kinds; populations of less than a chunk, one and more.
const TEXT: &str = "spidec 1
network bench {
  input      x [6] = constant(scale = 1/16)
  population a [7] = if
  population b [3] = if
  population c [5] = if
  readout    y [5] = linear(from = c)
  forward  x -> a = dense
  forward  x -> c = dense(bias = false)
  forward  a -> b = dense
  forward  a -> c = dense
  forward  b -> c = dense
  feedback b -> a = dense
  feedback c -> c = dense(bias = false)
  feedback c -> a = dense(bias = false)
}
training {
  forward_stage  = stage(steps = 8, v_th = 13/32, u_rest = -1/4)
  backward_stage = stage(steps = 6, v_th = 1/2)
}
array {
  lanes    = 4
  weight   = fixed(bits = 6, frac = 3)
  membrane = fixed(bits = 9, frac = 5)
}
";

/// The layers of [`TEXT`], by index.
mod layer {
    pub const X_A: usize = 0;
    pub const A_B: usize = 2;
    pub const A_C: usize = 3;
    pub const B_C: usize = 4;
    pub const B_A: usize = 5;
}

/// The network, without a fault.
fn bench() -> Case {
    Case::new(TEXT, Purpose::Inference, parameters, samples(6))
}

/// Samples of six values.
fn samples(count: u64) -> Vec<Vec<u8>> {
    let sample = |sample| {
        let value = |k| match hash(&[sample, k]) % 3 {
            0 => 0,
            1 => 255 * (sample % 2) as u8,
            _ => (hash(&[sample, k]) >> 32) as u8,
        };
        (0..6).map(value).collect()
    };
    (0..count).map(sample).collect()
}

/// Small weights, of a seed that meets the threshold exactly in the first sample already.
fn parameters(network: &Network) -> FixedParameters {
    let mut parameters = small_weights(network, 381);
    // Every second class is the same: the largest logit is never alone.
    let readout = &mut parameters.readout;
    for k in 10..readout.weight.len() {
        readout.weight[k] = readout.weight[k - 10];
    }
    for k in 2..readout.bias.len() {
        readout.bias[k] = readout.bias[k - 2];
    }
    parameters
}

/// What shall catch a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caught {
    /// A comparison, and which of the three stands alone in it.
    By(Kind, Odd),
    /// The watchdog, naming a unit.
    Watchdog(&'static str),
    /// The check of the program, before anything runs.
    Refused,
    /// Nothing differs, but something did not happen.
    Vacuous,
}

/// Which of the three has another value than the two others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    Fixed,
    Array,
    Hardware,
    /// The fixed-point engine has no such value.
    ArrayOrHardware,
}

impl Odd {
    fn of(mismatch: &Mismatch) -> Odd {
        let (fixed, array, hardware) = (mismatch.fixed, mismatch.array, mismatch.hardware);
        match () {
            () if fixed.is_none() => Odd::ArrayOrHardware,
            () if array == hardware => Odd::Fixed,
            () if fixed == array => Odd::Hardware,
            () => Odd::Array,
        }
    }
}

fn verify(case: &Case, project: &Project, tools: &Tools) -> Result<Report, VerifyError> {
    case.verify(&Run {
        project,
        engine: Engine::Verilator,
        tools,
        power_up: PowerUp::Zero,
        compile: Compile::Quick,
        waveform: None,
    })
}

/// Changes one bit of the first bias in the hardware's banks.
fn change_a_bit(case: &mut Case) {
    let block = case.program.layers[layer::X_A].bias_block.expect("a bias");
    case.image.words[block as usize * case.image.lanes * case.image.lanes] ^= 1;
}

fn project_of(case: &Case) -> Project {
    project(&case.program.machine).expect("templates render")
}

/// What caught a fault; nothing did, if `None`. Whatever the report says of the place is right.
fn caught(name: &str, text: &str, report: &Outcome) -> Option<(Caught, String)> {
    let report = match report {
        Err(refused) => return Some((Caught::Refused, refused.clone())),
        Ok(report) => report,
    };
    if let Some(stopped) = &report.stopped {
        assert!(!report.passed(), "{name}");
        let units = [
            "scanner",
            "loop generator",
            "readout",
            "sequencer",
            "loss",
            "noise",
        ];
        let named = |unit: &&str| stopped.contains(&format!("({unit})"));
        let unit = units.into_iter().find(named);
        return Some((Caught::Watchdog(unit.expect("a unit")), stopped.clone()));
    }
    let Some(first) = &report.comparison.first else {
        let missing = report.vacuous();
        return (!missing.is_empty()).then(|| (Caught::Vacuous, missing.join(", ")));
    };
    assert!(
        !report.passed() && report.comparison.mismatches() > 0,
        "{name}"
    );
    let per_chunk = matches!(
        first.kind,
        Kind::SpikeWords
            | Kind::SpikeCycles
            | Kind::Membranes
            | Kind::BackwardSpikes
            | Kind::BackwardCycles
            | Kind::BackwardMembranes
    );
    if per_chunk && first.what.is_none() {
        assert!(
            (1..=8).contains(&first.step.expect("a step")),
            "{name}: {first}"
        );
        // A chunk that left the lanes nowhere has no cycle.
        let nowhere = first.array.is_none() && first.hardware.is_none();
        assert!(first.cycle.is_some() || nowhere, "{name}: {first}");
    }
    if let Some(population) = &first.population {
        let line = text.lines().nth(first.line.expect("a line") as usize - 1);
        let line = line.expect("a line of the file");
        // A population or readout by its name, a projection by its ends.
        let words: Vec<&str> = line.split_whitespace().collect();
        let projection = words[1..].join(" ");
        assert!(
            words[1] == population || projection.starts_with(population.as_str()),
            "{name}: {first}: {line}"
        );
    } else {
        assert!(
            first.what.is_some() || first.kind == Kind::StageCycles,
            "{name}: {first}"
        );
    }
    Some((Caught::By(first.kind, Odd::of(first)), first.to_string()))
}

/// A fault in what `verify` is given.
struct Planted {
    name: &'static str,
    place: &'static str,
    case: fn() -> Case,
    plant: fn(&mut Case),
    caught: Caught,
}

/// Plants each fault and judges what `verify` says.
fn plant(faults: &[Planted]) {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let reports = in_two_threads(faults, |fault| {
        let mut case = (fault.case)();
        (fault.plant)(&mut case);
        (
            case.text.clone(),
            outcome(verify(&case, &project_of(&case), &tools)),
        )
    });
    let rows = faults.iter().zip(&reports);
    judge(
        rows.map(|(fault, (text, report))| {
            (fault.name, fault.place, fault.caught, &text[..], report)
        }),
    );
}

/// A report, or why the program was refused.
type Outcome = Result<Report, String>;

/// What `verify` says of a case with a fault.
fn outcome(result: Result<Report, VerifyError>) -> Outcome {
    match result {
        Ok(report) => Ok(report),
        Err(VerifyError::Program(refused)) => Err(refused.to_string()),
        Err(other) => panic!("{other}"),
    }
}

/// Prints what caught each fault and compares it with what should have. A row: the fault, its place, what
/// should catch it, the network file, what `verify` says.
fn judge<'a>(rows: impl Iterator<Item = (&'a str, &'a str, Caught, &'a str, &'a Outcome)>) {
    let mut wrong = Vec::new();
    eprintln!("| fault | where | caught by | first |\n|---|---|---|---|");
    for (name, place, wanted, text, report) in rows {
        let found = caught(name, text, report);
        let (by, message) = match &found {
            None => ("nothing".to_string(), ""),
            Some((Caught::By(kind, _), message)) => (kind.name().to_string(), &message[..]),
            Some((Caught::Watchdog(unit), message)) => (format!("watchdog: {unit}"), &message[..]),
            Some((Caught::Refused, message)) => ("program check".to_string(), &message[..]),
            Some((Caught::Vacuous, message)) => ("vacuous".to_string(), &message[..]),
        };
        eprintln!("| {name} | {place} | {by} | {message} |");
        let found = found.map(|(caught, _)| caught);
        if found != Some(wanted) {
            wrong.push(format!("{name}: {found:?} instead of {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
