//! CIFAR's binary form.

use super::testing::{directory, gzip, tar, xz};
use super::*;
use spidec_ir::network::Shape;
use spidec_ir::random::hash;

/// Labels, and a picture of them as planes.
fn record(labels: &[u8]) -> Vec<u8> {
    let seed = u64::from(labels[labels.len() - 1]);
    let pixels = (0..3072).map(|k| hash(&[seed, k]) as u8);
    labels.iter().copied().chain(pixels).collect()
}

/// The picture of a record, channels last: plane, row and column one by one.
fn turned(record: &[u8]) -> Vec<u8> {
    let planes = &record[record.len() - 3072..];
    let mut picture = vec![0; 3072];
    for color in 0..3 {
        for row in 0..32 {
            for column in 0..32 {
                picture[(row * 32 + column) * 3 + color] = planes[color * 1024 + row * 32 + column];
            }
        }
    }
    picture
}

#[test]
fn batches_are_read_in_order_plain_and_compressed() {
    let (a, b, c, d) = (record(&[7]), record(&[0]), record(&[9]), record(&[1]));
    let (first, second) = ([&a[..], &b].concat(), xz(&c));
    let third = gzip(&d);
    let folder = directory(&[
        ("data_batch_3.bin.gz", &third),
        ("data_batch_2.bin.xz", &second),
        ("data_batch_1.bin", &first),
        ("test_batch.bin", &c),
        ("batches.meta.txt", b"airplane\n"),
    ]);
    let data = load(folder.path(), Split::Train).unwrap();
    assert_eq!(data.shape(), &Shape(vec![32, 32, 3]));
    assert_eq!(data.labels(), [7, 0, 9, 1]);
    for (index, record) in [&a, &b, &c, &d].into_iter().enumerate() {
        assert_eq!(data.sample(index).0, turned(record), "{index}");
    }
    assert_eq!(load(folder.path(), Split::Test).unwrap(), data.select([2]));

    // As the official archive has them, in any order.
    let packed = tar(&[
        ("cifar-10-batches-bin/data_batch_2.bin", &c),
        ("cifar-10-batches-bin/test_batch.bin", &b),
        ("cifar-10-batches-bin/data_batch_1.bin", &first),
        ("cifar-10-batches-bin/readme.html", b"text"),
    ]);
    let folder = directory(&[("cifar-10-binary.tar.gz", &gzip(&packed))]);
    let found = load(folder.path(), Split::Train).unwrap();
    assert_eq!(found, data.first(3));
    assert_eq!(load(folder.path(), Split::Test).unwrap().labels(), [0]);
}

#[test]
fn the_fine_label_is_read_of_two() {
    let folder = directory(&[
        ("train.bin", &record(&[19, 99])),
        ("test.bin", &record(&[3, 55])),
    ]);
    let data = load(folder.path(), Split::Train).unwrap();
    assert_eq!(data.sample(0), (&turned(&record(&[19, 99]))[..], 99));
    assert_eq!(load(folder.path(), Split::Test).unwrap().labels(), [55]);
}

#[test]
fn wrong_batches_are_told() {
    let good = record(&[3]);
    let cases = [
        (good[..3072].to_vec(), "D021", "ends within record 0"),
        (
            [&good[..], &good[..5]].concat(),
            "D021",
            "ends within record 1",
        ),
        (
            record(&[10]),
            "D021",
            "record 0 (from 0) has label 10 of 10 classes",
        ),
        (Vec::new(), "D014", "no sample"),
    ];
    for (bytes, code, wanted) in cases {
        let folder = directory(&[("data_batch_1.bin", &good), ("data_batch_4.bin", &bytes)]);
        let found = load(folder.path(), Split::Train).unwrap_err();
        assert_eq!(found.code(), code);
        let text = found.to_string();
        assert!(
            text.contains(wanted) && text.contains("data_batch_4.bin"),
            "{text}"
        );
    }
    let both = directory(&[("test.bin", &record(&[1, 2])), ("test_batch.bin", &good)]);
    assert_eq!(load(both.path(), Split::Test).unwrap_err().code(), "D002");
}

#[test]
fn every_prefix_and_every_changed_byte_of_a_batch() {
    let whole = record(&[3, 42]);
    let read = |bytes: &[u8]| {
        let mut batches = cifar::Batches::new(cifar::Kind::Hundred);
        batches
            .add(&mut &*bytes)
            .map(|()| batches.finish().unwrap())
    };
    let data = read(&whole).unwrap();
    for length in 0..whole.len() {
        assert!(read(&whole[..length]).is_err(), "{length}");
    }
    for place in 0..whole.len() {
        // A pixel's bits are all alike to the reader.
        let changes = if place < 2 {
            (1..=255).collect()
        } else {
            vec![1, 0x80, 0xff]
        };
        for change in changes {
            let mut bytes = whole.clone();
            bytes[place] ^= change;
            // Of the coarse label nothing depends, and the fine one is below 100.
            match read(&bytes) {
                Ok(found) => assert_eq!(found == data, place == 0, "byte {place} ^ {change}"),
                Err(_) => assert!(place == 1 && bytes[1] >= 100, "byte {place} ^ {change}"),
            }
        }
    }
}
