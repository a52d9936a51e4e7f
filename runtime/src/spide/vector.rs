//! The loops in which the time goes, compiled for wider vectors where the machine has them.
//!
//! Each works on several samples at once, so that a weight that is in the cache serves them all;
//! their sums stand one sample after the other. Each sum runs in the order of taps and events
//! whatever the width of vectors and the number of samples, and products are never fused, so
//! results do not depend on the machine.

use super::Real;
use super::events::{Event, Events};
use super::linear::{Blocks, Side};
use multiversion::multiversion;

/// `sum += sum of value * row[index]` over each sample's events; rows of `weights` in `blocks`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn scatter_dense<F: Real>(
    sums: &mut [F],
    weights: &[F],
    blocks: &Blocks,
    events: &Events<F>,
) {
    for block in blocks.iter() {
        let rows = &weights[block.weights()];
        for sample in 0..events.samples() {
            let sum = &mut sums[sample * blocks.width()..][..blocks.width()][block.columns()];
            add_rows(sum, rows, events.of(sample), 0);
        }
    }
}

/// As [`scatter_dense`] through a kernel; `weights` are `[tap][from channel][to channel]`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn scatter_kernel<F: Real>(
    sums: &mut [F],
    weights: &[F],
    events: &Events<F>,
    side: &Side,
) {
    let (from, to) = (side.from_channels, side.to_channels);
    for k in 0..side.taps() {
        let (tap, weights) = (side.tap(k), &weights[k * from * to..][..from * to]);
        for sample in 0..events.samples() {
            let sums = &mut sums[sample * side.to_size..][..side.to_size];
            let list = events.of(sample);
            for place in events.places(sample) {
                if let Some(lead) = tap.lead(place.row, place.column) {
                    let events = &list[place.start as usize..place.end as usize];
                    add_rows(&mut sums[lead * to..][..to], weights, events, place.base);
                }
            }
        }
    }
}

#[inline(always)]
fn add_rows<F: Real>(sum: &mut [F], weights: &[F], events: &[Event<F>], base: u32) {
    let width = sum.len();
    if let &[(index, value)] = events {
        let row = &weights[(index - base) as usize * width..][..width];
        return add_scaled(sum, row, value);
    }
    let mut at = 0;
    at = add_blocks::<F, 64>(sum, weights, events, base, at);
    at = add_blocks::<F, 16>(sum, weights, events, base, at);
    at = add_blocks::<F, 8>(sum, weights, events, base, at);
    if at < width {
        let rest = &mut sum[at..];
        for &(index, value) in events {
            let row = &weights[(index - base) as usize * width + at..][..rest.len()];
            add_scaled(rest, row, value);
        }
    }
}

/// Blocks of sums stay in registers while all events are added. Returns where the rest begins.
#[inline(always)]
fn add_blocks<F: Real, const B: usize>(
    sum: &mut [F],
    weights: &[F],
    events: &[Event<F>],
    base: u32,
    mut at: usize,
) -> usize {
    let width = sum.len();
    let (blocks, _) = sum[at..].as_chunks_mut::<B>();
    for block in blocks {
        let mut sums = *block;
        for &(index, value) in events {
            let row = &weights[(index - base) as usize * width + at..][..B];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += *weight * value;
            }
        }
        *block = sums;
        at += B;
    }
    at
}

#[inline(always)]
fn add_scaled<F: Real>(sum: &mut [F], row: &[F], value: F) {
    for (sum, weight) in sum.iter_mut().zip(row) {
        *sum += *weight * value;
    }
}

/// Neurons that check for a spike together.
const CHECKED: usize = 16;

/// `u += drive`; neurons that reach the threshold fire and are reset: counts them, lists them.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn fire<F: Real>(
    u: &mut [F],
    drive: Option<&[F]>,
    (threshold, reset): (F, F),
    counts: &mut [u32],
    spikes: &mut Vec<Event<F>>,
) {
    if let Some(drive) = drive {
        for (u, drive) in u.iter_mut().zip(drive) {
            *u += *drive;
        }
    }
    let (blocks, rest) = u.as_chunks_mut::<CHECKED>();
    let (count_blocks, count_rest) = counts.as_chunks_mut::<CHECKED>();
    let mut base = 0;
    for (block, counts) in blocks.iter_mut().zip(count_blocks) {
        let mut any = false;
        for u in block.iter() {
            any |= *u >= threshold;
        }
        if any {
            let mut fires = [0; CHECKED];
            for ((u, count), fires) in block.iter_mut().zip(counts).zip(&mut fires) {
                let fired = *u >= threshold;
                *u -= if fired { reset } else { F::ZERO };
                *count += u32::from(fired);
                *fires = u32::from(fired);
            }
            // Without branches: which of them fire cannot be foretold.
            let (start, mut end) = (spikes.len(), 0);
            spikes.extend_from_slice(&[(0, F::ONE); CHECKED]);
            let found = &mut spikes[start..][..CHECKED];
            for (k, fired) in (base..).zip(fires) {
                found[end & (CHECKED - 1)].0 = k;
                end += fired as usize;
            }
            spikes.truncate(start + end);
        }
        base += CHECKED as u32;
    }
    for ((k, u), count) in (base..).zip(rest).zip(count_rest) {
        if *u >= threshold {
            *u -= reset;
            *count += 1;
            spikes.push((k, F::ONE));
        }
    }
}

/// What couples send.
#[derive(Clone, Copy)]
pub(super) struct Sent<F> {
    /// The threshold on both sides.
    pub(super) threshold: F,
    /// The step of a reset.
    pub(super) reset: F,
    /// What a spike is worth where it arrives.
    pub(super) value: F,
}

/// Couples fire on both sides: `counts` get each spike's sign; spikes are listed where the mask is
/// set. Returns how many fired.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn fire_couples<F: Real>(
    u: &mut [F],
    sent: Sent<F>,
    masks: &[bool],
    counts: &mut [i32],
    spikes: &mut Vec<Event<F>>,
) -> usize {
    let mut fired = 0;
    let Sent {
        threshold,
        reset,
        value,
    } = sent;
    let mut one = |i: usize, u: &mut F| {
        let (up, down) = (*u >= threshold, *u <= -threshold);
        if up != down {
            let (sign, value) = if up { (1, value) } else { (-1, -value) };
            *u -= if up { reset } else { -reset };
            counts[i] += sign;
            fired += 1;
            if masks[i] {
                spikes.push((i as u32, value));
            }
        }
    };
    let (blocks, rest) = u.as_chunks_mut::<CHECKED>();
    let mut base = 0;
    for block in blocks {
        let mut any = false;
        for u in block.iter() {
            any |= (*u >= threshold) | (*u <= -threshold);
        }
        if any {
            block
                .iter_mut()
                .enumerate()
                .for_each(|(k, u)| one(base + k, u));
        }
        base += CHECKED;
    }
    rest.iter_mut()
        .enumerate()
        .for_each(|(k, u)| one(base + k, u));
    fired
}

/// `sum += values`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn add<F: Real>(sum: &mut [F], values: &[F]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += *value;
    }
}

/// `sum += mask * values`; `values` become zero.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn take_masked<F: Real>(sum: &mut [F], mask: &[F], values: &mut [F]) {
    for ((sum, mask), value) in sum.iter_mut().zip(mask).zip(values) {
        *sum += *mask * *value;
        *value = F::ZERO;
    }
}

/// `values *= factor`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn scale<F: Real>(values: &mut [F], factor: F) {
    for value in values {
        *value *= factor;
    }
}

/// `row += error * source` for one destination of a dense layer, over samples in order.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn gradient_dense<F: Real>(row: &mut [F], samples: &[(F, &[F])]) {
    let mut at = 0;
    let (blocks, rest) = row.as_chunks_mut::<32>();
    for block in blocks {
        let mut sums = *block;
        for (error, source) in samples {
            let source = &source[at..][..32];
            for (sum, source) in sums.iter_mut().zip(source) {
                *sum += *error * *source;
            }
        }
        *block = sums;
        at += 32;
    }
    for (error, source) in samples {
        add_scaled(rest, &source[at..], *error);
    }
}

/// `row += sum over places of error * source` for one destination channel of a kernel, `row` being
/// `[tap][source channel]`; errors as events whose indices are places.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn gradient_kernel<F: Real>(
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
                place / back.from_width as u32,
                place % back.from_width as u32,
            );
            if let Some(lead) = tap.lead(y, x) {
                add_scaled(row, &source[lead * channels..][..channels], error);
            }
        }
    }
}
