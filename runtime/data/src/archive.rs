//! Archives of files, `*.tar`.

use super::{DataProblem, Split, cifar, recordings, stream};
use std::io::{self, Read};
use std::path::Path;

/// A file of an archive.
pub(super) struct Member {
    /// The names on its path.
    pub(super) path: Vec<String>,
    /// Its bytes; `None` where it is of no use for the split.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Reads the files of an archive, to its end, where a compressed one's checksum is compared.
pub(super) fn members(file: &Path, split: Split) -> Result<Vec<Member>, DataProblem> {
    read(stream::open(file)?, split)
}

fn read(stream: impl Read, split: Split) -> Result<Vec<Member>, DataProblem> {
    let damaged = |error: io::Error| DataProblem::Tar(error.to_string());
    let mut archive = tar::Archive::new(stream);
    let mut members = Vec::new();
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let names = path
            .split('/')
            .filter(|name| !name.is_empty() && *name != ".");
        let path: Vec<String> = names.map(String::from).collect();
        let mut bytes = None;
        if wanted(&path, split) {
            let mut all = Vec::new();
            entry.read_to_end(&mut all).map_err(damaged)?;
            if all.len() as u64 != entry.size() {
                return Err(DataProblem::Tar(format!(
                    "it ends within {}",
                    path.join("/")
                )));
            }
            bytes = Some(all);
        }
        members.push(Member { path, bytes });
    }
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(damaged)?;
    Ok(members)
}

fn wanted(path: &[String], split: Split) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let batch = names.last().and_then(|name| cifar::named(name, split));
    let recording = recordings::position(&names);
    batch.is_some() || recording.is_some_and(|at| at.split.is_none_or(|of| of == split))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tar;

    #[test]
    fn every_prefix_and_every_changed_byte_is_answered() {
        let whole = tar(&[
            ("all/Train/5/1.bin", &[1, 2, 3, 4, 5]),
            ("all/Test/5/1.bin", b""),
        ]);
        let files = |bytes: &[u8]| read(bytes, Split::Train).map(|all| all.len());
        assert_eq!(files(&whole).unwrap(), 2);
        for length in 0..whole.len() {
            // What ends between two files cannot be told from a whole archive.
            match files(&whole[..length]) {
                Ok(count) => assert!((length % 512 == 0 || length > 2048) && count <= length / 512),
                Err(_) => assert!(length % 512 != 0 || length == 512, "{length}"),
            }
        }
        let mut wrong = 0;
        for place in 0..whole.len() {
            for change in 1..=255 {
                let mut bytes = whole.clone();
                bytes[place] ^= change;
                match files(&bytes) {
                    Ok(count) => assert!(count <= 2),
                    Err(_) => wrong += 1,
                }
            }
        }
        assert!(wrong > 2 * 255 * 100, "{wrong}");
    }
}
