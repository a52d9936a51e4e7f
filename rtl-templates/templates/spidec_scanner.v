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
  reg                  reading_q;         // any are
  reg                  fetched_q;         // the memory's output holds a word
  reg                  next_q;            // a word waits behind the one being scanned
  reg [LANES-1:0]      next_mask_q, next_held_q;
  reg [LANES*DATA-1:0] next_data_q;
  reg [LANES-1:0]      mask_q, held_q;    // events left of the word being scanned
  reg                  some_q, more_q;    // there are any, and more than one
  reg [LANES*DATA-1:0] data_q;
  reg [15-LOG:0]       word_q, count_q;   // number of this word and of the next

  // The lowest event of the word, and the others.
  wire [LANES-1:0] rest = mask_q & (mask_q - 1'b1);
  reg  [LOG-1:0]   lowest;
  integer k;
  always @* begin
    lowest = {LOG{1'b0}};
    for (k = LANES - 1; k >= 0; k = k - 1) begin
      if (mask_q[k]) lowest = k[LOG-1:0];
    end
  end

  wire take    = some_q && (!event_o || ready_i);
  wire load    = next_q && (!some_q || (take && !more_q));
  wire advance = fetched_q && (!next_q || load);

  assign read_o = reading_q && (!fetched_q || advance);
  assign addr_o = addr_q;
  assign busy_o = reading_q || fetched_q || next_q || some_q || event_o;

  wire two_next = (next_mask_q & (next_mask_q - 1'b1)) != {LANES{1'b0}};
  wire two_rest = (rest & (rest - 1'b1)) != {LANES{1'b0}};

  always @(posedge clk_i) begin
    if (rst_i) begin
      reading_q <= 1'b0;
      fetched_q <= 1'b0;
      next_q    <= 1'b0;
      some_q    <= 1'b0;
      event_o   <= 1'b0;
    end else begin
      if (start_i) begin
        addr_q    <= base_i;
        left_q    <= words_i;
        reading_q <= !constant_i && words_i != 16'd0;
        word_q    <= {(16-LOG){1'b0}};
        count_q   <= {(16-LOG){1'b0}};
        mask_q    <= {{(LANES-1){1'b0}}, constant_i};
        some_q    <= constant_i;
        more_q    <= 1'b0;
        held_q    <= {LANES{1'b0}};
        data_q[0 +: DATA] <= {{(DATA-1){1'b0}}, 1'b1};
      end else begin
        if (read_o) begin
          addr_q    <= addr_q + 16'd1;
          left_q    <= left_q - 16'd1;
          reading_q <= (left_q != 16'd1);
        end
        if (load || take) begin
          mask_q <= load ? next_mask_q : rest;
          some_q <= load ? next_mask_q != {LANES{1'b0}} : more_q;
          more_q <= load ? two_next : two_rest;
        end
        if (load) begin
          held_q  <= next_held_q;
          data_q  <= next_data_q;
          word_q  <= count_q;
          count_q <= count_q + 1'b1;
        end
      end
      if (read_o) fetched_q <= 1'b1;
      else if (advance) fetched_q <= 1'b0;
      if (advance) begin
        next_q      <= 1'b1;
        next_mask_q <= mask_i;
        next_held_q <= held_i;
        next_data_q <= data_i;
      end else if (load) begin
        next_q <= 1'b0;
      end

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
