//! What can be wrong with a dataset.

use super::Split;
use spidec_ir::network::Shape;
use std::io;
use std::path::PathBuf;

/// A dataset that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A directory without the split.
    #[error(
        "no {split} data in {}; it needs one of: {looked_for} (each file may end in .gz or .xz)",
        .directory.display()
    )]
    Nothing {
        /// The directory.
        directory: PathBuf,
        /// The split.
        split: Split,
        /// What would have been read.
        looked_for: String,
    },
    /// A directory with more than one dataset.
    #[error(
        "{} and {} both hold {split} data; leave one of them in the directory",
        .first.display(), .second.display()
    )]
    Several {
        /// One of them.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// The split.
        split: Split,
    },
    /// Recordings of events where samples that are constant in time are wanted.
    #[error(
        "{} holds recordings of events, but the network's input is constant in time; name a folder of pictures or tables",
        .directory.display()
    )]
    Events {
        /// The directory.
        directory: PathBuf,
    },
    /// Samples that are constant in time for an input of events, or events for one that is constant.
    #[error("{}", time(.input, *.events))]
    Time {
        /// The input's name.
        input: String,
        /// Whether the network reads events.
        events: bool,
    },
    /// A file that is wrong.
    #[error("{}: {problem}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: DataProblem,
    },
    /// Samples of another size than the network's input.
    #[error(
        "samples {shape} of {found} values do not fit the input {input} {wanted_shape} of {wanted}; {advice}"
    )]
    Size {
        /// Shape of a sample.
        shape: Shape,
        /// Values of a sample.
        found: usize,
        /// The input's name.
        input: String,
        /// The input's shape.
        wanted_shape: Shape,
        /// Values of the input.
        wanted: usize,
        /// What to do.
        advice: String,
    },
    /// A label that the network has no class for.
    #[error("sample {sample} (from 0) has label {label}, but the readout {readout} has {classes} classes, labels 0 to {}; {}", .classes.saturating_sub(1), wrong_label(*.from_one))]
    Label {
        /// The first such sample, counted from 0.
        sample: usize,
        /// Its label.
        label: u32,
        /// The readout's name.
        readout: String,
        /// Its classes.
        classes: u32,
        /// No label is 0 and the largest is the number of classes: they count from 1.
        from_one: bool,
    },
}

fn time(input: &str, events: bool) -> String {
    match events {
        true => format!(
            "the input {input} reads events, the samples are constant in time; name a folder of recordings, or write `constant(scale = ...)` for the input"
        ),
        false => format!(
            "the input {input} is constant in time, the samples are recordings of events; write `events` for the input, or name a folder of pictures or tables"
        ),
    }
}

fn wrong_label(from_one: bool) -> &'static str {
    match from_one {
        true => "labels count from 0, these seem to count from 1: subtract 1 from each",
        false => {
            "give the readout more classes, or see to it that the label is a row's last column"
        }
    }
}

impl DataError {
    /// The error's code, `D001` and on; it stays what it is.
    pub fn code(&self) -> &'static str {
        match self {
            DataError::Nothing { .. } => "D001",
            DataError::Several { .. } => "D002",
            DataError::Size { .. } => "D003",
            DataError::Label { .. } => "D004",
            DataError::Events { .. } => "D005",
            DataError::Time { .. } => "D006",
            DataError::File { problem, .. } => problem.code(),
        }
    }
}

impl DataProblem {
    /// As [`DataError::code`].
    pub fn code(&self) -> &'static str {
        match self {
            DataProblem::Read(_) => "D010",
            DataProblem::Magic { .. } => "D011",
            DataProblem::Header { .. } => "D012",
            DataProblem::Length { .. } => "D013",
            DataProblem::Empty => "D014",
            DataProblem::Labels { .. } => "D015",
            DataProblem::Line { .. } => "D016",
            DataProblem::Alone(_) => "D017",
            DataProblem::Archive(_) => "D018",
            DataProblem::NoArray { .. } => "D019",
            DataProblem::Array { .. } => "D020",
            DataProblem::Batch(_) => "D021",
            DataProblem::Recording(_) => "D022",
            DataProblem::Tar(_) => "D023",
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum DataProblem {
    /// It cannot be read, or is not valid gzip or xz.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// Not an IDX file of unsigned bytes with the wanted number of dimensions.
    #[error(
        "starts with bytes {found:02x?}, an IDX file of {dimensions}-dimensional unsigned bytes with {wanted:02x?}"
    )]
    Magic {
        /// The first bytes.
        found: [u8; 4],
        /// What they must be.
        wanted: [u8; 4],
        /// Of the data.
        dimensions: u8,
    },
    /// Shorter than its header.
    #[error(
        "ends at byte {found}, within the header of {wanted} bytes; it is truncated, get it again"
    )]
    Header {
        /// Bytes of the file, uncompressed.
        found: u64,
        /// Bytes of the header.
        wanted: u64,
    },
    /// Another length than the header says.
    #[error(
        "the header promises {promise}, {wanted} bytes in all, but the file {found}; it is damaged, get it again"
    )]
    Length {
        /// The extents in the header.
        promise: String,
        /// Bytes that they need, header included, as text: the product may be beyond any integer.
        wanted: String,
        /// Where it ends, as text.
        found: String,
    },
    /// No sample, or samples without values.
    #[error("holds no sample")]
    Empty,
    /// A different number of labels than samples.
    #[error("holds {labels} labels for {samples} samples; they do not belong together")]
    Labels {
        /// Labels.
        labels: usize,
        /// Samples.
        samples: usize,
    },
    /// Wrong text.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong and what is wanted.
        what: String,
    },
    /// Not a NumPy archive.
    #[error(
        "is no NumPy archive that can be read: {0}; write it with numpy.savez or savez_compressed"
    )]
    Archive(String),
    /// An archive without the arrays of the split.
    #[error("holds {found}, but none of {wanted}")]
    NoArray {
        /// Names of the arrays that are there.
        found: String,
        /// Names that would have been read.
        wanted: String,
    },
    /// An array that cannot be used.
    #[error("array {name}: {what}")]
    Array {
        /// Its name.
        name: String,
        /// What is wrong and what is wanted.
        what: String,
    },
    /// The file that belongs to it is not there.
    #[error("has no {0} beside it; the two files are one dataset")]
    Alone(String),
    /// A CIFAR batch that is damaged or none.
    #[error("{0}; it is no CIFAR batch or is damaged, get it again")]
    Batch(String),
    /// A recording of events that is damaged or none.
    #[error("{0}; get it again")]
    Recording(String),
    /// An archive of files that cannot be used.
    #[error("the archive cannot be used: {0}")]
    Tar(String),
}
