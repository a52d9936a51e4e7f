//! Events: values that are not zero, with their indices; one list for each sample that is read at
//! the same time.

use super::Real;
use spidec_ir::network::Shape;

/// Index and value, which is not zero. Lists of these are in the order of their indices.
pub(super) type Event<F> = (u32, F);

/// The values that are not zero.
pub(super) fn events<F: Real>(values: &[F]) -> Vec<Event<F>> {
    let mut events = Vec::with_capacity(values.len());
    add_events(&mut events, values);
    events
}

/// Adds the values that are not zero to a list.
pub(super) fn add_events<F: Real>(list: &mut Vec<Event<F>>, values: &[F]) {
    let events = (0..).zip(values.iter().copied());
    list.extend(events.filter(|&(_, value)| value != F::ZERO));
}

/// Events of several samples, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Events<F> {
    list: Vec<Event<F>>,
    /// Where each sample's events end.
    ends: Vec<usize>,
    /// Whether every value is one.
    ones: bool,
    places: Places,
    /// Of each sample with many events where those of each place start, and where all end.
    starts: Vec<u32>,
    start_ends: Vec<usize>,
}

/// The places of `[height, width, channels]`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    count: usize,
    channels: u32,
}

impl Places {
    pub(super) fn of(shape: &Shape) -> Places {
        let (height, width) = shape.extents().unwrap_or((0, 0));
        Places {
            count: height as usize * width as usize,
            channels: shape.channels() as u32,
        }
    }
}

impl<F: Real> Events<F> {
    /// None yet, of samples that kernels read by these places; by none where no kernel does.
    pub(super) fn new(places: Places) -> Events<F> {
        Events {
            places,
            ..Events::default()
        }
    }

    /// Says whether every value that is pushed from here on is one: what need not be multiplied.
    pub(super) fn hold_ones(&mut self, ones: bool) {
        self.ones = ones;
    }

    /// Whether every value is one.
    pub(super) fn are_ones(&self) -> bool {
        self.ones
    }

    /// No samples.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.ends.clear();
        self.starts.clear();
        self.start_ends.clear();
    }

    /// Adds a sample's events: `fill` appends them in order.
    #[inline(always)]
    pub(super) fn push(&mut self, fill: impl FnOnce(&mut Vec<Event<F>>)) {
        let start = self.list.len();
        fill(&mut self.list);
        self.ends.push(self.list.len());
        let (list, Places { count, channels }) = (&self.list[start..], self.places);
        debug_assert!(!self.ones || list.iter().all(|&(_, value)| value == F::ONE));
        // Where a place has less than an event on average, each event is looked at by itself.
        if count > 0 && list.len() >= count {
            let before = self.starts.len();
            self.starts.resize(before + count + 1, 0);
            let starts = &mut self.starts[before..];
            for (index, _) in list {
                starts[(index / channels.max(1)) as usize + 1] += 1;
            }
            let mut sum = 0;
            for start in starts {
                sum += *start;
                *start = sum;
            }
        }
        self.start_ends.push(self.starts.len());
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

    /// Where the events of each of a sample's places start, and where the last one's end; empty where
    /// events are few or no kernel reads them.
    #[inline(always)]
    pub(super) fn starts(&self, sample: usize) -> &[u32] {
        part(&self.starts, &self.start_ends, sample)
    }

    /// The number of all samples' events.
    pub(super) fn len(&self) -> usize {
        self.list.len()
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
