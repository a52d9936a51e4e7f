//! Events: values that are not zero, with their indices.

use super::Real;

/// Index and value, which is not zero. Lists of these are in the order of their indices.
pub(super) type Event<F> = (u32, F);

/// The values that are not zero.
pub(super) fn events<F: Real>(values: &[F]) -> Vec<Event<F>> {
    (0..)
        .zip(values.iter().copied())
        .filter(|&(_, value)| value != F::ZERO)
        .collect()
}
