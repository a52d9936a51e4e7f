//! How rates and gradients approach the equilibrium as the stages grow.

use crate::chart::{Area, Axis, Place, axes, draw, failed, number};
use crate::lines::{BELOW, BESIDE, Line, draw_lines};
use crate::picture::{Picture, PictureError};
use crate::style::{BLUE, MUTED, ORANGE, THIN};
use crate::svg::{Font, PLAIN, Svg, grouped};
use plotters::prelude::*;
use std::ops::Range;

const WIDTH: u32 = 860;
/// Of each chart.
const HEIGHT: u32 = 250;

/// What stages of some steps come to: with the modified reset, and with the plain one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distances {
    /// Steps of both stages, above 0.
    pub steps: u32,
    /// Relative distance of the forward stage's rates from the equilibrium.
    pub forward: [f64; 2],
    /// The same of the backward stage.
    pub backward: [f64; 2],
    /// Cosine between the gradients by SPIDE and by implicit differentiation.
    pub cosine: [f64; 2],
}

/// Distances of both stages, and the gradients' cosine, over steps. `None` where there is nothing.
///
/// # Errors
/// [`PictureError`] where the drawing library fails.
pub fn convergence(measured: &[Distances]) -> Result<Option<Picture>, PictureError> {
    let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
        return Ok(None);
    };
    let size = (WIDTH, 10 + 3 * HEIGHT);
    let svg = draw(size, |area, over| {
        let place = |k: u32| (6, 10 + (k * HEIGHT) as i32, WIDTH - BESIDE, HEIGHT - 8);
        let label = "forward stage: distance";
        distance(area, over, place(0), label, measured, |m| m.forward)?;
        let label = "backward stage: distance";
        distance(area, over, place(1), label, measured, |m| m.backward)?;
        cosine(area, over, place(2), measured)
    })?;
    let times = |[modified, plain]: [f64; 2]| number((plain / modified * 10.0).round() / 10.0);
    let description = format!(
        "Stages of {} to {} steps with the modified reset (rest at minus the threshold) and the plain one (rest at zero); \
         a spike takes away the same. Above: the distance of the rates from the equilibrium, in units of its norm; the \
         grey line falls as one over the steps. At {} steps the plain reset is {} times as far in the forward \
         stage and {} times in the backward stage. Below: the cosine between the gradients by SPIDE and by implicit \
         differentiation, {:.4} and {:.4} in the end.",
        grouped(first.steps.into()),
        grouped(last.steps.into()),
        grouped(last.steps.into()),
        times(last.forward),
        times(last.backward),
        last.cosine[0],
        last.cosine[1],
    );
    let title = "Approach to the equilibrium";
    Ok(Some(Picture::new(
        "convergence",
        title,
        description,
        size,
        svg,
    )))
}

/// Logarithms of base 2 of the steps.
fn along(measured: &[Distances]) -> Vec<f64> {
    measured
        .iter()
        .map(|m| libm::log2(f64::from(m.steps)))
        .collect()
}

/// The two lines of something, as it is drawn.
fn both(
    measured: &[Distances],
    of: impl Fn(&Distances) -> [f64; 2],
    format: fn(f64) -> String,
) -> Vec<Line> {
    let line = |k: usize, name, color| {
        let points = along(measured)
            .into_iter()
            .zip(measured.iter().map(|m| of(m)[k]));
        Line {
            name,
            color,
            marked: k == 0,
            points: points.filter(|(_, y)| y.is_finite()).collect(),
            format,
        }
    };
    vec![line(0, "modified", BLUE), line(1, "plain", ORANGE)]
}

fn distance(
    area: &Area,
    over: &mut Svg,
    place: Place,
    label: &str,
    measured: &[Distances],
    of: fn(&Distances) -> [f64; 2],
) -> Result<(), PictureError> {
    // A distance of zero has no logarithm, and no point.
    let lines = both(
        measured,
        |m| of(m).map(libm::log10),
        |v| significant(libm::exp10(v)),
    );
    let starts = lines.iter().filter_map(|line| line.points.first());
    let guide = guide(
        measured,
        starts.map(|p| p.1).reduce(f64::max).unwrap_or(-1.0),
    );
    let values = lines.iter().flat_map(|line| &line.points).map(|p| p.1);
    let low = values
        .chain(guide.iter().map(|p| p.1))
        .fold(f64::INFINITY, f64::min);
    let range = libm::floor(low)..libm::ceil(guide[0].1).max(libm::floor(low) + 1.0);
    let vertical = Axis {
        ticks: (range.end - range.start) as usize + 1,
        range,
        label,
        format: &decade,
    };
    let mut chart = axes(area, place, (70, BELOW), steps(measured), vertical)?;
    let series = LineSeries::new(guide.iter().copied(), THIN.rgb().stroke_width(1));
    chart.draw_series(series).map_err(failed)?;
    let (x, y) = chart.backend_coord(&guide[guide.len() / 2]);
    let muted = Font {
        color: MUTED,
        ..PLAIN
    };
    over.write((f64::from(x) + 6.0, f64::from(y) - 8.0), muted, "1 / steps");
    draw_lines(&mut chart, over, (place, BELOW), &lines)
}

/// A line that falls as one over the steps, from a little above `start`.
fn guide(measured: &[Distances], start: f64) -> Vec<(f64, f64)> {
    let along = along(measured);
    let fall = |x: f64| start + 0.15 - (x - along[0]) * libm::log10(2.0);
    along.iter().map(|&x| (x, fall(x))).collect()
}

fn cosine(
    area: &Area,
    over: &mut Svg,
    place: Place,
    measured: &[Distances],
) -> Result<(), PictureError> {
    let lines = both(measured, |m| m.cosine, |v| format!("{v:.4}"));
    let values = lines.iter().flat_map(|line| &line.points).map(|p| p.1);
    let low = values.fold(0.9, f64::min);
    let vertical = Axis {
        range: libm::floor(low * 10.0) / 10.0 - 0.02..1.02,
        label: "gradients: cosine",
        ticks: 6,
        format: &number,
    };
    let mut chart = axes(area, place, (70, BELOW), steps(measured), vertical)?;
    draw_lines(&mut chart, over, (place, BELOW), &lines)
}

fn steps(measured: &[Distances]) -> Axis<'static> {
    let along = along(measured);
    let ends = along[0]..along[along.len() - 1];
    // A single number of steps has room around it.
    let range: Range<f64> = if ends.is_empty() {
        ends.start - 1.0..ends.start + 1.0
    } else {
        ends
    };
    Axis {
        ticks: along.len().max(3),
        range,
        label: "steps of each stage",
        format: &power,
    }
}

/// Two to a whole number; nothing between two.
fn power(value: f64) -> String {
    match is_whole(value) {
        true => grouped(libm::exp2(value).round() as u64),
        false => String::new(),
    }
}

/// Ten to a whole number; nothing between two.
fn decade(value: f64) -> String {
    match is_whole(value) {
        true => significant(libm::exp10(value.round())),
        false => String::new(),
    }
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-9
}

/// With two digits that tell something.
fn significant(value: f64) -> String {
    if value < 0.99e-5 {
        return format!("{value:.1e}");
    }
    let digits = (1.0 - libm::floor(libm::log10(value) + 1e-9)).max(0.0) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};

    fn measured(steps: u32) -> Distances {
        let t = f64::from(steps);
        Distances {
            steps,
            forward: [2.0 / t, 6.0 / t],
            backward: [4.0 / t, 8.0 / t],
            cosine: [1.0 - 1.0 / t, 1.0 - 4.0 / t],
        }
    }

    #[test]
    fn nothing_is_no_picture() {
        assert_eq!(convergence(&[]).unwrap(), None);
    }

    #[test]
    fn both_resets_stand_in_all_charts_with_their_last_values() {
        let all: Vec<Distances> = (4..=10).map(|k| measured(1 << k)).collect();
        let picture = convergence(&all).unwrap().unwrap();
        let text = texts(&picture);
        let count = |wanted: &str| text.iter().filter(|t| *t == wanted).count();
        assert_eq!(
            (count("modified"), count("plain"), count("1 / steps")),
            (3, 3, 2)
        );
        for wanted in [
            "0.002", "0.0059", "0.0039", "0.0078", "0.9990", "0.9961", "16", "1,024", "0.01",
        ] {
            assert!(count(wanted) > 0, "{wanted}: {text:?}");
        }
        // One a point of the modified reset's lines.
        assert_eq!(marks(&picture, "circle"), 3 * 7);
        let said = picture.description();
        assert!(
            said.contains("3 times as far in the forward stage and 2 times"),
            "{said}"
        );
    }

    #[test]
    fn one_number_of_steps_and_distances_of_zero_are_drawn() {
        let one = Distances {
            forward: [0.0, 0.0],
            backward: [0.0, 0.5],
            ..measured(16)
        };
        let picture = convergence(&[one]).unwrap().unwrap();
        assert_eq!(marks(&picture, "circle"), 1);
    }

    #[test]
    fn values_have_two_digits() {
        let all = [1.0, 0.1, 0.00123, 0.5, 12.3, 0.00001, 3.21e-7].map(significant);
        assert_eq!(
            all,
            ["1", "0.1", "0.0012", "0.5", "12", "0.00001", "3.2e-7"]
        );
        assert_eq!([4.0, 4.5, -3.0].map(power), ["16", "", "0"]);
        assert_eq!([-2.0, -1.5].map(decade), ["0.01", ""]);
    }
}
