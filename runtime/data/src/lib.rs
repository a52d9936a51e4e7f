//! Datasets: samples with their labels, read from a folder or generated. A sample is integers 0..=255, or a
//! recording of events.
//!
//! A folder holds one of
//! * IDX files: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, `t10k-...` for the test
//!   split, as MNIST is distributed;
//! * CSV files: `train.csv` and `test.csv`, or one `*.tra` and one `*.tes`: a row a sample, the
//!   last column its label, an optional header;
//! * NumPy archives: `train.npz` and `test.npz` with arrays `x` and `y`, or one `*.npz` with `x_train`,
//!   `y_train`, `x_test`, `y_test`; or `images` and `labels`, `train_images` and so on;
//! * CIFAR batches: `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, or, of CIFAR-100,
//!   `train.bin` and `test.bin`;
//! * event recordings: `Train/CLASS/*.bin` and `Test/CLASS/*.bin`, as N-MNIST is distributed, or
//!   `CLASS/*.aedat`, as CIFAR10-DVS is; [`Recordings`] says what the labels and splits are;
//! * one `*.tar` of CIFAR batches or event recordings.
//!
//! Each file plain or compressed with gzip or xz (`.gz`, `.xz`). Where both lie there, the plain one is read.

mod aedat;
mod archive;
mod atis;
mod augment;
mod cifar;
pub mod code;
mod codes;
mod dataset;
mod digits;
mod directory;
mod error;
mod events;
pub mod file;
mod fingerprint;
mod found;
mod generated;
mod idx;
pub mod npy;
mod npz;
mod recordings;
mod resize;
mod stream;
mod table;

pub use augment::shifted;
pub use code::CodeEntry;
pub use codes::CODES;
pub use dataset::{Dataset, Samples};
pub use digits::{Digits, digits};
pub use directory::{load, open, save};
pub use error::{DataError, DataProblem};
pub use events::{Binning, Event, Recording};
pub use generated::generated;
pub use recordings::Recordings;

use std::fmt;

/// Which part of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// To learn from.
    Train,
    /// To measure accuracy on.
    Test,
}

impl Split {
    /// The other one.
    pub(crate) fn other(self) -> Split {
        match self {
            Split::Train => Split::Test,
            Split::Test => Split::Train,
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Split::Train => "training",
            Split::Test => "test",
        })
    }
}

/// A split of either kind.
#[derive(Clone, Debug)]
pub enum Data {
    /// Samples that are constant in time.
    Constant(Dataset),
    /// Samples of events.
    Events(Dataset<Recordings>),
}

impl Data {
    /// The number of samples, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.labels().len()
    }

    /// The label of each sample.
    pub fn labels(&self) -> &[u32] {
        match self {
            Data::Constant(data) => data.labels(),
            Data::Events(data) => data.labels(),
        }
    }

    /// The first samples, all where there are fewer; at least one.
    pub fn first(&self, count: usize) -> Data {
        match self {
            Data::Constant(data) => Data::Constant(data.first(count)),
            Data::Events(data) => Data::Events(data.first(count)),
        }
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_cifar;
#[cfg(test)]
mod tests_events;
#[cfg(test)]
mod tests_npz;
