// Rounding noise: a function of seed, sample, layer, destination and source; see spidec_lane for its use.
//
// noise = hash(seed, sample, layer) ^ destination part ^ source part; the parts are linear over the
// bits of an index. The hash is the first word of Speck64/128: key {KEY, sample high, seed high,
// seed low}, text {sample low, layer}; one round a cycle, after `start_i`.
//
// A slot's lane k holds source `position + (k ^ event's lowest bits)`: this module gives what all
// lanes share, lane k adds the source part of k.
module spidec_noise #(
    parameter LOG = 4
) (
    input  wire        clk_i,
    input  wire        rst_i,
    // the hash of a layer
    input  wire        start_i,
    input  wire [31:0] layer_i,
    input  wire [63:0] seed_i,
    input  wire [63:0] sample_i,
    output wire        busy_o,
    // events and slots, as spidec_issue takes and gives them
    input  wire        take_i,        // an event is taken
    input  wire [15:0] index_i,       // its index: the destination
    input  wire        begin_i,       // its first slot follows
    input  wire [15:0] first_i,       // index of its first source
    output wire [31:0] noise_o        // of the slot under way
);
  localparam [4:0]  ROUNDS = 5'd<: rounds :>;
  localparam [31:0] KEY    = 32'h<: key :>;

  reg [4:0]  round_q;
  reg [31:0] x_q, y_q, key_q, l0_q, l1_q, l2_q;

  wire [31:0] x_next = ({x_q[7:0], x_q[31:8]} + y_q) ^ key_q;
  wire [31:0] l_next = ({l0_q[7:0], l0_q[31:8]} + key_q) ^ {27'd0, ROUNDS - round_q};

  assign busy_o = (round_q != 5'd0);

  always @(posedge clk_i) begin
    if (rst_i) begin
      round_q <= 5'd0;
    end else if (start_i) begin
      round_q <= ROUNDS;
      x_q     <= sample_i[31:0];
      y_q     <= layer_i;
      key_q   <= seed_i[31:0];
      l0_q    <= seed_i[63:32];
      l1_q    <= sample_i[63:32];
      l2_q    <= KEY;
    end else if (busy_o) begin
      round_q <= round_q - 5'd1;
      x_q     <= x_next;
      y_q     <= {y_q[28:0], y_q[31:29]} ^ x_next;
      key_q   <= {key_q[28:0], key_q[31:29]} ^ l_next;
      l0_q    <= l1_q;
      l1_q    <= l2_q;
      l2_q    <= l_next;
    end
  end

  function [31:0] destination(input [15:0] index);
    destination = <% for word in destination %>({32{index[<: loop.index0 :>]}} & 32'h<: word :>)<% if !loop.last %> ^
                  <% endif %><% endfor %>;
  endfunction

  function [31:0] source(input [15:0] index);
    source = <% for word in source %>({32{index[<: loop.index0 :>]}} & 32'h<: word :>)<% if !loop.last %> ^
             <% endif %><% endfor %>;
  endfunction

  reg [31:0] next_q, event_q;
  reg [15:0] position_q;

  always @(posedge clk_i) begin
    if (take_i) next_q <= x_q ^ destination(index_i) ^ source({{(16-LOG){1'b0}}, index_i[LOG-1:0]});
    if (begin_i) begin
      event_q    <= next_q;
      position_q <= first_i;
    end else begin
      position_q <= position_q + (16'd1 << LOG);
    end
  end

  assign noise_o = event_q ^ source(position_q);
endmodule
