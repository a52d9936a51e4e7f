//! NumPy archives: arrays of samples and labels in one file.
//!
//! In `train.npz` and `test.npz` the arrays are named `x` and `y`, `images` and `labels`, or not at all
//! (`arr_0`, `arr_1`). In an archive of both splits they are `x_train` and `y_train`, or `train_images` and
//! `train_labels`; for the test split the same with `test`. Samples are `[samples, values]`, `[samples, height,
//! width]` or `[samples, height, width, channels]`, labels `[samples]` or `[samples, 1]`; of any type of numbers,
//! as long as the numbers are whole: 0 to 255 for values, from 0 for labels.

use super::npy::Array;
use super::{DataProblem, Dataset, Split};
use spidec_ir::network::Shape;
use std::io::{Read, Seek};
use zip::ZipArchive;
use zip::result::ZipError;

/// Reads a split; `alone`: the archive holds no other.
pub(super) fn read(
    file: impl Read + Seek,
    split: Split,
    alone: bool,
) -> Result<Dataset, DataProblem> {
    let mut archive = ZipArchive::new(file).map_err(unreadable)?;
    let name = match split {
        Split::Train => "train",
        Split::Test => "test",
    };
    let (mut samples, mut labels) = (
        vec![format!("x_{name}"), format!("{name}_images")],
        vec![format!("y_{name}"), format!("{name}_labels")],
    );
    if alone {
        samples.extend(["x", "images", "arr_0"].map(String::from));
        labels.extend(["y", "labels", "arr_1"].map(String::from));
    }
    let samples = array(&mut archive, &samples)?;
    let labels = array(&mut archive, &labels)?;

    let shape = match samples.extents()[1..] {
        [values] => vec![values],
        [height, width] => vec![height, width, 1],
        [height, width, channels] => vec![height, width, channels],
        _ => {
            return Err(samples.wrong(
                "samples are [samples, values], [samples, height, width] or [samples, height, width, channels]",
            ));
        }
    };
    if !matches!(labels.extents(), [_] | [_, 1]) {
        return Err(labels.wrong("labels are [samples], one integer each"));
    }
    let values = samples.whole(255, "values are whole numbers from 0 to 255")?;
    let labels = labels.whole(u32::MAX, "labels are whole numbers from 0")?;
    let counts = DataProblem::Labels {
        labels: labels.len(),
        samples: samples.extents()[0] as usize,
    };
    if values.is_empty() {
        return Err(DataProblem::Empty);
    }
    Dataset::new(Shape(shape), values, labels).ok_or(counts)
}

/// Reads the first array of the names that is there.
fn array<F: Read + Seek>(
    archive: &mut ZipArchive<F>,
    names: &[String],
) -> Result<Array, DataProblem> {
    let entry = |name: &&String| archive.index_for_name(&format!("{name}.npy")).is_some();
    let Some(name) = names.iter().find(entry) else {
        let mut found: Vec<&str> = archive.file_names().collect();
        found.sort_unstable();
        let found = found.join(", ").replace(".npy", "");
        return Err(DataProblem::NoArray {
            found: if found.is_empty() {
                "nothing".into()
            } else {
                found
            },
            wanted: names.join(", "),
        });
    };
    let mut file = archive
        .by_name(&format!("{name}.npy"))
        .map_err(unreadable)?;
    Array::read(name, &mut file)
}

fn unreadable(error: ZipError) -> DataProblem {
    match error {
        ZipError::Io(error) => DataProblem::Read(error),
        error => DataProblem::Archive(error.to_string()),
    }
}
