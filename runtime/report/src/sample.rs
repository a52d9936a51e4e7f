//! A sample as the picture that it is.

use crate::picture::Picture;
use crate::style::{FAINT, GROUND, INK, MUTED};
use crate::svg::{Font, PLAIN, Svg};
use spidec_ir::network::Shape;

/// Size of the picture, and of the square that the pixels fit into.
const SIZE: (f64, f64) = (440.0, 200.0);
const SQUARE: f64 = 160.0;
const MARGIN: f64 = 20.0;
/// More pixels a side could not be told apart.
const MOST_SIDE: usize = 80;

/// Height, width and channels of samples that are pictures: their shape, or for a list of as many values as a square
/// has, that square.
pub fn pixels(shape: &Shape) -> Option<[usize; 3]> {
    match shape.0[..] {
        [height, width, channels] => Some([height, width, channels].map(|n| n as usize)),
        [values] => {
            let side = values.isqrt() as usize;
            (side > 1 && side * side == values as usize).then_some([side, side, 1])
        }
        _ => None,
    }
}

/// A sample's values, 0 to `most`, as shades; `words` stand beside it, one a line. `None` where its shape is that of
/// no picture, or of one too large.
pub fn sample(shape: &Shape, values: &[u8], most: u8, words: &[String]) -> Option<Picture> {
    let [height, width, channels] = pixels(shape)?;
    let side = height.max(width);
    if side > MOST_SIDE || values.len() != height * width * channels {
        return None;
    }
    let mut svg = Svg::default();
    svg.rect((0.0, 0.0), SIZE, GROUND, 0.0);
    let pixel = (SQUARE / side as f64).floor();
    let ink = |value: u8| f64::from(value) / f64::from(most.max(1));
    for (k, channels) in values.chunks_exact(channels).enumerate() {
        // Of colors the brightest.
        let ink = ink(channels.iter().copied().max().unwrap_or(0));
        let at = |k: usize| MARGIN + k as f64 * pixel;
        if ink > 0.0 {
            svg.shade((at(k % width), at(k / width)), (pixel, pixel), INK, ink);
        }
    }
    let size = (pixel * width as f64, pixel * height as f64);
    svg.outline((MARGIN, MARGIN), size, FAINT, 0.0);
    let left = 2.0 * MARGIN + SQUARE;
    let muted = Font {
        color: MUTED,
        ..PLAIN
    };
    let dimensions = format!("{height} x {width} pixels");
    let lines = { words.iter() }.map(|word| (word, PLAIN));
    for (k, (text, font)) in (0..).zip(lines.chain([(&dimensions, muted)])) {
        svg.write((left, MARGIN + 14.0 + 22.0 * f64::from(k)), font, text);
    }
    // What the shades mean.
    let (steps, bottom) = (8, MARGIN + SQUARE - 34.0);
    for step in 0..=steps {
        let share = f64::from(step) / f64::from(steps);
        let x = left + 16.0 * f64::from(step);
        svg.shade((x, bottom), (16.0, 14.0), INK, share);
    }
    svg.outline(
        (left, bottom),
        (16.0 * f64::from(steps + 1), 14.0),
        FAINT,
        0.0,
    );
    svg.write((left, bottom + 32.0), muted, "0");
    svg.write(
        (left + 16.0 * f64::from(steps), bottom + 32.0),
        muted,
        &most.to_string(),
    );
    let description = format!("{}; {dimensions}, values 0 to {most}.", words.join(", "));
    let size = (SIZE.0 as u32, SIZE.1 as u32);
    Some(Picture::new("sample", "The sample", description, size, svg))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};

    #[test]
    fn pictures_are_known_by_their_shape() {
        let of = |shape: &[u32]| pixels(&Shape(shape.to_vec()));
        assert_eq!(of(&[5, 7, 3]), Some([5, 7, 3]));
        assert_eq!(of(&[64]), Some([8, 8, 1]));
        assert_eq!((of(&[63]), of(&[1]), of(&[3])), (None, None, None));
    }

    #[test]
    fn a_pixel_that_is_not_zero_is_a_mark() {
        let shape = Shape(vec![2, 3, 1]);
        let words = ["label 1".to_string(), "predicted 0".to_string()];
        let draw = |values: &[u8]| sample(&shape, values, 16, &words);
        let empty = marks(&draw(&[0; 6]).unwrap(), "rect");
        let picture = draw(&[0, 16, 8, 0, 0, 1]).unwrap();
        assert_eq!(marks(&picture, "rect"), empty + 3);
        assert_eq!(
            texts(&picture),
            ["label 1", "predicted 0", "2 x 3 pixels", "0", "16"]
        );
        assert!(picture.file().contains("fill-opacity=\"0.500\""));
        assert_eq!(draw(&[0; 5]), None);
        // Of several channels the brightest is drawn.
        let colors = sample(&Shape(vec![1, 1, 3]), &[0, 4, 16], 16, &[]).unwrap();
        assert!(
            !colors
                .file()
                .contains("fill-opacity=\"0.25\"/>\n<rect x=\"20.00\"")
        );
        assert_eq!(sample(&Shape(vec![81, 1, 1]), &[0; 81], 1, &[]), None);
    }
}
