//! Checks that a program stays inside its machine.

use super::{
    Access, ArrayProgram, Block, EventSource, Instruction, Learn, LearnSource, MAX_CHUNKS,
    MAX_DEPTH, MAX_LANES, MAX_WEIGHT_WORDS, MIN_LANES, PROGRAM_VERSION, Register, Scatter,
};
use crate::fixed::{EVENT_BITS, MAX_ACCUMULATOR_BITS, MAX_SHIFT};

/// Why a text is no program that its machine can run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// It does not parse.
    #[error("the array program does not parse: {0}")]
    Syntax(String),
    /// It parses, but something in it is out of range.
    #[error("the array program is not valid: {0}")]
    Invalid(String),
}

impl ArrayProgram {
    /// Whether every address, width and count is inside the machine.
    pub fn verify(&self) -> Result<(), ProgramError> {
        let require = |ok: bool, what: &dyn Fn() -> String| {
            if ok {
                Ok(())
            } else {
                Err(ProgramError::Invalid(what()))
            }
        };
        let m = &self.machine;
        let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        require(
            self.design.len() == 16 && self.design.chars().all(hexadecimal),
            &|| format!("design {:?} is no hash", self.design),
        )?;
        require(self.version == PROGRAM_VERSION, &|| {
            format!("version {}, expected {PROGRAM_VERSION}", self.version)
        })?;
        require(
            m.lanes.is_power_of_two() && (MIN_LANES..=MAX_LANES).contains(&m.lanes),
            &|| format!("{} lanes", m.lanes),
        )?;
        require(
            (2..=18).contains(&m.weight_bits)
                && (4..=28).contains(&m.membrane_bits)
                && m.accumulator_bits > m.membrane_bits
                && m.accumulator_bits <= MAX_ACCUMULATOR_BITS
                && (m.weight_bits..=18).contains(&m.operand_bits)
                && (1..=16).contains(&m.count_bits)
                && (1..=16).contains(&m.error_bits),
            &|| "a width of the machine is out of range".into(),
        )?;
        let limits = [
            ("blocks", m.blocks, MAX_WEIGHT_WORDS / (m.lanes * m.lanes)),
            ("chunks", m.chunks, MAX_CHUNKS),
            ("input_rows", m.input_rows, MAX_DEPTH),
            ("instructions", m.instructions, MAX_DEPTH),
            ("layers", m.layers, MAX_DEPTH),
        ];
        for (what, depth, most) in limits {
            require((1..=most).contains(&depth), &|| format!("{what} = {depth}"))?;
        }
        require(
            u64::from(self.input.rows) * u64::from(m.lanes) >= u64::from(self.input.values)
                && self.input.rows <= m.input_rows,
            &|| format!("input {} does not fit the input memory", self.input.name),
        )?;
        for map in self.populations.iter().chain([&self.readout]) {
            let fits = u64::from(map.chunk) + u64::from(map.chunks) <= u64::from(m.chunks)
                && u64::from(map.chunks) * u64::from(m.lanes) >= u64::from(map.neurons)
                && map.chunks > 0;
            require(fits, &|| {
                format!("{} does not fit the state memories", map.name)
            })?;
        }
        for layer in &self.layers {
            let (lanes, chunks) = (u64::from(m.lanes), u64::from(layer.chunks));
            let sources = u64::from(layer.source_chunks);
            let weights = u64::from(layer.block) + sources * chunks;
            let bias = layer.bias_block.map(u64::from);
            let end = bias.map_or(weights, |block| block + chunks);
            let fits = end <= u64::from(m.blocks)
                && chunks > 0
                && sources > 0
                && bias.is_none_or(|block| block == weights)
                && chunks * lanes >= u64::from(layer.destinations)
                && sources * lanes >= u64::from(layer.sources);
            require(fits, &|| {
                format!("{} does not fit the weight memory", layer.name)
            })?;
        }
        if let Some(backward) = &self.backward {
            let known = |&p: &u32| (p as usize) < self.populations.len();
            require(
                m.learning && backward.populations.iter().all(known),
                &|| "the backward stage is not the machine's".into(),
            )?;
        }
        require(
            self.instructions.len() <= m.instructions as usize
                && matches!(self.instructions.last(), Some(Instruction::End { .. })),
            &|| "the instructions do not fit, or do not end".into(),
        )?;
        for (k, instruction) in self.instructions.iter().enumerate() {
            self.verify_instruction(k, instruction)
                .map_err(|what| ProgramError::Invalid(format!("instruction {k}: {what}")))?;
        }
        Ok(())
    }

    fn verify_instruction(&self, k: usize, instruction: &Instruction) -> Result<(), String> {
        let m = &self.machine;
        let learns = matches!(
            instruction,
            Instruction::Couple { .. }
                | Instruction::Branch { .. }
                | Instruction::Loss { .. }
                | Instruction::Layer { .. }
                | Instruction::Learn(_)
        );
        if learns && !m.learning {
            return Err("the machine does not learn".into());
        }
        match instruction {
            Instruction::Clear { block, .. }
            | Instruction::Latch { block, .. }
            | Instruction::Fire { block, .. }
            | Instruction::Couple { block } => self.inside(block),
            Instruction::Scatter(scatter) => self.verify_scatter(scatter),
            Instruction::Learn(learn) => self.verify_learn(learn),
            Instruction::Set {
                register, value, ..
            } => {
                let fits = match register {
                    Register::Threshold | Register::Reset => {
                        let limit = 1i64 << (m.accumulator_bits - 1);
                        (-limit..limit).contains(&i64::from(*value))
                    }
                    Register::Shift => (0..=MAX_SHIFT as i32).contains(value),
                    Register::Steps => (0..1 << m.count_bits).contains(value),
                    Register::Quiet | Register::Unit | Register::One => *value >= 0,
                };
                ok(fits, || format!("value {value} does not fit"))
            }
            Instruction::Loop { target, steps, .. } => {
                // One counter of steps: loops do not nest.
                let target = *target as usize;
                let body = self.instructions.get(target..k).unwrap_or_default();
                let loops = |i: &Instruction| matches!(i, Instruction::Loop { .. });
                ok(
                    !body.is_empty() && !body.iter().any(loops) && (1..=0xffff).contains(steps),
                    || format!("target {target}, {steps} steps"),
                )
            }
            Instruction::Branch { target, .. } => ok(
                (k + 1..self.instructions.len()).contains(&(*target as usize)),
                || format!("target {target}"),
            ),
            Instruction::Argmax { chunk, classes } => self.classes(*chunk, *classes),
            Instruction::Loss {
                chunk,
                classes,
                bits,
                frac,
                ..
            } => {
                let fits = (2..=m.error_bits).contains(bits) && frac < bits;
                ok(fits, || {
                    format!("errors of {bits} bits, {frac} of them fraction")
                })?;
                self.classes(*chunk, *classes)
            }
            Instruction::Layer { layer } => {
                let known = (*layer as usize) < self.layers.len() && *layer < m.layers;
                ok(known, || format!("layer {layer}"))
            }
            Instruction::End { .. } => Ok(()),
        }
    }

    fn classes(&self, chunk: u32, classes: u32) -> Result<(), String> {
        self.inside(&Block {
            chunk,
            chunks: classes.div_ceil(self.machine.lanes),
        })
    }

    fn inside(&self, block: &Block) -> Result<(), String> {
        let end = u64::from(block.chunk) + u64::from(block.chunks);
        ok(
            block.chunks > 0 && end <= u64::from(self.machine.chunks),
            || format!("chunks {} + {} are outside", block.chunk, block.chunks),
        )
    }

    fn verify_scatter(&self, s: &Scatter) -> Result<(), String> {
        let m = &self.machine;
        self.inside(&s.block)?;
        let Some(layer) = self.layers.get(s.layer as usize) else {
            return Err(format!("layer {} is not there", s.layer));
        };
        let events = &s.events;
        let constant = events.source == EventSource::Constant;
        let depth = match events.source {
            EventSource::Input => m.input_rows,
            _ => m.chunks,
        };
        // What the scanner reads must be as long as the layer is wide.
        let words = match (constant, s.access) {
            (true, _) => 0,
            (false, Access::Column) => layer.source_chunks,
            (false, Access::Row) => layer.chunks,
        };
        // A scan reads all words of the layer's source, whatever lies where.
        let end = u64::from(events.from) + u64::from(events.words);
        let of_input = layer.sources == self.input.values && events.words == self.input.rows;
        ok(events.source != EventSource::Input || of_input, || {
            format!(
                "its layer's sources are not the {} values of the input",
                self.input.values
            )
        })?;
        ok(events.words == words && end <= u64::from(depth), || {
            format!(
                "words {} + {} are not the layer's",
                events.from, events.words
            )
        })?;
        let (chunks, width) = match s.access {
            Access::Column => (layer.chunks, layer.destinations),
            Access::Row => (layer.source_chunks, layer.sources),
        };
        let first = if constant {
            layer.bias_block
        } else {
            Some(layer.block)
        };
        ok(
            Some(s.weights) == first && s.block.chunks == chunks && s.stride == layer.chunks,
            || "its weights are not the layer's".into(),
        )?;
        // Both sides in 64 bits: a text may have any numbers.
        let [last, lanes, chunks, width] = [s.last_lanes, m.lanes, chunks, width].map(u64::from);
        ok(last + chunks * lanes == width + lanes, || {
            format!("{last} real lanes in the last chunk")
        })?;
        event_value(s.factor)
    }

    fn verify_learn(&self, learn: &Learn) -> Result<(), String> {
        let m = &self.machine;
        let Some(layer) = self.layers.get(learn.layer as usize) else {
            return Err(format!("layer {} is not there", learn.layer));
        };
        self.inside(&Block {
            chunk: learn.from,
            chunks: learn.words,
        })?;
        let chunks = match &learn.source {
            LearnSource::Counts { block } => {
                self.inside(block)?;
                block.chunks
            }
            LearnSource::Input { rows } => {
                ok(*rows <= m.input_rows, || format!("{rows} rows are outside"))?;
                *rows
            }
            LearnSource::One { value, index } => {
                let fits = (*value < 1 << (m.operand_bits - 1)) && *index == layer.sources & 0xffff;
                ok(fits, || format!("one as {value}, index {index}"))?;
                layer.source_chunks
            }
        };
        let first = match learn.source {
            LearnSource::One { .. } => layer.bias_block,
            _ => Some(layer.block),
        };
        ok(
            chunks == layer.source_chunks
                && learn.words == layer.chunks
                && learn.stride == layer.chunks
                && Some(learn.weights) == first,
            || "its weights are not the layer's".into(),
        )
    }
}

fn event_value(value: i32) -> Result<(), String> {
    let limit = 1 << (EVENT_BITS - 1);
    ok((-limit..limit).contains(&value), || {
        format!("factor {value} does not fit {EVENT_BITS} bits")
    })
}

fn ok(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
