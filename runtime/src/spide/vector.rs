//! The loops in which the time goes, compiled for wider vectors where the machine has them.
//!
//! Those that read weights do so for several samples at once, so that a weight that is in the cache serves them all;
//! their sums stand one sample after the other. Each sum runs in the order of taps and events
//! whatever the width of vectors and the number of samples, and products are never fused, so
//! results do not depend on the machine.

mod dense;
mod fire;
mod kernel;

#[cfg(test)]
pub(super) use dense::NEAR;
pub(super) use dense::{AT_ONCE, gradient_dense, scatter_dense};
pub(super) use fire::{CHECKED, Sent, fire, fire_couples};
pub(super) use kernel::{gather_kernel, gradient_kernel, scatter_kernel};

use super::Real;
use super::events::Event;
use multiversion::multiversion;

/// `sum += values`.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn add<F: Real>(sum: &mut [F], values: &[F]) {
    add_all(sum, values);
}

/// `sum += mask * values`; `values` become zero.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn take_masked<F: Real>(sum: &mut [F], mask: &[F], values: &mut [F]) {
    for ((sum, mask), value) in sum.iter_mut().zip(mask).zip(values) {
        *sum += *mask * *value;
        *value = F::ZERO;
    }
}

/// `values *= factor`.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn scale<F: Real>(values: &mut [F], factor: F) {
    for value in values {
        *value *= factor;
    }
}

/// `h = unscale * gradient + decay * value`, `buffer = momentum * buffer + h`, `value -= rate * buffer`;
/// gradients become zero.
#[multiversion(targets("x86_64+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn descend_with_momentum<F: Real>(
    values: &mut [F],
    gradients: &mut [F],
    buffer: &mut [F],
    [unscale, decay, momentum, rate]: [F; 4],
) {
    for ((value, gradient), buffer) in values.iter_mut().zip(gradients).zip(buffer) {
        let h = unscale * std::mem::replace(gradient, F::ZERO) + decay * *value;
        *buffer = momentum * *buffer + h;
        *value -= rate * *buffer;
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

#[inline(always)]
fn add_scaled<F: Real>(sum: &mut [F], row: &[F], value: F) {
    for (sum, weight) in sum.iter_mut().zip(row) {
        *sum += *weight * value;
    }
}

#[inline(always)]
fn add_all<F: Real>(sum: &mut [F], values: &[F]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += *value;
    }
}
