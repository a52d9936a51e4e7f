// Loop generator: turns events, or a pass, into slots. A slot is one cycle's work of all lanes on
// one chunk.
//
// A slot's block of weights is `weights_i` + event's chunk * `across_i` + slot's number * `along_i`.
// An event takes `chunks_i` slots; where it adds to states, never less than HAZARD cycles, so that a
// chunk is read only after the event before has written it. A pass takes `chunks_i` slots.
module spidec_issue #(
    parameter LOG    = 4,
    parameter DATA   = 9,     // bits of an event's integer, signed
    parameter VALUE  = 18,    // bits of an event's value, signed
    parameter HAZARD = <: hazard :>
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    // the instruction, stable while it runs
    input  wire                    pass_i,        // start a pass
    input  wire [2:0]              op_i,          // work of its slots
    input  wire                    adds_i,        // it adds to states
    input  wire signed [VALUE-1:0] factor_i,      // an event's value is its integer times this
    input  wire [23-LOG:0]         weights_i,
    input  wire [13:0]             across_i,
    input  wire [13:0]             along_i,
    input  wire [15:0]             chunk_i,       // first chunk
    input  wire [15:0]             chunks_i,      // how many
    // events
    input  wire                    event_i,
    input  wire [15:0]             index_i,
    input  wire                    held_i,
    input  wire signed [DATA-1:0]  data_i,
    output wire                    ready_o,
    output wire                    busy_o,
    // slots
    output reg                     slot_o,
    output reg  [2:0]              op_o,
    output reg                     last_o,        // the last chunk
    output reg                     held_o,        // it changes the current
    output reg  [23-LOG:0]         block_o,       // of weights
    output reg  [LOG-1:0]          index_o,       // of the column or row in it
    output reg  [15:0]             chunk_o,
    output reg  signed [VALUE-1:0] value_o,
    output wire                    begin_o,       // an event's first slot follows
    output wire                    wait_o         // no slot: a chunk's sum is waited for
);
  reg                    next_q;                  // an event waits, its block and value are known
  reg [23-LOG:0]         next_block_q;
  reg [LOG-1:0]          next_index_q;
  reg                    next_held_q;
  reg signed [VALUE-1:0] next_value_q;
  reg                    active_q;                // slots, or the wait behind them
  reg                    ending_q;                // the last of them
  reg [15:0]             position_q, left_q;

  // Of the instruction; there before its first event.
  reg signed [VALUE-1:0] factor_q;
  reg [13:0]             across_q, along_q;
  reg [15:0]             period_q;                // cycles of an event, less one
  reg                    short_q;                 // it is one cycle

  wire [31:0]                  offset  = {{LOG{1'b0}}, index_i[15:LOG]} * across_q;
  wire signed [VALUE+DATA-1:0] product = factor_q * data_i;
  wire                         pop     = next_q && (!active_q || ending_q);

  assign ready_o = !next_q || pop;
  assign busy_o  = next_q || active_q;
  assign begin_o = pop;
  assign wait_o  = active_q && !slot_o;

  always @(posedge clk_i) begin
    factor_q <= factor_i;
    across_q <= across_i;
    along_q  <= along_i;
    period_q <= (adds_i && chunks_i < HAZARD) ? HAZARD - 16'd1 : chunks_i - 16'd1;
    short_q  <= !adds_i && chunks_i == 16'd1;
    if (rst_i) begin
      next_q   <= 1'b0;
      active_q <= 1'b0;
      slot_o   <= 1'b0;
    end else begin
      if (event_i && ready_o) begin
        next_q       <= 1'b1;
        next_block_q <= weights_i + offset[23-LOG:0];
        next_index_q <= index_i[LOG-1:0];
        next_held_q  <= held_i;
        next_value_q <= product[VALUE-1:0];
      end else if (pop) begin
        next_q <= 1'b0;
      end

      if (pass_i || pop) begin
        active_q   <= 1'b1;
        slot_o     <= 1'b1;
        op_o       <= op_i;
        last_o     <= (chunks_i == 16'd1);
        held_o     <= next_held_q;
        position_q <= 16'd0;
        left_q     <= pop ? period_q : chunks_i - 16'd1;
        ending_q   <= pop ? short_q : chunks_i == 16'd1;
        chunk_o    <= chunk_i;
        block_o    <= next_block_q;
        index_o    <= next_index_q;
        value_o    <= next_value_q;
      end else begin
        position_q <= position_q + 16'd1;
        left_q     <= left_q - 16'd1;
        ending_q   <= (left_q == 16'd1);
        chunk_o    <= chunk_o + 16'd1;
        block_o    <= block_o + {{(10-LOG){1'b0}}, along_q};
        last_o     <= (position_q + 16'd2 == chunks_i);
        slot_o     <= slot_o && !last_o;
        active_q   <= active_q && !ending_q;
      end
    end
  end

  wire unused = &{1'b0, offset[31:24-LOG], product[VALUE+DATA-1:VALUE]};
endmodule
