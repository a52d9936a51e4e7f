//! What samples came to, added up.

use serde_json::{Map, Value, json};
use spidec_ir::Network;
use spidec_ir::fixed::forward_one;
use spidec_runtime::spide::{self, Answer, Progress, Rates, sample_loss};
use std::ops::{AddAssign, Sub};
use std::time::Instant;

/// Samples of a part of an epoch, at least.
const PART: u64 = 256;

/// A mean loss that only a diverged training has.
const BEYOND: f64 = 1e6;

/// Sums over samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    pub samples: u64,
    /// Samples whose prediction was right.
    pub correct: u64,
    /// Unscaled losses.
    pub loss: f64,
    /// Firing rates: spikes a neuron and step, one a population.
    pub forward: Vec<f64>,
    /// The same of the backward stage, of either sign; empty where the engine does not count them.
    pub backward: Vec<f64>,
}

impl Sums {
    /// Of one sample of fixed point or the array, by its logits and the spikes of each population.
    pub fn of_integers(
        network: &Network,
        logits: &[i32],
        right: bool,
        label: usize,
        spikes: impl Iterator<Item = u64>,
    ) -> Sums {
        Sums {
            samples: 1,
            correct: u64::from(right),
            loss: loss(network, logits, label),
            forward: rates(network, spikes),
            backward: Vec::new(),
        }
    }

    /// Of one sample that floating point answered.
    pub fn of_answer(network: &Network, answer: &Answer) -> Sums {
        Sums {
            samples: 1,
            correct: u64::from(answer.prediction == answer.label),
            loss: answer.loss,
            forward: rates(network, answer.spikes.iter().copied()),
            backward: Vec::new(),
        }
    }

    /// Of all samples that floating point has trained so far.
    pub fn of_progress(progress: &Progress) -> Sums {
        let samples = progress.done as f64;
        let sum = |rates: &[f64]| rates.iter().map(|rate| rate * samples).collect();
        Sums {
            samples: progress.done as u64,
            correct: progress.correct as u64,
            loss: progress.loss * samples,
            forward: sum(&progress.rates.forward),
            backward: sum(&progress.rates.backward),
        }
    }

    fn mean(&self, sum: f64) -> f64 {
        let mean = sum / self.samples.max(1) as f64;
        // A difference of sums may round below 0; what is no number stays none.
        if mean < 0.0 { 0.0 } else { mean }
    }

    /// The share of samples that were right.
    pub fn accuracy(&self) -> f64 {
        self.mean(self.correct as f64)
    }

    /// The mean loss.
    pub fn mean_loss(&self) -> f64 {
        self.mean(self.loss)
    }

    /// Whether the loss is no number any more, or beyond anything that is learned from.
    pub fn diverged(&self) -> bool {
        !self.loss.is_finite() || self.loss > BEYOND * self.samples as f64
    }

    /// The mean firing rates.
    pub fn rates(&self) -> Rates {
        let means = |sums: &[f64]| sums.iter().map(|&sum| self.mean(sum)).collect();
        Rates {
            forward: means(&self.forward),
            backward: means(&self.backward),
        }
    }

    /// The mean firing rates by stage and population; stages that are not counted are left out.
    pub fn rates_json(&self, network: &Network) -> Value {
        let Rates { forward, backward } = self.rates();
        let stages = [("forward", forward), ("backward", backward)];
        let stages = stages.into_iter().filter(|(_, rates)| !rates.is_empty());
        let named = |rates: Vec<f64>| -> Map<String, Value> {
            let populations = network.populations.iter().zip(rates);
            populations
                .map(|(population, rate)| (population.name.clone(), json!(rate)))
                .collect()
        };
        let stages = stages.map(|(name, rates)| (name.to_string(), named(rates).into()));
        Value::Object(stages.collect())
    }
}

/// Spikes a neuron and step of the forward stage of one sample.
fn rates(network: &Network, spikes: impl Iterator<Item = u64>) -> Vec<f64> {
    spide::rates(network, spikes, network.training.forward.steps, 1)
}

/// Logits of fixed point, the array or hardware as real numbers.
pub(crate) fn real(network: &Network, logits: &[i32]) -> Vec<f64> {
    let one = f64::from(forward_one(network, network.readout.source));
    let unit = one * f64::from(network.array.weight.frac).exp2();
    logits.iter().map(|&z| f64::from(z) / unit).collect()
}

/// The unscaled loss of a sample of fixed point, the array or hardware by its logits.
pub(crate) fn loss(network: &Network, logits: &[i32], label: usize) -> f64 {
    sample_loss(network.training.loss.kind, &real(network, logits), label)
}

/// Adds or subtracts element by element; a list that is not there yet is one of zeros.
fn each(a: &[f64], b: &[f64], both: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let at = |list: &[f64], k: usize| list.get(k).copied().unwrap_or(0.0);
    let places = 0..a.len().max(b.len());
    places.map(|k| both(at(a, k), at(b, k))).collect()
}

impl AddAssign<&Sums> for Sums {
    fn add_assign(&mut self, other: &Sums) {
        self.samples += other.samples;
        self.correct += other.correct;
        self.loss += other.loss;
        self.forward = each(&self.forward, &other.forward, |a, b| a + b);
        self.backward = each(&self.backward, &other.backward, |a, b| a + b);
    }
}

impl Sub<&Sums> for &Sums {
    type Output = Sums;

    fn sub(self, other: &Sums) -> Sums {
        Sums {
            samples: self.samples - other.samples,
            correct: self.correct - other.correct,
            loss: self.loss - other.loss,
            forward: each(&self.forward, &other.forward, |a, b| a - b),
            backward: each(&self.backward, &other.backward, |a, b| a - b),
        }
    }
}

/// Samples that followed one another, and how long they took.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    pub sums: Sums,
    pub seconds: f64,
}

impl Timed {
    /// Samples a second.
    pub fn speed(&self) -> f64 {
        self.sums.samples as f64 / self.seconds.max(1e-9)
    }
}

/// What an epoch's training samples came to so far, in all and in parts.
pub(crate) struct Tally {
    all: Sums,
    /// Of the part at hand.
    part: Sums,
    parts: Vec<Timed>,
    began: Instant,
    /// When the part at hand began.
    since: Instant,
}

impl Tally {
    /// Begins now.
    pub fn begin() -> Tally {
        let now = Instant::now();
        Tally {
            all: Sums::default(),
            part: Sums::default(),
            parts: Vec::new(),
            began: now,
            since: now,
        }
    }

    /// Adds samples.
    pub fn add(&mut self, sums: &Sums) {
        self.all += sums;
        self.part += sums;
        if self.part.samples >= PART {
            self.end_part();
        }
    }

    fn end_part(&mut self) {
        let now = Instant::now();
        self.parts.push(Timed {
            sums: std::mem::take(&mut self.part),
            seconds: (now - self.since).as_secs_f64(),
        });
        self.since = now;
    }

    /// All so far.
    pub fn all(&self) -> Timed {
        Timed {
            sums: self.all.clone(),
            seconds: self.began.elapsed().as_secs_f64(),
        }
    }

    /// Ends the epoch: all, and its parts.
    pub fn end(mut self) -> (Timed, Vec<Timed>) {
        if self.part.samples > 0 {
            self.end_part();
        }
        (self.all(), self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(samples: u64, correct: u64, loss: f64) -> Sums {
        Sums {
            samples,
            correct,
            loss,
            forward: vec![0.25 * samples as f64],
            backward: Vec::new(),
        }
    }

    #[test]
    fn parts_are_at_least_so_long_and_add_up() {
        let mut tally = Tally::begin();
        for (samples, correct) in [(200, 100), (100, 50), (100, 100)] {
            tally.add(&sums(samples, correct, 1.0));
        }
        let (all, parts) = tally.end();
        let told: Vec<(u64, f64)> = parts
            .iter()
            .map(|p| (p.sums.samples, p.sums.accuracy()))
            .collect();
        assert_eq!(told, [(300, 0.5), (100, 1.0)]);
        assert_eq!((all.sums.samples, all.sums.correct), (400, 250));
        assert_eq!(all.sums.mean_loss(), 3.0 / 400.0);
        assert_eq!(parts[1].sums.rates().forward, [0.25]);
        assert!(all.seconds >= parts[0].seconds && all.speed() > 0.0);
    }

    #[test]
    fn logits_are_real_numbers_whatever_is_read() {
        // 1 is 4 spikes, or the trace of 4: 15/8 of 64.
        for (neuron, one) in [("if", 4), ("lif(leak = 1/2)", 120)] {
            let text = format!(
                "spidec 1\nnetwork n {{\ninput x [4] = constant(scale = 1)\npopulation p [3] = {neuron}\n\
                 readout y [2] = linear(from = p)\nforward x -> p = dense\n}}\n\
                 training {{\nforward_stage = stage(steps = 4)\n}}\n"
            );
            let checked = spidec_compiler::check::check_text("n", &text).checked;
            let network = checked.expect("a network").network;
            assert_eq!(real(&network, &[one * 512, -one * 256]), [1.0, -0.5]);
        }
    }

    #[test]
    fn differences_are_what_was_added() {
        let (mut now, before) = (sums(4, 2, 1.5), sums(3, 1, 0.5));
        assert_eq!(&now - &before, sums(1, 1, 1.0));
        let mut again = before.clone();
        again += &(&now - &before);
        assert_eq!(again, now);
        // What is only just beginning has no list yet.
        assert_eq!(&now - &Sums::default(), now);
        now.loss = 0.4;
        assert_eq!((&now - &before).mean_loss(), 0.0);
        assert!(!now.diverged());
    }

    #[test]
    fn a_loss_that_is_no_number_is_not_zero() {
        for loss in [f64::NAN, f64::INFINITY] {
            let sums = sums(4, 2, loss);
            assert!(sums.diverged() && !sums.mean_loss().is_finite());
        }
    }
}
