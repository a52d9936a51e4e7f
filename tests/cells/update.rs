//! spidec_update: every weight and delta of small formats, and the edges of those that machines have.

use crate::harness::{Bench, Driver, Numbers, all_signed, equal};
use spidec_ir::fixed::{Format, Rounding, update};

/// Formats: bits of the weight, bits of the delta.
const SMALL: [(u32, u32); 3] = [(2, 5), (4, 4), (4, 7)];
const LARGE: [(u32, u32); 4] = [(4, 34), (12, 34), (16, 34), (12, 36)];

fn top() -> String {
    let mut ports = String::new();
    let mut cells = String::new();
    for (weight, delta) in SMALL.into_iter().chain(LARGE) {
        let name = format!("{weight}_{delta}");
        ports += &format!(
            ",\n    output wire [{weight}-1:0] weight_{name}_o, output wire saturated_{name}_o"
        );
        cells += &format!(
            "  spidec_update #(.WEIGHT({weight}), .DELTA({delta})) u_{name} (
      .weight_i(weight_i[{weight}-1:0]), .delta_i(delta_i[{delta}-1:0]),
      .weight_o(weight_{name}_o), .saturated_o(saturated_{name}_o)
  );\n"
        );
    }
    format!(
        "module bench (\n    input wire clk_i,\n    input wire [15:0] weight_i,\n    \
         input wire [35:0] delta_i{ports}\n);\n{cells}endmodule\n"
    )
}

/// Compares one update; says what occurred: nothing, over, under, on the upper or lower edge.
fn compare(
    driver: &mut Driver,
    (bits, delta_bits): (u32, u32),
    weight: i64,
    delta: i64,
) -> Result<usize, String> {
    driver.set("weight_i", weight);
    driver.set("delta_i", delta);
    let format = Format { bits, frac: 0 };
    let wanted = format.clamp(weight - delta);
    let saturated = wanted != weight - delta;
    // The contract's own update says the same where it takes the delta.
    if let Ok(event) = i32::try_from(delta) {
        let own = update(weight as i32, event, 1, 0, 0, Rounding::Nearest, format);
        assert_eq!((i64::from(own.weight), own.saturated), (wanted, saturated));
    }
    let found = (
        driver.get_signed(&format!("weight_{bits}_{delta_bits}_o")),
        driver.get(&format!("saturated_{bits}_{delta_bits}_o")) == 1,
    );
    equal(
        &format!("{weight} less {delta} in {bits} bits"),
        found,
        (wanted, saturated),
    )?;
    Ok(match (saturated, wanted) {
        (true, w) if w == format.max() => 1,
        (true, _) => 2,
        (false, w) if w == format.max() => 3,
        (false, w) if w == format.min() => 4,
        _ => 0,
    })
}

fn check(driver: &mut Driver) -> Result<(), String> {
    for (bits, delta_bits) in SMALL {
        let mut seen = [0; 5];
        for weight in all_signed(bits) {
            for delta in all_signed(delta_bits) {
                seen[compare(driver, (bits, delta_bits), weight, delta)?] += 1;
            }
        }
        assert!(seen.iter().all(|&n| n > 0), "{bits} {delta_bits}: {seen:?}");
    }
    let mut numbers = Numbers::new(2);
    for (bits, delta_bits) in LARGE {
        let mut seen = [0; 5];
        let format = Format { bits, frac: 0 };
        for _ in 0..20_000 {
            let weight = numbers.signed(bits);
            // Often just what leads to an edge, or one beyond.
            let beside = numbers.below(3) as i64 - 1;
            let delta = match numbers.below(4) {
                0 => weight - format.max() + beside,
                1 => weight - format.min() + beside,
                2 => numbers.signed(bits),
                _ => numbers.signed(delta_bits),
            };
            seen[compare(driver, (bits, delta_bits), weight, delta)?] += 1;
        }
        assert!(
            seen.iter().all(|&n| n > 100),
            "{bits} {delta_bits}: {seen:?}"
        );
    }
    Ok(())
}

#[test]
fn weights_saturate_and_never_wrap() {
    let bench = Bench {
        top: top(),
        modules: &["update"],
        check,
        faults: &[
            (
                "update",
                "exact[DELTA:WEIGHT-1] != {(DELTA+2-WEIGHT)",
                "exact[DELTA:WEIGHT] != {(DELTA+1-WEIGHT)",
            ),
            (
                "update",
                "{minus, {(WEIGHT-1){!minus}}}",
                "{(WEIGHT){!minus}}",
            ),
            ("update", "{delta_i[DELTA-1], delta_i}", "{1'b0, delta_i}"),
        ],
    };
    bench.run();
}
