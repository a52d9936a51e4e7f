//! Augmentation of pictures as the published CIFAR scripts do it: crop from a border of zeros, then mirror.

use spidec_ir::network::Shift;
use spidec_ir::random::hash;

/// A picture `[height, width, channels]`, shifted, zeros coming in, then mirrored left to right by an even chance where
/// that is asked for.
///
/// `chance`: seed, epoch and index of the sample; what comes of it depends on nothing else.
///
/// # Panics
/// Where the sample's length is not that of the shape.
pub fn shifted(sample: &[u8], shape: [u32; 3], shift: Shift, chance: [u64; 3]) -> Vec<u8> {
    let [height, width, channels] = shape.map(|extent| extent as usize);
    assert_eq!(sample.len(), height * width * channels);
    let [seed, epoch, index] = chance;
    let chosen = |what: u64, choices: u64| hash(&[seed, epoch, index, what]) % choices;
    let shifts = 2 * u64::from(shift.pixels) + 1;
    let (down, right) = (chosen(0, shifts) as usize, chosen(1, shifts) as usize);
    let mirrored = shift.mirror && chosen(2, 2) == 1;

    let padding = shift.pixels as usize;
    let inside = |at: usize, extent: usize| at.checked_sub(padding).filter(|&at| at < extent);
    let mut picture = vec![0; sample.len()];
    let pixels = picture.chunks_exact_mut(channels.max(1));
    for (place, pixel) in pixels.enumerate() {
        let (row, column) = (place / width, place % width);
        let column = if mirrored { width - 1 - column } else { column };
        let from = inside(row + down, height).zip(inside(column + right, width));
        if let Some((row, column)) = from {
            pixel.copy_from_slice(&sample[(row * width + column) * channels..][..channels]);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const SHAPE: [u32; 3] = [5, 6, 3];
    /// As published.
    const SHIFT: Shift = Shift {
        pixels: 4,
        mirror: true,
    };

    fn sample() -> Vec<u8> {
        (1..=90).collect()
    }

    /// Pads in memory, crops, then mirrors.
    fn naive(sample: &[u8], top: usize, left: usize, mirrored: bool) -> Vec<u8> {
        let mut padded = vec![vec![[0; 3]; 6 + 8]; 5 + 8];
        for (k, pixel) in sample.chunks(3).enumerate() {
            padded[4 + k / 6][4 + k % 6] = [pixel[0], pixel[1], pixel[2]];
        }
        let rows = padded[top..top + 5].iter().flat_map(|row| {
            let mut row = row[left..left + 6].to_vec();
            if mirrored {
                row.reverse();
            }
            row
        });
        rows.flatten().collect()
    }

    #[test]
    fn every_crop_and_mirror_comes_and_is_as_padding_in_memory_gives_it() {
        let all: Vec<Vec<u8>> = (0..2 * 81)
            .map(|k| naive(&sample(), k / 2 / 9, k / 2 % 9, k % 2 == 1))
            .collect();
        let mut seen = HashSet::new();
        let mut mirrored = 0;
        for index in 0..4000 {
            let found = shifted(&sample(), SHAPE, SHIFT, [7, 3, index]);
            let which = all.iter().position(|one| *one == found).unwrap();
            mirrored += which % 2;
            seen.insert(which);
        }
        assert_eq!(seen.len(), 2 * 81);
        assert!((1800..2200).contains(&mirrored), "{mirrored}");
    }

    #[test]
    fn fewer_pixels_and_no_mirror_give_those_crops_alone() {
        let shift = |pixels, mirror| Shift { pixels, mirror };
        let seen = |shift| -> HashSet<Vec<u8>> {
            let one = |index| shifted(&sample(), SHAPE, shift, [7, 3, index]);
            (0..1000).map(one).collect()
        };
        let crops = |places: std::ops::RangeInclusive<usize>| -> HashSet<Vec<u8>> {
            let rows = places
                .clone()
                .flat_map(|top| places.clone().map(move |left| (top, left)));
            rows.map(|(top, left)| naive(&sample(), top, left, false))
                .collect()
        };
        assert_eq!(seen(shift(1, false)), crops(3..=5));
        assert_eq!(seen(shift(0, false)), crops(4..=4));
        let mirrored = naive(&sample(), 4, 4, true);
        assert_eq!(seen(shift(0, true)), HashSet::from([sample(), mirrored]));
    }

    #[test]
    fn it_depends_on_seed_epoch_and_sample_and_on_nothing_else() {
        let run = |seed, epoch| -> Vec<Vec<u8>> {
            let one = |index| shifted(&sample(), SHAPE, SHIFT, [seed, epoch, index]);
            (0..20).map(one).collect()
        };
        assert_eq!(run(1, 1), run(1, 1));
        assert_ne!(run(1, 1), run(2, 1));
        assert_ne!(run(1, 1), run(1, 2));
        assert_ne!(run(1, 1)[0..10], run(1, 1)[10..20]);
        // Small pictures can be shifted out of sight.
        assert!(shifted(&[], [0, 0, 3], SHIFT, [1; 3]).is_empty());
        let out = (0..50).filter(|&index| shifted(&[9], [1, 1, 1], SHIFT, [1, 1, index]) == [0]);
        assert!(out.count() > 40);
    }
}
