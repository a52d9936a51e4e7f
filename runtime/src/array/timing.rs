//! When things happen, in cycles since the start of the sample.
//!
//! The sequencer fetches and decodes an instruction in the cycles 0 and 1; from then on each one
//! starts in the cycle that [`Clock::now`] says. See `spidec_sequencer.v`, `spidec_scanner.v` and
//! `spidec_issue.v` for the registers behind each constant.

use spidec_ir::program::{EventSource, HAZARD, Scatter};
use spidec_ir::trace::{Counters, Stage};

/// Stages behind the one in which a slot is issued.
const PIPELINE: u64 = 5;

/// The cycle in which the current instruction starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    now: u64,
    /// Since when cycles belong to `stage`.
    since: u64,
    stage: Stage,
}

impl Clock {
    /// The first instruction is fetched in cycle 0, decoded in 1, and starts in 2.
    pub(super) fn start() -> Clock {
        Clock {
            now: 2,
            since: 0,
            stage: Stage::Input,
        }
    }

    /// An instruction starts: cycles count for its stage from now on.
    pub(super) fn begin(&mut self, stage: Stage, counters: &mut Counters) {
        counters.cycles[self.stage as usize] += self.now - self.since;
        self.since = self.now;
        self.stage = stage;
    }

    /// The sample ends with the cycle in which `end` starts.
    pub(super) fn end(&mut self, counters: &mut Counters) {
        counters.cycles[self.stage as usize] += self.now + 1 - self.since;
    }

    /// An instruction without work: the next one is decoded in the next cycle.
    pub(super) fn decode(&mut self) {
        self.now += 2;
    }

    /// A taken loop: the next one is fetched, then decoded.
    pub(super) fn jump(&mut self) {
        self.now += 3;
    }

    /// A pass: slots from the next cycle on; the next instruction starts when the last has left.
    pub(super) fn pass(&mut self, chunks: u32) {
        self.now += u64::from(chunks) + PIPELINE + 2;
    }

    /// When the `offset`-th chunk of a pass is in the last stage.
    pub(super) fn chunk_leaves(&self, offset: u32) -> u64 {
        self.now + 1 + u64::from(offset) + PIPELINE
    }

    /// Three cycles a class.
    pub(super) fn argmax(&mut self, classes: u32) {
        self.now += 3 * u64::from(classes) + 2;
    }

    /// A scatter. `words`: events in each word of the source; a constant has no words.
    pub(super) fn scatter(&mut self, scatter: &Scatter, words: &[u32]) {
        let chunks = u64::from(scatter.block.chunks);
        let period = chunks.max(u64::from(HAZARD));
        let mut event = Event::before(self.now, period);
        if scatter.source == EventSource::Constant {
            event.next(self.now + 1);
            self.now = event.begun + chunks + PIPELINE + 2;
            return;
        }
        // When the word's events can first be taken.
        let mut ready = self.now + 3;
        let mut any = false;
        for (k, &events) in words.iter().enumerate() {
            for _ in 0..events {
                event.next(ready);
                any = true;
            }
            if events > 0 {
                ready = event.taken + 1;
            } else if k + 1 < words.len() {
                ready += 1;
            }
        }
        let drained = if any {
            event.begun + chunks + PIPELINE + 1
        } else {
            0
        };
        self.now = ready.max(drained) + 1;
    }
}

/// The last event's way from the scanner to the loop generator.
struct Event {
    /// Taken out of its word.
    taken: u64,
    /// Moved on; its column's address is known a cycle later.
    moved: u64,
    /// Its first slot follows in the next cycle.
    begun: u64,
    period: u64,
    first: bool,
}

impl Event {
    fn before(now: u64, period: u64) -> Event {
        Event {
            taken: now,
            moved: now,
            begun: now,
            period,
            first: true,
        }
    }

    fn next(&mut self, ready: u64) {
        // Each register takes a new event in the cycle in which the one before leaves it.
        self.taken = ready.max(self.moved);
        if self.first {
            self.first = false;
            self.moved = self.taken + 1;
            self.begun = self.moved + 1;
        } else {
            self.moved = (self.taken + 1).max(self.begun);
            self.begun = (self.moved + 1).max(self.begun + self.period);
        }
    }
}
