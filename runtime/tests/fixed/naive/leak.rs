//! Leaks and traces, written down directly, with mistakes to be made on purpose.

use super::Naive;
use spidec_ir::network::{Neuron, PopulationId};

/// A mistake that this can make on purpose, so that a comparison shows that it sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// The leak comes before the reset.
    LeakFirst,
    /// What leaks is rounded down.
    RoundedDown,
    /// All couples of leaky neurons leak.
    EveryCouple,
    /// A trace leaks once more, after the last spike.
    LateTrace,
    /// Leaky rates are learned from as counts.
    Counts,
}

impl Naive<'_> {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// In units of `1 / 65536`; none where nothing leaks.
    pub fn leak(&self, p: usize, couple: bool) -> Option<i64> {
        match self.network.populations[p].neuron {
            Neuron::Leaky { leak, leaky_couple }
                if !couple || leaky_couple || self.has(Fault::EveryCouple) =>
            {
                Some((leak.value() * 65536.0).round().clamp(1.0, 65535.0) as i64)
            }
            _ => None,
        }
    }

    /// Times the leak, to the nearest, halves up.
    fn leaked(&self, value: i64, leak: i64) -> i64 {
        let half = if self.has(Fault::RoundedDown) {
            0
        } else {
            32768
        };
        (value * leak + half).div_euclid(65536)
    }

    /// Spike and membrane of a leaky neuron or couple, and whether it was clamped.
    pub fn leaky(&self, sum: i64, leak: i64, threshold: i32, couple: bool) -> (i32, i32, bool) {
        let format = self.network.array.membrane;
        let clamped = sum.max(format.min()).min(format.max());
        let spike = if clamped >= i64::from(threshold) {
            1
        } else if couple && clamped <= -i64::from(threshold) {
            -1
        } else {
            0
        };
        let taken = i64::from(self.constants.reset) * spike;
        let membrane = match self.has(Fault::LeakFirst) {
            false => self.leaked(clamped - taken, leak),
            true => self.leaked(clamped, leak) - taken,
        };
        (spike as i32, membrane as i32, clamped != sum)
    }

    /// A trace after a step.
    pub fn traced(&self, trace: i32, leak: i64, spike: i32) -> i32 {
        let one = spike << self.network.array.trace.frac;
        match self.has(Fault::LateTrace) {
            false => self.leaked(trace.into(), leak) as i32 + one,
            true => self.leaked((trace + one).into(), leak) as i32,
        }
    }

    /// The rates that are read and learned from: traces of what leaks, else counts.
    pub fn rates<'b>(&self, traces: &'b [Vec<i32>], counts: &'b [Vec<i32>], p: usize) -> &'b [i32] {
        let counted = traces[p].is_empty() || self.has(Fault::Counts);
        if counted { &counts[p] } else { &traces[p] }
    }

    /// What stands for the rate 1: the number of steps, or the trace of a spike in every step.
    pub fn one(&self, id: PopulationId) -> i64 {
        let steps = self.network.training.forward.steps;
        match self.leak(id.index(), false) {
            None => i64::from(steps),
            Some(leak) => (0..steps).fold(0, |trace, _| {
                self.leaked(trace, leak) + (1 << self.network.array.trace.frac)
            }),
        }
    }
}
