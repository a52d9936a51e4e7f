//! The one look.
//!
//! A color stands in the pictures as its light form, so that a viewer without style sheets shows them
//! well; the style sheet replaces it where the reader's scheme is dark. The hues are those of Okabe and
//! Ito, which people with any color vision tell apart. Where colors meet, their lightness differs too.

use plotters::style::RGBColor;
use std::fmt::Write;

/// A color in both schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    light: u32,
    dark: u32,
}

const fn color(light: u32, dark: u32) -> Paint {
    Paint { light, dark }
}

/// Behind everything, and between what touches.
pub(crate) const GROUND: Paint = color(0xFFFFFF, 0x14181C);
/// Text, axes, spikes.
pub(crate) const INK: Paint = color(0x1B1F23, 0xE8EAED);
/// Less important text.
pub(crate) const MUTED: Paint = color(0x5C636A, 0xA3ABB3);
/// Grid lines and outlines.
pub(crate) const FAINT: Paint = color(0xD5D9DD, 0x3A4148);
/// Boxes with text in them.
pub(crate) const PANEL: Paint = color(0xF1F3F5, 0x232A31);
/// Text on light fills, which are light in both schemes.
pub(crate) const ON_LIGHT: Paint = color(0x000000, 0x000000);
/// Text on dark fills.
pub(crate) const ON_DARK: Paint = color(0xFEFEFE, 0xFEFEFE);
/// The first series, lines and marks.
pub(crate) const BLUE: Paint = color(0x0072B2, 0x56B4E9);
/// The second; its lines are dashed.
pub(crate) const ORANGE: Paint = color(0xE69F00, 0xF0C142);
/// Neurons among many.
pub(crate) const THIN: Paint = color(0x8A9199, 0x7B838B);

/// Fills of parts, no two of a lightness, each much lighter or darker than its neighbors; the same in both schemes.
pub(crate) const PARTS: [Paint; 7] = [
    color(0x0073B3, 0x0073B3),
    color(0x56B4E9, 0x56B4E9),
    color(0xDF6420, 0xDF6420),
    color(0xF0E442, 0xF0E442),
    color(0x005A41, 0x005A41),
    color(0xEDB852, 0xEDB852),
    color(0x92979C, 0x92979C),
];

const THEMED: [Paint; 8] = [GROUND, INK, MUTED, FAINT, PANEL, BLUE, ORANGE, THIN];

impl Paint {
    /// For plotters.
    pub fn rgb(self) -> RGBColor {
        let [_, r, g, b] = self.light.to_be_bytes();
        RGBColor(r, g, b)
    }

    /// As an attribute's value, in plotters' spelling.
    pub fn hex(self) -> String {
        format!("#{:06X}", self.light)
    }

    /// A color for text on it: whichever of black and white is farther.
    pub fn contrast(self) -> Paint {
        let [_, r, g, b] = self.light.to_be_bytes().map(f64::from);
        // Luma is enough to tell light from dark.
        if 0.299 * r + 0.587 * g + 0.114 * b > 125.0 {
            ON_LIGHT
        } else {
            ON_DARK
        }
    }
}

/// Size of text, in pixels.
pub(crate) const TEXT: u32 = 13;

/// The style sheet of every picture.
pub(crate) fn css() -> String {
    let mut css = String::from(
        "svg.spidec text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Liberation Sans\",\
         Arial,sans-serif}\n",
    );
    let orange = ORANGE.hex();
    // Writing to a string does not fail.
    let _ = writeln!(
        css,
        "svg.spidec polyline[stroke=\"{orange}\"]{{stroke-dasharray:7 3}}"
    );
    css += "@media (prefers-color-scheme:dark){\n";
    for color in THEMED {
        let (light, dark) = (color.hex(), color.dark);
        let _ = writeln!(
            css,
            "svg.spidec [fill=\"{light}\"]{{fill:#{dark:06X}}} svg.spidec [stroke=\"{light}\"]{{stroke:#{dark:06X}}}"
        );
    }
    css + "}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE lightness, 0 to 100: what is left of a color in grey.
    fn lightness(rgb: u32) -> f64 {
        let [_, r, g, b] = rgb.to_be_bytes().map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        116.0 * y.cbrt() - 16.0
    }

    #[test]
    fn neighbors_differ_in_grey() {
        for (k, part) in PARTS.iter().enumerate() {
            for (n, other) in PARTS.iter().enumerate().skip(k + 1) {
                let [a, b] = [part, other].map(|c| lightness(c.light));
                let least = if n == k + 1 { 9.0 } else { 5.0 };
                assert!((a - b).abs() > least, "{k} {n}: {a} {b}");
            }
        }
        for scheme in [|c: Paint| c.light, |c: Paint| c.dark] {
            let [ground, ink, muted, blue, orange] =
                [GROUND, INK, MUTED, BLUE, ORANGE].map(|c| lightness(scheme(c)));
            assert!((blue - orange).abs() > 9.0);
            assert!((ground - ink).abs() > 70.0 && (ground - muted).abs() > 50.0);
            assert!((ground - blue).abs() > 40.0 && (ground - orange).abs() > 25.0);
        }
        for part in PARTS {
            let text = part.contrast();
            assert!((lightness(part.light) - lightness(text.light)).abs() > 40.0);
        }
    }

    #[test]
    fn every_color_that_changes_is_told_apart() {
        // The style sheet finds colors by value: two meanings must not share one.
        let mut all: Vec<u32> = THEMED.iter().chain(&PARTS).map(|c| c.light).collect();
        all.extend([ON_LIGHT.light, ON_DARK.light]);
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
