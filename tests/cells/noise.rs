//! spidec_noise with the array's constants of the lanes: the noise of every lane of every slot.

use crate::harness::{Bench, Driver, Numbers, equal};
use spidec_ir::random::speck::ROUNDS;
use spidec_ir::random::{noise, noise_destination, noise_source};
use spidec_tests::rtl;

/// Learning runs over error events: the destination is the event's index, lane k holds the weight of
/// source `position + (k ^ destination's lowest bits)`.
fn top() -> String {
    // What the array gives its lanes, taken from its text.
    let array = rtl::module("array").text;
    let start = array
        .find("  function [31:0] lane_noise")
        .expect("a function");
    let end = start + array[start..].find("endfunction").expect("its end");
    assert_eq!(array.matches(".NOISE(lane_noise(lane))").count(), 1);
    // The function's own type of index is that of 32 lanes.
    let function = array[start..end].replace("[LOG-1:0]", "[4:0]");
    let one = |log: u32| {
        format!(
            "  wire [31:0] noise_{0};
  spidec_noise #(.LOG({log})) u_{0} (
      .clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .layer_i(layer_i), .seed_i(seed_i),
      .sample_i(sample_i), .busy_o(busy{0}_o), .take_i(take_i), .index_i(index_i),
      .begin_i(begin_i), .first_i(first_i), .noise_o(noise_{0})
  );
  generate
    for (k = 0; k < {0}; k = k + 1) begin : gen_{0}
      localparam [31:0] NOISE = lane_noise(k);
      assign noise{0}_o[32*k +: 32] = noise_{0} ^ NOISE;
    end
  endgenerate\n",
            1 << log
        )
    };
    let output = |log: u32| {
        format!(
            "    output wire busy{0}_o, output wire [32*{0}-1:0] noise{0}_o",
            1 << log
        )
    };
    let outputs: Vec<String> = (2..=5).map(output).collect();
    format!(
        "module bench (
    input wire clk_i, input wire rst_i, input wire start_i, input wire [31:0] layer_i,
    input wire [63:0] seed_i, input wire [63:0] sample_i, input wire take_i, input wire [15:0] index_i,
    input wire begin_i, input wire [15:0] first_i,
{}\n);\n{function}endfunction\n  genvar k;\n{}endmodule\n",
        outputs.join(",\n"),
        (2..=5).map(one).collect::<String>()
    )
}

fn check(driver: &mut Driver) -> Result<(), String> {
    driver.pulse("rst_i");
    let mut numbers = Numbers::new(4);
    for round in 0..60 {
        // Each word alone too, so that none is taken for another.
        let (seed, sample, layer) = match round {
            0 => (1, 0, 0),
            1 => (1 << 32, 0, 0),
            2 => (0, 1, 0),
            3 => (0, 1 << 32, 0),
            4 => (0, 0, 1),
            _ => (numbers.bits(), numbers.bits(), numbers.below(256) as u32),
        };
        driver.set("seed_i", seed as i64);
        driver.set("sample_i", sample as i64);
        driver.set("layer_i", i64::from(layer));
        driver.pulse("start_i");
        for lanes in [4, 8, 16, 32] {
            equal("busy", driver.get(&format!("busy{lanes}_o")), 1)?;
        }
        let cycles = driver.wait_low("busy32_o", 100)?;
        equal("cycles of a layer", cycles, u64::from(ROUNDS))?;
        let hash = noise(seed, sample, layer);
        events(driver, hash, &mut numbers)?;
    }
    Ok(())
}

/// Some events of a layer, as the loop generator takes them: the next while this one's slots are under way.
fn events(driver: &mut Driver, hash: u32, numbers: &mut Numbers) -> Result<(), String> {
    let mut indices: Vec<u32> = (0..8).map(|_| numbers.below(1 << 16) as u32).collect();
    indices[0] = 0;
    indices[1] = 0xffff;
    take(driver, indices[0]);
    for (k, &index) in indices.iter().enumerate() {
        let first = if numbers.below(2) == 0 {
            0
        } else {
            numbers.below(2048) as u32 * 32
        };
        driver.set("first_i", i64::from(first));
        driver.pulse("begin_i");
        let slots = 1 + numbers.below(5) as u32;
        for slot in 0..slots {
            for lanes in [4u32, 8, 16, 32] {
                let wanted: Vec<i64> = (0..lanes)
                    .map(|lane| first + slot * lanes + (lane ^ (index % lanes)))
                    .map(|source| hash ^ noise_destination(index) ^ noise_source(source))
                    .map(i64::from)
                    .collect();
                let found = driver.get_all(&format!("noise{lanes}_o"), 32);
                let what = format!("{lanes} lanes, destination {index}, slot {slot} from {first}");
                equal(&what, found, wanted)?;
            }
            // The next event is taken while this one's last slot is issued.
            match indices.get(k + 1) {
                Some(&next) if slot + 1 == slots => take(driver, next),
                _ => driver.cycles(1),
            }
        }
    }
    Ok(())
}

fn take(driver: &mut Driver, index: u32) {
    driver.set("index_i", i64::from(index));
    driver.pulse("take_i");
}

#[test]
fn noise_is_the_contracts() {
    let bench = Bench {
        top: top(),
        modules: &["noise"],
        check,
        faults: &[
            ("noise", "ROUNDS - round_q", "round_q"),
            (
                "noise",
                "l1_q    <= sample_i[63:32];",
                "l1_q    <= sample_i[31:0];",
            ),
            ("noise", "{{(16-LOG){1'b0}}, index_i[LOG-1:0]}", "16'd0"),
            ("noise", "position_q + (16'd1 << LOG)", "position_q + 16'd1"),
        ],
    };
    bench.run();
}
