//! What tells one split of data from another: a hash.

use super::{Data, Dataset, Recordings};
use sha2::{Digest, Sha256};

impl Data {
    /// A hash of the samples in their order, with shape and labels, in hexadecimal. Of recordings it takes names
    /// and lengths of files: a dataset of them can be larger than memory.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        match self {
            Data::Constant(data) => {
                begin(&mut hash, b"constant", data);
                hash.update(&data.samples);
            }
            Data::Events(data) => {
                begin(&mut hash, b"events", data);
                for (name, length) in data.samples.files() {
                    hash.update(name);
                    hash.update([0]);
                    hash.update(length.to_le_bytes());
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
    /// Names of files, with that of the folder, and their lengths; 0 of one that cannot be read.
    fn files(&self) -> impl Iterator<Item = (Vec<u8>, u64)> {
        self.places.iter().map(|place| {
            let names: Vec<_> = place.path.iter().rev().take(2).collect();
            let names = names.join(std::ffi::OsStr::new("/"));
            let length = match &place.bytes {
                Some(bytes) => bytes.len() as u64,
                None => place.path.metadata().map_or(0, |m| m.len()),
            };
            (names.into_encoded_bytes(), length)
        })
    }
}
