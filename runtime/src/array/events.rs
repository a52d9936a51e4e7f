//! Scanning and scattering: events, and what they add.

use super::memories::Memories;
use spidec_ir::program::{Access, EventSource, Events, Scatter};

/// One event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub index: u32,
    pub integer: i32,
    /// It changes the current, not the state.
    pub held: bool,
}

/// The events of one scan, and how many each word has.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    pub events: Vec<Event>,
    pub words: Vec<u32>,
}

impl Scan {
    /// Collects the events of a source. `hold`: spike words tell which of them are held.
    pub fn read(&mut self, memories: &Memories, sample: &[u8], source: &Events, hold: bool) {
        self.events.clear();
        self.words.clear();
        match source.source {
            EventSource::Constant => self.push(0, 1),
            EventSource::Spikes => self.spikes(memories, source, hold),
            EventSource::Input => {
                let start = source.from as usize * memories.lanes;
                let values = sample.get(start..).unwrap_or_default();
                self.integers(memories.lanes, source.words, values, |&x| i32::from(x));
            }
            EventSource::Counts => {
                let counts = &memories.counts[memories.words(source)];
                self.integers(memories.lanes, source.words, counts, |&n| n as i32);
            }
            EventSource::Errors => {
                let errors = &memories.errors[memories.words(source)];
                self.integers(memories.lanes, source.words, errors, |&e| e);
            }
        }
    }

    fn push(&mut self, index: u32, integer: i32) {
        self.events.push(Event {
            index,
            integer,
            held: false,
        });
    }

    fn spikes(&mut self, memories: &Memories, source: &Events, hold: bool) {
        let chunks = source.from as usize..(source.from + source.words) as usize;
        for (base, chunk) in (0..).step_by(memories.lanes).zip(chunks) {
            let mut bits = memories.events[chunk];
            self.words.push(bits.count_ones());
            let spikes = memories.spikes[chunk];
            let once = spikes & !memories.held[chunk];
            while bits != 0 {
                let lane = bits.trailing_zeros();
                bits &= bits - 1;
                self.events.push(Event {
                    index: base + lane,
                    integer: if spikes >> lane & 1 == 1 { 1 } else { -1 },
                    held: hold && once >> lane & 1 == 0,
                });
            }
        }
    }

    fn integers<T>(&mut self, lanes: usize, words: u32, values: &[T], integer: impl Fn(&T) -> i32) {
        let mut all = (0..).zip(values.chunks(lanes));
        for _ in 0..words {
            let before = self.events.len();
            if let Some((word, values)) = all.next() {
                for (k, value) in (word * lanes as u32..).zip(values) {
                    let integer = integer(value);
                    if integer != 0 {
                        self.push(k, integer);
                    }
                }
            }
            self.words.push((self.events.len() - before) as u32);
        }
    }
}

impl Memories {
    /// Adds what events bring to states and currents.
    pub fn scatter(&mut self, scatter: &Scatter, events: &[Event]) {
        match (scatter.access, self.lanes) {
            (Access::Row, _) => self.scatter_rows(scatter, events),
            (Access::Column, 4) => self.scatter_columns::<4>(scatter, events),
            (Access::Column, 8) => self.scatter_columns::<8>(scatter, events),
            (Access::Column, 16) => self.scatter_columns::<16>(scatter, events),
            (Access::Column, _) => self.scatter_columns::<32>(scatter, events),
        }
    }

    fn scatter_columns<const P: usize>(&mut self, scatter: &Scatter, events: &[Event]) {
        let range = self.range(&scatter.block);
        for event in events {
            let value = scatter.factor.wrapping_mul(event.integer);
            let (chunk, lane) = (event.index / P as u32, event.index % P as u32);
            let first = self.column(scatter.weights + chunk * scatter.stride, lane);
            let sums = if event.held {
                &mut self.currents[range.clone()]
            } else {
                &mut self.states[range.clone()]
            };
            // One block further is `P * P` weights further.
            let columns = self.weights[first..].chunks(P * P);
            for (sums, column) in sums.as_chunks_mut::<P>().0.iter_mut().zip(columns) {
                for (sum, w) in sums.iter_mut().zip(&column[..P]) {
                    *sum = sum.wrapping_add(w.wrapping_mul(value));
                }
            }
        }
    }

    fn scatter_rows(&mut self, scatter: &Scatter, events: &[Event]) {
        let range = self.range(&scatter.block);
        let lanes = self.lanes;
        for event in events {
            let value = scatter.factor.wrapping_mul(event.integer);
            let (chunk, lane) = (event.index / lanes as u32, event.index as usize % lanes);
            let sums = self.states[range.clone()].chunks_mut(lanes);
            for (block, sums) in (scatter.weights + chunk..)
                .step_by(scatter.stride as usize)
                .zip(sums)
            {
                let first = block as usize * lanes * lanes + lane;
                let row = self.weights[first..].iter().step_by(lanes);
                for (sum, w) in sums.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(w.wrapping_mul(value));
                }
            }
        }
    }
}
