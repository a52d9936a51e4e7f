//! The smallest machine that runs a network.

use super::memory::Layout;
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, accumulator_bits};
use spidec_ir::program::Machine;

/// Widths from the bounds, depths from the layout; both in steps, so that networks of about the
/// same size share a machine.
pub(super) fn smallest(
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    instructions: usize,
) -> Machine {
    let (weight, membrane) = (network.array.weight, network.array.membrane);
    let steps = network.training.forward.steps;
    let count_bits = (32 - steps.leading_zeros()).max(8);
    // An event carries an input value, a count, 1 / scale for a bias, or an aligned spike.
    let value_bits = (count_bits + 1)
        .max(constants.input_exponent + 2)
        .max(constants.weight_shift + 2)
        .max(10);
    let accumulator_bits = accumulator_bits(network, constants)
        .inference
        .0
        .max(membrane.bits + 1)
        .max(weight.bits + value_bits + 1)
        .next_multiple_of(4);
    Machine {
        lanes: network.array.lanes,
        weight_bits: weight.bits,
        membrane_bits: membrane.bits,
        accumulator_bits,
        value_bits,
        count_bits,
        input_shift: constants.input_shift,
        weight_rows: depth(layout.rows, 64),
        chunks: depth(layout.chunks, 16),
        input_rows: depth(layout.input.rows, 16),
        instructions: depth(instructions as u32, 64),
    }
}

/// The next of 4, 5, 6, 7 times a power of two.
fn depth(needed: u32, least: u32) -> u32 {
    let needed = needed.max(least);
    let quarter = (needed.next_power_of_two() / 8).max(1);
    needed.next_multiple_of(quarter)
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn depths_waste_a_quarter_at_most() {
        assert_eq!(depth(1, 16), 16);
        assert_eq!(depth(17, 16), 20);
        assert_eq!(depth(15855, 64), 16384);
        assert_eq!(depth(16385, 64), 20480);
        for needed in 64..5000 {
            let d = depth(needed, 64);
            assert!(d >= needed && d * 4 <= needed * 5);
        }
    }
}
