//! Simulating the hardware for a report.

use super::Sources;
use crate::failure::{Failure, finding};
use crate::output::note;
use crate::{input, progress};
use rtlsim::Options;
use spidec_compiler::lower::Purpose;
use spidec_ir::program::WeightImage;
use spidec_report::{Compared, Measured, Verification};
use spidec_runtime::fixed::FixedEngine;
use spidec_verify::{Comparison, Kind, Report, Setup, Training, hardware, toolbox, verify};

/// What came of `--verify`.
pub(crate) enum Simulated {
    Done(Verification),
    /// There is no simulator.
    Missing(Failure),
}

/// Compares hardware and software on the first samples; the hardware trains where it can.
pub(super) fn simulate(sources: &Sources, count: usize, quiet: bool) -> Result<Simulated, Failure> {
    let checked = &sources.checked;
    let network = &checked.network;
    let purpose = super::sections::purpose(checked).map_err(finding)?;
    let program = input::program(checked, purpose)?;
    let parameters = input::fitted(network, sources.state.as_ref())?;
    let (epochs, trained) = sources
        .state
        .as_ref()
        .map_or((0, 0), |s| (s.epochs, s.samples));
    let learning = match purpose {
        Purpose::Learning => {
            let engine = FixedEngine::new(network).map_err(finding)?;
            Some(input::learning(&engine, epochs)?)
        }
        Purpose::Inference => None,
    };
    let tools = toolbox::tools();
    let project = hardware::project(&program.machine).map_err(finding)?;
    let options = Options::default();
    let engine = rtlsim::Engine::Verilator;
    if let Err(error) = tools.verilator() {
        return Ok(Simulated::Missing(error.into()));
    }
    if !quiet {
        note!("compiling the Verilog, unless it was compiled before ...");
    }
    if let Err(error) = rtlsim::prepare(engine, &project, &tools, &options) {
        return match error.into() {
            missing @ Failure::Tool(_) => Ok(Simulated::Missing(missing)),
            other => Err(other),
        };
    }
    let image = WeightImage::new(&program, &parameters);
    let setup = Setup {
        network,
        program: &program,
        parameters: &parameters,
        image: &image,
        project: &project,
        engine,
        tools: &tools,
        options: &options,
        waveform: None,
        training: learning.as_ref().map(|learning| Training {
            learning,
            samples: trained,
        }),
    };
    let data = input::constant(&sources.data)?.first(count);
    let bar = progress::bar(data.len(), "verify");
    let report = verify(&setup, data.samples(), &mut |done| {
        bar.set_position(done as u64)
    });
    bar.finish_and_clear();
    let report = report?;
    Ok(Simulated::Done(came_to(&[&report])))
}

/// What comparisons came to together, for the page.
pub(crate) fn came_to(reports: &[&Report]) -> Verification {
    let training = reports.iter().any(|report| report.trained.is_some());
    let kinds = Kind::ALL
        .into_iter()
        .filter(|kind| training || kind.inference());
    let sum = |counts: &dyn Fn(&Comparison) -> Option<u64>| -> u64 {
        let counts = reports.iter().map(|report| counts(&report.comparison));
        counts.flatten().sum()
    };
    let kinds = kinds.map(|kind| Compared {
        kind: kind.name().to_string(),
        compared: sum(&|c| c.compared.get(&kind).copied()),
        differing: sum(&|c| c.differing.get(&kind).copied()),
    });
    let samples = |trained: bool| {
        let of = reports
            .iter()
            .filter(|report| report.trained.is_some() == trained);
        of.map(|report| report.samples).sum()
    };
    let failed = reports.iter().find(|report| !report.passed());
    Verification {
        simulator: "Verilator".to_string(),
        trained: samples(true),
        classified: samples(false),
        passed: failed.is_none(),
        why: failed.map(|report| report.verdict()),
        kinds: kinds.collect(),
    }
}

/// The cycles of a simulation, for the page.
pub(crate) fn measured(report: &Report) -> Measured {
    Measured {
        samples: report.samples,
        lanes: report.lanes,
        counters: report.counters,
        idle: report.idle,
    }
}
