//! Firing rates over the steps of both stages: how they converge.

use crate::chart::{Area, Axis, axes, draw, failed, number, whole};
use crate::picture::{Picture, PictureError};
use crate::raster::{Stages, columns, left_out, named, shown, spaced};
use crate::style::{BLUE, MUTED, ORANGE, Paint, THIN};
use crate::svg::{Anchor, Font, PLAIN, Svg};
use plotters::prelude::*;
use spidec_ir::Network;
use spidec_ir::trace::PopulationStep;

const WIDTH: u32 = 900;
const PANEL: u32 = 210;
const HEAD: u32 = 34;
const FOOT: u32 = 30;
/// Neurons with a line of their own.
const NEURONS: usize = 6;

/// The rate of each population over the steps of both stages of a sample: spikes so far over steps so far.
/// Backward the mean is that of absolute rates, since signs would cancel.
///
/// # Errors
/// [`PictureError`] where the drawing library fails.
pub fn rates(network: &Network, stages: &Stages) -> Result<Picture, PictureError> {
    let (shown, left) = shown(network);
    let size = (WIDTH, HEAD + PANEL * shown.len() as u32 + FOOT);
    let columns = columns(stages, WIDTH, 20);
    let svg = draw(size, |area, over| {
        for ((name, _), &(x, width)) in stages.each().zip(&columns) {
            let middle = f64::from(x + 56) + f64::from(width - 56) / 2.0;
            let font = Font {
                bold: true,
                anchor: Anchor::Middle,
                ..PLAIN
            };
            over.write((middle, 20.0), font, &format!("{name} stage"));
        }
        for (k, &population) in shown.iter().enumerate() {
            let top = HEAD + k as u32 * PANEL;
            for ((name, steps), &(x, width)) in stages.each().zip(&columns) {
                let rates = Rates::of(steps, population);
                panel(
                    area,
                    (x as i32, top as i32, width, PANEL - 8),
                    &rates,
                    name == "backward",
                )?;
            }
            named(
                over,
                f64::from(top),
                f64::from(PANEL - 50),
                &network.populations[population].name,
            );
        }
        legend(over, f64::from(size.1) - 10.0, stages.backward.is_some());
        Ok(())
    })?;
    let mut description = String::from(
        "Spikes so far over steps so far. Band: from the 10th to the 90th percentile of the neurons; thin lines: up to \
         six neurons that fired, evenly spaced by their last rate.",
    );
    for &population in &shown {
        description += &told(network, stages, population);
    }
    description += &left_out(left);
    Ok(Picture::new(
        "rates",
        "Rates converge",
        description,
        size,
        svg,
    ))
}

fn told(network: &Network, stages: &Stages, population: usize) -> String {
    let last: Vec<String> = stages
        .each()
        .filter_map(|(name, steps)| {
            let mean = Rates::of(steps, population)
                .mean(name == "backward")
                .last()?
                .1;
            Some(format!("{} {name}", number(mean)))
        })
        .collect();
    let name = &network.populations[population].name;
    format!(" Mean of {name} in the end: {}.", last.join(", "))
}

/// Rates of a population, `[step][neuron]`.
struct Rates(Vec<Vec<f64>>);

impl Rates {
    fn of(steps: &[Vec<PopulationStep>], population: usize) -> Rates {
        let mut sums: Vec<i32> = Vec::new();
        let mut rates = Vec::new();
        for (step, spikes) in (1..).zip(steps.iter().filter_map(|s| s.get(population))) {
            sums.resize(spikes.spikes.len(), 0);
            for (sum, &spike) in sums.iter_mut().zip(&spikes.spikes) {
                *sum += i32::from(spike);
            }
            let so_far = sums.iter().map(|&sum| f64::from(sum) / f64::from(step));
            rates.push(so_far.collect());
        }
        Rates(rates)
    }

    fn each(&self, value: impl Fn(&[f64]) -> f64) -> Vec<(f64, f64)> {
        let steps = (1..).map(f64::from).zip(&self.0);
        steps.map(|(step, rates)| (step, value(rates))).collect()
    }

    fn mean(&self, absolute: bool) -> Vec<(f64, f64)> {
        self.each(|rates| {
            let sum: f64 = rates
                .iter()
                .map(|r| if absolute { r.abs() } else { *r })
                .sum();
            sum / rates.len().max(1) as f64
        })
    }

    /// A quantile of the neurons, `share` from 0 to 1.
    fn quantile(&self, share: f64) -> Vec<(f64, f64)> {
        self.each(|rates| {
            let mut sorted = rates.to_vec();
            sorted.sort_by(f64::total_cmp);
            let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
            sorted.get(place).copied().unwrap_or(0.0)
        })
    }

    /// Neurons that fired, evenly spaced by their last rate.
    fn examples(&self) -> Vec<usize> {
        let Some(last) = self.0.last() else {
            return Vec::new();
        };
        let fired = |k: &usize| self.0.iter().any(|rates| rates[*k] != 0.0);
        let mut all: Vec<usize> = (0..last.len()).filter(fired).collect();
        all.sort_by(|&a, &b| last[a].total_cmp(&last[b]));
        spaced(&all, NEURONS)
    }

    /// Smallest and largest rate.
    fn range(&self) -> (f64, f64) {
        let all = self.0.iter().flatten();
        all.fold((0.0, 0.0), |(l, h): (f64, f64), &r| (l.min(r), h.max(r)))
    }
}

fn panel(
    area: &Area,
    place: (i32, i32, u32, u32),
    rates: &Rates,
    signed: bool,
) -> Result<(), PictureError> {
    let (low, high) = rates.range();
    let margin = ((high - low) * 0.06).max(0.01);
    let low = if signed { low - margin } else { 0.0 };
    let horizontal = Axis {
        range: 1.0..(rates.0.len().max(2) as f64),
        label: "step",
        ticks: 9,
        format: &whole,
    };
    let vertical = Axis {
        range: low..high + margin,
        label: "spikes a step",
        ticks: 6,
        format: &number,
    };
    let mut chart = axes(area, place, (56, 42), horizontal, vertical)?;
    let mut band = rates.quantile(0.9);
    band.extend(rates.quantile(0.1).into_iter().rev());
    if !band.is_empty() {
        let fill = BLUE.rgb().mix(0.16).filled();
        chart
            .draw_series([Polygon::new(band, fill)])
            .map_err(failed)?;
    }
    for neuron in rates.examples() {
        let line = rates.each(|rates| rates[neuron]);
        chart
            .draw_series(LineSeries::new(line, THIN.rgb().stroke_width(1)))
            .map_err(failed)?;
    }
    let color: Paint = if signed { ORANGE } else { BLUE };
    let mean = rates.mean(signed);
    chart
        .draw_series(LineSeries::new(mean, color.rgb().stroke_width(3)))
        .map_err(failed)?;
    Ok(())
}

fn legend(over: &mut Svg, y: f64, backward: bool) {
    let muted = Font {
        color: MUTED,
        size: 12,
        ..PLAIN
    };
    let mut x = 76.0;
    let mut entry = |over: &mut Svg, color: Paint, width: f64, dashes: &str, text: &str| {
        over.path(&format!("M{x:.1} {:.1}h26", y - 4.0), color, width, dashes);
        over.write((x + 34.0, y), muted, text);
        x += 34.0 + crate::svg::width(text, 12) + 20.0;
    };
    entry(over, BLUE, 3.0, "", "mean of the neurons");
    if backward {
        entry(over, ORANGE, 3.0, "7 3", "backward: mean of absolute rates");
    }
    entry(over, THIN, 1.0, "", "single neurons");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};
    use crate::testing;

    #[test]
    fn rates_are_spikes_over_steps() {
        let steps = testing::steps(&[2, 3], 4, |step, p, k| {
            if p == 1 && k == 2 && step % 2 == 0 {
                -1
            } else {
                0
            }
        });
        let rates = Rates::of(&steps, 1);
        let line = rates.each(|r| r[2]);
        assert_eq!(
            line,
            [(1.0, -1.0), (2.0, -0.5), (3.0, -2.0 / 3.0), (4.0, -0.5)]
        );
        assert_eq!(rates.mean(true)[3], (4.0, 0.5 / 3.0));
        assert_eq!(rates.quantile(0.0)[3].1, -0.5);
        assert_eq!(rates.quantile(1.0)[3].1, 0.0);
        assert_eq!(rates.examples(), [2]);
    }

    #[test]
    fn lines_are_the_mean_and_some_neurons() {
        let net = testing::network(20, 1);
        let all = testing::steps(&[20], 6, |_, _, _| 1);
        let none = testing::steps(&[20], 6, |_, _, _| 0);
        let of = |forward, backward| rates(&net, &Stages { forward, backward }).unwrap();
        let (full, quiet) = (of(&all, None), of(&none, None));
        // The quiet one has its ticks elsewhere, so neurons are told by their color.
        let thin = format!("stroke=\"{}\"", THIN.hex());
        let lines = |picture: &Picture| picture.element().matches(&thin).count();
        assert_eq!((lines(&full), lines(&quiet)), (1 + NEURONS, 1));
        assert_eq!(marks(&full, "polygon"), 1);
        assert!(
            full.description()
                .contains("Mean of p0 in the end: 1 forward.")
        );
        let both = of(&all, Some(&none));
        assert!(texts(&both).iter().any(|t| t == "backward stage"));
        assert_eq!(both.file(), of(&all, Some(&none)).file());
    }

    #[test]
    fn one_step_of_one_neuron_is_drawn() {
        let net = testing::network(1, 1);
        let one = testing::steps(&[1], 1, |_, _, _| 1);
        rates(
            &net,
            &Stages {
                forward: &one,
                backward: Some(&one),
            },
        )
        .unwrap();
        rates(
            &net,
            &Stages {
                forward: &[],
                backward: Some(&[]),
            },
        )
        .unwrap();
    }
}
