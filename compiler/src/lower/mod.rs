//! Lowering: Network -> ArrayProgram.
//!
//! [`memory`] lays out states and weights, [`schedule`] writes the instructions, [`machine`] sizes
//! the array. Nothing is rounded here: constants come from [`spidec_ir::fixed::Constants`].

mod machine;
mod memory;
mod schedule;

use crate::check::SourceLines;
use sha2::{Digest, Sha256};
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, Obstacle};
use spidec_ir::program::{ArrayProgram, Machine, PROGRAM_VERSION, ProgramError};

/// Why a network could not be lowered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LowerError {
    /// It cannot run in fixed point.
    #[error("the array cannot run this network: {}", .0.iter().map(|o| o.to_string()).collect::<Vec<_>>().join("; "))]
    Obstacles(Vec<Obstacle>),
    /// It does not fit the machine asked for.
    #[error(
        "the network needs a machine that this one does not cover: needed {needed:?}, given {given:?}"
    )]
    Machine {
        /// What the network needs.
        needed: Box<Machine>,
        /// What was asked for.
        given: Box<Machine>,
    },
    /// Its weights need more rows than a bank can have.
    #[error(
        "the weights need {rows} rows in each of {lanes} banks; the host port reaches {most}: use smaller populations or more lanes"
    )]
    Weights {
        /// Rows needed.
        rows: u64,
        /// Lanes.
        lanes: u32,
        /// Rows that a bank can have.
        most: u64,
    },
    /// It is too large for any array.
    #[error(transparent)]
    Program(#[from] ProgramError),
}

/// Lowers a network to the smallest machine that runs it.
pub fn lower(network: &Network, lines: &SourceLines) -> Result<ArrayProgram, LowerError> {
    build(network, lines, None)
}

/// Lowers a network to a given machine, so that several networks share one build of the RTL.
pub fn lower_onto(
    network: &Network,
    lines: &SourceLines,
    machine: &Machine,
) -> Result<ArrayProgram, LowerError> {
    build(network, lines, Some(machine))
}

fn build(
    network: &Network,
    lines: &SourceLines,
    given: Option<&Machine>,
) -> Result<ArrayProgram, LowerError> {
    let (constants, _) = Constants::of(network).map_err(LowerError::Obstacles)?;
    let rows = memory::weight_rows(network);
    let lanes = network.array.lanes;
    let most = (1 << 24) / u64::from(lanes);
    if rows > most {
        return Err(LowerError::Weights { rows, lanes, most });
    }
    let layout = memory::layout(network, lines);
    let instructions = schedule::inference(network, &constants, &layout);
    let needed = machine::smallest(network, &constants, &layout, instructions.len());
    let machine = match given {
        None => needed,
        Some(given) if given.covers(&needed) => given.clone(),
        Some(given) => {
            return Err(LowerError::Machine {
                needed: Box::new(needed),
                given: Box::new(given.clone()),
            });
        }
    };
    let mut program = ArrayProgram {
        version: PROGRAM_VERSION,
        network: network.name.clone(),
        design: String::new(),
        machine,
        weight_frac: network.array.weight.frac,
        membrane_frac: network.array.membrane.frac,
        steps: network.training.forward.steps,
        input: layout.input,
        populations: layout.populations,
        readout: layout.readout,
        layers: layout.layers,
        instructions,
    };
    let hash = Sha256::digest(format!("{network}{}", program.to_yaml()));
    program.design = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    program.verify()?;
    Ok(program)
}
