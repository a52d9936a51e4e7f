//! Average pooling: each neuron's events, by a factor, to the same channel of another place.

use super::super::Real;
use super::super::events::Events;
use super::super::touched::Touched;
use super::super::vector::CHECKED;
use super::Side;
use spidec_ir::network::{Shape, Window};

/// Which neurons lie under which.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    factor: f64,
    there: Leads,
    back: Leads,
}

/// For each neuron of one side those that it leads to on the other.
#[derive(Clone, Debug)]
struct Leads {
    to: Vec<u32>,
    /// Where each neuron's end.
    ends: Vec<u32>,
    to_size: usize,
}

impl Pool {
    pub(super) fn new(source: &Shape, destination: &Shape, size: u32) -> Pool {
        let window = Window {
            kernel: size,
            stride: size,
            pad: 0,
        };
        Pool {
            factor: 1.0 / f64::from(size * size),
            there: Leads::new(&Side::new(source, destination, window, true), source),
            back: Leads::new(&Side::new(destination, source, window, false), destination),
        }
    }

    pub(super) fn forward<F: Real>(&self, sums: &mut [F], v: &Events<F>) {
        self.there.add(sums, v, F::of(self.factor), |_, _| ());
    }

    pub(super) fn backward<F: Real>(&self, sums: &mut [F], touched: &mut Touched, e: &Events<F>) {
        self.back
            .add(sums, e, F::of(self.factor), |sample, neuron| {
                touched.of(sample)[neuron / CHECKED] = true;
            });
    }

    /// How many neurons a destination neuron's error reaches.
    pub(super) fn fan_in(&self, destination: usize) -> usize {
        self.back.of(destination).len()
    }

    /// How many neurons a source neuron's spike reaches.
    pub(super) fn fan_out(&self, source: usize) -> usize {
        self.there.of(source).len()
    }
}

impl Leads {
    fn new(side: &Side, from: &Shape) -> Leads {
        let (mut to, mut ends) = (Vec::new(), Vec::new());
        for neuron in 0..from.size() {
            let (place, channel) = (neuron / side.from_channels, neuron % side.from_channels);
            let leads = side.leads(place);
            to.extend(leads.map(|(_, lead)| (lead * side.to_channels + channel) as u32));
            ends.push(to.len() as u32);
        }
        Leads {
            to,
            ends,
            to_size: side.to_size,
        }
    }

    #[inline(always)]
    fn of(&self, neuron: usize) -> &[u32] {
        let start = if neuron == 0 {
            0
        } else {
            self.ends[neuron - 1]
        };
        &self.to[start as usize..self.ends[neuron] as usize]
    }

    /// `hear` hears of each sample's neurons that something is added to.
    #[inline(always)]
    fn add<F: Real>(
        &self,
        sums: &mut [F],
        events: &Events<F>,
        factor: F,
        mut hear: impl FnMut(usize, usize),
    ) {
        for sample in 0..events.samples() {
            let sums = &mut sums[sample * self.to_size..][..self.to_size];
            for &(index, value) in events.of(sample) {
                for &lead in self.of(index as usize) {
                    sums[lead as usize] += factor * value;
                    hear(sample, lead as usize);
                }
            }
        }
    }
}
