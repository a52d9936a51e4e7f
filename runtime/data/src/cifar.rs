//! CIFAR in its binary form: records of labels and 3 x 32 x 32 bytes, a plane a color.

use super::{DataProblem, Dataset, Split, stream};
use spidec_ir::network::Shape;
use std::io::Read;

/// Pixels of a picture.
const PIXELS: usize = 32 * 32;

/// The two datasets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One label.
    Ten,
    /// A coarse label, of 20, and a fine one, which is read.
    Hundred,
}

impl Kind {
    fn labels(self) -> usize {
        match self {
            Kind::Ten => 1,
            Kind::Hundred => 2,
        }
    }

    fn classes(self) -> u8 {
        match self {
            Kind::Ten => 10,
            Kind::Hundred => 100,
        }
    }
}

/// Whether a file of this name, compressed or not, holds a batch of the split.
pub(super) fn named(name: &str, split: Split) -> Option<Kind> {
    let name = stream::plain(name).strip_suffix(".bin")?;
    let numbered = |name: &str| {
        let number = name.strip_prefix("data_batch_");
        number.is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    match (split, name) {
        (Split::Train, "train") | (Split::Test, "test") => Some(Kind::Hundred),
        (Split::Test, "test_batch") => Some(Kind::Ten),
        (Split::Train, name) if numbered(name) => Some(Kind::Ten),
        _ => None,
    }
}

/// Batches, one after the other.
pub(super) struct Batches {
    kind: Kind,
    values: Vec<u8>,
    labels: Vec<u32>,
}

impl Batches {
    pub(super) fn new(kind: Kind) -> Batches {
        Batches {
            kind,
            values: Vec::new(),
            labels: Vec::new(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Adds a file's records, channels last.
    pub(super) fn add(&mut self, stream: &mut dyn Read) -> Result<(), DataProblem> {
        let before = self.labels.len();
        let length = self.kind.labels() + 3 * PIXELS;
        let mut record = Vec::with_capacity(length);
        loop {
            record.clear();
            stream.take(length as u64).read_to_end(&mut record)?;
            let number = self.labels.len() - before;
            if record.is_empty() {
                break;
            }
            if record.len() != length {
                return Err(DataProblem::Batch(format!(
                    "ends within record {number} (from 0) of {length} bytes"
                )));
            }
            let (labels, planes) = record.split_at(self.kind.labels());
            let label = labels[labels.len() - 1];
            if label >= self.kind.classes() {
                let classes = self.kind.classes();
                return Err(DataProblem::Batch(format!(
                    "record {number} (from 0) has label {label} of {classes} classes"
                )));
            }
            self.labels.push(u32::from(label));
            let colors = |pixel| [0, 1, 2].map(|color| planes[color * PIXELS + pixel]);
            self.values.extend((0..PIXELS).flat_map(colors));
        }
        if self.labels.len() == before {
            return Err(DataProblem::Empty);
        }
        Ok(())
    }

    /// All of them; `None` where none was added.
    pub(super) fn finish(self) -> Option<Dataset> {
        Dataset::new(Shape(vec![32, 32, 3]), self.values, self.labels)
    }
}
