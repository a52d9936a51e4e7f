// Loss: the errors of all classes from their logits, into the error memory at the chunks of the logits.
//
// Cross-entropy: a class's distance to the largest logit, 32 / logit of 1 of it rounded, picks a table
// entry (the last where it is farther); its probability is the entry over the sum of all, rounded to
// `frac_i` bits; the error is the probability less the label's 1. `unit_i` is 8 times the logit of 1.
// Mean squared error: 2 (logit - label's 1) / classes, rounded to `frac_i` bits, halves up. `unit_i` is
// classes times the logit of 1, times 2^(bits_i - 1 - frac_i); `one_i` the logit of 1.
// Both are clamped to `bits_i` bits.
module spidec_loss #(
    parameter LOG     = 4,
    parameter ERROR   = 10,   // bits of an error
    parameter CLASSES = 16    // most classes
) (
    input  wire               clk_i,
    input  wire               rst_i,
    // the instruction, stable while it runs
    input  wire               start_i,
    input  wire               squared_i,      // mean squared error, not cross-entropy
    input  wire [15:0]        chunk_i,        // first chunk of logits and errors
    input  wire [15:0]        classes_i,
    input  wire [4:0]         frac_i,
    input  wire [4:0]         bits_i,
    input  wire [31:0]        unit_i,
    input  wire [31:0]        one_i,
    input  wire [15:0]        label_i,
    input  wire signed [31:0] largest_i,      // the largest logit
    output wire               busy_o,
    output reg                none_o,         // no error is other than zero
    // reading a logit; the answer comes three cycles later
    output wire               read_o,
    output wire [LOG-1:0]     lane_o,
    output wire [15:0]        chunk_o,
    input  wire signed [31:0] logit_i,
    // writing an error
    output wire               write_o,
    output wire [ERROR-1:0]   error_o,
    output wire               clamped_o,      // with `write_o`: it was
    output wire [15:0]        class_o         // its class
);
  localparam [3:0] IDLE = 4'd0, READ = 4'd1, WAIT = 4'd2, PICK = 4'd3, TAKE = 4'd4, GO = 4'd5,
                   DIVIDE = 4'd6, LOOK = 4'd7, STORE = 4'd8, FETCH = 4'd9, LOAD = 4'd10, CLAMP = 4'd11,
                   WRITE = 4'd12;
  localparam WIDTH = 36;

  reg [3:0]  state_q;
  reg        second_q;           // cross-entropy: entries over their sum
  reg        busy_q;
  reg [15:0] class_q;
  reg [15+LOG:0]  place_q;       // of the class: chunk, lane
  reg [27:0] sum_q;
  reg        labeled_q;          // the class is the label, known a cycle after the class
  reg        minus_q;            // of a squared error's difference
  reg [WIDTH-1:0] dividend_q, divisor_q;
  reg [4:0]       bits_q;

  wire        last     = (class_q + 16'd1 == classes_i);

  assign busy_o  = busy_q;
  assign read_o  = (state_q == READ);
  assign {chunk_o, lane_o} = place_q;

  // The distance to the largest logit, or to what the label wants.
  wire signed [33:0] distance   = {{2{largest_i[31]}}, largest_i} - {{2{logit_i[31]}}, logit_i};
  wire signed [33:0] target     = labeled_q ? {2'd0, one_i} : 34'd0;
  wire signed [33:0] difference = {{2{logit_i[31]}}, logit_i} - target;
  wire signed [33:0] opposite   = target - {{2{logit_i[31]}}, logit_i};
  wire        [33:0] magnitude  = difference[33] ? opposite : difference;

  wire [16:0] entry, stored;
  wire        divide_busy, excess;
  wire [16:0] quotient;

  spidec_divider #(.WIDTH(WIDTH), .BITS(16)) u_divider (
      .clk_i     (clk_i),
      .rst_i     (rst_i),
      .start_i   (state_q == GO),
      .dividend_i(dividend_q),
      .divisor_i (divisor_q),
      .bits_i    (bits_q),
      .down_i    (squared_i && minus_q),
      .busy_o    (divide_busy),
      .excess_o   (excess),
      .quotient_o(quotient)
  );

  spidec_softmax u_softmax (
      .clk_i  (clk_i),
      .read_i (state_q == LOOK),
      .index_i((excess || quotient[9]) ? 9'd511 : quotient[8:0]),
      .entry_o(entry)
  );

  spidec_ram #(.WIDTH(17), .DEPTH(CLASSES), .ADDR(16)) u_entries (
      .clk_i       (clk_i),
      .write_i     (state_q == STORE),
      .write_addr_i(class_q),
      .write_data_i(entry),
      .read_i      (state_q == FETCH),
      .read_addr_i (class_q),
      .read_data_o (stored)
  );

  // The error, clamped to its format; the quotient of a squared error may be beyond all formats.
  reg  signed [18:0] limit_q, wanted_q, exact_q, result_q;
  reg                outside_q;
  wire signed [18:0] size   = {2'd0, quotient};
  wire               beyond = squared_i && excess;
  wire               over   = (beyond && !minus_q) || exact_q >= limit_q;
  wire               under  = (beyond && minus_q) || exact_q < -limit_q;

  always @(posedge clk_i) begin
    labeled_q <= (class_q == label_i);
    limit_q   <= 19'sd1 <<< (bits_i - 5'd1);
    wanted_q  <= labeled_q ? 19'sd1 <<< frac_i : 19'sd0;
    exact_q   <= !squared_i ? size - wanted_q : minus_q ? -size : size;
    outside_q <= over || under;
    result_q  <= over ? limit_q - 19'sd1 : under ? -limit_q : exact_q;
  end

  assign write_o   = (state_q == WRITE);
  assign error_o   = result_q[ERROR-1:0];
  assign clamped_o = write_o && outside_q;
  assign class_o   = class_q;

  always @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= IDLE;
      busy_q  <= 1'b0;
    end else begin
      case (state_q)
        IDLE: if (start_i) begin
          state_q  <= READ;
          busy_q   <= 1'b1;
          second_q <= 1'b0;
          place_q  <= {chunk_i, {LOG{1'b0}}};
          class_q  <= 16'd0;
          sum_q    <= 28'd0;
          none_o   <= 1'b1;
        end
        READ: state_q <= WAIT;
        WAIT: state_q <= PICK;
        PICK: state_q <= TAKE;
        TAKE: begin
          state_q    <= GO;
          minus_q    <= difference[33];
          dividend_q <= squared_i ? {1'b0, magnitude, 1'b0} : {2'd0, distance};
          divisor_q  <= {4'd0, unit_i};
          bits_q     <= squared_i ? bits_i : 5'd9;
        end
        GO: state_q <= DIVIDE;
        DIVIDE: if (!divide_busy) state_q <= (squared_i || second_q) ? CLAMP : LOOK;
        LOOK: state_q <= STORE;
        STORE: begin
          state_q  <= last ? FETCH : READ;
          second_q <= last;
          class_q  <= last ? 16'd0 : class_q + 16'd1;
          place_q  <= last ? {chunk_i, {LOG{1'b0}}} : place_q + 1'b1;
          sum_q    <= sum_q + {11'd0, entry};
        end
        FETCH: state_q <= LOAD;
        LOAD: begin
          state_q    <= GO;
          dividend_q <= {{(WIDTH-17){1'b0}}, stored};
          divisor_q  <= {8'd0, sum_q};
          bits_q     <= frac_i + 5'd1;
        end
        CLAMP: state_q <= WRITE;
        default: begin // WRITE
          state_q <= last ? IDLE : squared_i ? READ : FETCH;
          busy_q  <= !last;
          class_q <= class_q + 16'd1;
          place_q <= place_q + 1'b1;
          if (result_q != 19'sd0) none_o <= 1'b0;
        end
      endcase
    end
  end
endmodule
