//! Arrays as NumPy writes them: a header in the form of a Python dictionary, then the numbers.
//!
//! Format: numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Readers that take any Python literal need
//! exponential time for some damaged headers; this one takes what NumPy writes.

use super::DataProblem;
use std::io::Read;

/// Bytes of the longest header that is read; NumPy's have a few hundred.
const LONGEST_HEADER: u64 = 1 << 16;

/// An array of numbers.
pub struct Array {
    name: String,
    extents: Vec<u32>,
    /// The first index is the fastest, not the last.
    fortran: bool,
    bytes: Vec<u8>,
    number: Number,
}

/// Bytes a number, and what they mean.
#[derive(Clone, Copy)]
struct Number {
    width: usize,
    value: fn(&[u8]) -> f64,
}

impl Array {
    /// Reads an array to the end. Memory grows with what the stream holds, not with what the header says.
    pub fn read(name: &str, stream: &mut dyn Read) -> Result<Array, DataProblem> {
        let damaged = |what: String| DataProblem::Array {
            name: name.to_string(),
            what,
        };
        let header = header(stream).map_err(damaged)?;
        let kind = entry(&header, "descr").and_then(quoted);
        let kind = kind.ok_or_else(|| damaged("its header tells no type of numbers".into()))?;
        let number = Number::of(kind).ok_or_else(|| {
            damaged(format!(
                "its type is {kind}, not one of integers, reals or truth values"
            ))
        })?;
        let fortran = match entry(&header, "fortran_order") {
            Some(text) if text.starts_with("False") => false,
            Some(text) if text.starts_with("True") => true,
            _ => return Err(damaged("its header tells no order".into())),
        };
        let extents = entry(&header, "shape").and_then(extents);
        let extents = extents.ok_or_else(|| damaged("its header tells no shape".into()))?;
        if extents.is_empty() {
            return Err(damaged("it is one number, not one or more a sample".into()));
        }

        let count = |all: u64, &extent: &u32| all.saturating_mul(u64::from(extent));
        let size = extents.iter().fold(number.width as u64, count);
        let mut bytes = Vec::new();
        // To the end, where the archive's checksum is compared.
        let all = stream.take(size.saturating_add(1)).read_to_end(&mut bytes);
        all.map_err(|e| damaged(e.to_string()))?;
        if bytes.len() as u64 != size {
            let found = if (bytes.len() as u64) < size {
                "fewer"
            } else {
                "more"
            };
            return Err(damaged(format!(
                "shape {extents:?} of {kind} takes {size} bytes, but there are {found}"
            )));
        }
        Ok(Array {
            name: name.to_string(),
            extents,
            fortran,
            bytes,
            number,
        })
    }

    /// Of each dimension, at least one.
    pub fn extents(&self) -> &[u32] {
        &self.extents
    }

    /// All values, the last index the fastest, as integers from 0 to `most`; else `wanted` is said.
    pub(super) fn whole<T: TryFrom<u32>>(
        &self,
        most: u32,
        wanted: &str,
    ) -> Result<Vec<T>, DataProblem> {
        let count = self.bytes.len() / self.number.width;
        let value = |index: usize| {
            let value = self.value(index);
            let fits = value.fract() == 0.0 && (0.0..=f64::from(most)).contains(&value);
            let whole = fits
                .then_some(value as u32)
                .and_then(|v| T::try_from(v).ok());
            whole.ok_or_else(|| {
                let sample = index / (count / self.extents[0] as usize);
                self.wrong(&format!("sample {sample} (from 0) holds {value}; {wanted}"))
            })
        };
        (0..count).map(value).collect()
    }

    /// All values, the last index the fastest.
    pub fn values(&self) -> Vec<f64> {
        let count = self.bytes.len() / self.number.width;
        (0..count).map(|index| self.value(index)).collect()
    }

    /// A value by its index, the last index of the array the fastest.
    fn value(&self, index: usize) -> f64 {
        let width = self.number.width;
        let at = if self.fortran {
            let (mut place, mut stride, mut rest) = (0, self.bytes.len() / width, index);
            for &extent in self.extents.iter().rev() {
                stride /= extent as usize;
                place += (rest % extent as usize) * stride;
                rest /= extent as usize;
            }
            place
        } else {
            index
        };
        (self.number.value)(&self.bytes[at * width..][..width])
    }

    /// What is wrong with it, beside its shape.
    pub(super) fn wrong(&self, what: &str) -> DataProblem {
        DataProblem::Array {
            name: self.name.clone(),
            what: format!("shape {:?}: {what}", self.extents),
        }
    }
}

impl Number {
    /// By NumPy's name of the type, such as `<i4`. Integers beyond 2^53 are rounded: none of them is of use.
    fn of(kind: &str) -> Option<Number> {
        macro_rules! number {
            ($type:ty, $from:ident) => {{
                const WIDTH: usize = size_of::<$type>();
                let value = |bytes: &[u8]| {
                    let mut own = [0; WIDTH];
                    own.copy_from_slice(bytes);
                    <$type>::$from(own) as f64
                };
                Some(Number {
                    width: WIDTH,
                    value,
                })
            }};
        }
        match kind {
            "|b1" | "|u1" => number!(u8, from_le_bytes),
            "|i1" => number!(i8, from_le_bytes),
            "<u2" => number!(u16, from_le_bytes),
            "<i2" => number!(i16, from_le_bytes),
            "<u4" => number!(u32, from_le_bytes),
            "<i4" => number!(i32, from_le_bytes),
            "<u8" => number!(u64, from_le_bytes),
            "<i8" => number!(i64, from_le_bytes),
            "<f4" => number!(f32, from_le_bytes),
            "<f8" => number!(f64, from_le_bytes),
            ">u2" => number!(u16, from_be_bytes),
            ">i2" => number!(i16, from_be_bytes),
            ">u4" => number!(u32, from_be_bytes),
            ">i4" => number!(i32, from_be_bytes),
            ">u8" => number!(u64, from_be_bytes),
            ">i8" => number!(i64, from_be_bytes),
            ">f4" => number!(f32, from_be_bytes),
            ">f8" => number!(f64, from_be_bytes),
            _ => None,
        }
    }
}

/// The dictionary's text.
fn header(stream: &mut dyn Read) -> Result<String, String> {
    let mut start = [0; 8];
    let truncated = |_| "it ends within its header".to_string();
    stream.read_exact(&mut start).map_err(truncated)?;
    let length = match start {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _] => 2,
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _] => 4,
        _ => return Err("it does not start as NumPy's arrays do".into()),
    };
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes[..length]).map_err(truncated)?;
    let length = u64::from(u32::from_le_bytes(bytes));
    if length > LONGEST_HEADER {
        return Err(format!("its header of {length} bytes is too long"));
    }
    let mut text = Vec::new();
    stream
        .take(length)
        .read_to_end(&mut text)
        .map_err(|e| e.to_string())?;
    if text.len() as u64 != length {
        return Err("it ends within its header".into());
    }
    String::from_utf8(text).map_err(|_| "its header is no text".into())
}

/// What stands behind a key.
fn entry<'t>(header: &'t str, key: &str) -> Option<&'t str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    Some(rest.trim_start())
}

/// A string in single quotes.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.split('\'').next()
}

/// A tuple of integers.
fn extents(text: &str) -> Option<Vec<u32>> {
    let inside = text.strip_prefix('(')?.split(')').next()?;
    if inside.trim().is_empty() {
        return Some(Vec::new());
    }
    let parts = inside.strip_suffix(',').unwrap_or(inside).split(',');
    parts.map(|part| part.trim().parse().ok()).collect()
}
