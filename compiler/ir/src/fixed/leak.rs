//! Leaks: what a step leaves of a membrane, and the traces that leaky rates are kept as.
//!
//! A product with a leak is rounded by [`round_shift`], to the nearest, halves up. So a membrane or
//! a trace of less than `1 / (2 (1 - leak))` units stays what it is.

use super::{Fired, Format, Obstacle, Rounded, round_shift};
use crate::network::{Network, Neuron, PopulationId};

/// Fraction bits of a leak.
pub const LEAK_FRAC: u32 = 16;

/// What a step leaves of a number: an integer in units of `2^-16`, from 1 to 65535 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leak(i32);

impl Leak {
    /// The nearest to a number.
    pub fn nearest(leak: f64) -> Leak {
        let one = f64::from(1u32 << LEAK_FRAC);
        Leak((leak * one).round().clamp(1.0, one - 1.0) as i32)
    }

    /// That of a neuron's membrane; `None` where it does not leak.
    pub fn of_neuron(neuron: Neuron) -> Option<Leak> {
        match neuron {
            Neuron::IntegrateAndFire => None,
            Neuron::Leaky { leak, .. } => Some(Leak::nearest(leak.value())),
        }
    }

    /// That of a couple's membrane; `None` where it does not leak.
    pub fn of_couple(neuron: Neuron) -> Option<Leak> {
        match neuron {
            Neuron::Leaky {
                leaky_couple: true, ..
            } => Leak::of_neuron(neuron),
            _ => None,
        }
    }

    /// Its value.
    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(1u32 << LEAK_FRAC)
    }

    /// What a step leaves of an integer below `2^46`, rounded.
    #[inline(always)]
    pub fn decay(self, value: i64) -> i64 {
        round_shift(value * i64::from(self.0), LEAK_FRAC as i32)
    }

    /// A trace after a step with a spike of 0 or 1, of a couple -1 to 1; in units of `2^-frac`.
    #[inline(always)]
    pub fn trace(self, trace: i32, spike: i32, frac: u32) -> i32 {
        self.decay(trace.into()) as i32 + (spike << frac)
    }

    /// The trace after so many steps with a spike in each: no other is larger.
    pub fn full(self, steps: u32, frac: u32) -> i64 {
        (0..steps).fold(0, |trace, _| self.decay(trace) + (1 << frac))
    }

    /// How many times what arrives in one step, at most, a membrane comes to in so many.
    pub fn reach(self, steps: u32) -> f64 {
        (0..steps).fold(0.0, |sum, _| sum * self.value() + 1.0)
    }

    /// [`super::fire`] of a neuron that leaks after the reset; `sum` has 64 bits.
    #[inline(always)]
    pub fn fire(self, sum: i64, membrane: Format, threshold: i32, reset: i32) -> Fired {
        let clamped = membrane.clamp(sum);
        let fired = super::fire(clamped as i32, membrane, threshold, reset);
        self.after(fired, clamped != sum)
    }

    /// [`super::couple`] of a couple that leaks after the reset; `sum` has 64 bits.
    #[inline(always)]
    pub fn couple(self, sum: i64, membrane: Format, threshold: i32, reset: i32) -> Fired {
        let clamped = membrane.clamp(sum);
        let fired = super::couple(clamped as i32, membrane, threshold, reset);
        self.after(fired, clamped != sum)
    }

    fn after(self, fired: Fired, saturated: bool) -> Fired {
        Fired {
            membrane: self.decay(fired.membrane.into()) as i32,
            saturated,
            ..fired
        }
    }
}

/// The integer that stands for the rate 1 of a population's neurons: `T_F`, or the trace of a leaky
/// neuron that fires in every step.
pub fn forward_one(network: &Network, id: PopulationId) -> i32 {
    let leak = Leak::of_neuron(network.population(id).neuron);
    one(network, leak, network.training.forward.steps)
}

/// The same of the signed rate of its couples: `T_B`, or a trace.
pub fn backward_one(network: &Network, id: PopulationId) -> i32 {
    let leak = Leak::of_couple(network.population(id).neuron);
    one(network, leak, network.training.backward.steps)
}

fn one(network: &Network, leak: Option<Leak>, steps: u32) -> i32 {
    match leak {
        None => steps as i32,
        // A trace that its format cannot hold is an obstacle.
        Some(leak) => leak
            .full(steps, network.array.trace.frac)
            .min(i32::MAX.into()) as i32,
    }
}

/// Leaks that are rounded.
pub(super) fn rounded_leaks(network: &Network) -> impl Iterator<Item = Rounded> {
    network.population_ids().filter_map(|id| {
        let neuron = network.population(id).neuron;
        let new = Leak::of_neuron(neuron)?.value();
        (new != neuron.leak()).then(|| Rounded {
            what: "leak",
            population: Some(id),
            old: neuron.leak(),
            new,
        })
    })
}

/// Traces that their format cannot hold, of neurons and of couples.
pub(super) fn large_traces(network: &Network) -> impl Iterator<Item = Obstacle> {
    let (format, training) = (network.array.trace, &network.training);
    network.population_ids().flat_map(move |population| {
        let neuron = network.population(population).neuron;
        let neurons = (Leak::of_neuron(neuron), training.forward.steps, false);
        let couples = (Leak::of_couple(neuron), training.backward.steps, true);
        [neurons, couples]
            .into_iter()
            .filter_map(move |(leak, steps, backward)| {
                let full = leak?.full(steps, format.frac);
                (!format.contains(full)).then(|| Obstacle::Trace {
                    population,
                    value: full as f64 / format.unit(),
                    format,
                    backward,
                })
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: Format = Format { bits: 8, frac: 3 };

    #[test]
    fn a_leak_is_neither_0_nor_1() {
        for (leak, wanted) in [(0.5, 32768), (0.95, 62259), (1e-9, 1), (1.0 - 1e-9, 65535)] {
            assert_eq!(Leak::nearest(leak), Leak(wanted));
        }
        assert_eq!(Leak::nearest(0.875).value(), 0.875);
    }

    #[test]
    fn membranes_leak_after_the_reset_halves_up() {
        let half = Leak::nearest(0.5);
        for (sum, spike, membrane) in [(8, 1, -4), (7, 0, 4), (-7, 0, -3), (13, 1, -1), (0, 0, 0)] {
            let fired = half.fire(sum, M, 8, 16);
            assert_eq!((fired.spike, fired.membrane), (spike, membrane), "{sum}");
        }
        for (sum, spike, membrane) in [(-8, -1, 4), (-7, 0, -3), (9, 1, -3)] {
            let fired = half.couple(sum, M, 8, 16);
            assert_eq!((fired.spike, fired.membrane), (spike, membrane), "{sum}");
        }
    }

    #[test]
    fn clamping_comes_before_the_leak_and_is_counted() {
        let half = Leak::nearest(0.5);
        let far = half.fire(1 << 40, M, 200, 16);
        assert_eq!((far.membrane, far.saturated), (64, true));
        assert!(!half.fire(127, M, 200, 16).saturated);
        assert!(half.couple(-129, M, 200, 16).saturated);
    }

    #[test]
    fn no_trace_is_larger_than_that_of_a_spike_in_every_step() {
        let half = Leak::nearest(0.5);
        let traces: Vec<i64> = (0..5).map(|steps| half.full(steps, 2)).collect();
        assert_eq!(traces, [0, 4, 6, 7, 8]);
        for leak in [0.01, 0.5, 0.875, 0.95, 0.9999].map(Leak::nearest) {
            for frac in [0, 6, 9] {
                let full = leak.full(255, frac);
                assert!(full <= 255 << frac);
                let all = (0..255).fold(0, |trace, _| leak.trace(trace, 1, frac));
                let negative = (0..255).fold(0, |trace, _| leak.trace(trace, -1, frac));
                assert_eq!(i64::from(all), full);
                assert!(i64::from(-negative) <= full, "{leak:?} {frac}");
            }
        }
    }
}
