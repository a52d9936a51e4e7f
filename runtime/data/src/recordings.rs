//! Recordings of events: one file a sample, in a folder a class.

use super::directory::{file_name, wrong};
use super::{DataError, DataProblem, Dataset, Event, Recording, Samples, Split};
use super::{aedat, atis, stream};
use spidec_ir::network::Shape;
use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Recordings of events, read when they are asked for: a dataset of them can be larger than memory. Those that lie
/// in an archive are held in memory as they lie there.
///
/// The label of a class is the number that its folder's name is, or else its place in the order of the names. Where
/// there are no folders of splits, the last tenth of each class is for tests.
#[derive(Clone, Debug)]
pub struct Recordings {
    pub(super) places: Vec<Place>,
}

/// Where a recording lies.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its path, in an archive behind the archive's.
    pub(super) path: PathBuf,
    /// Its bytes, where they are held.
    pub(super) bytes: Option<Arc<[u8]>>,
}

impl Samples for Recordings {
    fn pick(&self, _size: usize, indices: &[usize]) -> Recordings {
        let places = indices.iter().map(|&index| self.places[index].clone());
        Recordings {
            places: places.collect(),
        }
    }
}

impl Dataset<Recordings> {
    /// Reads a sample, and its label.
    ///
    /// # Errors
    /// Where the file has gone or is damaged, or has events outside of [`Dataset::shape`].
    ///
    /// # Panics
    /// If `index` is not below [`Dataset::len`].
    pub fn recording(&self, index: usize) -> Result<(Recording, usize), DataError> {
        let place = &self.samples.places[index];
        let [height, width, _] = self.shape.0[..] else {
            unreachable!("the shape of events has three extents");
        };
        // Known sensors have fewer than 1000.
        let recording = Recording::new(height as u16, width as u16, place.events()?)
            .map_err(|what| wrong(&place.path, DataProblem::Recording(what)))?;
        Ok((recording, self.labels[index] as usize))
    }
}

/// The forms of a file of events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Atis,
    Aedat,
}

impl Form {
    /// By the name, compressed or not.
    fn of(name: &str) -> Option<Form> {
        match stream::plain(name).rsplit_once('.')?.1 {
            "bin" => Some(Form::Atis),
            "aedat" => Some(Form::Aedat),
            _ => None,
        }
    }
}

impl Place {
    fn form(&self) -> Form {
        let name = self.path.file_name().map(|name| name.to_string_lossy());
        name.and_then(|name| Form::of(&name)).unwrap_or(Form::Atis)
    }

    /// All bytes, decompressed.
    fn read(&self) -> Result<Vec<u8>, DataError> {
        let mut all = Vec::new();
        let read = match &self.bytes {
            Some(bytes) => stream::decoded(Cursor::new(bytes)),
            None => stream::open(&self.path),
        };
        read.and_then(|mut stream| stream.read_to_end(&mut all))
            .map_err(|error| wrong(&self.path, error.into()))?;
        Ok(all)
    }

    fn events(&self) -> Result<Vec<Event>, DataError> {
        let bytes = self.read()?;
        let events = match self.form() {
            Form::Atis => atis::events(&bytes),
            Form::Aedat => aedat::events(&bytes),
        };
        events.map_err(|what| wrong(&self.path, DataProblem::Recording(what)))
    }
}

/// Where a file lies in a dataset, by the names on its path; `None` for what is no recording.
pub(super) fn position<'p>(path: &[&'p str]) -> Option<Position<'p>> {
    let [above @ .., class, name] = path else {
        return None;
    };
    let split = above.last().and_then(|folder| split(folder));
    // Much is named .bin: only below folders of splits are those recordings.
    let is_one = Form::of(name)? == Form::Aedat || split.is_some();
    is_one.then_some(Position { split, class, name })
}

/// The split that a folder's name says.
fn split(folder: &str) -> Option<Split> {
    match folder.to_ascii_lowercase().as_str() {
        "train" => Some(Split::Train),
        "test" => Some(Split::Test),
        _ => None,
    }
}

/// See [`position`].
pub(super) struct Position<'p> {
    /// `None` where its folders do not say.
    pub(super) split: Option<Split>,
    class: &'p str,
    name: &'p str,
}

impl Position<'_> {
    /// The last number in the file's name, then the name: datasets count the samples of each class, or of all.
    fn order(&self) -> (u64, &str) {
        let digits = |c: char| c.is_ascii_digit();
        let stem = self.name.trim_end_matches(|c| !digits(c));
        let number = &stem[stem.trim_end_matches(digits).len()..];
        (number.parse().unwrap_or(u64::MAX), self.name)
    }
}

/// The split's places and labels, of all files of a dataset with the names on their paths. Samples of different
/// classes alternate.
pub(super) fn chosen(split: Split, files: &[(Vec<String>, Place)]) -> (Vec<Place>, Vec<u32>) {
    let names: Vec<Vec<&str>> = files
        .iter()
        .map(|(names, _)| names.iter().map(String::as_str).collect())
        .collect();
    let at = names.iter().zip(files);
    let all: Vec<(Position<'_>, &Place)> = at
        .filter_map(|(names, (_, place))| Some((position(names)?, place)))
        .collect();
    let classes: BTreeSet<&str> = all.iter().map(|(position, _)| position.class).collect();
    let numbers: Option<Vec<u32>> = classes
        .iter()
        .map(|class| class.parse::<u16>().ok().map(u32::from))
        .collect();
    let label = |class: &str| {
        let place = classes.iter().position(|&one| one == class).unwrap_or(0);
        numbers
            .as_ref()
            .map_or(place as u32, |numbers| numbers[place])
    };
    let told = all.iter().any(|(position, _)| position.split.is_some());
    let mut mine = Vec::new();
    for &class in &classes {
        let mut of_class: Vec<_> = all.iter().filter(|(p, _)| p.class == class).collect();
        if told {
            of_class.retain(|(position, _)| position.split == Some(split));
        } else {
            of_class.sort_by_key(|(position, _)| position.order());
            let test = of_class.split_off(of_class.len() - of_class.len() / 10);
            if split == Split::Test {
                of_class = test;
            }
        }
        mine.extend(of_class);
    }
    mine.sort_by_key(|(position, _)| (position.order(), label(position.class)));
    let labels = mine.iter().map(|(position, _)| label(position.class));
    let places = mine.iter().map(|&&(_, place)| place.clone());
    (places.collect(), labels.collect())
}

/// A dataset of recordings, at least one. AEDAT files name their sensor; the others are read here to see which holds
/// them.
pub(super) fn dataset(
    places: Vec<Place>,
    labels: Vec<u32>,
) -> Result<Dataset<Recordings>, DataError> {
    let [height, width] = match places[0].form() {
        Form::Aedat => {
            let sensor = aedat::sensor(&places[0].read()?);
            sensor.map_err(|what| wrong(&places[0].path, DataProblem::Recording(what)))?
        }
        Form::Atis => {
            let (mut row, mut column) = (0, 0);
            for place in &places {
                for event in place.events()? {
                    (row, column) = (row.max(event.y), column.max(event.x));
                }
            }
            atis::sensor(row, column)
        }
    };
    Ok(Dataset {
        shape: Shape(vec![height, width, 2]),
        samples: Recordings { places },
        labels,
    })
}

/// The recordings below a folder, by the names of the folders that hold them.
pub(super) fn below(folder: &Path) -> std::io::Result<Vec<(Vec<String>, Place)>> {
    let mut found = Vec::new();
    for (name, class) in folders(folder)? {
        files(&class, &[&name], &mut found)?;
        if split(&name).is_some() {
            for (inner, class) in folders(&class)? {
                files(&class, &[&name, &inner], &mut found)?;
            }
        }
    }
    Ok(found)
}

/// Folders in a folder.
fn folders(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            found.push((file_name(&path), path));
        }
    }
    Ok(found)
}

/// Adds the recordings in a folder, of plain and compressed ones of the same name the plain.
fn files(
    folder: &Path,
    names: &[&str],
    found: &mut Vec<(Vec<String>, Place)>,
) -> std::io::Result<()> {
    let mut all = BTreeSet::new();
    for entry in folder.read_dir()? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Form::of(&name).is_some() {
            all.insert(name);
        }
    }
    for name in &all {
        let plain = stream::plain(name);
        let first = stream::variants(plain).find(|name| all.contains(name));
        if first.as_ref() != Some(name) {
            continue;
        }
        let path = folder.join(name);
        let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        names.push(name.clone());
        found.push((names, Place { path, bytes: None }));
    }
    Ok(())
}
