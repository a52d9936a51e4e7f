//! The error, the gradient with respect to the logits, in integers.

use super::Format;
use crate::trace::Clamped;

/// The errors of all classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    /// One a class, in the error format.
    pub values: Vec<i32>,
    /// Those that lay outside of it.
    pub clamped: Clamped,
}

impl Errors {
    fn of(exact: impl Iterator<Item = i64>, format: Format) -> Errors {
        let mut errors = Errors::default();
        for (class, exact) in exact.enumerate() {
            let value = format.clamp(exact);
            if value != exact {
                errors.clamped.add_error(class);
            }
            errors.values.push(value as i32);
        }
        errors
    }
}

/// Entries of the softmax table; neighbors differ by a factor `exp(-1/32)`.
pub const SOFTMAX_ENTRIES: usize = 512;

/// `round(65536 exp(-i / 32))`.
pub fn softmax_table() -> [u32; SOFTMAX_ENTRIES] {
    std::array::from_fn(|i| libm::round(65536.0 * libm::exp(-(i as f64) / 32.0)) as u32)
}

/// `numerator / denominator` to the nearest integer, halves up; the denominator is positive.
fn divide(numerator: i64, denominator: i64) -> i64 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

/// `softmax(z) - onehot(label)` in the error format.
///
/// `logits`: integers, `unit` of them are 1 (`T_F 2^F`). The distance to the largest logit, rounded
/// to 1/32, picks a table entry (the last where it is farther); probabilities are entries over
/// their sum, rounded.
pub fn softmax_error(
    table: &[u32; SOFTMAX_ENTRIES],
    logits: &[i32],
    unit: i64,
    label: usize,
    format: Format,
) -> Errors {
    let largest = logits.iter().copied().max().unwrap_or(0);
    let entries: Vec<i64> = logits
        .iter()
        .map(|&z| {
            let distance = divide(32 * (i64::from(largest) - i64::from(z)), unit);
            i64::from(table[(distance as usize).min(SOFTMAX_ENTRIES - 1)])
        })
        .collect();
    let sum: i64 = entries.iter().sum();
    let exact = entries.iter().enumerate().map(|(class, &entry)| {
        let probability = divide(entry << format.frac, sum);
        probability - (i64::from(class == label) << format.frac)
    });
    Errors::of(exact, format)
}

/// `2 (z - onehot(label)) / classes` in the error format, clamped.
pub fn mean_squared_error(logits: &[i32], unit: i64, label: usize, format: Format) -> Errors {
    let classes = logits.len() as i64;
    let exact = logits.iter().enumerate().map(|(class, &z)| {
        let difference = i64::from(z) - i64::from(class == label) * unit;
        divide(difference << (format.frac + 1), classes * unit)
    });
    Errors::of(exact, format)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format = Format { bits: 10, frac: 8 };

    #[test]
    fn softmax_follows_the_real_one_within_its_quantum() {
        let logits = [100, 5000, -300, 4800, 0];
        let unit = 1000;
        let error = softmax_error(&softmax_table(), &logits, unit, 3, FORMAT).values;
        let exps: Vec<f64> = logits
            .iter()
            .map(|&z| (f64::from(z) / 1000.0).exp())
            .collect();
        let sum: f64 = exps.iter().sum();
        for (class, e) in error.iter().enumerate() {
            let real = 256.0 * (exps[class] / sum - if class == 3 { 1.0 } else { 0.0 });
            assert!((f64::from(*e) - real).abs() < 2.0, "{class}: {e} {real}");
        }
    }

    #[test]
    fn a_certain_answer_has_no_error_and_a_wrong_one_all_of_it() {
        let table = softmax_table();
        let of = |logits: &[i32], unit, label, format| {
            let errors = softmax_error(&table, logits, unit, label, format);
            (errors.values, errors.clamped.count)
        };
        assert_eq!(of(&[90000, 0], 1000, 0, FORMAT), (vec![0, 0], 0));
        assert_eq!(of(&[90000, 0], 1000, 1, FORMAT), (vec![256, -256], 0));
        assert_eq!(of(&[i32::MIN, i32::MAX], 1, 1, FORMAT), (vec![0, 0], 0));
        // A format that ends before 1.
        let narrow = Format { bits: 9, frac: 8 };
        assert_eq!(of(&[90000, 0], 1000, 1, narrow), (vec![255, -256], 1));
    }

    #[test]
    fn squared_error_rounds_and_clamps() {
        let of = |logits: &[i32]| mean_squared_error(logits, 1000, 0, FORMAT);
        assert_eq!(of(&[1000, 0]).values, [0, 0]);
        assert_eq!(of(&[500, 2]).values, [-128, 1]);
        assert_eq!(of(&[500, 2]).clamped, Clamped::default());
        let clamped = of(&[1000, 9000, -9000]);
        assert_eq!(clamped.values, [0, 511, -512]);
        let first = clamped.clamped.first.map(|place| place.neuron);
        assert_eq!((clamped.clamped.count, first), (2, Some(1)));
    }
}
