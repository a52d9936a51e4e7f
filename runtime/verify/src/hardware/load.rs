//! What is written before a sample: program, weights, learning constants.

use super::registers::{IDENTITY, region, register};
use super::{Hardware, HardwareError};
use spidec_ir::program::WeightImage;
use spidec_runtime::array::LearningState;

impl Hardware {
    pub(super) fn identify(&mut self) -> Result<(), HardwareError> {
        let expected = [
            ("identity", register::IDENTITY, IDENTITY),
            ("machine", register::MACHINE, self.program.machine.id()),
        ];
        for (what, offset, expected) in expected {
            let found = self.read(region::REGISTERS + offset)?;
            if found != expected {
                return Err(HardwareError::Identity {
                    what,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }

    pub(super) fn load_program(&mut self) -> Result<(), HardwareError> {
        let words: Vec<_> = self
            .program
            .instructions
            .iter()
            .map(|i| i.encode())
            .collect();
        for (k, words) in (0..).zip(words) {
            for (offset, word) in (0..).zip(words) {
                self.write(region::PROGRAM + 8 * k + offset, word)?;
            }
        }
        let design = u64::from_str_radix(&self.program.design, 16).unwrap_or(0);
        self.write(register::DESIGN, design as u32)?;
        self.write(register::DESIGN + 1, (design >> 32) as u32)?;
        for (offset, expected) in [(0, design as u32), (1, (design >> 32) as u32)] {
            let found = self.read(register::DESIGN + offset)?;
            if found != expected {
                return Err(HardwareError::Identity {
                    what: "design hash",
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }

    /// Writes all weights.
    pub fn load_weights(&mut self, image: &WeightImage) -> Result<(), HardwareError> {
        for (k, &word) in (0..).zip(&image.words) {
            self.write(region::WEIGHTS + k, word as u32)?;
        }
        Ok(())
    }

    /// All weights as they lie in the banks of a learning machine, without the host port.
    pub fn peek_weights(&mut self) -> Result<WeightImage, HardwareError> {
        let lanes = self.program.machine.lanes as usize;
        let layers = self.program.layers.iter();
        let blocks = layers.map(|layer| layer.end()).max().unwrap_or(0) as usize;
        let rows = blocks * lanes;
        let spare = 32 - self.program.machine.weight_bits;
        let mut words = vec![0; rows * lanes];
        for (bank, &memory) in self.banks.iter().enumerate() {
            let column = self.sim.read_memory(memory, 0, rows as u64)?;
            for (row, word) in column.into_iter().enumerate() {
                words[row * lanes + bank] = (word << spare) as i32 >> spare;
            }
        }
        Ok(WeightImage { lanes, words })
    }

    /// Writes learning constants, seed and sample number.
    pub fn set_learning(&mut self, state: &LearningState) -> Result<(), HardwareError> {
        for (layer, constant) in (0..).zip(&state.constants) {
            let word = constant.shift << 18 | constant.mantissa as u32;
            self.write(region::CONSTANTS + layer, word)?;
        }
        for (offset, value) in [
            (register::SEED, state.seed),
            (register::SAMPLE, state.samples),
        ] {
            self.write(offset, value as u32)?;
            self.write(offset + 1, (value >> 32) as u32)?;
        }
        Ok(())
    }

    /// Samples trained so far, as the hardware counts them.
    pub fn samples(&mut self) -> Result<u64, HardwareError> {
        let low = self.read(register::SAMPLE)?;
        let high = self.read(register::SAMPLE + 1)?;
        Ok(u64::from(high) << 32 | u64::from(low))
    }
}
