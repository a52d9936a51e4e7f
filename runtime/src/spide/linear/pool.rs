//! Average pooling: each neuron's events, by a factor, to the same channel of another place.

use super::super::Real;
use super::super::events::Events;
use super::super::touched::Touched;
use super::super::vector::CHECKED;
use spidec_ir::network::Shape;

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
    /// As many a neuron as every other has.
    to: Vec<u32>,
    count: usize,
    to_size: usize,
}

impl Pool {
    /// Both shapes are `[height, width, channels]`; squares of `size` divide the source.
    pub(super) fn new(source: &Shape, destination: &Shape, size: u32) -> Pool {
        let (_, to_width) = destination.extents().unwrap_or((1, 1));
        let (side, channels) = (size as usize, source.channels());
        let (from_width, to_width) = (to_width as usize * side, to_width as usize);
        // A neuron's channel, column and row.
        let of = |neuron: usize, width: usize| {
            let place = neuron / channels;
            (neuron % channels, place % width, place / width)
        };
        let above = |neuron: usize| {
            let (channel, column, row) = of(neuron, from_width);
            ((row / side * to_width + column / side) * channels + channel) as u32
        };
        let below = |neuron: usize| {
            let (channel, column, row) = of(neuron, to_width);
            let square =
                (0..side * side).map(move |k| (row * side + k / side, column * side + k % side));
            square
                .map(move |(row, column)| ((row * from_width + column) * channels + channel) as u32)
        };
        Pool {
            factor: 1.0 / f64::from(size * size),
            there: Leads {
                to: (0..source.size()).map(above).collect(),
                count: 1,
                to_size: destination.size(),
            },
            back: Leads {
                to: (0..destination.size()).flat_map(below).collect(),
                count: side * side,
                to_size: source.size(),
            },
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
    pub(super) fn fan_in(&self) -> usize {
        self.back.count
    }

    /// How many neurons a source neuron's spike reaches.
    pub(super) fn fan_out(&self) -> usize {
        self.there.count
    }
}

impl Leads {
    #[inline(always)]
    fn of(&self, neuron: usize) -> &[u32] {
        &self.to[neuron * self.count..][..self.count]
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
