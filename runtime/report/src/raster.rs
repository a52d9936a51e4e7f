//! Which neurons fired when, in both stages of one sample.

use crate::chart::{Area, Axis, axes, draw, failed, whole};
use crate::picture::{Picture, PictureError};
use crate::style::{BLUE, INK, MUTED, ORANGE, Paint};
use crate::svg::{Anchor, Font, PLAIN, Svg, fitting, grouped};
use plotters::prelude::*;
use spidec_ir::Network;
use spidec_ir::trace::PopulationStep;

const WIDTH: u32 = 900;
/// Rows of all populations together, about: more could not be told apart.
const ROWS: usize = 64;
/// Most populations that are shown.
const POPULATIONS: usize = 6;
/// Left of a plot: neuron numbers; below: steps.
const ROOM: (u32, u32) = (56, 42);
/// Between the stages.
const GAP: u32 = 12;
const HEAD: u32 = 34;
const FOOT: u32 = 30;

/// The stages of one sample.
#[derive(Clone, Copy, Debug)]
pub struct Stages<'a> {
    /// `[step][population]`, spikes 0 or 1.
    pub forward: &'a [Vec<PopulationStep>],
    /// `[step][population]`, spikes -1, 0 or 1; `None` where there is none to show.
    pub backward: Option<&'a [Vec<PopulationStep>]>,
}

impl Stages<'_> {
    /// The stages that are there, with their names.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &[Vec<PopulationStep>])> {
        let backward = self.backward.map(|steps| ("backward", steps));
        [("forward", self.forward)].into_iter().chain(backward)
    }
}

/// Populations to show: all, or the first few and the readout's source. With how many are left out.
pub(crate) fn shown(network: &Network) -> (Vec<usize>, usize) {
    let count = network.populations.len();
    let mut shown: Vec<usize> = (0..count.min(POPULATIONS)).collect();
    let source = network.readout.source.index();
    if let Some(last) = shown.last_mut().filter(|last| **last < source) {
        *last = source;
    }
    let left = count - shown.len();
    (shown, left)
}

/// A sentence on populations left out; "" where none is.
pub(crate) fn left_out(left: usize) -> String {
    match left {
        0 => String::new(),
        1 => " One population is left out.".to_string(),
        left => format!(" {left} populations are left out."),
    }
}

/// Where the plots of the stages lie: left edge and width of each.
pub(crate) fn columns(stages: &Stages, width: u32, label: u32) -> Vec<(u32, u32)> {
    let Some(backward) = stages.backward else {
        return vec![(label, width - label - 10)];
    };
    let (f, b) = (
        stages.forward.len().max(1) as f64,
        backward.len().max(1) as f64,
    );
    let all = width - label - 10 - GAP;
    let first = (f64::from(all) * (f / (f + b)).clamp(0.35, 0.65)) as u32;
    vec![(label, first), (label + first + GAP, all - first)]
}

/// The spikes of both stages of a sample. Of large populations some neurons are shown, evenly spaced: half of
/// them among those with backward spikes.
///
/// # Errors
/// [`PictureError`] where the drawing library fails.
pub fn raster(network: &Network, stages: &Stages) -> Result<Picture, PictureError> {
    let (shown, left) = shown(network);
    let each = (ROWS / shown.len().max(1)).max(6);
    let rows: Vec<Vec<usize>> = shown
        .iter()
        .map(|&p| {
            choice(
                &counts(stages.forward, p),
                &counts(stages.backward.unwrap_or(&[]), p),
                each,
            )
        })
        .collect();
    let total: usize = rows.iter().map(Vec::len).sum();
    let row = (520.0 / total.max(1) as f64).clamp(9.0, 18.0);
    let heights: Vec<u32> = rows
        .iter()
        .map(|r| (r.len() as f64 * row).ceil() as u32 + ROOM.1 + 12)
        .collect();
    let label = 20;
    let size = (WIDTH, HEAD + heights.iter().sum::<u32>() + FOOT);
    let columns = columns(stages, WIDTH, label);
    let svg = draw(size, |area, over| {
        for ((name, _), &(x, width)) in stages.each().zip(&columns) {
            let middle = f64::from(x + ROOM.0) + f64::from(width - ROOM.0) / 2.0;
            let font = Font {
                bold: true,
                anchor: Anchor::Middle,
                ..PLAIN
            };
            over.write((middle, 20.0), font, &format!("{name} stage"));
        }
        let mut top = HEAD;
        for ((&population, neurons), &height) in shown.iter().zip(&rows).zip(&heights) {
            for ((_, steps), &(x, width)) in stages.each().zip(&columns) {
                let place = (x as i32, top as i32, width, height);
                panel(area, place, steps, population, neurons)?;
            }
            named(
                over,
                f64::from(top),
                f64::from(height - ROOM.1),
                &network.populations[population].name,
            );
            top += height;
        }
        legend(over, f64::from(size.1) - 10.0, stages.backward.is_some());
        Ok(())
    })?;
    let mut description = String::new();
    for (&population, neurons) in shown.iter().zip(&rows) {
        description += &told(network, stages, population, neurons.len());
    }
    description += left_out(left).trim_start();
    Ok(Picture::new(
        "raster",
        "Spikes of one sample",
        description.trim_end().to_string(),
        size,
        svg,
    ))
}

/// A population's name along its panel.
pub(crate) fn named(over: &mut Svg, top: f64, height: f64, name: &str) {
    let (x, y) = (16.0, top + height / 2.0);
    let name = fitting(name, 13, height.max(60.0));
    over.append(&format!(
        "<g transform=\"translate({x:.1} {y:.1}) rotate(-90)\">\n"
    ));
    let font = Font {
        bold: true,
        anchor: Anchor::Middle,
        ..PLAIN
    };
    over.write((0.0, 0.0), font, &name);
    over.append("</g>\n");
}

fn told(network: &Network, stages: &Stages, population: usize, shown: usize) -> String {
    let size = network.populations[population].shape.size();
    let all = |steps: &[Vec<PopulationStep>], sign: i8| -> u64 {
        let spikes = steps
            .iter()
            .filter_map(|s| s.get(population))
            .flat_map(|s| &s.spikes);
        spikes.filter(|&&s| s == sign).count() as u64
    };
    let name = &network.populations[population].name;
    let mut text = format!("{name}: {} spikes forward", grouped(all(stages.forward, 1)));
    if let Some(backward) = stages.backward {
        text += &match (all(backward, 1), all(backward, -1)) {
            (0, 0) => ", none backward: the sample's error does not make a couple fire".to_string(),
            (plus, minus) => {
                let (plus, minus) = (grouped(plus), grouped(minus));
                format!(", {plus} of 1 and {minus} of -1 backward")
            }
        };
    }
    text += &match shown < size {
        false => format!("; all {size} neurons are shown. "),
        true if stages.backward.is_some() => format!(
            "; {shown} of its {} neurons are shown, evenly spaced, up to half of them among those \
             with backward spikes. ",
            grouped(size as u64)
        ),
        true => format!(
            "; {shown} of its {} neurons are shown, evenly spaced. ",
            grouped(size as u64)
        ),
    };
    text
}

/// Spikes of each neuron, whatever their sign.
fn counts(steps: &[Vec<PopulationStep>], population: usize) -> Vec<u32> {
    let mut counts = Vec::new();
    for step in steps.iter().filter_map(|step| step.get(population)) {
        counts.resize(step.spikes.len().max(counts.len()), 0);
        for (count, &spike) in counts.iter_mut().zip(&step.spikes) {
            *count += u32::from(spike != 0);
        }
    }
    counts
}

/// At most `most` neurons, in order.
fn choice(forward: &[u32], backward: &[u32], most: usize) -> Vec<usize> {
    let size = forward.len().max(backward.len());
    if size <= most {
        return (0..size).collect();
    }
    let spiked = |k: &usize| backward.get(*k).is_some_and(|&n| n > 0);
    let (active, others): (Vec<usize>, Vec<usize>) = (0..size).partition(spiked);
    let half = active
        .len()
        .min((most / 2).max(most.saturating_sub(others.len())));
    let mut chosen = spaced(&active, half);
    chosen.extend(spaced(&others, most - half));
    chosen.sort();
    chosen
}

/// `count` of some items, evenly spaced.
pub(crate) fn spaced(items: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(items.len());
    (0..count).map(|k| items[k * items.len() / count]).collect()
}

fn panel(
    area: &Area,
    place: (i32, i32, u32, u32),
    steps: &[Vec<PopulationStep>],
    population: usize,
    neurons: &[usize],
) -> Result<(), PictureError> {
    let count = neurons.len().max(1) as f64;
    let horizontal = Axis {
        range: 0.5..steps.len().max(1) as f64 + 0.5,
        label: "step",
        ticks: 9,
        format: &whole,
    };
    let number = |row: f64| match whole(row).parse().ok().and_then(|k: usize| neurons.get(k)) {
        Some(neuron) => neuron.to_string(),
        None => String::new(),
    };
    let vertical = Axis {
        range: count - 0.5..-0.5,
        label: "neuron",
        ticks: (neurons.len() / 3).clamp(2, 9),
        format: &number,
    };
    let mut chart = axes(area, place, ROOM, horizontal, vertical)?;
    let mut marks = Vec::new();
    for (step, spikes) in (1..).zip(steps) {
        let Some(spikes) = spikes.get(population) else {
            continue;
        };
        for (row, &neuron) in neurons.iter().enumerate() {
            let spike = spikes.spikes.get(neuron).copied().unwrap_or(0);
            if spike != 0 {
                marks.push((f64::from(step), row as f64, spike));
            }
        }
    }
    // Upward from the middle of the row where positive, downward where negative; all of the row forward.
    let signed = place.0 > 60;
    let marks = marks.into_iter().map(|(step, row, spike)| {
        let (top, bottom, color): (f64, f64, Paint) = match (signed, spike) {
            (false, _) => (-0.36, 0.36, INK),
            (true, 1) => (-0.46, 0.02, BLUE),
            (true, _) => (-0.02, 0.46, ORANGE),
        };
        Rectangle::new(
            [(step - 0.3, row + top), (step + 0.3, row + bottom)],
            color.rgb().filled(),
        )
    });
    chart.draw_series(marks).map_err(failed)?;
    Ok(())
}

fn legend(over: &mut Svg, y: f64, backward: bool) {
    let muted = Font {
        color: MUTED,
        size: 12,
        ..PLAIN
    };
    let mut x = 76.0;
    let mut entry = |color: Paint, (dy, height): (f64, f64), text: &str| {
        over.path(
            &format!("M{:.1} {:.1}h22", x - 6.0, y - 4.0),
            crate::style::FAINT,
            1.0,
            "",
        );
        over.rect((x, y - 4.0 + dy), (10.0, height), color, 0.0);
        over.write((x + 24.0, y), muted, text);
        x += 34.0 + crate::svg::width(text, 12) + 16.0;
    };
    entry(INK, (-5.0, 10.0), "spike");
    if backward {
        entry(
            BLUE,
            (-7.0, 7.0),
            "backward spike of 1 (above its neuron's line)",
        );
        entry(ORANGE, (0.0, 7.0), "backward spike of -1 (below)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};
    use crate::testing;

    #[test]
    fn every_spike_is_a_mark_and_signs_differ() {
        let net = testing::network(4, 2);
        let quiet = testing::steps(&[4, 4], 5, |_, _, _| 0);
        let loud = testing::steps(&[4, 4], 5, |step, p, k| i8::from((step + p + k) % 3 == 0));
        let signed = testing::steps(&[4, 4], 7, |step, _, k| [0, 1, -1][(step + k) % 3]);
        let of = |forward, backward| raster(&net, &Stages { forward, backward }).unwrap();
        let empty = of(&quiet, Some(&quiet));
        let spikes = |steps: &[Vec<PopulationStep>], sign: i8| -> usize {
            steps
                .iter()
                .flatten()
                .flat_map(|p| &p.spikes)
                .filter(|&&s| s == sign)
                .count()
        };
        let full = of(&loud, Some(&signed));
        let all = spikes(&loud, 1) + spikes(&signed, 1) + spikes(&signed, -1);
        assert_eq!(marks(&full, "rect") - marks(&empty, "rect"), all);
        // One in the legend.
        let orange = format!("fill=\"{}\"", ORANGE.hex());
        assert_eq!(
            full.element().matches(&orange).count(),
            spikes(&signed, -1) + 1
        );
        assert_eq!(full.file(), of(&loud, Some(&signed)).file());
        let text = texts(&full);
        for wanted in ["p0", "p1", "forward stage", "backward stage", "step"] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
        let forward = texts(&of(&loud, None));
        assert!(
            !forward.iter().any(|t| t.contains("backward")),
            "{forward:?}"
        );
    }

    #[test]
    fn one_neuron_and_no_step_are_drawn() {
        let net = testing::network(1, 1);
        let steps = testing::steps(&[1], 1, |_, _, _| 1);
        raster(
            &net,
            &Stages {
                forward: &steps,
                backward: Some(&[]),
            },
        )
        .unwrap();
        raster(
            &net,
            &Stages {
                forward: &[],
                backward: None,
            },
        )
        .unwrap();
    }

    #[test]
    fn of_many_neurons_some_are_shown_and_said() {
        let net = testing::network(3000, 1);
        let forward = testing::steps(&[3000], 3, |_, _, _| 0);
        let backward = testing::steps(&[3000], 3, |_, _, k| -i8::from(k == 1234));
        let picture = raster(
            &net,
            &Stages {
                forward: &forward,
                backward: Some(&backward),
            },
        )
        .unwrap();
        assert!(
            picture.description().contains("64 of its 3,000 neurons"),
            "{}",
            picture.description()
        );
        assert!(picture.description().contains("3 of -1 backward"));
        let silent = testing::steps(&[3000], 3, |_, _, _| 0);
        let stages = Stages {
            forward: &forward,
            backward: Some(&silent),
        };
        let picture = raster(&net, &stages).unwrap();
        assert!(picture.description().contains("none backward"));
        let chosen = choice(&[0; 3000], &counts(&backward, 0), 64);
        assert!(chosen.contains(&1234) && chosen.len() == 64);
        assert!(chosen.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(choice(&[1; 10], &[1; 10], 4), [0, 2, 5, 7]);
    }

    #[test]
    fn of_many_populations_the_readouts_source_is_shown() {
        let mut net = testing::network(2, 9);
        assert_eq!(shown(&net), (vec![0, 1, 2, 3, 4, 8], 3));
        net.readout.source.0 = 1;
        assert_eq!(shown(&net), (vec![0, 1, 2, 3, 4, 5], 3));
    }
}
