//! Where the cycles go.

use crate::chart::{Axis, axes, draw, failed};
use crate::picture::{Picture, PictureError};
use crate::style::{GROUND, INK, MUTED, PARTS};
use crate::svg::{Anchor, Font, PLAIN, Svg, grouped, rounded, width};
use plotters::prelude::*;
use spidec_ir::trace::{Counters, Idle, Stage};

const WIDTH: u32 = 900;
const BAR: u32 = 30;
const HEAD: u32 = 56;
/// Left of the bars: stages.
const LEFT: u32 = 110;
/// Right of them: their cycles.
const RIGHT: u32 = 96;

/// What the array does in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Slots of events, in lanes that do work: as if all others were left out.
    Useful = 0,
    /// The rest of the slots: lanes without a neuron or a weight, or whose source is zero.
    Padding = 1,
    /// A chunk of a pass.
    Pass = 2,
    /// Waiting for a chunk's sum.
    Wait = 3,
    /// The scanner looks for an event.
    Scan = 4,
    /// The pipeline fills or empties.
    Fill = 5,
    /// Starts of instructions; argmax, loss and noise.
    Rest = 6,
}

impl Part {
    /// All, in the order in which bars stack them.
    pub const ALL: [Part; 7] = [
        Part::Useful,
        Part::Padding,
        Part::Pass,
        Part::Wait,
        Part::Scan,
        Part::Fill,
        Part::Rest,
    ];

    /// As pictures and tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Useful => "useful slots",
            Part::Padding => "idle lanes of slots",
            Part::Pass => "passes",
            Part::Wait => "waits",
            Part::Scan => "scan",
            Part::Fill => "fill",
            Part::Rest => "rest",
        }
    }

    /// What it is, in a sentence, where slot, lane and chunk are known.
    pub fn meaning(self) -> &'static str {
        match self {
            Part::Useful => {
                "slots, weighed by the share of their lanes that had something to add: as many cycles as a machine \
                 without idle lanes would take"
            }
            Part::Padding => {
                "the rest of the slots: lanes without a neuron, without a weight, or with a source of zero"
            }
            Part::Pass => {
                "every neuron of a chunk takes a step: it adds its current, compares with its threshold, and spikes \
                 or not"
            }
            Part::Wait => "a sum is still being added to, and the next slot would need it",
            Part::Scan => "looking for the next source that spiked",
            Part::Fill => "the pipeline fills before its first slot and empties after its last",
            Part::Rest => "starts of instructions; the largest logit, the loss, the rounding noise",
        }
    }
}

/// What the array engine counted over some samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Samples, at least 1.
    pub samples: usize,
    /// Lanes of the array.
    pub lanes: u32,
    /// Sums over the samples.
    pub counters: Counters,
    /// Sums over the samples, one a stage.
    pub idle: [Idle; 6],
}

/// Mean cycles a sample of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageCycles {
    /// The stage.
    pub stage: Stage,
    /// Of each [`Part`].
    pub parts: [f64; 7],
}

impl StageCycles {
    /// All of the stage.
    pub fn all(&self) -> f64 {
        self.parts.iter().sum()
    }
}

impl Measured {
    /// Stages that took any cycles, in order.
    pub fn stages(&self) -> Vec<StageCycles> {
        let each = Stage::ALL.into_iter().map(|stage| self.stage(stage));
        each.filter(|stage| stage.all() > 0.0).collect()
    }

    fn stage(&self, stage: Stage) -> StageCycles {
        let work = self.counters.stages[stage as usize];
        let idle = self.idle[stage as usize];
        let useful = work.useful as f64 / f64::from(self.lanes.max(1));
        let known = work.slots + work.waits + work.passes + idle.scan + idle.fill;
        let sums = [
            useful,
            work.slots as f64 - useful,
            work.passes as f64,
            work.waits as f64,
            idle.scan as f64,
            idle.fill as f64,
            work.cycles.saturating_sub(known) as f64,
        ];
        let samples = self.samples.max(1) as f64;
        StageCycles {
            stage,
            parts: sums.map(|sum| sum / samples),
        }
    }

    /// Mean cycles a sample.
    pub fn cycles(&self) -> f64 {
        self.counters.total_cycles() as f64 / self.samples.max(1) as f64
    }

    /// Useful lanes over cycles times lanes.
    pub fn lane_use(&self) -> f64 {
        let all = self.counters.total_cycles() * u64::from(self.lanes);
        self.counters.total_useful() as f64 / all.max(1) as f64
    }
}

/// A bar.
struct Bar {
    name: String,
    parts: [f64; 7],
    bold: bool,
}

/// The cycles of each stage, inferring and, where the array learns, training; each as a bar of its parts.
///
/// # Errors
/// [`PictureError`] where the drawing library fails.
pub fn cycles(inference: &Measured, training: Option<&Measured>) -> Result<Picture, PictureError> {
    let groups: Vec<(&str, &Measured)> = [("Inference", inference)]
        .into_iter()
        .chain(training.map(|t| ("Training", t)))
        .collect();
    let mut bars = Vec::new();
    for (name, measured) in &groups {
        let stages = measured.stages();
        let mut all = [0.0; 7];
        for stage in &stages {
            for (sum, part) in all.iter_mut().zip(stage.parts) {
                *sum += part;
            }
        }
        bars.push(Bar {
            name: name.to_string(),
            parts: all,
            bold: true,
        });
        bars.extend(stages.iter().map(|stage| Bar {
            name: stage.stage.name().to_string(),
            parts: stage.parts,
            bold: false,
        }));
    }
    let most = bars
        .iter()
        .map(|bar| bar.parts.iter().sum::<f64>())
        .fold(1.0, f64::max);
    let size = (WIDTH, HEAD + BAR * bars.len() as u32 + 48);
    let svg = draw(size, |area, over| {
        let place = (0, HEAD as i32, WIDTH - RIGHT, size.1 - HEAD - 6);
        let count = bars.len() as f64;
        let horizontal = Axis {
            range: 0.0..most,
            label: "cycles a sample",
            ticks: 8,
            format: &|v| rounded(v),
        };
        let vertical = Axis {
            range: count..0.0,
            label: "",
            ticks: 1,
            format: &|_| String::new(),
        };
        let mut chart = axes(area, place, (LEFT, 42), horizontal, vertical)?;
        for (k, bar) in bars.iter().enumerate() {
            let (top, bottom) = (k as f64 + 0.14, k as f64 + 0.86);
            let mut start = 0.0;
            let mut fills = Vec::new();
            for (part, color) in bar.parts.iter().zip(PARTS) {
                let corners = [(start, top), (start + part, bottom)];
                if *part > 0.0 {
                    fills.push(Rectangle::new(corners, color.rgb().filled()));
                    fills.push(Rectangle::new(corners, GROUND.rgb().stroke_width(1)));
                    let (left, _) = chart.backend_coord(&corners[0]);
                    let (right, y) = chart.backend_coord(&(start + part, k as f64 + 0.5));
                    let text = rounded(*part);
                    if width(&text, 11) + 6.0 < f64::from(right - left) {
                        let font = Font {
                            size: 11,
                            color: color.contrast(),
                            anchor: Anchor::Middle,
                            ..PLAIN
                        };
                        over.write(
                            (f64::from(left + right) / 2.0, f64::from(y) + 4.0),
                            font,
                            &text,
                        );
                    }
                }
                start += part;
            }
            chart.draw_series(fills).map_err(failed)?;
            let (x, y) = chart.backend_coord(&(0.0, k as f64 + 0.5));
            let (end, _) = chart.backend_coord(&(start, 0.0));
            let name = Font {
                bold: bar.bold,
                anchor: Anchor::End,
                ..PLAIN
            };
            over.write((f64::from(x) - 10.0, f64::from(y) + 4.0), name, &bar.name);
            let value = Font {
                bold: bar.bold,
                color: if bar.bold { INK } else { MUTED },
                ..PLAIN
            };
            over.write(
                (f64::from(end) + 8.0, f64::from(y) + 4.0),
                value,
                &rounded(start),
            );
        }
        legend(over);
        Ok(())
    })?;
    let mut description = String::new();
    for (name, measured) in &groups {
        description += &format!(
            "{name}: {} cycles a sample, lane use {:.1} %, mean of {} samples on {} lanes. ",
            rounded(measured.cycles()),
            100.0 * measured.lane_use(),
            grouped(measured.samples as u64),
            measured.lanes
        );
    }
    let description = description.trim_end().to_string();
    Ok(Picture::new(
        "cycles",
        "Where the cycles go",
        description,
        size,
        svg,
    ))
}

fn legend(over: &mut Svg) {
    let mut x = 16.0;
    for (part, color) in Part::ALL.into_iter().zip(PARTS) {
        over.rect((x, 16.0), (14.0, 14.0), color, 2.0);
        let font = Font { size: 12, ..PLAIN };
        over.write((x + 20.0, 27.0), font, part.name());
        x += 20.0 + width(part.name(), 12) + 18.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::texts;
    use spidec_ir::trace::Work;

    fn measured() -> Measured {
        let mut counters = Counters::default();
        counters.stages[1] = Work {
            cycles: 2000,
            slots: 1000,
            useful: 3000,
            waits: 300,
            passes: 200,
        };
        counters.stages[4].cycles = 50;
        let mut idle = [Idle::default(); 6];
        idle[1] = Idle {
            scan: 100,
            fill: 60,
        };
        Measured {
            samples: 10,
            lanes: 4,
            counters,
            idle,
        }
    }

    #[test]
    fn parts_add_up_to_the_stages_cycles() {
        let stages = measured().stages();
        assert_eq!(stages.len(), 2);
        assert_eq!(stages[0].parts, [75.0, 25.0, 20.0, 30.0, 10.0, 6.0, 34.0]);
        assert_eq!((stages[0].all(), stages[1].all()), (200.0, 5.0));
        assert_eq!(measured().cycles(), 205.0);
        assert_eq!(measured().lane_use(), 3000.0 / (2050.0 * 4.0));
    }

    #[test]
    fn stages_and_their_cycles_are_written() {
        let text = texts(&cycles(&measured(), Some(&measured())).unwrap());
        for (wanted, count) in [
            ("forward", 2),
            ("backward", 2),
            ("Training", 1),
            ("205", 2),
            ("200", 3),
            ("75", 4),
        ] {
            let found = text.iter().filter(|t| *t == wanted).count();
            assert!(found >= count, "{wanted}: {found} in {text:?}");
        }
        assert!(!text.iter().any(|t| t == "loss"));
    }

    #[test]
    fn nothing_measured_is_drawn() {
        let mut none = measured();
        none.counters = Counters::default();
        none.idle = Default::default();
        none.samples = 0;
        let picture = cycles(&none, None).unwrap();
        assert_eq!(picture.file(), cycles(&none, None).unwrap().file());
    }
}
