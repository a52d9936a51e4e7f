//! The taps of a convolution or a transposed one, from either side.

use super::super::Real;
use super::super::events::{Events, Places};
use super::super::touched::Touched;
use super::super::vector;
use super::{Runs, Side, Spans};
use spidec_ir::network::{Shape, Window};

/// Which places lead to which. Many spikes go there, few come back.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    pub(super) there: Side,
    pub(super) back: Side,
    spans: Spans,
    runs: Runs,
    places: Places,
    /// Whether the published layout has source channels first.
    pub(super) transposed: bool,
}

impl Kernel {
    pub(super) fn new(
        source: &Shape,
        destination: &Shape,
        window: Window,
        transposed: bool,
    ) -> Kernel {
        let back = Side::new(destination, source, window, transposed);
        Kernel {
            there: Side::new(source, destination, window, !transposed),
            spans: Spans::new(source, destination, window, !transposed),
            runs: Runs::new(&back, window, transposed),
            back,
            places: Places::of(source),
            transposed,
        }
    }

    /// Weights `[destination channel][tap][source channel]` as they lie to go there, in [`Spans`], and
    /// back, in [`Runs`].
    pub(super) fn fill<F: Real>(&self, weights: &[F], forward: &mut [F], backward: &mut [F]) {
        let (from, to) = (self.there.from_channels, self.there.to_channels);
        let (taps, size) = (self.there.taps(), from * to);
        let row = |d: usize, tap: usize| &weights[(d * taps + tap) * from..][..from];
        for run in self.runs.iter() {
            let back = &mut backward[run.before * size..][..run.len() * size];
            for (place, &tap) in run.taps.iter().enumerate() {
                let there = &mut forward[self.spans.position(tap) * size..][..size];
                for d in 0..to {
                    let back = &mut back[(d * run.len() + place) * from..][..from];
                    back.copy_from_slice(row(d, tap));
                    let column = there[d..].iter_mut().step_by(to);
                    column.zip(row(d, tap)).for_each(|(to, w)| *to = *w);
                }
            }
        }
    }

    /// Where the weight of a tap and two channels lies to go there.
    pub(super) fn index(&self, tap: usize, source: usize, destination: usize) -> usize {
        let (from, to) = (self.there.from_channels, self.there.to_channels);
        (self.spans.position(tap) * from + source) * to + destination
    }

    /// The source's places.
    pub(super) fn places(&self) -> Places {
        self.places
    }

    pub(super) fn forward<F: Real>(&self, sums: &mut [F], weights: &[F], v: &Events<F>) {
        vector::gather_kernel(sums, weights, v, (&self.there, &self.spans));
    }

    pub(super) fn backward<F: Real>(
        &self,
        sums: &mut [F],
        touched: &mut Touched,
        weights: &[F],
        e: &Events<F>,
    ) {
        vector::scatter_kernel(sums, touched, weights, e, (&self.back, &self.runs));
    }

    /// How many neurons a source neuron's spike reaches.
    pub(super) fn fan_out(&self, source: usize) -> usize {
        reach(&self.there, source)
    }

    /// How many neurons a destination neuron's error reaches.
    pub(super) fn fan_in(&self, destination: usize) -> usize {
        reach(&self.back, destination)
    }
}

fn reach(side: &Side, neuron: usize) -> usize {
    let place = neuron / side.from_channels;
    let (row, column) = (place / side.from_width, place % side.from_width);
    side.rows.leads(row) * side.columns.leads(column) * side.to_channels
}
