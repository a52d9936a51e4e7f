//! What is said of a training that will hardly learn: before it, and after its first epochs.

use super::epoch::Epoch;
use crate::chance::Chance;
use crate::output::note;
use crate::sums::Sums;
use spidec_compiler::check::Checked;
use spidec_data::Data;
use spidec_ir::network::Schedule;
use std::cmp::Ordering;
use std::ops::Range;

/// Where the largest input lies, times the scale, for a scale that may be meant.
const INPUTS: std::ops::RangeInclusive<f64> = 0.125..=8.0;

/// Warns of a scale that does not bring the values to about 1.
pub(super) fn scale(checked: &Checked, data: &Data) {
    let Data::Constant(data) = data else {
        return;
    };
    let input = &checked.network.input;
    let values = data.samples().flat_map(|(sample, _)| sample);
    let most = values.copied().max().unwrap_or(0);
    // What is shifted and divided is meant to be elsewhere.
    let Some(scale) = input.plain_scale() else {
        return;
    };
    let scaled = f64::from(most) * scale.value();
    if most == 0 || INPUTS.contains(&scaled) {
        return;
    }
    let better = match u32::from(most).next_power_of_two() {
        1 => "1".to_string(),
        power => format!("1/{power}"),
    };
    note!(
        "spidec: warning: values of the training data reach {most}; times the scale of the input {} (line {}) that is \
         {}, where about 1 is wanted: write `constant(scale = {better})`",
        input.name,
        checked.lines.input,
        short(scaled)
    );
}

/// The share of the first rate below which little is learned.
const LITTLE: f64 = 0.01;

/// Notes epochs, counted from 0, whose rate the schedule leaves hardly anything of, and a cosine of another length.
pub(super) fn schedule(checked: &Checked, epochs: Range<u32>) {
    let training = &checked.network.training;
    let little = LITTLE * training.rate(0);
    let last = epochs.end;
    if let Schedule::Cosine { epochs } = training.schedule {
        let line = checked.lines.entries.get("schedule").copied();
        if let Some(said) = cosine(epochs, last, training.rate(last.saturating_sub(1))) {
            let line = line.map_or(String::new(), |line| format!(" (line {line})"));
            note!(
                "spidec: note: the schedule cosine(epochs = {epochs}){line} {said}; for {last} epochs write \
                 `schedule = cosine(epochs = {last})`"
            );
        }
        return;
    }
    let Some(epoch) = { epochs }.find(|&epoch| training.rate(epoch) < little) else {
        return;
    };
    let given = match checked.lines.entries.get("schedule") {
        Some(line) => format!("line {line}"),
        None => "the default".to_string(),
    };
    let schedule = match &training.schedule {
        Schedule::Step { every, factor } => format!(" step(every = {every}, factor = {factor})"),
        _ => String::new(),
    };
    note!(
        "spidec: note: the schedule{schedule} ({given}) leaves less than 1/100 of the rate from epoch {} on; for {last} \
         epochs write `schedule = step(every = {}, factor = 0.5)` or `schedule = constant`",
        epoch + 1,
        last.div_ceil(HALVINGS)
    );
}

/// What is said of half a cosine of other length than the training; `rate` is that of the last epoch.
fn cosine(epochs: u32, last: u32, rate: f64) -> Option<String> {
    match epochs.cmp(&last) {
        Ordering::Equal => None,
        Ordering::Less => Some(format!(
            "ends before the training: the rate is 0 from epoch {} on",
            epochs + 1
        )),
        Ordering::Greater => Some(format!(
            "ends after the training: epoch {last}, the last now, still has a rate of {}; `--resume --epochs {epochs}` goes \
             on to its end",
            short(rate)
        )),
    }
}

/// How often the rate is halved in a training, and more than a hundredth of it left.
const HALVINGS: u32 = 6;

/// Samples after which a network that learns is better than guessing.
const ENOUGH: usize = 1000;

/// Warns once of a training that is no better than guessing.
pub(super) struct Stuck {
    chance: [Chance; 2],
    /// Samples trained.
    seen: usize,
    last: u32,
    judged: bool,
}

impl Stuck {
    /// `last`: the number of the last epoch.
    pub fn new(train: &Data, test: &Data, last: u32) -> Stuck {
        Stuck {
            chance: [train, test].map(|data| Chance::of(data.labels())),
            seen: 0,
            last,
            judged: false,
        }
    }

    /// Judges the first epoch after which enough was seen, at the latest the last.
    pub fn after(&mut self, checked: &Checked, epoch: &Epoch) {
        let [trained, tested] = [&epoch.train.sums, &epoch.test];
        self.seen += trained.samples as usize;
        if self.judged || self.seen < ENOUGH && epoch.number < self.last {
            return;
        }
        self.judged = true;
        // What never fires is told elsewhere.
        let silent = trained.rates().forward.contains(&0.0);
        let [train, test] = &self.chance;
        let right = |sums: &Sums| sums.correct as usize;
        if silent || !train.explains(right(trained)) || !test.explains(right(tested)) {
            return;
        }
        let line = checked.lines.entries.get("update");
        note!(
            "spidec: warning: after epoch {} it is not clearly better than guessing: {:.2} % of the test samples are right, and \
             {:.2} % by always naming the commonest label; try another rate than {}{}, often a smaller one, an `init` of \
             another std, or more epochs ({} samples were seen)",
            epoch.number,
            100.0 * tested.accuracy(),
            100.0 * test.share(),
            checked.network.training.update.rate,
            line.map_or(String::new(), |line| format!(" (line {line})")),
            self.seen
        );
    }
}

/// A positive number with three digits.
pub(super) fn short(number: f64) -> String {
    let tens = number.abs().log10().floor();
    let decimals = (2.0 - tens).clamp(0.0, 17.0) as usize;
    let text = format!("{number:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (number, text) in [
            (0.02, "0.02"),
            (0.02 * 0.1, "0.002"),
            (0.00015625, "0.000156"),
            (15.9375, "15.9"),
            (2.0, "2"),
            (120.0, "120"),
            (1234.5, "1234"),
            (0.0625, "0.0625"),
            (0.0, "0"),
        ] {
            assert_eq!(short(number), text);
        }
    }
}
