//! The simulated hardware: the core, driven through its host port as a board would be.

use rtlsim::{Capture, Engine, Memory, Options, Port, Project, RunSpec, Simulation, Tools};
use spidec_ir::program::{ArrayProgram, Machine, WeightImage};
use spidec_ir::trace::{
    ArrayClamps, ArrayTrace, ChunkClamp, ChunkStep, ClampPlace, Counters, RowClamp, Stage, Work,
};
use spidec_runtime::array::LearningState;
use std::path::Path;

/// Regions of the host port's address space, see `spidec_host.v`.
mod region {
    pub const REGISTERS: u32 = 0;
    pub const PROGRAM: u32 = 1 << 24;
    pub const INPUT: u32 = 2 << 24;
    pub const WEIGHTS: u32 = 3 << 24;
    pub const STATES: u32 = 4 << 24;
    pub const COUNTS: u32 = 6 << 24;
    pub const ERRORS: u32 = 8 << 24;
    pub const CONSTANTS: u32 = 9 << 24;
}

/// Offsets in the register region.
mod register {
    pub const IDENTITY: u32 = 0;
    pub const MACHINE: u32 = 1;
    pub const DESIGN: u32 = 2;
    pub const CONTROL: u32 = 4;
    pub const STATUS: u32 = 5;
    pub const PREDICTION: u32 = 6;
    pub const LIMIT: u32 = 7;
    pub const LABEL: u32 = 9;
    pub const SEED: u32 = 10;
    pub const SAMPLE: u32 = 12;
    /// `COUNTERS + 8 * kind + stage`.
    pub const COUNTERS: u32 = 64;
    /// Counters of the whole sample.
    pub const WHOLE: u32 = COUNTERS + 40;
    /// The first membrane and weight that were clamped.
    pub const FIRST: u32 = COUNTERS + 48;
}

/// What the identity register holds: "SPDC".
const IDENTITY: u32 = 0x5350_4443;

/// Cycles that a bus access may take before the port counts as dead.
const PATIENCE: u64 = 64;

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

    fn identify(&mut self) -> Result<(), HardwareError> {
        let expected = [
            ("identity", register::IDENTITY, IDENTITY),
            ("machine", register::MACHINE, self.program.machine.id()),
        ];
        for (what, offset, expected) in expected {
            let found = self.read(region::REGISTERS + offset)?;
            if found != expected {
                return Err(HardwareError::Identity {
                    what,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }

    fn load_program(&mut self) -> Result<(), HardwareError> {
        let words: Vec<_> = self
            .program
            .instructions
            .iter()
            .map(|i| i.encode())
            .collect();
        for (k, words) in (0..).zip(words) {
            for (offset, word) in (0..).zip(words) {
                self.write(region::PROGRAM + 8 * k + offset, word)?;
            }
        }
        let design = u64::from_str_radix(&self.program.design, 16).unwrap_or(0);
        self.write(register::DESIGN, design as u32)?;
        self.write(register::DESIGN + 1, (design >> 32) as u32)?;
        for (offset, expected) in [(0, design as u32), (1, (design >> 32) as u32)] {
            let found = self.read(register::DESIGN + offset)?;
            if found != expected {
                return Err(HardwareError::Identity {
                    what: "design hash",
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }

    /// Writes all weights.
    pub fn load_weights(&mut self, image: &WeightImage) -> Result<(), HardwareError> {
        for (k, &word) in (0..).zip(&image.words) {
            self.write(region::WEIGHTS + k, word as u32)?;
        }
        Ok(())
    }

    /// All weights as they lie in the banks of a learning machine, without the host port.
    pub fn peek_weights(&mut self) -> Result<WeightImage, HardwareError> {
        let lanes = self.program.machine.lanes as usize;
        let layers = self.program.layers.iter();
        let blocks = layers.map(|layer| layer.end()).max().unwrap_or(0) as usize;
        let rows = blocks * lanes;
        let spare = 32 - self.program.machine.weight_bits;
        let mut words = vec![0; rows * lanes];
        for (bank, &memory) in self.banks.iter().enumerate() {
            let column = self.sim.read_memory(memory, 0, rows as u64)?;
            for (row, word) in column.into_iter().enumerate() {
                words[row * lanes + bank] = (word << spare) as i32 >> spare;
            }
        }
        Ok(WeightImage { lanes, words })
    }

    /// Writes learning constants, seed and sample number.
    pub fn set_learning(&mut self, state: &LearningState) -> Result<(), HardwareError> {
        for (layer, constant) in (0..).zip(&state.constants) {
            let word = constant.shift << 18 | constant.mantissa as u32;
            self.write(region::CONSTANTS + layer, word)?;
        }
        for (offset, value) in [
            (register::SEED, state.seed),
            (register::SAMPLE, state.samples),
        ] {
            self.write(offset, value as u32)?;
            self.write(offset + 1, (value >> 32) as u32)?;
        }
        Ok(())
    }

    /// Samples trained so far, as the hardware counts them.
    pub fn samples(&mut self) -> Result<u64, HardwareError> {
        let low = self.read(register::SAMPLE)?;
        let high = self.read(register::SAMPLE + 1)?;
        Ok(u64::from(high) << 32 | u64::from(low))
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

    /// One record of the trace ports.
    fn chunk(&self, words: &[u32]) -> ChunkStep {
        let bits = self.program.machine.accumulator_bits as usize;
        let lanes = self.program.machine.lanes as usize;
        let size = (lanes * bits).div_ceil(32);
        let (state, negative) = (&words[3..3 + size], words.get(3 + size));
        let membranes = (0..lanes)
            .map(|lane| {
                let (word, offset) = (lane * bits / 32, lane * bits % 32);
                let high = state.get(word + 1).copied().unwrap_or(0);
                let value = (u64::from(high) << 32 | u64::from(state[word])) >> offset;
                // Sign extension.
                (value << (64 - bits)) as i64 >> (64 - bits)
            })
            .map(|value| value as i32)
            .collect();
        ChunkStep {
            cycle: u64::from(words[0]),
            chunk: words[1],
            spikes: words[2],
            negative: negative.copied().unwrap_or(0),
            membranes,
        }
    }

    /// The first chunks of a state memory, `[chunk][lane]`.
    fn chunks<T>(
        &mut self,
        region: u32,
        chunks: u32,
        value: impl Fn(u32) -> T,
    ) -> Result<Vec<Vec<T>>, HardwareError> {
        let lanes = self.program.machine.lanes;
        (0..chunks)
            .map(|chunk| {
                (0..lanes)
                    .map(|lane| Ok(value(self.read(region + chunk * lanes + lane)?)))
                    .collect()
            })
            .collect()
    }

    fn logits(&mut self) -> Result<Vec<i32>, HardwareError> {
        let start = self.program.readout.chunk * self.program.machine.lanes;
        (0..self.program.readout.neurons)
            .map(|k| Ok(self.read(region::STATES + start + k)? as i32))
            .collect()
    }

    fn counters(&mut self) -> Result<Counters, HardwareError> {
        let mut counters = Counters::default();
        let learning = self.program.machine.learning;
        let stages = &Stage::ALL[..if learning { 6 } else { 3 }];
        for &stage in stages {
            let mut kinds = [0; 5];
            for (kind, count) in (0..).zip(&mut kinds) {
                let offset = register::COUNTERS + 8 * kind + stage as u32;
                *count = u64::from(self.read(offset)?);
            }
            let [cycles, slots, useful, waits, passes] = kinds;
            counters.stages[stage as usize] = Work {
                cycles,
                slots,
                useful,
                waits,
                passes,
            };
        }
        let mut whole =
            |offset: u32| Ok::<_, HardwareError>(u64::from(self.read(register::WHOLE + offset)?));
        counters.events = whole(0)?;
        counters.spikes = whole(1)?;
        counters.saturations = whole(2)?;
        if learning {
            counters.backward_spikes = whole(3)?;
            counters.weight_saturations = whole(4)?;
            counters.error_saturations = whole(5)?;
        }
        Ok(counters)
    }

    fn clamps(&mut self) -> Result<ArrayClamps, HardwareError> {
        let place = self.read(register::FIRST)?;
        let lanes = self.read(register::FIRST + 1)?;
        let mut clamps = ArrayClamps {
            membrane: (lanes != 0).then_some(ChunkClamp {
                backward: place >> 31 == 1,
                step: place >> 16 & 0x7fff,
                chunk: place & 0xffff,
                lanes,
            }),
            ..ArrayClamps::default()
        };
        if self.program.machine.learning {
            let row = self.read(register::FIRST + 2)?;
            let banks = self.read(register::FIRST + 3)?;
            clamps.weight = (banks != 0).then_some(RowClamp { row, banks });
            let class = self.read(register::FIRST + 4)?;
            let clamped = self.read(register::WHOLE + 5)? != 0;
            clamps.error = clamped.then(|| ClampPlace::of_error(class));
        }
        Ok(clamps)
    }

    /// Starts a waveform.
    pub fn trace_start(&mut self, path: &Path) -> Result<(), HardwareError> {
        Ok(self.sim.trace_start(path)?)
    }

    /// Ends the waveform.
    pub fn trace_stop(&mut self) -> Result<(), HardwareError> {
        Ok(self.sim.trace_stop()?)
    }

    fn write(&mut self, addr: u32, data: u32) -> Result<(), HardwareError> {
        self.sim.poke(self.ports.wdata, &[data])?;
        self.access(addr, true).map(|_| ())
    }

    fn read(&mut self, addr: u32) -> Result<u32, HardwareError> {
        self.access(addr, false)
    }

    /// One handshake; gives what the bus reads in the cycle of the acknowledge.
    fn access(&mut self, addr: u32, write: bool) -> Result<u32, HardwareError> {
        self.sim.poke(self.ports.addr, &[addr])?;
        self.sim.poke(self.ports.write, &[u32::from(write)])?;
        self.sim.poke(self.ports.req, &[1])?;
        let mut captures = Vec::new();
        if !write {
            captures.push(Capture {
                valid: Some(self.ports.ack),
                ports: vec![self.ports.rdata],
            });
        }
        let result = self.sim.run(&RunSpec {
            max: PATIENCE,
            until: Some(self.ports.ack),
            captures,
        })?;
        if !result.reached {
            return Err(HardwareError::Bus(addr));
        }
        let data = result.records.first().and_then(|r| r.words.last());
        Ok(data.copied().unwrap_or(0))
    }
}
