//! spidec_weights behind permuters, as lanes see it: columns, rows and single elements, read and written
//! in random order, against a plain matrix.

use crate::harness::{Bench, Driver, Numbers, equal};

const BITS: u32 = 5;
const BLOCKS: usize = 3;

/// A weight memory of each number of lanes with permuters on both sides; writes in lane order.
fn top() -> String {
    let one = |log: u32| {
        format!(
            "
  wire [{0}*{BITS}-1:0] words_{0}, writes_{0};
  reg  [{log}-1:0] index1_{0}, index2_{0};
  always @(posedge clk_i) begin
    index1_{0} <= index_i[{log}-1:0];
    index2_{0} <= index1_{0};
  end
  spidec_permuter #(.LANES({0}), .LOG({log}), .WIDTH({BITS})) u_in_{0} (
      .index_i(write_index_i[{log}-1:0]), .words_i(write_words_i[{0}*{BITS}-1:0]), .words_o(writes_{0})
  );
  spidec_weights #(.LANES({0}), .LOG({log}), .WEIGHT({BITS}), .BLOCKS({BLOCKS})) u_{0} (
      .clk_i(clk_i), .read_i(read_i), .row_i(row_i), .block_i({{{log2}'d0, block_i}}),
      .index_i(index_i[{log}-1:0]), .words_o(words_{0}),
      .write_i(write_i), .write_row_i(write_row_i), .write_block_i({{{log2}'d0, write_block_i}}),
      .write_index_i(write_index_i[{log}-1:0]), .write_words_i(writes_{0}),
      .host_write_i(host_write_i), .host_bank_i(host_bank_i[{log}-1:0]),
      .host_row_i({{{log2}'d0, host_block_i, host_row_i[{log}-1:0]}}), .host_data_i(host_data_i)
  );
  spidec_permuter #(.LANES({0}), .LOG({log}), .WIDTH({BITS})) u_out_{0} (
      .index_i(index2_{0}), .words_i(words_{0}), .words_o(words{0}_o)
  );\n",
            1 << log,
            log2 = 22 - log
        )
    };
    let output = |log: u32| format!("    output wire [{0}*{BITS}-1:0] words{0}_o", 1 << log);
    let outputs: Vec<String> = (2..=5).map(output).collect();
    format!(
        "module bench (
    input wire clk_i, input wire read_i, input wire row_i, input wire [1:0] block_i,
    input wire [4:0] index_i, input wire write_i, input wire write_row_i,
    input wire [1:0] write_block_i, input wire [4:0] write_index_i,
    input wire [32*{BITS}-1:0] write_words_i, input wire host_write_i, input wire [4:0] host_bank_i,
    input wire [1:0] host_block_i, input wire [4:0] host_row_i, input wire [{BITS}-1:0] host_data_i,
{}\n);{}endmodule\n",
        outputs.join(",\n"),
        (2..=5).map(one).collect::<String>()
    )
}

/// A column (`b` fixed) or row (`a` fixed) of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    row: bool,
    block: usize,
    index: usize,
}

impl Line {
    fn random(numbers: &mut Numbers, lanes: usize) -> Line {
        Line {
            row: numbers.below(2) == 1,
            block: numbers.below(BLOCKS as u64) as usize,
            index: numbers.below(lanes as u64) as usize,
        }
    }

    /// Element `(a, b)` of the line at a lane.
    fn element(self, lane: usize) -> (usize, usize) {
        if self.row {
            (self.index, lane)
        } else {
            (lane, self.index)
        }
    }

    fn meets(self, other: Line) -> bool {
        self.block == other.block && (self.row != other.row || self.index == other.index)
    }
}

fn check(driver: &mut Driver) -> Result<(), String> {
    for lanes in [4usize, 8, 16, 32] {
        random_order(driver, lanes)?;
    }
    Ok(())
}

fn random_order(driver: &mut Driver, lanes: usize) -> Result<(), String> {
    let mut numbers = Numbers::new(3);
    let value = |numbers: &mut Numbers| numbers.below(1 << BITS) as i64;
    let mut matrix = vec![vec![vec![0; lanes]; lanes]; BLOCKS];
    // The host fills the memory, element after element: (a, b) lies in bank a ^ b, row b of the block.
    driver.set("read_i", 0);
    driver.set("write_i", 0);
    for (block, rows) in matrix.iter_mut().enumerate() {
        for (a, row) in rows.iter_mut().enumerate() {
            for (b, element) in row.iter_mut().enumerate() {
                *element = value(&mut numbers);
                host(driver, (block, a, b), *element);
            }
        }
    }
    // The answers that are due in the next two cycles.
    let mut due: [Option<(Line, Vec<i64>)>; 2] = [None, None];
    let (mut written, mut crossed) = ([0; 2], 0);
    for _ in 0..4000 {
        let read = Line::random(&mut numbers, lanes);
        let write = Line::random(&mut numbers, lanes);
        let reads = numbers.below(4) > 0;
        // A single element, a line, or nothing is written; nothing that is read in this cycle.
        let kind = numbers.below(4);
        let writes = kind < 2 && !(reads && read.meets(write));
        set_line(
            driver,
            ["read_i", "row_i", "block_i", "index_i"],
            reads,
            read,
        );
        let answer = reads.then(|| (read, line(&matrix, read, lanes)));
        driver.set("host_write_i", 0);
        set_line(
            driver,
            ["write_i", "write_row_i", "write_block_i", "write_index_i"],
            writes,
            write,
        );
        if writes {
            let words: Vec<i64> = (0..lanes).map(|_| value(&mut numbers)).collect();
            driver.set_all("write_words_i", BITS, &words);
            for (lane, word) in words.into_iter().enumerate() {
                let (a, b) = write.element(lane);
                matrix[write.block][a][b] = word;
            }
            written[usize::from(write.row)] += 1;
        } else if kind == 2 && !reads {
            let (a, b) = write.element(numbers.below(lanes as u64) as usize);
            let word = value(&mut numbers);
            matrix[write.block][a][b] = word;
            host_set(driver, (write.block, a, b), word);
        }
        if let Some((line, wanted)) = &due[1] {
            let found = driver.get_all(&format!("words{lanes}_o"), BITS);
            equal(&format!("{lanes} lanes, {line:?}"), &found, wanted)?;
            crossed += usize::from(line.row);
        }
        driver.cycles(1);
        let [next, _] = due;
        due = [answer, next];
    }
    assert!(written.iter().all(|&n| n > 500), "{written:?}");
    assert!(crossed > 500, "{crossed}");
    driver.set("host_write_i", 0);
    Ok(())
}

fn line(matrix: &[Vec<Vec<i64>>], line: Line, lanes: usize) -> Vec<i64> {
    let element = |lane| {
        let (a, b) = line.element(lane);
        matrix[line.block][a][b]
    };
    (0..lanes).map(element).collect()
}

fn set_line(driver: &mut Driver, [valid, row, block, index]: [&str; 4], on: bool, line: Line) {
    driver.set(valid, i64::from(on));
    driver.set(row, i64::from(line.row));
    driver.set(block, line.block as i64);
    driver.set(index, line.index as i64);
}

fn host_set(driver: &mut Driver, (block, a, b): (usize, usize, usize), word: i64) {
    driver.set("host_bank_i", (a ^ b) as i64);
    driver.set("host_block_i", block as i64);
    driver.set("host_row_i", b as i64);
    driver.set("host_data_i", word);
    driver.set("host_write_i", 1);
}

fn host(driver: &mut Driver, element: (usize, usize, usize), word: i64) {
    host_set(driver, element, word);
    driver.cycles(1);
    driver.set("host_write_i", 0);
}

#[test]
fn rows_columns_and_elements_are_of_one_matrix() {
    let bench = Bench {
        top: top(),
        modules: &["ram", "weights", "permuter"],
        check,
        faults: &[
            (
                "weights",
                "row_i ? index_i ^ BANK : index_i",
                "row_i ? index_i : index_i",
            ),
            (
                "weights",
                "write_row_i ? write_index_i ^ BANK",
                "write_row_i ? write_index_i",
            ),
            (
                "weights",
                "write_i ? write_words_i[k*WEIGHT +: WEIGHT] : host_data_i",
                "write_words_i[k*WEIGHT +: WEIGHT]",
            ),
        ],
    };
    bench.run();
}
