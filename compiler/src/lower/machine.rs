//! The smallest machine that runs a network.

use super::Purpose;
use super::memory::Layout;
use spidec_ir::Network;
use spidec_ir::fixed::{Constants, accumulator_bits};
use spidec_ir::program::{MAX_CHUNKS, MAX_DEPTH, MAX_WEIGHT_WORDS, Machine};

/// Widths from the bounds, depths from the layout; both in steps, so that networks of about the
/// same size share a machine. The network is one that [`super::limits`] lets pass.
pub(super) fn smallest(
    network: &Network,
    constants: &Constants,
    layout: &Layout,
    instructions: usize,
    purpose: Purpose,
) -> Machine {
    let learning = purpose == Purpose::Learning;
    let (weight, membrane) = (network.array.weight, network.array.membrane);
    let training = &network.training;
    let count_bits = unsigned(training.forward.steps).max(8);
    let bounds = accumulator_bits(network, constants);
    let sums = if learning {
        bounds.inference.0.max(bounds.learning.0)
    } else {
        bounds.inference.0
    };
    let error_bits = if learning {
        network
            .array
            .error
            .bits
            .max(unsigned(training.backward.steps) + 1)
    } else {
        1
    };
    // In learning a lane multiplies a count, an input value, or 1 / scale for a bias of the input.
    let operand_bits = if learning {
        weight
            .bits
            .max(count_bits.max(8) + 1)
            .max(constants.input_exponent + 2)
    } else {
        weight.bits
    };
    Machine {
        learning,
        lanes: network.array.lanes,
        weight_bits: weight.bits,
        membrane_bits: membrane.bits,
        accumulator_bits: sums.max(membrane.bits + 1).next_multiple_of(4),
        count_bits,
        error_bits,
        operand_bits,
        blocks: depth(
            layout.blocks,
            4,
            MAX_WEIGHT_WORDS / (layout.lanes * layout.lanes),
        ),
        chunks: depth(layout.chunks, 16, MAX_CHUNKS),
        input_rows: depth(u64::from(layout.input.rows), 16, MAX_DEPTH),
        instructions: depth(instructions as u64, 64, MAX_DEPTH),
        layers: if learning {
            depth(layout.layers.len() as u64, 4, MAX_DEPTH)
        } else {
            1
        },
    }
}

/// Bits of an unsigned integer.
fn unsigned(largest: u32) -> u32 {
    32 - largest.leading_zeros()
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
        assert_eq!(depth(991, 4), 1024);
        assert_eq!(depth(1025, 4), 1280);
        for needed in 64..=0xffff {
            let d = u64::from(depth(needed, 64));
            assert!(d >= needed && d * 4 <= needed * 5 && d <= 0xffff);
        }
    }
}
