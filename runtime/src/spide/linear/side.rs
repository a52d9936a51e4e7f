//! Where a kernel leads from each place of one of its two shapes.

use spidec_ir::network::{Shape, Window};

/// The places of one shape, seen from those of the other.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Side {
    /// The kernel's side.
    pub(in crate::spide) kernel: usize,
    /// Width and channels of the shape that it starts from.
    pub(in crate::spide) from_width: usize,
    pub(in crate::spide) from_channels: usize,
    /// Width, channels and size of the shape that it leads to.
    pub(in crate::spide) to_width: usize,
    pub(in crate::spide) to_channels: usize,
    pub(in crate::spide) to_size: usize,
    rows: Axis,
    columns: Axis,
    runs: Vec<Run>,
}

/// Taps of one kernel row that lead from any place to places side by side.
#[derive(Clone, Debug)]
pub(in crate::spide) struct Run {
    /// In the order of the places that they lead to.
    pub(in crate::spide) taps: Vec<usize>,
    /// How many taps the runs before it have.
    pub(in crate::spide) before: usize,
    /// Where the kernel row leads from each row, [`NOWHERE`] where to none.
    rows: Vec<u32>,
    /// From each column: which of the taps lead to a column, and to which.
    columns: Vec<Columns>,
    to_width: usize,
}

#[derive(Clone, Copy, Debug)]
struct Columns {
    first: u32,
    count: u32,
    lead: u32,
}

/// The taps of a run that lead from a place to some, and the first of these.
#[derive(Clone, Copy)]
pub(in crate::spide) struct Span {
    pub(in crate::spide) first: usize,
    pub(in crate::spide) count: usize,
    pub(in crate::spide) lead: usize,
}

impl Run {
    /// Where in the run a tap of it is.
    pub(super) fn place(&self, tap: usize) -> usize {
        self.taps.iter().take_while(|&&other| other != tap).count()
    }

    #[inline(always)]
    pub(in crate::spide) fn span(&self, row: u32, column: u32) -> Option<Span> {
        let (row, columns) = (self.rows[row as usize], self.columns[column as usize]);
        (row != NOWHERE && columns.count > 0).then_some(Span {
            first: columns.first as usize,
            count: columns.count as usize,
            lead: row as usize * self.to_width + columns.lead as usize,
        })
    }
}

/// The most values that a source value of a run changes, where that is more than one place's.
const RUN: usize = 128;

/// For each tap along one axis and each coordinate, the coordinate in the other shape.
#[derive(Clone, Debug)]
struct Axis {
    extent: usize,
    /// `[tap][coordinate]`, [`NOWHERE`] where there is none.
    to: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Axis {
    /// `slides`: whether the kernel slides over the shape that this starts from; else over the
    /// other one. A kernel's place `p` and tap `k` lie over `p stride + k - pad`.
    fn new(from: u32, to: u32, window: Window, slides: bool) -> Axis {
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
    fn of(&self, tap: usize) -> &[u32] {
        &self.to[tap * self.extent..][..self.extent]
    }

    /// What taps of a run do to a coordinate.
    fn run(&self, taps: &[usize], from: usize) -> Columns {
        let leads = || taps.iter().map(|&tap| self.of(tap)[from]);
        let first = leads().position(|lead| lead != NOWHERE).unwrap_or(0);
        Columns {
            first: first as u32,
            count: leads().filter(|&lead| lead != NOWHERE).count() as u32,
            lead: leads().nth(first).unwrap_or(NOWHERE),
        }
    }
}

/// The taps of a kernel row, in groups that lead from any column to columns side by side: where the
/// kernel slides over the columns, those that are a stride apart, from the last.
fn side_by_side(window: Window, slides: bool) -> Vec<Vec<usize>> {
    let taps = 0..window.kernel as usize;
    if !slides {
        return vec![taps.collect()];
    }
    let stride = window.stride.max(1) as usize;
    let group = |rest: usize| {
        taps.clone()
            .rev()
            .filter(|tap| tap % stride == rest)
            .collect()
    };
    (0..stride.min(taps.len())).map(group).collect()
}

/// What one tap does to each place.
#[derive(Clone, Copy)]
pub(in crate::spide) struct Tap<'a> {
    rows: &'a [u32],
    columns: &'a [u32],
    to_width: usize,
}

impl Tap<'_> {
    /// The place in the other shape that this leads to.
    #[inline(always)]
    pub(in crate::spide) fn lead(&self, row: u32, column: u32) -> Option<usize> {
        let (row, column) = (self.rows[row as usize], self.columns[column as usize]);
        (row != NOWHERE && column != NOWHERE)
            .then_some(row as usize * self.to_width + column as usize)
    }
}

impl Side {
    /// `slides` as in [`Axis::new`]; both shapes are `[height, width, channels]`.
    pub(super) fn new(from: &Shape, to: &Shape, window: Window, slides: bool) -> Side {
        let (from_height, from_width) = from.extents().unwrap_or((1, 1));
        let (to_height, to_width) = to.extents().unwrap_or((1, 1));
        let rows = Axis::new(from_height, to_height, window, slides);
        let columns = Axis::new(from_width, to_width, window, slides);
        let together = (RUN / to.channels().max(1)).max(1);
        let mut runs = Vec::new();
        let mut before = 0;
        for row in 0..window.kernel as usize {
            for taps in side_by_side(window, slides) {
                for taps in taps.chunks(together) {
                    runs.push(Run {
                        taps: taps
                            .iter()
                            .map(|tap| row * window.kernel as usize + tap)
                            .collect(),
                        before,
                        rows: rows.of(row).to_vec(),
                        columns: (0..columns.extent).map(|c| columns.run(taps, c)).collect(),
                        to_width: to_width as usize,
                    });
                    before += taps.len();
                }
            }
        }
        Side {
            kernel: window.kernel as usize,
            from_width: from_width as usize,
            from_channels: from.channels(),
            to_width: to_width as usize,
            to_channels: to.channels(),
            to_size: to.size(),
            rows,
            columns,
            runs,
        }
    }

    /// All taps, in runs.
    #[inline(always)]
    pub(in crate::spide) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run that a tap is in.
    pub(super) fn run_of(&self, tap: usize) -> &Run {
        let of = self.runs.iter().find(|run| run.taps.contains(&tap));
        of.expect("every tap is in a run")
    }

    /// The number of taps.
    pub(in crate::spide) fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    /// A tap, counted row by row.
    #[inline(always)]
    pub(in crate::spide) fn tap(&self, tap: usize) -> Tap<'_> {
        Tap {
            rows: self.rows.of(tap / self.kernel),
            columns: self.columns.of(tap % self.kernel),
            to_width: self.to_width,
        }
    }

    /// The number of places that a place leads to.
    pub(in crate::spide) fn reach(&self, place: usize) -> usize {
        let (row, column) = (place / self.from_width, place % self.from_width);
        (0..self.taps())
            .filter(|&tap| self.tap(tap).lead(row as u32, column as u32).is_some())
            .count()
    }
}
