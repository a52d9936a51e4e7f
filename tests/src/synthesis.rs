//! Synthesis: an emitted project through Yosys and nextpnr, the cells that come out, and what they
//! must be. Memories keep their module, so that their cells are counted apart from the rest.

use crate::case::Case;
use rtlsim::Tools;
use serde_json::Value;
use spidec_compiler::emit::{self, ProjectFile, Start};
use spidec_compiler::lower::Purpose;
use spidec_ir::program::{INSTRUCTION_WORDS, Machine};
use spidec_ir::{fixed, random};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What is synthesized for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Lattice ECP5.
    Ecp5,
    /// Xilinx 7 series.
    Xilinx,
    /// Lattice iCE40 UltraPlus.
    Ice40,
}

impl Family {
    fn command(self) -> &'static str {
        match self {
            Family::Ecp5 => "synth_ecp5",
            Family::Xilinx => "synth_xilinx -family xc7 -flatten",
            Family::Ice40 => "synth_ice40 -dsp",
        }
    }

    /// The multiplier's cell.
    pub fn multiplier(self) -> &'static str {
        match self {
            Family::Ecp5 => "MULT18X18D",
            Family::Xilinx => "DSP48E1",
            Family::Ice40 => "SB_MAC16",
        }
    }

    /// The most flip-flops that a memory may consist of: Yosys wastes no block on a few bits where
    /// there is no memory of look-up tables.
    fn small_memory(self) -> u64 {
        match self {
            Family::Ecp5 | Family::Xilinx => 0,
            Family::Ice40 => 80,
        }
    }
}

/// Cells by type.
pub type Count = BTreeMap<String, u64>;

/// The cells of a design.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// Outside of memories.
    pub logic: Count,
    /// Of each kind of memory: how many there are, and the cells of one.
    pub memories: Vec<(u64, Count)>,
}

impl Cells {
    /// The cells of all memories.
    pub fn in_memories(&self) -> Count {
        let mut all = Count::new();
        for (times, count) in &self.memories {
            for (cell, n) in count {
                *all.entry(cell.clone()).or_default() += times * n;
            }
        }
        all
    }
}

/// Sums what a predicate on the type takes.
pub fn sum(count: &Count, takes: impl Fn(&str) -> bool) -> u64 {
    let taken = count.iter().filter(|(cell, _)| takes(cell));
    taken.map(|(_, n)| n).sum()
}

/// Whether a cell is a block of memory.
pub fn is_block_ram(cell: &str) -> bool {
    ["DP16KD", "PDPW16KD", "SB_RAM40_4K", "RAMB18E1", "RAMB36E1"].contains(&cell)
}

/// Whether a cell is memory made of look-up tables.
pub fn is_lut_ram(cell: &str) -> bool {
    cell == "TRELLIS_DPR16X4" || (cell.starts_with("RAM") && !cell.starts_with("RAMB"))
}

/// Whether a cell is a flip-flop.
pub fn is_flip_flop(cell: &str) -> bool {
    cell == "TRELLIS_FF"
        || cell.starts_with("SB_DFF")
        || ["FDRE", "FDSE", "FDCE", "FDPE"].contains(&cell)
}

/// Bits of the output registers of all memories: the most flip-flops that memories may have.
pub fn output_bits(machine: &Machine) -> u64 {
    let lane = machine.weight_bits + 2 * machine.accumulator_bits + machine.count_bits;
    let spikes_and_input = 3 + 8;
    let program = 32 * INSTRUCTION_WORDS as u32;
    // Errors of a lane; learning constants, table entries of classes.
    let (errors, learning) = match machine.learning {
        true => (machine.error_bits, 23 + 17),
        false => (0, 0),
    };
    u64::from(machine.lanes * (lane + errors + spikes_and_input) + program + learning)
}

/// What is wrong with the cells of a memory or design: memories that became flip-flops, multipliers
/// that became logic, cells that the family does not have. `multipliers` counts those meant.
pub fn faults(cells: &Cells, family: Family, output_bits: u64, multipliers: u64) -> Vec<String> {
    let mut faults = Vec::new();
    if cells.memories.is_empty() {
        faults.push("no memory was found".into());
    }
    for (_, memory) in &cells.memories {
        let none = sum(memory, |c| is_block_ram(c) || is_lut_ram(c)) == 0;
        if none && sum(memory, is_flip_flop) > family.small_memory() {
            faults.push(format!("a memory holds no memory cell: {memory:?}"));
        }
    }
    let all = cells.in_memories();
    let registers = sum(&all, is_flip_flop);
    if registers > output_bits {
        faults.push(format!(
            "memories hold {registers} flip-flops, their outputs {output_bits} bits"
        ));
    }
    let cell = family.multiplier();
    let found = cells.logic.get(cell).copied().unwrap_or(0);
    if found != multipliers {
        faults.push(format!("{found} {cell}, expected {multipliers}"));
    }
    for cell in cells.logic.keys().chain(all.keys()) {
        if cell.starts_with('$') {
            faults.push(format!("{cell} was not mapped"));
        }
    }
    faults
}

/// The files of a network's project, with the weights that training starts from, and its machine.
///
/// # Panics
/// Where the array does not accept the network.
pub fn project(text: &str, purpose: Purpose) -> (Vec<ProjectFile>, Machine) {
    let initial = |network: &_| {
        let float = random::initial_parameters(network, 1);
        fixed::quantize(network, &float)
            .expect("initial weights fit")
            .0
    };
    let case = Case::new(text, purpose, initial, Vec::new());
    let files = emit::project(&case.network, &case.program, &case.image, Start::default())
        .expect("templates render");
    (files, case.program.machine)
}

/// Gives a project hashes that do not depend on the network: as constants they cost more or fewer
/// cells, which says nothing of the design.
pub fn without_identity(files: &mut [ProjectFile]) {
    for file in files {
        for (marker, digits) in [("DESIGN(64'h", 16), ("MACHINE(32'h", 8)] {
            if let Some(at) = file.text.find(marker) {
                let start = at + marker.len();
                let common = &"0123456789abcdef"[..digits];
                file.text.replace_range(start..start + digits, common);
            }
        }
    }
}

/// Synthesizes the Verilog in a project's folder; memories, all of them `spidec_ram`, keep their
/// module.
///
/// # Errors
/// What Yosys says: of the source, of latches, of wires without or with two drivers.
pub fn cells(tools: &Tools, folder: &Path, top: &str, family: Family) -> Result<Cells, String> {
    let script = format!(
        "read_verilog rtl/*.v; hierarchy -check -top {top}; proc; check -assert; \
         select -assert-none t:$dlatch t:$adlatch t:$dlatchsr t:$sr; \
         setattr -mod -set keep_hierarchy 1 *spidec_ram*; \
         {} -top {top}; tee -q -o cells.json stat -json",
        family.command()
    );
    yosys(tools, folder, &script)?;
    let text = read(&folder.join("cells.json"))?;
    let stat: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let modules = stat["modules"].as_object().ok_or("no modules")?;
    let is_memory = |name: &str| name.contains("spidec_ram");
    let count = |name: &str| {
        let types = modules[name]["num_cells_by_type"].as_object();
        let types = types.into_iter().flatten();
        let count = types.map(|(cell, n)| (cell.clone(), n.as_u64().unwrap_or(0)));
        count
            .filter(|(cell, _)| cell != "$scopeinfo")
            .collect::<Count>()
    };
    let mut cells = Cells::default();
    let plain = |name: &str| name.trim_start_matches('\\').to_owned();
    let name = modules
        .keys()
        .find(|name| plain(name) == top)
        .ok_or("no top module")?;
    for (cell, n) in count(name) {
        match modules.keys().find(|module| plain(module) == plain(&cell)) {
            Some(memory) if is_memory(memory) => cells.memories.push((n, count(memory))),
            _ => {
                cells.logic.insert(cell, n);
            }
        }
    }
    Ok(cells)
}

/// Cells of a design outside of its memories before any are mapped, by kind and width: what the Verilog
/// says, whatever a mapper makes of it.
///
/// # Errors
/// What Yosys says.
pub fn words(tools: &Tools, folder: &Path) -> Result<Count, String> {
    let script = "read_verilog rtl/*.v; hierarchy -check -top spidec_top; proc; \
                  setattr -mod -set keep_hierarchy 1 *spidec_ram*; flatten; opt_clean; \
                  tee -q -o words.json stat -width -json";
    yosys(tools, folder, script)?;
    let text = read(&folder.join("words.json"))?;
    let stat: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let modules = stat["modules"].as_object().ok_or("no modules")?;
    let top = modules
        .iter()
        .find(|(name, _)| name.ends_with("spidec_top"));
    let cells = top.ok_or("no top module")?.1["num_cells_by_type"].as_object();
    let cells = cells.into_iter().flatten();
    let counted = cells.filter(|(cell, _)| !cell.contains("spidec_ram") && *cell != "$scopeinfo");
    Ok(counted
        .map(|(cell, n)| (cell.clone(), n.as_u64().unwrap_or(0)))
        .collect())
}

/// Cells of each module of an ECP5 design with all that is below it, synthesized with its borders.
///
/// # Errors
/// What Yosys says.
pub fn by_module(tools: &Tools, folder: &Path) -> Result<BTreeMap<String, Count>, String> {
    let script = "read_verilog rtl/*.v; synth_ecp5 -noflatten -top spidec_top; \
                  tee -q -o modules.json stat -json";
    yosys(tools, folder, script)?;
    let text = read(&folder.join("modules.json"))?;
    let stat: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let modules = stat["modules"].as_object().ok_or("no modules")?;
    // `\name`, `$paramod$HASH\name`, `$paramod\name\PARAMETER=...`: instances of one module are summed.
    let plain = |name: &str| {
        let module = name.split('\\').find(|part| part.starts_with("spidec_"));
        module.unwrap_or(name).to_owned()
    };
    let mut instances: BTreeMap<&str, u64> = BTreeMap::new();
    let top = modules.keys().find(|name| plain(name) == "spidec_top");
    let mut open = vec![(top.ok_or("no top module")?.as_str(), 1)];
    // Cells lack the backslash that a module without parameters has.
    let module_of = |cell: &str| {
        let mut names = modules.keys();
        names.find(|name| name.trim_start_matches('\\') == cell.trim_start_matches('\\'))
    };
    while let Some((name, times)) = open.pop() {
        *instances.entry(name).or_default() += times;
        let cells = modules[name]["num_cells_by_type"].as_object();
        for (cell, n) in cells.into_iter().flatten() {
            if let Some(module) = module_of(cell) {
                open.push((module, times * n.as_u64().unwrap_or(0)));
            }
        }
    }
    let mut found: BTreeMap<String, Count> = BTreeMap::new();
    for (name, times) in instances {
        let cells = modules[name]["num_cells_by_type"].as_object();
        let sum = found.entry(plain(name)).or_default();
        for (cell, n) in cells.into_iter().flatten() {
            if module_of(cell).is_none() && cell != "$scopeinfo" {
                *sum.entry(cell.clone()).or_default() += times * n.as_u64().unwrap_or(0);
            }
        }
    }
    Ok(found)
}

/// What place and route gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The highest frequency of the clock, in MHz.
    pub megahertz: f64,
    /// Used and available, by resource.
    pub resources: BTreeMap<String, (u64, u64)>,
}

/// Synthesizes a project for an ECP5 as a whole, without borders, then places and routes it on an
/// LFE5U-85F of speed grade 6.
///
/// # Errors
/// What the tools say.
pub fn place(tools: &Tools, folder: &Path, megahertz: u32) -> Result<Placed, String> {
    let script = "read_verilog rtl/*.v; synth_ecp5 -top spidec_top -json netlist.json";
    yosys(tools, folder, script)?;
    let mut command = tools.nextpnr_ecp5().map_err(|e| e.to_string())?;
    command.args(["--85k", "--package", "CABGA756", "--speed", "6"]);
    command.args(["--json", "netlist.json", "--report", "report.json"]);
    // Wires are shorter than with the default placer.
    command.args(["--placer", "static", "--seed", "1", "--timing-allow-fail"]);
    command.args(["--freq", &megahertz.to_string()]);
    run(command.current_dir(folder))?;
    let text = read(&folder.join("report.json"))?;
    let report: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let clocks = report["fmax"].as_object().into_iter().flatten();
    let megahertz = clocks.filter_map(|(_, clock)| clock["achieved"].as_f64());
    let megahertz = megahertz.reduce(f64::min).ok_or("no clock in the report")?;
    let used = report["utilization"].as_object().into_iter().flatten();
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let resources = used
        .map(|(name, of)| {
            (
                name.clone(),
                (number(&of["used"]), number(&of["available"])),
            )
        })
        .filter(|(_, (used, _))| *used > 0)
        .collect();
    Ok(Placed {
        megahertz,
        resources,
    })
}

/// Runs a Yosys script in a folder, whose files it names by relative paths.
fn yosys(tools: &Tools, folder: &Path, script: &str) -> Result<(), String> {
    let mut command = tools.yosys().map_err(|e| e.to_string())?;
    run(command.args(["-q", "-p", script]).current_dir(folder))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let errors: Vec<&str> = said.lines().filter(|l| l.contains("ERROR")).collect();
    Err(if errors.is_empty() {
        said
    } else {
        errors.join("\n")
    })
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}
