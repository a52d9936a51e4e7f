//! The smallest machine that runs a network.

use super::memory::Layout;
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, accumulator_bits};
use spidec_ir::program::{MAX_DEPTH, MAX_WEIGHT_WORDS, Machine};

/// Bits of an event's value: an input value, a count, 1 / scale for a bias, or an aligned spike.
pub(super) fn value_bits(network: &Network, constants: &Constants) -> u32 {
    (count_bits(network) + 1)
        .max(constants.input_exponent + 2)
        .max(constants.weight_shift + 2)
        .max(10)
}

/// Bits of the accumulator that holds a weight times an event's value.
pub(super) fn product_bits(weight_bits: u32, value_bits: u32) -> u32 {
    weight_bits + value_bits + 1
}

fn count_bits(network: &Network) -> u32 {
    let steps = network.training.forward.steps;
    (32 - steps.leading_zeros()).max(8)
}

/// Widths from the bounds, depths from the layout; both in steps, so that networks of about the
/// same size share a machine. The network is one that [`super::limits`] lets pass.
pub(super) fn smallest(
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    instructions: usize,
) -> Machine {
    let (weight, membrane) = (network.array.weight, network.array.membrane);
    let value_bits = value_bits(network, constants);
    let accumulator_bits = accumulator_bits(network, constants)
        .inference
        .0
        .max(membrane.bits + 1)
        .max(product_bits(weight.bits, value_bits))
        .next_multiple_of(4);
    Machine {
        lanes: network.array.lanes,
        weight_bits: weight.bits,
        membrane_bits: membrane.bits,
        accumulator_bits,
        value_bits,
        count_bits: count_bits(network),
        input_shift: constants.input_shift,
        weight_rows: depth(layout.rows, 64, MAX_WEIGHT_WORDS / layout.lanes),
        chunks: depth(layout.chunks, 16, MAX_DEPTH),
        input_rows: depth(u64::from(layout.input.rows), 16, MAX_DEPTH),
        instructions: depth(instructions as u64, 64, MAX_DEPTH),
    }
}

/// The next of 4, 5, 6, 7 times a power of two, or the most.
fn depth(needed: u64, least: u32, most: u32) -> u32 {
    let needed = needed.clamp(u64::from(least), u64::from(most)) as u32;
    let quarter = (needed.next_power_of_two() / 8).max(1);
    needed.next_multiple_of(quarter).min(most)
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn depths_waste_a_quarter_at_most() {
        let depth = |needed, least| depth(needed, least, 0xffff);
        assert_eq!(depth(1, 16), 16);
        assert_eq!(depth(17, 16), 20);
        assert_eq!(depth(15855, 64), 16384);
        assert_eq!(depth(16385, 64), 20480);
        for needed in 64..=0xffff {
            let d = u64::from(depth(needed, 64));
            assert!(d >= needed && d * 4 <= needed * 5 && d <= 0xffff);
        }
    }
}
