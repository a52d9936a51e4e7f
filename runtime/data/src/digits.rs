//! Handwritten digits, made: strokes drawn with a pen of random thickness, bent, turned and shifted.
//!
//! A function of its arguments in arithmetic that is the same everywhere: the same bytes on every platform.

use super::{Dataset, Split};
use spidec_ir::network::Shape;
use spidec_ir::random::hash;
use std::f64::consts::PI;

/// The pictures' size and range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// 8 x 8 pixels of 0 to 16, as those of `examples/digits.fsnn`.
    Small,
    /// 28 x 28 pixels of 0 to 255, as MNIST's.
    Large,
}

impl Digits {
    /// Pixels a side.
    pub fn side(self) -> u32 {
        match self {
            Digits::Small => 8,
            Digits::Large => 28,
        }
    }

    /// The largest value of a pixel.
    pub fn most(self) -> u8 {
        match self {
            Digits::Small => 16,
            Digits::Large => 255,
        }
    }
}

/// `count` digits (at least one), labels in random order. The splits of a seed have no picture in common.
pub fn digits(kind: Digits, split: Split, count: usize, seed: u64) -> Dataset {
    let side = kind.side();
    let shape = Shape(vec![side, side, 1]);
    let count = count.max(1);
    let mut values = Vec::with_capacity(count * shape.size());
    let mut labels = Vec::with_capacity(count);
    for sample in 0..count as u64 {
        let mut chance = Chance::new(seed, split, sample);
        let label = chance.below(10);
        let picture = Picture::draw(label as usize, &mut chance);
        for pixel in 0..side * side {
            let ink = picture.ink(pixel % side, pixel / side, side);
            // A little noise, wherever it is.
            let noise = chance.range(-0.06, 0.06);
            let value = (ink + noise).clamp(0.0, 1.0) * f64::from(kind.most());
            values.push(value.round() as u8);
        }
        labels.push(label as u32);
    }
    Dataset {
        shape,
        samples: values,
        labels,
    }
}

/// The random numbers of one sample.
struct Chance {
    seed: u64,
    drawn: u64,
}

impl Chance {
    fn new(seed: u64, split: Split, sample: u64) -> Chance {
        // A purpose of its own: no other use of the seed draws these numbers.
        let purpose = 0x6469_6769_7473;
        Chance {
            seed: hash(&[purpose, seed, split as u64, sample]),
            drawn: 0,
        }
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        self.drawn += 1;
        (hash(&[self.seed, self.drawn]) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn range(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.unit() * end as f64) as u64
    }
}

/// A point of a picture whose sides are 1, from the upper left corner.
type Point = (f64, f64);

/// A part of a digit, drawn without lifting the pen.
enum Stroke {
    Line(&'static [Point]),
    /// Center, radii, and angles in degrees, clockwise from the right.
    Arc(Point, Point, f64, f64),
}

use Stroke::{Arc, Line};

/// The ways to write each digit.
const GLYPHS: [&[&[Stroke]]; 10] = [
    &[&[Arc((0.5, 0.5), (0.27, 0.41), 0.0, 360.0)]],
    &[
        &[Line(&[(0.36, 0.26), (0.53, 0.09), (0.53, 0.91)])],
        &[
            Line(&[(0.36, 0.26), (0.53, 0.09), (0.53, 0.91)]),
            Line(&[(0.34, 0.91), (0.71, 0.91)]),
        ],
    ],
    &[&[
        Arc((0.5, 0.32), (0.26, 0.23), 185.0, 395.0),
        Line(&[(0.71, 0.45), (0.24, 0.9), (0.78, 0.9)]),
    ]],
    &[&[
        Arc((0.47, 0.29), (0.25, 0.2), 205.0, 450.0),
        Arc((0.47, 0.7), (0.28, 0.21), 270.0, 515.0),
    ]],
    &[
        &[
            Line(&[(0.6, 0.09), (0.22, 0.62), (0.8, 0.62)]),
            Line(&[(0.6, 0.09), (0.6, 0.91)]),
        ],
        &[
            Line(&[(0.3, 0.12), (0.27, 0.52), (0.7, 0.52)]),
            Line(&[(0.7, 0.1), (0.66, 0.91)]),
        ],
    ],
    &[&[
        Line(&[(0.74, 0.1), (0.34, 0.1), (0.3, 0.48)]),
        Arc((0.47, 0.66), (0.27, 0.25), 225.0, 505.0),
    ]],
    &[&[
        Line(&[(0.66, 0.09), (0.38, 0.34), (0.26, 0.66)]),
        Arc((0.5, 0.68), (0.25, 0.23), 0.0, 360.0),
    ]],
    &[
        &[Line(&[(0.22, 0.11), (0.78, 0.11), (0.42, 0.91)])],
        &[
            Line(&[(0.22, 0.11), (0.78, 0.11), (0.42, 0.91)]),
            Line(&[(0.36, 0.5), (0.72, 0.5)]),
        ],
    ],
    &[&[
        Arc((0.5, 0.29), (0.21, 0.2), 0.0, 360.0),
        Arc((0.5, 0.7), (0.26, 0.22), 0.0, 360.0),
    ]],
    &[&[
        Arc((0.48, 0.32), (0.25, 0.23), 0.0, 360.0),
        Line(&[(0.73, 0.32), (0.71, 0.6), (0.56, 0.92)]),
    ]],
];

/// Lines that an arc is drawn with.
const CHORDS: u32 = 14;

impl Stroke {
    fn points(&self) -> Vec<Point> {
        match self {
            Line(points) => points.to_vec(),
            Arc((x, y), (across, down), from, to) => (0..=CHORDS)
                .map(|k| {
                    let degrees = from + (to - from) * f64::from(k) / f64::from(CHORDS);
                    let (sine, cosine) = libm::sincos(degrees * PI / 180.0);
                    (x + across * cosine, y + down * sine)
                })
                .collect(),
        }
    }
}

/// One digit, as the lines of the pen.
struct Picture {
    lines: Vec<(Point, Point)>,
    /// Of the pen.
    radius: f64,
    /// From full ink to none.
    soft: f64,
}

impl Picture {
    fn draw(digit: usize, chance: &mut Chance) -> Picture {
        let ways = GLYPHS[digit];
        let way = ways[chance.below(ways.len() as u64) as usize];
        let (sine, cosine) = libm::sincos(chance.range(-0.22, 0.22));
        let slant = chance.range(-0.25, 0.2);
        let (wide, high) = (chance.range(0.7, 1.0), chance.range(0.75, 1.0));
        let (right, down) = (chance.range(-0.05, 0.05), chance.range(-0.05, 0.05));
        // Bent: points wander with a wave across the picture.
        let (depth, phase) = (chance.range(0.0, 0.035), chance.range(0.0, 2.0 * PI));
        let bent = |(x, y): Point| {
            let wave = depth * libm::sin(phase + 5.0 * (x + y));
            let (x, y) = (wide * (x - 0.5 + wave), high * (y - 0.5 - wave));
            let x = x - slant * y;
            (
                0.5 + right + cosine * x - sine * y,
                0.5 + down + sine * x + cosine * y,
            )
        };
        let mut lines = Vec::new();
        for stroke in way {
            let points: Vec<Point> = stroke.points().into_iter().map(bent).collect();
            lines.extend(points.windows(2).map(|pair| (pair[0], pair[1])));
        }
        Picture {
            lines,
            radius: chance.range(0.035, 0.065),
            soft: chance.range(0.02, 0.05),
        }
    }

    /// The ink of a pixel, 0 to 1: the mean over nine places in it.
    fn ink(&self, column: u32, row: u32, side: u32) -> f64 {
        let at = |pixel: u32, part: u32| {
            (f64::from(pixel) + (f64::from(part) + 0.5) / 3.0) / f64::from(side)
        };
        // All places are within a pixel of the one in the middle.
        if self.nearest((at(column, 1), at(row, 1)))
            > self.radius + self.soft + 1.0 / f64::from(side)
        {
            return 0.0;
        }
        let places = (0..9).map(|k| (at(column, k % 3), at(row, k / 3)));
        let inks = places.map(|place| {
            let beyond = self.nearest(place) - self.radius;
            (1.0 - beyond / self.soft).clamp(0.0, 1.0)
        });
        inks.sum::<f64>() / 9.0
    }

    /// How far the pen's path is away.
    fn nearest(&self, place: Point) -> f64 {
        let lines = self.lines.iter().map(|line| distance(place, *line));
        lines.fold(f64::INFINITY, f64::min)
    }
}

/// From a point to a line between two points.
fn distance((x, y): Point, ((x0, y0), (x1, y1)): (Point, Point)) -> f64 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length = dx * dx + dy * dy;
    let along = ((x - x0) * dx + (y - y0) * dy) / length.max(1e-12);
    let along = along.clamp(0.0, 1.0);
    let (ex, ey) = (x0 + along * dx - x, y0 + along * dy - y);
    (ex * ex + ey * ey).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn they_are_the_same_everywhere() {
        for (kind, wanted) in [
            (Digits::Small, "da7df9952cb4912b"),
            (Digits::Large, "c27f6eb0c882eea2"),
        ] {
            let data = digits(kind, Split::Train, 50, 1);
            let hash = Sha256::digest(&data.samples);
            let text: String = hash[..8].iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(text, wanted, "{kind:?}");
        }
    }

    #[test]
    fn splits_and_seeds_differ_and_a_larger_set_begins_with_the_smaller() {
        let set = |split, count, seed| digits(Digits::Small, split, count, seed);
        let train = set(Split::Train, 40, 1);
        assert_eq!(set(Split::Train, 100, 1).first(40), train);
        for other in [set(Split::Test, 40, 1), set(Split::Train, 40, 2)] {
            let same = train.samples().filter(|a| other.samples().any(|b| b == *a));
            assert_eq!(same.count(), 0);
        }
    }

    #[test]
    fn all_digits_come_about_as_often_and_use_the_range() {
        for kind in [Digits::Small, Digits::Large] {
            let data = digits(kind, Split::Train, 1000, 7);
            for digit in 0..10 {
                let count = data.samples().filter(|&(_, label)| label == digit).count();
                assert!((60..150).contains(&count), "{digit}: {count}");
            }
            assert_eq!(data.samples.iter().max(), Some(&kind.most()));
            let ink = data.samples.iter().map(|&v| f64::from(v)).sum::<f64>()
                / (data.samples.len() as f64 * f64::from(kind.most()));
            assert!((0.08..0.4).contains(&ink), "{ink}");
        }
    }
}
