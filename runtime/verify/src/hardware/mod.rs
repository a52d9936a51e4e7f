//! The simulated hardware: the core, driven through its host port as a board would be.

mod bus;
mod load;
mod readback;
mod registers;

use bus::PATIENCE;
use registers::{region, register};
use rtlsim::{Capture, Engine, Memory, Options, Port, Project, RunSpec, Simulation, Tools};
use spidec_ir::program::{ArrayProgram, Machine, WeightImage};
use spidec_ir::trace::ArrayTrace;
use std::path::Path;

/// Why the hardware gave no result.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    /// The simulator, or a tool.
    #[error(transparent)]
    Simulator(#[from] rtlsim::Error),
    /// The templates.
    #[error("the Verilog templates do not render: {0}")]
    Templates(String),
    /// It is not the hardware that the program is for.
    #[error("the hardware answers {found:#010x} as its {what}, expected {expected:#010x}")]
    Identity {
        /// Which register.
        what: &'static str,
        /// What it holds.
        found: u32,
        /// What it should hold.
        expected: u32,
    },
    /// The host port does not answer.
    #[error("the host port does not acknowledge an access to address {0:#x}")]
    Bus(u32),
    /// The watchdog, or the sequencer, stopped the sample.
    #[error("the hardware stopped after {cycles} cycles: error {code} ({unit})")]
    Stopped {
        /// The status register's error code.
        code: u32,
        /// The unit it names.
        unit: &'static str,
        /// Cycles simulated.
        cycles: u64,
    },
}

/// The project that simulates a machine: the modules that [`spidec_rtl::core`] renders.
pub fn project(machine: &Machine) -> Result<Project, HardwareError> {
    let templates = |e: &dyn std::fmt::Display| HardwareError::Templates(e.to_string());
    let mut project = Project::new(spidec_rtl::CORE);
    project.clock = "clk_i".into();
    for file in spidec_rtl::core(machine).map_err(|e| templates(&e))? {
        project.add_source(file.name, file.text);
    }
    // Weights are compared after every sample of a training: through the host port that would take
    // longer than the training.
    if machine.learning {
        let bank = |k| format!("u_array.u_weights.gen_bank[{k}].u_ram.mem");
        project.memories = (0..machine.lanes).map(bank).collect();
    }
    project.lint_waivers = Some(spidec_rtl::waivers().map_err(|e| templates(&e))?.text);
    Ok(project)
}

/// The core's place in the hierarchy of a waveform.
pub fn scope(engine: Engine) -> String {
    match engine {
        Engine::Verilator => spidec_rtl::CORE.to_string(),
        Engine::Icarus => "rtlsim_testbench.dut".to_string(),
    }
}

/// A simulated core with a program loaded.
pub struct Hardware {
    sim: Box<dyn Simulation>,
    ports: Ports,
    banks: Vec<Memory>,
    program: ArrayProgram,
}

struct Ports {
    req: Port,
    write: Port,
    addr: Port,
    wdata: Port,
    ack: Port,
    rdata: Port,
    done: Port,
    trace: Capture,
}

/// What is recorded of each chunk that leaves a pass; of a learning machine negative spikes too.
const TRACE: [&str; 4] = [
    "trace_cycle_o",
    "trace_chunk_o",
    "trace_spikes_o",
    "trace_state_o",
];

impl Hardware {
    /// Builds (or finds) the simulation of a project, resets it, and loads a program and weights.
    pub fn open(
        engine: Engine,
        project: &Project,
        program: &ArrayProgram,
        image: &WeightImage,
        tools: &Tools,
        options: &Options,
    ) -> Result<Hardware, HardwareError> {
        let mut sim = rtlsim::open(engine, project, tools, options)?;
        let ports = Ports {
            req: sim.port("host_req_i")?,
            write: sim.port("host_write_i")?,
            addr: sim.port("host_addr_i")?,
            wdata: sim.port("host_wdata_i")?,
            ack: sim.port("host_ack_o")?,
            rdata: sim.port("host_rdata_o")?,
            done: sim.port("done_o")?,
            trace: Capture {
                valid: Some(sim.port("trace_valid_o")?),
                ports: TRACE
                    .iter()
                    .chain(program.machine.learning.then_some(&"trace_negative_o"))
                    .map(|name| sim.port(name))
                    .collect::<Result<_, _>>()?,
            },
        };
        let banks = project.memories.iter().map(|path| sim.memory(path));
        let banks = banks.collect::<Result<_, _>>()?;
        let reset = sim.port("rst_i")?;
        sim.reset(reset, 4)?;
        let mut hardware = Hardware {
            sim,
            ports,
            banks,
            program: program.clone(),
        };
        hardware.identify()?;
        hardware.load_program()?;
        hardware.load_weights(image)?;
        Ok(hardware)
    }

    /// Runs one sample. `limit`: cycles after which the watchdog stops it.
    pub fn run(&mut self, sample: &[u8], limit: u32) -> Result<ArrayTrace, HardwareError> {
        self.sample(sample, None, limit)
    }

    /// Trains one sample of a class. `limit`: cycles after which the watchdog stops it.
    pub fn train(
        &mut self,
        sample: &[u8],
        label: usize,
        limit: u32,
    ) -> Result<ArrayTrace, HardwareError> {
        self.sample(sample, Some(label), limit)
    }

    fn sample(
        &mut self,
        sample: &[u8],
        label: Option<usize>,
        limit: u32,
    ) -> Result<ArrayTrace, HardwareError> {
        let rows = self.program.input.rows * self.program.machine.lanes;
        for k in 0..rows as usize / 4 {
            let byte = |n: usize| u32::from(sample.get(4 * k + n).copied().unwrap_or(0));
            let word = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
            self.write(region::INPUT + k as u32, word)?;
        }
        self.write(register::LIMIT, limit)?;
        match label {
            None => self.write(register::CONTROL, 1)?,
            Some(label) => {
                self.write(register::LABEL, label as u32)?;
                self.write(register::CONTROL, 3)?;
            }
        }
        self.sim.poke(self.ports.req, &[0])?;
        let result = self.sim.run(&RunSpec {
            max: u64::from(limit) + PATIENCE,
            until: Some(self.ports.done),
            captures: vec![self.ports.trace.clone()],
        })?;
        let status = self.read(register::STATUS)?;
        if status & 7 != 2 {
            let code = status >> 8 & 0xff;
            let units = [
                "not done",
                "scanner",
                "loop generator",
                "array",
                "readout",
                "sequencer",
                "unknown instruction",
                "access while running",
                "loss",
                "noise",
            ];
            return Err(HardwareError::Stopped {
                code,
                unit: units.get(code as usize).copied().unwrap_or("unknown"),
                cycles: result.cycles,
            });
        }
        let chunks = match result.records.first() {
            Some(records) => records.iter().map(|(_, words)| self.chunk(words)).collect(),
            None => Vec::new(),
        };
        let readout = &self.program.readout;
        let (used, all) = (readout.chunk, readout.chunk + readout.chunks);
        Ok(ArrayTrace {
            chunks,
            counts: self.chunks(region::COUNTS, used, |word| word)?,
            logits: self.logits()?,
            prediction: self.read(register::PREDICTION)?,
            errors: match label {
                Some(_) => self.chunks(region::ERRORS, all, |word| word as i32)?,
                None => Vec::new(),
            },
            counters: self.counters()?,
            idle: Default::default(),
            clamps: self.clamps()?,
        })
    }

    /// Starts a waveform.
    pub fn trace_start(&mut self, path: &Path) -> Result<(), HardwareError> {
        Ok(self.sim.trace_start(path)?)
    }

    /// Ends the waveform.
    pub fn trace_stop(&mut self) -> Result<(), HardwareError> {
        Ok(self.sim.trace_stop()?)
    }
}
