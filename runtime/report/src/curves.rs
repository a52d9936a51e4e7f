//! Loss and accuracy over the samples and epochs of a training.

use crate::chart::draw;
use crate::lines::{Along, BESIDE, Line, line_chart};
use crate::log::{Epoch, Window};
use crate::picture::{Picture, PictureError};
use crate::style::{BLUE, ORANGE};
use crate::svg::grouped;

const WIDTH: u32 = 860;
/// Of each chart.
const HEIGHT: u32 = 240;
/// Most points of a line: more would be noise.
const POINTS: usize = 160;

/// Accuracy, and loss where the log has it, over the epochs of a log; within them too where it tells of
/// parts. `None` for an empty log.
///
/// # Errors
/// [`PictureError`] where the drawing library fails.
pub fn curves(log: &[Epoch]) -> Result<Option<Picture>, PictureError> {
    let (Some(first), Some(last)) = (log.first(), log.last()) else {
        return Ok(None);
    };
    let ends = |value: fn(&Epoch) -> Option<f64>| -> Vec<(f64, f64)> {
        let points = log.iter().map(|e| Some((f64::from(e.number), value(e)?)));
        points.flatten().collect()
    };
    let percent: fn(f64) -> String = |v| format!("{v:.2} %");
    let in_percent =
        |points: Vec<(f64, f64)>| points.into_iter().map(|(x, y)| (x, 100.0 * y)).collect();
    let mut within = parts(log, |w| Some(w.accuracy));
    let has_parts = !within.is_empty();
    if !has_parts {
        within = ends(|e| Some(e.train_accuracy));
    }
    let accuracy = [
        Line {
            name: "training",
            color: ORANGE,
            marked: !has_parts,
            points: in_percent(within),
            format: percent,
        },
        Line {
            name: "test",
            color: BLUE,
            marked: true,
            points: in_percent(ends(|e| Some(e.test_accuracy))),
            format: percent,
        },
    ];
    let mut loss = parts(log, |w| w.loss);
    let loss_parts = !loss.is_empty();
    if !loss_parts {
        loss = ends(|e| e.train_loss);
    }
    let test_loss = ends(|e| e.test_loss);
    let charts = if loss.is_empty() && test_loss.is_empty() {
        1
    } else {
        2
    };
    let loss = [
        Line {
            name: "training",
            color: ORANGE,
            marked: !loss_parts,
            points: loss,
            format: |v| format!("{v:.4}"),
        },
        Line {
            name: "test",
            color: BLUE,
            marked: true,
            points: test_loss,
            format: |v| format!("{v:.4}"),
        },
    ];
    let size = (WIDTH, 20 + charts * HEIGHT);
    let range = (f64::from(first.number - 1), f64::from(last.number));
    // The first epoch alone is told in samples.
    let told = size_of(&last.progress);
    let samples = if told > 0 { last.before + told } else { 0 };
    let alone = log.len() == 1 && last.number == 1 && samples > 0;
    let scale = if alone { samples as f64 } else { 1.0 };
    let svg = draw(size, |area, over| {
        let place = |k: u32| (6, 10 + (k * HEIGHT) as i32, WIDTH - BESIDE, HEIGHT - 6);
        let along = Along { range, scale };
        line_chart(area, over, place(0), along, "accuracy, %", &accuracy)?;
        if charts == 2 {
            line_chart(area, over, place(1), along, "loss", &loss)?;
        }
        Ok(())
    })?;
    let epochs = match log.len() {
        1 => "One epoch".to_string(),
        count => format!("{count} epochs"),
    };
    let mut description = format!(
        "{epochs}; test accuracy {:.2} % after epoch {}. Training samples are counted as they come, each before it is \
         learned from",
        100.0 * last.test_accuracy,
        last.number
    );
    if samples > 0 {
        let most = stretches(&last.progress, together(log))
            .into_iter()
            .map(size_of);
        description += &format!(
            "; the {}epoch has {} of them{}. A point of the training line is the mean of the {} samples before it, \
             so it differs from the mean of the whole epoch",
            if log.len() == 1 { "" } else { "last " },
            grouped(samples),
            match last.before {
                0 => String::new(),
                before => format!(", the first {} not in this log", grouped(before)),
            },
            grouped(most.max().unwrap_or(0))
        );
    }
    description += ".";
    let title = if charts == 2 {
        "Accuracy and loss"
    } else {
        "Accuracy"
    };
    Ok(Some(Picture::new("curves", title, description, size, svg)))
}

/// Parts of epochs, as points at their ends, so few that a line of them can be read.
fn parts(log: &[Epoch], value: fn(&Window) -> Option<f64>) -> Vec<(f64, f64)> {
    let together = together(log);
    let mut points = Vec::new();
    for epoch in log {
        let all = epoch.before + size_of(&epoch.progress);
        let mut done = epoch.before;
        for windows in stretches(&epoch.progress, together) {
            let (mut sum, mut samples) = (0.0, 0);
            for window in windows {
                done += window.samples;
                if let Some(value) = value(window) {
                    sum += value * window.samples as f64;
                    samples += window.samples;
                }
            }
            if samples > 0 {
                let x = f64::from(epoch.number - 1) + done as f64 / all as f64;
                points.push((x, sum / samples as f64));
            }
        }
    }
    points
}

/// How many windows make a point.
fn together(log: &[Epoch]) -> usize {
    let count: usize = log.iter().map(|e| e.progress.len()).sum();
    count.div_ceil(POINTS).max(1)
}

/// Samples of some windows.
fn size_of(windows: &[Window]) -> u64 {
    windows.iter().map(|w| w.samples).sum()
}

/// Windows in stretches of `together`. What is left at the end, if it is short, belongs to the last: of few samples
/// a mean says little.
fn stretches(windows: &[Window], together: usize) -> Vec<&[Window]> {
    let mut all: Vec<&[Window]> = windows.chunks(together).collect();
    if let [.., before, last] = all[..]
        && size_of(last) < size_of(before) / 2
    {
        all.truncate(all.len() - 2);
        all.push(&windows[windows.len() - before.len() - last.len()..]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::EpochRates;
    use crate::picture::tests::{marks, texts};

    fn epoch(number: u32, windows: usize) -> Epoch {
        let window = Window {
            samples: 256,
            accuracy: 0.5,
            loss: Some(1.5),
        };
        Epoch {
            number,
            train_accuracy: 0.8,
            train_loss: Some(0.7),
            test_accuracy: 0.9,
            test_loss: Some(0.6),
            rates: EpochRates::default(),
            before: 0,
            progress: vec![window; windows],
        }
    }

    #[test]
    fn an_empty_log_has_no_curves() {
        assert_eq!(curves(&[]).unwrap(), None);
    }

    #[test]
    fn every_epoch_has_a_mark_and_the_last_values_are_written() {
        let picture = curves(&[epoch(1, 4), epoch(2, 4), epoch(3, 4)])
            .unwrap()
            .unwrap();
        let text = texts(&picture);
        for wanted in [
            "test",
            "90.00 %",
            "50.00 %",
            "1.5000",
            "0.6000",
            "accuracy, %",
            "loss",
            "epoch",
        ] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
        assert_eq!(marks(&picture, "circle"), 6);
    }

    #[test]
    fn the_first_epoch_alone_is_told_in_samples() {
        let picture = curves(&[epoch(1, 4)]).unwrap().unwrap();
        let text = texts(&picture);
        for wanted in ["training samples", "0", "1,000"] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
        assert!(!text.iter().any(|t| t == "epoch"));
        let said = picture.description();
        assert!(said.contains("mean of the 256 samples before it"), "{said}");
    }

    #[test]
    fn one_epoch_without_parts_or_loss_is_two_marks() {
        let one = Epoch {
            train_loss: None,
            test_loss: None,
            ..epoch(1, 0)
        };
        let picture = curves(&[one]).unwrap().unwrap();
        assert_eq!(marks(&picture, "circle"), 2);
        assert_eq!(picture.title(), "Accuracy");
    }

    #[test]
    fn a_short_end_is_no_point_of_its_own() {
        let mut log = [epoch(1, 4)];
        log[0].progress[3] = Window {
            samples: 8,
            accuracy: 0.0,
            loss: None,
        };
        let points = parts(&log, |w| Some(w.accuracy));
        assert_eq!(points.len(), 3);
        assert_eq!(points[2], (1.0, 0.5 * 256.0 / 264.0));
    }

    #[test]
    fn an_epoch_that_was_gone_on_with_keeps_its_points_places() {
        let log = [Epoch {
            before: 2 * 256,
            ..epoch(2, 2)
        }];
        let points = parts(&log, |w| Some(w.accuracy));
        assert_eq!(points, [(1.75, 0.5), (2.0, 0.5)]);
        let picture = curves(&log).unwrap().unwrap();
        let said = picture.description();
        assert!(
            said.contains("1,024 of them, the first 512 not in this log"),
            "{said}"
        );
    }

    #[test]
    fn long_trainings_stay_readable() {
        let log: Vec<Epoch> = (1..=10).map(|k| epoch(k, 235)).collect();
        assert!(parts(&log, |w| w.loss).len() <= POINTS + 10);
        let last = parts(&log, |w| w.loss).last().copied();
        assert_eq!(last, Some((10.0, 1.5)));
    }
}
