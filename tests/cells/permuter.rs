//! spidec_permuter: where every word of every number of lanes goes.

use crate::harness::{Bench, Driver, Numbers, equal};

const BITS: u32 = 12;

/// A permuter of each number of lanes.
fn top() -> String {
    let one = |log: u32| {
        format!(
            "  spidec_permuter #(.LANES({0}), .LOG({log}), .WIDTH({BITS})) u_{0} (
      .index_i(index_i[{log}-1:0]), .words_i(words_i[{0}*{BITS}-1:0]), .words_o(words{0}_o)
  );\n",
            1 << log
        )
    };
    let output = |log: u32| format!("    output wire [{0}*{BITS}-1:0] words{0}_o", 1 << log);
    let outputs: Vec<String> = (2..=5).map(output).collect();
    format!(
        "module bench (\n    input wire clk_i,\n    input wire [4:0] index_i,\n    \
         input wire [32*{BITS}-1:0] words_i,\n{}\n);\n{}endmodule\n",
        outputs.join(",\n"),
        (2..=5).map(one).collect::<String>()
    )
}

fn check(driver: &mut Driver) -> Result<(), String> {
    let mut numbers = Numbers::new(1);
    for round in 0..8 {
        // Words that all differ show where each goes.
        let salt = numbers.below(1 << 6) as i64;
        let words: Vec<i64> = (0..32)
            .map(|k| (k << 7 | k << 1 | round & 1) ^ salt)
            .collect();
        driver.set_all("words_i", BITS, &words);
        for index in 0..32 {
            driver.set("index_i", index);
            for lanes in [4, 8, 16, 32] {
                let found = driver.get_all(&format!("words{lanes}_o"), BITS);
                let index = index as usize % lanes;
                let wanted = (0..lanes).map(|place| words[place ^ index]).collect();
                equal(&format!("{lanes} lanes, index {index}"), found, wanted)?;
            }
        }
    }
    Ok(())
}

#[test]
fn every_word_goes_to_its_place() {
    let bench = Bench {
        top: top(),
        modules: &["permuter"],
        check,
        faults: &[
            (
                "permuter",
                "k ^ (1 << l)",
                "k ^ (1 << (l == LOG - 1 ? 0 : l))",
            ),
            ("permuter", "index_i[l] ?", "!index_i[l] ?"),
        ],
    };
    bench.run();
}
