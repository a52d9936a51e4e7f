//! Every prefix and every changed byte of a small file of each data reader is answered: by a dataset, or by an error
//! with a code. Nothing panics, and memory stays in proportion.

use flate2::{Compression, write::GzEncoder};
use lzma_rust2::{XzOptions, XzWriter};
use ndarray::array;
use ndarray_npy::NpzWriter;
use spidec_data::{Binning, Data, Split, open};
use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes that are held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is the system allocator's work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// More than all tests together need, beside what reads a small file.
const LIMIT: usize = 128 << 20;

/// Bytes by which a compressed file is known; without them it is read as a plain one.
const MAGIC: usize = 6;

/// What a folder's training split holds, as text, or the error's code.
fn answer(folder: &Path) -> Result<String, &'static str> {
    match open(folder, Split::Train) {
        Ok(Data::Constant(data)) => Ok(format!("{data:?}")),
        Ok(Data::Events(data)) => {
            let mut all = format!("{:?} {:?}", data.shape(), data.labels());
            for index in 0..data.len() {
                let (recording, _) = data.recording(index).map_err(|e| e.code())?;
                let counts = recording.binned(Binning::Time, 3);
                all += &format!("{recording:?} {}", counts.iter().sum::<u32>());
            }
            Ok(all)
        }
        Err(error) => Err(error.code()),
    }
}

/// Damages a file in every way, plain and compressed; `beside` lies in the folder too. In files of more than 150 bytes
/// a byte is changed in three ways, else in all.
fn sweep(name: &str, bytes: &[u8], beside: &[(&str, &[u8])]) {
    for (ending, bytes) in [
        ("", bytes.to_vec()),
        (".gz", gzip(bytes)),
        (".xz", xz(bytes)),
    ] {
        // In memory, where that can be had: hundreds of thousands of files are written.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.unwrap();
        for (name, bytes) in beside {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let path = folder.path().join(format!("{name}{ending}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let found = answer(folder.path());
            if let Err(code) = &found {
                assert!(
                    code.starts_with('D') && code.len() == 4,
                    "{name}{ending}: {code}"
                );
            }
            let most = MOST.load(Ordering::Relaxed);
            assert!(most < LIMIT, "{name}{ending}: {most} bytes were held");
            found
        };
        let whole = read(&bytes).unwrap();
        for length in 0..bytes.len() {
            let found = read(&bytes[..length]);
            let ending = if length < MAGIC { "" } else { ending };
            assert!(
                ending.is_empty() || found.is_err(),
                "{name}{ending}, {length}"
            );
        }
        let changes = match bytes.len() {
            0..=150 => (1..=255).collect(),
            _ => vec![1, 0x80, 0xff],
        };
        let mut answers = [0, 0];
        for place in 0..bytes.len() {
            for change in &changes {
                let mut bytes = bytes.clone();
                bytes[place] ^= change;
                let found = read(&bytes);
                answers[usize::from(found.is_ok())] += 1;
                // What a checksum guards is never taken for something else.
                let guarded = !ending.is_empty() && place >= MAGIC;
                if let (Ok(found), true) = (found, guarded) {
                    assert_eq!(found, whole, "{name}{ending}, byte {place} ^ {change}");
                }
            }
        }
        assert!(answers[0] > 0, "{name}{ending}: {answers:?}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut options = XzOptions::with_preset(0);
    // A dictionary of its usual size would be most of the work.
    options.lzma_options.dict_size = 1 << 12;
    let mut encoder = XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// AEDAT 3.1: a header, a packet of another type, a packet of two events.
fn packets() -> Vec<u8> {
    let mut bytes = b"#!AER-DAT3.1\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n".to_vec();
    let words = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    bytes.extend(words(&[0, 4, 0, 0, 1, 1, 1, 99]));
    bytes.extend(words(&[1, 8, 4, 0, 2, 2, 2]));
    bytes.extend(words(&[3 << 17 | 5 << 2 | 3, 10, 127 << 17 | 1, 20]));
    bytes
}

#[test]
fn idx() {
    let images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
    let labels = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1];
    sweep(
        "train-images-idx3-ubyte",
        &images,
        &[("train-labels-idx1-ubyte", &labels)],
    );
    sweep(
        "train-labels-idx1-ubyte",
        &labels,
        &[("train-images-idx3-ubyte", &images)],
    );
}

#[test]
fn tables() {
    sweep("train.csv", b"a,b,label\n0,17,2\n255,3,0\n", &[]);
}

#[test]
fn numpy_archives() {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = NpzWriter::new_compressed(&mut bytes);
    writer.add_array("x", &array![[1u8, 2], [3, 4]]).unwrap();
    writer.add_array("y", &array![1u8, 0]).unwrap();
    writer.finish().unwrap();
    sweep("train.npz", &bytes.into_inner(), &[]);
}

#[test]
fn cifar_batches() {
    let record = [&[3][..], &[9; 3072]].concat();
    sweep("data_batch_1.bin", &record, &[]);
    sweep("train.bin", &[&[4][..], &record].concat(), &[]);
}

#[test]
fn forty_bit_events() {
    let events = [3, 4, 0x80, 1, 2, 0, 240, 0, 0, 0, 33, 20, 0, 0, 9];
    sweep("Train/5/00001.bin", &events, &[]);
}

#[test]
fn event_packets() {
    sweep("car/1.aedat", &packets(), &[]);
}

#[test]
fn event_pairs() {
    let pairs = [0, 0, 3, 7, 0, 0, 0, 1, 0, 0, 0x7f, 2, 0, 0, 0, 2];
    sweep(
        "car/1.aedat",
        &[&b"#!AER-DAT2.0\r\n"[..], &pairs].concat(),
        &[],
    );
}

#[test]
fn archives() {
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["all/Train/5/1.bin", "all/Test/5/1.bin"] {
        let mut header = tar::Header::new_ustar();
        header.set_size(5);
        let event = &[3, 4, 0x80, 1, 2][..];
        archive.append_data(&mut header, name, event).unwrap();
    }
    sweep("n.tar", &archive.into_inner().unwrap(), &[]);
}
