//! How often populations fire over the epochs of a training.

use crate::chart::draw;
use crate::lines::{Along, BESIDE, Line, line_chart};
use crate::log::{Epoch, EpochRates};
use crate::picture::{Picture, PictureError};
use crate::style::{BLUE, ORANGE};
use crate::svg::fitting;
use spidec_ir::Network;
use std::collections::BTreeMap;

const WIDTH: u32 = 860;
/// Of a population's chart.
const HEIGHT: u32 = 190;

/// Firing rates of both stages over the epochs of a log, a chart a population. `None` where the log has none of this
/// network's populations.
///
/// # Errors
/// [`PictureError`] where the drawing library fails.
pub fn activity(network: &Network, log: &[Epoch]) -> Result<Option<Picture>, PictureError> {
    let (Some(first), Some(last)) = (log.first(), log.last()) else {
        return Ok(None);
    };
    let line = |name, color, of: fn(&EpochRates) -> &BTreeMap<String, f64>, population: &str| {
        let point = |epoch: &Epoch| {
            let rate = of(&epoch.rates).get(population)?;
            Some((f64::from(epoch.number), 100.0 * rate))
        };
        let points: Vec<(f64, f64)> = log.iter().filter_map(point).collect();
        Line {
            name,
            color,
            // One point alone is no line.
            marked: color == BLUE || points.len() == 1,
            points,
            format: |v| format!("{v:.2} %"),
        }
    };
    let charts = network.populations.iter().map(|population| {
        let name = population.name.as_str();
        let lines = [
            line("forward", BLUE, |rates| &rates.forward, name),
            line("backward", ORANGE, |rates| &rates.backward, name),
        ];
        (name, lines)
    });
    let charts: Vec<_> = charts
        .filter(|(_, lines)| lines.iter().any(|line| !line.points.is_empty()))
        .collect();
    if charts.is_empty() {
        return Ok(None);
    }
    let along = Along {
        range: (f64::from(first.number - 1), f64::from(last.number)),
        scale: 1.0,
    };
    let size = (WIDTH, 10 + charts.len() as u32 * HEIGHT);
    let svg = draw(size, |area, over| {
        for (k, (name, lines)) in (0..).zip(&charts) {
            let place = (6, 10 + (k * HEIGHT) as i32, WIDTH - BESIDE, HEIGHT - 6);
            let label = format!("{}, %", fitting(name, 13, 100.0));
            line_chart(area, over, place, along, &label, lines)?;
        }
        Ok(())
    })?;
    let description = "Spikes of either sign a neuron and step, in percent, over the training samples of each epoch: of \
                       the forward stage, and of the backward stage where the engine counts them.";
    let title = "Firing rates over epochs";
    let description = description.to_string();
    Ok(Some(Picture::new(
        "activity",
        title,
        description,
        size,
        svg,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};
    use crate::testing::network;

    fn epoch(number: u32, forward: &[(&str, f64)], backward: &[(&str, f64)]) -> Epoch {
        let map = |rates: &[(&str, f64)]| rates.iter().map(|&(name, r)| (name.into(), r)).collect();
        Epoch {
            number,
            train_accuracy: 0.8,
            train_loss: None,
            test_accuracy: 0.9,
            test_loss: None,
            rates: EpochRates {
                forward: map(forward),
                backward: map(backward),
            },
            before: 0,
            progress: Vec::new(),
        }
    }

    #[test]
    fn each_population_has_a_chart_with_both_stages() {
        let log = [
            epoch(1, &[("p0", 0.5), ("p1", 0.25)], &[("p0", 0.125)]),
            epoch(2, &[("p0", 0.25), ("p1", 0.125)], &[("p0", 0.0625)]),
        ];
        let picture = activity(&network(3, 2), &log).unwrap().unwrap();
        let text = texts(&picture);
        for wanted in ["p0, %", "p1, %", "25.00 %", "12.50 %", "6.25 %"] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
        let count = |name: &str| text.iter().filter(|text| *text == name).count();
        assert_eq!((count("forward"), count("backward")), (2, 1));
        assert_eq!(marks(&picture, "circle"), 4);
    }

    #[test]
    fn what_the_log_has_not_is_not_drawn() {
        let network = network(3, 2);
        assert_eq!(activity(&network, &[]).unwrap(), None);
        assert_eq!(activity(&network, &[epoch(1, &[], &[])]).unwrap(), None);
        let foreign = [epoch(1, &[("other", 0.5)], &[])];
        assert_eq!(activity(&network, &foreign).unwrap(), None);
        let one = [epoch(4, &[], &[("p1", 0.0)])];
        let picture = activity(&network, &one).unwrap().unwrap();
        assert_eq!(marks(&picture, "circle"), 1);
        let text = texts(&picture);
        assert!(text.iter().any(|t| t == "p1, %") && !text.iter().any(|t| t == "p0, %"));
    }
}
