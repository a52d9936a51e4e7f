//! A step of neurons and of couples: who fires, found and listed without branches.

use super::add_all;
use crate::spide::Real;
use crate::spide::events::Event;
use multiversion::multiversion;

/// Neurons that are looked at before spikes are listed.
pub(in crate::spide) const CHECKED: usize = 64;

/// `u += drive`; neurons that reach the threshold fire and are reset: counts them, lists them.
#[multiversion(targets("x86_64+avx512bw+avx512vl+popcnt", "x86_64+avx2+popcnt"))]
pub(in crate::spide) fn fire<F: Real>(
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
        // The same twice: of as many as the compiler knows beforehand no loop is left.
        let fired = match (
            <&mut [F; CHECKED]>::try_from(&mut *u),
            <&mut [u32; CHECKED]>::try_from(&mut *counts),
        ) {
            (Ok(u), Ok(counts)) => step(u, drive, levels, counts),
            _ => step(u, drive, levels, counts),
        };
        let count = places(&fired, &mut found);
        let listed = &found[..count];
        spikes.extend(listed.iter().map(|&k| (base + u32::from(k), F::ONE)));
    }
}

/// A step of at most [`CHECKED`] neurons; 1 where one fired.
#[inline(always)]
fn step<F: Real>(
    u: &mut [F],
    drive: &[F],
    (threshold, reset): (F, F),
    counts: &mut [u32],
) -> [u8; CHECKED] {
    add_all(u, drive);
    let mut fired = [0; CHECKED];
    for (fired, u) in fired.iter_mut().zip(u) {
        let fires = *u >= threshold;
        *fired = u8::from(fires);
        *u -= if fires { reset } else { F::ZERO };
    }
    for (count, fired) in counts.iter_mut().zip(&fired) {
        *count += u32::from(*fired);
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

/// What couples send.
#[derive(Clone, Copy)]
pub(in crate::spide) struct Sent<F> {
    /// The threshold on both sides.
    pub(in crate::spide) threshold: F,
    /// The step of a reset.
    pub(in crate::spide) reset: F,
    /// What a spike is worth where it arrives.
    pub(in crate::spide) value: F,
}

/// Couples fire on both sides: `counts` get each spike's sign; spikes are listed where the mask is
/// set. Returns how many fired. Only what is touched is looked at; what would fire again stays so.
#[multiversion(targets("x86_64+avx512bw+avx512vl+popcnt", "x86_64+avx2+popcnt"))]
pub(in crate::spide) fn fire_couples<F: Real>(
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
