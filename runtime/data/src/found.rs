//! Reads what was found in a directory.

use super::cifar::{self, Batches};
use super::directory::{existing, file_name, labels, names, wrong};
use super::recordings::{self, Place};
use super::{Data, DataError, DataProblem, Dataset, Split, archive, idx, npz, stream, table};
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// What a directory holds of a split.
pub(super) enum Found {
    /// The images; labels lie beside them.
    Idx(PathBuf),
    Table(PathBuf),
    /// Whether the archive holds no other split, by its name.
    Npz(PathBuf, bool),
    /// In order.
    Cifar(cifar::Kind, Vec<PathBuf>),
    Recordings(Vec<Place>, Vec<u32>),
    Tar(PathBuf),
}

impl Found {
    /// Reads it.
    pub(super) fn read(self, split: Split) -> Result<Data, DataError> {
        Ok(Data::Constant(match self {
            Found::Idx(path) => pair(&path, split)?,
            Found::Table(path) => read(&path, |stream| table::read(stream))?,
            Found::Npz(path, alone) => {
                archived(&path, split, alone).map_err(|problem| wrong(&path, problem))?
            }
            Found::Cifar(kind, paths) => {
                let mut batches = Batches::new(kind);
                for path in &paths {
                    read(path, |stream| batches.add(stream))?;
                }
                let empty = || wrong(&paths[0], DataProblem::Empty);
                batches.finish().ok_or_else(empty)?
            }
            Found::Recordings(places, labels) => {
                return recordings::dataset(places, labels).map(Data::Events);
            }
            Found::Tar(path) => return packed(&path, split),
        }))
    }
}

/// A pair of IDX files.
fn pair(image_file: &Path, split: Split) -> Result<Dataset, DataError> {
    let names = labels(names(split).0);
    let directory = image_file.parent().unwrap_or(Path::new(""));
    let Some(label_file) = existing(directory, &names) else {
        return Err(wrong(image_file, DataProblem::Alone(names)));
    };
    let (shape, values) = read(image_file, |stream| idx::images(stream))?;
    let labels = read(&label_file, |stream| idx::labels(stream))?;
    let samples = values.len() / shape.size();
    let counts = DataProblem::Labels {
        labels: labels.len(),
        samples,
    };
    Dataset::new(shape, values, labels).ok_or_else(|| wrong(&label_file, counts))
}

/// A NumPy archive, which is read back and forth.
fn archived(path: &Path, split: Split, alone: bool) -> Result<Dataset, DataProblem> {
    let plain = file_name(path).ends_with(".npz");
    if plain {
        return npz::read(BufReader::new(File::open(path)?), split, alone);
    }
    let mut bytes = Vec::new();
    stream::open(path)?.read_to_end(&mut bytes)?;
    npz::read(Cursor::new(bytes), split, alone)
}

/// CIFAR batches or recordings in an archive.
fn packed(path: &Path, split: Split) -> Result<Data, DataError> {
    let members = archive::members(path, split).map_err(|problem| wrong(path, problem))?;
    let mut batches: Vec<(String, cifar::Kind, Vec<u8>)> = Vec::new();
    let mut recordings = Vec::new();
    for member in members {
        let name = member.path.last().map_or("", String::as_str);
        match (cifar::named(name, split), member.bytes) {
            (Some(kind), Some(bytes)) => batches.push((name.to_string(), kind, bytes)),
            (_, bytes) => {
                let path = path.join(member.path.join("/"));
                let bytes = bytes.map(Into::into);
                recordings.push((member.path, Place { path, bytes }));
            }
        }
    }
    batches.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    if let Some((first, kind, _)) = batches.first() {
        let (mut all, first) = (Batches::new(*kind), path.join(first));
        for (name, of, bytes) in batches {
            let mixed = || DataProblem::Tar("it holds both CIFAR-10 and CIFAR-100".into());
            if of != all.kind() {
                return Err(wrong(path, mixed()));
            }
            let added = all.add(&mut &bytes[..]);
            added.map_err(|problem| wrong(&path.join(name), problem))?;
        }
        let empty = || wrong(&first, DataProblem::Empty);
        return all.finish().map(Data::Constant).ok_or_else(empty);
    }
    let (places, labels) = recordings::chosen(split, &recordings);
    if places.is_empty() {
        let what =
            format!("it holds neither CIFAR batches nor event recordings of the {split} split");
        return Err(wrong(path, DataProblem::Tar(what)));
    }
    recordings::dataset(places, labels).map(Data::Events)
}

/// Opens a file and parses it.
fn read<T>(
    file: &Path,
    parse: impl FnOnce(&mut dyn Read) -> Result<T, DataProblem>,
) -> Result<T, DataError> {
    let parsed = stream::open(file)
        .map_err(DataProblem::Read)
        .and_then(|mut stream| parse(&mut stream));
    parsed.map_err(|problem| wrong(file, problem))
}
