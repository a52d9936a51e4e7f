//! Where the taps of a kernel lead along one axis.

use spidec_ir::network::Window;

/// For each tap along one axis and each coordinate, the coordinate in the other shape.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) extent: usize,
    /// `[tap][coordinate]`, [`NOWHERE`] where there is none.
    to: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Axis {
    /// `slides`: whether the kernel slides over the shape that this starts from; else over the
    /// other one. A kernel's place `p` and tap `k` lie over `p stride + k - pad`.
    pub(super) fn new(from: u32, to: u32, window: Window, slides: bool) -> Axis {
        let (stride, pad) = (i64::from(window.stride), i64::from(window.pad));
        let other = |tap: u32, from: u32| {
            let (tap, from) = (i64::from(tap), i64::from(from));
            let other = if slides {
                let distance = from + pad - tap;
                (distance % stride == 0).then_some(distance / stride)
            } else {
                Some(from * stride + tap - pad)
            };
            match other {
                Some(other) if (0..i64::from(to)).contains(&other) => other as u32,
                _ => NOWHERE,
            }
        };
        let coordinates = |tap: u32| (0..from).map(move |from| other(tap, from));
        Axis {
            extent: from as usize,
            to: (0..window.kernel).flat_map(coordinates).collect(),
        }
    }

    #[inline(always)]
    pub(super) fn lead(&self, tap: usize, from: usize) -> Option<usize> {
        let lead = self.to[tap * self.extent + from];
        (lead != NOWHERE).then_some(lead as usize)
    }
}
