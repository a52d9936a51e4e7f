//! Passes: what is done to a population's chunks without weights.

use super::memories::Memories;
use spidec_ir::fixed::{Fired, Format, couple, fire, round_shift};
use spidec_ir::program::{Block, Cleared, Register};

/// Registers that `set` writes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Registers {
    threshold: i32,
    reset: i32,
    shift: i32,
    steps: u32,
    quiet: u32,
}

impl Registers {
    pub fn set(&mut self, register: Register, value: i32) {
        match register {
            Register::Threshold => self.threshold = value,
            Register::Reset => self.reset = value,
            Register::Shift => self.shift = value,
            Register::Steps => self.steps = value as u32,
            Register::Quiet => self.quiet = value as u32,
            // What the loss measures by is a function of the program.
            Register::Unit | Register::One => {}
        }
    }

    /// The mask as the lanes decide it, [`spidec_ir::fixed::mask`] for counts up to the steps.
    fn live(&self, count: u32) -> bool {
        count != 0 && count != self.steps
    }
}

/// What a pass made of a chunk: a bit a lane.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FiredChunk {
    pub spikes: u32,
    pub negative: u32,
    /// Lanes whose membrane was clamped.
    pub saturated: u32,
}

impl FiredChunk {
    fn add(&mut self, lane: usize, fired: &Fired) {
        self.spikes |= u32::from(fired.spike != 0) << lane;
        self.negative |= u32::from(fired.spike < 0) << lane;
        self.saturated |= u32::from(fired.saturated) << lane;
    }
}

impl Memories {
    pub fn clear(&mut self, cleared: &Cleared, block: &Block) {
        let range = self.range(block);
        if cleared.states {
            self.states[range.clone()].fill(0);
        }
        if cleared.currents {
            self.currents[range.clone()].fill(0);
        }
        if cleared.counts {
            self.counts[range.clone()].fill(0);
        }
        if cleared.errors {
            self.errors[range].fill(0);
        }
        if cleared.spikes {
            let chunks = block.chunk as usize..(block.chunk + block.chunks) as usize;
            self.spikes[chunks.clone()].fill(0);
            self.held[chunks.clone()].fill(0);
            self.events[chunks].fill(0);
        }
    }

    /// Rounds states into currents. Whether a couple with mask 1 got a gradient that counts.
    pub fn latch(&mut self, registers: &Registers, block: &Block) -> bool {
        let mut loud = false;
        for k in self.range(block) {
            let current = round_shift(i64::from(self.states[k]), registers.shift) as i32;
            self.currents[k] = current;
            self.states[k] = 0;
            loud |= registers.live(self.counts[k]) && current.unsigned_abs() >= registers.quiet;
        }
        loud
    }

    pub fn fire(
        &mut self,
        registers: &Registers,
        format: Format,
        chunk: u32,
        hold: bool,
    ) -> FiredChunk {
        let mut all = FiredChunk::default();
        let start = chunk as usize * self.lanes;
        for lane in 0..self.lanes {
            let k = start + lane;
            let sum = self.states[k].wrapping_add(self.currents[k]);
            let fired = fire(sum, format, registers.threshold, registers.reset);
            self.states[k] = fired.membrane;
            self.counts[k] += fired.spike as u32;
            all.add(lane, &fired);
        }
        // Firing twice running sets the hold bit, not firing clears it; either is an event, and so is a
        // spike without one.
        let chunk = chunk as usize;
        let (before, held) = (self.spikes[chunk], self.held[chunk]);
        self.spikes[chunk] = all.spikes;
        self.held[chunk] = if hold {
            all.spikes & (held | before)
        } else {
            0
        };
        self.events[chunk] = all.spikes ^ held;
        all
    }

    pub fn couple(&mut self, registers: &Registers, format: Format, chunk: u32) -> FiredChunk {
        let mut all = FiredChunk::default();
        let start = chunk as usize * self.lanes;
        for lane in 0..self.lanes {
            let k = start + lane;
            if registers.live(self.counts[k]) {
                let sum = self.states[k].wrapping_add(self.currents[k]);
                let fired = couple(sum, format, registers.threshold, registers.reset);
                self.states[k] = fired.membrane;
                self.errors[k] += fired.spike;
                all.add(lane, &fired);
            } else {
                self.states[k] = 0;
            }
        }
        let chunk = chunk as usize;
        self.spikes[chunk] = all.spikes & !all.negative;
        self.held[chunk] = 0;
        self.events[chunk] = all.spikes;
        all
    }
}
