// Word k goes to place k ^ index, and the same again brings all back. Nothing is clocked: one step covers
// every index and every word.
module permuter_properties #(
    parameter LANES = 32,
    parameter LOG   = 5,
    parameter WIDTH = 3
) (
    input wire                   clk_i,
    input wire [LOG-1:0]         index_i,
    input wire [LOG-1:0]         place_i,
    input wire [LANES*WIDTH-1:0] words_i
);
  wire [LANES*WIDTH-1:0] there, back;
  spidec_permuter #(.LANES(LANES), .LOG(LOG), .WIDTH(WIDTH)) u_there (
      .index_i(index_i), .words_i(words_i), .words_o(there)
  );
  spidec_permuter #(.LANES(LANES), .LOG(LOG), .WIDTH(WIDTH)) u_back (
      .index_i(index_i), .words_i(there), .words_o(back)
  );

  wire [LOG-1:0] target = place_i ^ index_i;
  always @* begin
    placed:   assert (there[target*WIDTH +: WIDTH] == words_i[place_i*WIDTH +: WIDTH]);
    involute: assert (back == words_i);
  end
endmodule
