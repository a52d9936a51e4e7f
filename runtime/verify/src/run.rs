//! Runs samples through all three and reports.

use crate::compare::Comparison;
use crate::hardware::{Hardware, HardwareError};
use rtlsim::{Engine, Options, Project, Tools};
use spidec_ir::program::{ArrayProgram, ProgramError, WeightImage};
use spidec_ir::trace::{Counters, Stage};
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::array::ArrayEngine;
use spidec_runtime::fixed::{FixedEngine, FixedError};
use std::path::PathBuf;

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
    /// Predictions of the hardware, one a sample.
    pub predictions: Vec<u32>,
    /// The waveform of the sample that differs.
    pub waveform: Option<PathBuf>,
    /// Why there is no waveform, where one was asked for.
    pub waveform_error: Option<String>,
    /// The hardware stopped instead of finishing a sample.
    pub stopped: Option<String>,
    lanes: u32,
}

impl Report {
    /// A waveform that cannot be written does not hide what was found.
    fn keep_waveform(&mut self, waveform: Result<Option<PathBuf>, HardwareError>) {
        match waveform {
            Ok(path) => self.waveform = path,
            Err(error) => self.waveform_error = Some(error.to_string()),
        }
    }

    /// Mean cycles a sample, of each stage.
    pub fn stage_cycles(&self) -> [f64; 3] {
        let samples = self.samples.max(1) as f64;
        Stage::ALL.map(|stage| self.counters.cycles[stage as usize] as f64 / samples)
    }

    /// Mean cycles a sample.
    pub fn cycles_per_sample(&self) -> f64 {
        self.stage_cycles().iter().sum()
    }

    /// Useful slots over cycles times lanes.
    pub fn lane_use(&self) -> f64 {
        let all = self.counters.total_cycles() * u64::from(self.lanes);
        self.counters.useful as f64 / all.max(1) as f64
    }

    /// Whether nothing spiked: then agreement says nothing.
    pub fn vacuous(&self) -> bool {
        self.counters.spikes == 0
    }

    /// Whether everything agreed and something happened.
    pub fn passed(&self) -> bool {
        self.comparison.mismatches() == 0 && self.stopped.is_none() && !self.vacuous()
    }
}

/// Runs samples one after the other, up to the first that differs.
///
/// `progress` is told how many samples are done.
pub fn verify<'s>(
    setup: &Setup<'_>,
    samples: impl IntoIterator<Item = &'s [u8]>,
    progress: &mut dyn FnMut(usize),
) -> Result<Report, VerifyError> {
    let fixed = FixedEngine::new(setup.network)?;
    let weights = fixed.load(setup.parameters)?;
    let mut array = ArrayEngine::new(setup.program, setup.parameters)?;
    let mut hardware = open(setup, setup.options)?;
    let mut report = Report {
        lanes: setup.program.machine.lanes,
        ..Report::default()
    };
    for (index, sample) in samples.into_iter().enumerate() {
        let reference = fixed.forward_trace(&weights, sample);
        let predicted = array.trace(sample);
        let limit = watchdog(predicted.counters.total_cycles());
        let measured = match hardware.run(sample, limit) {
            Ok(trace) => trace,
            Err(stopped @ HardwareError::Stopped { .. }) => {
                report.stopped = Some(format!("sample {index}: {stopped}"));
                report.keep_waveform(waveform(setup, sample, limit));
                break;
            }
            Err(other) => return Err(other.into()),
        };
        report.samples += 1;
        report.predictions.push(measured.prediction);
        report.counters += measured.counters;
        let comparison = &mut report.comparison;
        comparison.add(index, setup.program, &reference, &predicted, &measured);
        progress(index + 1);
        if comparison.mismatches() > 0 {
            report.keep_waveform(waveform(setup, sample, limit));
            break;
        }
    }
    Ok(report)
}

/// Far above what the sample should take.
fn watchdog(predicted: u64) -> u32 {
    (2 * predicted + 1000).min(u64::from(u32::MAX)) as u32
}

fn open(setup: &Setup<'_>, options: &Options) -> Result<Hardware, HardwareError> {
    Hardware::open(
        setup.engine,
        setup.project,
        setup.program,
        setup.image,
        setup.tools,
        options,
    )
}

/// Runs one sample again with the waveform on.
fn waveform(
    setup: &Setup<'_>,
    sample: &[u8],
    limit: u32,
) -> Result<Option<PathBuf>, HardwareError> {
    let Some(path) = &setup.waveform else {
        return Ok(None);
    };
    let options = Options {
        trace: Some(rtlsim::Waveform::of(path)),
        ..setup.options.clone()
    };
    let mut hardware = open(setup, &options)?;
    hardware.trace_start(path)?;
    match hardware.run(sample, limit) {
        Ok(_) | Err(HardwareError::Stopped { .. }) => {}
        Err(other) => return Err(other),
    }
    hardware.trace_stop()?;
    Ok(Some(path.clone()))
}
