//! NumPy archives as others write them, and every way in which a small one can be damaged.

use super::*;
use ndarray::{Array1, Array2, Array3, Array4, ShapeBuilder, array};
use ndarray_npy::{NpzWriter, WritableElement};
use spidec_ir::network::Shape;
use std::fs;
use std::io::Cursor;
use std::path::Path;

/// An archive of two arrays.
fn archive<X: WritableElement, Y: WritableElement, D: ndarray::Dimension, E: ndarray::Dimension>(
    compressed: bool,
    x: (&str, &ndarray::Array<X, D>),
    y: (&str, &ndarray::Array<Y, E>),
) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = match compressed {
        true => NpzWriter::new_compressed(&mut bytes),
        false => NpzWriter::new(&mut bytes),
    };
    writer.add_array(x.0, x.1).unwrap();
    writer.add_array(y.0, y.1).unwrap();
    writer.finish().unwrap();
    bytes.into_inner()
}

fn load_from(name: &str, bytes: &[u8], split: Split) -> Result<Dataset, DataError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    load(folder.path(), split)
}

/// Two samples of 2 x 3.
fn pictures() -> Array3<u8> {
    array![[[1, 2, 3], [4, 5, 6]], [[250, 251, 252], [253, 254, 255]]]
}

fn wanted() -> Dataset {
    let values = vec![1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255];
    Dataset::new(Shape(vec![2, 3, 1]), values, vec![4, 0]).unwrap()
}

#[test]
fn archives_are_read_under_the_names_that_people_use() {
    let labels = array![4u8, 0];
    let cases = [
        ("mnist.npz", Split::Train, "x_train", "y_train"),
        ("mnist.npz", Split::Test, "x_test", "y_test"),
        ("med.npz", Split::Test, "test_images", "test_labels"),
        ("train.npz", Split::Train, "x", "y"),
        ("test.npz", Split::Test, "images", "labels"),
        ("test.npz", Split::Test, "arr_0", "arr_1"),
        ("train.npz", Split::Train, "x_train", "y_train"),
    ];
    for (file, split, x, y) in cases {
        for compressed in [false, true] {
            let bytes = archive(compressed, (x, &pictures()), (y, &labels));
            assert_eq!(
                load_from(file, &bytes, split).ok(),
                Some(wanted()),
                "{file} {x}"
            );
        }
    }
    // The other split's archive is not looked into.
    let bytes = archive(true, ("x", &pictures()), ("y", &labels));
    let found = load_from("test.npz", &bytes, Split::Train).unwrap_err();
    assert_eq!(found.code(), "D001");
    assert!(found.to_string().contains("train.npz"), "{found}");
    // Two datasets in one folder.
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.npz", "b.npz"] {
        fs::write(folder.path().join(name), &bytes).unwrap();
    }
    assert_eq!(
        load(folder.path(), Split::Train).unwrap_err().code(),
        "D002"
    );
}

#[test]
fn every_type_of_numbers_and_both_orders_are_read() {
    let read = |bytes: &[u8]| load_from("train.npz", bytes, Split::Train).ok();
    macro_rules! each {
        ($($type:ty),*) => {$(
            let x = pictures().mapv(|v| v as $type);
            let bytes = archive(true, ("x", &x), ("y", &array![4 as $type, 0 as $type]));
            assert_eq!(read(&bytes), Some(wanted()), stringify!($type));
        )*};
    }
    each!(u8, u16, i16, u32, i32, u64, i64, f32, f64);

    let mut fortran = Array3::<u8>::zeros((2, 2, 3).f());
    fortran.assign(&pictures());
    assert!(!fortran.is_standard_layout());
    let column: Array2<i64> = array![[4], [0]];
    assert_eq!(
        read(&archive(false, ("x", &fortran), ("y", &column))),
        Some(wanted())
    );

    let color = Array4::<u8>::from_shape_fn((2, 4, 5, 3), |(n, h, w, c)| {
        (60 * n + 15 * h + 3 * w + c) as u8
    });
    let found = read(&archive(true, ("x", &color), ("y", &array![1u8, 0]))).unwrap();
    assert_eq!(found.shape(), &Shape(vec![4, 5, 3]));
    assert!(found.sample(1).0.iter().copied().eq(60..120));
    let flat = Array2::<bool>::from_elem((2, 7), true);
    let found = read(&archive(true, ("x", &flat), ("y", &array![1u8, 0]))).unwrap();
    assert_eq!(
        (found.shape(), found.sample(0)),
        (&Shape(vec![7]), (&[1; 7][..], 1))
    );
}

#[test]
fn what_cannot_be_used_is_told_with_a_code() {
    let labels: Array1<i32> = array![4, 0];
    let cases = [
        (
            archive(
                true,
                ("x", &pictures().mapv(|v| f32::from(v) / 255.0)),
                ("y", &labels),
            ),
            "D020",
            "sample 0 (from 0) holds 0.00392",
        ),
        (
            archive(
                true,
                ("x", &pictures().mapv(|v| i32::from(v) + 1)),
                ("y", &labels),
            ),
            "D020",
            "sample 1 (from 0) holds 256; values are",
        ),
        (
            archive(true, ("x", &pictures()), ("y", &array![4i8, -1])),
            "D020",
            "array y: shape [2]: sample 1 (from 0) holds -1; labels are",
        ),
        (
            archive(true, ("x", &pictures()), ("y", &array![f64::NAN, 0.0])),
            "D020",
            "holds NaN",
        ),
        (
            archive(true, ("x", &pictures()), ("y", &pictures())),
            "D020",
            "labels are [samples]",
        ),
        (
            archive(true, ("x", &labels), ("y", &labels)),
            "D020",
            "shape [2]: samples are",
        ),
        (
            archive(true, ("x", &pictures()), ("y", &array![4u8])),
            "D015",
            "1 labels for 2 samples",
        ),
        (
            archive(
                true,
                ("x", &Array2::<u8>::zeros((0, 3))),
                ("y", &Array1::<u8>::zeros(0)),
            ),
            "D014",
            "no sample",
        ),
        (
            archive(true, ("pixels", &pictures()), ("y", &labels)),
            "D019",
            "holds pixels, y, but none of x_train, train_images, x, images, arr_0",
        ),
        (b"PK but no archive".to_vec(), "D018", "is no NumPy archive"),
        (
            archive(true, ("x", &pictures()), ("y", &ndarray::arr0(3u8))),
            "D020",
            "one number",
        ),
        (Vec::new(), "D018", "is no NumPy archive"),
    ];
    for (bytes, code, text) in cases {
        let found = load_from("train.npz", &bytes, Split::Train).unwrap_err();
        assert!(found.to_string().contains(text), "{found}");
        assert_eq!(found.code(), code, "{found}");
    }
}

#[test]
fn every_prefix_and_every_changed_bit_of_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let read = |bytes: &[u8], path: &Path| {
        fs::write(path.join("train.npz"), bytes).unwrap();
        load(path, Split::Train)
    };
    for compressed in [false, true] {
        let bytes = archive(compressed, ("x", &pictures()), ("y", &array![4u8, 0]));
        assert_eq!(read(&bytes, folder.path()).ok(), Some(wanted()));
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length], folder.path()).is_err(), "{length}");
        }
        for k in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[k] ^= 1 << bit;
                // Bits that mean nothing, such as times, may change; any other must be noticed.
                if let Ok(found) = read(&bytes, folder.path()) {
                    assert_eq!(found, wanted(), "byte {k}, bit {bit}");
                }
            }
        }
    }
}
