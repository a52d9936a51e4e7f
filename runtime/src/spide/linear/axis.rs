//! Where the taps of a kernel lead along one axis.

use spidec_ir::network::Window;

/// For each tap along one axis and each coordinate, the coordinate in the other shape. Taps and coordinates that lie
/// over the same place share an entry, so there are no more than the longer side and the kernel have places.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) extent: usize,
    kernel: usize,
    /// Whether the kernel slides over the shape that this starts from.
    slides: bool,
    /// The distance of two coordinates' first entries.
    step: usize,
    /// [`NOWHERE`] where there is none.
    to: Vec<u32>,
    /// How many of the entries before each lead somewhere.
    before: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Axis {
    /// `slides`: whether the kernel slides over the shape that this starts from; else over the
    /// other one. A kernel's place `p` and tap `k` lie over `p stride + k - pad`.
    pub(super) fn new(from: u32, to: u32, window: Window, slides: bool) -> Axis {
        let (stride, pad) = (i64::from(window.stride), i64::from(window.pad));
        let last = i64::from(window.kernel) - 1;
        let step = if slides { 1 } else { stride };
        let other = |entry: i64| {
            let other = if slides {
                let distance = entry - last + pad;
                (distance % stride == 0).then_some(distance / stride)
            } else {
                Some(entry - pad)
            };
            match other {
                Some(other) if (0..i64::from(to)).contains(&other) => other as u32,
                _ => NOWHERE,
            }
        };
        let entries = 0..=(i64::from(from) - 1) * step + last;
        let to: Vec<u32> = entries.map(other).collect();
        let mut before = vec![0];
        for &other in &to {
            before.push(before[before.len() - 1] + u32::from(other != NOWHERE));
        }
        Axis {
            extent: from as usize,
            kernel: window.kernel as usize,
            slides,
            step: step as usize,
            to,
            before,
        }
    }

    #[inline(always)]
    pub(super) fn lead(&self, tap: usize, from: usize) -> Option<usize> {
        let tap = if self.slides {
            self.kernel - 1 - tap
        } else {
            tap
        };
        let lead = self.to[from * self.step + tap];
        (lead != NOWHERE).then_some(lead as usize)
    }

    /// How many taps lead from a coordinate to one.
    pub(super) fn leads(&self, from: usize) -> usize {
        let first = from * self.step;
        (self.before[first + self.kernel] - self.before[first]) as usize
    }
}
