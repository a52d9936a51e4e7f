//! Files as streams, decompressed where they are gzip or xz.

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Endings of compressed files.
const ENDINGS: [&str; 2] = [".gz", ".xz"];
/// Most bytes of a file, decompressed: a few bytes can be compressed terabytes.
const MOST: u64 = 1 << 32;
/// Most memory, in KiB, that an xz file may ask for; `xz -9` asks for 65 MiB.
const MOST_XZ: u32 = 1 << 18;

/// A name without the ending of its compression.
pub(super) fn plain(name: &str) -> &str {
    let ending = ENDINGS.iter().find(|ending| name.ends_with(**ending));
    &name[..name.len() - ending.map_or(0, |ending| ending.len())]
}

/// A name's variants, the plain one first.
pub(super) fn variants(name: &str) -> impl Iterator<Item = String> {
    [""].into_iter()
        .chain(ENDINGS)
        .map(move |ending| format!("{name}{ending}"))
}

/// Opens a file; see [`decoded`].
pub(super) fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    decoded(BufReader::new(File::open(file)?))
}

/// A stream's bytes, decompressed. By content: what is named .gz may have been decompressed on the way.
pub(super) fn decoded<'s>(mut stream: impl BufRead + 's) -> io::Result<Box<dyn Read + 's>> {
    let start = stream.fill_buf()?;
    let inner: Box<dyn Read> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(stream))
    } else if start.starts_with(b"\xfd7zXZ\0") {
        Box::new(XzReader::new_mem_limit(stream, true, MOST_XZ))
    } else {
        Box::new(stream)
    };
    Ok(Box::new(Limited { inner, left: MOST }))
}

/// A stream of a limited length; more is an error.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // What decompresses has words of its own for this.
        let count = self
            .inner
            .read(buffer)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the compressed data end too early; the file is damaged, get it again",
                ),
                _ => error,
            })?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("more than {MOST} bytes, the most that are read of one file"),
            )
        })?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use lzma_rust2::{XzOptions, XzWriter};
    use std::io::Write;

    #[test]
    fn a_stream_beyond_its_limit_is_an_error() {
        let read = |left| {
            let mut bytes = Vec::new();
            let inner = &b"eight by"[..];
            Limited { inner, left }.read_to_end(&mut bytes)
        };
        assert_eq!(read(8).unwrap(), 8);
        assert!(read(7).is_err());
    }

    #[test]
    fn compressed_data_that_end_too_early_are_told() {
        let mut gz = GzEncoder::new(Vec::new(), Compression::default());
        gz.write_all(&[7; 5000]).unwrap();
        let mut xz = XzWriter::new(Vec::new(), XzOptions::default()).unwrap();
        xz.write_all(&[7; 5000]).unwrap();
        for bytes in [gz.finish().unwrap(), xz.finish().unwrap()] {
            let cut = &bytes[..bytes.len() - 9];
            let mut stream = decoded(cut).unwrap();
            let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains("too early"), "{error}");
        }
    }

    #[test]
    fn names_lose_one_ending() {
        assert_eq!(plain("a.bin.gz"), "a.bin");
        assert_eq!(plain("a.bin.xz"), "a.bin");
        assert_eq!(plain("a.bin"), "a.bin");
        assert!(variants("a").eq(["a", "a.gz", "a.xz"]));
    }
}
