//! Events of 40 bits, as N-MNIST and N-Caltech101 hold them: column, row, then a polarity bit and 23 bits of
//! microseconds, most significant byte first.

use super::Event;

/// Bytes of an event.
const LENGTH: usize = 5;
/// The row of events that tell that time has run over, and by how much.
const OVERFLOW: (u8, u64) = (240, 1 << 13);

/// The events of a recording, or what is wrong with it.
pub(super) fn events(bytes: &[u8]) -> Result<Vec<Event>, String> {
    if !bytes.len().is_multiple_of(LENGTH) {
        return Err(format!(
            "{} bytes, not whole events of {LENGTH}",
            bytes.len()
        ));
    }
    let mut events = Vec::with_capacity(bytes.len() / LENGTH);
    let mut passed = 0;
    for event in bytes.as_chunks::<LENGTH>().0 {
        let &[x, y, high, middle, low] = event;
        if y == OVERFLOW.0 {
            passed += OVERFLOW.1;
            continue;
        }
        events.push(Event {
            time: passed + u64::from(u32::from_be_bytes([0, high & 0x7f, middle, low])),
            x: x.into(),
            y: y.into(),
            on: high & 0x80 != 0,
        });
    }
    Ok(events)
}

/// Height and width of the smallest of the known sensors that holds all events up to a row and a column:
/// N-MNIST's 34 x 34, N-Caltech101's 180 x 240, and the ATIS with 240 x 304 pixels. A recording does not say.
pub(super) fn sensor(row: u16, column: u16) -> [u32; 2] {
    let known = [[34, 34], [180, 240], [240, 304]];
    let holds = |&[height, width]: &[u32; 2]| u32::from(row) < height && u32::from(column) < width;
    known.into_iter().find(holds).unwrap_or(known[2])
}
