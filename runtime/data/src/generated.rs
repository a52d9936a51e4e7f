//! Generated samples for any input shape: a few strokes a class, jittered, with a little noise.

use super::Dataset;
use spidec_ir::network::Network;
use spidec_ir::random::hash;

/// Strokes that make a class.
const STROKES: u64 = 3;
/// Points along a stroke.
const POINTS: i64 = 16;

/// `count` samples (at least one) for a network's input, labels going round its classes.
///
/// A function of seed and shape in integer arithmetic: the same bytes everywhere.
pub fn generated(network: &Network, count: usize, seed: u64) -> Dataset {
    let shape = &network.input.shape;
    // A vector is drawn on as a square picture, cut off at its length.
    let (height, width, channels) = match shape.0[..] {
        [height, width, channels] => (height as i64, width as i64, channels as i64),
        _ => {
            let side = (shape.size() as f64).sqrt().ceil() as i64;
            (side, side, 1)
        }
    };
    let classes = u64::from(network.readout.classes.max(1));
    let mut values = Vec::with_capacity(count.max(1) * shape.size());
    let mut labels = Vec::with_capacity(count.max(1));
    for sample in 0..count.max(1) as u64 {
        let class = sample % classes;
        let picture = Picture {
            points: points(seed, sample, class, height, width),
            radius: (height.min(width) / 12 + 1) * 256,
            seed: hash(&[seed, sample]),
        };
        values.extend((0..shape.size() as i64).map(|k| {
            let (pixel, channel) = (k / channels, k % channels);
            // Channels differ by class, so that color tells something too.
            let gain = 4 - (hash(&[seed, class, channel as u64]) % 3) as i64;
            (picture.value(pixel / width, pixel % width, k as u64) * gain / 4) as u8
        }));
        labels.push(class as u32);
    }
    Dataset {
        shape: shape.clone(),
        samples: values,
        labels,
    }
}

/// One sample's strokes, as points in 1/256 pixels.
struct Picture {
    points: Vec<(i64, i64)>,
    radius: i64,
    seed: u64,
}

impl Picture {
    /// Brightest on a stroke, 0 a radius away; one dark pixel in 64 is noise.
    fn value(&self, row: i64, column: i64, index: u64) -> i64 {
        let distance = |&(y, x): &(i64, i64)| (y - row * 256).pow(2) + (x - column * 256).pow(2);
        let nearest = self.points.iter().map(distance).min().unwrap_or(0);
        let radius = self.radius.pow(2);
        let noise = hash(&[self.seed, index]);
        match 255 - nearest * 255 / radius {
            bright @ 1.. => bright,
            _ if noise.is_multiple_of(64) => (noise >> 8) as i64 & 127,
            _ => 0,
        }
    }
}

fn points(seed: u64, sample: u64, class: u64, height: i64, width: i64) -> Vec<(i64, i64)> {
    let at = |words: &[u64], extent: i64| (hash(words) % (extent.max(1) as u64 * 256)) as i64;
    // Up to a sixteenth of the extent either way.
    let shift = |axis: u64, extent: i64| at(&[seed, 2, sample, axis], extent) / 8 - extent * 16;
    let (dy, dx) = (shift(0, height), shift(1, width));
    (0..STROKES)
        .flat_map(|stroke| {
            let end = |which, extent| at(&[seed, 1, class, stroke, which], extent);
            let (from, to) = (
                (end(0, height), end(1, width)),
                (end(2, height), end(3, width)),
            );
            (0..=POINTS).map(move |k| {
                (
                    from.0 + (to.0 - from.0) * k / POINTS + dy,
                    from.1 + (to.1 - from.1) * k / POINTS + dx,
                )
            })
        })
        .collect()
}
