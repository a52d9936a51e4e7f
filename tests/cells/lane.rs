//! The update path of spidec_lane: product, noise, shift, saturation, a slot a cycle, against the
//! contract's update.

use crate::harness::{Bench, Driver, Numbers, equal};
use spidec_ir::fixed::{EVENT_BITS, Format, MAX_SHIFT, Rounding, Updated, update};
use std::collections::VecDeque;

const FORMAT: Format = Format { bits: 12, frac: 9 };
const OPERAND: u32 = 13;
/// The lane's part of the noise.
const NOISE: u32 = 0x9e37_79b9;
/// From a slot's weight at s2 to the updated one at s8.
const CYCLES: usize = 6;

/// A lane that only learns; what a slot brings is given at s2 and delayed to where the array gives it.
fn top() -> String {
    format!(
        "module bench (
    input wire clk_i, input wire [4:0] shift_i, input wire [33:0] half_i, input wire [31:0] mask_i,
    input wire nearest_i, input wire [11:0] weight_i, input wire [{OPERAND}-1:0] operand_i,
    input wire [17:0] value_i, input wire [31:0] noise_i,
    output wire [11:0] weight_o, output wire clamped_o
);
  reg [{OPERAND}-1:0] operand_q;
  reg [17:0] value_q;
  reg [31:0] noise1_q, noise2_q;
  always @(posedge clk_i) begin
    operand_q <= operand_i;
    value_q   <= value_i;
    noise1_q  <= noise_i;
    noise2_q  <= noise1_q;
  end
  spidec_lane #(
      .WEIGHT(12), .OPERAND({OPERAND}), .VALUE(18), .MEMBRANE(20), .ACC(32), .SUM(34), .COUNT(8),
      .ERROR(10), .NOISE(32'h{NOISE:x}), .CHUNKS(4)
  ) u_lane (
      .clk_i(clk_i), .threshold_i(32'd0), .reset_i(32'd0), .shift_i(shift_i), .half_i(half_i),
      .cleared_i(4'd0), .minus_i(32'd0), .most_less_i(32'd0), .least_less_i(32'd0),
      .most_plus_i(32'd0), .least_plus_i(32'd0), .steps_i(8'd0), .quiet_i(32'd0), .mask_i(mask_i),
      .nearest_i(nearest_i), .s2_weight_i(weight_i), .s3_operand_i(operand_q), .s3_value_i(value_q),
      .s3_read_i(1'b0), .s3_chunk_i(16'd0), .count_read_i(1'b0), .count_chunk_i(16'd0),
      .error_read_i(1'b0), .error_chunk_i(16'd0), .s4_noise_i(noise2_q), .s4_op_i(3'd5),
      .s4_held_i(1'b0), .s6_write_i(1'b1), .s6_op_i(3'd5), .s6_held_i(1'b0),
      .s6_chunk_i(16'd0), .s7_write_i(1'b0), .s7_op_i(3'd0), .s7_latch_i(1'b0), .s7_chunk_i(16'd0), .spike_o(), .negative_o(),
      .saturated_o(), .state_o(), .loud_o(), .weight_o(weight_o), .clamped_o(clamped_o),
      .host_write_i(4'd0), .host_chunk_i(16'd0), .host_data_i(32'd0), .membrane_o(), .current_o(),
      .error_o(), .count_o()
  );
endmodule
"
    )
}

/// What occurred.
#[derive(Debug, Default)]
struct Seen {
    ties: [u32; 2],
    over: u32,
    under: u32,
    /// Noise that carried into the result by one unit, and noise that just did not.
    carried: u32,
    missed: u32,
}

fn check(driver: &mut Driver) -> Result<(), String> {
    let mut numbers = Numbers::new(6);
    let mut seen = Seen::default();
    for rounding in [Rounding::Stochastic, Rounding::Nearest] {
        for shift in 0..=MAX_SHIFT {
            slots(driver, rounding, shift, &mut numbers, &mut seen)?;
        }
    }
    let Seen {
        ties,
        over,
        under,
        carried,
        missed,
    } = seen;
    let least = [ties[0], ties[1], over, under, carried, missed];
    assert!(least.iter().all(|&n| n > 50), "{seen:?}");
    Ok(())
}

fn slots(
    driver: &mut Driver,
    rounding: Rounding,
    shift: u32,
    numbers: &mut Numbers,
    seen: &mut Seen,
) -> Result<(), String> {
    let unit = 1i64 << shift;
    driver.set("shift_i", i64::from(shift));
    driver.set("half_i", unit / 2);
    driver.set("mask_i", unit - 1);
    driver.set("nearest_i", i64::from(rounding == Rounding::Nearest));
    let mut due: VecDeque<(String, Updated)> = VecDeque::new();
    for _ in 0..500 {
        let weight = numbers.signed(FORMAT.bits) as i32;
        let (event, source) = factors(numbers, shift);
        let product = i64::from(event) * i64::from(source);
        let noise = match numbers.below(4) {
            // What just carries, or just does not.
            0 => (unit - product.rem_euclid(unit)) as u32,
            1 => (unit - product.rem_euclid(unit)) as u32 ^ 1,
            2 => (unit - product.rem_euclid(unit) - 1) as u32,
            _ => numbers.bits() as u32,
        };
        let wanted = update(weight, event, source, shift, noise, rounding, FORMAT);
        let rest = product.rem_euclid(unit);
        match rounding {
            Rounding::Stochastic => {
                let sum = rest + i64::from(noise & (unit - 1) as u32);
                seen.carried += u32::from(sum == unit);
                seen.missed += u32::from(sum == unit - 1 && shift > 0);
            }
            Rounding::Nearest if shift > 0 && rest == unit / 2 => {
                seen.ties[usize::from(product < 0)] += 1;
            }
            Rounding::Nearest => {}
        }
        seen.over += u32::from(wanted.saturated && wanted.weight > 0);
        seen.under += u32::from(wanted.saturated && wanted.weight < 0);
        driver.set("weight_i", i64::from(weight));
        driver.set("operand_i", i64::from(source));
        driver.set("value_i", i64::from(event));
        driver.set("noise_i", i64::from(noise ^ NOISE));
        due.push_back((
            format!("{weight} - {event} * {source} >> {shift}, {rounding:?} {noise:#x}"),
            wanted,
        ));
        if due.len() > CYCLES {
            let (what, wanted) = due.pop_front().expect("one");
            let found = Updated {
                weight: driver.get_signed("weight_o") as i32,
                saturated: driver.get("clamped_o") == 1,
            };
            equal(&what, found, wanted)?;
        }
        driver.cycles(1);
    }
    // The registers change only when no slot is under way.
    driver.cycles(CYCLES as u64);
    Ok(())
}

/// An event's value and a source; often so that their product has an exact half behind the shift.
fn factors(numbers: &mut Numbers, shift: u32) -> (i32, i32) {
    let largest = (1 << (OPERAND - 1)) - 1;
    if shift > 0 && numbers.below(3) == 0 {
        let twos = shift - 1;
        let of_source = twos.min(11);
        let of_event = (twos - of_source).min(EVENT_BITS - 2);
        let odd = (2 * numbers.below(1 << (EVENT_BITS - 2 - of_event)) + 1) as i32;
        let event = (odd << of_event).min((1 << (EVENT_BITS - 1)) - 1);
        return (
            if numbers.below(2) == 0 { event } else { -event },
            1 << of_source,
        );
    }
    let source = match numbers.below(4) {
        0 => largest,
        1 => numbers.below(3) as i32,
        _ => numbers.below(largest as u64 + 1) as i32,
    };
    (numbers.signed(EVENT_BITS) as i32, source)
}

#[test]
fn updates_are_the_contracts() {
    let bench = Bench {
        top: top(),
        modules: &["ram", "update", "lane"],
        check,
        faults: &[
            (
                "lane",
                "(s4_noise_i ^ NOISE) & mask_i",
                "s4_noise_i & mask_i",
            ),
            (
                "lane",
                "nearest_i ? half_i : {{(SUM-32){1'b0}}, s4_noise}",
                "{{(SUM-32){1'b0}}, s4_noise}",
            ),
            (
                "lane",
                "s6_coarse_q >>> shift_i[2:0]",
                "s6_coarse_q >> shift_i[2:0]",
            ),
            (
                "lane",
                "s7_weight_q <= s6_weight_q;",
                "s7_weight_q <= s5_weight_q;",
            ),
        ],
    };
    bench.run();
}
