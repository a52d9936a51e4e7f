// Softmax table: entry i is round(65536 exp(-i / 32)), a cycle after the read.
module spidec_softmax (
    input  wire        clk_i,
    input  wire        read_i,
    input  wire [8:0]  index_i,
    output reg  [16:0] entry_o
);
  reg [16:0] table_q [0:511];

  initial begin
<% for entry in entries %>    table_q[<: loop.index0 :>] = 17'd<: entry :>;
<% endfor %>  end

  always @(posedge clk_i) if (read_i) entry_o <= table_q[index_i];
endmodule
