// The update never wraps, is exact where it fits, and says when it does not. Nothing is clocked: one step
// covers every weight and delta.
module update_properties #(
    parameter WEIGHT = 12,
    parameter DELTA  = 34
) (
    input wire                     clk_i,
    input wire signed [WEIGHT-1:0] weight_i,
    input wire signed [DELTA-1:0]  delta_i
);
  localparam signed [DELTA+1:0] MAX = (1 <<< (WEIGHT - 1)) - 1;
  localparam signed [DELTA+1:0] MIN = -MAX - 1;

  wire signed [WEIGHT-1:0] updated;
  wire                     saturated;
  spidec_update #(.WEIGHT(WEIGHT), .DELTA(DELTA)) u_update (
      .weight_i   (weight_i),
      .delta_i    (delta_i),
      .weight_o   (updated),
      .saturated_o(saturated)
  );

  wire signed [DELTA+1:0] exact = weight_i - delta_i;
  always @* begin
    exactly: assert (updated == (exact > MAX ? MAX : exact < MIN ? MIN : exact));
    says:    assert (saturated == (exact > MAX || exact < MIN));
    down:    assert (delta_i < 0 || updated <= weight_i);
    up:      assert (delta_i > 0 || updated >= weight_i);
  end
endmodule
