// Permuter: word k goes to place k ^ index. LOG levels of exchanges; its own inverse.
module spidec_permuter #(
    parameter LANES = 16,
    parameter LOG   = 4,
    parameter WIDTH = 12
) (
    input  wire [LOG-1:0]         index_i,
    input  wire [LANES*WIDTH-1:0] words_i,
    output wire [LANES*WIDTH-1:0] words_o
);
  // Level l exchanges words whose places differ in bit l.
  wire [LANES*WIDTH-1:0] level [0:LOG];
  assign level[0] = words_i;
  assign words_o  = level[LOG];

  genvar l, k;
  generate
    for (l = 0; l < LOG; l = l + 1) begin : gen_level
      for (k = 0; k < LANES; k = k + 1) begin : gen_word
        localparam OTHER = k ^ (1 << l);
        assign level[l+1][k*WIDTH +: WIDTH] =
            index_i[l] ? level[l][OTHER*WIDTH +: WIDTH] : level[l][k*WIDTH +: WIDTH];
      end
    end
  endgenerate
endmodule
