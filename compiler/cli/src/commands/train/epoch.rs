//! What an epoch of training came to: said, and added to the log.

use super::Train;
use super::advice::short;
use crate::clamps::{self, EpochClamps};
use crate::failure::Failure;
use crate::log::{Log, Tally};
use crate::output::say;
use serde_json::json;
use spidec_compiler::check::Checked;
use spidec_ir::trace::{Counters, Stage};
use spidec_runtime::array::ClampedOnArray;

/// One epoch's figures.
pub(super) struct Epoch {
    pub number: u32,
    pub train: Tally,
    pub test: Tally,
    /// Whether each population fired.
    pub fired: Vec<bool>,
    pub seconds: f64,
    /// Of fixed point.
    pub clamps: Option<EpochClamps>,
    /// Of the array.
    pub counters: Option<(Counters, ClampedOnArray)>,
}

impl Epoch {
    /// Says it on standard output, and adds it to the log.
    pub fn tell(
        &self,
        arguments: &Train,
        checked: &Checked,
        log: Option<&mut Log>,
    ) -> Result<(), Failure> {
        let (trained, tested) = (self.train.score(), self.test.score());
        let share = |(correct, all): (usize, usize)| correct as f64 / all.max(1) as f64;
        let rate = checked.network.training.rate(self.number - 1);
        if arguments.json || log.is_some() {
            let mut line = json!({
                "epoch": self.number,
                "train_accuracy": share(trained),
                "train_loss": self.train.loss(),
                "test_accuracy": share(tested),
                "test_loss": self.test.loss(),
                "test_samples": tested.1,
                "rate": rate,
                "seconds": self.seconds,
                "state": arguments.output,
            });
            if let Some(clamps) = &self.clamps {
                line["clamped"] = clamps.json(checked);
            }
            if let Some((counters, on_array)) = &self.counters {
                line["clamped"] = clamps::array_json(checked, on_array);
                line["cycles_per_sample"] =
                    json!(counters.total_cycles() as f64 / trained.1 as f64);
                let lanes = counters.total_cycles() as f64 * f64::from(checked.network.array.lanes);
                line["lane_use"] = json!(counters.total_useful() as f64 / lanes);
                line["counters"] = json!(counters);
                let stages = Stage::ALL.iter().zip(counters.stages);
                let stages = stages.map(|(stage, work)| (stage.name().to_string(), json!(work)));
                line["counters"]["stages"] = serde_json::Value::Object(stages.collect());
            }
            if let Some(log) = log {
                log.add(&line, &self.train)?;
            }
            if arguments.json {
                return say!("{line}");
            }
        }
        say!(
            "epoch {}: training {:.2} % (as it learned), test {:.2} % ({} of {}), rate {}, {:.1} s; state in {}",
            self.number,
            100.0 * share(trained),
            100.0 * share(tested),
            tested.0,
            tested.1,
            short(rate),
            self.seconds,
            arguments.output.display()
        )?;
        for line in self.clamps.iter().flat_map(|c| c.lines(checked)) {
            say!("  {line}")?;
        }
        if let Some((counters, on_array)) = &self.counters {
            let cycles = counters.total_cycles() as f64;
            let lanes = cycles * f64::from(checked.network.array.lanes);
            say!(
                "  {:.1} cycles a sample, lane use {:.1} %",
                cycles / trained.1.max(1) as f64,
                100.0 * counters.total_useful() as f64 / lanes
            )?;
            for line in clamps::array_lines(checked, on_array) {
                say!("  {line}")?;
            }
        }
        Ok(())
    }
}
