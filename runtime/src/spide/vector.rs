//! The loops in which the time goes, compiled for wider vectors where the machine has them.
//!
//! Each sum runs in the order of the events whatever the width, and products are never fused, so
//! results do not depend on the machine.

use super::Real;
use super::events::Event;
use super::linear::Side;
use multiversion::multiversion;

/// `sum += sum of value * row[index]` over events: row `k` of `weights` is as long as `sum`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn scatter_dense<F: Real>(sum: &mut [F], weights: &[F], events: &[Event<F>]) {
    add_rows(sum, weights, events, 0);
}

/// As [`scatter_dense`] through a kernel; `weights` are `[tap][from channel][to channel]`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn scatter_kernel<F: Real>(
    sum: &mut [F],
    weights: &[F],
    events: &[Event<F>],
    side: &Side,
) {
    let (from, to) = (side.from_channels, side.to_channels);
    let mut rest = events;
    while let Some(&(first, _)) = rest.first() {
        // All events of one place.
        let place = first as usize / from;
        let base = (place * from) as u32;
        let next = base + from as u32;
        let count = rest.iter().take_while(|event| event.0 < next).count();
        let (group, later) = rest.split_at(count);
        rest = later;
        let (row, column) = (place / side.from_width, place % side.from_width);
        for &(tap_row, to_row) in side.rows.of(row) {
            for &(tap_column, to_column) in side.columns.of(column) {
                let tap = (tap_row * side.kernel + tap_column) as usize;
                let to_place = to_row as usize * side.to_width + to_column as usize;
                add_rows(
                    &mut sum[to_place * to..][..to],
                    &weights[tap * from * to..][..from * to],
                    group,
                    base,
                );
            }
        }
    }
}

#[inline(always)]
fn add_rows<F: Real>(sum: &mut [F], weights: &[F], events: &[Event<F>], base: u32) {
    if let &[(index, value)] = events {
        let row = &weights[(index - base) as usize * sum.len()..][..sum.len()];
        return add_scaled(sum, row, value);
    }
    let width = sum.len();
    let at = add_blocks::<F, 64>(sum, weights, events, base, width, 0);
    let at = add_blocks::<F, 16>(&mut sum[at..], weights, events, base, width, at);
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
    width: usize,
    mut at: usize,
) -> usize {
    let (blocks, _) = sum.as_chunks_mut::<B>();
    for block in blocks {
        let mut sums = *block;
        for &(index, value) in events {
            let (row, _) = weights[(index - base) as usize * width + at..].split_at(B);
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

/// Neurons that reach the threshold fire and are reset: counts them, lists them.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn fire<F: Real>(
    u: &mut [F],
    (threshold, reset): (F, F),
    counts: &mut [u32],
    spikes: &mut Vec<Event<F>>,
) {
    spikes.clear();
    let mut one = |base: usize, k: usize, u: &mut F| {
        if *u >= threshold {
            *u -= reset;
            counts[base + k] += 1;
            spikes.push(((base + k) as u32, F::ONE));
        }
    };
    let (blocks, rest) = u.as_chunks_mut::<16>();
    let mut base = 0;
    for block in blocks {
        // Most blocks are silent.
        let fires = block.iter().fold(false, |any, &u| any | (u >= threshold));
        if fires {
            block
                .iter_mut()
                .enumerate()
                .for_each(|(k, u)| one(base, k, u));
        }
        base += 16;
    }
    rest.iter_mut()
        .enumerate()
        .for_each(|(k, u)| one(base, k, u));
}

/// What the couples of one population send: the size of a spike, and of one as it is sent.
#[derive(Clone, Copy)]
pub(super) struct Sent<F> {
    /// The threshold on both sides.
    pub(super) threshold: F,
    /// The step of a reset.
    pub(super) reset: F,
    /// What arrives for each.
    pub(super) value: F,
}

/// As [`fire`] on both sides: `counts` get each spike's sign; spikes are listed where the mask is set.
/// Returns how many fired.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn fire_couples<F: Real>(
    u: &mut [F],
    sent: Sent<F>,
    masks: &[bool],
    counts: &mut [i32],
    spikes: &mut Vec<Event<F>>,
) -> usize {
    spikes.clear();
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
    let (blocks, rest) = u.as_chunks_mut::<16>();
    let mut base = 0;
    for block in blocks {
        let fires = block
            .iter()
            .fold(false, |any, &u| any | (u >= threshold) | (u <= -threshold));
        if fires {
            block
                .iter_mut()
                .enumerate()
                .for_each(|(k, u)| one(base + k, u));
        }
        base += 16;
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
            let (source, _) = source[at..].split_at(32);
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
    for &(place, error) in errors {
        let place = place as usize;
        let (y, x) = (place / back.from_width, place % back.from_width);
        for &(tap_row, to_row) in back.rows.of(y) {
            for &(tap_column, to_column) in back.columns.of(x) {
                let tap = (tap_row * back.kernel + tap_column) as usize;
                let to_place = to_row as usize * back.to_width + to_column as usize;
                add_scaled(
                    &mut row[tap * channels..][..channels],
                    &source[to_place * channels..][..channels],
                    error,
                );
            }
        }
    }
}
