//! Recordings of events: forms, folders, steps.

use super::testing::{directory, gzip, tar, xz};
use super::*;
use spidec_ir::network::Shape;
use std::fs;
use std::path::Path;

fn event(time: u64, x: u16, y: u16, on: bool) -> Event {
    Event { time, x, y, on }
}

/// Five bytes an event, from its fields as N-MNIST's description has them.
fn forty_bits(events: &[Event]) -> Vec<u8> {
    let bits =
        |e: &Event| u64::from(e.x) << 32 | u64::from(e.y) << 24 | u64::from(e.on) << 23 | e.time;
    let bytes = events
        .iter()
        .flat_map(|e| bits(e).to_be_bytes()[3..].to_vec());
    bytes.collect()
}

const HEADER: &str = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n";

/// A packet of AEDAT 3.1: type, bytes an event, place of the time, times run over, then words of events.
fn packet(kind: u16, size: u32, overflow: u32, words: &[u32]) -> Vec<u8> {
    let count = words.len() as u32 * 4 / size;
    let mut bytes = [kind.to_le_bytes(), [1, 0]].concat();
    for field in [size, 4, overflow, count, count, count] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    bytes
}

fn address(x: u32, y: u32, on: bool) -> u32 {
    x * (1 << 17) + y * 4 + u32::from(on) * 2 + 1
}

fn events_of(folder: &Path, split: Split) -> Dataset<Recordings> {
    match open(folder, split) {
        Ok(Data::Events(data)) => data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn forty_bit_events_are_read_and_time_runs_over() {
    let written = [event(5, 33, 0, true), event((1 << 23) - 1, 0, 33, false)];
    assert_eq!(atis::events(&forty_bits(&written)).unwrap(), written);
    // Events of row 240 are no events, and add 2^13 us each to all that follow.
    let marks = [
        event(1, 2, 3, true),
        event(0, 0, 240, false),
        event(7, 9, 240, true),
        event(4, 2, 3, true),
    ];
    let wanted = [event(1, 2, 3, true), event(2 * 8192 + 4, 2, 3, true)];
    assert_eq!(atis::events(&forty_bits(&marks)).unwrap(), wanted);
    let cut = atis::events(&forty_bits(&written)[..9]).unwrap_err();
    assert!(cut.contains("9 bytes, not whole events of 5"), "{cut}");
    assert_eq!(atis::sensor(33, 33), [34, 34]);
    assert_eq!(atis::sensor(34, 0), [180, 240]);
    assert_eq!(atis::sensor(0, 240), [240, 304]);
}

#[test]
fn packets_of_polarity_events_are_read_and_others_passed_over() {
    let first = packet(
        1,
        8,
        0,
        &[address(127, 3, true), 17, address(0, 127, false), 18],
    );
    let mut invalid = [address(4, 5, true), 19];
    invalid[0] &= !1;
    let frame = packet(2, 12, 0, &[1, 2, 3, 4, 5, 6]);
    let last = packet(1, 8, 3, &[address(1, 2, false), 20]);
    let all = [
        HEADER.as_bytes(),
        &first,
        &packet(1, 8, 0, &invalid),
        &frame,
        &last,
    ]
    .concat();
    let wanted = [
        event(17, 127, 3, true),
        event(18, 0, 127, false),
        event(3 * (1 << 31) + 20, 1, 2, false),
    ];
    assert_eq!(aedat::events(&all).unwrap(), wanted);
    assert_eq!(aedat::sensor(&all).unwrap(), [128, 128]);
    let davis = HEADER.replace("DVS128", "DAVIS240C");
    assert_eq!(aedat::sensor(davis.as_bytes()).unwrap(), [180, 240]);

    let wrong = [
        (
            HEADER.replace("RAW", "SERIALIZED").into(),
            "its events are SERIALIZED",
        ),
        (HEADER.replace("3.1", "4.0").into(), "is AEDAT 4.0"),
        (
            HEADER.replace("#!END-HEADER\r\n", "").into(),
            "has no #!END-HEADER",
        ),
        (b"no header".to_vec(), "does not begin with `#`"),
        (HEADER.as_bytes()[..20].to_vec(), "ends within its header"),
        (
            all[..all.len() - 1].to_vec(),
            "ends within the packet at byte",
        ),
        (
            [HEADER.as_bytes(), &packet(1, 4, 0, &[1, 2])].concat(),
            "2 of 2 polarity events of 4 bytes",
        ),
    ];
    for (bytes, wanted) in wrong {
        let found = aedat::events(&bytes).unwrap_err();
        assert!(found.contains(wanted), "{found}");
    }
}

#[test]
fn pairs_of_a_dvs128_are_turned_upright() {
    let pair = |x: u32, y: u32, polarity: u32, time: u32| {
        let address = y << 8 | x << 1 | polarity;
        [address.to_be_bytes(), time.to_be_bytes()].concat()
    };
    let header = b"#!AER-DAT2.0\r\n# a comment\r\n";
    // Bit 15 marks events that come from outside.
    let outside = [0, 0, 0x80, 0, 0, 0, 0, 1];
    let all = [
        &header[..],
        &pair(0, 127, 0, 9),
        &outside,
        &pair(100, 20, 1, 10),
    ]
    .concat();
    let wanted = [event(9, 0, 127, true), event(10, 107, 27, false)];
    assert_eq!(aedat::events(&all).unwrap(), wanted);
    let cut = aedat::events(&all[..all.len() - 3]).unwrap_err();
    assert!(cut.contains("ends within event 2"), "{cut}");
    let beyond = [&header[..], &[1, 0, 0, 0, 0, 0, 0, 0]].concat();
    let found = aedat::events(&beyond).unwrap_err();
    assert!(
        found.contains("address 0x1000000, which no DVS128 has"),
        "{found}"
    );
}

#[test]
fn events_are_binned_by_count_and_by_time() {
    let times = [10, 11, 12, 13, 20, 21, 22, 90, 99, 109, 109];
    let events = times.iter().enumerate().map(|(k, &time)| {
        let k = k as u16;
        event(time, k % 2, k % 3, k.is_multiple_of(4))
    });
    let events: Vec<Event> = events.collect();
    let recording = Recording::new(3, 2, events.clone()).unwrap();
    assert_eq!(
        (recording.duration(), recording.events()),
        (99, &events[..])
    );
    assert_eq!(recording.shape(), Shape(vec![3, 2, 2]));
    for steps in 1..=15 {
        for binning in [Binning::Count, Binning::Time] {
            let found = recording.binned(binning, steps);
            assert_eq!(found.len(), steps * 12);
            // By hand: which events are within the bounds of a step.
            for step in 0..steps {
                let mut wanted = vec![0; 12];
                for (k, e) in events.iter().enumerate() {
                    let within = match binning {
                        Binning::Count => {
                            let each = usize::max(11 / steps, 1);
                            let last = step == steps - 1;
                            k >= step * each && (last || k < (step + 1) * each)
                        }
                        Binning::Time => {
                            let at = (e.time - 10) as f64 / 100.0 * steps as f64;
                            at >= step as f64 && at < (step + 1) as f64
                        }
                    };
                    let channel = if e.on { 1 } else { 0 };
                    wanted[(e.y * 4 + e.x * 2) as usize + channel] += u32::from(within);
                }
                assert_eq!(
                    found[step * 12..][..12],
                    wanted,
                    "{binning:?} {step} of {steps}"
                );
            }
        }
    }
    assert!(recording.binned(Binning::Time, 0).is_empty());
    let same = recording.frames(Binning::Count, 4, [3, 2]).flatten();
    let counts = recording.binned(Binning::Count, 4).into_iter();
    assert!(same.eq(counts.map(f64::from)));
    assert!(Recording::new(3, 2, Vec::new()).is_err());
    let outside = Recording::new(2, 2, events).unwrap_err();
    assert!(outside.contains("row 2, column 0"), "{outside}");
}

#[test]
fn steps_are_resized_each_on_its_own() {
    // Two of the four pixels that become one, at different steps; darker and brighter apart.
    let events = [(0, 0, true), (1, 1, true), (1, 1, true), (1, 0, false)];
    let events = (0..).zip(events).map(|(k, (x, y, on))| event(k, x, y, on));
    let recording = Recording::new(2, 4, events.collect()).unwrap();
    let found: Vec<f64> = recording
        .frames(Binning::Count, 2, [1, 2])
        .flatten()
        .collect();
    // Rows count alike; the columns 3, 3 and 1 of 7 on the left, 1 of 7 of column 1 on the right.
    let sevenths = |of: [f64; 4]| of.map(|n| n / 7.0 / 2.0);
    let wanted = [
        sevenths([0.0, 6.0, 0.0, 1.0]),
        sevenths([3.0, 3.0, 1.0, 1.0]),
    ]
    .concat();
    let off = found.iter().zip(&wanted).map(|(f, w)| (f - w).abs());
    assert!(off.fold(0.0, f64::max) < 1e-12, "{found:?}");
}

#[test]
fn folders_of_splits_and_classes_are_read() {
    let one = |x| forty_bits(&[event(1, x, 2, true)]);
    let compressed = (gzip(&one(12)), xz(&one(13)));
    let files: [(&str, &[u8]); 7] = [
        ("Train/5/00001.bin", &one(10)),
        ("Train/0/00002.bin", &one(11)),
        ("Train/5/00010.bin.gz", &compressed.0),
        ("Train/5/00009.bin.xz", &compressed.1),
        ("Test/7/00001.bin", &one(33)),
        ("Test/7/notes.txt", b"no recording"),
        ("index.txt", b"no recording"),
    ];
    let folder = directory(&files);
    let data = events_of(folder.path(), Split::Train);
    assert_eq!(data.shape(), &Shape(vec![34, 34, 2]));
    assert_eq!((data.labels(), data.classes()), (&[5, 0, 5, 5][..], 6));
    let columns = |data: &Dataset<Recordings>| -> Vec<u16> {
        let x = |index| data.recording(index).unwrap().0.events()[0].x;
        (0..data.len()).map(x).collect()
    };
    assert_eq!(columns(&data), [10, 11, 13, 12]);
    assert_eq!(columns(&data.select([3, 1])), [12, 11]);
    assert_eq!(data.first(2).labels(), [5, 0]);
    let test = events_of(folder.path(), Split::Test);
    assert_eq!(test.recording(0).unwrap().1, 7);

    // The same in an archive, which has a folder of its own.
    let names: Vec<String> = files
        .iter()
        .map(|(name, _)| format!("all/{name}"))
        .collect();
    let inside: Vec<(&str, &[u8])> = names
        .iter()
        .map(String::as_str)
        .zip(files.map(|f| f.1))
        .collect();
    let packed = tar(&inside);
    for (name, bytes) in [
        ("n.tar", packed.clone()),
        ("n.tar.xz", xz(&packed)),
        ("n.tgz", gzip(&packed)),
    ] {
        let folder = directory(&[(name, &bytes)]);
        let found = events_of(folder.path(), Split::Train);
        assert_eq!(
            (found.labels(), columns(&found)),
            (data.labels(), columns(&data))
        );
        assert_eq!(columns(&events_of(folder.path(), Split::Test)), [33]);
    }

    // A constant input cannot take them.
    let refused = load(folder.path(), Split::Train).unwrap_err();
    assert_eq!(refused.code(), "D005");
    let archive = directory(&[("n.tar", &packed)]);
    assert_eq!(
        load(archive.path(), Split::Test).unwrap_err().code(),
        "D005"
    );
    // What goes or changes later is told.
    fs::write(folder.path().join("Test/7/00001.bin"), [0; 4]).unwrap();
    assert_eq!(test.recording(0).unwrap_err().code(), "D022");
    fs::write(folder.path().join("Test/7/00001.bin"), [34, 0, 0, 0, 0]).unwrap();
    let outside = test.recording(0).unwrap_err().to_string();
    assert!(
        outside.contains("column 34") && outside.contains("00001.bin"),
        "{outside}"
    );
    fs::remove_file(folder.path().join("Test/7/00001.bin")).unwrap();
    assert_eq!(test.recording(0).unwrap_err().code(), "D010");
    assert_eq!(open(folder.path(), Split::Test).unwrap_err().code(), "D001");
    // Two datasets in one folder.
    fs::write(folder.path().join("n.tar"), &packed).unwrap();
    assert_eq!(
        open(folder.path(), Split::Train).unwrap_err().code(),
        "D002"
    );
}

#[test]
fn the_last_tenth_of_each_class_is_for_tests_where_no_folder_says() {
    let bytes = |k: u32| {
        [
            HEADER.as_bytes(),
            &packet(1, 8, 0, &[address(k, k, true), k]),
        ]
        .concat()
    };
    let mut files = Vec::new();
    for class in ["bird", "airplane"] {
        for k in 0..20 {
            files.push((format!("{class}/cifar10_{class}_{k}.aedat"), bytes(k)));
        }
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), &b[..])).collect();
    let folder = directory(&files);
    for (split, range) in [(Split::Train, 0..18), (Split::Test, 18..20)] {
        let data = events_of(folder.path(), split);
        assert_eq!(data.shape(), &Shape(vec![128, 128, 2]));
        let found: Vec<(u64, usize)> = (0..data.len())
            .map(|index| data.recording(index).unwrap())
            .map(|(recording, label)| (recording.events()[0].time, label))
            .collect();
        let wanted: Vec<(u64, usize)> = range.flat_map(|k| [(k, 0), (k, 1)]).collect();
        assert_eq!(found, wanted);
    }
}

#[test]
fn archives_that_cannot_be_used_are_told() {
    let packed = tar(&[("Train/5/1.bin", &[1, 2, 3, 4, 5]), ("readme", b"text")]);
    let code = |bytes: &[u8], split| {
        let folder = directory(&[("n.tar", bytes)]);
        open(folder.path(), split).unwrap_err().to_string()
    };
    let found = code(&packed, Split::Test);
    assert!(found.contains("of the test split"), "{found}");
    let found = code(&packed[..514], Split::Train);
    assert!(found.contains("it ends within Train/5/1.bin"), "{found}");
    let found = code(b"no archive", Split::Train);
    assert!(found.contains("the archive cannot be used"), "{found}");
    let batch = [vec![3], vec![0; 3072]].concat();
    let hundred = [vec![3, 4], vec![0; 3072]].concat();
    let mixed = tar(&[("data_batch_1.bin", &batch), ("train.bin", &hundred)]);
    let found = code(&mixed, Split::Train);
    assert!(found.contains("both CIFAR-10 and CIFAR-100"), "{found}");
}
