// Array: weight memory, LANES lanes, the delay line that takes a slot through their stages, and the
// spike words.
//
// s0: the slot, weight address. s1, s2: weights.<% if learning %> s2: from the banks' order into the lanes', or, in
// learning, sources from the lanes' into the banks'.<% endif %> s3 on: see spidec_lane.
//
// Contract: the host writes, and `aux_*` reads, only while no slot is under way (`busy_o` low).
// `aux_state_o` answers three cycles after `aux_read_i`, `aux_data_o` five; address, lane and memory must
// stay until then. Weights and spike words are read at `host_read_row_i`, everything else at `aux_chunk_i`.
// What the host writes is there two cycles later.
module spidec_array #(
    parameter LANES    = 16,
    parameter LOG      = 4,
    parameter WEIGHT   = 12,
    parameter OPERAND  = 12,
    parameter VALUE    = 18,
    parameter MEMBRANE = 20,
    parameter ACC      = 32,
    parameter SUM      = 34,
    parameter COUNT    = 8,
<% if learning %>    parameter ERROR    = 10,
<% endif %>    parameter BLOCKS   = 64,
    parameter CHUNKS   = 16,
    parameter IMAGES   = 0      // 1: weight banks start with images/weights_NN.hex
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    // registers and the instruction
    input  wire signed [ACC-1:0]    threshold_i,
    input  wire signed [ACC-1:0]    reset_i,
    input  wire signed [ACC-1:0]    most_less_i,
    input  wire signed [ACC-1:0]    least_less_i,
    input  wire [4:0]               shift_i,
    input  wire [SUM-1:0]           half_i,
    input  wire [4:0]               cleared_i,      // memories that a clear sets to zero
    input  wire                     hold_i,         // a fire sets hold bits
<% if learning %>    input  wire signed [ACC-1:0]    minus_i,
    input  wire signed [ACC-1:0]    most_plus_i,
    input  wire signed [ACC-1:0]    least_plus_i,
    input  wire [COUNT-1:0]         steps_i,
    input  wire [31:0]              quiet_i,
    input  wire [31:0]              mask_i,
    input  wire                     nearest_i,
    input  wire                     row_i,          // a scatter reads rows
    input  wire                     learn_i,        // a learn is under way
    input  wire [1:0]               learn_source_i, // 1 input, 2 counts, 3 one
    input  wire [OPERAND-1:0]       one_i,
<% endif %>    // slots
    input  wire                     slot_i,
    input  wire [2:0]               op_i,
    input  wire                     held_i,
    input  wire [23-LOG:0]          block_i,
    input  wire [LOG-1:0]           index_i,
    input  wire [15:0]              chunk_i,
    input  wire signed [VALUE-1:0]  value_i,
<% if learning %>    input  wire [31:0]              noise_i,        // of the slot
<% endif %>    output wire                     busy_o,
<% if learning %>    // sources of a weight update
    output wire                     source_read_o,  // of the input memory
    output wire [15:0]              source_chunk_o,
    input  wire [LANES*8-1:0]       input_i,        // answers in the next cycle
    output wire                     learned_o,      // sources of a slot are there
    output wire [LANES-1:0]         learned_lanes_o,// which are not zero
<% endif %>    // the scanner's reading
    input  wire                     scan_counts_i,  // it reads counts
<% if learning %>    input  wire                     scan_errors_i,  // it reads errors
<% endif %>    input  wire                     scan_read_i,
    input  wire [15:0]              scan_addr_i,
    output wire [LANES-1:0]         events_o,       // spike word: lanes with an event,
    output wire [LANES-1:0]         held_o,         // lanes with a hold bit,
    output wire [LANES-1:0]         spikes_o,       // and lanes that fired; of a couple, +1
    output wire [LANES*COUNT-1:0]   counts_o,
<% if learning %>    output wire [LANES*ERROR-1:0]   errors_o,
<% endif %>    // reading one element
    input  wire                     aux_read_i,
    input  wire [2:0]               aux_memory_i,   // 0 weight, 1 state, 2 current, 3 count, 4 spikes, 5 error
    input  wire [LOG-1:0]           aux_lane_i,
    input  wire [15:0]              aux_chunk_i,
    output wire [31:0]              aux_state_o,
    output reg  [31:0]              aux_data_o,
    // reading a weight or spike word, writing one element
    input  wire [23:0]              host_read_row_i,
    input  wire [4:0]               host_write_i,   // weight, state, current, count, error
    input  wire [LOG-1:0]           host_lane_i,
    input  wire [23:0]              host_row_i,
    input  wire [31:0]              host_data_i,
    // what leaves the lanes
    output wire                     fired_o,        // a chunk's fire<% if learning %> or couple<% endif %> is complete
    output wire [15:0]              fired_chunk_o,
    output wire [LANES-1:0]         fired_spikes_o,
<% if learning %>    output wire [LANES-1:0]         fired_negative_o,
<% endif %>    output wire [LANES-1:0]         fired_saturated_o,
    output wire [LANES*ACC-1:0]     fired_state_o<% if learning %>,
    output wire                     loud_o,         // a latch left a gradient that counts
    output wire                     updated_o,      // a slot of an update is complete
    output wire [23:0]              updated_row_o,  // its block and the destination in it
    output wire [LANES-1:0]         updated_clamped_o // banks whose weight was clamped
<% endif %>
);
  localparam [2:0] CLEAR = 3'd1, LATCH = 3'd2, FIRE = 3'd3<% if learning %>, COUPLE = 3'd4, LEARN = 3'd5<% endif %>;
  localparam STAGES = <% if learning %>8<% else %>7<% endif %>;

  // Delay line: entry k belongs to the slot that was issued k cycles ago.
  reg                    valid_q [1:STAGES];
  reg [2:0]              op_q    [1:STAGES];
  reg                    held_q  [1:6];
  reg [15:0]             chunk_q [1:7];
  reg [LOG-1:0]          index_q [1:<% if learning %>8<% else %>2<% endif %>];
  reg signed [VALUE-1:0] value_q [1:3];
<% if learning %>  reg [23-LOG:0]         block_q [1:8];
  reg [31:0]             noise_q [1:4];
<% endif %>
  integer s;
  always @(posedge clk_i) begin
    valid_q[1] <= slot_i && !rst_i;
    op_q[1]    <= op_i;
    held_q[1]  <= held_i;
    chunk_q[1] <= chunk_i;
    index_q[1] <= index_i;
    value_q[1] <= value_i;
<% if learning %>    block_q[1] <= block_i;
    noise_q[1] <= noise_i;
<% endif %>    for (s = 2; s <= STAGES; s = s + 1) begin
      valid_q[s] <= valid_q[s-1] && !rst_i;
      op_q[s]    <= op_q[s-1];
    end
    for (s = 2; s <= 6; s = s + 1) held_q[s] <= held_q[s-1];
    for (s = 2; s <= 7; s = s + 1) chunk_q[s] <= chunk_q[s-1];
    for (s = 2; s <= <% if learning %>8<% else %>2<% endif %>; s = s + 1) index_q[s] <= index_q[s-1];
    for (s = 2; s <= 3; s = s + 1) value_q[s] <= value_q[s-1];
<% if learning %>    for (s = 2; s <= 8; s = s + 1) block_q[s] <= block_q[s-1];
    for (s = 2; s <= 4; s = s + 1) noise_q[s] <= noise_q[s-1];
<% endif %>  end

  // What a stage needs to know, decided a stage before. Only latch<% if learning %> and learn<% endif %> have work behind s6;
  // counts are written in s7, and the next instruction reads none before.
  reg busy_q, fired_q, latched_q;
<% if learning %>  reg loud_q, updated_q;
<% endif %>  wire late = valid_q[6] && (op_q[6] == LATCH<% if learning %> || op_q[6] == LEARN<% endif %>)<% if learning %> || (valid_q[7] && op_q[7] == LEARN)<% endif %>;
  always @(posedge clk_i) begin
    busy_q    <= !rst_i && (slot_i || valid_q[1] || valid_q[2] || valid_q[3] || valid_q[4] || valid_q[5] || late);
    fired_q   <= !rst_i && valid_q[5] && (op_q[5] == FIRE<% if learning %> || op_q[5] == COUPLE<% endif %>);
    latched_q <= !rst_i && valid_q[6] && op_q[6] == LATCH;
<% if learning %>    loud_q    <= !rst_i && valid_q[7] && op_q[7] == LATCH;
    updated_q <= !rst_i && valid_q[7] && op_q[7] == LEARN;
<% endif %>  end
  assign busy_o = busy_q;

  // What the host<% if learning %> or the loss<% endif %> writes, a cycle later; each lane has its own enables.
  reg               weight_write_q;
  reg [LANES*4-1:0] write_q;       // state, current, count, error
  reg [LOG-1:0]     lane_q;
  reg [23:0]        row_q;
  reg [31:0]        data_q;
  integer           w;
  // Nothing is written before the first reset: memories may have contents by then.
  initial begin
    weight_write_q = 1'b0;
    write_q        = {(LANES*4){1'b0}};
<% if learning %>    updated_q      = 1'b0;
<% endif %>  end
  always @(posedge clk_i) begin
    weight_write_q <= host_write_i[0];
    for (w = 0; w < LANES; w = w + 1) begin
      write_q[4*w +: 4] <= (host_lane_i == w[LOG-1:0]) ? host_write_i[4:1] : 4'd0;
    end
    lane_q <= host_lane_i;
    row_q  <= host_row_i;
    data_q <= host_data_i;
  end

  // What is read beside slots, a cycle later too.
  reg           aux_read_q;
  reg [LOG-1:0] aux_lane_q;
  reg [23:0]    read_row_q;
  always @(posedge clk_i) begin
    aux_read_q <= aux_read_i;
    aux_lane_q <= aux_lane_i;
    read_row_q <= host_read_row_i;
  end

  // s0 to s2: weights in bank order
  wire [LANES*WEIGHT-1:0] words;
<% if learning %>  wire [LANES*WEIGHT-1:0] updates;
<% endif %>  spidec_weights #(
      .LANES(LANES), .LOG(LOG), .WEIGHT(WEIGHT), .BLOCKS(BLOCKS), .IMAGES(IMAGES)
  ) u_weights (
      .clk_i        (clk_i),
      .read_i       (slot_i || aux_read_q),
      .row_i        (<% if learning %>slot_i && row_i<% else %>1'b0<% endif %>),
      .block_i      (slot_i ? block_i : read_row_q[23:LOG]),
      .index_i      (slot_i ? index_i : read_row_q[LOG-1:0]),
      .words_o      (words),
<% if learning %>      .write_i      (updated_q),
      .write_row_i  (1'b1),
      .write_block_i(block_q[8]),
      .write_index_i(index_q[8]),
      .write_words_i(updates),
<% else %>      .write_i      (1'b0),
      .write_row_i  (1'b0),
      .write_block_i({(24-LOG){1'b0}}),
      .write_index_i({LOG{1'b0}}),
      .write_words_i({(LANES*WEIGHT){1'b0}}),
<% endif %>      .host_write_i (weight_write_q),
      .host_bank_i  (lane_q),
      .host_row_i   (row_q),
      .host_data_i  (data_q[WEIGHT-1:0])
  );
<% if learning %>
  // s0 to s2: sources of an update. What the instruction wants is there before its first slot.
  reg       learn_q;
  reg [1:0] source_q;
  always @(posedge clk_i) begin
    learn_q  <= learn_i;
    source_q <= learn_i ? learn_source_i : 2'd0;
  end
  assign source_read_o  = slot_i && source_q == 2'd1;
  assign source_chunk_o = chunk_i;

  // s2: the permuter takes weights to the lanes, or sources to the banks.
  reg  [LANES*8-1:0]       s2_input_q;
  always @(posedge clk_i) s2_input_q <= input_i;
  reg  [LANES*OPERAND-1:0] s2_operands;
  wire [LANES*OPERAND-1:0] s2_permuted;
  integer k;
  always @* begin
    for (k = 0; k < LANES; k = k + 1) begin
      case (source_q)
        2'd1:     s2_operands[k*OPERAND +: OPERAND] = {{(OPERAND-8){1'b0}}, s2_input_q[k*8 +: 8]};
        2'd2:     s2_operands[k*OPERAND +: OPERAND] = {{(OPERAND-COUNT){1'b0}}, counts_o[k*COUNT +: COUNT]};
        2'd3:     s2_operands[k*OPERAND +: OPERAND] = (k == 0) ? one_i : {OPERAND{1'b0}};
        default:  s2_operands[k*OPERAND +: OPERAND] =
            {{(OPERAND-WEIGHT){words[k*WEIGHT+WEIGHT-1]}}, words[k*WEIGHT +: WEIGHT]};
      endcase
    end
  end

  spidec_permuter #(.LANES(LANES), .LOG(LOG), .WIDTH(OPERAND)) u_permuter (
      .index_i(index_q[2]),
      .words_i(s2_operands),
      .words_o(s2_permuted)
  );
<% else %>
  // Lane k's weights are in bank k.
  wire [LANES*OPERAND-1:0] s2_permuted = words;
<% endif %>
  reg [LANES*OPERAND-1:0] s3_operands_q;
  always @(posedge clk_i) s3_operands_q <= s2_permuted;
<% if learning %>
  // s3: which sources of an update are there
  reg [LANES-1:0] s3_nonzero;
  integer n;
  always @* for (n = 0; n < LANES; n = n + 1) s3_nonzero[n] = |s3_operands_q[n*OPERAND +: OPERAND];
  assign learned_o       = valid_q[3] && learn_q;
  assign learned_lanes_o = s3_nonzero;
<% endif %>
  // s3: a slot reads states, or someone else does.
  reg         s3_read_q;
  reg  [15:0] s3_chunk_q;
  always @(posedge clk_i) begin
    s3_read_q  <= valid_q[2] || aux_read_i;
    s3_chunk_q <= valid_q[2] ? chunk_q[2] : aux_chunk_i;
  end
  wire        count_read  = scan_counts_i ? scan_read_i :<% if learning %> learn_q ? valid_q[1] :<% endif %> s3_read_q;
  wire [15:0] count_chunk = scan_counts_i ? scan_addr_i :<% if learning %> learn_q ? chunk_q[1] :<% endif %> s3_chunk_q;

  wire [LANES*ACC-1:0] states, currents;
<% if learning %>  wire [LANES-1:0]     loud;
<% endif %>
  assign fired_o       = fired_q;
  assign fired_chunk_o = chunk_q[6];
<% if learning %>  assign loud_o        = loud_q && (|loud);
  assign updated_o     = updated_q;
  assign updated_row_o = {block_q[8], index_q[8]};

  // The source part of the rounding noise of index k is lane k's.
  function [31:0] lane_noise(input [LOG-1:0] index);
    lane_noise = <% for word in source %>({32{index[<: loop.index0 :>]}} & 32'h<: word :>)<% if !loop.last %> ^
                 <% endif %><% endfor %>;
  endfunction
<% endif %>
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : gen_lane
      spidec_lane #(
          <% if learning %>.WEIGHT(WEIGHT), <% endif %>.OPERAND(OPERAND), .VALUE(VALUE), .MEMBRANE(MEMBRANE), .ACC(ACC),
          .SUM(SUM), .COUNT(COUNT),<% if learning %> .ERROR(ERROR), .NOISE(lane_noise(lane)),<% endif %> .CHUNKS(CHUNKS)
      ) u_lane (
          .clk_i        (clk_i),
          .threshold_i  (threshold_i),
          .reset_i      (reset_i),
          .most_less_i  (most_less_i),
          .least_less_i (least_less_i),
          .shift_i      (shift_i),
          .half_i       (half_i),
          .cleared_i    (cleared_i[3:0]),
<% if learning %>          .minus_i      (minus_i),
          .most_plus_i  (most_plus_i),
          .least_plus_i (least_plus_i),
          .steps_i      (steps_i),
          .quiet_i      (quiet_i),
          .mask_i       (mask_i),
          .nearest_i    (nearest_i),
          .s2_weight_i  (words[lane*WEIGHT +: WEIGHT]),
<% endif %>          .s3_operand_i (s3_operands_q[lane*OPERAND +: OPERAND]),
          .s3_value_i   (value_q[3]),
          .s3_read_i    (s3_read_q),
          .s3_chunk_i   (s3_chunk_q),
          .count_read_i (count_read),
          .count_chunk_i(count_chunk),
<% if learning %>          .error_read_i (scan_errors_i ? scan_read_i : s3_read_q),
          .error_chunk_i(scan_errors_i ? scan_addr_i : s3_chunk_q),
          .s4_noise_i   (noise_q[4]),
<% endif %>          .s4_op_i      (op_q[4]),
          .s4_held_i    (held_q[4]),
          .s6_write_i   (valid_q[6]),
          .s6_op_i      (op_q[6]),
          .s6_held_i    (held_q[6]),
          .s6_chunk_i   (chunk_q[6]),
          .s7_write_i   (valid_q[7]),
          .s7_op_i      (op_q[7]),
          .s7_latch_i   (latched_q),
          .s7_chunk_i   (chunk_q[7]),
          .spike_o      (fired_spikes_o[lane]),
<% if learning %>          .negative_o   (fired_negative_o[lane]),
<% endif %>          .saturated_o  (fired_saturated_o[lane]),
          .state_o      (fired_state_o[lane*ACC +: ACC]),
<% if learning %>          .loud_o       (loud[lane]),
          .weight_o     (updates[lane*WEIGHT +: WEIGHT]),
          .clamped_o    (updated_clamped_o[lane]),
<% endif %>          .host_write_i (write_q[4*lane +: 4]),
          .host_chunk_i (row_q[15:0]),
          .host_data_i  (data_q),
          .membrane_o   (states[lane*ACC +: ACC]),
          .current_o    (currents[lane*ACC +: ACC]),
<% if learning %>          .error_o      (errors_o[lane*ERROR +: ERROR]),
<% endif %>          .count_o      (counts_o[lane*COUNT +: COUNT])
      );
    end
  endgenerate

  // Spike words: of each lane whether its last pass made an event, a hold bit, a spike. A neuron that
  // fires twice running is held: added to the current once, taken out when it stops.
  wire             looks       = valid_q[5] && (op_q[5] == FIRE<% if learning %> || op_q[5] == COUPLE<% endif %>);
<% if learning %>  wire             couple      = (op_q[6] == COUPLE);
<% endif %>  wire             clears      = (op_q[6] == CLEAR);
  wire [LANES-1:0] earlier     = spikes_o;
  wire [LANES-1:0] held        = held_o;
  wire [LANES-1:0] now         = fired_spikes_o<% if learning %> & ~fired_negative_o<% endif %>;
  wire [LANES-1:0] holds       = (hold_i<% if learning %> && !couple<% endif %>) ? now & (held | earlier) : {LANES{1'b0}};
  wire [LANES-1:0] event_lanes = <% if learning %>couple ? fired_spikes_o : <% endif %>now ^ held;

  spidec_ram #(.WIDTH(3*LANES), .DEPTH(CHUNKS), .ADDR(16)) u_spikes (
      .clk_i       (clk_i),
      .write_i     (fired_o || (valid_q[6] && clears && cleared_i[4])),
      .write_addr_i(chunk_q[6]),
      .write_data_i(clears ? {(3*LANES){1'b0}} : {event_lanes, holds, now}),
      .read_i      (scan_read_i || looks || aux_read_q),
      .read_addr_i (scan_read_i ? scan_addr_i : looks ? chunk_q[5] : read_row_q[15:0]),
      .read_data_o ({events_o, held_o, spikes_o})
  );

  // First the lane, then the memory: wide multiplexers stand alone between registers.
  reg [WEIGHT-1:0] weight_q;
  reg [ACC-1:0]    state_q, current_q;
  reg [COUNT-1:0]  count_q;
<% if learning %>  reg [ERROR-1:0]  error_q;
<% endif %>  always @(posedge clk_i) begin
    weight_q   <= words[aux_lane_q*WEIGHT +: WEIGHT];
    state_q    <= states[aux_lane_q*ACC +: ACC];
    current_q  <= currents[aux_lane_q*ACC +: ACC];
    count_q    <= counts_o[aux_lane_q*COUNT +: COUNT];
<% if learning %>    error_q    <= errors_o[aux_lane_q*ERROR +: ERROR];
<% endif %>    case (aux_memory_i)
      3'd0:    aux_data_o <= {{(32-WEIGHT){weight_q[WEIGHT-1]}}, weight_q};
      3'd1:    aux_data_o <= aux_state_o;
      3'd2:    aux_data_o <= {{(33-ACC){current_q[ACC-1]}}, current_q[ACC-2:0]};
      3'd3:    aux_data_o <= {{(32-COUNT){1'b0}}, count_q};
<% if learning %>      3'd5:    aux_data_o <= {{(32-ERROR){error_q[ERROR-1]}}, error_q};
<% endif %>      default: begin
        aux_data_o            <= 32'd0;
        aux_data_o[LANES-1:0] <= spikes_o;
      end
    endcase
  end
  assign aux_state_o = {{(33-ACC){state_q[ACC-1]}}, state_q[ACC-2:0]};
endmodule
