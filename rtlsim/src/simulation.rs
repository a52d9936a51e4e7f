//! What every engine does: the trait [`Simulation`] and its vocabulary.
//!
//! # What a cycle is
//! At rest the clock is low. A cycle lets the inputs settle, *samples* (what
//! [`run`](Simulation::run) captures and tests), then raises the clock and
//! lowers it. So a sample shows what a register clocked by that rising edge
//! would see. The cycle counter is the number of rising edges so far: the
//! first cycle has number 0, and after `cycles(1)` the counter is 1.
//!
//! # Words
//! Values are little-endian arrays of 32-bit words, `ceil(width / 32)` long.

use std::path::Path;

use crate::{Engine, Error, Result, Waveform};

/// Direction of a port of the top module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The host pokes it.
    Input,
    /// The design drives it.
    Output,
}

/// A port of the top module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortInfo {
    /// Its name.
    pub name: String,
    /// Its width in bits.
    pub width: u32,
    /// Its direction.
    pub direction: Direction,
}

/// A memory that the project lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryInfo {
    /// Its path below the top module.
    pub path: String,
    /// The width of one entry in bits.
    pub width: u32,
    /// The number of entries.
    pub depth: u64,
}

/// A handle to a port; it belongs to one simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port(pub(crate) u32);

/// A handle to a memory; it belongs to one simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory(pub(crate) u32);

/// One thing to record during a run: in each cycle in which `valid` is high,
/// the values of `ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// A 1-bit port, or `None` to record every cycle.
    pub valid: Option<Port>,
    /// What to record.
    pub ports: Vec<Port>,
}

/// What [`Simulation::run`] shall do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunSpec {
    /// The greatest number of cycles.
    pub max: u64,
    /// Stop after the cycle in whose sample this 1-bit port is high.
    pub until: Option<Port>,
    /// What to record; all captures sample the same cycles.
    pub captures: Vec<Capture>,
}

/// What a capture recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// The number of the cycle of each record.
    pub cycles: Vec<u64>,
    /// The values of all records, one after the other.
    pub words: Vec<u32>,
    /// Words a record: the sum over the capture's ports.
    pub words_per_record: usize,
}

impl Records {
    /// The number of records.
    pub fn len(&self) -> usize {
        self.cycles.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.cycles.is_empty()
    }

    /// Each record: its cycle and its words, port after port.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u32])> {
        let step = self.words_per_record;
        let words = (0..self.len()).map(move |i| &self.words[i * step..(i + 1) * step]);
        self.cycles.iter().copied().zip(words)
    }
}

/// What [`Simulation::run`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunResult {
    /// How many cycles were run.
    pub cycles: u64,
    /// Whether the `until` port ended the run.
    pub reached: bool,
    /// One entry a capture, in the order of the specification.
    pub records: Vec<Records>,
}

/// A loaded design. Inputs start at zero.
pub trait Simulation: Send {
    /// The engine behind it.
    fn engine(&self) -> Engine;

    /// The ports of the top module, by name.
    fn ports(&self) -> &[PortInfo];

    /// The memories that the project lists, in its order.
    fn memories(&self) -> &[MemoryInfo];

    /// The number of rising clock edges so far.
    fn cycle(&self) -> u64;

    /// Sets an input other than the clock. Missing high words are zero.
    fn poke(&mut self, port: Port, words: &[u32]) -> Result<()>;

    /// Reads a port after the inputs have settled.
    fn peek(&mut self, port: Port) -> Result<Vec<u32>>;

    /// Runs that many cycles.
    fn cycles(&mut self, count: u64) -> Result<()>;

    /// Runs until a port is high, recording.
    fn run(&mut self, spec: &RunSpec) -> Result<RunResult>;

    /// Reads `count` entries from the `first` on, entry after entry. The
    /// first entry is the one of the lowest declared index.
    fn read_memory(&mut self, memory: Memory, first: u64, count: u64) -> Result<Vec<u32>>;

    /// Writes whole entries from the `first` on.
    fn write_memory(&mut self, memory: Memory, first: u64, words: &[u32]) -> Result<()>;

    /// Starts writing a waveform to a file, in the format that its name and
    /// [`Options::trace`](crate::Options::trace) ask for; ten time units a cycle.
    fn trace_start(&mut self, path: &Path) -> Result<()>;

    /// Ends the window that [`trace_start`](Simulation::trace_start) began.
    fn trace_stop(&mut self) -> Result<()>;

    /// Looks a port up.
    fn port(&self, name: &str) -> Result<Port> {
        let ports = self.ports();
        match ports.iter().position(|p| p.name == name) {
            Some(index) => Ok(Port(index as u32)),
            None => Err(Error::NoSuchPort {
                name: name.to_owned(),
                known: join(ports.iter().map(|p| p.name.as_str())),
            }),
        }
    }

    /// Looks a memory up.
    fn memory(&self, path: &str) -> Result<Memory> {
        let memories = self.memories();
        match memories.iter().position(|m| m.path == path) {
            Some(index) => Ok(Memory(index as u32)),
            None => Err(Error::NoSuchMemory {
                name: path.to_owned(),
                reason: format!(
                    "the project lists: {}",
                    join(memories.iter().map(|m| m.path.as_str()))
                ),
            }),
        }
    }

    /// Sets an input of at most 64 bits.
    fn poke_u64(&mut self, port: Port, value: u64) -> Result<()> {
        let words = [value as u32, (value >> 32) as u32];
        let used = if words[1] == 0 { 1 } else { 2 };
        self.poke(port, &words[..used])
    }

    /// Reads a port of at most 64 bits.
    fn peek_u64(&mut self, port: Port) -> Result<u64> {
        let words = self.peek(port)?;
        if words.len() > 2 {
            return Err(misuse(self.ports(), port, "is wider than 64 bits"));
        }
        let high = words.get(1).copied().unwrap_or(0);
        Ok(u64::from(high) << 32 | u64::from(words[0]))
    }

    /// Holds an input at one for that many cycles, then at zero.
    fn reset(&mut self, port: Port, cycles: u64) -> Result<()> {
        self.poke(port, &[1])?;
        self.cycles(cycles)?;
        self.poke(port, &[0])
    }
}

/// Whether a window can be opened: the simulation was opened for the format that the name asks for.
pub(crate) fn may_trace(opened: Option<Waveform>, path: &Path) -> Result<()> {
    let asked = Waveform::of(path);
    let reason = match opened {
        None => "the simulation was opened without tracing: set `Options::trace`".to_owned(),
        Some(format) if format == asked => return Ok(()),
        Some(format) => format!(
            "{} asks for {asked:?}, the simulation was opened for {format:?}",
            path.display()
        ),
    };
    Err(Error::Trace(reason))
}

/// Words that a value of this width takes.
pub(crate) fn words_of(width: u32) -> usize {
    width.div_ceil(32) as usize
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn misuse(ports: &[PortInfo], port: Port, reason: &str) -> Error {
    let name = ports.get(port.0 as usize).map(|p| p.name.clone());
    Error::Misuse {
        name: name.unwrap_or_else(|| format!("port {}", port.0)),
        reason: reason.to_owned(),
    }
}

/// The checks that both engines make before they act.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub ports: Vec<PortInfo>,
    pub memories: Vec<MemoryInfo>,
    pub clock: Port,
}

impl Shape {
    pub(crate) fn new(ports: Vec<PortInfo>, clock: &str) -> Result<Self> {
        let found = ports.iter().position(|p| p.name == clock);
        let fits = |i: &usize| ports[*i].width == 1 && ports[*i].direction == Direction::Input;
        match found.filter(fits) {
            Some(index) => Ok(Shape {
                ports,
                memories: Vec::new(),
                clock: Port(index as u32),
            }),
            None => Err(Error::Project(format!(
                "the clock `{clock}` is not a 1-bit input of the top module"
            ))),
        }
    }

    pub(crate) fn port(&self, port: Port) -> Result<&PortInfo> {
        let info = self.ports.get(port.0 as usize);
        info.ok_or_else(|| misuse(&self.ports, port, "is of another simulation"))
    }

    /// The value to poke, padded to the port's words.
    pub(crate) fn poke(&self, port: Port, words: &[u32]) -> Result<Vec<u32>> {
        let info = self.port(port)?;
        if info.direction != Direction::Input {
            return Err(misuse(&self.ports, port, "is an output"));
        }
        if port == self.clock {
            return Err(misuse(&self.ports, port, "is the clock: call `cycles`"));
        }
        if !fits(words, info.width) {
            let reason = format!("the value does not fit into {} bits", info.width);
            return Err(misuse(&self.ports, port, &reason));
        }
        let mut padded = words.to_vec();
        padded.resize(words_of(info.width), 0);
        Ok(padded)
    }

    pub(crate) fn run(&self, spec: &RunSpec) -> Result<()> {
        let flags = spec.captures.iter().filter_map(|c| c.valid);
        for flag in flags.chain(spec.until) {
            if self.port(flag)?.width != 1 {
                return Err(misuse(&self.ports, flag, "is no 1-bit port"));
            }
        }
        for port in spec.captures.iter().flat_map(|c| &c.ports) {
            self.port(*port)?;
        }
        Ok(())
    }

    pub(crate) fn record_words(&self, capture: &Capture) -> usize {
        let words = |p: &Port| words_of(self.ports[p.0 as usize].width);
        capture.ports.iter().map(words).sum()
    }

    pub(crate) fn memory(&self, memory: Memory, first: u64, count: u64) -> Result<&MemoryInfo> {
        let Some(info) = self.memories.get(memory.0 as usize) else {
            return Err(Error::Misuse {
                name: format!("memory {}", memory.0),
                reason: "is of another simulation".to_owned(),
            });
        };
        if first.checked_add(count).is_none_or(|end| end > info.depth) {
            return Err(Error::Misuse {
                name: info.path.clone(),
                reason: format!("{count} entries from {first} on, of {}", info.depth),
            });
        }
        Ok(info)
    }

    /// Checks the words to write and says how many entries they are.
    pub(crate) fn memory_write(&self, memory: Memory, first: u64, words: &[u32]) -> Result<u64> {
        let info = self.memory(memory, first, 0)?;
        let step = words_of(info.width);
        let whole = words.len().is_multiple_of(step);
        if !whole || !words.chunks(step).all(|entry| fits(entry, info.width)) {
            return Err(Error::Misuse {
                name: info.path.clone(),
                reason: format!("the words are no entries of {} bits", info.width),
            });
        }
        let count = (words.len() / step) as u64;
        self.memory(memory, first, count)?;
        Ok(count)
    }
}

fn fits(words: &[u32], width: u32) -> bool {
    let full = (width / 32) as usize;
    let spare = width % 32;
    words
        .iter()
        .enumerate()
        .all(|(i, word)| i < full || *word == 0 || (i == full && spare > 0 && *word >> spare == 0))
        && words.len() <= words_of(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_counts_every_bit() {
        assert!(fits(&[0xff], 8) && !fits(&[0x100], 8));
        assert!(fits(&[!0, !0], 64) && !fits(&[!0, !0, 0], 64));
        assert!(fits(&[0, 1], 33) && !fits(&[0, 2], 33));
        assert!(fits(&[], 8));
    }
}
