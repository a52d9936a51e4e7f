//! The loops in which the time goes, compiled for wider vectors where the machine has them.
//!
//! Each works on several samples at once, so that a weight that is in the cache serves them all;
//! their sums stand one sample after the other. Each sum runs in the order of taps and events
//! whatever the width of vectors and the number of samples, and products are never fused, so
//! results do not depend on the machine.

use super::Real;
use super::events::{Event, Events};
use super::linear::{Blocks, LANES, Runs, Side, Spans};
use super::touched::Touched;
use multiversion::multiversion;

/// `sum += sum of value * row[index]` over each sample's events; rows of `weights` in `blocks`.
pub(super) fn scatter_dense<F: Real>(
    sums: &mut [F],
    weights: &[F],
    blocks: &Blocks,
    events: &Events<F>,
) {
    match events.are_ones() {
        true => scatter_dense_of::<F, true>(sums, weights, blocks, events),
        false => scatter_dense_of::<F, false>(sums, weights, blocks, events),
    }
}

/// Samples, at most, that a part of a block's rows serves one after the other.
pub(super) const AT_ONCE: usize = 16;

/// Bytes of such a part: the nearest cache holds it, with sums and events.
const NEAR: usize = 22 << 10;

/// Events of a sample in a part, fewer than which are few.
const FEW: usize = 8;

/// The same; `ONES`: whether every value is one.
#[multiversion(targets("x86_64+avx2"))]
fn scatter_dense_of<F: Real, const ONES: bool>(
    sums: &mut [F],
    weights: &[F],
    blocks: &Blocks,
    events: &Events<F>,
) {
    let (width, sources) = (blocks.width(), blocks.sources());
    let near = NEAR / size_of::<[F; LANES]>();
    // Where a sample has few events, looking for them in parts costs more than it saves.
    let near = match events.len() * near >= FEW * sources * events.samples() {
        true => near,
        false => sources.max(1),
    };
    for first in (0..events.samples()).step_by(AT_ONCE) {
        let sums = &mut sums[first * width..];
        let count = AT_ONCE.min(events.samples() - first);
        for (columns, rows) in blocks.iter(weights) {
            let mut lists: [&[Event<F>]; AT_ONCE] = std::array::from_fn(|k| events.of(first + k));
            let full = lists.map(|list| list.len() == rows.len());
            for (base, rows) in (0..).step_by(near).zip(rows.chunks(near)) {
                let mut k = 0;
                while k < count {
                    let some = &mut sums[k * width..];
                    // Where every source of two samples has a value, they share each row.
                    if k + 1 < count && full[k] && full[k + 1] {
                        let (one, two) = some.split_at_mut(width);
                        let sums = [&mut one[columns.clone()], &mut two[columns.clone()]];
                        let pair = &mut lists[k..k + 2];
                        in_lanes(sums, |lanes| add_two(lanes, rows, [pair[0], pair[1]]));
                        pair.iter_mut().for_each(|list| *list = &list[rows.len()..]);
                        k += 2;
                    } else {
                        in_lanes([&mut some[columns.clone()]], |[lanes]| {
                            lists[k] = add_listed::<F, LANES, ONES>(lanes, rows, base, lists[k]);
                        });
                        k += 1;
                    }
                }
            }
            assert!(
                lists.iter().all(|list| list.is_empty()),
                "events of sources"
            );
        }
    }
}

/// Works on some sums as lanes.
#[inline(always)]
fn in_lanes<F: Real, const N: usize>(
    mut sums: [&mut [F]; N],
    work: impl FnOnce(&mut [[F; LANES]; N]),
) {
    let mut lanes = [[F::ZERO; LANES]; N];
    for (lanes, sums) in lanes.iter_mut().zip(&sums) {
        match sums.first_chunk() {
            Some(sums) => *lanes = *sums,
            None => lanes[..sums.len()].copy_from_slice(sums),
        }
    }
    work(&mut lanes);
    for (lanes, sums) in lanes.iter().zip(&mut sums) {
        match sums.first_chunk_mut() {
            Some(sums) => *sums = *lanes,
            None => sums.copy_from_slice(&lanes[..sums.len()]),
        }
    }
}

/// Adds events' rows, which begin with that of the index `base`, to sums that stay in registers; returns the events from
/// the first on that has no row here.
#[inline(always)]
fn add_listed<'a, F: Real, const N: usize, const ONES: bool>(
    sums: &mut [F; N],
    rows: &[[F; N]],
    base: u32,
    mut events: &'a [Event<F>],
) -> &'a [Event<F>] {
    let mut lanes = *sums;
    while let [(index, value), rest @ ..] = events
        && let Some(row) = rows.get((index - base) as usize)
    {
        for (sum, weight) in lanes.iter_mut().zip(row) {
            *sum += if ONES { *weight } else { *weight * *value };
        }
        events = rest;
    }
    *sums = lanes;
    events
}

/// The same of two samples with a value for every row.
#[inline(always)]
fn add_two<F: Real>(
    sums: &mut [[F; LANES]; 2],
    rows: &[[F; LANES]],
    [first, second]: [&[Event<F>]; 2],
) {
    let [mut one, mut two] = *sums;
    for (row, (&(_, a), &(_, b))) in rows.iter().zip(first.iter().zip(second)) {
        add_scaled(&mut one, row, a);
        add_scaled(&mut two, row, b);
    }
    *sums = [one, two];
}

/// As [`scatter_dense`] through a kernel, place after place that it leads to; a sample's few events one
/// by one.
pub(super) fn gather_kernel<F: Real>(
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
#[multiversion(targets("x86_64+avx2"))]
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

/// As [`scatter_dense`] through a kernel, place after place that has events; touches what it adds to.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn scatter_kernel<F: Real>(
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

#[inline(always)]
fn add_scaled<F: Real>(sum: &mut [F], row: &[F], value: F) {
    for (sum, weight) in sum.iter_mut().zip(row) {
        *sum += *weight * value;
    }
}

/// Neurons that are looked at before spikes are listed.
pub(super) const CHECKED: usize = 64;

/// `u += drive`; neurons that reach the threshold fire and are reset: counts them, lists them.
#[multiversion(targets("x86_64+avx2+popcnt"))]
pub(super) fn fire<F: Real>(
    u: &mut [F],
    drive: Option<&[F]>,
    levels: (F, F),
    counts: &mut [u32],
    spikes: &mut Vec<Event<F>>,
) {
    let mut found = [0; CHECKED + 8];
    let mut drives = drive.map(|drive| drive.chunks(CHECKED));
    let parts = u.chunks_mut(CHECKED).zip(counts.chunks_mut(CHECKED));
    for (base, (u, counts)) in (0..).step_by(CHECKED).zip(parts) {
        let drive = drives.as_mut().and_then(Iterator::next).unwrap_or(&[]);
        let fired = match <&mut [F; CHECKED]>::try_from(&mut *u) {
            Ok(u) => step(u, drive, levels),
            Err(_) => step(u, drive, levels),
        };
        let count = places(&fired, &mut found);
        let listed = &found[..count];
        spikes.extend(listed.iter().map(|&k| (base + u32::from(k), F::ONE)));
        for &k in listed {
            counts[usize::from(k)] += 1;
        }
    }
}

/// A step of at most [`CHECKED`] neurons; 1 where one fired.
#[inline(always)]
fn step<F: Real>(u: &mut [F], drive: &[F], (threshold, reset): (F, F)) -> [u8; CHECKED] {
    add_all(u, drive);
    let mut fired = [0; CHECKED];
    for (fired, u) in fired.iter_mut().zip(u) {
        let fires = *u >= threshold;
        *fired = u8::from(fires);
        *u -= if fires { reset } else { F::ZERO };
    }
    fired
}

/// 1 where a membrane is such that its neuron fires.
#[inline(always)]
fn checked<F: Real>(u: &[F], fires: impl Fn(F) -> bool) -> [u8; CHECKED] {
    let mut fired = [0; CHECKED];
    match <&[F; CHECKED]>::try_from(u) {
        Ok(u) => fired = u.map(|u| u8::from(fires(u))),
        Err(_) => {
            for (fired, u) in fired.iter_mut().zip(u) {
                *fired = u8::from(fires(*u));
            }
        }
    }
    fired
}

/// For each byte, the places of its ones as bytes, from the lowest on.
const ONES: [u64; 256] = {
    let mut ones = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                ones[byte] |= bit << (8 * count);
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    ones
};

/// Bytes for the places of all, and what is written beyond the last.
type Found = [u8; CHECKED + 8];

/// Writes the places of ones among zeros, in order; returns how many. Without branches, but where there
/// are none: which of them there are cannot be foretold.
#[inline(always)]
fn places(fired: &[u8; CHECKED], places: &mut Found) -> usize {
    let (eights, _) = fired.as_chunks::<8>();
    let any = |any: u64, eight: &[u8; 8]| any | u64::from_le_bytes(*eight);
    if eights.iter().fold(0, any) == 0 {
        return 0;
    }
    let (mut base, mut count) = (0, 0);
    for eight in eights {
        // The product's highest byte has a bit of each.
        let byte = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let found = ONES[byte as usize] + base;
        places[count..count + 8].copy_from_slice(&found.to_le_bytes());
        count += byte.count_ones() as usize;
        base += 0x0808_0808_0808_0808;
    }
    count
}

#[inline(always)]
fn add_all<F: Real>(sum: &mut [F], values: &[F]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += *value;
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
/// set. Returns how many fired. Only what is touched is looked at; what would fire again stays so.
#[multiversion(targets("x86_64+avx2+popcnt"))]
pub(super) fn fire_couples<F: Real>(
    u: &mut [F],
    touched: &mut [bool],
    sent: Sent<F>,
    masks: &[bool],
    counts: &mut [i32],
    spikes: &mut Vec<Event<F>>,
) -> usize {
    let Sent {
        threshold,
        reset,
        value,
    } = sent;
    let (mut found, mut count) = ([0; CHECKED + 8], 0);
    let parts = u.chunks_mut(CHECKED).zip(counts.chunks_mut(CHECKED));
    let parts = parts.zip(masks.chunks(CHECKED)).zip(touched);
    for (base, (((u, counts), masks), touched)) in (0..).step_by(CHECKED).zip(parts) {
        if !*touched {
            continue;
        }
        *touched = false;
        let fires = |u: F| (u >= threshold) | (u <= -threshold);
        let fired = checked(u, fires);
        let some = places(&fired, &mut found);
        count += some;
        for k in found[..some].iter().map(|&k| usize::from(k)) {
            let up = u[k] >= threshold;
            u[k] -= if up { reset } else { -reset };
            counts[k] += if up { 1 } else { -1 };
            *touched |= fires(u[k]);
            if masks[k] {
                spikes.push((base + k as u32, if up { value } else { -value }));
            }
        }
    }
    count
}

/// `sum += values`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn add<F: Real>(sum: &mut [F], values: &[F]) {
    add_all(sum, values);
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
                place as usize / back.from_width,
                place as usize % back.from_width,
            );
            if let Some(lead) = tap.lead(y, x) {
                add_scaled(row, &source[lead * channels..][..channels], error);
            }
        }
    }
}
