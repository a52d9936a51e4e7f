//! Whether answers are better than guessing.

use std::collections::BTreeMap;

/// How many standard deviations above guessing still are guessing.
const NOISE: f64 = 2.0;

/// What guessing gives: always the commonest label.
pub(crate) struct Chance {
    /// Samples of the commonest label.
    commonest: usize,
    samples: usize,
}

impl Chance {
    /// On these samples.
    pub(crate) fn of(labels: &[u32]) -> Chance {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for &label in labels {
            *counts.entry(label).or_default() += 1;
        }
        Chance {
            commonest: counts.into_values().max().unwrap_or(0),
            samples: labels.len(),
        }
    }

    /// The share of right answers.
    pub(crate) fn share(&self) -> f64 {
        self.commonest as f64 / self.samples as f64
    }

    /// Whether so many right answers are no more than guessing gives, by more than chance.
    pub(crate) fn explains(&self, right: usize) -> bool {
        let share = self.share();
        let deviation = (self.samples as f64 * share * (1.0 - share)).sqrt();
        // Where all are right there is nothing to better.
        right < self.samples && right as f64 <= self.commonest as f64 + NOISE * deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_the_commonest_label_and_its_noise() {
        let labels: Vec<u32> = (0..100).map(|k| u32::from(k >= 80)).collect();
        let chance = Chance::of(&labels);
        assert_eq!(chance.share(), 0.8);
        // The deviation of 100 draws of 0.8 is 4.
        assert!(chance.explains(10) && chance.explains(88));
        assert!(!chance.explains(89) && !chance.explains(100));
        // Of one label only nothing can be learned, and nothing is wrong.
        assert!(!Chance::of(&labels[..80]).explains(80));
    }
}
