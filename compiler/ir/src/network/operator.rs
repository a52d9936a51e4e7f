//! The linear operators of projections.

use super::Shape;
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// The linear operator of a projection.
///
/// All but [`Operator::Dense`] and [`Operator::Zero`] run between shapes `[height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// Every source value to every destination neuron.
    Dense,
    /// Correlation with a kernel, zeros around the source.
    Convolution {
        /// The kernel.
        window: Window,
        /// Whether the weights used are those stored, standardized for each destination channel:
        /// less their mean, over their sample deviation plus 1e-5, over the square root of their
        /// number.
        standardize: bool,
    },
    /// The transposed map of a convolution from the destination to the source.
    ConvolutionTranspose {
        /// The kernel.
        window: Window,
        /// Rows and columns added below and to the right.
        output_pad: u32,
    },
    /// The mean over disjoint squares.
    AveragePool {
        /// Their side.
        size: u32,
    },
    /// Nothing arrives.
    Zero,
}

/// A square kernel that slides over a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its side, at least 1.
    pub kernel: u32,
    /// The distance between two places, at least 1.
    pub stride: u32,
    /// Zeros around the shape it slides over, below `kernel`.
    pub pad: u32,
}

impl Window {
    /// Places along a side of `extent`; `None` where the kernel does not fit.
    pub fn places(self, extent: u32) -> Option<u32> {
        let room = (extent + 2 * self.pad).checked_sub(self.kernel)?;
        Some(room / self.stride + 1)
    }
}

impl Operator {
    /// Whether it has weights.
    pub fn has_weights(self) -> bool {
        !matches!(self, Operator::AveragePool { .. } | Operator::Zero)
    }

    /// The destination's height and width for a source's; `None` where the operator has none, or
    /// does not fit the source.
    pub fn extents(self, (height, width): (u32, u32)) -> Option<(u32, u32)> {
        let extent = |source: u32| match self {
            Operator::Dense | Operator::Zero => None,
            Operator::Convolution { window, .. } => window.places(source),
            Operator::ConvolutionTranspose { window, output_pad } => {
                let last = source.checked_sub(1)?.checked_mul(window.stride)?;
                last.checked_add(window.kernel)?
                    .checked_add(output_pad)?
                    .checked_sub(2 * window.pad)
            }
            Operator::AveragePool { size } => source.is_multiple_of(size).then(|| source / size),
        };
        Some((extent(height)?, extent(width)?))
    }

    /// Weights as they are stored: dense `[destination][source]`, with a kernel
    /// `[destination channel][row][column][source channel]`, none otherwise.
    pub fn weight_shape(self, source: &Shape, destination: &Shape) -> Vec<usize> {
        match self {
            Operator::Dense => vec![destination.size(), source.size()],
            Operator::Convolution { window, .. }
            | Operator::ConvolutionTranspose { window, .. } => {
                let side = window.kernel as usize;
                vec![destination.channels(), side, side, source.channels()]
            }
            Operator::AveragePool { .. } | Operator::Zero => vec![0],
        }
    }

    /// The number of biases of a projection that has them: dense one a destination neuron, with a
    /// kernel one a destination channel.
    pub fn biases(self, destination: &Shape) -> usize {
        match self {
            Operator::Dense => destination.size(),
            Operator::Convolution { .. } | Operator::ConvolutionTranspose { .. } => {
                destination.channels()
            }
            Operator::AveragePool { .. } | Operator::Zero => 0,
        }
    }

    /// The number of stored weights that a destination neuron's sum has, as initial weights are
    /// scaled by; of a transposed convolution that of its convolution, as PyTorch counts.
    pub fn fan_in(self, source: &Shape, destination: &Shape) -> usize {
        let shape = self.weight_shape(source, destination);
        match self {
            Operator::ConvolutionTranspose { .. } => shape[..3].iter().product(),
            _ => shape[1..].iter().product(),
        }
    }
}

/// Initial weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Init {
    /// Independent normal numbers of mean 0.
    Normal {
        /// Standard deviation.
        std: Number,
    },
    /// Independent numbers, uniform from `-bound` to `bound`.
    Uniform {
        /// Above zero.
        bound: Number,
        /// Whether biases are drawn too; else they start at zero.
        bias: bool,
    },
    /// Normal numbers of standard deviation `scale sqrt(2 / n)`, `n` of [`Operator::fan_in`].
    Kaiming {
        /// Above zero.
        scale: Number,
    },
    /// Uniform numbers; those of each destination neuron, or channel, scaled to norm `scale`.
    Unit {
        /// Above zero.
        scale: Number,
    },
    /// All zero.
    Zeros,
}
