//! spidec_loss with its divider and table: the errors of random logits, against the contract's.

use crate::harness::{Bench, Driver, Numbers, equal};
use spidec_ir::fixed::{Errors, Format, mean_squared_error, softmax_error, softmax_table};
use spidec_ir::network::LossKind;
use spidec_ir::trace::{ClampPlace, Clamped};

/// Most classes.
const CLASSES: usize = 16;

/// Logits as the array gives them, three cycles after they are asked for and no longer; the errors as the
/// error memory would hold them, how many were written and clamped, and the first of these.
fn top() -> String {
    "module bench (
    input wire clk_i, input wire rst_i, input wire start_i, input wire squared_i,
    input wire [15:0] chunk_i, input wire [15:0] classes_i, input wire [4:0] frac_i,
    input wire [4:0] bits_i, input wire [31:0] unit_i, input wire [31:0] one_i,
    input wire [15:0] label_i, input wire [31:0] largest_i, output wire busy_o, output wire none_o,
    input wire write_i, input wire [4:0] addr_i, input wire [31:0] logit_i,
    output wire [11:0] error_o, output reg [7:0] written_o,
    output reg [7:0] clamped_o, output reg [15:0] first_o
);
  reg [31:0] logits [0:31];
  reg [11:0] errors [0:31];
  wire        read, write;
  wire [1:0]  lane;
  wire [15:0] chunk;
  wire [11:0] error;
  wire [4:0]  place = {chunk[2:0], lane};
  wire        clamped;
  wire [15:0] of_class;
  reg         read_q, later_q;
  reg  [31:0] logit_q, later_logit_q, answer_q;
  always @(posedge clk_i) begin
    if (write_i) logits[addr_i] <= logit_i;
    read_q   <= read;
    logit_q  <= logits[place];
    later_q       <= read_q;
    later_logit_q <= logit_q;
    answer_q      <= later_q ? later_logit_q : 32'h5a5a5a5a;
    if (write) errors[place] <= error;
    if (start_i) begin
      clamped_o <= 8'd0;
      first_o   <= 16'd0;
    end else if (clamped) begin
      clamped_o <= clamped_o + 8'd1;
      if (clamped_o == 8'd0) first_o <= of_class;
    end
    written_o <= start_i ? 8'd0 : written_o + {7'd0, write};
  end
  assign error_o = errors[addr_i];
  spidec_loss #(.LOG(2), .ERROR(12), .CLASSES(16)) u_loss (
      .clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .squared_i(squared_i), .chunk_i(chunk_i),
      .classes_i(classes_i), .frac_i(frac_i), .bits_i(bits_i), .unit_i(unit_i), .one_i(one_i),
      .label_i(label_i), .largest_i(largest_i), .busy_o(busy_o), .none_o(none_o), .read_o(read),
      .lane_o(lane), .chunk_o(chunk), .logit_i(answer_q), .write_o(write), .error_o(error), .clamped_o(clamped), .class_o(of_class)
  );
endmodule
"
    .to_owned()
}

/// What the unit is asked.
#[derive(Debug)]
struct Question {
    loss: LossKind,
    logits: Vec<i32>,
    label: usize,
    /// The logit of 1.
    one: i64,
    format: Format,
}

impl Question {
    fn random(loss: LossKind, numbers: &mut Numbers) -> Question {
        let bits = 4 + numbers.below(9) as u32;
        let classes = 1 + numbers.below(CLASSES as u64) as usize;
        // Squared errors lie from -2 on; of cross-entropy's, what does not fit is clamped.
        let most = match loss {
            LossKind::CrossEntropy => 12,
            LossKind::MeanSquaredError => bits - 2,
        };
        let frac = numbers.below(u64::from(most) + 1) as u32;
        // Steps times a power of two, as `T_F 2^F`.
        let one = (1 + numbers.below(255) as i64) << numbers.below(9);
        let label = numbers.below(classes as u64) as usize;
        let scale = match loss {
            // Distances of up to 16 look into the table; halves of its steps are at 1/64.
            LossKind::CrossEntropy => 20 * one,
            LossKind::MeanSquaredError => 3 * one,
        };
        let kind = numbers.below(4);
        let logit = |numbers: &mut Numbers| match kind {
            0 => numbers.signed(32) as i32,
            1 => (one / 64 * (numbers.below(400) as i64 - 200)) as i32,
            2 => (one / 4 * (numbers.below(16) as i64 - 8)) as i32,
            _ => (numbers.below(2 * scale as u64) as i64 - scale) as i32,
        };
        Question {
            loss,
            logits: (0..classes).map(|_| logit(numbers)).collect(),
            label,
            one,
            format: Format { bits, frac },
        }
    }

    fn wanted(&self) -> Errors {
        let Question {
            logits,
            label,
            one,
            format,
            ..
        } = self;
        match self.loss {
            LossKind::CrossEntropy => {
                softmax_error(&softmax_table(), logits, *one, *label, *format)
            }
            LossKind::MeanSquaredError => mean_squared_error(logits, *one, *label, *format),
        }
    }

    /// As the lowering sets it.
    fn unit(&self) -> i64 {
        match self.loss {
            LossKind::CrossEntropy => self.one << 3,
            LossKind::MeanSquaredError => {
                (self.one * self.logits.len() as i64) << (self.format.bits - 1 - self.format.frac)
            }
        }
    }
}

/// What occurred.
#[derive(Debug, Default)]
struct Seen {
    /// Exact halves: of a distance; of a squared error, from below and from above zero.
    halves: [u32; 3],
    /// Errors at the format's edges.
    edges: [u32; 2],
    /// Distances beyond the table.
    far: u32,
    /// Samples without an error.
    none: u32,
    /// Samples of which an error was clamped.
    clamped: u32,
}

impl Seen {
    fn add(&mut self, question: &Question, errors: &Errors) {
        let wanted = &errors.values;
        self.clamped += u32::from(errors.clamped.count > 0);
        let Question { one, format, .. } = question;
        let largest = i64::from(*question.logits.iter().max().expect("a class"));
        for (class, &z) in question.logits.iter().enumerate() {
            match question.loss {
                LossKind::CrossEntropy => {
                    let distance = 64 * (largest - i64::from(z));
                    let half = distance.rem_euclid(2 * one) == *one;
                    self.halves[0] += u32::from(half && distance < 1024 * one);
                    self.far += u32::from(distance >= 1024 * one);
                }
                LossKind::MeanSquaredError => {
                    let label = i64::from(class == question.label);
                    let twice = (i64::from(z) - label * one) << (format.frac + 2);
                    let divisor = one * question.logits.len() as i64;
                    if twice.rem_euclid(2 * divisor) == divisor {
                        self.halves[1 + usize::from(twice > 0)] += 1;
                    }
                }
            }
        }
        let at = |edge: i64| wanted.iter().filter(|&&e| i64::from(e) == edge).count() as u32;
        self.edges[0] += at(format.min());
        self.edges[1] += at(format.max());
        self.none += u32::from(wanted.iter().all(|&e| e == 0));
    }
}

fn ask(driver: &mut Driver, question: &Question, chunk: i64) -> Result<Errors, String> {
    let Question {
        logits,
        label,
        format,
        ..
    } = question;
    for (k, &logit) in (4 * chunk..).zip(logits) {
        driver.set("addr_i", k);
        driver.set("logit_i", i64::from(logit));
        driver.pulse("write_i");
    }
    let squared = question.loss == LossKind::MeanSquaredError;
    let largest = logits.iter().max().expect("a class");
    driver.set("squared_i", i64::from(squared));
    driver.set("chunk_i", chunk);
    driver.set("classes_i", logits.len() as i64);
    driver.set("frac_i", i64::from(format.frac));
    driver.set("bits_i", i64::from(format.bits));
    driver.set("unit_i", question.unit());
    // Cross-entropy does without.
    driver.set("one_i", if squared { question.one } else { 0 });
    driver.set("label_i", *label as i64);
    driver.set("largest_i", i64::from(*largest));
    driver.pulse("start_i");
    driver.wait_low("busy_o", 100 * logits.len() as u64)?;
    equal(
        "errors written",
        driver.get("written_o"),
        logits.len() as i64,
    )?;
    let error = |k| {
        driver.set("addr_i", k);
        driver.get_signed("error_o") as i32
    };
    let values = (4 * chunk..).take(logits.len()).map(error).collect();
    let count = driver.get("clamped_o") as u64;
    let first = ClampPlace::of_error(driver.get("first_o") as u32);
    let clamped = Clamped {
        count,
        first: (count > 0).then_some(first),
    };
    Ok(Errors { values, clamped })
}

fn check(driver: &mut Driver) -> Result<(), String> {
    driver.pulse("rst_i");
    let mut numbers = Numbers::new(7);
    let mut seen = Seen::default();
    for round in 0..4000 {
        let loss = match round % 2 {
            0 => LossKind::CrossEntropy,
            _ => LossKind::MeanSquaredError,
        };
        let question = Question::random(loss, &mut numbers);
        let wanted = question.wanted();
        let chunk = numbers.below(4) as i64;
        let found = ask(driver, &question, chunk)?;
        equal(&format!("{question:?}"), &found, &wanted)?;
        let none = wanted.values.iter().all(|&e| e == 0);
        equal("no error", driver.get("none_o") == 1, none)?;
        seen.add(&question, &wanted);
    }
    let Seen {
        halves: [a, b, c],
        edges: [d, e],
        far,
        none,
        clamped,
    } = seen;
    let least = [a, b, c, d, e, far, none, clamped];
    assert!(least.iter().all(|&n| n > 50), "{seen:?}");
    Ok(())
}

#[test]
fn errors_are_the_contracts() {
    let bench = Bench {
        top: top(),
        modules: &["ram", "divider", "softmax", "loss"],
        check,
        faults: &[
            ("loss", "squared_i && minus_q),", "1'b0),"),
            ("loss", "(excess || quotient[9])", "excess"),
            ("loss", "(class_q == label_i)", "(class_q == 16'd0)"),
            ("loss", "exact_q >= limit_q;", "exact_q > limit_q;"),
            ("loss", "exact_q < -limit_q;", "1'b0;"),
            ("loss", "outside_q <= over || under;", "outside_q <= over;"),
        ],
    };
    bench.run();
}
