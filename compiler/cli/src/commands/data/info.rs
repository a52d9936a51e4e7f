//! `spidec data info`.

use crate::failure::{Failure, coded};
use crate::input;
use crate::output::say;
use crate::progress::bar;
use crate::remarks::{Seen, remarks};
use clap::Args;
use serde_json::json;
use spidec_data::{Data, DataError, Dataset, Recordings, Split, open};
use spidec_ir::network::Shape;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data info mnist/")]
pub(crate) struct Info {
    /// The data folder.
    folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Info) -> Result<(), Failure> {
    let folder = &arguments.folder;
    input::data_folder(folder)?;
    let (mut splits, mut missing) = (Vec::new(), None);
    for split in [Split::Train, Split::Test] {
        match open(folder, split) {
            // What is said of a split does not need the other in memory.
            Ok(data) => splits.push((split, About::of(&data)?)),
            // One of the two is enough to describe.
            Err(error @ DataError::Nothing { .. }) => missing = missing.or(Some(error)),
            Err(error) => return Err(coded(error.code(), error)),
        }
    }
    if let (true, Some(error)) = (splits.is_empty(), missing) {
        return Err(coded(error.code(), error));
    }
    if arguments.json {
        let splits = splits
            .iter()
            .map(|(split, about)| (split.to_string(), about.json()));
        let text = serde_json::Value::Object(splits.collect());
        return say!("{text:#}");
    }
    for (split, about) in &splits {
        say!("{split}: {}", about.text())?;
        for line in label_lines(&about.labels) {
            say!("  {line}")?;
        }
    }
    let seen = |split| {
        let (_, about) = splits.iter().find(|(of, _)| *of == split)?;
        Some(Seen {
            shape: &about.shape,
            labels: about.labels.keys().map(|&label| label as usize).collect(),
        })
    };
    for remark in remarks(seen(Split::Train), seen(Split::Test)) {
        say!("note: {remark}")?;
    }
    Ok(())
}

/// Labels of a line, and lines.
const LABELS: (usize, usize) = (10, 2);

/// The samples of each label, those of the first labels where there are many.
fn label_lines(labels: &BTreeMap<u32, usize>) -> Vec<String> {
    let (columns, rows) = LABELS;
    let counts = labels.iter().map(|(label, n)| format!("{label}: {n}"));
    let counts: Vec<String> = counts.collect();
    let lines = counts.chunks(columns).take(rows).enumerate();
    let lead = |k| if k == 0 { "labels" } else { "" };
    let lines = lines.map(|(k, line)| format!("{:<6} {}", lead(k), line.join(", ")));
    let mut lines: Vec<String> = lines.collect();
    let more = counts.len().saturating_sub(columns * rows);
    if let (1.., Some(last)) = (more, labels.keys().last()) {
        lines.push(format!("{:<6} ... and {more} more, up to {last}", ""));
    }
    lines
}

/// What a split holds.
struct About {
    samples: usize,
    shape: Shape,
    /// Samples of each label that occurs.
    labels: BTreeMap<u32, usize>,
    content: Content,
}

enum Content {
    Values {
        least: u8,
        most: u8,
        /// The share of values that are 0.
        zero: f64,
    },
    Events {
        /// Events a sample: fewest, on average, most.
        fewest: usize,
        mean: f64,
        most: usize,
        /// The share that is brighter.
        on: f64,
        /// Milliseconds a sample, on average.
        milliseconds: f64,
    },
}

impl About {
    fn of(data: &Data) -> Result<About, Failure> {
        Ok(match data {
            Data::Constant(data) => About::new(data, values(data)),
            Data::Events(data) => About::new(data, events(data)?),
        })
    }

    fn new<S>(data: &Dataset<S>, content: Content) -> About {
        let mut labels = BTreeMap::new();
        for &label in data.labels() {
            *labels.entry(label).or_default() += 1;
        }
        About {
            samples: data.len(),
            shape: data.shape().clone(),
            labels,
            content,
        }
    }

    fn text(&self) -> String {
        let (samples, shape) = (self.samples, &self.shape);
        match &self.content {
            Content::Values { least, most, zero } => format!(
                "{samples} samples of {shape}, values {least} to {most}, {:.0} % of them 0",
                100.0 * zero
            ),
            Content::Events {
                fewest,
                mean,
                most,
                on,
                milliseconds,
            } => format!(
                "{samples} recordings on {shape}, {fewest} to {most} events, {mean:.0} on average, \
                 {:.0} % of them brighter, {milliseconds:.0} ms",
                100.0 * on
            ),
        }
    }

    fn json(&self) -> serde_json::Value {
        let labels = self.labels.iter();
        let labels: Vec<_> = labels
            .map(|(label, samples)| json!({ "label": label, "samples": samples }))
            .collect();
        let mut all = json!({ "samples": self.samples, "shape": self.shape.0, "labels": labels });
        let more = match &self.content {
            Content::Values { least, most, zero } => {
                json!({ "least": least, "most": most, "zero": zero })
            }
            Content::Events {
                fewest,
                mean,
                most,
                on,
                milliseconds,
            } => json!({
                "events": { "fewest": fewest, "mean": mean, "most": most },
                "brighter": on, "milliseconds": milliseconds,
            }),
        };
        if let (Some(all), serde_json::Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        all
    }
}

fn values(data: &Dataset) -> Content {
    let (mut least, mut most, mut zeros) = (u8::MAX, 0, 0);
    for (sample, _) in data.samples() {
        for &value in sample {
            least = least.min(value);
            most = most.max(value);
            zeros += usize::from(value == 0);
        }
    }
    let zero = zeros as f64 / (data.len() * data.shape().size()) as f64;
    Content::Values { least, most, zero }
}

fn events(data: &Dataset<Recordings>) -> Result<Content, Failure> {
    let bar = bar(data.len(), "recordings");
    let (mut fewest, mut most, mut all) = (usize::MAX, 0, 0);
    let (mut on, mut time) = (0, 0.0);
    for index in 0..data.len() {
        let read = data.recording(index);
        let (recording, _) = read.map_err(|error| coded(error.code(), error))?;
        let events = recording.events();
        (fewest, most) = (fewest.min(events.len()), most.max(events.len()));
        all += events.len();
        on += events.iter().filter(|event| event.on).count();
        time += recording.duration() as f64;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let samples = data.len() as f64;
    Ok(Content::Events {
        fewest,
        mean: all as f64 / samples,
        most,
        on: on as f64 / all as f64,
        milliseconds: time / samples / 1000.0,
    })
}
