//! Runs samples through all three and reports.

use crate::compare::Comparison;
use crate::hardware::{Hardware, HardwareError};
use rtlsim::{Engine, Options, Project, Tools};
use spidec_ir::program::{ArrayProgram, ProgramError, WeightImage};
use spidec_ir::trace::{ArrayTrace, Counters, Idle, Stage};
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::array::{ArrayEngine, ClampedOnArray, LearningState};
use spidec_runtime::fixed::{FixedEngine, FixedError, Learning};
use std::path::{Path, PathBuf};

/// What is verified, and with what.
pub struct Setup<'a> {
    /// The network, which the fixed-point engine runs.
    pub network: &'a Network,
    /// Its program, which array engine and hardware run.
    pub program: &'a ArrayProgram,
    /// Weights of the fixed-point engine and the array engine.
    pub parameters: &'a FixedParameters,
    /// What the hardware's weight banks hold.
    pub image: &'a WeightImage,
    /// The hardware's sources, as [`crate::hardware::project`] gives them.
    pub project: &'a Project,
    /// The simulator.
    pub engine: Engine,
    /// Where tools are.
    pub tools: &'a Tools,
    /// Power-up contents and cache.
    pub options: &'a Options,
    /// Where to leave the waveform of a sample that differs; `None`: nowhere.
    pub waveform: Option<PathBuf>,
    /// Trains the samples instead of only classifying them.
    pub training: Option<Training<'a>>,
}

/// How samples are trained.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// The learning constants.
    pub learning: &'a Learning,
    /// Samples trained before: what the rounding noise depends on.
    pub samples: u64,
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The simulated hardware.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// The array engine refuses the program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The fixed-point engine refuses the network or its weights.
    #[error(transparent)]
    Fixed(#[from] FixedError),
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Samples that were run.
    pub samples: usize,
    /// What was compared and what differed.
    pub comparison: Comparison,
    /// Sums of the hardware's counters over all samples.
    pub counters: Counters,
    /// Sums of the cycles in which the array did nothing, one a stage, as the array engine explains them.
    pub idle: [Idle; 6],
    /// What the hardware clamped.
    pub clamped: ClampedOnArray,
    /// Predictions of the hardware, one a sample.
    pub predictions: Vec<u32>,
    /// Logits of the hardware, `[sample][class]`.
    pub logits: Vec<Vec<i32>>,
    /// What a training did, where it was one.
    pub trained: Option<Trained>,
    /// The waveform of the sample that differs.
    pub waveform: Option<PathBuf>,
    /// Why there is no waveform, where one was asked for.
    pub waveform_error: Option<String>,
    /// The hardware stopped instead of finishing a sample.
    pub stopped: Option<String>,
    /// Lanes of the array.
    pub lanes: u32,
}

/// What a training did in the hardware, so that agreement on nothing is seen as that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trained {
    /// The program has a backward stage; where only the readout learns, it has none.
    pub backward: bool,
    /// Spikes of 1 in the backward stage.
    pub positive: u64,
    /// Spikes of -1.
    pub negative: u64,
    /// Samples without any error.
    pub without_error: usize,
    /// Samples with an error whose backward stage could not spike, and was left out.
    pub quiet: usize,
    /// Layers that learn, by name, and whether a weight of them changed; biases do not count.
    pub layers: Vec<(String, bool)>,
    /// Weights and biases after the last sample.
    pub parameters: Option<FixedParameters>,
}

impl Report {
    /// A waveform that cannot be written does not hide what was found.
    fn keep_waveform(&mut self, waveform: Result<Option<PathBuf>, HardwareError>) {
        match waveform {
            Ok(path) => self.waveform = path,
            Err(error) => self.waveform_error = Some(error.to_string()),
        }
    }

    fn add_idle(&mut self, predicted: &ArrayTrace) {
        for (sum, idle) in self.idle.iter_mut().zip(predicted.idle) {
            *sum += idle;
        }
    }

    /// Mean cycles a sample, of each stage.
    pub fn stage_cycles(&self) -> [f64; 6] {
        let samples = self.samples.max(1) as f64;
        Stage::ALL.map(|stage| self.counters.stages[stage as usize].cycles as f64 / samples)
    }

    /// Mean cycles a sample.
    pub fn cycles_per_sample(&self) -> f64 {
        self.counters.total_cycles() as f64 / self.samples.max(1) as f64
    }

    /// Useful lanes over cycles times lanes.
    pub fn lane_use(&self) -> f64 {
        let all = self.counters.total_cycles() * u64::from(self.lanes);
        self.counters.total_useful() as f64 / all.max(1) as f64
    }

    /// What did not happen, though agreement says nothing without it.
    pub fn vacuous(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.counters.spikes == 0 {
            missing.push("no spike".to_string());
        }
        if let Some(trained) = &self.trained {
            if trained.backward && trained.positive == 0 {
                missing.push("no backward spike of 1".to_string());
            }
            if trained.backward && trained.negative == 0 {
                missing.push("no backward spike of -1".to_string());
            }
            let same = trained.layers.iter().filter(|(_, changed)| !changed);
            missing.extend(same.map(|(name, _)| format!("no weight of {name} changed")));
        }
        missing
    }

    /// Whether everything agreed and something happened.
    pub fn passed(&self) -> bool {
        self.comparison.mismatches() == 0 && self.stopped.is_none() && self.vacuous().is_empty()
    }

    /// Why it did not pass.
    pub fn verdict(&self) -> String {
        let mut text = match (&self.comparison.first, &self.stopped) {
            (Some(first), _) => format!(
                "hardware and software differ in {} values; the first: {first}",
                self.comparison.mismatches()
            ),
            (None, Some(stopped)) => stopped.clone(),
            (None, None) if self.counters.spikes == 0 => format!(
                "nothing was verified: {}; give weights or inputs that make neurons fire",
                self.vacuous().join(", ")
            ),
            (None, None) => format!(
                "all values agree, but too little happened to call the training verified: {}; take more samples, or a \
                 larger learning rate",
                self.vacuous().join(", ")
            ),
        };
        if let Some(waveform) = &self.waveform {
            text += &format!(
                "; that sample's waveform, run alone, is in {}",
                waveform.display()
            );
        }
        if let Some(error) = &self.waveform_error {
            text += &format!("; its waveform could not be written: {error}");
        }
        text
    }
}

/// Runs samples, each with its class, one after the other, up to the first that differs.
///
/// `progress` is told how many samples are done.
pub fn verify<'s>(
    setup: &Setup<'_>,
    samples: impl IntoIterator<Item = (&'s [u8], usize)>,
    progress: &mut dyn FnMut(usize),
) -> Result<Report, VerifyError> {
    let mut bench = Bench::open(setup)?;
    let mut report = Report {
        lanes: setup.program.machine.lanes,
        ..Report::default()
    };
    let mut trained = Trained {
        backward: setup.program.backward.is_some(),
        ..Trained::default()
    };
    for (index, (sample, label)) in samples.into_iter().enumerate() {
        let before = setup
            .training
            .is_some()
            .then(|| bench.hardware.peek_weights());
        let before = before.transpose()?;
        match bench.sample(index, sample, label, &mut report)? {
            Ran::Stopped(limit) => {
                report.keep_waveform(waveform(setup, &bench, before, sample, label, limit));
                break;
            }
            Ran::Finished(trace, limit) => {
                report.samples += 1;
                report.predictions.push(trace.prediction);
                report.logits.push(trace.logits.clone());
                report.counters += trace.counters;
                report
                    .clamped
                    .add(index, setup.program, &trace.counters, &trace.clamps);
                trained.add(setup.program, &trace);
                progress(index + 1);
                if report.comparison.mismatches() > 0 {
                    report.keep_waveform(waveform(setup, &bench, before, sample, label, limit));
                    break;
                }
            }
        }
    }
    if setup.training.is_some() {
        trained.finish(setup, &mut bench.hardware)?;
        report.trained = Some(trained);
    }
    Ok(report)
}

/// Runs one sample alone with the waveform on, from the weights of the setup, and writes it to a path.
pub fn trace(
    setup: &Setup<'_>,
    sample: &[u8],
    label: usize,
    path: &Path,
) -> Result<(), VerifyError> {
    let mut array = ArrayEngine::new(setup.program, setup.parameters)?;
    let learning = setup.training.map(|training| start_of(setup, &training));
    let predicted = match &learning {
        Some(learning) => {
            array.learning = learning.clone();
            array.train_trace(sample, label)
        }
        None => array.trace(sample),
    };
    let limit = watchdog(predicted.counters.total_cycles());
    record(setup, setup.image, learning, (sample, label), limit, path)?;
    Ok(())
}

/// The registers that a training starts with.
fn start_of(setup: &Setup<'_>, training: &Training<'_>) -> LearningState {
    LearningState {
        seed: setup.network.training.seed,
        samples: training.samples,
        constants: training.learning.constants.clone(),
    }
}

/// How a sample ended in the hardware; with the watchdog's limit.
enum Ran {
    Finished(Box<ArrayTrace>, u32),
    Stopped(u32),
}

/// All three, side by side.
struct Bench<'a> {
    setup: &'a Setup<'a>,
    fixed: FixedEngine,
    state: spidec_runtime::fixed::FixedState,
    array: ArrayEngine,
    hardware: Hardware,
}

impl<'a> Bench<'a> {
    fn open(setup: &'a Setup<'a>) -> Result<Bench<'a>, VerifyError> {
        let fixed = FixedEngine::new(setup.network)?;
        let mut state = fixed.state(setup.parameters)?;
        let mut array = ArrayEngine::new(setup.program, setup.parameters)?;
        let mut hardware = open(setup, setup.image, setup.options)?;
        if let Some(training) = &setup.training {
            state.samples = training.samples;
            array.learning = start_of(setup, training);
            hardware.set_learning(&array.learning)?;
        }
        Ok(Bench {
            setup,
            fixed,
            state,
            array,
            hardware,
        })
    }

    /// Runs one sample in all three and compares.
    fn sample(
        &mut self,
        index: usize,
        sample: &[u8],
        label: usize,
        report: &mut Report,
    ) -> Result<Ran, VerifyError> {
        let program = self.setup.program;
        let comparison = &mut report.comparison;
        let Some(training) = &self.setup.training else {
            let reference = self.fixed.forward_trace(&self.state.weights, sample);
            let predicted = self.array.trace(sample);
            let limit = watchdog(predicted.counters.total_cycles());
            let measured = match self.hardware.run(sample, limit) {
                Err(stopped @ HardwareError::Stopped { .. }) => {
                    report.stopped = Some(format!("sample {index}: {stopped}"));
                    return Ok(Ran::Stopped(limit));
                }
                other => other?,
            };
            comparison.add(index, program, &reference, &predicted, &measured);
            report.add_idle(&predicted);
            return Ok(Ran::Finished(Box::new(measured), limit));
        };
        let reference = self
            .fixed
            .train_trace(&mut self.state, sample, label, training.learning);
        let predicted = self.array.train_trace(sample, label);
        let limit = watchdog(predicted.counters.total_cycles());
        let measured = match self.hardware.train(sample, label, limit) {
            Err(stopped @ HardwareError::Stopped { .. }) => {
                report.stopped = Some(format!("sample {index}: {stopped}"));
                return Ok(Ran::Stopped(limit));
            }
            other => other?,
        };
        comparison.add_training(index, program, &reference, &predicted, &measured);
        let fixed = self.state.weights.parameters();
        let mut hardware = FixedParameters::zeros(self.setup.network);
        self.hardware
            .peek_weights()?
            .read_into(program, &mut hardware);
        comparison.add_weights(index, program, &fixed, &self.array.parameters(), &hardware);
        report.add_idle(&predicted);
        Ok(Ran::Finished(Box::new(measured), limit))
    }
}

impl Trained {
    /// Adds what one sample did.
    fn add(&mut self, program: &ArrayProgram, trace: &ArrayTrace) {
        let mut spikes = 0;
        for chunk in &trace.chunks {
            self.negative += u64::from(chunk.negative.count_ones());
            spikes += u64::from(chunk.spikes.count_ones());
        }
        self.positive += spikes - trace.counters.spikes.min(spikes);
        let readout = &program.readout;
        let errors = trace.errors.iter().skip(readout.chunk as usize).flatten();
        let forward = trace.counters.stages[Stage::Forward as usize].passes;
        if errors.take(readout.neurons as usize).all(|&e| e == 0) {
            self.without_error += 1;
        } else if program.backward.is_some() && trace.chunks.len() as u64 == forward {
            // Only fires were recorded, no couples.
            self.quiet += 1;
        }
    }

    /// Finds what changed.
    fn finish(&mut self, setup: &Setup<'_>, hardware: &mut Hardware) -> Result<(), HardwareError> {
        let network = setup.network;
        self.positive -= self.negative.min(self.positive);
        let mut parameters = FixedParameters::zeros(network);
        let image = hardware.peek_weights()?;
        image.read_into(setup.program, &mut parameters);
        let layers = parameters.layers().zip(setup.parameters.layers());
        for (layer, (after, before)) in layers.enumerate() {
            if !network.is_frozen(layer) {
                let name = network.layer_name(layer);
                self.layers.push((name, after.weight != before.weight));
            }
        }
        self.parameters = Some(parameters);
        Ok(())
    }
}

/// Far above what the sample should take.
fn watchdog(predicted: u64) -> u32 {
    (2 * predicted + 1000).min(u64::from(u32::MAX)) as u32
}

fn open(
    setup: &Setup<'_>,
    image: &WeightImage,
    options: &Options,
) -> Result<Hardware, HardwareError> {
    Hardware::open(
        setup.engine,
        setup.project,
        setup.program,
        image,
        setup.tools,
        options,
    )
}

/// Runs one sample again with the waveform on, from the weights that it began with.
fn waveform(
    setup: &Setup<'_>,
    bench: &Bench<'_>,
    before: Option<WeightImage>,
    sample: &[u8],
    label: usize,
    limit: u32,
) -> Result<Option<PathBuf>, HardwareError> {
    let Some(path) = &setup.waveform else {
        return Ok(None);
    };
    let image = before.as_ref().unwrap_or(setup.image);
    let learning = setup.training.is_some().then(|| {
        let mut state = bench.array.learning.clone();
        // The array engine has trained the sample already.
        state.samples = state.samples.saturating_sub(1);
        state
    });
    record(setup, image, learning, (sample, label), limit, path)?;
    Ok(Some(path.clone()))
}

/// Runs one sample in hardware of its own, with the waveform on.
fn record(
    setup: &Setup<'_>,
    image: &WeightImage,
    learning: Option<LearningState>,
    (sample, label): (&[u8], usize),
    limit: u32,
    path: &Path,
) -> Result<(), HardwareError> {
    let options = Options {
        trace: Some(rtlsim::Waveform::of(path)),
        ..setup.options.clone()
    };
    let mut hardware = open(setup, image, &options)?;
    let ran = if let Some(learning) = learning {
        hardware.set_learning(&learning)?;
        hardware.trace_start(path)?;
        hardware.train(sample, label, limit)
    } else {
        hardware.trace_start(path)?;
        hardware.run(sample, limit)
    };
    match ran {
        Ok(_) | Err(HardwareError::Stopped { .. }) => {}
        Err(other) => return Err(other),
    }
    hardware.trace_stop()
}
