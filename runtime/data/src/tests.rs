//! Directories as users have them, and every way in which small files can be damaged.

use super::testing::{directory, gzip};
use super::*;
use spidec_ir::network::Shape;
use std::fs;

const IMAGES: [u8; 16 + 12] = [
    0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, // 2 samples of 3 x 2
    1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255,
];
const LABELS: [u8; 10] = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1];
const TABLE: &str = "p0,p1,label\n0, 17,2\n255,3,0\n";

fn message(result: Result<Dataset, DataError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn idx_pairs_are_read_plain_and_compressed() {
    let plain = directory(&[
        ("train-images-idx3-ubyte", &IMAGES),
        ("train-labels-idx1-ubyte", &LABELS),
    ]);
    let data = load(plain.path(), Split::Train).unwrap();
    assert_eq!((data.len(), data.classes()), (2, 2));
    assert_eq!(data.shape(), &Shape(vec![3, 2, 1]));
    assert_eq!(data.sample(1), (&[250, 251, 252, 253, 254, 255][..], 1));
    assert_eq!(data.samples().len(), 2);
    assert_eq!(data.first(1).samples().last(), Some(data.sample(0)));
    assert!(message(load(plain.path(), Split::Test)).contains("t10k-images-idx3-ubyte"));

    let compressed = directory(&[
        ("t10k-images-idx3-ubyte.gz", &gzip(&IMAGES)),
        ("t10k-labels-idx1-ubyte.gz", &gzip(&LABELS)),
    ]);
    assert_eq!(load(compressed.path(), Split::Test).unwrap(), data);
    // What a browser decompressed on the way has still the name.
    fs::write(compressed.path().join("t10k-images-idx3-ubyte.gz"), IMAGES).unwrap();
    assert_eq!(load(compressed.path(), Split::Test).unwrap(), data);
    fs::remove_file(compressed.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    assert!(
        message(load(compressed.path(), Split::Test)).contains("t10k-labels-idx1-ubyte beside it")
    );
}

#[test]
fn tables_are_read_under_each_name() {
    let compressed = gzip(TABLE.as_bytes());
    let files: [(&str, &[u8]); 4] = [
        ("train.csv", TABLE.as_bytes()),
        ("train.csv.gz", &compressed),
        ("optdigits.tra", TABLE.as_bytes()),
        ("optdigits.tra.gz", &compressed),
    ];
    let wanted = Dataset::new(Shape(vec![2]), vec![0, 17, 255, 3], vec![2, 0]);
    for file in files {
        let directory = directory(&[file]);
        assert_eq!(
            load(directory.path(), Split::Train).ok(),
            wanted,
            "{}",
            file.0
        );
    }
    let both = directory(&files[..2]);
    assert_eq!(load(both.path(), Split::Train).ok(), wanted);
    let several = directory(&files);
    assert!(message(load(several.path(), Split::Train)).contains("both hold training data"));
}

#[test]
fn wrong_tables_are_told_by_line() {
    let cases = [
        (
            "1,2,0\n1,x,0\n",
            "line 2: column 2 holds `x`, not an integer from 0 to 255",
        ),
        ("1,2,0\n\n1,256,0\n", "line 3: column 2 holds `256`"),
        (
            "1.5,2,0\n",
            "line 1: column 1 holds `1.5`, not an integer from 0 to 255; scale the values",
        ),
        ("a,b,c\n-1,2,0\n", "line 2: column 1 holds `-1`"),
        (
            "1,2,0\n1,2\n",
            "line 2: 2 columns, not 3 as in the rows or header before",
        ),
        ("a,b,c\n1,2\n", "line 2: 2 columns, not 3"),
        ("1\n", "line 1: 1 column, not two or more"),
        (
            "1;2;0\n",
            "separated by semicolons: write the file with commas",
        ),
        (
            "1,5;2,5;0\n",
            "column 2 holds `5;2`, not an integer from 0 to 255; this row is separated by semicolons",
        ),
        ("a\tb\tlabel\n", "separated by tabs: write"),
        (
            "1 2 0\n",
            "line 1: 1 column, not two or more: values and a label; this row is separated by spaces",
        ),
        (
            "1,2,-3\n",
            "line 1: the last column holds `-3`, not a label: an integer from 0; number the classes",
        ),
        ("1,2,\n", "line 1: the last column holds ``"),
        ("1,2,99999999999\n", "the last column holds `99999999999`"),
        ("256.0,2,0\n", "column 1 holds `256.0`"),
        ("nan,2,0\n", "column 1 holds `nan`"),
        ("1,2,0.5\n", "the last column holds `0.5`"),
        ("1,2,4294967296.0\n", "the last column holds `4294967296.0`"),
        (
            ",0,1,2,3\n0,9,9,9,1\n",
            "line 1: the first column has no name, as an index has",
        ),
        (
            ",a,b,label\n0,9,9,1\n",
            "line 1: the first column has no name, as an index has",
        ),
        (
            "0,1,2,3\n9,9,9,1\n",
            "line 1: 0, 1, 2 and on: this looks like a header of column numbers",
        ),
        ("a,b,c\n", "holds no sample"),
        ("", "holds no sample"),
    ];
    for (text, wanted) in cases {
        let directory = directory(&[("test.csv", text.as_bytes())]);
        let found = message(load(directory.path(), Split::Test));
        assert!(
            found.contains(wanted) && found.contains("test.csv"),
            "{text:?}: {found}"
        );
    }
}

#[test]
fn an_index_is_told_from_values_that_are_too_large() {
    let read = |text: &str| {
        message(load(
            directory(&[("train.csv", text.as_bytes())]).path(),
            Split::Train,
        ))
    };
    for start in [0, 1] {
        let rows = (start..300).map(|k| format!("{k},{},{}\n", k % 7, k % 3));
        let found = read(&rows.collect::<String>());
        let place = format!("line {}: column 1 holds `256`", 257 - start);
        assert!(
            found.contains(&place) && found.contains("it counts the rows"),
            "{found}"
        );
    }
    let found = read("250,1,0\n251,1,0\n253,1,0\n256,1,0\n");
    assert!(found.contains("scale the values"), "{found}");
}

#[test]
fn tables_as_spreadsheets_and_pandas_write_them() {
    let wanted = Dataset::new(Shape(vec![3]), vec![0, 17, 1, 255, 3, 2], vec![2, 0]);
    for text in [
        "0,17,1,2\n255,3,2,0\n",
        "\u{feff}0,17,1,2\n255,3,2,0\n",
        "\u{feff}a,b,c,d\r\n0,17,1,2\r\n255,3,2,0\r\n",
        "0.0,17.0,1.0,2.0\n255,3.,2e0,0.0\n",
        "\"a\",\"b\",\"c\",\"d\"\n\"0\", \"17\",\"1\",\"2\"\n255,3,2,\"0.0\"\n",
        "0,1,2,label\n0,17,1,2\n255,3,2,0\n",
    ] {
        assert_eq!(table::read(&mut text.as_bytes()).ok(), wanted, "{text:?}");
    }
    // A header of names makes a sample of what would look like a header.
    let counted = Dataset::new(Shape(vec![3]), vec![0, 1, 2], vec![3]);
    assert_eq!(
        table::read(&mut "a,b,c,d\n0,1,2,3\n".as_bytes()).ok(),
        counted
    );
}

#[test]
fn damaged_idx_files_are_told() {
    let mut huge = IMAGES;
    huge[4..16].fill(0xff);
    let mut swapped = IMAGES;
    swapped[3] = 1;
    let longer = [&IMAGES[..], &[0]].concat();
    let cases: [(&[u8], &str); 5] = [
        (&IMAGES[..7], "ends at byte 7, within the header of 16"),
        (
            &IMAGES[..20],
            "the header promises 2 x 3 x 2, 28 bytes in all, but the file ends at byte 20",
        ),
        (&longer, "28 bytes in all, but the file goes on"),
        (
            &huge,
            "promises 4294967295 x 4294967295 x 4294967295, 7922816",
        ),
        (&swapped, "starts with bytes [00, 00, 08, 01]"),
    ];
    for (bytes, wanted) in cases {
        let directory = directory(&[
            ("train-images-idx3-ubyte", bytes),
            ("train-labels-idx1-ubyte", &LABELS),
        ]);
        let found = message(load(directory.path(), Split::Train));
        assert!(found.contains(wanted), "{found}");
    }
    let fewer = directory(&[
        ("train-images-idx3-ubyte", &IMAGES),
        ("train-labels-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 1, 9]),
    ]);
    let found = message(load(fewer.path(), Split::Train));
    assert!(found.contains("1 labels for 2 samples"), "{found}");
}

/// Reads a pair from two byte strings, as [`load`] does from files.
fn pair(images: &[u8], labels: &[u8]) -> Result<Dataset, DataProblem> {
    let (shape, values) = idx::images(&mut &*images)?;
    Dataset::new(shape, values, idx::labels(&mut &*labels)?).ok_or(DataProblem::Empty)
}

#[test]
fn every_prefix_and_every_changed_byte_of_an_idx_pair() {
    let whole = pair(&IMAGES, &LABELS).unwrap();
    for length in 0..IMAGES.len() {
        assert!(
            pair(&IMAGES[..length], &LABELS).is_err(),
            "images, {length}"
        );
    }
    for length in 0..LABELS.len() {
        assert!(
            pair(&IMAGES, &LABELS[..length]).is_err(),
            "labels, {length}"
        );
    }
    for change in 1..=255u8 {
        for k in 0..IMAGES.len() {
            let mut bytes = IMAGES;
            bytes[k] ^= change;
            let found = pair(&bytes, &LABELS);
            assert_eq!(found.is_ok(), k >= 16, "images, byte {k} ^ {change}");
            assert_ne!(found.ok().as_ref(), Some(&whole));
        }
        for k in 0..LABELS.len() {
            let mut bytes = LABELS;
            bytes[k] ^= change;
            let found = pair(&IMAGES, &bytes);
            assert_eq!(found.is_ok(), k >= 8, "labels, byte {k} ^ {change}");
        }
    }
}

#[test]
fn every_prefix_and_every_changed_bit_of_a_compressed_pair() {
    let directory = directory(&[("train-labels-idx1-ubyte", &LABELS)]);
    let read = |images: &[u8]| {
        fs::write(directory.path().join("train-images-idx3-ubyte"), images).unwrap();
        load(directory.path(), Split::Train)
    };
    let whole = read(&IMAGES).unwrap();
    let images = gzip(&IMAGES);
    assert_eq!(read(&images).unwrap(), whole);
    for length in 0..images.len() {
        assert!(read(&images[..length]).is_err(), "{length}");
    }
    for k in 0..images.len() {
        for bit in 0..8 {
            let mut bytes = images.clone();
            bytes[k] ^= 1 << bit;
            // A few bits, such as the header's time, mean nothing; any other must be noticed.
            if let Ok(found) = read(&bytes) {
                assert_eq!(found, whole, "byte {k}, bit {bit}");
            }
        }
    }
}

#[test]
fn every_prefix_and_every_changed_byte_of_a_table() {
    let whole = table::read(&mut TABLE.as_bytes()).unwrap();
    for length in 0..TABLE.len() {
        // A prefix can be a smaller table; the header alone is none.
        let found = table::read(&mut &TABLE.as_bytes()[..length]);
        assert!(length > 12 || found.is_err(), "{length}");
    }
    let mut read = 0;
    for k in 0..TABLE.len() {
        for change in 1..=255u8 {
            let mut bytes = TABLE.as_bytes().to_vec();
            bytes[k] ^= change;
            let found = table::read(&mut &bytes[..]).ok();
            read += usize::from(found.is_some_and(|found| found != whole));
        }
    }
    assert!(read > 20, "{read}");
}
