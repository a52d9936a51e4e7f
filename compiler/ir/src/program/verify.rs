//! Checks that a program stays inside its machine.

use super::{
    ArrayProgram, Block, EventSource, Instruction, MAX_DEPTH, MAX_LANES, MAX_WEIGHT_WORDS,
    MIN_LANES, PROGRAM_VERSION,
};
use crate::fixed::MAX_ACCUMULATOR_BITS;

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
                && m.value_bits <= 16
                && m.weight_bits + m.value_bits < m.accumulator_bits
                && m.count_bits <= 16
                && m.value_bits > m.data_bits()
                && (-31..=31).contains(&m.input_shift),
            &|| "a width of the machine is out of range".into(),
        )?;
        let limits = [
            ("weight_rows", m.weight_rows, MAX_WEIGHT_WORDS / m.lanes),
            ("chunks", m.chunks, MAX_DEPTH),
            ("input_rows", m.input_rows, MAX_DEPTH),
            ("instructions", m.instructions, MAX_DEPTH),
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
            let columns = u64::from(layer.sources) + u64::from(layer.bias_row.is_some());
            let end = u64::from(layer.row) + columns * u64::from(layer.chunks);
            let bias = layer
                .bias_row
                .is_none_or(|row| u64::from(row) + u64::from(layer.chunks) == end);
            let fits = end <= u64::from(m.weight_rows)
                && u64::from(layer.chunks) * u64::from(m.lanes) >= u64::from(layer.destinations);
            require(fits && bias, &|| {
                format!("{} does not fit the weight banks", layer.name)
            })?;
        }
        require(
            self.instructions.len() <= m.instructions as usize
                && self.instructions.last() == Some(&Instruction::End),
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
        let inside = |block: &Block| {
            let end = u64::from(block.chunk) + u64::from(block.chunks);
            if block.chunks > 0 && end <= u64::from(m.chunks) {
                Ok(())
            } else {
                Err(format!(
                    "chunks {} + {} are outside",
                    block.chunk, block.chunks
                ))
            }
        };
        match instruction {
            Instruction::Clear { block, .. }
            | Instruction::Latch { block }
            | Instruction::Fire { block } => inside(block),
            Instruction::Scatter(s) => {
                inside(&s.block)?;
                let layer = self.layers.get(s.layer as usize);
                let constant = s.source == EventSource::Constant;
                let depth = match s.source {
                    EventSource::Input => m.input_rows,
                    _ => m.chunks,
                };
                if !constant
                    && (s.words == 0 || u64::from(s.from) + u64::from(s.words) > u64::from(depth))
                {
                    return Err(format!("words {} + {} are outside", s.from, s.words));
                }
                // A scan reads all words of the layer's source, whatever lies where.
                let words = layer.map_or(0, |l| l.sources.div_ceil(m.lanes));
                if !constant && s.words != words {
                    return Err(format!(
                        "{} words, but its layer's sources take {words}",
                        s.words
                    ));
                }
                let of_input = layer.is_none_or(|l| l.sources == self.input.values);
                if s.source == EventSource::Input && !(of_input && s.words == self.input.rows) {
                    return Err(format!(
                        "its layer's sources are not the {} values of the input",
                        self.input.values
                    ));
                }
                let columns = layer.map_or(0, |l| if constant { 1 } else { l.sources });
                let rows = u64::from(s.weights) + u64::from(columns) * u64::from(s.block.chunks);
                if layer.is_none() || rows > u64::from(m.weight_rows) {
                    return Err(format!("layer {} or its weights are outside", s.layer));
                }
                let limit = 1i64 << (m.value_bits - 1);
                if !(-limit..limit).contains(&i64::from(s.value)) {
                    return Err(format!(
                        "value {} does not fit {} bits",
                        s.value, m.value_bits
                    ));
                }
                let slots = s.block.chunks.saturating_mul(m.lanes);
                let idle = slots.saturating_sub(layer.map_or(0, |l| l.destinations));
                if s.last_lanes > m.lanes || s.last_lanes.saturating_add(idle) != m.lanes {
                    return Err(format!("{} real lanes in the last chunk", s.last_lanes));
                }
                Ok(())
            }
            Instruction::Set { value, .. } => {
                let limit = 1i64 << (m.accumulator_bits - 1);
                if (-limit..limit).contains(&i64::from(*value)) {
                    Ok(())
                } else {
                    Err(format!("value {value} does not fit"))
                }
            }
            Instruction::Loop { target, steps } => {
                if (*target as usize) < k && (1..=0xffff).contains(steps) {
                    Ok(())
                } else {
                    Err(format!("target {target}, {steps} steps"))
                }
            }
            Instruction::Argmax { chunk, classes } => inside(&Block {
                chunk: *chunk,
                chunks: classes.div_ceil(m.lanes),
            }),
            Instruction::End => Ok(()),
        }
    }
}
