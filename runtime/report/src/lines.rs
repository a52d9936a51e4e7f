//! Lines of a chart, named at their ends.

use crate::chart::{Area, Axis, Chart, Place, axes, failed, number, whole};
use crate::picture::PictureError;
use crate::style::{INK, MUTED, ORANGE, Paint};
use crate::svg::{Font, PLAIN, Svg, fitting, rounded};
use plotters::prelude::*;

/// Room for the horizontal axis's numbers and label.
pub(crate) const BELOW: u32 = 44;
/// Room for what is written beside the lines' ends.
pub(crate) const BESIDE: u32 = 130;

/// A line of a chart.
pub(crate) struct Line {
    pub name: &'static str,
    pub color: Paint,
    /// A mark at each point.
    pub marked: bool,
    pub points: Vec<(f64, f64)>,
    /// How its last value is written.
    pub format: fn(f64) -> String,
}

/// Draws lines in a chart, whose plot ends `below` pixels above the place's edge, and their names beside their ends.
pub(crate) fn draw_lines(
    chart: &mut Chart,
    over: &mut Svg,
    (place, below): (Place, u32),
    lines: &[Line],
) -> Result<(), PictureError> {
    let mut ends = Vec::new();
    for line in lines {
        let color = line.color.rgb();
        let points = line.points.iter().copied();
        let series = LineSeries::new(points.clone(), color.stroke_width(2));
        chart.draw_series(series).map_err(failed)?;
        if line.marked {
            let marks = points
                .clone()
                .map(|point| Circle::new(point, 4, color.filled()));
            chart.draw_series(marks).map_err(failed)?;
        }
        if let Some(end) = line.points.last() {
            let (x, y) = chart.backend_coord(end);
            ends.push((f64::from(x), f64::from(y), line, end.1));
        }
    }
    // Names beside the ends, apart from each other.
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let (top, bottom) = (place.1, place.1 + (place.3 - below) as i32);
    let heights = apart(&wanted, (f64::from(top), f64::from(bottom)));
    for ((x, _, line, value), y) in ends.into_iter().zip(heights) {
        let bold = Font {
            bold: true,
            ..PLAIN
        };
        let dashes = if line.color == ORANGE { "7 3" } else { "" };
        over.path(
            &format!("M{:.1} {y:.1}h20", x + 8.0),
            line.color,
            2.0,
            dashes,
        );
        if line.marked {
            let r = 4.0;
            over.shape(
                &format!(
                    "M{:.1} {y:.1}a{r} {r} 0 1 0 8 0a{r} {r} 0 1 0 -8 0z",
                    x + 14.0
                ),
                line.color,
            );
        }
        over.write(
            (x + 32.0, y + 4.0),
            Font { color: INK, ..bold },
            &fitting(line.name, 13, 90.0),
        );
        let value = (line.format)(value);
        over.write(
            (x + 32.0, y + 19.0),
            Font {
                color: MUTED,
                ..PLAIN
            },
            &value,
        );
    }
    Ok(())
}

/// What lies along the horizontal axis.
#[derive(Clone, Copy)]
pub(crate) struct Along {
    /// First and last epoch.
    pub range: (f64, f64),
    /// Samples an epoch where they are what is told; 1 where it is epochs.
    pub scale: f64,
}

/// A chart of values that are not negative over epochs or samples.
pub(crate) fn line_chart(
    area: &Area,
    over: &mut Svg,
    place: Place,
    along: Along,
    label: &str,
    lines: &[Line],
) -> Result<(), PictureError> {
    let values = lines.iter().flat_map(|line| &line.points).map(|p| p.1);
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    // A constant has room around it too.
    let margin = ((high - low) * 0.06).max(high.abs() * 0.01).max(1e-3);
    let Along {
        range: (first, last),
        scale,
    } = along;
    let horizontal = Axis {
        range: first * scale..last * scale,
        label: if scale > 1.0 {
            "training samples"
        } else {
            "epoch"
        },
        ticks: 11,
        // Of few epochs their parts are numbered too.
        format: match scale > 1.0 {
            true => &rounded,
            false if last - first > 2.0 => &whole,
            false => &number,
        },
    };
    let vertical = Axis {
        range: (low - margin).max(0.0)..high + margin,
        label,
        ticks: 6,
        format: &number,
    };
    let mut chart = axes(area, place, (62, BELOW), horizontal, vertical)?;
    let scaled = lines.iter().map(|line| Line {
        points: line.points.iter().map(|&(x, y)| (x * scale, y)).collect(),
        ..*line
    });
    let lines: Vec<Line> = scaled.collect();
    draw_lines(&mut chart, over, (place, BELOW), &lines)
}

/// Heights of names, each of two lines, near those that are wanted, which are in order: apart from each other, and
/// between top and bottom as long as there is room.
fn apart(wanted: &[f64], (top, bottom): (f64, f64)) -> Vec<f64> {
    const EACH: f64 = 34.0;
    let mut free = top + 14.0;
    let mut heights: Vec<f64> = Vec::new();
    for &y in wanted {
        heights.push(y.max(free));
        free = y.max(free) + EACH;
    }
    let mut free = bottom - 18.0;
    for y in heights.iter_mut().rev() {
        *y = y.min(free);
        free = *y - EACH;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_apart_and_within_the_chart() {
        assert_eq!(apart(&[50.0, 100.0], (0.0, 200.0)), [50.0, 100.0]);
        assert_eq!(apart(&[2.0, 3.0], (0.0, 200.0)), [14.0, 48.0]);
        assert_eq!(apart(&[190.0, 195.0], (0.0, 200.0)), [148.0, 182.0]);
        assert_eq!(apart(&[], (0.0, 200.0)), [0.0; 0]);
    }
}
