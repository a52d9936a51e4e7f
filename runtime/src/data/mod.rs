//! Datasets: samples of integers 0..=255 with their labels, read from a directory or generated.
//!
//! A directory holds one of
//! * IDX files: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, `t10k-...` for the test
//!   split, as MNIST is distributed;
//! * CSV files: `train.csv` and `test.csv`, or one `*.tra` and one `*.tes`: a row a sample, the
//!   last column its label, an optional header;
//! * NumPy archives: `train.npz` and `test.npz` with arrays `x` and `y`, or one `*.npz` with `x_train`,
//!   `y_train`, `x_test`, `y_test`; or `images` and `labels`, `train_images` and so on;
//!
//! IDX and CSV plain or gzip-compressed (`.gz`). Where both lie there, the plain one is read.

mod codes;
mod digits;
mod directory;
mod error;
mod generated;
mod idx;
pub(crate) mod npy;
mod npz;
mod table;

pub use codes::CODES;
pub use digits::{Digits, digits};
pub use directory::{load, save};
pub use error::{DataError, DataProblem};
pub use generated::generated;

use spidec_ir::network::{Network, Shape};
use std::fmt;

/// Which part of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// To learn from.
    Train,
    /// To measure accuracy on.
    Test,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Split::Train => "training",
            Split::Test => "test",
        })
    }
}

/// Samples with their labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    shape: Shape,
    values: Vec<u8>,
    labels: Vec<u32>,
}

impl Dataset {
    /// Samples one after the other, each of the shape's size, which is not 0; one label a sample.
    /// `None` where the sizes do not agree or there is no sample.
    pub fn new(shape: Shape, values: Vec<u8>, labels: Vec<u32>) -> Option<Dataset> {
        let fits =
            !values.is_empty() && shape.size().checked_mul(labels.len()) == Some(values.len());
        fits.then_some(Dataset {
            shape,
            values,
            labels,
        })
    }

    /// The shape of a sample.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The number of samples, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The number of classes: the largest label and one.
    pub fn classes(&self) -> u32 {
        self.labels
            .iter()
            .max()
            .map_or(0, |label| label.saturating_add(1))
    }

    /// A sample and its label.
    ///
    /// # Panics
    /// If `index` is not below [`Dataset::len`].
    pub fn sample(&self, index: usize) -> (&[u8], usize) {
        let size = self.shape.size();
        (
            &self.values[index * size..][..size],
            self.labels[index] as usize,
        )
    }

    /// All samples and labels.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = (&[u8], usize)> {
        (0..self.len()).map(|index| self.sample(index))
    }

    /// The first samples, all where there are fewer; at least one.
    pub fn first(&self, count: usize) -> Dataset {
        let count = count.clamp(1, self.len());
        Dataset {
            shape: self.shape.clone(),
            values: self.values[..count * self.shape.size()].to_vec(),
            labels: self.labels[..count].to_vec(),
        }
    }

    /// The samples of some indices, in their order.
    ///
    /// # Panics
    /// Where an index is not less than the number of samples.
    pub fn select(&self, indices: impl IntoIterator<Item = usize>) -> Dataset {
        let mut chosen = Dataset {
            shape: self.shape.clone(),
            values: Vec::new(),
            labels: Vec::new(),
        };
        for index in indices {
            chosen.values.extend_from_slice(self.sample(index).0);
            chosen.labels.push(self.labels[index]);
        }
        chosen
    }

    /// Whether a network can read it: as many values a sample as its input has, no label beyond its
    /// classes.
    pub fn check(&self, network: &Network) -> Result<(), DataError> {
        let (found, wanted) = (self.shape.size(), network.input.shape.size());
        if found != wanted {
            return Err(DataError::Size {
                shape: self.shape.clone(),
                found,
                input: network.input.name.clone(),
                wanted_shape: network.input.shape.clone(),
                wanted,
            });
        }
        let classes = network.readout.classes;
        match self.labels.iter().position(|&label| label >= classes) {
            None => Ok(()),
            Some(sample) => Err(DataError::Label {
                sample,
                label: self.labels[sample],
                readout: network.readout.name.clone(),
                classes,
                from_one: self.classes() == classes + 1 && !self.labels.contains(&0),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_npz;
