// Weight memory: LANES banks that give a column or a row of a block of LANES x LANES weights at once.
//
// Element (destination lane a, source lane b) of a block lies in row b of the block, in bank a ^ b.
// So a column (one b, all a) is the same row of all banks, and a row (one a, all b) is row a ^ k of
// bank k. Both come in bank order: lane i of either is in bank i ^ index_i; spidec_permuter
// brings them in order, and is its own inverse.
//
// Contract: words answer two cycles after `read_i`; an element is not read in the cycle in which it
// is written. With `row_i` and `write_row_i` tied low and no permuter behind it, element (a, b) is in
// bank a: the plain layout of an inference build.
module spidec_weights #(
    parameter LANES  = 16,
    parameter LOG    = 4,
    parameter WEIGHT = 12,
    parameter BLOCKS = 64,
    parameter IMAGES = 0      // 1: bank NN starts with images/weights_NN.hex
) (
    input  wire                    clk_i,
    // read a column or a row
    input  wire                    read_i,
    input  wire                    row_i,
    input  wire [23-LOG:0]         block_i,
    input  wire [LOG-1:0]          index_i,        // b of a column, a of a row
    output reg  [LANES*WEIGHT-1:0] words_o,        // in bank order
    // write a column or a row
    input  wire                    write_i,
    input  wire                    write_row_i,
    input  wire [23-LOG:0]         write_block_i,
    input  wire [LOG-1:0]          write_index_i,
    input  wire [LANES*WEIGHT-1:0] write_words_i,  // in bank order
    // write one element
    input  wire                    host_write_i,
    input  wire [LOG-1:0]          host_bank_i,
    input  wire [23:0]             host_row_i,
    input  wire [WEIGHT-1:0]       host_data_i
);
  wire [LANES*WEIGHT-1:0] read_words;

  genvar k;
  generate
    for (k = 0; k < LANES; k = k + 1) begin : gen_bank
      localparam [LOG-1:0] BANK = k;
      localparam [7:0]     TENS = "0" + k / 10;
      localparam [7:0]     ONES = "0" + k % 10;
      wire [LOG-1:0] read_row  = row_i ? index_i ^ BANK : index_i;
      wire [LOG-1:0] write_row = write_row_i ? write_index_i ^ BANK : write_index_i;
      spidec_ram #(
          .WIDTH(WEIGHT), .DEPTH(BLOCKS * LANES), .ADDR(24),
          .INIT(IMAGES != 0 ? {"images/weights_", TENS, ONES, ".hex"} : "")
      ) u_ram (
          .clk_i       (clk_i),
          .write_i     (write_i || (host_write_i && host_bank_i == BANK)),
          .write_addr_i(write_i ? {write_block_i, write_row} : host_row_i),
          .write_data_i(write_i ? write_words_i[k*WEIGHT +: WEIGHT] : host_data_i),
          .read_i      (read_i),
          .read_addr_i ({block_i, read_row}),
          .read_data_o (read_words[k*WEIGHT +: WEIGHT])
      );
    end
  endgenerate

  // No memory output feeds a multiplexer or a multiplier.
  always @(posedge clk_i) words_o <= read_words;
endmodule
