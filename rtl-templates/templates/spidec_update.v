// Saturating update: weight - delta, clamped to the weight's format.
module spidec_update #(
    parameter WEIGHT = 12,
    parameter DELTA  = 34
) (
    input  wire signed [WEIGHT-1:0] weight_i,
    input  wire signed [DELTA-1:0]  delta_i,
    output wire signed [WEIGHT-1:0] weight_o,
    output wire                     saturated_o
);
  // One bit more than the delta holds the difference exactly.
  wire signed [DELTA:0] exact = {{(DELTA+1-WEIGHT){weight_i[WEIGHT-1]}}, weight_i} -
                                {delta_i[DELTA-1], delta_i};
  wire minus = exact[DELTA];

  assign saturated_o = exact[DELTA:WEIGHT-1] != {(DELTA+2-WEIGHT){minus}};
  assign weight_o    = saturated_o ? {minus, {(WEIGHT-1){!minus}}} : exact[WEIGHT-1:0];
endmodule
