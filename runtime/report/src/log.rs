//! A training's log: a line of JSON an epoch, as `spidec train --log` writes it.

use serde::{Deserialize, Serialize};
use spidec_ir::Network;
use std::collections::BTreeMap;

/// One epoch of a training. Other keys of its line are left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    #[serde(rename = "epoch")]
    pub number: u32,
    /// The share of training samples that were right when their turn came.
    pub train_accuracy: f64,
    /// Mean unscaled loss of the training samples, each before it is learned from.
    #[serde(default)]
    pub train_loss: Option<f64>,
    /// The share of test samples that are right after the epoch.
    pub test_accuracy: f64,
    /// Mean unscaled loss of the test samples after the epoch.
    #[serde(default)]
    pub test_loss: Option<f64>,
    /// How often populations fired while they learned.
    #[serde(default)]
    pub rates: EpochRates,
    /// Training samples of it that this log does not tell of: they were trained before it was gone on with.
    #[serde(
        default,
        rename = "train_samples_before",
        skip_serializing_if = "is_none"
    )]
    pub before: u64,
    /// The rest of the epoch in parts, in order.
    #[serde(default)]
    pub progress: Vec<Window>,
}

/// Serde asks by reference.
fn is_none(samples: &u64) -> bool {
    *samples == 0
}

/// Firing rates of an epoch's training samples by population: spikes of either sign a neuron and step. What the
/// engine does not count is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRates {
    /// Of the forward stage.
    #[serde(default)]
    pub forward: BTreeMap<String, f64>,
    /// Of the backward stage.
    #[serde(default)]
    pub backward: BTreeMap<String, f64>,
}

/// Training samples that followed one another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// How many.
    pub samples: u64,
    /// The share of them that was right.
    pub accuracy: f64,
    /// Their mean unscaled loss.
    #[serde(default)]
    pub loss: Option<f64>,
}

/// What is said about the codes, beside the errors themselves: code, kind of mistake, rule, lines with the mistake
/// and without.
pub const LOG_CODES: [[&str; 5]; 2] = [
    [
        "L001",
        "a line of a training's log that is no epoch",
        "A log has a line of JSON an epoch, with `epoch`, from 1 and rising, `train_accuracy` and `test_accuracy` from 0 to \
     1, as `spidec train --log` writes it. Train again, or take the line out.",
        r#"{"epoch": 1, "train_accuracy": 75, "test_accuracy": 90}"#,
        r#"{"epoch": 1, "train_accuracy": 0.75, "test_accuracy": 0.9}"#,
    ],
    [
        "L002",
        "a log of another network's training",
        "A log names the populations whose firing rates it tells; they must be the network's. Name the log of this network's \
     training, or the network that the log is of.",
        "spidec report digits.fsnn --log mnist.jsonl -o report",
        "spidec report digits.fsnn --log digits.jsonl -o report",
    ],
];

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LogError {
    /// From 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl LogError {
    /// The error's code, `L001`; it stays what it is.
    pub fn code(&self) -> &'static str {
        LOG_CODES[0][0]
    }
}

/// A log that tells firing rates of populations that a network has not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "epoch {epoch} tells how often {population} fired, and the network {network} has no such population: the log is of another network's training; name this one's"
)]
pub struct ForeignLog {
    epoch: u32,
    population: String,
    network: String,
}

impl ForeignLog {
    /// The error's code, `L002`; it stays what it is.
    pub fn code(&self) -> &'static str {
        LOG_CODES[1][0]
    }
}

/// Whether a log is of a network, as far as its populations' names tell.
///
/// # Errors
/// [`ForeignLog`], of the first population that the network has not.
pub fn log_is_of(network: &Network, log: &[Epoch]) -> Result<(), ForeignLog> {
    let known = |name: &String| network.populations.iter().any(|p| p.name == *name);
    let foreign = log.iter().find_map(|epoch| {
        let EpochRates { forward, backward } = &epoch.rates;
        let name = forward
            .keys()
            .chain(backward.keys())
            .find(|name| !known(name))?;
        Some((epoch.number, name.clone()))
    });
    match foreign {
        None => Ok(()),
        Some((epoch, population)) => Err(ForeignLog {
            epoch,
            population,
            network: network.name.clone(),
        }),
    }
}

/// Reads a log, which may be empty. Empty lines are passed over.
///
/// # Errors
/// The first line that is no epoch, has a number out of range, or comes no later than the one before.
pub fn parse_log(text: &str) -> Result<Vec<Epoch>, LogError> {
    let mut epochs: Vec<Epoch> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let wrong = |problem: String| LogError { line, problem };
        let epoch: Epoch = serde_json::from_str(text).map_err(|e| {
            // Its own place is within this line.
            let problem = e.to_string();
            let problem = problem.split(" at line ").next().unwrap_or_default();
            wrong(format!("column {}: {problem}", e.column()))
        })?;
        if let Some(problem) = epoch.problem() {
            return Err(wrong(problem));
        }
        if let Some(before) = epochs.last().filter(|e| e.number >= epoch.number) {
            let (now, before) = (epoch.number, before.number);
            return Err(wrong(format!("epoch {now} comes after epoch {before}")));
        }
        epochs.push(epoch);
    }
    Ok(epochs)
}

impl Epoch {
    fn problem(&self) -> Option<String> {
        let windows = self.progress.iter();
        let accuracies = windows.clone().map(|w| w.accuracy);
        let losses = windows.clone().filter_map(|w| w.loss);
        let wrong = [self.train_accuracy, self.test_accuracy]
            .into_iter()
            .chain(accuracies)
            .find(|accuracy| !(0.0..=1.0).contains(accuracy));
        if let Some(wrong) = wrong {
            return Some(format!("an accuracy of {wrong} is not from 0 to 1"));
        }
        let wrong = [self.train_loss, self.test_loss].into_iter().flatten();
        let wrong = wrong
            .chain(losses)
            .find(|loss| !(0.0..=f64::MAX).contains(loss));
        if let Some(wrong) = wrong {
            return Some(format!("a loss of {wrong} is not from 0 on"));
        }
        let EpochRates { forward, backward } = &self.rates;
        let rates = forward.values().chain(backward.values());
        let mut wrong = rates.filter(|rate| !(0.0..=f64::MAX).contains(*rate));
        if let Some(wrong) = wrong.next() {
            return Some(format!("a firing rate of {wrong} is not from 0 on"));
        }
        if self.number == 0 {
            return Some("epochs count from 1".to_string());
        }
        if windows.clone().any(|w| w.samples == 0) {
            return Some("a part of the epoch has no samples".to_string());
        }
        let mut all = windows.map(|w| w.samples).chain([self.before]);
        let sum = all.try_fold(0_u64, |sum, samples| sum.checked_add(samples));
        sum.is_none()
            .then(|| "the epoch has more samples than can be counted".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"epoch": 2, "train_accuracy": 0.5, "test_accuracy": 0.75, "seconds": 1.5,
        "progress": [{"samples": 3, "accuracy": 0.5, "loss": 2.0}]}"#;

    fn line() -> String {
        LINE.replace('\n', "")
    }

    #[test]
    fn epochs_are_read_with_what_else_their_lines_hold() {
        let text = format!("\n{}\n\n{}\n", line(), line().replace("2,", "3,"));
        let epochs = parse_log(&text).unwrap();
        assert_eq!(epochs.len(), 2);
        assert_eq!((epochs[1].number, epochs[0].progress[0].samples), (3, 3));
        assert_eq!(epochs[0].train_loss, None);
        assert_eq!(parse_log("").unwrap(), []);
        assert_eq!(epochs[0].before, 0);
        let resumed = line().replace("1.5,", "1.5, \"train_samples_before\": 640,");
        assert_eq!(parse_log(&resumed).unwrap()[0].before, 640);
    }

    #[test]
    fn populations_of_another_network_are_told() {
        let network = crate::testing::network(3, 2);
        let name = network.populations[0].name.clone();
        let log = |name: &str| {
            let rates = format!("1.5, \"rates\": {{\"forward\": {{\"{name}\": 0.5}}}},");
            parse_log(&line().replace("1.5,", &rates)).unwrap()
        };
        assert_eq!(log_is_of(&network, &log(&name)), Ok(()));
        let error = log_is_of(&network, &log("stranger")).unwrap_err();
        assert_eq!(error.code(), "L002");
        assert!(
            error
                .to_string()
                .starts_with("epoch 2 tells how often stranger fired")
        );
        // Rates that are not told say nothing.
        assert_eq!(log_is_of(&network, &parse_log(&line()).unwrap()), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (old, new, wanted) in [
            (
                "{\"epoch\"",
                "{epoch",
                "line 3: column 2: key must be a string",
            ),
            ("\"test_accuracy\"", "\"best\"", "line 3: column "),
            ("0.75", "1.25", "line 3: an accuracy of 1.25"),
            ("2.0", "-2.0", "line 3: a loss of -2"),
            (
                "1.5,",
                "1.5, \"rates\": {\"backward\": {\"a\": -0.5}},",
                "line 3: a firing rate of -0.5",
            ),
            ("0.75", "0.75, \"test_loss\": -1", "line 3: a loss of -1"),
            (
                "1.5,",
                "1.5, \"train_samples_before\": 18446744073709551615,",
                "line 3: the epoch has more samples",
            ),
            (
                "\"epoch\": 2",
                "\"epoch\": 0",
                "line 3: epochs count from 1",
            ),
            (
                "\"epoch\": 2",
                "\"epoch\": 1",
                "line 3: epoch 1 comes after epoch 1",
            ),
            ("\"samples\": 3", "\"samples\": 0", "line 3: a part"),
        ] {
            let first = line().replace("\"epoch\": 2", "\"epoch\": 1");
            let text = format!("{first}\n\n{}\n", line().replace(old, new));
            let error = parse_log(&text).unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{error}");
        }
    }
}
