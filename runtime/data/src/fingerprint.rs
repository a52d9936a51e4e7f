//! What tells one split of data from another: a hash.

use super::{Data, Dataset, Recordings};
use sha2::{Digest, Sha256};

impl Data {
    /// A hash of the samples in their order, with shape and labels, in hexadecimal. Of recordings it takes names of
    /// files: a dataset of them can be larger than memory, and one that was damaged may be mended.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        match self {
            Data::Constant(data) => {
                begin(&mut hash, b"constant", data);
                hash.update(&data.samples);
            }
            Data::Events(data) => {
                begin(&mut hash, b"events", data);
                for name in data.samples.files() {
                    hash.update(name);
                    hash.update([0]);
                }
            }
        }
        let bytes = hash.finalize();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What datasets of both kinds have.
fn begin<S>(hash: &mut Sha256, kind: &[u8], data: &Dataset<S>) {
    hash.update(kind);
    let numbers = data.shape.0.iter().chain(&data.labels);
    let lengths = [data.shape.0.len() as u32, data.labels.len() as u32];
    for number in lengths.iter().chain(numbers) {
        hash.update(number.to_le_bytes());
    }
}

impl Recordings {
    /// Names of files, each with that of its folder.
    fn files(&self) -> impl Iterator<Item = Vec<u8>> {
        self.places.iter().map(|place| {
            let names: Vec<_> = place.path.iter().rev().take(2).collect();
            names.join(std::ffi::OsStr::new("/")).into_encoded_bytes()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recordings::Place;
    use spidec_ir::network::Shape;

    fn constant(shape: &[u32], values: &[u8], labels: &[u32]) -> String {
        let data = Dataset::new(Shape(shape.to_vec()), values.to_vec(), labels.to_vec());
        Data::Constant(data.unwrap()).fingerprint()
    }

    fn events(paths: &[&str], labels: &[u32]) -> String {
        let place = |path: &&str| Place {
            path: path.into(),
            bytes: None,
        };
        let places = paths.iter().map(place).collect();
        Data::Events(Dataset {
            shape: Shape(vec![34, 34, 2]),
            samples: Recordings { places },
            labels: labels.to_vec(),
        })
        .fingerprint()
    }

    #[test]
    fn whatever_is_trained_on_changes_it() {
        let whole = constant(&[2], &[1, 2, 3, 4], &[0, 1]);
        assert_eq!(whole, constant(&[2], &[1, 2, 3, 4], &[0, 1]));
        for other in [
            constant(&[2], &[1, 2, 3, 5], &[0, 1]),
            constant(&[2], &[3, 4, 1, 2], &[0, 1]),
            constant(&[2], &[1, 2, 3, 4], &[0, 0]),
            constant(&[2, 1], &[1, 2, 3, 4], &[0, 1]),
            constant(&[2], &[1, 2], &[0]),
        ] {
            assert_ne!(other, whole);
        }
    }

    #[test]
    fn recordings_are_known_by_their_names_wherever_they_lie() {
        let whole = events(&["a/Train/0/1.bin", "a/Train/1/2.bin"], &[0, 1]);
        assert_eq!(whole, events(&["b/0/1.bin", "b/1/2.bin"], &[0, 1]));
        for other in [
            events(&["a/Train/0/1.bin", "a/Train/1/3.bin"], &[0, 1]),
            events(&["a/Train/1/2.bin", "a/Train/0/1.bin"], &[0, 1]),
            events(&["a/Train/0/1.bin", "a/Train/1/2.bin"], &[0, 0]),
            events(&["a/Train/0/1.bin"], &[0]),
        ] {
            assert_ne!(other, whole);
        }
    }
}
