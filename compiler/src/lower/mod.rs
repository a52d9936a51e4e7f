//! Lowering: Network -> ArrayProgram.
//!
//! `memory` lays out states and weights, `schedule` writes the instructions of a sample and
//! `learning` those that train, `limits` says what no array can hold, `machine` sizes the array.
//! Nothing is rounded here: constants come from [`spidec_ir::fixed::Constants`].

mod learning;
mod limits;
mod machine;
mod memory;
mod schedule;

pub use limits::TooLarge;

use crate::check::SourceLines;
use sha2::{Digest, Sha256};
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, Obstacle, array_obstacles};
use spidec_ir::program::{
    ArrayProgram, BackwardMap, Instruction, Machine, PROGRAM_VERSION, ProgramError,
};

/// What an array is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Forward stage and readout.
    Inference,
    /// Backward stage, loss and weight update too.
    Learning,
}

/// Why a network could not be lowered. Of one that `check` accepts for the array,
/// [`lower`] refuses nothing: the first two are among the array's obstacles.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LowerError {
    /// It cannot run in fixed point.
    #[error("the array cannot run this network: {}", .0.iter().map(|o| o.to_string()).collect::<Vec<_>>().join("; "))]
    Obstacles(Vec<Obstacle>),
    /// No array is large enough for it.
    #[error("no array is large enough for this network: {}", .0.iter().map(|o| o.to_string()).collect::<Vec<_>>().join("; "))]
    TooLarge(Vec<TooLarge>),
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
    /// What was lowered does not verify: a fault of this compiler.
    #[error("the compiler made a program that does not verify, please report it: {0}")]
    Program(#[from] ProgramError),
}

/// Lowers a network to the smallest machine that runs it.
pub fn lower(
    network: &Network,
    lines: &SourceLines,
    purpose: Purpose,
) -> Result<ArrayProgram, LowerError> {
    build(network, lines, purpose, None)
}

/// Lowers a network to a given machine, so that several networks share one build of the RTL.
pub fn lower_onto(
    network: &Network,
    lines: &SourceLines,
    machine: &Machine,
) -> Result<ArrayProgram, LowerError> {
    let purpose = if machine.learning {
        Purpose::Learning
    } else {
        Purpose::Inference
    };
    build(network, lines, purpose, Some(machine))
}

/// Why no array can run a network whose constants these are.
pub fn too_large(
    network: &Network,
    lines: &SourceLines,
    constants: &Constants,
    purpose: Purpose,
) -> Vec<TooLarge> {
    let (layout, instructions) = plan(network, lines, constants, purpose);
    limits::exceeded(network, &layout, &instructions, purpose)
}

fn plan(
    network: &Network,
    lines: &SourceLines,
    constants: &Constants,
    purpose: Purpose,
) -> (memory::Layout, Vec<Instruction>) {
    let layout = memory::layout(network, lines);
    let instructions = schedule::sample(network, constants, &layout, purpose);
    (layout, instructions)
}

fn build(
    network: &Network,
    lines: &SourceLines,
    purpose: Purpose,
    given: Option<&Machine>,
) -> Result<ArrayProgram, LowerError> {
    let (constants, _) = Constants::of(network).map_err(LowerError::Obstacles)?;
    let mut obstacles = array_obstacles(network);
    if purpose == Purpose::Learning {
        obstacles.extend(Constants::learning_obstacles(network));
    }
    if !obstacles.is_empty() {
        return Err(LowerError::Obstacles(obstacles));
    }
    let (layout, instructions) = plan(network, lines, &constants, purpose);
    let too_large = limits::exceeded(network, &layout, &instructions, purpose);
    if !too_large.is_empty() {
        return Err(LowerError::TooLarge(too_large));
    }
    let needed = machine::smallest(network, &constants, &layout, instructions.len(), purpose);
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
    let backward = learning::populations(network);
    let mut program = ArrayProgram {
        version: PROGRAM_VERSION,
        network: network.name.clone(),
        design: String::new(),
        machine,
        weight_frac: network.array.weight.frac,
        membrane_frac: network.array.membrane.frac,
        steps: network.training.forward.steps,
        backward: (purpose == Purpose::Learning && !backward.is_empty()).then(|| BackwardMap {
            steps: network.training.backward.steps,
            populations: backward.iter().map(|id| id.0).collect(),
        }),
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
