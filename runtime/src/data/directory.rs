//! Finds the files of a split in a directory.

use super::{DataError, DataProblem, Dataset, Split, idx, npz, table};
use crate::file;
use flate2::bufread::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Reads a split of the dataset in a directory.
///
/// # Errors
/// Where the directory holds none or several, or a file is damaged.
pub fn load(directory: &Path, split: Split) -> Result<Dataset, DataError> {
    let mut found = candidates(directory, split)?.into_iter();
    let (first, second) = (found.next(), found.next());
    let (prefix, stem, suffix) = names(split);
    let Some(first) = first else {
        return Err(DataError::Nothing {
            directory: directory.to_path_buf(),
            split,
            looked_for: format!(
                "{} with {}; {stem}.csv; *.{suffix}; {stem}.npz, or one *.npz for both splits",
                images(prefix),
                labels(prefix)
            ),
        });
    };
    if let Some(second) = second {
        return Err(DataError::Several {
            first,
            second,
            split,
        });
    }
    if first.extension().is_some_and(|e| e == "npz") {
        let alone = file_name(&first) == format!("{stem}.npz");
        let file = File::open(&first).map_err(|e| wrong(&first, DataProblem::Read(e)))?;
        return npz::read(file, split, alone).map_err(|problem| wrong(&first, problem));
    }
    let is_idx = file_name(&first).starts_with(&images(prefix));
    if !is_idx {
        return read(&first, |stream| table::read(stream));
    }
    let label_file = match existing(directory, &labels(prefix)) {
        Some(file) => file,
        None => return Err(wrong(&first, DataProblem::Alone(labels(prefix)))),
    };
    let (shape, values) = read(&first, |stream| idx::images(stream))?;
    let labels = read(&label_file, |stream| idx::labels(stream))?;
    let samples = values.len() / shape.size();
    let counts = DataProblem::Labels {
        labels: labels.len(),
        samples,
    };
    Dataset::new(shape, values, labels).ok_or_else(|| wrong(&label_file, counts))
}

/// Writes a split as a pair of IDX files; each is written aside and renamed. Samples are pictures of one
/// channel, labels are below 256.
///
/// # Errors
/// Where the samples are something else, or a file cannot be written.
pub fn save(directory: &Path, split: Split, data: &Dataset) -> io::Result<()> {
    let unfit = || io::Error::other("IDX files hold pictures of one channel and labels below 256");
    let [height, width, 1] = data.shape.0[..] else {
        return Err(unfit());
    };
    let bytes = data.labels.iter().map(|&label| u8::try_from(label).ok());
    let bytes: Vec<u8> = bytes.collect::<Option<_>>().ok_or_else(unfit)?;
    let count = data.len() as u32;
    let (prefix, ..) = names(split);
    for (name, extents, values) in [
        (images(prefix), &[count, height, width][..], &data.values),
        (labels(prefix), &[count], &bytes),
    ] {
        file::replace(&directory.join(name), |out| {
            idx::write(out, extents, values)
        })?;
    }
    Ok(())
}

/// IDX prefix, CSV stem, and suffix of the UCI names.
fn names(split: Split) -> (&'static str, &'static str, &'static str) {
    match split {
        Split::Train => ("train", "train", "tra"),
        Split::Test => ("t10k", "test", "tes"),
    }
}

/// The stem of the other split.
fn other(split: Split) -> &'static str {
    match split {
        Split::Train => names(Split::Test).1,
        Split::Test => names(Split::Train).1,
    }
}

fn images(prefix: &str) -> String {
    format!("{prefix}-images-idx3-ubyte")
}

fn labels(prefix: &str) -> String {
    format!("{prefix}-labels-idx1-ubyte")
}

/// The files that could start the split, plain ones before compressed ones of the same name.
fn candidates(directory: &Path, split: Split) -> Result<Vec<PathBuf>, DataError> {
    let (prefix, stem, suffix) = names(split);
    let unreadable = |error: io::Error| wrong(directory, DataProblem::Read(error));
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let name = file_name(&entry.map_err(unreadable)?.path());
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        // The other split's own archive is not this one's.
        let other = other(split);
        let wanted = plain == images(prefix)
            || plain == format!("{stem}.csv")
            || (plain.ends_with(".npz") && plain != format!("{other}.npz") && plain == name)
            || plain.ends_with(&format!(".{suffix}"));
        if wanted {
            names.push(plain.to_string());
        }
    }
    names.sort();
    names.dedup();
    Ok(names
        .iter()
        .filter_map(|name| existing(directory, name))
        .collect())
}

/// The plain file, or the compressed one.
fn existing(directory: &Path, name: &str) -> Option<PathBuf> {
    [name.to_string(), format!("{name}.gz")]
        .into_iter()
        .map(|name| directory.join(name))
        .find(|path| path.is_file())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn wrong(file: &Path, problem: DataProblem) -> DataError {
    DataError::File {
        file: file.to_path_buf(),
        problem,
    }
}

/// Opens a file, decompressing where it is gzip, and parses it.
fn read<T>(
    file: &Path,
    parse: impl FnOnce(&mut dyn Read) -> Result<T, DataProblem>,
) -> Result<T, DataError> {
    let open = || -> Result<Box<dyn Read>, io::Error> {
        let mut stream = BufReader::new(File::open(file)?);
        // By content: a name ending in .gz may have been decompressed on the way.
        let compressed = stream.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        Ok(if compressed {
            Box::new(MultiGzDecoder::new(stream))
        } else {
            Box::new(stream)
        })
    };
    open()
        .map_err(DataProblem::Read)
        .and_then(|mut stream| parse(&mut stream))
        .map_err(|problem| wrong(file, problem))
}
