//! What lies where in the array's memories, and how large they are.

use crate::picture::Picture;
use crate::style::{FAINT, GROUND, MUTED, PARTS, Paint};
use crate::svg::{Anchor, Font, PLAIN, Svg, fitting, grouped, width};
use spidec_ir::program::{ArrayProgram, INSTRUCTION_WORDS};
use spidec_ir::trace::Stage;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 16.0;
const BAR: f64 = 34.0;
/// From the top of a memory to its bar; from one name below it to the next; to the next memory.
const HEAD: f64 = 22.0;
const LINE: f64 = 16.0;
const APART: f64 = 20.0;
/// Most lines of names below a bar.
const LINES: usize = 10;

/// A memory of the array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What it holds.
    pub name: &'static str,
    /// How many of them there are, side by side.
    pub banks: u32,
    /// Words of each.
    pub words: u32,
    /// Bits of a word.
    pub bits: u32,
}

impl Memory {
    /// Bits of all banks.
    pub fn total(&self) -> u64 {
        u64::from(self.banks) * u64::from(self.words) * u64::from(self.bits)
    }
}

/// Multipliers of the array: one a lane, one for an event's value, one for its block.
pub fn multipliers(program: &ArrayProgram) -> u32 {
    program.machine.lanes + 2
}

/// The memories of the array that a program runs on, as the Verilog declares them.
pub fn memories(program: &ArrayProgram) -> Vec<Memory> {
    let machine = &program.machine;
    let lanes = machine.lanes;
    let of = |name, banks, words, bits| Memory {
        name,
        banks,
        words,
        bits,
    };
    let mut all = vec![
        of("weights", lanes, machine.weight_rows(), machine.weight_bits),
        of("states", lanes, machine.chunks, machine.accumulator_bits),
        of(
            "input currents",
            lanes,
            machine.chunks,
            machine.accumulator_bits,
        ),
        of("spike counts", lanes, machine.chunks, machine.count_bits),
        of("spike words", 1, machine.chunks, 3 * lanes),
        of("input", 1, machine.input_rows, 8 * lanes),
        of(
            "program",
            1,
            machine.instructions,
            INSTRUCTION_WORDS as u32 * 32,
        ),
    ];
    if machine.learning {
        all.push(of("errors", lanes, machine.chunks, machine.error_bits));
        all.push(of("learning constants", 1, machine.layers, 23));
    }
    all
}

/// A stretch of addresses.
struct Segment {
    name: String,
    from: u32,
    words: u32,
}

/// What is drawn of a memory.
struct Map {
    title: String,
    unit: &'static str,
    words: u32,
    segments: Vec<Segment>,
}

/// The maps of weight banks, state memories, input memory and program.
pub fn memory(program: &ArrayProgram) -> Picture {
    let maps = maps(program);
    let names: Vec<Vec<Name>> = maps.iter().map(below).collect();
    let heights = names.iter().map(|names| {
        let lines = names.iter().map(|name| name.line + 1).max().unwrap_or(0);
        HEAD + BAR + lines as f64 * LINE + APART
    });
    let heights: Vec<f64> = heights.collect();
    let size = (WIDTH, 10.0 + heights.iter().sum::<f64>());
    let mut svg = Svg::default();
    svg.rect((0.0, 0.0), size, GROUND, 0.0);
    let mut top = 10.0;
    for ((map, names), height) in maps.iter().zip(&names).zip(heights) {
        draw(&mut svg, top, map, names);
        top += height;
    }
    let bits: u64 = memories(program).iter().map(Memory::total).sum();
    let description = format!(
        "{} bits of memory, {} multipliers. Each bar is a memory from its first address to its last; what lies there \
         is in proportion.",
        grouped(bits),
        multipliers(program)
    );
    Picture::new(
        "memory",
        "Memory map",
        description,
        (size.0 as u32, size.1 as u32),
        svg,
    )
}

fn maps(program: &ArrayProgram) -> Vec<Map> {
    let machine = &program.machine;
    let lanes = machine.lanes;
    let mut weights = Vec::new();
    for layer in &program.layers {
        let end = layer.bias_block.unwrap_or(layer.end());
        weights.push(Segment {
            name: layer.name.clone(),
            from: layer.block * lanes,
            words: (end - layer.block) * lanes,
        });
        if let Some(bias) = layer.bias_block {
            weights.push(Segment {
                name: format!("{}, bias", layer.name),
                from: bias * lanes,
                words: layer.chunks * lanes,
            });
        }
    }
    let states = program.populations.iter().chain([&program.readout]);
    let states = states.map(|map| Segment {
        name: map.name.clone(),
        from: map.chunk,
        words: map.chunks,
    });
    let mut instructions: Vec<Segment> = Vec::new();
    for (from, instruction) in (0..).zip(&program.instructions) {
        let name = instruction.stage().name();
        match instructions.last_mut().filter(|last| last.name == name) {
            Some(last) => last.words += 1,
            None => instructions.push(Segment {
                name: name.to_string(),
                from,
                words: 1,
            }),
        }
    }
    vec![
        Map {
            title: format!("weights: {lanes} banks of {} bits", machine.weight_bits),
            unit: "rows",
            words: machine.weight_rows(),
            segments: weights,
        },
        Map {
            title: format!("states, currents, counts, spikes: {lanes} lanes"),
            unit: "chunks",
            words: machine.chunks,
            segments: states.collect(),
        },
        Map {
            title: format!("input: {lanes} values of 8 bits a row"),
            unit: "rows",
            words: machine.input_rows,
            segments: vec![Segment {
                name: program.input.name.clone(),
                from: 0,
                words: program.input.rows,
            }],
        },
        Map {
            title: format!(
                "program: {} bits an instruction, by stage",
                INSTRUCTION_WORDS * 32
            ),
            unit: "instructions",
            words: machine.instructions,
            segments: instructions,
        },
    ]
}

/// A stage's fill is the same wherever it comes back; others take turns.
fn fill(segment: &Segment, index: usize) -> Paint {
    let stage = Stage::ALL
        .iter()
        .position(|stage| stage.name() == segment.name);
    PARTS[stage.unwrap_or(index) % PARTS.len()]
}

/// A name below its segment.
struct Name {
    text: String,
    /// The segment's middle: the name ends there, or starts where there is no room.
    x: f64,
    starts: bool,
    /// Its right end.
    end: f64,
    /// How far down, from 0.
    line: usize,
}

impl Segment {
    fn text(&self) -> String {
        format!("{} ({})", self.name, grouped(u64::from(self.words)))
    }

    /// Left edge and width within a memory of some words.
    fn stretch(&self, words: u32) -> (f64, f64) {
        let scale = (WIDTH - 2.0 * LEFT) / f64::from(words.max(1));
        (
            LEFT + f64::from(self.from) * scale,
            f64::from(self.words) * scale,
        )
    }

    fn has_room(&self, words: u32) -> bool {
        width(&self.text(), 12) + 8.0 < self.stretch(words).1
    }
}

/// The names that do not fit into their segments. Each is below those before it that it would meet, so that no
/// pointer crosses a name; where that goes too far down, names are left out.
fn below(map: &Map) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for segment in map.segments.iter().filter(|s| !s.has_room(map.words)) {
        let (left, wide) = segment.stretch(map.words);
        let x = left + wide / 2.0;
        let text = fitting(&segment.text(), 12, 260.0);
        let long = width(&text, 12) + 10.0;
        let starts = x - long < 0.0;
        let met = |name: &&Name| starts || name.end > x - long;
        let line = names.iter().filter(met).map(|name| name.line + 1).max();
        let line = line.unwrap_or(0);
        if line < LINES {
            names.push(Name {
                text,
                x,
                starts,
                end: if starts { x + long } else { x },
                line,
            });
        }
    }
    names
}

fn draw(svg: &mut Svg, top: f64, map: &Map, names: &[Name]) {
    let room = WIDTH - 2.0 * LEFT;
    let bold = Font {
        bold: true,
        ..PLAIN
    };
    let small = Font {
        size: 12,
        color: MUTED,
        ..PLAIN
    };
    let end = Font {
        anchor: Anchor::End,
        ..small
    };
    svg.write((LEFT, top + 14.0), bold, &map.title);
    let words = format!("{} {}", grouped(u64::from(map.words)), map.unit);
    svg.write((LEFT + room, top + 14.0), end, &words);
    let y = top + HEAD;
    svg.rect((LEFT, y), (room, BAR), FAINT, 2.0);
    for (k, segment) in map.segments.iter().enumerate() {
        let (x, wide) = segment.stretch(map.words);
        let color = fill(segment, k);
        svg.rect((x + 0.5, y), (wide - 1.0, BAR), color, 1.0);
        if segment.has_room(map.words) {
            let inside = Font {
                size: 12,
                color: color.contrast(),
                anchor: Anchor::Middle,
                ..PLAIN
            };
            svg.write(
                (x + wide / 2.0, y + BAR / 2.0 + 4.0),
                inside,
                &segment.text(),
            );
        }
    }
    for name in names {
        let down = name.line as f64 * LINE + 10.0;
        svg.path(
            &format!("M{:.1} {:.1}v{down:.1}", name.x, y + BAR),
            MUTED,
            1.0,
            "",
        );
        let (x, font) = if name.starts {
            (name.x + 4.0, small)
        } else {
            (name.x - 4.0, end)
        };
        svg.write((x, y + BAR + down + 3.0), font, &name.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::texts;
    use crate::testing;

    #[test]
    fn every_layer_and_population_is_named_with_its_words() {
        let mut program = testing::program();
        program.layers[0].name = "a<&\"".into();
        let text = texts(&memory(&program));
        for wanted in [
            "a<&\" (32)",
            "a<&\", bias (8)",
            "y (16)",
            "p0 (2)",
            "y (1)",
            "x (3)",
            "input (2)",
            "readout (1)",
            "56 rows",
            "3 chunks",
        ] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
    }

    #[test]
    fn memories_are_those_of_the_build() {
        let mut program = testing::program();
        let weights = &memories(&program)[0];
        assert_eq!((weights.banks, weights.words, weights.bits), (4, 56, 8));
        assert_eq!(weights.total(), 1792);
        assert_eq!((memories(&program).len(), multipliers(&program)), (9, 6));
        program.machine.learning = false;
        assert!(memories(&program).iter().all(|m| m.name != "errors"));
    }

    #[test]
    fn names_below_keep_apart() {
        let segment = |name: &str, from| Segment {
            name: name.into(),
            from,
            words: 1,
        };
        let map = Map {
            title: String::new(),
            unit: "rows",
            words: 100,
            segments: vec![
                segment("first", 0),
                segment("middle", 50),
                segment("next", 51),
                segment("last", 99),
            ],
        };
        let lines: Vec<(bool, usize)> = below(&map).iter().map(|n| (n.starts, n.line)).collect();
        assert_eq!(lines, [(true, 0), (false, 0), (false, 1), (false, 0)]);
    }

    #[test]
    fn an_empty_program_is_drawn() {
        let mut program = testing::program();
        program.layers.clear();
        program.instructions.clear();
        program.machine.blocks = 0;
        program.machine.instructions = 0;
        assert_eq!(memory(&program).file(), memory(&program).file());
    }
}
