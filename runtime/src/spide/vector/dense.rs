//! Dense layers: spikes' rows added, and gradients.

use super::{add_listed, add_scaled};
use crate::spide::Real;
use crate::spide::events::{Event, Events};
use crate::spide::linear::{Blocks, LANES};
use multiversion::multiversion;

/// `sum += sum of value * row[index]` over each sample's events; rows of `weights` in `blocks`.
pub(in crate::spide) fn scatter_dense<F: Real>(
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
pub(in crate::spide) const AT_ONCE: usize = 16;

/// Bytes of such a part: the nearest cache holds it, with sums and events.
pub(in crate::spide) const NEAR: usize = 22 << 10;

/// Events of a sample in a part, fewer than which are few.
const FEW: usize = 8;

/// The same; `ONES`: whether every value is one.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
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

/// Works on some sums, all of one number, as lanes: where they are, but in the last block, which has fewer.
#[inline(always)]
fn in_lanes<F: Real, const N: usize>(
    mut sums: [&mut [F]; N],
    work: impl FnOnce([&mut [F; LANES]; N]),
) {
    if sums.iter().all(|sums| sums.len() == LANES) {
        return work(sums.map(|sums| sums.try_into().expect("LANES sums")));
    }
    let mut lanes = [[F::ZERO; LANES]; N];
    for (lanes, sums) in lanes.iter_mut().zip(&sums) {
        lanes[..sums.len()].copy_from_slice(sums);
    }
    work(lanes.each_mut());
    for (lanes, sums) in lanes.iter().zip(&mut sums) {
        sums.copy_from_slice(&lanes[..sums.len()]);
    }
}

/// The same of two samples with a value for every row.
#[inline(always)]
fn add_two<F: Real>(
    [first_sums, second_sums]: [&mut [F; LANES]; 2],
    rows: &[[F; LANES]],
    [first, second]: [&[Event<F>]; 2],
) {
    let (mut one, mut two) = (*first_sums, *second_sums);
    for (row, (&(_, a), &(_, b))) in rows.iter().zip(first.iter().zip(second)) {
        add_scaled(&mut one, row, a);
        add_scaled(&mut two, row, b);
    }
    (*first_sums, *second_sums) = (one, two);
}

/// `row += error * source` for one destination of a dense layer, over samples in order.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(in crate::spide) fn gradient_dense<F: Real>(row: &mut [F], samples: &[(F, &[F])]) {
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
