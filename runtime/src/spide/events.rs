//! Events: values that are not zero, with their indices; one list for each sample that is read at
//! the same time.

use super::Real;
use std::num::NonZeroU32;

/// Index and value, which is not zero. Lists of these are in the order of their indices.
pub(super) type Event<F> = (u32, F);

/// The values that are not zero.
pub(super) fn events<F: Real>(values: &[F]) -> Vec<Event<F>> {
    (0..)
        .zip(values.iter().copied())
        .filter(|&(_, value)| value != F::ZERO)
        .collect()
}

/// Events of several samples, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Events<F> {
    list: Vec<Event<F>>,
    /// Where each sample's events end.
    ends: Vec<usize>,
    /// The places of `[height, width, channels]` that have events, sample by sample.
    places: Vec<Place>,
    place_ends: Vec<usize>,
    /// The shape's width and channels; one channel where it has none.
    width: u32,
    channels: u32,
}

/// A place that has events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) row: u32,
    pub(super) column: u32,
    /// The index of its first channel.
    pub(super) base: u32,
    /// Its events in the sample's list.
    pub(super) start: u32,
    pub(super) end: u32,
}

impl<F: Real> Events<F> {
    /// None yet, of samples of a shape.
    pub(super) fn new(shape: &spidec_ir::network::Shape) -> Events<F> {
        Events {
            list: Vec::new(),
            ends: Vec::new(),
            places: Vec::new(),
            place_ends: Vec::new(),
            width: shape.extents().map_or(1, |(_, width)| width),
            channels: shape.extents().map_or(0, |_| shape.channels() as u32),
        }
    }

    /// No samples.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.ends.clear();
        self.places.clear();
        self.place_ends.clear();
    }

    /// Adds a sample's events: `fill` appends them in order.
    #[inline(always)]
    pub(super) fn push(&mut self, fill: impl FnOnce(&mut Vec<Event<F>>)) {
        let start = self.list.len();
        fill(&mut self.list);
        self.ends.push(self.list.len());
        if let Some(channels) = NonZeroU32::new(self.channels) {
            let mut next = 0;
            for (k, &(index, _)) in (0..).zip(&self.list[start..]) {
                if index >= next {
                    let place = index / channels;
                    let base = place * self.channels;
                    next = base + self.channels;
                    self.places.push(Place {
                        row: place / self.width,
                        column: place % self.width,
                        base,
                        start: k,
                        end: k,
                    });
                }
                if let Some(place) = self.places.last_mut() {
                    place.end = k + 1;
                }
            }
        }
        self.place_ends.push(self.places.len());
    }

    /// The number of samples.
    pub(super) fn samples(&self) -> usize {
        self.ends.len()
    }

    /// A sample's events, none of one that was not added.
    #[inline(always)]
    pub(super) fn of(&self, sample: usize) -> &[Event<F>] {
        part(&self.list, &self.ends, sample)
    }

    /// The places of a sample that have events.
    #[inline(always)]
    pub(super) fn places(&self, sample: usize) -> &[Place] {
        part(&self.places, &self.place_ends, sample)
    }

    /// Whether there are none at all.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[inline(always)]
fn part<'a, T>(list: &'a [T], ends: &[usize], k: usize) -> &'a [T] {
    match ends.get(k) {
        Some(&end) => &list[if k == 0 { 0 } else { ends[k - 1] }..end],
        None => &[],
    }
}
