//! Axes, as all charts have them.

use crate::picture::PictureError;
use crate::style::{FAINT, GROUND, INK, MUTED, Paint, TEXT};
use crate::svg::Svg;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use std::ops::Range;

/// A part of a picture that plotters draws in.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A chart with its coordinates.
pub(crate) type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A rectangle in pixels: left, top, width, height.
pub(crate) type Place = (i32, i32, u32, u32);

/// What an axis shows.
pub(crate) struct Axis<'a> {
    pub range: Range<f64>,
    /// "" for none.
    pub label: &'a str,
    /// How many values are labelled, at most about.
    pub ticks: usize,
    pub format: &'a dyn Fn(f64) -> String,
}

/// From any error of plotters.
pub(crate) fn failed(error: impl std::fmt::Display) -> PictureError {
    PictureError(error.to_string())
}

/// Lets `draw` draw on a whole picture; then come the elements that it wrote itself.
pub(crate) fn draw(
    (width, height): (u32, u32),
    draw: impl FnOnce(&Area, &mut Svg) -> Result<(), PictureError>,
) -> Result<Svg, PictureError> {
    let mut text = String::new();
    let mut over = Svg::default();
    {
        let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        area.fill(&GROUND.rgb()).map_err(failed)?;
        draw(&area, &mut over)?;
        area.present().map_err(failed)?;
    }
    // The picture has its own outermost element.
    let body = text.find("<svg").and_then(|start| {
        let inner = start + text[start..].find('>')? + 1;
        Some(&text[inner..text.rfind("</svg>")?])
    });
    let body = body.ok_or_else(|| PictureError("no svg element".to_string()))?;
    let mut all = Svg::default();
    all.append(body.trim_start());
    all.append(&over.text());
    Ok(all)
}

/// Axes within a place, whose plot is `(left, bottom)` pixels from the place's edges.
pub(crate) fn axes<'b>(
    area: &Area<'b>,
    (x, y, width, height): Place,
    (left, bottom): (u32, u32),
    horizontal: Axis,
    vertical: Axis,
) -> Result<Chart<'b, 'b>, PictureError> {
    let panel = area.clone().shrink((x, y), (width, height));
    let mut chart = ChartBuilder::on(&panel)
        .set_label_area_size(LabelAreaPosition::Left, left)
        .set_label_area_size(LabelAreaPosition::Bottom, bottom)
        .build_cartesian_2d(horizontal.range, vertical.range)
        .map_err(failed)?;
    let text = |color: Paint| {
        ("sans-serif", f64::from(TEXT) * PLOTTERS)
            .into_font()
            .color(&color.rgb())
    };
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT.rgb())
        .axis_style(MUTED.rgb())
        .label_style(text(MUTED))
        .axis_desc_style(text(INK))
        .x_desc(horizontal.label)
        .y_desc(vertical.label)
        .x_labels(horizontal.ticks)
        .y_labels(vertical.ticks)
        .x_label_formatter(&|v| (horizontal.format)(*v))
        .y_label_formatter(&|v| (vertical.format)(*v))
        .draw()
        .map_err(failed)?;
    Ok(chart)
}

/// Plotters writes a size divided by this.
const PLOTTERS: f64 = 1.24;

/// A number with at most three digits after the point.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_string()
}

/// A whole number; nothing between two.
pub(crate) fn whole(value: f64) -> String {
    if (value - value.round()).abs() < 1e-9 {
        format!("{}", value.round() as i64)
    } else {
        String::new()
    }
}
