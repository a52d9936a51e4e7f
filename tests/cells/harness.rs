//! What the benches share: a module in a simulator, driven by the names of its ports.

use rtlsim::{Compile, Engine, Options, Port, PowerUp, Simulation};
use spidec_ir::random::hash;
use spidec_tests::rtl::{project, replace};
use spidec_tests::simulator;
use spidec_tests::work::in_two_threads;
use std::collections::BTreeMap;

/// A cell with what checks it.
pub struct Bench {
    /// A module `bench` around it.
    pub top: String,
    /// The modules it consists of.
    pub modules: &'static [&'static str],
    /// Drives it; the first difference, if any. It panics where a case that matters did not occur.
    pub check: fn(&mut Driver) -> Result<(), String>,
    /// Faults: the module, what stands there, what replaces it.
    pub faults: &'static [(&'static str, &'static str, &'static str)],
}

impl Bench {
    /// Checks the cell, then that every fault is found.
    pub fn run(&self) {
        let Some(tools) = simulator(Engine::Verilator) else {
            return;
        };
        assert!(!self.faults.is_empty(), "no fault is planted");
        let cell = project("bench", &self.top, self.modules);
        let mut projects = vec![cell.clone()];
        let planted = |&(module, old, new)| replace(&cell, module, &[(old, new)]);
        projects.extend(self.faults.iter().map(planted));
        let options = Options {
            power_up: PowerUp::Random(1),
            compile: Compile::Quick,
            ..Options::default()
        };
        let results = in_two_threads(&projects, |project| {
            let sim = rtlsim::open(Engine::Verilator, project, &tools, &options);
            (self.check)(&mut Driver::new(sim.expect("builds")))
        });
        assert_eq!(results[0], Ok(()), "without a fault");
        for ((module, old, new), result) in self.faults.iter().zip(&results[1..]) {
            let found = result.as_ref().expect_err(old);
            eprintln!("| {module} | `{old}` to `{new}` | {found} |");
        }
    }
}

/// A running bench.
pub struct Driver {
    sim: Box<dyn Simulation>,
    ports: BTreeMap<String, (Port, u32)>,
}

impl Driver {
    fn new(sim: Box<dyn Simulation>) -> Driver {
        let ports = sim.ports().iter().map(|info| {
            let port = sim.port(&info.name).expect("a port");
            (info.name.clone(), (port, info.width))
        });
        Driver {
            ports: ports.collect(),
            sim,
        }
    }

    /// Sets an input of at most 64 bits; a negative value is cut to its width.
    pub fn set(&mut self, name: &str, value: i64) {
        let (port, width) = self.ports[name];
        let value = value as u64 & (u64::MAX >> (64 - width));
        self.sim.poke_u64(port, value).expect("fits");
    }

    /// Sets an input of equal parts.
    pub fn set_all(&mut self, name: &str, bits: u32, values: &[i64]) {
        let (port, width) = self.ports[name];
        let mut words = vec![0u32; width.div_ceil(32) as usize];
        for (k, value) in values.iter().enumerate() {
            for bit in 0..bits {
                let place = k as u32 * bits + bit;
                words[place as usize / 32] |= ((value >> bit & 1) as u32) << (place % 32);
            }
        }
        self.sim.poke(port, &words).expect("fits");
    }

    /// An output of at most 64 bits, without sign.
    pub fn get(&mut self, name: &str) -> i64 {
        let (port, _) = self.ports[name];
        self.sim.peek_u64(port).expect("a value") as i64
    }

    /// An output of at most 64 bits, with its sign.
    pub fn get_signed(&mut self, name: &str) -> i64 {
        let spare = 64 - self.ports[name].1;
        self.get(name) << spare >> spare
    }

    /// An output of equal parts, without signs.
    pub fn get_all(&mut self, name: &str, bits: u32) -> Vec<i64> {
        let (port, width) = self.ports[name];
        let words = self.sim.peek(port).expect("values");
        let bit = |place: u32| i64::from(words[place as usize / 32] >> (place % 32) & 1);
        let part = |k| (0..bits).fold(0, |value, b| value | bit(k * bits + b) << b);
        (0..width / bits).map(part).collect()
    }

    /// Runs cycles.
    pub fn cycles(&mut self, count: u64) {
        self.sim.cycles(count).expect("runs");
    }

    /// Holds an input high for one cycle.
    pub fn pulse(&mut self, name: &str) {
        self.set(name, 1);
        self.cycles(1);
        self.set(name, 0);
    }

    /// Runs until an output is low; how many cycles that took.
    pub fn wait_low(&mut self, name: &str, most: u64) -> Result<u64, String> {
        for cycle in 0..most {
            if self.get(name) == 0 {
                return Ok(cycle);
            }
            self.cycles(1);
        }
        Err(format!("{name} stays high"))
    }
}

/// Equal, or what differs.
pub fn equal<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    wanted: T,
) -> Result<(), String> {
    if found == wanted {
        return Ok(());
    }
    Err(format!("{what}: {found:?}, not {wanted:?}"))
}

/// Reproducible numbers, each range and its edges.
pub struct Numbers(u64);

impl Numbers {
    /// All that follows depends on the seed alone.
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed << 32)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 += 1;
        hash(&[self.0])
    }

    /// Below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// A signed number of so many bits; often at or near an edge, or near zero.
    pub fn signed(&mut self, bits: u32) -> i64 {
        let any = self.bits() as i64 >> (64 - bits);
        let edge = 1i64 << (bits - 1);
        let near = self.below(4) as i64;
        match self.below(8) {
            0 => edge - 1 - near.min(edge),
            1 => -edge + near.min(edge),
            2 => near.min(edge - 1) - 2.min(edge - 1),
            3 => any >> self.below(u64::from(bits)),
            _ => any,
        }
    }
}

/// Signed numbers of so many bits, all of them.
pub fn all_signed(bits: u32) -> std::ops::Range<i64> {
    -(1 << (bits - 1))..1 << (bits - 1)
}
