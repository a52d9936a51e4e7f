//! Reading what the user names: network files, states, data.

use crate::failure::{Failure, finding};
use spidec_compiler::check::{CheckResult, Checked, Engine, check_bytes};
use spidec_compiler::diagnostics::{Diagnostic, Severity};
use spidec_compiler::lower::lower;
use spidec_ir::fixed::quantize;
use spidec_ir::random::initial_parameters;
use spidec_ir::{ArrayProgram, FixedParameters, Network};
use spidec_runtime::data::{Dataset, Split, load};
use spidec_runtime::state::State;
use std::io::IsTerminal;
use std::path::Path;

/// Reads and checks a network file.
pub(crate) fn read(file: &Path) -> Result<CheckResult, Failure> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file)
        .map_err(|e| Failure::Usage(format!("cannot read the network file {name}: {e}")))?;
    Ok(check_bytes(&name, &bytes))
}

/// Findings on standard error, in color on a terminal.
pub(crate) fn show(result: &CheckResult, findings: &[Diagnostic]) {
    if !findings.is_empty() {
        eprintln!(
            "{}",
            result.render(findings, std::io::stderr().is_terminal())
        );
    }
}

/// The network for an engine; findings are shown.
pub(crate) fn network(file: &Path, engine: Engine) -> Result<Checked, Failure> {
    let result = read(file)?;
    match result.require(engine) {
        Ok(checked) => {
            show(&result, &result.diagnostics);
            Ok(checked.clone())
        }
        Err(errors) => {
            show(&result, &errors);
            let count = errors
                .iter()
                .filter(|d| d.severity() == Severity::Error)
                .count();
            let errors = if count == 1 { "error" } else { "errors" };
            Err(Failure::Findings(format!(
                "{count} {errors} in {}",
                file.display()
            )))
        }
    }
}

/// The network's array program.
pub(crate) fn program(checked: &Checked) -> Result<ArrayProgram, Failure> {
    lower(&checked.network, &checked.lines).map_err(finding)
}

/// Reads a state that must fit the network; warns where it was written for another text.
pub(crate) fn state(network: &Network, path: &Path) -> Result<State, Failure> {
    if !path.exists() {
        return Err(Failure::Usage(format!(
            "there is no state file {}",
            path.display()
        )));
    }
    let state = State::load(network, path).map_err(finding)?;
    if !state.is_of(network) {
        eprintln!(
            "spidec: note: {} was written for another version of this network; the shapes fit",
            path.display()
        );
    }
    Ok(state)
}

/// Weights in the network's format: a state's, or the initial ones of the network's seed.
pub(crate) fn weights(network: &Network, path: Option<&Path>) -> Result<FixedParameters, Failure> {
    let quantized = match path {
        Some(path) => state(network, path)?.fixed(network),
        None => quantize(network, &initial_parameters(network, network.training.seed)),
    };
    let (parameters, saturated) = quantized.map_err(|e| {
        finding(format!(
            "{e}; give `weight` more bits before the point, or write `overflow = saturate`"
        ))
    })?;
    if saturated > 0 {
        eprintln!(
            "spidec: note: {saturated} weights were saturated, as `overflow = saturate` asks"
        );
    }
    Ok(parameters)
}

/// A split of the data that the network can read, or its first samples.
pub(crate) fn data(
    network: &Network,
    directory: &Path,
    split: Split,
    samples: Option<u32>,
) -> Result<Dataset, Failure> {
    if !directory.is_dir() {
        return Err(Failure::Usage(format!(
            "there is no folder {}",
            directory.display()
        )));
    }
    let data = load(directory, split).map_err(finding)?;
    data.check(network).map_err(finding)?;
    Ok(match samples {
        Some(count) => data.first(count as usize),
        None => data,
    })
}
