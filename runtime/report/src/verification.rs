//! What comparing simulated hardware with the software came to.

use crate::picture::Picture;
use crate::style::{BLUE, FAINT, GROUND, INK, MUTED, ORANGE};
use crate::svg::{Anchor, Font, PLAIN, Svg, grouped};

const WIDTH: f64 = 760.0;
const ROW: f64 = 26.0;
const TOP: f64 = 40.0;
/// Left of the bars: kinds; right of them: counts.
const LEFT: f64 = 170.0;
const RIGHT: f64 = 210.0;

/// Values of a kind that were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The kind.
    pub kind: String,
    /// How many.
    pub compared: u64,
    /// How many of them differ.
    pub differing: u64,
}

/// A verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The simulator's name.
    pub simulator: String,
    /// Samples that the hardware trained itself on.
    pub trained: usize,
    /// Samples that it only classified.
    pub classified: usize,
    /// Everything agreed, and enough happened to say so.
    pub passed: bool,
    /// Why it did not pass, where it did not.
    pub why: Option<String>,
    /// One a kind.
    pub kinds: Vec<Compared>,
}

/// The values compared of each kind, on a logarithmic scale, and those that differ.
pub fn verification(result: &Verification) -> Picture {
    let rows = result.kinds.len() as f64;
    let size = (WIDTH, TOP + ROW * rows + 44.0);
    let mut svg = Svg::default();
    svg.rect((0.0, 0.0), size, GROUND, 0.0);
    let most = result.kinds.iter().map(|k| k.compared).max().unwrap_or(0);
    let decades = (digits(most)).max(1);
    let scale = (WIDTH - LEFT - RIGHT) / f64::from(decades);
    let muted = Font {
        color: MUTED,
        size: 12,
        ..PLAIN
    };
    for decade in 0..=decades {
        let x = LEFT + f64::from(decade) * scale;
        svg.path(&format!("M{x:.1} {TOP}v{:.1}", ROW * rows), FAINT, 1.0, "");
        let middle = Font {
            anchor: Anchor::Middle,
            ..muted
        };
        let value = 10u64.checked_pow(decade).unwrap_or(u64::MAX);
        svg.write((x, TOP + ROW * rows + 16.0), middle, &short(value));
    }
    let bold = Font {
        bold: true,
        ..PLAIN
    };
    svg.write(
        (LEFT - 10.0, 24.0),
        Font {
            anchor: Anchor::End,
            ..bold
        },
        "values",
    );
    svg.write((WIDTH - RIGHT + 10.0, 24.0), bold, "compared, differing");
    for (k, kind) in (0..).map(f64::from).zip(&result.kinds) {
        let y = TOP + ROW * k;
        let name = kind.kind.replace('_', " ");
        let color = if kind.compared == 0 { MUTED } else { INK };
        svg.write(
            (LEFT - 10.0, y + 17.0),
            Font {
                anchor: Anchor::End,
                color,
                ..PLAIN
            },
            &name,
        );
        svg.rect(
            (LEFT, y + 4.0),
            (length(kind.compared, scale), ROW - 9.0),
            BLUE,
            1.0,
        );
        if kind.differing > 0 {
            svg.rect(
                (LEFT, y + 9.0),
                (length(kind.differing, scale).max(3.0), ROW - 19.0),
                ORANGE,
                0.0,
            );
        }
        let counts = format!("{}, {}", grouped(kind.compared), differ(kind.differing));
        let bold = kind.differing > 0;
        svg.write(
            (WIDTH - RIGHT + 10.0, y + 17.0),
            Font {
                bold,
                color,
                ..PLAIN
            },
            &counts,
        );
    }
    svg.write(
        (LEFT, TOP + ROW * rows + 34.0),
        muted,
        "values compared, logarithmic",
    );
    let all: u64 = result.kinds.iter().map(|k| k.compared).sum();
    let differing: u64 = result.kinds.iter().map(|k| k.differing).sum();
    let count = |samples: usize| grouped(samples as u64);
    let samples = match (result.trained, result.classified) {
        (0, classified) => format!("{} samples classified", count(classified)),
        (trained, 0) => format!("{} samples trained", count(trained)),
        (trained, classified) => format!(
            "{} samples trained and {} classified",
            count(trained),
            count(classified)
        ),
    };
    let description = format!(
        "{samples} in {}: {} values compared, {}.",
        result.simulator,
        grouped(all),
        differ(differing)
    );
    Picture::new(
        "verification",
        "Software and simulated hardware",
        description,
        (size.0 as u32, size.1 as u32),
        svg,
    )
}

fn differ(count: u64) -> String {
    match count {
        0 => "none differs".to_string(),
        1 => "1 differs".to_string(),
        count => format!("{} differ", grouped(count)),
    }
}

/// Decimal digits.
fn digits(count: u64) -> u32 {
    count.checked_ilog10().map_or(0, |log| log + 1)
}

/// The length of a bar: a decade is `scale`.
fn length(count: u64, scale: f64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    // The same on every platform; a single value is to be seen too.
    (libm::log10(count as f64) * scale).max(3.0)
}

/// 1, 10, 100, 1 k, ...
fn short(power: u64) -> String {
    match power {
        1_000_000_000_000.. => format!("{} T", power / 1_000_000_000_000),
        1_000_000_000.. => format!("{} G", power / 1_000_000_000),
        1_000_000.. => format!("{} M", power / 1_000_000),
        1_000.. => format!("{} k", power / 1_000),
        _ => power.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};

    fn result(kinds: &[(&str, u64, u64)]) -> Verification {
        let kinds = kinds.iter().map(|&(kind, compared, differing)| Compared {
            kind: kind.to_string(),
            compared,
            differing,
        });
        Verification {
            simulator: "verilator".into(),
            trained: 20,
            classified: 0,
            passed: false,
            why: None,
            kinds: kinds.collect(),
        }
    }

    #[test]
    fn kinds_counts_and_differences_are_written() {
        let picture = verification(&result(&[
            ("spike_words", 12345, 0),
            ("weights", 700, 2),
            ("masks", 0, 0),
        ]));
        let text = texts(&picture);
        for wanted in [
            "spike words",
            "12,345, none differs",
            "700, 2 differ",
            "0, none differs",
            "100 k",
        ] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
        assert_eq!(marks(&picture, "rect"), 5);
        assert_eq!(
            picture.description(),
            "20 samples trained in verilator: 13,045 values compared, 2 differ."
        );
    }

    #[test]
    fn nothing_and_the_most_are_drawn() {
        verification(&result(&[]));
        let text = texts(&verification(&result(&[("a<&\"", u64::MAX, u64::MAX)])));
        assert!(text.iter().any(|t| t == "a<&\""), "{text:?}");
    }

    #[test]
    fn lengths_grow_with_counts() {
        let of = |count| length(count, 90.0);
        assert_eq!((of(0), of(1)), (0.0, 3.0));
        for (count, wanted) in [(10, 90.0), (20, 117.09), (50, 152.91), (100, 180.0)] {
            assert!((of(count) - wanted).abs() < 0.01, "{count}: {}", of(count));
        }
    }
}
