//! Memory images for `$readmemh`: one word a line, the lowest address first.

use spidec_ir::fixed::LearningConstant;
use spidec_ir::program::{ArrayProgram, WeightImage};
use std::fmt::Write;

/// The program memory: 160 bits an instruction; the rest of the memory is `end`.
pub(super) fn program(program: &ArrayProgram) -> String {
    let mut text = String::new();
    for instruction in &program.instructions {
        for word in instruction.encode().iter().rev() {
            // Writing to a string does not fail.
            let _ = write!(text, "{word:08x}");
        }
        text.push('\n');
    }
    let rest = program.machine.instructions as usize - program.instructions.len();
    text.push_str(&format!("{:040x}\n", 0).repeat(rest));
    text
}

/// One weight bank: two's complement in as many digits as the format needs; unused rows are zero.
pub(super) fn bank(program: &ArrayProgram, image: &WeightImage, lane: usize) -> String {
    let bits = program.machine.weight_bits;
    let digits = bits.div_ceil(4) as usize;
    let mask = (1u32 << bits) - 1;
    let mut text = String::new();
    let mut rows = 0;
    for weight in image.bank(lane) {
        let _ = writeln!(text, "{:0digits$x}", weight as u32 & mask);
        rows += 1;
    }
    let rest = (program.machine.weight_rows() as usize).saturating_sub(rows);
    text.push_str(&format!("{:0digits$x}\n", 0).repeat(rest));
    text
}

/// A learning constant as the hardware holds it.
pub(super) fn constant(constant: &LearningConstant) -> u32 {
    constant.shift << 18 | constant.mantissa as u32 & 0x3ffff
}

/// The memory of learning constants: 5 bits of shift, 18 of mantissa; layers that there are not are zero.
pub(super) fn constants(program: &ArrayProgram, constants: &[LearningConstant]) -> String {
    let words = constants.iter().map(constant);
    let words = words.chain(std::iter::repeat(0));
    let words = words.take(program.machine.layers as usize);
    words.map(|word| format!("{word:06x}\n")).collect()
}
