// Divider: rounds dividend * 2^(bits - 1) / divisor to a whole number of `bits` bits; a bit a cycle, and
// two to round.
//
// Contract: `start_i` while not busy; the divisor is positive, below 2^(WIDTH-1), and stays. `excess_o`:
// the quotient has more bits than asked for, and is not given. Halves are rounded up, or with `down_i`
// down.
module spidec_divider #(
    parameter WIDTH = 36,
    parameter BITS  = 16     // most bits of a quotient
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             start_i,
    input  wire [WIDTH-1:0] dividend_i,
    input  wire [WIDTH-1:0] divisor_i,
    input  wire [4:0]       bits_i,
    input  wire             down_i,
    output wire             busy_o,
    output reg              excess_o,
    output reg  [BITS:0]    quotient_o
);
  // The remainder stays below twice the divisor; the last round decides on rounding.
  reg [WIDTH:0] rest_q;
  reg [4:0]     left_q;
  reg           busy_q, first_q, last_q, up_q;

  wire [WIDTH+1:0] less  = {1'b0, rest_q} - {2'd0, divisor_i};
  wire             fits  = !less[WIDTH+1];
  wire             half  = rest_q == {1'b0, divisor_i};
  wire [WIDTH-1:0] rest  = fits ? less[WIDTH-1:0] : rest_q[WIDTH-1:0];

  assign busy_o = busy_q;

  always @(posedge clk_i) begin
    if (rst_i) begin
      busy_q <= 1'b0;
    end else if (start_i) begin
      busy_q     <= 1'b1;
      first_q    <= 1'b1;
      last_q     <= 1'b0;
      left_q     <= bits_i;
      rest_q     <= {1'b0, dividend_i};
      quotient_o <= {(BITS+1){1'b0}};
    end else if (busy_q) begin
      first_q <= 1'b0;
      if (first_q) excess_o <= rest_q[WIDTH] || rest_q[WIDTH-1:0] >= {divisor_i[WIDTH-2:0], 1'b0};
      rest_q <= {rest, 1'b0};
      left_q <= left_q - 5'd1;
      last_q <= (left_q == 5'd0);
      up_q   <= fits && !(down_i && half);
      if (last_q) begin
        busy_q     <= 1'b0;
        quotient_o <= quotient_o + {{BITS{1'b0}}, up_q};
      end else if (left_q != 5'd0) begin
        quotient_o <= {quotient_o[BITS-1:0], fits};
      end
    end
  end

  wire unused = &{1'b0, less[WIDTH]};
endmodule
