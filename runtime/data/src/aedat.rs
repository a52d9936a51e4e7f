//! AEDAT files of jAER and cAER: lines that begin with `#`, then events.
//!
//! 3.1, little-endian: packets with a header of 28 bytes; in polarity events bit 0 tells that it is valid, bit 1
//! the polarity, bits 2 to 16 the row, bits 17 to 31 the column, and a time of 31 bits follows.
//! 2.0, big-endian: address and time of a DVS128, 32 bits each, as CIFAR10-DVS holds them.

use super::Event;

/// The line that ends a header of 3.1.
const END: &[u8] = b"#!END-HEADER";
/// Bytes of a packet's header.
const PACKET: usize = 28;
/// The type of a packet of polarity events.
const POLARITY: u16 = 1;
/// Sensors by the beginning of their names, with height and width.
const SENSORS: [(&str, [u32; 2]); 5] = [
    ("DVS128", [128, 128]),
    ("DAVIS128", [128, 128]),
    ("DAVIS240", [180, 240]),
    ("DAVIS346", [260, 346]),
    ("DAVIS640", [480, 640]),
];

/// The events of a recording, or what is wrong with it.
pub(super) fn events(bytes: &[u8]) -> Result<Vec<Event>, String> {
    let header = Header::read(bytes)?;
    let data = &bytes[header.length..];
    match header.packets {
        true => packets(data, header.length),
        false => pairs(data),
    }
}

/// Height and width of the sensor that a file names; a DVS128's where it names none that is known.
pub(super) fn sensor(bytes: &[u8]) -> Result<[u32; 2], String> {
    Ok(Header::read(bytes)?.sensor)
}

struct Header {
    /// In bytes.
    length: usize,
    /// Events come in packets: 3.1.
    packets: bool,
    sensor: [u32; 2],
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Header, String> {
        if !bytes.starts_with(b"#") {
            return Err("does not begin with `#` as AEDAT files do".into());
        }
        let (mut length, mut packets, mut sensor) = (0, false, SENSORS[0].1);
        while bytes[length..].starts_with(b"#") {
            let line = bytes[length..].split_inclusive(|&b| b == b'\n').next();
            let Some(line) = line.filter(|line| line.ends_with(b"\n")) else {
                return Err("ends within its header".into());
            };
            length += line.len();
            let line = line.trim_ascii_end();
            if packets && line == END {
                return Ok(Header {
                    length,
                    packets,
                    sensor,
                });
            }
            let text = String::from_utf8_lossy(line);
            match text.strip_prefix("#!AER-DAT") {
                Some("3.1") => packets = true,
                Some(version) if !version.starts_with("2.") => {
                    return Err(format!("is AEDAT {version}; 2.0 and 3.1 are read"));
                }
                _ => {}
            }
            if let Some((_, format)) = text.split_once("#Format: ")
                && format != "RAW"
            {
                return Err(format!("its events are {format}; RAW ones are read"));
            }
            if text.starts_with("#Source ")
                && let Some((_, name)) = text.split_once(": ")
                && let Some((_, found)) = SENSORS.iter().find(|(start, _)| name.starts_with(start))
            {
                sensor = *found;
            }
        }
        match packets {
            true => Err("has no #!END-HEADER".into()),
            false => Ok(Header {
                length,
                packets,
                sensor,
            }),
        }
    }
}

/// Events of 3.1; `start` is where they begin in the file.
fn packets(data: &[u8], start: usize) -> Result<Vec<Event>, String> {
    let mut events = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let at = start + data.len() - rest.len();
        let truncated = || format!("ends within the packet at byte {at}");
        let (header, behind) = rest.split_at_checked(PACKET).ok_or_else(truncated)?;
        let kind = u16::from_le_bytes([header[0], header[1]]);
        // Behind type and source.
        let field = |k: usize| word(&header[4 + 4 * k..]);
        let (size, time, passed) = (field(0), field(1), field(2));
        let (capacity, count) = (field(3), field(4));
        let length = u64::from(size) * u64::from(capacity);
        if length > behind.len() as u64 {
            return Err(truncated());
        }
        let (packet, behind) = behind.split_at(length as usize);
        rest = behind;
        if kind != POLARITY {
            continue;
        }
        if size < 8 || u64::from(time) + 4 > u64::from(size) || count > capacity {
            return Err(format!(
                "the packet at byte {at} holds {count} of {capacity} polarity events of {size} bytes, time at {time}"
            ));
        }
        for event in packet.chunks_exact(size as usize).take(count as usize) {
            let address = word(event);
            if address & 1 == 0 {
                continue;
            }
            let low = word(&event[time as usize..]) & 0x7fff_ffff;
            events.push(Event {
                time: u64::from(passed) << 31 | u64::from(low),
                x: (address >> 17) as u16,
                y: (address >> 2 & 0x7fff) as u16,
                on: address & 2 != 0,
            });
        }
    }
    Ok(events)
}

/// The little-endian word at the start of at least four bytes.
fn word(bytes: &[u8]) -> u32 {
    bytes
        .first_chunk()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Events of 2.0 from a DVS128, turned as CIFAR10-DVS is commonly read: pictures stand upright.
fn pairs(data: &[u8]) -> Result<Vec<Event>, String> {
    let (pairs, rest) = data.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(format!("ends within event {}, from 0", pairs.len()));
    }
    let mut events = Vec::with_capacity(pairs.len());
    for (number, pair) in pairs.iter().enumerate() {
        let &[a, b, c, d, times @ ..] = pair;
        let address = u32::from_be_bytes([a, b, c, d]);
        if address >> 16 != 0 {
            return Err(format!(
                "event {number} (from 0) has address {address:#x}, which no DVS128 has"
            ));
        }
        // External events: they come from no pixel.
        if address >> 15 != 0 {
            continue;
        }
        events.push(Event {
            time: u32::from_be_bytes(times).into(),
            x: 127 - (address >> 8 & 0x7f) as u16,
            y: 127 - (address >> 1 & 0x7f) as u16,
            on: address & 1 == 0,
        });
    }
    Ok(events)
}
