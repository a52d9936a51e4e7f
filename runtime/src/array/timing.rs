//! When things happen, in cycles since the start of the sample.
//!
//! The sequencer fetches and decodes an instruction in the cycles 0 and 1; from then on each one
//! starts in the cycle that [`Clock::now`] says. See `spidec_sequencer.v`, `spidec_scanner.v`,
//! `spidec_issue.v` and `spidec_array.v` for the registers behind each constant.

use spidec_ir::program::{HAZARD, LossUnit};
use spidec_ir::random::speck::ROUNDS;
use spidec_ir::trace::{Counters, Idle, Stage};

/// Stages behind the one in which a slot is issued: of a sum or pass, ...
const PIPELINE: u64 = 6;
/// ... of a latch, which rounds, ...
const LATCH_PIPELINE: u64 = 7;
/// ... and of an update.
const LEARN_PIPELINE: u64 = 8;

/// The cycle in which the current instruction starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    now: u64,
    /// From this cycle on no slot is under way.
    empty: u64,
    /// Since when cycles belong to `stage`.
    since: u64,
    stage: Stage,
    /// One a stage.
    pub idle: [Idle; 6],
}

/// How events become slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// Slots of an event.
    pub chunks: u32,
    /// An event adds to states: the next one waits for them.
    pub adds: bool,
    /// The next instruction waits until the last slot has left the pipeline.
    pub drain: bool,
}

impl Flow {
    /// Cycles that an event takes.
    pub fn period(self) -> u64 {
        let least = if self.adds { HAZARD } else { 1 };
        u64::from(self.chunks.max(least))
    }
}

impl Clock {
    /// The first instruction is fetched in cycle 0, decoded in 1, and starts in 2.
    pub fn start() -> Clock {
        Clock {
            now: 2,
            empty: 0,
            since: 0,
            stage: Stage::Input,
            idle: [Idle::default(); 6],
        }
    }

    /// An instruction starts: cycles count for its stage from now on.
    pub fn begin(&mut self, stage: Stage, counters: &mut Counters) {
        counters.stages[self.stage as usize].cycles += self.now - self.since;
        self.since = self.now;
        self.stage = stage;
    }

    /// The sample ends with the cycle in which `end` starts.
    pub fn end(&mut self, counters: &mut Counters) {
        counters.stages[self.stage as usize].cycles += self.now + 1 - self.since;
    }

    /// An instruction without work: the next one is decoded in the next cycle.
    pub fn decode(&mut self) {
        self.now += 2;
    }

    /// A taken loop or branch: the next one is fetched, then decoded.
    pub fn jump(&mut self) {
        self.now += 3;
    }

    /// A pass: slots from the next cycle on; the next instruction starts when the last has left.
    pub fn pass(&mut self, chunks: u32) {
        self.now += u64::from(chunks) + PIPELINE + 2;
        self.idle().fill += PIPELINE + 1;
    }

    /// A latch, as a pass.
    pub fn latch(&mut self, chunks: u32) {
        self.now += u64::from(chunks) + LATCH_PIPELINE + 2;
        self.idle().fill += LATCH_PIPELINE + 1;
    }

    /// When the `offset`-th chunk of a pass is in the last stage.
    pub fn chunk_leaves(&self, offset: u32) -> u64 {
        self.now + 1 + u64::from(offset) + PIPELINE
    }

    /// Four cycles a class.
    pub fn argmax(&mut self, classes: u32) {
        self.now += 4 * u64::from(classes) + 2;
    }

    /// The noise of a layer: a round a cycle.
    pub fn layer(&mut self) {
        self.now += u64::from(ROUNDS) + 2;
    }

    /// The errors of all classes: reading, dividing and storing, one after the other.
    pub fn loss(&mut self, unit: LossUnit, classes: u32, bits: u32, frac: u32) {
        let class = match unit {
            // Nine bits of distance and a table; then a probability of one bit more than its fraction.
            LossUnit::CrossEntropy => 19 + 9 + frac,
            LossUnit::MeanSquaredError => 10 + bits,
        };
        self.now += u64::from(classes * class) + 2;
    }

    /// One event of a constant.
    pub fn constant(&mut self, flow: Flow) {
        let mut event = Event::before(self.now, flow.period());
        event.next(self.now + 1);
        self.leave(flow, PIPELINE, self.now, 1, Some(event.begun));
    }

    /// Scans words, given how many events each has, and scatters the events.
    pub fn scatter(&mut self, flow: Flow, words: &[u32]) {
        let (ready, begun) = self.scan(flow, words);
        self.leave(flow, PIPELINE, ready, count(words), begun);
    }

    /// Scans words of errors and learns from the events.
    pub fn learn(&mut self, flow: Flow, words: &[u32]) {
        let (ready, begun) = self.scan(flow, words);
        self.leave(flow, LEARN_PIPELINE, ready, count(words), begun);
    }

    /// When the scanner is done, and when the last event began.
    fn scan(&self, flow: Flow, words: &[u32]) -> (u64, Option<u64>) {
        let mut event = Event::before(self.now, flow.period());
        // When the word's events can first be taken.
        let mut ready = self.now + 4;
        for (k, &events) in words.iter().enumerate() {
            for _ in 0..events {
                event.next(ready);
            }
            if events > 0 {
                ready = event.taken + 1;
            } else if k + 1 < words.len() {
                ready += 1;
            }
        }
        (ready, (!event.first).then_some(event.begun))
    }

    /// The next instruction starts when scanner and loop generator are done, and the pipeline is empty
    /// where it has to be.
    fn leave(&mut self, flow: Flow, pipeline: u64, ready: u64, events: u64, begun: Option<u64>) {
        let mut done = ready;
        // The cycle in which the last event's slots, and the wait behind them, are over.
        let mut over = None;
        if let Some(begun) = begun {
            over = Some(begun + flow.period() + 1);
            done = done.max(begun + flow.period() + 1);
            self.empty = begun + u64::from(flow.chunks) + pipeline + 1;
        }
        if flow.drain {
            done = done.max(self.empty);
        }
        // The first cycle is the instruction's start.
        let all = done - self.now;
        let fill = over.map_or(0, |over| done + 1 - over);
        let idle = self.idle();
        idle.fill += fill;
        idle.scan += all - fill - events * flow.period();
        self.now = done + 1;
    }

    fn idle(&mut self) -> &mut Idle {
        &mut self.idle[self.stage as usize]
    }
}

fn count(words: &[u32]) -> u64 {
    words.iter().map(|&events| u64::from(events)).sum()
}

/// The last event's way from the scanner to the loop generator.
struct Event {
    /// Taken out of its word.
    taken: u64,
    /// Moved on; its block and value are known a cycle later.
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

#[cfg(test)]
mod tests {
    use super::*;

    const ADDS: Flow = Flow {
        chunks: 2,
        adds: true,
        drain: true,
    };

    /// Cycles, scan, fill of one instruction that starts in cycle 2.
    fn spent(run: impl FnOnce(&mut Clock)) -> (u64, u64, u64) {
        let mut clock = Clock::start();
        run(&mut clock);
        let Idle { scan, fill } = clock.idle[Stage::Input as usize];
        (clock.now - 2, scan, fill)
    }

    #[test]
    fn idle_cycles_are_those_without_a_slot_or_wait() {
        // Its start, 10 chunks, 6 stages and one more.
        assert_eq!(spent(|clock| clock.pass(10)), (18, 0, 7));
        assert_eq!(spent(|clock| clock.latch(10)), (19, 0, 8));
        // Three words of no events: its start, and all else is looking.
        let (all, scan, fill) = spent(|clock| clock.scatter(ADDS, &[0, 0, 0]));
        assert_eq!((scan, fill), (all - 1, 0));
        // Three events of four cycles each, as the sums ask for.
        let (all, scan, fill) = spent(|clock| clock.scatter(ADDS, &[2, 0, 1]));
        assert_eq!(1 + 3 * 4 + scan + fill, all);
        assert!(scan > 0 && fill > 0);
        // Waiting for the last sum is filling; it is what a scatter without drain leaves out.
        let quick = Flow {
            drain: false,
            ..ADDS
        };
        let (without, same, less) = spent(|clock| clock.scatter(quick, &[2, 0, 1]));
        assert_eq!((same, all - without), (scan, fill - less));
    }
}
