//! Which datasets fit a network, and how their samples are read.

use super::*;
use spidec_data::Dataset;
use spidec_ir::network::{Shape, Shift};

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
        size.ends_with(
            "samples [11] of 11 values do not fit the input image [4, 3, 1] of 12; give the input the shape of the data, [11]"
        ),
        "{size}"
    );
    let turned = Dataset::new(Shape(vec![1, 4, 3]), vec![1; 12], vec![0]).unwrap();
    let turned = turned.check(&network).unwrap_err().to_string();
    assert!(turned.contains("channels come last"), "{turned}");
    // Where the input is the odd one, the data are not to be turned.
    let mut odd = network.clone();
    odd.input.shape = Shape(vec![4, 1, 4]);
    let square = Dataset::new(Shape(vec![4, 4, 1]), vec![1; 16], vec![0]).unwrap();
    let told = square.check(&odd).unwrap_err().to_string();
    assert!(told.contains("the shape of the data, [4, 4, 1]"), "{told}");
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
fn augmentation_changes_what_is_trained_with_and_not_what_is_measured() {
    let mut plain = network();
    plain.input.shape = Shape(vec![8, 8, 1]);
    let mut augmented = plain.clone();
    augmented.training.augment = Some(Shift {
        pixels: 4,
        mirror: true,
    });
    let data = generated(&plain, 20, 7);
    let start = initial_parameters(&plain, 1);

    let [one, other] = [&plain, &augmented].map(|n| Spide::<f64>::new(n, &start).unwrap());
    let read = |spide: &Spide<f64>, epoch: Option<u32>| -> Vec<(Sample<f64>, usize)> {
        let samples = 0..data.len();
        samples
            .map(|k| data.read(spide, k, epoch).unwrap())
            .collect()
    };
    assert_eq!(read(&one, Some(1)), read(&one, None));
    assert_eq!(read(&other, None), read(&one, None));
    let (first, second) = (read(&other, Some(1)), read(&other, Some(2)));
    assert_eq!(first, read(&other, Some(1)));
    for changed in [&first, &second] {
        let pairs = changed.iter().zip(read(&one, None));
        let same = pairs.filter(|(a, b)| a.0 == b.0).count();
        assert!(same < 5, "{same}");
    }
    assert_ne!(first, second);

    let trained = |network: &Network| {
        let mut trainer = Trainer::<f64>::new(network, &start).unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        trainer.epoch(&data, go_on).unwrap();
        trainer.spide().parameters()
    };
    assert_ne!(trained(&augmented), trained(&plain));
    let measured = |spide: &Spide<f64>| spide.evaluate(&data, &mut |_| ()).unwrap();
    assert_eq!(measured(&other), measured(&one));
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
