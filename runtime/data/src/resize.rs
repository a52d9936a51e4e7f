//! Pictures resized, as image libraries do it: bilinear, and where they shrink over all that is left behind.

/// A picture `[height, width, channels]` of `from` height and width, resized to `to`. The weights of each new
/// pixel add up to 1: a picture of equal values stays one.
///
/// # Panics
/// Where the picture is not of that size, or an extent is 0.
pub(super) fn resized(
    picture: &[u32],
    channels: usize,
    from: [usize; 2],
    to: [usize; 2],
) -> Vec<f64> {
    assert_eq!(picture.len(), from[0] * from[1] * channels);
    let columns = weights(from[1], to[1]);
    let rows = weights(from[0], to[0]);
    // Rows of the new width, of the old height.
    let mut narrow = Vec::with_capacity(from[0] * to[1] * channels);
    for row in picture.chunks_exact(from[1] * channels) {
        for (first, weights) in &columns {
            let under = row[first * channels..].chunks_exact(channels);
            narrow.extend((0..channels).map(|channel| {
                let pixels = under.clone().zip(weights);
                let terms = pixels.map(|(pixel, weight)| f64::from(pixel[channel]) * weight);
                terms.sum::<f64>()
            }));
        }
    }
    let width = to[1] * channels;
    let mut small = vec![0.0; to[0] * width];
    for (row, (first, weights)) in small.chunks_exact_mut(width).zip(&rows) {
        let under = narrow[first * width..].chunks_exact(width);
        for (pixels, weight) in under.zip(weights) {
            for (sum, value) in row.iter_mut().zip(pixels) {
                *sum += value * weight;
            }
        }
    }
    small
}

/// For each new place the first old one that counts, and the weights of it and those behind it: a triangle around
/// the place's center, as wide as two old places, or two new ones where these are wider.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let of = |place: usize| {
        let center = (place as f64 + 0.5) * scale;
        let weight = |old: usize| 1.0 - (old as f64 + 0.5 - center).abs() / reach;
        let mut counted = (0..from).skip_while(|&old| weight(old) <= 0.0);
        let first = counted.next().unwrap_or(0);
        let weights = (first..from).map(weight).take_while(|&weight| weight > 0.0);
        let weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        (first, weights.iter().map(|weight| weight / sum).collect())
    };
    (0..to).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_size_weighs_as_the_triangle_does() {
        // Distances 1/2, 1/2 and 3/2 of 2: weights 3, 3 and 1 of 7.
        let picture: Vec<u32> = (0..16).map(|k| u32::from(k == 1) * 49).collect();
        let found = resized(&picture, 1, [4, 4], [2, 2]);
        // Row 0 has no part in what is below.
        near(&found, &[9.0, 3.0, 0.0, 0.0]);
        let picture: Vec<u32> = (0..16).map(|k| u32::from(k == 5) * 49).collect();
        near(&resized(&picture, 1, [4, 4], [2, 2]), &[9.0, 3.0, 3.0, 1.0]);
    }

    #[test]
    fn twice_the_size_lies_between_neighbors() {
        let found = resized(&[4, 8], 1, [1, 2], [1, 4]);
        near(&found, &[4.0, 5.0, 7.0, 8.0]);
        assert_eq!(resized(&[4, 8, 1], 1, [3, 1], [3, 1]), [4.0, 8.0, 1.0]);
    }

    /// What Pillow 13 makes of it, in single precision: `Image.resize((4, 3), Image.BILINEAR)` of mode `F`.
    #[test]
    fn uneven_sizes_come_out_as_in_pillow() {
        let picture: Vec<u32> = (0..5 * 7).map(|k| 7 * k * k % 11).collect();
        let wanted = [
            3.918367, 6.725714, 4.457143, 8.129251, 5.015873, 7.333333, 5.155556, 6.507937,
            5.414966, 5.845714, 5.714286, 5.061224,
        ];
        let found = resized(&picture, 1, [5, 7], [3, 4]);
        let off = found.iter().zip(wanted).map(|(f, w)| (f - w).abs());
        assert!(off.fold(0.0, f64::max) < 1e-6, "{found:?}");
    }

    #[test]
    fn equal_values_stay_and_channels_stay_apart() {
        let picture: Vec<u32> = (0..128 * 96).flat_map(|_| [3, 5]).collect();
        let found = resized(&picture, 2, [128, 96], [48, 40]);
        assert_eq!(found.len(), 48 * 40 * 2);
        for pixel in found.chunks(2) {
            near(pixel, &[3.0, 5.0]);
        }
    }

    fn near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        let off = found.iter().zip(wanted).map(|(f, w)| (f - w).abs());
        assert!(off.fold(0.0, f64::max) < 1e-12, "{found:?}, not {wanted:?}");
    }
}
