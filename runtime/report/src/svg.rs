//! Elements of SVG, for what no chart draws.

use crate::style::{INK, Paint, TEXT};
use std::fmt::Write;

/// Text between tags or in an attribute's quotes. Characters that XML does not have become U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// The width of a text in pixels, about: fonts are the reader's.
pub(crate) fn width(text: &str, size: u32) -> f64 {
    text.chars().count() as f64 * f64::from(size) * 0.56
}

/// A text cut to a width, with an ellipsis where something is missing.
pub(crate) fn fitting(text: &str, size: u32, room: f64) -> String {
    let most = (room / (f64::from(size) * 0.56)) as usize;
    if text.chars().count() <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}\u{2026}")
}

/// Where a text's given place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Font {
    pub size: u32,
    pub bold: bool,
    pub color: Paint,
    pub anchor: Anchor,
}

/// Plain text that starts at its place.
pub(crate) const PLAIN: Font = Font {
    size: TEXT,
    bold: false,
    color: INK,
    anchor: Anchor::Start,
};

/// Elements, one a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Svg(String);

impl Svg {
    /// All of it.
    pub fn text(self) -> String {
        self.0
    }

    /// Elements that something else wrote.
    pub fn append(&mut self, elements: &str) {
        self.0 += elements;
    }

    fn line_of(&mut self, element: std::fmt::Arguments) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{element}");
    }

    /// A text whose baseline is at `y`.
    pub fn write(&mut self, (x, y): (f64, f64), font: Font, text: &str) {
        let Font { size, color, .. } = font;
        let anchor = match font.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if font.bold { "600" } else { "400" };
        self.line_of(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" font-weight=\"{weight}\" \
             text-anchor=\"{anchor}\" fill=\"{}\">{}</text>",
            color.hex(),
            escaped(text)
        ));
    }

    /// A filled rectangle, with rounded corners where `radius` is not 0.
    pub fn rect(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        fill: Paint,
        radius: f64,
    ) {
        self.line_of(format_args!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{:.2}\" rx=\"{radius}\" fill=\"{}\"/>",
            width.max(0.0),
            height.max(0.0),
            fill.hex()
        ));
    }

    /// A rectangle through which its ground is seen, but for a share.
    pub fn shade(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        fill: Paint,
        share: f64,
    ) {
        self.line_of(format_args!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{}\" \
             fill-opacity=\"{share:.3}\"/>",
            fill.hex()
        ));
    }

    /// A rectangle's outline.
    pub fn outline(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        stroke: Paint,
        radius: f64,
    ) {
        self.line_of(format_args!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" rx=\"{radius}\" \
             fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>",
            stroke.hex()
        ));
    }

    /// A path that is stroked, not filled; `dashes` as in `stroke-dasharray`, "" for none.
    pub fn path(&mut self, d: &str, stroke: Paint, width: f64, dashes: &str) {
        self.line_of(format_args!(
            "<path d=\"{d}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-dasharray=\"{}\"/>",
            stroke.hex(),
            if dashes.is_empty() { "none" } else { dashes }
        ));
    }

    /// A path that is filled.
    pub fn shape(&mut self, d: &str, fill: Paint) {
        self.line_of(format_args!("<path d=\"{d}\" fill=\"{}\"/>", fill.hex()));
    }
}

/// A number with its thousands apart: 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A quantity with at most one digit after the point, thousands apart.
pub fn rounded(number: f64) -> String {
    if number >= 100.0 {
        return grouped(number.round() as u64);
    }
    let text = format!("{number:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_cut() {
        assert_eq!(
            escaped("<a & \"b\">\u{1}"),
            "&lt;a &amp; &quot;b&quot;&gt;\u{fffd}"
        );
        assert_eq!(fitting("abcdef", 10, 100.0), "abcdef");
        assert_eq!(fitting("abcdef", 10, 20.0), "ab\u{2026}");
        assert_eq!(fitting("abcdef", 10, 0.0), "\u{2026}");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 1234567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!([2.0, 2.46, 1234.4].map(rounded), ["2", "2.5", "1,234"]);
    }
}
