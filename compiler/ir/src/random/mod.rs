//! Randomness as functions of a seed: sample order, initial weights, dropout, rounding noise.
//!
//! Nothing here is a stream that engines must consume in the same order: each value is a function
//! of what it is for, so it does not depend on lanes, schedule or skipped work.

pub mod speck;

use crate::network::{Init, Network};
use crate::parameters::FloatParameters;

/// Mixes 64 bits (the finalizer of SplitMix64): a bijection, each output bit depends on all input bits.
pub const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hash of a few words; the position of each word counts.
pub fn hash(words: &[u64]) -> u64 {
    words.iter().fold(STEP, |h, &w| {
        mix(h.wrapping_add(STEP) ^ mix(w.wrapping_add(STEP)))
    })
}

/// What a value is drawn for: two uses of one seed never share numbers.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Order = 1,
    Init = 2,
    Dropout = 3,
    Norm = 4,
}

/// The order of `count` samples in an epoch: a permutation of `0..count`, the same for every engine.
pub fn sample_order(seed: u64, epoch: u32, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    for i in (1..count).rev() {
        let h = hash(&[Purpose::Order as u64, seed, u64::from(epoch), i as u64]);
        // Multiply-shift: a uniform integer in 0..=i.
        let j = ((u128::from(h) * (i as u128 + 1)) >> 64) as usize;
        order.swap(i, j);
    }
    order
}

/// Initial parameters of a network, as each layer's `init` says.
///
/// Layers are numbered in declaration order, the readout last.
pub fn initial_parameters(network: &Network, seed: u64) -> FloatParameters {
    let mut parameters = FloatParameters::zeros(network);
    let inits = network
        .projections
        .iter()
        .map(|p| p.init)
        .chain([network.readout.init]);
    for (layer, (init, values)) in inits.zip(parameters.layers_mut()).enumerate() {
        // Biases are numbered after the weights.
        let count = values.weight.len();
        let draw = |k: usize| hash(&[Purpose::Init as u64, seed, layer as u64, k as u64]);
        let normal = |k: usize| normal(draw(k));
        let uniform = |k: usize| 2.0 * unit(draw(k)) - 1.0;
        let weights = values.weight.iter_mut().enumerate();
        match init {
            Init::Zeros => {}
            Init::Normal { std } => weights.for_each(|(k, w)| *w = std.value() * normal(k)),
            Init::Kaiming { scale } => {
                let std = scale.value() * libm::sqrt(2.0 / fan_in(network, layer) as f64);
                weights.for_each(|(k, w)| *w = std * normal(k));
            }
            Init::Uniform { bound, bias } => {
                weights.for_each(|(k, w)| *w = bound.value() * uniform(k));
                if bias {
                    let biases = (count..).zip(&mut values.bias);
                    biases.for_each(|(k, b)| *b = bound.value() * uniform(k));
                }
            }
            Init::Unit { scale } => {
                weights.for_each(|(k, w)| *w = uniform(k));
                let destinations = network.weight_shape(layer)[0].max(1);
                for weights in values.weight.chunks_mut((count / destinations).max(1)) {
                    let norm = libm::sqrt(weights.iter().map(|w| w * w).sum());
                    weights.iter_mut().for_each(|w| *w *= scale.value() / norm);
                }
            }
        }
    }
    parameters
}

fn fan_in(network: &Network, layer: usize) -> usize {
    match network.projections.get(layer) {
        Some(p) => p
            .operator
            .fan_in(network.source_shape(p), network.destination_shape(p)),
        None => network.weight_shape(layer)[1],
    }
}

/// A number between 0 and 1, neither of them, from a hash.
fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// For each destination value of a projection, whether a sample of an epoch is trained without it.
///
/// `layer` is the projection's index, `sample` the sample's index in the dataset.
pub fn dropped(
    seed: u64,
    epoch: u32,
    sample: u32,
    layer: usize,
    probability: f64,
    count: usize,
) -> impl Iterator<Item = bool> {
    let words = [
        Purpose::Dropout as u64,
        seed,
        u64::from(epoch),
        u64::from(sample),
        layer as u64,
    ];
    let base = hash(&words);
    (0..count as u64).map(move |k| unit(mix(base.wrapping_add(k.wrapping_mul(STEP)))) < probability)
}

/// Standard normal numbers for the estimate of a layer's norm in a step of training.
pub fn norm_probe(seed: u64, step: u64, layer: usize, count: usize) -> Vec<f64> {
    let draw = |k: u64| hash(&[Purpose::Norm as u64, seed, step, layer as u64, k]);
    (0..count as u64).map(|k| normal(draw(k))).collect()
}

/// A standard normal number from a hash (Box and Muller), through `libm` so that it is the same everywhere.
fn normal(h: u64) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(unit(h)));
    radius * libm::cos(2.0 * std::f64::consts::PI * unit(mix(h ^ STEP)))
}

/// The key word that keeps the noise apart from any other use of the cipher: `nois` in ASCII.
pub const NOISE_KEY: u32 = 0x6e6f_6973;

/// Noise of one sample and layer, before destination and source are mixed in.
///
/// `sample` counts the samples trained since the seed was set; `layer` is the projection's index,
/// the readout's is the number of projections.
///
/// It is the word `x` of [`speck::encrypt`], which hardware computes in [`speck::ROUNDS`] cycles,
/// one round a cycle: key ([`NOISE_KEY`], high half of `sample`, high half of `seed`, low half of
/// `seed`), block (low half of `sample`, `layer`).
pub const fn noise(seed: u64, sample: u64, layer: u32) -> u32 {
    let key = [
        NOISE_KEY,
        (sample >> 32) as u32,
        (seed >> 32) as u32,
        seed as u32,
    ];
    speck::encrypt(key, (sample as u32, layer)).0
}

/// Bits of a destination or source that the noise depends on.
pub const NOISE_INDEX_BITS: u32 = 16;

/// The destination's part of the noise, linear over the low [`NOISE_INDEX_BITS`] bits of the index.
pub fn noise_destination(index: u32) -> u32 {
    linear(index, 0x0d)
}

/// The source's part of the noise, linear over the low [`NOISE_INDEX_BITS`] bits of the index.
///
/// The bias's source index is the number of source values. Of 65,536 of them, the most that fixed
/// point takes, its low bits are those of source 0.
pub fn noise_source(index: u32) -> u32 {
    linear(index, 0x05)
}

fn linear(index: u32, which: u64) -> u32 {
    (0..NOISE_INDEX_BITS)
        .filter(|bit| index >> bit & 1 == 1)
        .fold(0, |acc, bit| {
            acc ^ (hash(&[which, u64::from(bit)]) >> 32) as u32
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_a_permutation_that_depends_on_seed_and_epoch() {
        let order = sample_order(1, 0, 1000);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq(0..1000));
        assert_ne!(order, sample_order(1, 1, 1000));
        assert_ne!(order, sample_order(2, 0, 1000));
        assert_eq!(sample_order(1, 0, 0), Vec::<u32>::new());
    }

    #[test]
    fn noise_parts_are_linear_over_bits_and_spread() {
        for (a, b) in [(1, 2), (5, 8), (100, 27), (0x7fff, 0x8000)] {
            assert_eq!(noise_source(a ^ b), noise_source(a) ^ noise_source(b));
            assert_eq!(
                noise_destination(a ^ b),
                noise_destination(a) ^ noise_destination(b)
            );
        }
        let distinct: std::collections::BTreeSet<u32> = (0..4096).map(noise_source).collect();
        assert_eq!(distinct.len(), 4096);
    }

    #[test]
    fn noise_follows_seed_sample_and_layer_and_an_index_has_16_bits() {
        let first = noise(1, 0, 0);
        assert_eq!(first, speck::encrypt([NOISE_KEY, 0, 0, 1], (0, 0)).0);
        for other in [
            noise(2, 0, 0),
            noise(1 | 1 << 32, 0, 0),
            noise(1, 1, 0),
            noise(1, 1 << 32, 0),
            noise(1, 0, 1),
        ] {
            assert_ne!(first, other);
        }
        assert_eq!(noise_source(0x1_0003), noise_source(3));
        assert_eq!(noise_destination(0x1_0000), 0);
    }

    #[test]
    fn noise_is_uniform_over_a_layer() {
        let h = noise(7, 3, 1);
        let mean = (0..256u32)
            .flat_map(|i| (0..256u32).map(move |j| (i, j)))
            .map(|(i, j)| f64::from(h ^ noise_destination(i) ^ noise_source(j)) / 4294967296.0)
            .sum::<f64>()
            / 65536.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }

    #[test]
    fn normal_numbers_have_unit_variance() {
        let values: Vec<f64> = (0..20000).map(|k| normal(hash(&[k]))).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!(
            mean.abs() < 0.02 && (variance - 1.0).abs() < 0.04,
            "{mean} {variance}"
        );
    }
}
