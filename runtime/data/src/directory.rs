//! Finds the files of a split in a directory.

use super::found::Found;
use super::{Data, DataError, DataProblem, Dataset, Split, cifar, idx, recordings, stream};
use crate::file;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Reads a split of the dataset in a directory, of samples that are constant in time.
///
/// # Errors
/// Where the directory holds none or several, a file is damaged, or the samples are recordings of events.
pub fn load(directory: &Path, split: Split) -> Result<Dataset, DataError> {
    let found = find(directory, split)?;
    let events = || DataError::Events {
        directory: directory.to_path_buf(),
    };
    if matches!(found, Found::Recordings(..)) {
        return Err(events());
    }
    match found.read(split)? {
        Data::Constant(data) => Ok(data),
        Data::Events(_) => Err(events()),
    }
}

/// Reads a split of the dataset in a directory, of either kind.
///
/// # Errors
/// Where the directory holds none or several, or a file is damaged.
pub fn open(directory: &Path, split: Split) -> Result<Data, DataError> {
    find(directory, split)?.read(split)
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
        (images(prefix), &[count, height, width][..], &data.samples),
        (labels(prefix), &[count], &bytes),
    ] {
        file::replace(&directory.join(name), |out| {
            idx::write(out, extents, values)
        })?;
    }
    Ok(())
}

/// IDX prefix, CSV stem, and suffix of the UCI names.
pub(super) fn names(split: Split) -> (&'static str, &'static str, &'static str) {
    match split {
        Split::Train => ("train", "train", "tra"),
        Split::Test => ("t10k", "test", "tes"),
    }
}

pub(super) fn images(prefix: &str) -> String {
    format!("{prefix}-images-idx3-ubyte")
}

pub(super) fn labels(prefix: &str) -> String {
    format!("{prefix}-labels-idx1-ubyte")
}

/// The one dataset whose split is in a directory.
fn find(directory: &Path, split: Split) -> Result<Found, DataError> {
    let (prefix, stem, suffix) = names(split);
    let mut found = candidates(directory, split)?.into_iter();
    match (found.next(), found.next()) {
        (Some((_, found)), None) => Ok(found),
        (Some((first, _)), Some((second, _))) => Err(DataError::Several {
            first,
            second,
            split,
        }),
        (None, _) => Err(DataError::Nothing {
            directory: directory.to_path_buf(),
            split,
            looked_for: format!(
                "{} with {}; {stem}.csv; *.{suffix}; {stem}.npz, or one *.npz for both splits; {}; {} of CIFAR-100; \
                 {} or CLASS/*.aedat; one *.tar of either",
                images(prefix),
                labels(prefix),
                match split {
                    Split::Train => "data_batch_1.bin and on",
                    Split::Test => "test_batch.bin",
                },
                match split {
                    Split::Train => "train.bin",
                    Split::Test => "test.bin",
                },
                match split {
                    Split::Train => "Train/CLASS/*.bin",
                    Split::Test => "Test/CLASS/*.bin",
                },
            ),
        }),
    }
}

/// The datasets that the split could be of, with a path of each; plain files before compressed ones of the same name.
fn candidates(directory: &Path, split: Split) -> Result<Vec<(PathBuf, Found)>, DataError> {
    let (prefix, stem, suffix) = names(split);
    let (other, images) = (names(split.other()).1, images(prefix));
    let unreadable = |error: io::Error| wrong(directory, DataProblem::Read(error));
    let mut plain_names = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        plain_names.push(stream::plain(&file_name(&entry.map_err(unreadable)?.path())).to_string());
    }
    plain_names.sort();
    plain_names.dedup();

    let mut found: Vec<(PathBuf, Found)> = Vec::new();
    let mut batches: Vec<(cifar::Kind, Vec<PathBuf>)> = Vec::new();
    for name in &plain_names {
        let Some(path) = existing(directory, name) else {
            continue;
        };
        // The other split's own archive is not this one's.
        let npz = name.ends_with(".npz") && *name != format!("{other}.npz");
        let one = path.clone();
        if *name == images {
            found.push((one, Found::Idx(path)));
        } else if *name == format!("{stem}.csv") || name.ends_with(&format!(".{suffix}")) {
            found.push((one, Found::Table(path)));
        } else if npz {
            found.push((one, Found::Npz(path, *name == format!("{stem}.npz"))));
        } else if name.ends_with(".tar") || name.ends_with(".tgz") {
            found.push((one, Found::Tar(path)));
        } else if let Some(kind) = cifar::named(name, split) {
            match batches.iter_mut().find(|(of, _)| *of == kind) {
                Some((_, paths)) => paths.push(path),
                None => batches.push((kind, vec![path])),
            }
        }
    }
    for (kind, paths) in batches {
        found.push((paths[0].clone(), Found::Cifar(kind, paths)));
    }

    let below = recordings::below(directory).map_err(unreadable)?;
    let (places, labels) = recordings::chosen(split, &below);
    if let Some(first) = places.first() {
        found.push((first.path.clone(), Found::Recordings(places, labels)));
    }
    Ok(found)
}

/// The plain file, or a compressed one.
pub(super) fn existing(directory: &Path, name: &str) -> Option<PathBuf> {
    stream::variants(name)
        .map(|name| directory.join(name))
        .find(|path| path.is_file())
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

pub(super) fn wrong(file: &Path, problem: DataProblem) -> DataError {
    DataError::File {
        file: file.to_path_buf(),
        problem,
    }
}
