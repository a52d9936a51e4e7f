//! Builds a Verilog project with an external simulator, loads it, drives it.
//!
//! Two engines do the same: [`Engine::Verilator`] compiles the design into a
//! shared library (millions of cycles a second), [`Engine::Icarus`] talks to
//! an event-driven simulator process (slow, knows unknown bits, needs no C++
//! compiler). A test bench written against [`Simulation`] runs on either.
//!
//! ```no_run
//! use rtlsim::{Capture, Engine, Options, Project, RunSpec, Simulation, Tools};
//!
//! # fn main() -> rtlsim::Result<()> {
//! let mut project = Project::new("counter");
//! project.add_source(
//!     "counter.v",
//!     "module counter(input wire clk, input wire rst, output reg [7:0] count);
//!        always @(posedge clk) count <= rst ? 8'd0 : count + 8'd1;
//!      endmodule",
//! );
//! rtlsim::tools::install("tools", rtlsim::tools::Group::Simulate, None)?;
//! let tools = Tools::in_dir("tools");
//! let mut sim = rtlsim::open(Engine::Verilator, &project, &tools, &Options::default())?;
//! let (rst, count) = (sim.port("rst")?, sim.port("count")?);
//! sim.reset(rst, 2)?;
//! let result = sim.run(&RunSpec {
//!     max: 3,
//!     until: None,
//!     captures: vec![Capture { valid: None, ports: vec![count] }],
//! })?;
//! assert_eq!(result.records[0].words, [0, 1, 2]);
//! assert_eq!(result.records[0].cycles, [2, 3, 4]);
//! # Ok(())
//! # }
//! ```
//!
//! # Limits
//! One clock, rising edge; flat vector ports, no inout; no delays in the
//! design; memories are one-dimensional arrays of vectors. Waveforms are VCD, with Verilator FST too.

mod cache;
mod error;
mod icarus;
mod places;
mod project;
mod simulation;
pub mod tools;
mod turn;
mod verilator;

pub use cache::Cache;
pub use error::{Error, Location, Result};
pub use places::Places;
pub use project::{Project, Source};
pub use simulation::{
    Capture, Direction, Memory, MemoryInfo, Port, PortInfo, Records, RunResult, RunSpec, Simulation,
};
pub use tools::Tools;

/// Which simulator runs a design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Verilator: compiled, two-state.
    Verilator,
    /// Icarus Verilog: interpreted, four-state.
    Icarus,
}

/// What registers and memories hold before anything is written to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PowerUp {
    /// Zero.
    #[default]
    Zero,
    /// Pseudo-random: equal seeds give equal contents on one engine and
    /// version; two engines differ.
    Random(u64),
}

/// The format of a waveform, by the extension of its file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waveform {
    /// Text, any other extension than the next.
    Vcd,
    /// Compressed, `.fst`. With Verilator only, whose writer wants the headers of zlib and, in newer
    /// versions, of lz4 (Debian: zlib1g-dev, liblz4-dev).
    Fst,
}

impl Waveform {
    /// The format that a file's name asks for.
    pub fn of(path: impl AsRef<std::path::Path>) -> Self {
        match path.as_ref().extension() {
            Some(extension) if extension.eq_ignore_ascii_case("fst") => Waveform::Fst,
            _ => Waveform::Vcd,
        }
    }
}

/// What compiling a model may cost for the speed that it then runs at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compile {
    /// Unoptimized: least time to compile, a model many times slower. For few cycles.
    Quick,
    /// Optimized lightly.
    #[default]
    Balanced,
    /// Optimized fully: about twice the time for a model about a fifth faster. For minutes of simulation.
    Thorough,
}

impl Compile {
    /// What `$RTLSIM_COMPILE` names, `quick`, `balanced` or `thorough`; [`Compile::Balanced`] where it names none.
    pub fn from_env() -> Compile {
        match std::env::var("RTLSIM_COMPILE").as_deref() {
            Ok("quick") => Compile::Quick,
            Ok("thorough") => Compile::Thorough,
            _ => Compile::Balanced,
        }
    }
}

/// How to open a simulation.
///
/// `power_up` covers every register and memory in Verilator, and the unknown
/// values that the design itself assigns follow the seed. In Icarus it
/// covers those entries of the project's listed memories that no initial block
/// sets; registers start unknown there, which is the stronger test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The contents before anything is written.
    pub power_up: PowerUp,
    /// In which format waveforms can be traced, if at all; in Verilator each is a library apart.
    pub trace: Option<Waveform>,
    /// How much compiling a model may cost. Verilator only.
    pub compile: Compile,
    /// Where compiled models are kept.
    pub cache: Cache,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            power_up: PowerUp::Zero,
            trace: None,
            compile: Compile::from_env(),
            cache: Cache::from_env(),
        }
    }
}

impl PowerUp {
    /// Whether to randomize, and a seed as the simulators take it: positive,
    /// 31 bits, not zero.
    fn parameters(self) -> (bool, u32) {
        let PowerUp::Random(seed) = self else {
            return (false, 1);
        };
        // The finalizer of splitmix64, so that every bit of the seed counts.
        let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (true, (((mixed ^ (mixed >> 31)) >> 33) as u32).max(1))
    }
}

/// Opens a simulation, compiling the project first unless the cache has it.
pub fn open(
    engine: Engine,
    project: &Project,
    tools: &Tools,
    options: &Options,
) -> Result<Box<dyn Simulation>> {
    Ok(match engine {
        Engine::Verilator => Box::new(verilator::open(project, tools, options)?),
        Engine::Icarus => Box::new(icarus::open(project, tools, options)?),
    })
}

/// Compiles the project into the cache without opening it; says whether that
/// was needed.
pub fn prepare(
    engine: Engine,
    project: &Project,
    tools: &Tools,
    options: &Options,
) -> Result<bool> {
    match engine {
        Engine::Verilator => verilator::prepare(project, tools, options),
        Engine::Icarus => icarus::prepare(project, tools, options),
    }
}

/// Runs Verilator's linter with all warnings on and the project's waivers;
/// returns its warnings, an empty string if there are none.
pub fn lint(project: &Project, tools: &Tools) -> Result<String> {
    verilator::lint(project, tools)
}
