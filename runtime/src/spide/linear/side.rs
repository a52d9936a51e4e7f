//! Where a kernel leads from each place of one of its two shapes.

use spidec_ir::network::{Shape, Window};

/// The places of one shape, seen from those of the other.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Side {
    /// The kernel's side.
    pub(in crate::spide) kernel: u32,
    /// Width and channels of the shape that it starts from.
    pub(in crate::spide) from_width: usize,
    pub(in crate::spide) from_channels: usize,
    /// Width and channels of the shape that it leads to.
    pub(in crate::spide) to_width: usize,
    pub(in crate::spide) to_channels: usize,
    /// For each row, the kernel's rows and the rows that they lead to.
    pub(in crate::spide) rows: Taps,
    /// The same of columns.
    pub(in crate::spide) columns: Taps,
}

/// For each coordinate along one axis, pairs of a coordinate in the kernel and one in the other shape.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Taps {
    starts: Vec<u32>,
    pairs: Vec<(u32, u32)>,
}

impl Taps {
    #[inline(always)]
    pub(in crate::spide) fn of(&self, coordinate: usize) -> &[(u32, u32)] {
        let range = self.starts[coordinate] as usize..self.starts[coordinate + 1] as usize;
        &self.pairs[range]
    }

    /// `slides`: whether the kernel slides over the shape that this starts from; else over the
    /// other one. A kernel's place `p` and tap `k` lie over `p stride + k - pad`.
    fn new(from: u32, to: u32, window: Window, slides: bool) -> Taps {
        let (stride, pad) = (i64::from(window.stride), i64::from(window.pad));
        let mut taps = Taps {
            starts: vec![0],
            pairs: Vec::new(),
        };
        for from in 0..i64::from(from) {
            for tap in 0..i64::from(window.kernel) {
                let other = if slides {
                    let distance = from + pad - tap;
                    (distance % stride == 0).then_some(distance / stride)
                } else {
                    Some(from * stride + tap - pad)
                };
                if let Some(other) = other.filter(|other| (0..i64::from(to)).contains(other)) {
                    taps.pairs.push((tap as u32, other as u32));
                }
            }
            taps.starts.push(taps.pairs.len() as u32);
        }
        taps
    }
}

impl Side {
    /// `slides` as in [`Taps::new`]; both shapes are `[height, width, channels]`.
    pub(super) fn new(from: &Shape, to: &Shape, window: Window, slides: bool) -> Side {
        let (from_height, from_width) = from.extents().unwrap_or((1, 1));
        let (to_height, to_width) = to.extents().unwrap_or((1, 1));
        Side {
            kernel: window.kernel,
            from_width: from_width as usize,
            from_channels: from.channels(),
            to_width: to_width as usize,
            to_channels: to.channels(),
            rows: Taps::new(from_height, to_height, window, slides),
            columns: Taps::new(from_width, to_width, window, slides),
        }
    }

    /// The number of places that a place leads to.
    pub(in crate::spide) fn reach(&self, place: usize) -> usize {
        let (row, column) = (place / self.from_width, place % self.from_width);
        self.rows.of(row).len() * self.columns.of(column).len()
    }
}
