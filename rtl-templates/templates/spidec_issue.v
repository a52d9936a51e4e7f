// Loop generator: turns events, or a pass, into slots. A slot is one cycle's work of all lanes on
// one chunk.
//
// An event takes `chunks_i` slots, but never less than HAZARD cycles, so that a chunk is read only
// after the event before has written it. A pass takes `chunks_i` slots.
module spidec_issue #(
    parameter VALUE  = 10,
    parameter HAZARD = <: hazard :>
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    // the instruction, stable while it runs
    input  wire                    pass_i,        // start a pass
    input  wire [1:0]              op_i,          // work of its slots
    input  wire [23:0]             weights_i,     // address of column 0, chunk 0
    input  wire [15:0]             chunk_i,       // first chunk
    input  wire [15:0]             chunks_i,      // how many
    // events
    input  wire                    event_i,
    input  wire [15:0]             index_i,
    input  wire signed [VALUE-1:0] value_i,
    output wire                    ready_o,
    output wire                    busy_o,
    // slots
    output reg                     slot_o,
    output reg  [1:0]              op_o,
    output reg                     last_o,        // the last chunk
    output reg  [23:0]             addr_o,        // weight address
    output reg  [15:0]             chunk_o,
    output reg  signed [VALUE-1:0] value_o,
    output wire                    begin_o        // an event's first slot follows
);
  reg                    next_q;                  // an event waits, its column's address is known
  reg [23:0]             next_addr_q;
  reg signed [VALUE-1:0] next_value_q;
  reg                    active_q;                // slots, or the wait behind them
  reg [15:0]             position_q, end_q;

  wire [31:0] column = index_i * chunks_i;
  wire        ending = (position_q == end_q);
  wire        pop    = next_q && (!active_q || ending);

  assign ready_o = !next_q || pop;
  assign busy_o  = next_q || active_q;
  assign begin_o = pop;

  always @(posedge clk_i) begin
    if (rst_i) begin
      next_q   <= 1'b0;
      active_q <= 1'b0;
      slot_o   <= 1'b0;
    end else begin
      if (event_i && ready_o) begin
        next_q       <= 1'b1;
        next_addr_q  <= weights_i + column[23:0];
        next_value_q <= value_i;
      end else if (pop) begin
        next_q <= 1'b0;
      end

      if (pass_i || pop) begin
        active_q   <= 1'b1;
        slot_o     <= 1'b1;
        op_o       <= op_i;
        last_o     <= (chunks_i == 16'd1);
        position_q <= 16'd0;
        end_q      <= (pop && chunks_i < HAZARD) ? HAZARD - 16'd1 : chunks_i - 16'd1;
        chunk_o    <= chunk_i;
        addr_o     <= next_addr_q;
        value_o    <= next_value_q;
      end else begin
        position_q <= position_q + 16'd1;
        chunk_o    <= chunk_o + 16'd1;
        addr_o     <= addr_o + 24'd1;
        last_o     <= (position_q + 16'd2 == chunks_i);
        slot_o     <= slot_o && !last_o;
        active_q   <= active_q && !ending;
      end
    end
  end

  wire unused = &{1'b0, column[31:24]};
endmodule
