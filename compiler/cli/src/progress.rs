//! Progress on standard error, where that is a terminal.

use crate::sums::{Tally, Timed};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use spidec_ir::Network;
use std::time::{Duration, Instant};

/// A bar over `total` steps. It hides itself where standard error is no terminal.
pub(crate) fn bar(total: usize, what: &str) -> ProgressBar {
    styled(total, what, "{msg} {wide_bar} {pos}/{len}, {eta} left")
}

fn styled(total: usize, what: &str, style: &str) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_string());
    bar.set_message(what.to_string());
    bar
}

/// How often a training's line is written anew.
const OFTEN: Duration = Duration::from_millis(100);

/// The line of a training epoch: where it is, what it came to so far, how fast, how long still.
pub(crate) struct Training {
    bar: ProgressBar,
    populations: Vec<String>,
    /// Samples done before this began.
    before: u64,
    /// Samples of the epoch.
    total: u64,
    /// Epochs after this one.
    later: u64,
    /// How long the test after an epoch takes, as far as that is known.
    testing: Duration,
    written: Instant,
}

impl Training {
    /// Begins epoch `number` of `last`, `within` samples of whose `total` are done.
    pub fn begin(
        network: &Network,
        (number, last): (u32, u32),
        (within, total): (u32, usize),
        testing: Duration,
    ) -> Self {
        let what = format!("epoch {number}/{last}");
        let bar = styled(total, &what, "{prefix} {bar:10} {percent} %: {wide_msg}");
        bar.set_message("");
        bar.set_position(u64::from(within));
        Training {
            bar,
            populations: network.populations.iter().map(|p| p.name.clone()).collect(),
            before: u64::from(within),
            total: total as u64,
            later: u64::from(last - number),
            testing,
            written: Instant::now(),
        }
    }

    /// Shows what the samples so far came to.
    pub fn reach(&mut self, tally: &Tally) {
        if self.bar.is_hidden() || self.written.elapsed() < OFTEN {
            return;
        }
        self.written = Instant::now();
        let all = tally.all();
        self.bar.set_position(self.before + all.sums.samples);
        self.bar.set_message(self.line(&all));
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// What a narrow terminal cuts off comes last.
    fn line(&self, all: &Timed) -> String {
        let left = |samples: u64, tests: u64| {
            let training = samples as f64 / all.speed().max(1e-6);
            let seconds = training + tests as f64 * self.testing.as_secs_f64();
            HumanDuration(Duration::from_secs(seconds.min(1e9) as u64))
        };
        let here = self.total.saturating_sub(self.before + all.sums.samples);
        let later = match self.later {
            0 => String::new(),
            epochs => format!(
                ", {:#} in all",
                left(here + epochs * self.total, 1 + epochs)
            ),
        };
        format!(
            "{:#} left{later}; loss {:.3}, {:.1} % right; {:.0} samples/s; {}",
            left(here, 0),
            all.sums.mean_loss(),
            100.0 * all.sums.accuracy(),
            all.speed(),
            rates(&self.populations, all),
        )
    }
}

/// Most populations whose rates are written out.
const NAMED: usize = 3;

/// The rates of each population, forward and, where it is counted, backward.
pub(crate) fn rates(populations: &[String], timed: &Timed) -> String {
    let rates = timed.sums.rates();
    let one = |(k, name): (usize, &String)| {
        let rate = |rates: &[f64]| rates.get(k).map(|rate| format!("{rate:.3}"));
        let both = [rate(&rates.forward), rate(&rates.backward)];
        let both: Vec<String> = both.into_iter().flatten().collect();
        format!("{name} {}", both.join("/"))
    };
    let mut all: Vec<String> = populations.iter().enumerate().map(one).collect();
    if all.len() > NAMED {
        all.truncate(NAMED);
        all.push("...".to_string());
    }
    format!("rates {}", all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sums::Sums;

    #[test]
    fn the_line_tells_all_and_the_time_that_is_left() {
        let shown = Training {
            bar: ProgressBar::hidden(),
            populations: ["a", "b", "c", "d"].map(str::to_string).to_vec(),
            before: 100,
            total: 1000,
            later: 2,
            testing: Duration::from_secs(4),
            written: Instant::now(),
        };
        let all = Timed {
            sums: Sums {
                samples: 300,
                correct: 150,
                loss: 600.0,
                forward: vec![30.0, 60.0, 0.0, 0.0],
                backward: vec![3.0],
            },
            seconds: 3.0,
        };
        // 600 samples are left of this epoch, 2,600 in all, at 100 a second, and three tests.
        assert_eq!(
            shown.line(&all),
            "6s left, 38s in all; loss 2.000, 50.0 % right; 100 samples/s; rates a 0.100/0.010 b 0.200 c 0.000 ..."
        );
    }
}
