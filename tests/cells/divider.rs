//! spidec_divider: every division of a small divider, and random ones with exact halves of the one that
//! the loss unit has.

use crate::harness::{Bench, Driver, Numbers, equal};

/// Width of dividend and divisor, most bits of a quotient.
const SMALL: (u32, u32) = (6, 5);
const LARGE: (u32, u32) = (36, 16);

fn top() -> String {
    let one = |(width, bits): (u32, u32)| {
        format!(
            "  spidec_divider #(.WIDTH({width}), .BITS({bits})) u_{width} (
      .clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .dividend_i(dividend_i[{width}-1:0]),
      .divisor_i(divisor_i[{width}-1:0]), .bits_i(bits_i), .down_i(down_i), .busy_o(busy{width}_o),
      .excess_o(excess{width}_o), .quotient_o(quotient{width}_o)
  );\n"
        )
    };
    let output = |(width, bits): (u32, u32)| {
        format!(
            "    output wire busy{width}_o, output wire excess{width}_o, \
             output wire [{bits}:0] quotient{width}_o"
        )
    };
    format!(
        "module bench (
    input wire clk_i, input wire rst_i, input wire start_i, input wire [35:0] dividend_i,
    input wire [35:0] divisor_i, input wire [4:0] bits_i, input wire down_i,
{},\n{}\n);\n{}{}endmodule\n",
        output(SMALL),
        output(LARGE),
        one(SMALL),
        one(LARGE)
    )
}

/// What occurred, each in the cells that round up and down: excess, an exact half, a carry into one
/// bit more than was asked for.
#[derive(Debug, Default)]
struct Seen {
    excess: [u32; 2],
    halves: [u32; 2],
    carries: [u32; 2],
}

impl Seen {
    fn all(&self) -> bool {
        let kinds = [self.excess, self.halves, self.carries];
        kinds.iter().flatten().all(|&n| n > 0)
    }
}

fn divide(
    driver: &mut Driver,
    width: u32,
    (dividend, divisor): (i64, i64),
    bits: u32,
    down: bool,
    seen: &mut Seen,
) -> Result<(), String> {
    let what = format!("{dividend} / {divisor} to {bits} bits");
    driver.set("dividend_i", dividend);
    driver.set("divisor_i", divisor);
    driver.set("bits_i", i64::from(bits));
    driver.set("down_i", i64::from(down));
    driver.pulse("start_i");
    let cycles = driver.wait_low(&format!("busy{width}_o"), 40)?;
    equal(&what, cycles, u64::from(bits) + 2)?;
    let excess = driver.get(&format!("excess{width}_o")) == 1;
    equal(&what, excess, dividend >= 2 * divisor)?;
    let which = usize::from(down);
    if excess {
        seen.excess[which] += 1;
        return Ok(());
    }
    let scaled = i128::from(dividend) << (bits - 1);
    let divisor = i128::from(divisor);
    let (whole, rest) = (scaled / divisor, scaled % divisor);
    let up = 2 * rest > divisor || (2 * rest == divisor && !down);
    let wanted = whole + i128::from(up);
    seen.halves[which] += u32::from(2 * rest == divisor);
    seen.carries[which] += u32::from(wanted == 1 << bits);
    equal(
        &format!("{what}{}", if down { ", halves down" } else { "" }),
        i128::from(driver.get(&format!("quotient{width}_o"))),
        wanted,
    )
}

fn check(driver: &mut Driver) -> Result<(), String> {
    driver.pulse("rst_i");
    let mut seen = Seen::default();
    let (width, most) = SMALL;
    for bits in 1..=most {
        for down in [false, true] {
            for divisor in 1..1 << (width - 1) {
                for dividend in 0..1 << width {
                    divide(driver, width, (dividend, divisor), bits, down, &mut seen)?;
                }
            }
        }
    }
    assert!(seen.all(), "{seen:?}");
    let mut seen = Seen::default();
    let mut numbers = Numbers::new(5);
    let (width, most) = LARGE;
    for round in 0..4000 {
        let bits = 1 + numbers.below(u64::from(most)) as u32;
        let down = numbers.below(2) == 1;
        let used = 2 + numbers.below(u64::from(width) - 2);
        let mut divisor = 1 + numbers.below((1 << (used - 1)) - 1) as i64;
        let mut dividend = numbers.below((4 * divisor as u64).min(1 << width)) as i64;
        match round % 4 {
            // An exact half: (2 n + 1) * divisor = dividend * 2^bits.
            0 if bits < 12 => {
                let odd = 2 * numbers.below(1 << bits) as i64 + 1;
                let factor = 1 + numbers.below(1 << 16) as i64;
                (dividend, divisor) = (odd * factor, factor << bits);
            }
            // As close below twice the divisor as can be: the quotient may carry.
            1 => dividend = 2 * divisor - 1,
            _ => {}
        }
        divide(driver, width, (dividend, divisor), bits, down, &mut seen)?;
    }
    assert!(seen.all(), "{seen:?}");
    Ok(())
}

#[test]
fn quotients_are_rounded_exactly() {
    let bench = Bench {
        top: top(),
        modules: &["divider"],
        check,
        faults: &[
            ("divider", "!less[WIDTH+1];", "!less[WIDTH+1] && less != 0;"),
            ("divider", "fits && !(down_i && half)", "fits"),
            ("divider", "{divisor_i[WIDTH-2:0], 1'b0}", "divisor_i"),
        ],
    };
    bench.run();
}
