//! Linear maps written out as matrices.

use spidec_ir::network::{Operator, Shape, Window};

/// The matrix `[destination][source]` of an operator with its weights, all in the engines' order.
pub(super) fn matrix(
    operator: Operator,
    weights: &[f64],
    source: &Shape,
    destination: &Shape,
) -> Vec<f64> {
    let mut matrix = vec![0.0; destination.size() * source.size()];
    let columns = source.size();
    let (from, to) = (source.channels(), destination.channels());
    match operator {
        Operator::Dense => matrix.copy_from_slice(weights),
        Operator::Convolution { window, .. } | Operator::ConvolutionTranspose { window, .. } => {
            let transposed = matches!(operator, Operator::ConvolutionTranspose { .. });
            let (places, over) = match transposed {
                false => (destination, source),
                true => (source, destination),
            };
            let size = (window.kernel * window.kernel) as usize;
            taps(window, places, over, |place, tap, other| {
                let (row, column) = match transposed {
                    false => (place, other),
                    true => (other, place),
                };
                for d in 0..to {
                    for s in 0..from {
                        matrix[(row * to + d) * columns + column * from + s] =
                            weights[(d * size + tap) * from + s];
                    }
                }
            });
        }
        Operator::AveragePool { size } => {
            let window = Window {
                kernel: size,
                stride: size,
                pad: 0,
            };
            taps(window, destination, source, |place, _, other| {
                for c in 0..from {
                    matrix[(place * from + c) * columns + other * from + c] =
                        1.0 / f64::from(size * size);
                }
            });
        }
        Operator::Zero => {}
    }
    matrix
}

/// All places of a kernel and what lies under its taps: place, tap, place of the shape it slides over.
fn taps(window: Window, places: &Shape, over: &Shape, mut each: impl FnMut(usize, usize, usize)) {
    let (height, width) = places.extents().unwrap_or((1, 1));
    let (over_height, over_width) = over.extents().unwrap_or((1, 1));
    let under = |place: u32, tap: u32, extent: u32| {
        let at = (place * window.stride + tap).checked_sub(window.pad)?;
        (at < extent).then_some(at)
    };
    for y in 0..height {
        for x in 0..width {
            for v in 0..window.kernel {
                for h in 0..window.kernel {
                    let at = (under(y, v, over_height), under(x, h, over_width));
                    if let (Some(row), Some(column)) = at {
                        each(
                            (y * width + x) as usize,
                            (v * window.kernel + h) as usize,
                            (row * over_width + column) as usize,
                        );
                    }
                }
            }
        }
    }
}
