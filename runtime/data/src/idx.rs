//! IDX files: a magic number, big-endian extents, unsigned bytes.

use super::DataProblem;
use spidec_ir::network::Shape;
use std::io::{self, Read, Write};

/// Writes a file of some extents; [`images`] and [`labels`] read it back.
pub(super) fn write(out: &mut dyn Write, extents: &[u32], values: &[u8]) -> io::Result<()> {
    out.write_all(&[0, 0, 8, extents.len() as u8])?;
    for extent in extents {
        out.write_all(&extent.to_be_bytes())?;
    }
    out.write_all(values)
}

/// An images file: the shape of a sample, `[height, width, 1]`, and all values.
pub(super) fn images(stream: &mut dyn Read) -> Result<(Shape, Vec<u8>), DataProblem> {
    let ([_, height, width], values) = file::<3>(stream)?;
    Ok((Shape(vec![height, width, 1]), values))
}

/// A labels file.
pub(super) fn labels(stream: &mut dyn Read) -> Result<Vec<u32>, DataProblem> {
    let (_, values) = file::<1>(stream)?;
    Ok(values.into_iter().map(u32::from).collect())
}

/// The extents and the data. Memory grows with what the file holds, not with what its header says.
fn file<const N: usize>(stream: &mut dyn Read) -> Result<([u32; N], Vec<u8>), DataProblem> {
    let header_length = 4 + 4 * N as u64;
    let mut header = Vec::new();
    stream.take(header_length).read_to_end(&mut header)?;
    let wanted = [0, 0, 8, N as u8];
    if let Some(&found) = header.first_chunk::<4>()
        && found != wanted
    {
        return Err(DataProblem::Magic {
            found,
            wanted,
            dimensions: N as u8,
        });
    }
    if header.len() as u64 != header_length {
        return Err(DataProblem::Header {
            found: header.len() as u64,
            wanted: header_length,
        });
    }
    let mut extents = [0; N];
    for (extent, bytes) in extents.iter_mut().zip(header[4..].chunks_exact(4)) {
        *extent = bytes.iter().fold(0, |n, &byte| n << 8 | u32::from(byte));
    }
    if extents.contains(&0) {
        return Err(DataProblem::Empty);
    }

    // Three extents of 32 bits fit 128.
    let size: u128 = extents.iter().map(|&extent| u128::from(extent)).product();
    let mut values = Vec::new();
    let limit = u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1);
    stream.take(limit).read_to_end(&mut values)?;
    if values.len() as u128 != size {
        let end = header_length + values.len() as u64;
        return Err(DataProblem::Length {
            promise: extents.map(|extent| extent.to_string()).join(" x "),
            wanted: (u128::from(header_length) + size).to_string(),
            found: if (values.len() as u128) < size {
                format!("ends at byte {end}")
            } else {
                "goes on".into()
            },
        });
    }
    Ok((extents, values))
}
