//! Which datasets fit a network.

use super::network;
use spidec_data::{Dataset, generated};
use spidec_ir::network::Shape;

#[test]
fn a_dataset_is_checked_against_a_network() {
    let network = network();
    let data = |size: u32, label| {
        Dataset::new(
            Shape(vec![size]),
            vec![1; 2 * size as usize],
            vec![0, label],
        )
        .unwrap()
    };
    assert!(data(12, 2).check(&network).is_ok());
    let size = data(11, 2).check(&network).unwrap_err().to_string();
    assert!(
        size.contains("samples [11] of 11 values do not fit the input image [4, 3, 1] of 12"),
        "{size}"
    );
    let label = data(12, 3).check(&network).unwrap_err().to_string();
    assert!(
        label.contains(
            "sample 1 (from 0) has label 3, but the readout digit has 3 classes, labels 0 to 2"
        ),
        "{label}"
    );
    let from_one = Dataset::new(Shape(vec![12]), vec![1; 36], vec![3, 1, 2]).unwrap();
    let label = from_one.check(&network).unwrap_err().to_string();
    assert!(label.contains("subtract 1 from each"), "{label}");
    assert_eq!(Dataset::new(Shape(vec![2]), vec![1; 3], vec![0]), None);
    assert_eq!(Dataset::new(Shape(vec![2]), vec![], vec![]), None);
    assert_eq!(Dataset::new(Shape(vec![0]), vec![], vec![1]), None);
}

#[test]
fn generated_samples_fit_every_shape_and_depend_on_the_seed() {
    for shape in [
        vec![1],
        vec![7],
        vec![64],
        vec![28, 28, 1],
        vec![5, 9, 3],
        vec![1, 1, 2],
    ] {
        let mut network = network();
        network.input.shape = Shape(shape.clone());
        let data = generated(&network, 30, 7);
        data.check(&network).unwrap();
        assert_eq!((data.len(), data.classes()), (30, 3));
        assert_eq!(data, generated(&network, 30, 7));
        assert_eq!(data.first(10), generated(&network, 10, 7));
        let bright = data
            .samples()
            .filter(|(sample, _)| sample.iter().any(|&v| v > 100))
            .count();
        if data.shape().size() > 10 {
            assert_ne!(data, generated(&network, 30, 8));
            assert_eq!(bright, 30, "{shape:?}");
        }
    }
}
