//! The engine that runs the design in an Icarus Verilog process.
//!
//! The same cycles, records and cycle numbers as Verilator, a few hundred
//! times slower. What it adds is a third opinion and unknown bits: to peek at
//! one is an error that names the port.

mod discover;
mod process;
mod testbench;

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use self::discover::Array;
use self::process::Process;
use crate::project::{KeyHash, write};
use crate::simulation::{
    Memory, MemoryInfo, Port, PortInfo, Records, RunResult, RunSpec, Shape, Simulation, may_trace,
    words_of,
};
use crate::tools::{self, Tools};
use crate::{Engine, Error, Options, Project, Result, Waveform};

const MODEL: &str = "model.vvp";
const DESIGN: &str = "design.vvp";
const WAVEFORM: &str = "rtlsim.vcd";

/// A design that runs in a simulator process.
pub(crate) struct Model {
    process: Process,
    shape: Shape,
    cycle: u64,
    trace: Trace,
    dir: TempDir,
}

/// The state of the waveform; the process writes one file for all windows.
struct Trace {
    format: Option<Waveform>,
    /// Where the open window goes, and where it starts in the process's file.
    open: Option<(fs::File, u64)>,
}

struct Built {
    model: PathBuf,
    shape: Shape,
}

/// Compiles the test bench if the cache has none; says whether it had to.
pub(crate) fn prepare(project: &Project, tools: &Tools, options: &Options) -> Result<bool> {
    let (_, built) = build(project, &tools.icarus()?, options)?;
    Ok(built)
}

fn build(project: &Project, icarus: &tools::Icarus, options: &Options) -> Result<(Built, bool)> {
    project.check()?;
    let mut hash = KeyHash::new("icarus");
    hash.field(&icarus.identity);
    project.hash_into(&mut hash);
    hash.field(include_str!("mod.rs"));
    hash.field(include_str!("testbench.rs"));
    let key = format!("icarus-{}", hash.finish());
    let (dir, built) = options.cache.entry(&key, |aside| {
        project.write_sources(aside)?;
        let mut command = Command::new(&icarus.iverilog);
        command.args(["-s", &project.top]);
        for (name, value) in &project.parameters {
            command.arg(format!("-P{}.{name}={value}", project.top));
        }
        compile(command, project, aside, DESIGN, &[])?;
        let (shape, arrays) = discover(project, aside)?;
        let text = testbench::generate(project, &shape, &arrays);
        let file = format!("{}.v", testbench::NAME);
        write(&aside.join(&file), text)?;
        let mut command = Command::new(&icarus.iverilog);
        command.args(["-s", testbench::NAME]);
        compile(command, project, aside, MODEL, &[&file])
    })?;
    let (shape, _) = discover(project, &dir)?;
    let model = dir.join(MODEL);
    Ok((Built { model, shape }, built))
}

fn compile(
    mut command: Command,
    project: &Project,
    dir: &Path,
    to: &str,
    more: &[&str],
) -> Result<()> {
    let path = PathBuf::from(command.get_program());
    let output = command
        .current_dir(dir)
        .args(["-g2012", "-I", ".", "-o", to])
        .args(more)
        .args(project.compiled())
        .output()
        .map_err(|e| Error::ToolBroken {
            tool: "iverilog",
            path,
            message: e.to_string(),
        })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    Err(Error::rejected("iverilog", &said, &project.names()))
}

fn discover(project: &Project, dir: &Path) -> Result<(Shape, Vec<Array>)> {
    let path = dir.join(DESIGN);
    let text = fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
    let (ports, mut found) = discover::read(&text, &project.top)?;
    let mut shape = Shape::new(ports, &project.clock)?;
    let mut arrays = Vec::new();
    for path in &project.memories {
        let array = found.remove(path).ok_or_else(|| Error::NoSuchMemory {
            name: path.clone(),
            reason: "the design has no array of this name".to_owned(),
        })?;
        shape.memories.push(array.info.clone());
        arrays.push(array);
    }
    Ok((shape, arrays))
}

pub(crate) fn open(project: &Project, tools: &Tools, options: &Options) -> Result<Model> {
    // Windows are cut out of the text that the process writes.
    if options.trace == Some(Waveform::Fst) {
        let reason = "with Icarus waveforms are VCD: name the file `.vcd`, or take Verilator";
        return Err(Error::Trace(reason.to_owned()));
    }
    let icarus = tools.icarus()?;
    let (built, _) = build(project, &icarus, options)?;
    let dir = tempfile::tempdir().map_err(|e| Error::io(std::env::temp_dir(), e))?;
    project.write_images(dir.path())?;
    // The process runs elsewhere, so a relative cache would be lost to it.
    let file = fs::canonicalize(&built.model).map_err(|e| Error::io(&built.model, e))?;
    let mut model = Model {
        process: Process::start(&icarus, &file, dir.path())?,
        shape: built.shape,
        cycle: 0,
        trace: Trace {
            format: options.trace,
            open: None,
        },
        dir,
    };
    let (random, seed) = options.power_up.parameters();
    let random = u32::from(random);
    model.process.send(&format!("F {random} {seed}\n"))?;
    model.process.answer('k')?;
    model.process.check_images()?;
    Ok(model)
}

impl Model {
    fn number(&self, name: &str, width: u32, cycle: u64, hex: &str) -> Result<Vec<u32>> {
        parse_hex(hex, words_of(width)).ok_or_else(|| Error::Unknown {
            name: name.to_owned(),
            value: hex.to_owned(),
            cycle,
        })
    }

    /// Adds a record: `INDEX CYCLE HEX...`.
    fn record(&self, spec: &RunSpec, records: &mut [Records], line: &str) -> Result<()> {
        let broken = || Error::Process(format!("a broken record: {line}"));
        let mut words = line.split_whitespace();
        let index: Option<usize> = words.next().and_then(|w| w.parse().ok());
        let cycle: Option<u64> = words.next().and_then(|w| w.parse().ok());
        let (Some(index), Some(cycle)) = (index, cycle) else {
            return Err(broken());
        };
        let to = records.get_mut(index).ok_or_else(broken)?;
        to.cycles.push(cycle);
        for port in &spec.captures[index].ports {
            let info = self.shape.port(*port)?;
            let hex = words.next().ok_or_else(broken)?;
            to.words
                .extend(self.number(&info.name, info.width, cycle, hex)?);
        }
        Ok(())
    }

    /// Reads the replies of a run to the end even if one is bad, so that the
    /// simulation stays usable.
    fn replies(&mut self, spec: &RunSpec, records: &mut [Records]) -> Result<(u64, bool)> {
        let mut bad = None;
        loop {
            let (letter, rest) = self.process.reply()?;
            let outcome = match letter {
                'r' => self.record(spec, records, &rest),
                'x' => Err(self.unknown_flag(&rest)),
                'e' => {
                    let (done, reached) = rest.split_once(' ').unwrap_or((&rest, "0"));
                    let done = done.parse().unwrap_or(0);
                    self.cycle += done;
                    return bad.map_or(Ok((done, reached == "1")), Err);
                }
                _ => Err(Error::Process(format!("`{letter} {rest}`"))),
            };
            bad = bad.or(outcome.err());
        }
    }

    fn unknown_flag(&self, rest: &str) -> Error {
        let mut words = rest.split_whitespace();
        let index = words.next().and_then(|w| w.parse().ok());
        let name = index.and_then(|i: usize| self.shape.ports.get(i));
        Error::Unknown {
            name: name.map(|p| p.name.clone()).unwrap_or_default(),
            value: "x".to_owned(),
            cycle: words.next().and_then(|w| w.parse().ok()).unwrap_or(0),
        }
    }

    fn waveform(&self) -> PathBuf {
        self.dir.path().join(WAVEFORM)
    }
}

impl Simulation for Model {
    fn engine(&self) -> Engine {
        Engine::Icarus
    }

    fn ports(&self) -> &[PortInfo] {
        &self.shape.ports
    }

    fn memories(&self) -> &[MemoryInfo] {
        &self.shape.memories
    }

    fn cycle(&self) -> u64 {
        self.cycle
    }

    fn poke(&mut self, port: Port, words: &[u32]) -> Result<()> {
        let words = self.shape.poke(port, words)?;
        let hex = to_hex(&words);
        self.process.send(&format!("P {} {hex}\n", port.0))
    }

    fn peek(&mut self, port: Port) -> Result<Vec<u32>> {
        let info = self.shape.port(port)?.clone();
        self.process.send(&format!("G {}\n", port.0))?;
        let hex = self.process.answer('v')?;
        self.number(&info.name, info.width, self.cycle, &hex)
    }

    fn cycles(&mut self, count: u64) -> Result<()> {
        self.process.send(&format!("C {count}\n"))?;
        self.process.answer('k')?;
        self.cycle += count;
        Ok(())
    }

    fn run(&mut self, spec: &RunSpec) -> Result<RunResult> {
        self.shape.run(spec)?;
        let number = |p: Port| i64::from(p.0);
        let mut numbers = Vec::new();
        for capture in &spec.captures {
            numbers.push(capture.valid.map_or(-1, number));
            numbers.push(capture.ports.len() as i64);
            numbers.extend(capture.ports.iter().copied().map(number));
        }
        if numbers.len() > testbench::SPEC {
            let reason = "more captured ports than the test bench can hold";
            return Err(Error::Process(reason.to_owned()));
        }
        let until = spec.until.map_or(-1, number);
        let counts = (spec.captures.len(), numbers.len());
        let head = format!("R {} {until} {} {}", spec.max, counts.0, counts.1);
        let rest: String = numbers.iter().map(|n| format!(" {n}")).collect();
        self.process.send(&format!("{head}{rest}\n"))?;
        let empty = |capture| Records {
            words_per_record: self.shape.record_words(capture),
            ..Records::default()
        };
        let mut records: Vec<Records> = spec.captures.iter().map(empty).collect();
        let (cycles, reached) = self.replies(spec, &mut records)?;
        Ok(RunResult {
            cycles,
            reached,
            records,
        })
    }

    fn read_memory(&mut self, memory: Memory, first: u64, count: u64) -> Result<Vec<u32>> {
        let info = self.shape.memory(memory, first, count)?.clone();
        let last = first + count;
        self.process
            .send(&format!("L {} {first} {last}\n", memory.0))?;
        let mut words = Ok(Vec::new());
        for at in first..last {
            let hex = self.process.answer('v')?;
            let name = format!("{}[{at}]", info.path);
            let entry = self.number(&name, info.width, self.cycle, &hex);
            words = words.and_then(|mut words: Vec<u32>| {
                words.extend(entry?);
                Ok(words)
            });
        }
        self.process.answer('k')?;
        words
    }

    fn write_memory(&mut self, memory: Memory, first: u64, words: &[u32]) -> Result<()> {
        let count = self.shape.memory_write(memory, first, words)?;
        let last = first + count;
        self.process
            .send(&format!("S {} {first} {last}\n", memory.0))?;
        let step = words.len() / (count as usize).max(1);
        for entry in words.chunks(step.max(1)) {
            self.process.send(&format!("{}\n", to_hex(entry)))?;
        }
        self.process.answer('k')?;
        Ok(())
    }

    fn trace_start(&mut self, path: &Path) -> Result<()> {
        may_trace(self.trace.format, path)?;
        if self.trace.open.is_some() {
            return Err(Error::Trace("a window is open already".to_owned()));
        }
        let file = fs::File::create(path).map_err(|e| Error::io(path, e))?;
        let from = fs::metadata(self.waveform()).map_or(0, |m| m.len());
        self.process.send("T\n")?;
        self.process.answer('k')?;
        self.trace.open = Some((file, from));
        Ok(())
    }

    fn trace_stop(&mut self) -> Result<()> {
        let Some((mut to, from)) = self.trace.open.take() else {
            return Err(Error::Trace("no window is open".to_owned()));
        };
        self.process.send("U\n")?;
        self.process.answer('k')?;
        let path = self.waveform();
        copy_window(&path, from, &mut to).map_err(|e| Error::io(&path, e))
    }
}

/// Copies the declarations, then all from an offset on.
fn copy_window(path: &Path, from: u64, to: &mut fs::File) -> std::io::Result<()> {
    const END: &str = "$enddefinitions $end\n";
    let mut file = fs::File::open(path)?;
    if from > 0 {
        let mut head = Vec::new();
        (&mut file).take(from).read_to_end(&mut head)?;
        let head = String::from_utf8_lossy(&head);
        let length = head.find(END).map_or(0, |at| at + END.len());
        to.write_all(&head.as_bytes()[..length])?;
        file.seek(SeekFrom::Start(from))?;
    }
    std::io::copy(&mut file, to)?;
    to.flush()
}

fn to_hex(words: &[u32]) -> String {
    words.iter().rev().map(|w| format!("{w:08x}")).collect()
}

/// `None` if a digit is unknown.
fn parse_hex(hex: &str, words: usize) -> Option<Vec<u32>> {
    let mut out = vec![0; words];
    for (i, digit) in hex.bytes().rev().enumerate() {
        let value = (digit as char).to_digit(16)?;
        if let Some(word) = out.get_mut(i / 8) {
            *word |= value << (4 * (i % 8));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_both_ways() {
        let words = [0x89ab_cdef, 0x0000_0012, 0x3];
        assert_eq!(parse_hex(&to_hex(&words), 3).as_deref(), Some(&words[..]));
        assert_eq!(parse_hex("5X", 1), None);
        assert_eq!(parse_hex("f", 2).as_deref(), Some(&[0xf, 0][..]));
    }
}
