//! View files beside a waveform: what GTKWave and Surfer show, under the names of the network file.

use spidec_ir::program::{ArrayProgram, Block, Condition, Instruction, LearnSource};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A file beside a waveform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewFile {
    /// Where it goes.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// A signal that is shown.
struct Signal {
    /// Below the scope of the core.
    path: String,
    /// Bits; one has no range in its name.
    bits: u32,
    /// What it is called.
    alias: String,
    shown: Shown,
}

/// Lanes whose membranes are shown.
const LANES: u32 = 2;

/// How values are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Binary,
    Unsigned,
    Signed,
    /// By the names of chunks.
    Chunk,
    /// By the names of instructions.
    Instruction,
}

/// Where the files of [`view`] lie: `.gtkw`, `.sucl`, `.chunks`, `.program`.
pub fn paths(waveform: &Path) -> [PathBuf; 4] {
    [".gtkw", ".sucl", ".chunks", ".program"].map(|extension| {
        let mut name = waveform.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    })
}

/// The view of a waveform that lies at a path: `.gtkw` for GTKWave, with `.chunks` and `.program`, the names of
/// chunks and instructions; `.sucl` for Surfer, which shows both as numbers. `scope`: of the core, as the simulator
/// names it.
///
/// The files name each other without their folder, which may be moved as a whole.
pub fn view(program: &ArrayProgram, waveform: &Path, scope: &str) -> Vec<ViewFile> {
    let signals = signals(program);
    let [gtkw, sucl, chunks, names] = paths(waveform);
    vec![
        ViewFile {
            text: gtkwave(&signals, scope, [waveform, &gtkw, &chunks, &names]),
            path: gtkw,
        },
        ViewFile {
            path: sucl,
            text: surfer(&signals, scope, program, [&chunks, &names]),
        },
        ViewFile {
            path: chunks,
            text: chunk_names(program),
        },
        ViewFile {
            path: names,
            text: instruction_names(program),
        },
    ]
}

fn signals(program: &ArrayProgram) -> Vec<(&'static str, Vec<Signal>)> {
    let machine = &program.machine;
    let signal = |path: &str, bits, alias: &str, shown| Signal {
        path: path.to_string(),
        bits,
        alias: alias.to_string(),
        shown,
    };
    let mut passes = vec![
        signal("trace_valid_o", 1, "chunk_done", Shown::Binary),
        signal("trace_chunk_o", 16, "neurons", Shown::Chunk),
        signal("trace_spikes_o", machine.lanes, "spikes", Shown::Binary),
    ];
    if machine.learning {
        passes.push(signal(
            "trace_negative_o",
            machine.lanes,
            "negative_spikes",
            Shown::Binary,
        ));
    }
    // What a slot or a pass leaves in a lane: where a chunk is done, its neurons' membranes.
    passes.extend((0..LANES.min(machine.lanes)).map(|lane| {
        signal(
            &format!("u_array.gen_lane[{lane}].u_lane.state_o"),
            machine.accumulator_bits,
            &format!("membrane_lane_{lane}"),
            Shown::Signed,
        )
    }));
    vec![
        (
            "program",
            vec![
                signal("clk_i", 1, "clock", Shown::Binary),
                signal("running_o", 1, "running", Shown::Binary),
                signal("pc", 16, "instruction", Shown::Instruction),
                signal("step", 15, "time_step", Shown::Unsigned),
                signal("trace_cycle_o", 32, "cycle", Shown::Unsigned),
            ],
        ),
        (
            "events",
            vec![
                signal("event_valid", 1, "event", Shown::Binary),
                signal("event_index", 16, "source", Shown::Unsigned),
                signal("slot", 1, "slot", Shown::Binary),
                signal("slot_chunk", 16, "destination", Shown::Chunk),
            ],
        ),
        ("passes", passes),
    ]
}

/// A file's name without its folder.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// A save file: flags, then names. Flags are bits: 0x2 hexadecimal, 0x4 decimal, 0x8 binary, 0x20 right justified,
/// 0x400 signed, 0x2000 translated by a file. It says its own name: GTKWave takes the other files to lie beside it
/// then, wherever it was started.
fn gtkwave(
    groups: &[(&str, Vec<Signal>)],
    scope: &str,
    [waveform, own, chunks, names]: [&Path; 4],
) -> String {
    let mut text = format!(
        "[dumpfile] \"{}\"\n[savefile] \"{}\"\n",
        name(waveform),
        name(own)
    );
    for (group, signals) in groups {
        let _ = writeln!(text, "@200\n-{group}");
        for signal in signals {
            let flags = match signal.shown {
                Shown::Binary => "28",
                Shown::Unsigned => "24",
                Shown::Signed => "420",
                Shown::Chunk | Shown::Instruction => "2024",
            };
            let _ = writeln!(text, "@{flags}");
            match signal.shown {
                Shown::Chunk => {
                    let _ = writeln!(text, "^1 {}", name(chunks));
                }
                Shown::Instruction => {
                    let _ = writeln!(text, "^1 {}", name(names));
                }
                _ => {}
            }
            let range = match signal.bits {
                1 => String::new(),
                bits => format!("[{}:0]", bits - 1),
            };
            let _ = writeln!(text, "+{{{}}} {scope}.{}{range}", signal.alias, signal.path);
        }
    }
    text
}

/// A command file. Names with spaces would be several arguments.
fn surfer(
    groups: &[(&str, Vec<Signal>)],
    scope: &str,
    program: &ArrayProgram,
    [chunks, names]: [&Path; 2],
) -> String {
    let mut text = String::new();
    for (what, path) in [("chunks", chunks), ("instructions", names)] {
        let path = name(path).replace(char::is_whitespace, "_");
        let _ = writeln!(text, "divider_add numbers_of_{what}:_see_{path}");
    }
    for map in program.populations.iter().chain([&program.readout]) {
        let _ = writeln!(
            text,
            "divider_add {}:chunks_{}_to_{}",
            map.name,
            map.chunk,
            map.chunk + map.chunks - 1
        );
    }
    for (group, signals) in groups {
        let _ = writeln!(text, "divider_add {group}");
        for signal in signals {
            let format = match signal.shown {
                Shown::Binary => "Binary",
                Shown::Signed => "Signed",
                _ => "Unsigned",
            };
            let _ = writeln!(text, "variable_add {scope}.{}", signal.path);
            if signal.bits > 1 {
                let _ = writeln!(text, "item_set_format {format}");
            }
        }
    }
    text + "zoom_fit\n"
}

/// Number and name, one chunk a line.
fn chunk_names(program: &ArrayProgram) -> String {
    let mut text = String::new();
    for map in program.populations.iter().chain([&program.readout]) {
        for k in 0..map.chunks {
            let first = k * program.machine.lanes;
            let last = (first + program.machine.lanes).min(map.neurons) - 1;
            let _ = writeln!(text, "{} {} {first}..{last}", map.chunk + k, map.name);
        }
    }
    text
}

/// Number and name, one instruction a line. While one is carried out, `pc` is that of the next.
fn instruction_names(program: &ArrayProgram) -> String {
    let mut text = String::new();
    for (k, instruction) in program.instructions.iter().enumerate() {
        let _ = writeln!(text, "{} {}", k + 1, instruction_name(program, instruction));
    }
    text
}

fn instruction_name(program: &ArrayProgram, instruction: &Instruction) -> String {
    let neurons = |block: &Block| {
        let map = program.populations.iter().chain([&program.readout]);
        let within = |chunk: u32| (block.chunk..block.chunk + block.chunks).contains(&chunk);
        let names = map
            .filter(|map| within(map.chunk))
            .map(|map| map.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let layer = |index: u32| {
        let layer = program.layers.get(index as usize);
        layer.map_or("", |layer| layer.name.as_str())
    };
    match instruction {
        Instruction::Set {
            register, value, ..
        } => format!("set {register:?} {value}").to_lowercase(),
        Instruction::Clear { block, .. } => format!("clear {}", neurons(block)),
        Instruction::Scatter(scatter) => {
            format!("{} scatter {}", scatter.stage.name(), layer(scatter.layer))
        }
        Instruction::Latch { block, .. } => format!("latch current of {}", neurons(block)),
        Instruction::Fire { block, .. } => format!("fire {}", neurons(block)),
        Instruction::Couple { block } => format!("couple {}", neurons(block)),
        Instruction::Loop { steps, .. } => format!("next step of {steps}"),
        Instruction::Branch { condition, .. } => match condition {
            Condition::Inference => "end if inference",
            Condition::NoError => "end if no error",
            Condition::Quiet => "leave out if quiet",
        }
        .to_string(),
        Instruction::Argmax { .. } => format!("largest of {}", program.readout.name),
        Instruction::Loss { .. } => format!("loss of {}", program.readout.name),
        Instruction::Layer { layer: index } => format!("noise of {}", layer(*index)),
        Instruction::Learn(learn) => {
            let what = match learn.source {
                LearnSource::One { .. } => "bias",
                _ => "weights",
            };
            format!("learn {what} of {}", layer(learn.layer))
        }
        Instruction::End { .. } => "end".to_string(),
    }
}
