//! A number as the user wrote it: a decimal or a fraction of two decimals.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A decimal or a fraction. The parts are kept so that `1/256` prints as `1/256`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    numerator: f64,
    denominator: f64,
}

impl Number {
    /// `numerator / denominator`; `None` where a part is not finite or the denominator is not positive.
    pub fn fraction(numerator: f64, denominator: f64) -> Option<Number> {
        let number = Number {
            numerator,
            denominator,
        };
        (numerator.is_finite() && denominator > 0.0 && number.value().is_finite()).then_some(number)
    }

    /// The value as the nearest `f64`.
    pub fn value(self) -> f64 {
        self.numerator / self.denominator
    }

    /// `Some(k)` where the value is exactly `2^k`.
    pub fn power_of_two(self) -> Option<i32> {
        let value = self.value();
        let exponent = (value.to_bits() >> 52) as i32 - 1023;
        let exact = value > 0.0 && value.is_normal() && value.to_bits() & ((1 << 52) - 1) == 0;
        exact.then_some(exponent)
    }
}

impl std::ops::Neg for Number {
    type Output = Number;

    /// The same number with the other sign, still as written: `1/3` becomes `-1/3`.
    fn neg(self) -> Number {
        Number {
            numerator: -self.numerator,
            ..self
        }
    }
}

impl From<f64> for Number {
    /// A whole or decimal number; a value that is not finite becomes zero.
    fn from(value: f64) -> Number {
        Number {
            numerator: if value.is_finite() { value } else { 0.0 },
            denominator: 1.0,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1.0 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_recognized_exactly() {
        assert_eq!(
            Number::fraction(1.0, 256.0).unwrap().power_of_two(),
            Some(-8)
        );
        assert_eq!(Number::from(4.0).power_of_two(), Some(2));
        assert_eq!(Number::from(1.0 / 255.0).power_of_two(), None);
        assert_eq!(Number::from(0.0).power_of_two(), None);
        assert_eq!(Number::from(-2.0).power_of_two(), None);
    }

    #[test]
    fn a_fraction_prints_as_written() {
        assert_eq!(Number::fraction(1.0, 256.0).unwrap().to_string(), "1/256");
        assert_eq!(Number::from(0.101).to_string(), "0.101");
        assert_eq!((-Number::fraction(1.0, 3.0).unwrap()).to_string(), "-1/3");
        assert!(Number::fraction(1.0, 0.0).is_none());
    }
}
