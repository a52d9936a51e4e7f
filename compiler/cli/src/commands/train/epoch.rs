//! What an epoch of training came to: said, and added to the log.

use super::Train;
use super::advice::short;
use super::course::Details;
use crate::clamps;
use crate::failure::Failure;
use crate::log::Log;
use crate::output::say;
use crate::progress;
use crate::sums::{Sums, Timed};
use serde_json::json;
use spidec_compiler::check::Checked;
use spidec_ir::trace::Stage;

/// One epoch's figures; of one that was gone on with, those of the samples since.
pub(crate) struct Epoch {
    pub number: u32,
    /// Samples of it that were trained before it was gone on with.
    pub before: u32,
    pub train: Timed,
    /// The training samples in parts, in order.
    pub parts: Vec<Timed>,
    pub test: Sums,
    pub(super) details: Details,
}

impl Epoch {
    /// Says it on standard output, and adds it to the log.
    pub fn tell(
        &self,
        arguments: &Train,
        checked: &Checked,
        log: Option<&mut Log>,
    ) -> Result<(), Failure> {
        let Details { clamps, counters } = &self.details;
        let (trained, tested) = (&self.train.sums, &self.test);
        let network = &checked.network;
        let rate = network.training.rate(self.number - 1);
        if arguments.json || log.is_some() {
            let mut line = json!({
                "epoch": self.number,
                "train_accuracy": trained.accuracy(),
                "train_loss": trained.mean_loss(),
                "train_samples": trained.samples,
                "rates": trained.rates_json(network),
                "test_accuracy": tested.accuracy(),
                "test_loss": tested.mean_loss(),
                "test_samples": tested.samples,
                "rate": rate,
                "seconds": self.train.seconds,
                "samples_per_second": self.train.speed(),
                "state": arguments.output,
            });
            if self.before > 0 {
                line["train_samples_before"] = json!(self.before);
            }
            if let Some(clamps) = clamps {
                line["clamped"] = clamps.json(checked);
            }
            if let Some((counters, on_array)) = counters {
                line["clamped"] = clamps::array_json(checked, on_array);
                line["cycles_per_sample"] =
                    json!(counters.total_cycles() as f64 / trained.samples as f64);
                let lanes = counters.total_cycles() as f64 * f64::from(checked.network.array.lanes);
                line["lane_use"] = json!(counters.total_useful() as f64 / lanes);
                line["counters"] = json!(counters);
                let stages = Stage::ALL.iter().zip(counters.stages);
                let stages = stages.map(|(stage, work)| (stage.name().to_string(), json!(work)));
                line["counters"]["stages"] = serde_json::Value::Object(stages.collect());
            }
            if let Some(log) = log {
                log.add(network, self, &line)?;
            }
            if arguments.json {
                return say!("{line}");
            }
        }
        let since = match self.before {
            0 => String::new(),
            before => format!(", without the first {before} samples: it was gone on with"),
        };
        say!(
            "epoch {}: training {:.2} % (as it learned{since}), test {:.2} % ({} of {}), rate {}, {:.1} s; state in {}",
            self.number,
            100.0 * trained.accuracy(),
            100.0 * tested.accuracy(),
            tested.correct,
            tested.samples,
            short(rate),
            self.train.seconds,
            arguments.output.display()
        )?;
        let populations: Vec<String> = network.populations.iter().map(|p| p.name.clone()).collect();
        say!(
            "  loss {:.4}, test {:.4}; {:.0} samples/s; {}",
            trained.mean_loss(),
            tested.mean_loss(),
            self.train.speed(),
            progress::rates(&populations, &self.train)
        )?;
        for line in clamps.iter().flat_map(|c| c.lines(checked)) {
            say!("  {line}")?;
        }
        if let Some((counters, on_array)) = counters {
            let cycles = counters.total_cycles() as f64;
            let lanes = cycles * f64::from(checked.network.array.lanes);
            say!(
                "  {:.1} cycles a sample, lane use {:.1} %",
                cycles / trained.samples.max(1) as f64,
                100.0 * counters.total_useful() as f64 / lanes
            )?;
            for line in clamps::array_lines(checked, on_array) {
                say!("  {line}")?;
            }
        }
        Ok(())
    }
}
