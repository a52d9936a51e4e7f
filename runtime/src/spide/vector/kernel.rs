//! Kernels: spikes' taps added, from either side, and gradients.

use super::fire::CHECKED;
use super::{add_listed, add_scaled};
use crate::spide::Real;
use crate::spide::events::{Event, Events};
use crate::spide::linear::{Runs, Side, Spans};
use crate::spide::touched::Touched;
use multiversion::multiversion;

/// As [`super::scatter_dense`] through a kernel, place after place that it leads to; a sample's few events one
/// by one.
pub(in crate::spide) fn gather_kernel<F: Real>(
    sums: &mut [F],
    weights: &[F],
    events: &Events<F>,
    kernel: (&Side, &Spans),
) {
    // Of the usual numbers of channels all sums stay in registers.
    let gather = match (kernel.0.to_channels, events.are_ones()) {
        (16, true) => gather_kernel_of::<F, 16, true>,
        (32, true) => gather_kernel_of::<F, 32, true>,
        (40, true) => gather_kernel_of::<F, 40, true>,
        (64, true) => gather_kernel_of::<F, 64, true>,
        (_, true) => gather_kernel_of::<F, 1, true>,
        (_, false) => gather_kernel_of::<F, 1, false>,
    };
    gather(sums, weights, events, kernel);
}

/// The same; best to `TO` channels. `ONES`: whether every value is one.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
fn gather_kernel_of<F: Real, const TO: usize, const ONES: bool>(
    sums: &mut [F],
    weights: &[F],
    events: &Events<F>,
    (side, spans): (&Side, &Spans),
) {
    let (from, to) = (side.from_channels, side.to_channels);
    for (kernel_row, weights) in weights.chunks(side.kernel * from * to).enumerate() {
        for (sample, sums) in sums.chunks_mut(side.to_size).enumerate() {
            let (list, starts) = (events.of(sample), events.starts(sample));
            if starts.is_empty() {
                continue;
            }
            spans.each(kernel_row, |span| {
                let (start, end) = (starts[span.from], starts[span.from + span.count]);
                let (weights, base) = (&weights[span.position * from * to..], span.from * from);
                let events = &list[start as usize..end as usize];
                let sums = &mut sums[span.to * to..][..to];
                if let Ok(sums) = <&mut [F; TO]>::try_from(&mut *sums) {
                    let (rows, _) = weights.as_chunks();
                    let rest = add_listed::<F, TO, ONES>(sums, rows, base as u32, events);
                    debug_assert!(rest.is_empty());
                    return;
                }
                let rows = Rows {
                    weights,
                    base: base as u32,
                    stride: to,
                };
                add_rows::<F, ONES>(sums, rows, events);
            });
        }
    }
    for (sample, sums) in sums.chunks_mut(side.to_size).enumerate() {
        if !events.starts(sample).is_empty() {
            continue;
        }
        for &(index, value) in events.of(sample) {
            let (place, channel) = (index as usize / from, index as usize % from);
            side.each_lead(place, |tap, place| {
                let row = &weights[(spans.position(tap) * from + channel) * to..][..to];
                add_scaled(&mut sums[place * to..][..to], row, value);
            });
        }
    }
}

/// As [`super::scatter_dense`] through a kernel, place after place that has events; touches what it adds to.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(in crate::spide) fn scatter_kernel<F: Real>(
    sums: &mut [F],
    touched: &mut Touched,
    weights: &[F],
    events: &Events<F>,
    (side, runs): (&Side, &Runs),
) {
    let (from, to) = (side.from_channels, side.to_channels);
    for (sample, sums) in sums.chunks_mut(side.to_size).enumerate() {
        let touched = touched.of(sample);
        let place = |event: &Event<F>| event.0 as usize / from;
        let list = events.of(sample);
        for events in list.chunk_by(|a, b| place(a) == place(b)) {
            let place = place(&events[0]);
            let (row, column) = (place / side.from_width, place % side.from_width);
            runs.each((row, column), |run, lead| {
                let width = run.len() * to;
                let rows = Rows {
                    weights: &weights[run.before * from * to + lead.first * to..],
                    base: (place * from) as u32,
                    stride: width,
                };
                let sums_at = lead.to * to..(lead.to + lead.count) * to;
                touched[sums_at.start / CHECKED..=(sums_at.end - 1) / CHECKED].fill(true);
                add_rows::<F, false>(&mut sums[sums_at], rows, events);
            });
        }
    }
}

/// Weights, one row for each index from `base` on, a row every `stride`.
#[derive(Clone, Copy)]
struct Rows<'a, F> {
    weights: &'a [F],
    base: u32,
    stride: usize,
}

impl<'a, F> Rows<'a, F> {
    /// Some of an index's row.
    #[inline(always)]
    fn of(&self, index: u32, at: usize, count: usize) -> &'a [F] {
        &self.weights[(index - self.base) as usize * self.stride + at..][..count]
    }
}

#[inline(always)]
fn add_rows<F: Real, const ONES: bool>(sum: &mut [F], rows: Rows<F>, events: &[Event<F>]) {
    let width = sum.len();
    match *events {
        [] => return,
        [(index, value)] => return add_scaled(sum, rows.of(index, 0, width), value),
        _ => {}
    }
    let mut at = 0;
    at = add_blocks::<F, 64, ONES>(sum, rows, events, at);
    at = add_blocks::<F, 40, ONES>(sum, rows, events, at);
    at = add_blocks::<F, 16, ONES>(sum, rows, events, at);
    at = add_blocks::<F, 8, ONES>(sum, rows, events, at);
    if at < width {
        let rest = &mut sum[at..];
        for &(index, value) in events {
            add_scaled(rest, rows.of(index, at, rest.len()), value);
        }
    }
}

/// Blocks of sums stay in registers while all events are added. Returns where the rest begins.
#[inline(always)]
fn add_blocks<F: Real, const B: usize, const ONES: bool>(
    sum: &mut [F],
    rows: Rows<F>,
    events: &[Event<F>],
    mut at: usize,
) -> usize {
    let (blocks, _) = sum[at..].as_chunks_mut::<B>();
    for block in blocks {
        let mut sums = *block;
        for &(index, value) in events {
            for (sum, weight) in sums.iter_mut().zip(rows.of(index, at, B)) {
                *sum += if ONES { *weight } else { *weight * value };
            }
        }
        *block = sums;
        at += B;
    }
    at
}

/// `row += sum over places of error * source` for one destination channel of a kernel, `row` being
/// `[tap][source channel]`; errors as events whose indices are places.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(in crate::spide) fn gradient_kernel<F: Real>(
    row: &mut [F],
    errors: &[Event<F>],
    source: &[F],
    back: &Side,
) {
    let channels = back.to_channels;
    for (k, row) in row.chunks_exact_mut(channels).enumerate() {
        let tap = back.tap(k);
        for &(place, error) in errors {
            let (y, x) = (
                place as usize / back.from_width,
                place as usize % back.from_width,
            );
            if let Some(lead) = tap.lead(y, x) {
                add_scaled(row, &source[lead * channels..][..channels], error);
            }
        }
    }
}
