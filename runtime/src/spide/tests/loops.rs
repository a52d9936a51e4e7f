//! Loops that are compiled for wide vectors, against one number after the other, to the bit.

use super::super::vector;
use spidec_ir::random::hash;

/// Around the number of lanes of every vector and block there is.
const COUNTS: [usize; 16] = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65, 130];

/// So many numbers between -1 and 1, some of them zero.
fn numbers(what: u64, count: usize) -> Vec<f32> {
    let number = |k| match hash(&[what, k]) % 2003 {
        number if number % 5 == 0 => 0.0,
        number => number as f32 / 1001.0 - 1.0,
    };
    (0..count as u64).map(number).collect()
}

#[test]
fn loops_come_to_what_one_number_after_the_other_does() {
    for count in COUNTS {
        let (values, others) = (numbers(0, count), numbers(1, count));

        let mut found = values.clone();
        vector::add(&mut found, &others);
        let sums = values.iter().zip(&others).map(|(a, b)| a + b);
        assert_eq!(found, sums.collect::<Vec<_>>(), "add, {count}");

        let mut found = values.clone();
        vector::scale(&mut found, 0.3);
        let scaled = values.iter().map(|a| a * 0.3);
        assert_eq!(found, scaled.collect::<Vec<_>>(), "scale, {count}");

        let (mut found, mut taken, mask) = (values.clone(), others.clone(), numbers(2, count));
        vector::take_masked(&mut found, &mask, &mut taken);
        let masked = values.iter().zip(mask.iter().zip(&others));
        let masked = masked.map(|(a, (mask, b))| a + mask * b);
        assert_eq!(found, masked.collect::<Vec<_>>(), "masked, {count}");
        assert!(taken.iter().all(|&value| value == 0.0));

        let mut sum = values.clone();
        let samples: Vec<(f32, Vec<f32>)> = (3..9)
            .map(|k| (numbers(k, 1)[0], numbers(k, count)))
            .collect();
        let borrowed: Vec<(f32, &[f32])> = samples.iter().map(|(e, s)| (*e, &s[..])).collect();
        vector::gradient_dense(&mut sum, &borrowed);
        let mut wanted = values.clone();
        for (error, source) in &samples {
            for (sum, source) in wanted.iter_mut().zip(source) {
                *sum += error * source;
            }
        }
        assert_eq!(sum, wanted, "gradient, {count}");
    }
}

#[test]
fn descent_with_momentum_comes_to_what_one_number_after_the_other_does() {
    let [unscale, decay, momentum, rate] = [0.7, 0.01, 0.9, 0.1];
    for count in COUNTS {
        let [mut values, mut gradients, mut buffer] = [0, 1, 2].map(|k| numbers(k, count));
        let (mut wanted, mut remembered) = (values.clone(), buffer.clone());
        for ((value, gradient), buffer) in wanted.iter_mut().zip(&gradients).zip(&mut remembered) {
            let h = unscale * gradient + decay * *value;
            *buffer = momentum * *buffer + h;
            *value -= rate * *buffer;
        }
        let factors = [unscale, decay, momentum, rate];
        vector::descend_with_momentum(&mut values, &mut gradients, &mut buffer, factors);
        assert_eq!((values, buffer), (wanted, remembered), "{count}");
        assert!(gradients.iter().all(|&gradient| gradient == 0.0));
    }
}
