// Scanner: turns words of LANES small integers into events, one for each that is not zero,
// the lowest index first.
//
// Contract: `start_i` is given while nothing is left of the scan before. The memory answers
// `read_o`, `addr_o` in the next cycle and keeps its answer until the next `read_o`. A word
// without events costs one cycle, a word of n events n cycles, as long as events are taken.
// A constant source makes one event of index 0 and integer 1 without reading.
module spidec_scanner #(
    parameter LANES = 16,   // a power of two
    parameter LOG   = 4,    // its logarithm
    parameter DATA  = 9     // bits of an integer, signed
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   start_i,
    input  wire                   constant_i,   // one event of 1
    input  wire [15:0]            base_i,       // address of the first word
    input  wire [15:0]            words_i,      // how many
    // source memory
    output wire                   read_o,
    output wire [15:0]            addr_o,
    input  wire [LANES-1:0]       mask_i,       // which integers are not zero
    input  wire [LANES-1:0]       held_i,       // which events change the current
    input  wire [LANES*DATA-1:0]  data_i,
    // events
    output wire                   busy_o,
    output reg                    event_o,
    output reg  [15:0]            index_o,
    output reg                    held_o,
    output reg  signed [DATA-1:0] data_o,
    input  wire                   ready_i
);
  reg [15:0]           addr_q, left_q;    // the next word to read, how many are left
  reg                  fetched_q;         // the memory's output holds a word
  reg [LANES-1:0]      mask_q, held_q;    // events left of the word being scanned
  reg [LANES*DATA-1:0] data_q;
  reg [15-LOG:0]       word_q, next_q;    // number of this word and of the next

  // Whether the word has events, and more than one; in groups of four, which is faster than counting.
  reg some, more;
  reg any, two;
  integer g;
  always @* begin
    some = 1'b0;
    more = 1'b0;
    for (g = 0; g < LANES; g = g + 4) begin
      any  = |mask_q[g +: 4];
      two  = (&mask_q[g +: 2]) || (&mask_q[g+2 +: 2]) || ((|mask_q[g +: 2]) && (|mask_q[g+2 +: 2]));
      more = more || two || (some && any);
      some = some || any;
    end
  end

  // The lowest event of the word.
  wire [LANES-1:0] rest = mask_q & (mask_q - 1'b1);
  reg  [LOG-1:0]   lowest;
  integer k;
  always @* begin
    lowest = {LOG{1'b0}};
    for (k = LANES - 1; k >= 0; k = k - 1) begin
      if (mask_q[k]) lowest = k[LOG-1:0];
    end
  end

  wire take = some && (!event_o || ready_i);
  wire load = fetched_q && (!some || (take && !more));

  assign read_o = (left_q != 16'd0) && (!fetched_q || load);
  assign addr_o = addr_q;
  assign busy_o = (left_q != 16'd0) || fetched_q || some || event_o;

  always @(posedge clk_i) begin
    if (rst_i) begin
      left_q    <= 16'd0;
      fetched_q <= 1'b0;
      mask_q    <= {LANES{1'b0}};
      event_o   <= 1'b0;
    end else begin
      if (start_i) begin
        addr_q         <= base_i;
        left_q         <= constant_i ? 16'd0 : words_i;
        word_q         <= {(16-LOG){1'b0}};
        next_q         <= {(16-LOG){1'b0}};
        mask_q         <= {{(LANES-1){1'b0}}, constant_i};
        held_q         <= {LANES{1'b0}};
        data_q[0 +: DATA] <= {{(DATA-1){1'b0}}, 1'b1};
      end else begin
        if (read_o) begin
          addr_q <= addr_q + 16'd1;
          left_q <= left_q - 16'd1;
        end
        if (load) begin
          mask_q <= mask_i;
          held_q <= held_i;
          data_q <= data_i;
          word_q <= next_q;
          next_q <= next_q + 1'b1;
        end else if (take) begin
          mask_q <= rest;
        end
      end
      if (read_o) fetched_q <= 1'b1;
      else if (load) fetched_q <= 1'b0;

      if (take) begin
        event_o <= 1'b1;
        index_o <= {word_q, lowest};
        held_o  <= held_q[lowest];
        data_o  <= data_q[lowest*DATA +: DATA];
      end else if (ready_i) begin
        event_o <= 1'b0;
      end
    end
  end
endmodule
