//! An emitted project as a board has it, driven through its host port.

use crate::case::Case;
use crate::{root, simulator};
use rtlsim::{Capture, Compile, Engine, Options, Port, PowerUp, Project, RunSpec, Simulation};
use serde_json::Value;
use spidec_compiler::emit::{self, Start};
use spidec_compiler::lower::Purpose;
use spidec_ir::trace::Stage;
use spidec_ir::{fixed, random};

/// Registers: the region's first address.
pub const REGISTERS: u32 = 0;
/// The program memory: the region's first address.
pub const PROGRAM: u32 = 1 << 24;
/// The input memory: the region's first address.
pub const INPUT: u32 = 2 << 24;
/// The weight banks: the region's first address.
pub const WEIGHTS: u32 = 3 << 24;
/// Membranes and logits: the region's first address.
pub const STATES: u32 = 4 << 24;
/// Constant currents: the region's first address.
pub const CURRENTS: u32 = 5 << 24;
/// Spike counts: the region's first address.
pub const COUNTS: u32 = 6 << 24;

/// Where a training goes on: in the second epoch.
pub const START: Start = Start {
    epochs: 1,
    samples: 7,
};

/// An example with generated weights and samples, the project that it was emitted as, and the manifest.
pub fn example(name: &str, purpose: Purpose) -> (Case, Project, Value) {
    let text = std::fs::read_to_string(root().join("examples").join(name)).expect("an example");
    let initial = |network: &_| {
        let float = random::initial_parameters(network, 1);
        fixed::quantize(network, &float)
            .expect("weights saturate")
            .0
    };
    let samples = (0..3u64).map(|s| {
        (0..64)
            .map(|k| (random::hash(&[s, k]) >> 59) as u8)
            .collect()
    });
    let case = Case::new(&text, purpose, initial, samples.collect());
    let files =
        emit::project(&case.network, &case.program, &case.image, START).expect("templates render");
    let dir = tempfile::tempdir().expect("a folder");
    emit::write(&files, &dir.path().join("p")).expect("writes");
    let mut project = Project::from_dir(dir.path().join("p"), spidec_rtl::TOP).expect("a project");
    project.clock = "clk_i".into();
    let manifest = files.iter().find(|file| file.path == "manifest.json");
    let manifest = serde_json::from_str(&manifest.expect("a manifest").text).expect("JSON");
    (case, project, manifest)
}

/// The host's side of the port.
pub struct Board {
    sim: Box<dyn Simulation>,
    reset: Port,
    ack: Port,
    rdata: Port,
    request: [Port; 4],
}

impl Board {
    /// Builds (or finds) the simulation and resets it; `None` where the simulator is missing.
    pub fn open(engine: Engine, project: &Project, power_up: PowerUp) -> Option<Board> {
        let tools = simulator(engine)?;
        let options = Options {
            power_up,
            compile: Compile::Quick,
            ..Options::default()
        };
        let sim = rtlsim::open(engine, project, &tools, &options).expect("opens");
        let port = |name| sim.port(name).expect("a port");
        let mut board = Board {
            reset: port("rst_i"),
            ack: port("host_ack_o"),
            rdata: port("host_rdata_o"),
            request: ["host_req_i", "host_write_i", "host_addr_i", "host_wdata_i"].map(port),
            sim,
        };
        board.reset();
        Some(board)
    }

    /// Resets it.
    pub fn reset(&mut self) {
        self.sim.reset(self.reset, 3).expect("resets");
    }

    /// One access; what is read in the cycle of the acknowledge, and the cycles that it took.
    fn access(&mut self, addr: u32, write: Option<u32>) -> (u32, u64) {
        let words = [1, u32::from(write.is_some()), addr, write.unwrap_or(0)];
        for (port, word) in self.request.into_iter().zip(words) {
            self.sim.poke(port, &[word]).expect("pokes");
        }
        let capture = Capture {
            valid: Some(self.ack),
            ports: vec![self.rdata],
        };
        let result = self.sim.run(&RunSpec {
            max: 20,
            until: Some(self.ack),
            captures: if write.is_some() {
                vec![]
            } else {
                vec![capture]
            },
        });
        let result = result.expect("runs");
        assert!(result.reached, "no acknowledge of {addr:#x}");
        self.sim.poke(self.request[0], &[0]).expect("pokes");
        let read = result.records.first().map_or(0, |r| r.words[0]);
        (read, result.cycles)
    }

    /// Reads a word, in the cycles that a read takes.
    pub fn read(&mut self, addr: u32) -> u32 {
        let (word, cycles) = self.access(addr, None);
        assert_eq!(cycles, 9, "a read takes 9 cycles");
        word
    }

    /// Writes a word, in the cycles that a write takes.
    pub fn write(&mut self, addr: u32, word: u32) {
        assert_eq!(self.access(addr, Some(word)).1, 3, "a write takes 3 cycles");
    }

    /// The design hash.
    pub fn design(&mut self) -> u64 {
        u64::from(self.read(REGISTERS + 3)) << 32 | u64::from(self.read(REGISTERS + 2))
    }

    /// A counter of a stage, by the number that the manifest gives it.
    pub fn counter(&mut self, kind: u32, stage: Stage) -> u64 {
        u64::from(self.read(REGISTERS + 64 + 8 * kind + stage as u32))
    }

    /// The port that is bit 2 of the status.
    pub fn failed(&mut self) -> bool {
        let port = self.sim.port("error_o").expect("a port");
        self.sim.peek(port).expect("peeks")[0] == 1
    }

    /// Cycles of all stages.
    pub fn cycles(&mut self) -> u64 {
        (0..6)
            .map(|k| u64::from(self.read(REGISTERS + 64 + k)))
            .sum()
    }

    /// Writes a sample into the input memory.
    pub fn load(&mut self, sample: &[u8]) {
        for (k, word) in (0..).zip(sample.chunks(4)) {
            let bytes = [0, 1, 2, 3].map(|n| word.get(n).copied().unwrap_or(0));
            self.write(INPUT + k, u32::from_le_bytes(bytes));
        }
    }

    /// Loads a sample and starts it.
    pub fn start(&mut self, sample: &[u8]) {
        self.load(sample);
        self.write(REGISTERS + 4, 1);
    }

    /// Waits for the sample's end; the status.
    pub fn wait(&mut self) -> u32 {
        for _ in 0..1000 {
            let status = self.read(REGISTERS + 5);
            if status & 1 == 0 {
                return status;
            }
        }
        panic!("it runs for ever");
    }
}
