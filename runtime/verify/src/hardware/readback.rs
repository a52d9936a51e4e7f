//! What is read after a sample.

use super::registers::{region, register};
use super::{Hardware, HardwareError};
use spidec_ir::trace::{
    ArrayClamps, ChunkClamp, ChunkStep, ClampPlace, Counters, RowClamp, Stage, Work,
};

impl Hardware {
    /// One record of the trace ports.
    pub(super) fn chunk(&self, words: &[u32]) -> ChunkStep {
        let bits = self.program.machine.accumulator_bits as usize;
        let lanes = self.program.machine.lanes as usize;
        let size = (lanes * bits).div_ceil(32);
        let (state, negative) = (&words[3..3 + size], words.get(3 + size));
        let membranes = (0..lanes)
            .map(|lane| {
                let (word, offset) = (lane * bits / 32, lane * bits % 32);
                let high = state.get(word + 1).copied().unwrap_or(0);
                let value = (u64::from(high) << 32 | u64::from(state[word])) >> offset;
                // Sign extension.
                (value << (64 - bits)) as i64 >> (64 - bits)
            })
            .map(|value| value as i32)
            .collect();
        ChunkStep {
            cycle: u64::from(words[0]),
            chunk: words[1],
            spikes: words[2],
            negative: negative.copied().unwrap_or(0),
            membranes,
        }
    }

    /// The first chunks of a state memory, `[chunk][lane]`.
    pub(super) fn chunks<T>(
        &mut self,
        region: u32,
        chunks: u32,
        value: impl Fn(u32) -> T,
    ) -> Result<Vec<Vec<T>>, HardwareError> {
        let lanes = self.program.machine.lanes;
        (0..chunks)
            .map(|chunk| {
                (0..lanes)
                    .map(|lane| Ok(value(self.read(region + chunk * lanes + lane)?)))
                    .collect()
            })
            .collect()
    }

    pub(super) fn logits(&mut self) -> Result<Vec<i32>, HardwareError> {
        let start = self.program.readout.chunk * self.program.machine.lanes;
        (0..self.program.readout.neurons)
            .map(|k| Ok(self.read(region::STATES + start + k)? as i32))
            .collect()
    }

    pub(super) fn counters(&mut self) -> Result<Counters, HardwareError> {
        let mut counters = Counters::default();
        let learning = self.program.machine.learning;
        let stages = &Stage::ALL[..if learning { 6 } else { 3 }];
        for &stage in stages {
            let mut kinds = [0; 5];
            for (kind, count) in (0..).zip(&mut kinds) {
                let offset = register::COUNTERS + 8 * kind + stage as u32;
                *count = u64::from(self.read(offset)?);
            }
            let [cycles, slots, useful, waits, passes] = kinds;
            counters.stages[stage as usize] = Work {
                cycles,
                slots,
                useful,
                waits,
                passes,
            };
        }
        let mut whole =
            |offset: u32| Ok::<_, HardwareError>(u64::from(self.read(register::WHOLE + offset)?));
        counters.events = whole(0)?;
        counters.spikes = whole(1)?;
        counters.saturations = whole(2)?;
        if learning {
            counters.backward_spikes = whole(3)?;
            counters.weight_saturations = whole(4)?;
            counters.error_saturations = whole(5)?;
        }
        Ok(counters)
    }

    pub(super) fn clamps(&mut self) -> Result<ArrayClamps, HardwareError> {
        let place = self.read(register::FIRST)?;
        let lanes = self.read(register::FIRST + 1)?;
        let mut clamps = ArrayClamps {
            membrane: (lanes != 0).then_some(ChunkClamp {
                backward: place >> 31 == 1,
                step: place >> 16 & 0x7fff,
                chunk: place & 0xffff,
                lanes,
            }),
            ..ArrayClamps::default()
        };
        if self.program.machine.learning {
            let row = self.read(register::FIRST + 2)?;
            let banks = self.read(register::FIRST + 3)?;
            clamps.weight = (banks != 0).then_some(RowClamp { row, banks });
            let class = self.read(register::FIRST + 4)?;
            let clamped = self.read(register::WHOLE + 5)? != 0;
            clamps.error = clamped.then(|| ClampPlace::of_error(class));
        }
        Ok(clamps)
    }
}
