//! What is taken for what.

use super::Sources;
use super::sections::table;
use crate::failure::{Failure, unread};
use spidec_report::{self as report, Confusion, Content, grouped};
use spidec_runtime::spide::answer_f32;

/// Samples that are classified, at most: a page is a matter of seconds.
const CLASSIFIED: usize = 2000;
/// Mistakes that are told.
const MISTAKEN: usize = 8;

/// The matrix and what stands out in it, with trained weights.
pub(super) fn content(sources: &Sources) -> Result<Vec<Content>, Failure> {
    if sources.state.is_none() {
        return Ok(vec![Content::Missing(
            "What is taken for what: the weights are the initial ones. `spidec report --state STATE` takes trained ones."
                .to_string(),
        )]);
    }
    if let Some(why) = sources.unreadable() {
        return Ok(vec![Content::Missing(format!(
            "What is taken for what: {why}"
        ))]);
    }
    let network = &sources.checked.network;
    let spide = sources.spide()?;
    let mut counts = Confusion::new(network.readout.classes as usize);
    let data = sources.data.first(CLASSIFIED);
    answer_f32(&spide, &data, &mut |answer| {
        counts.add(answer.label, answer.prediction)
    })
    .map_err(unread)?;
    let text = format!(
        "{} {}s, classified in floating point: {} right, {:.2} %. `spidec eval` classifies all.",
        grouped(counts.samples()),
        sources.kind,
        grouped(counts.correct()),
        100.0 * counts.correct() as f64 / counts.samples().max(1) as f64
    );
    let mut content = vec![Content::Text(text)];
    content.extend(report::confusion(&counts).map(Content::Picture));
    let mistaken = counts.mistaken();
    let rows = mistaken.iter().take(MISTAKEN).map(|m| {
        let share = counts
            .class(m.label)
            .map_or(0.0, |(all, _)| m.count as f64 / all as f64);
        vec![
            m.label.to_string(),
            m.prediction.to_string(),
            grouped(m.count),
            format!("{:.1}", 100.0 * share),
        ]
    });
    if mistaken.is_empty() {
        return Ok(content);
    }
    let heads = ["class", "taken for", "samples", "of the class, %"];
    content.push(table("Most often mistaken", &heads, rows.collect()));
    Ok(content)
}
