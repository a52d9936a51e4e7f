//! Numbers: a decimal, or a fraction of two decimals.

use super::{Span, ValueKind};
use crate::diagnostics::{Code, Diagnostic};
use spidec_ir::Number;

const HELP: &str = "write 12, -1, 0.5, 1e-3 or a fraction such as 1/256";

/// `[-]digits[.digits][e[-]digits]`, finite.
fn decimal(text: &str) -> Option<f64> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    let value: f64 = text.parse().ok()?;
    (exponent_fits && mantissa_fits && value.is_finite()).then_some(value)
}

fn bad(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::BadNumber,
        span,
        format!("`{text}` is not a number"),
        "not a number of this language",
        HELP,
    )
}

/// A number as written, or what is wrong with it.
pub fn number(text: &str, span: Span) -> Result<ValueKind, Diagnostic> {
    let value = decimal(text).ok_or_else(|| bad(text, span))?;
    let whole = if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    };
    Ok(ValueKind::Number {
        number: Number::from(value),
        whole,
    })
}

/// A fraction of two numbers as written, or what is wrong with it.
pub fn fraction(
    (above, above_span): (&str, Span),
    (below, below_span): (&str, Span),
) -> Result<ValueKind, Diagnostic> {
    let numerator = decimal(above).ok_or_else(|| bad(above, above_span))?;
    let denominator = decimal(below).ok_or_else(|| bad(below, below_span))?;
    let number = Number::fraction(numerator, denominator).ok_or_else(|| {
        Diagnostic::new(
            Code::BadNumber,
            below_span,
            format!("a fraction cannot be divided by {below}"),
            "must be above 0, and the quotient finite",
            HELP,
        )
    })?;
    Ok(ValueKind::Number {
        number,
        whole: None,
    })
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_are_read_and_anything_else_is_not() {
        for (text, value) in [
            ("12", 12.0),
            ("-0.5", -0.5),
            ("1e-3", 1e-3),
            ("2E+2", 200.0),
        ] {
            assert_eq!(decimal(text), Some(value));
        }
        for text in [
            "1.2.3", "1e", "0x10", "1_000", ".5", "5.", "+1", "1e999", "", "-", "inf", "1e1.5",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
