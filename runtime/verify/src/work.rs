//! Where the cycles go, as a table.

use crate::run::Report;
use spidec_ir::trace::Stage;

/// Cycles: all; with a slot; slots weighed by their useful lanes; waiting for a chunk's sum; with a chunk
/// of a pass; looking for events; filling and emptying the pipeline; the rest: starts of instructions,
/// argmax, loss, noise.
const COLUMNS: [&str; 8] = [
    "cycles",
    "slots",
    "effective",
    "waits",
    "passes",
    "scan",
    "fill",
    "rest",
];

impl Report {
    /// Mean cycles a sample, a line a stage that took any, and one of their sums.
    pub fn work(&self) -> String {
        let heads = COLUMNS.map(|head| format!("{head:>10}")).concat();
        let mut text = format!("{:<9}{heads}\n", "stage");
        let mut all = [0.0; 8];
        for stage in Stage::ALL {
            let row = self.row(stage);
            if row[0] > 0.0 {
                text += &line(stage.name(), row);
            }
            for (sum, cycles) in all.iter_mut().zip(row) {
                *sum += cycles;
            }
        }
        text + &line("all", all)
    }

    fn row(&self, stage: Stage) -> [f64; 8] {
        let work = self.counters.stages[stage as usize];
        let idle = self.idle[stage as usize];
        let known = work.slots + work.waits + work.passes + idle.scan + idle.fill;
        let cycles = [
            work.cycles,
            work.slots,
            0,
            work.waits,
            work.passes,
            idle.scan,
            idle.fill,
            work.cycles - known,
        ];
        let samples = self.samples.max(1) as f64;
        let mut row = cycles.map(|n| n as f64 / samples);
        row[2] = work.useful as f64 / (samples * f64::from(self.lanes.max(1)));
        row
    }
}

fn line(name: &str, row: [f64; 8]) -> String {
    format!(
        "{name:<9}{}\n",
        row.map(|cycles| format!("{cycles:>10.1}")).concat()
    )
}
