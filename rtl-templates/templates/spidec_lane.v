// One lane: a multiplier, and the membranes, currents and counts of every LANES-th neuron<% if learning %>, and the
// update of one weight bank<% endif %>.
//
// A slot passes the stages that spidec_array counts. s3: operand, state address. s4: product, state.
// s5: sum. s6: result, written at its end, counts a stage later. A rounded sum takes longer: s6 shifted by
// eights, s7 rounded<% if learning %>, s8 the weight, written at its end<% endif %>.
//
//   scatter  state or, of a held event, current += operand * value
//   clear    what is asked for = 0
//   latch    current = round(state / 2^shift); state = 0
//   fire     u = clamp(state + current); spike = u >= threshold; state = u - reset * spike;
//            count += spike
<% if learning %>//   couple   as fire, with a spike of -1 too, and errors += spike; nothing where the mask is 0
//   learn    weight = clamp(weight - floor((operand * value + noise) / 2^shift))
<% endif %>module spidec_lane #(
<% if learning %>    parameter WEIGHT   = 12,   // bits of a weight
<% endif %>    parameter OPERAND  = 12,   // bits of what is multiplied by an event's value
    parameter VALUE    = 18,   // bits of an event's value
    parameter MEMBRANE = 20,   // bits of a membrane after the pass
    parameter ACC      = 32,   // bits of the accumulator
    parameter SUM      = 34,   // bits of a sum before it is rounded
    parameter COUNT    = 8,    // bits of a spike count
<% if learning %>    parameter ERROR    = 10,   // bits of an error
    parameter [31:0] NOISE = 32'd0, // the lane's part of the rounding noise
<% endif %>    parameter CHUNKS   = 16    // depth of the memories
) (
    input  wire                      clk_i,
    // registers and the instruction, stable while slots that use them are under way
    input  wire signed [ACC-1:0]     threshold_i,
    input  wire signed [ACC-1:0]     reset_i,
    input  wire signed [ACC-1:0]     most_less_i,   // the largest membrane less the reset,
    input  wire signed [ACC-1:0]     least_less_i,  // and the least
    input  wire [4:0]                shift_i,
    input  wire [SUM-1:0]            half_i,        // half of 2^shift, 0 without a shift
    input  wire [3:0]                cleared_i,     // state, current, count, error
<% if learning %>    input  wire signed [ACC-1:0]     minus_i,       // -threshold
    input  wire signed [ACC-1:0]     most_plus_i,   // the largest membrane and the reset,
    input  wire signed [ACC-1:0]     least_plus_i,  // and the least
    input  wire [COUNT-1:0]          steps_i,       // a count of as many has mask 0
    input  wire [31:0]               quiet_i,       // a gradient of less fires no couple
    input  wire [31:0]               mask_i,        // the noise that counts: 2^shift - 1
    input  wire                      nearest_i,
<% endif %>    // the slot, stage by stage
<% if learning %>    input  wire signed [WEIGHT-1:0]  s2_weight_i,   // of the bank
<% endif %>    input  wire signed [OPERAND-1:0] s3_operand_i,
    input  wire signed [VALUE-1:0]   s3_value_i,
    input  wire                      s3_read_i,
    input  wire [15:0]               s3_chunk_i,
    input  wire                      count_read_i,  // as s3, or another's reading of counts
    input  wire [15:0]               count_chunk_i,
<% if learning %>    input  wire                      error_read_i,  // as s3, or another's reading of errors
    input  wire [15:0]               error_chunk_i,
    input  wire [31:0]               s4_noise_i,
<% endif %>    input  wire [2:0]                s4_op_i,
    input  wire                      s4_held_i,
    input  wire                      s6_write_i,
    input  wire [2:0]                s6_op_i,
    input  wire                      s6_held_i,
    input  wire [15:0]               s6_chunk_i,
    input  wire                      s7_write_i,
    input  wire [2:0]                s7_op_i,
    input  wire                      s7_latch_i,
    input  wire [15:0]               s7_chunk_i,
    output reg                       spike_o,       // at s6
<% if learning %>    output reg                       negative_o,    // at s6: the spike is -1
<% endif %>    output reg                       saturated_o,   // at s6
    output reg  signed [ACC-1:0]     state_o,       // at s6
<% if learning %>    output reg                       loud_o,        // at s8: mask 1, gradient not below quiet
    output reg  signed [WEIGHT-1:0]  weight_o,      // at s8
    output reg                       clamped_o,     // at s8: the weight was
<% endif %>    // writing one element, while no slot is under way
    input  wire [3:0]                host_write_i,  // state, current, count, error
    input  wire [15:0]               host_chunk_i,
    input  wire [31:0]               host_data_i,
    // what the memories read last
    output wire signed [ACC-1:0]     membrane_o,
    output wire signed [ACC-1:0]     current_o,
<% if learning %>    output wire signed [ERROR-1:0]   error_o,
<% endif %>    output wire [COUNT-1:0]          count_o
);
  localparam [2:0] SCATTER = 3'd0, CLEAR = 3'd1, LATCH = 3'd2, FIRE = 3'd3<% if learning %>, COUPLE = 3'd4, LEARN = 3'd5<% endif %>;
  localparam signed [ACC-1:0] MAX = (1 <<< (MEMBRANE - 1)) - 1;
  localparam signed [ACC-1:0] MIN = -(1 <<< (MEMBRANE - 1));

  // s3, s4: product
  wire signed [17:0] s3_operand = {{(18-OPERAND){s3_operand_i[OPERAND-1]}}, s3_operand_i};
  reg  signed [35:0] s4_product_q;
  always @(posedge clk_i) s4_product_q <= s3_operand * s3_value_i;

  // s4: what is added to what
  wire [SUM-1:0] s4_membrane = {{(SUM-ACC){membrane_o[ACC-1]}}, membrane_o};
  wire [SUM-1:0] s4_current  = {{(SUM-ACC){current_o[ACC-1]}}, current_o};
<% if learning %>  wire [31:0]    s4_noise    = (s4_noise_i ^ NOISE) & mask_i;
<% endif %>  reg  [SUM-1:0] s4_base, s4_more;
  always @* begin
    case (s4_op_i)
<% if learning %>      LEARN:   s4_base = nearest_i ? half_i : {{(SUM-32){1'b0}}, s4_noise};
<% endif %>      SCATTER: s4_base = s4_held_i ? s4_current : s4_membrane;
      default: s4_base = s4_membrane;
    endcase
    case (s4_op_i)
      FIRE<% if learning %>, COUPLE<% endif %>: s4_more = s4_current;
      LATCH:   s4_more = half_i;
      default: s4_more = s4_product_q[SUM-1:0];
    endcase
  end

  // s5: what the slot does, decided a stage before
  reg  s5_zero_q, s5_counts_q, s5_fires_q;
<% if learning %>  reg  s5_live_q, s5_couples_q;
  wire s4_live = (count_o != {COUNT{1'b0}}) && (count_o != steps_i); // the couple's mask
<% endif %>  always @(posedge clk_i) begin
    s5_counts_q  <= (s4_op_i == FIRE);
<% if learning %>    s5_live_q    <= s4_live;
    s5_fires_q   <= (s4_op_i == FIRE) || (s4_op_i == COUPLE && s4_live);
    s5_couples_q <= (s4_op_i == COUPLE) && s4_live;
    s5_zero_q    <= (s4_op_i == CLEAR) || (s4_op_i == LATCH) || (s4_op_i == COUPLE && !s4_live);
<% else %>    s5_fires_q   <= (s4_op_i == FIRE);
    s5_zero_q    <= (s4_op_i == CLEAR) || (s4_op_i == LATCH);
<% endif %>  end

  // s5: sum, threshold. A sum is in the membrane's range where all bits above it equal the sign.
  reg  signed [SUM-1:0] s5_sum_q;
  reg  [COUNT-1:0]      s5_count_q;
  wire signed [ACC-1:0] s5_sum     = s5_sum_q[ACC-1:0];
  wire                  s5_minus   = s5_sum[ACC-1];
  wire                  s5_over    = !s5_minus && (|s5_sum[ACC-2:MEMBRANE-1]);
  wire                  s5_under   = s5_minus && !(&s5_sum[ACC-2:MEMBRANE-1]);
  wire signed [ACC:0]   s5_excess  = {s5_sum[ACC-1], s5_sum} - {threshold_i[ACC-1], threshold_i};
  wire                  s5_above   = !s5_excess[ACC];
  wire signed [ACC-1:0] s5_clamped = s5_over ? MAX : s5_under ? MIN : s5_sum;
  wire signed [ACC-1:0] s5_less    = s5_over ? most_less_i : s5_under ? least_less_i : s5_sum - reset_i;
<% if learning %>  reg  signed [ERROR-1:0] s5_error_q;
  wire signed [ACC:0]   s5_lack    = {minus_i[ACC-1], minus_i} - {s5_sum[ACC-1], s5_sum};
  wire                  s5_below   = !s5_lack[ACC];
  wire signed [ACC-1:0] s5_plus    = s5_over ? most_plus_i : s5_under ? least_plus_i : s5_sum + reset_i;
<% endif %>
  // s6: results; s7: counts, which may lie far from the sums
  reg [COUNT-1:0] s6_count_q, s7_count_q;
<% if learning %>  reg [ERROR-1:0] s6_error_q, s7_error_q;
<% endif %>  always @(posedge clk_i) begin
    s5_sum_q   <= s4_base + s4_more;
    s5_count_q <= count_o;

    spike_o     <= s5_fires_q && (s5_above<% if learning %> || (s5_couples_q && s5_below)<% endif %>);
    saturated_o <= s5_fires_q && (s5_over || s5_under);
    s6_count_q  <= s5_counts_q ? s5_count_q : {COUNT{1'b0}};
    s7_count_q  <= s6_count_q + {{(COUNT-1){1'b0}}, spike_o};
    state_o     <= s5_zero_q ? {ACC{1'b0}} : !s5_fires_q ? s5_sum : s5_above ? s5_less :
                   <% if learning %>(s5_couples_q && s5_below) ? s5_plus : <% endif %>s5_clamped;
<% if learning %>    negative_o <= s5_couples_q && s5_below;
    s5_error_q <= (s4_op_i == CLEAR) ? {ERROR{1'b0}} : error_o;
    s6_error_q <= s5_error_q;
    s7_error_q <= s6_error_q + {{(ERROR-1){negative_o}}, spike_o};
<% endif %>  end

  // s6, s7: the rounded sum
  reg signed [SUM-1:0] s6_coarse_q, s7_rounded_q;
  always @(posedge clk_i) begin
    s6_coarse_q  <= s5_sum_q >>> {shift_i[4:3], 3'd0};
    s7_rounded_q <= s6_coarse_q >>> shift_i[2:0];
  end
<% if learning %>
  // s7, s8: does a couple's gradient count?
  reg s6_live_q, s7_live_q;
  always @(posedge clk_i) begin
    s6_live_q <= s5_live_q;
    s7_live_q <= s6_live_q;
  end
  wire [33:0] s7_gradient = {{(34-ACC){s7_rounded_q[ACC-1]}}, s7_rounded_q[ACC-1:0]};
  wire [33:0] s7_beyond   = s7_gradient - {2'd0, quiet_i};          // not negative: above quiet
  wire [33:0] s7_under    = -s7_gradient - {2'd0, quiet_i};         // not negative: below -quiet
  always @(posedge clk_i) loud_o <= s7_live_q && !(s7_beyond[33] && s7_under[33]);

  // s7, s8: the bank's weight, as old as the slot
  reg  [WEIGHT-1:0] s3_weight_q, s4_weight_q, s5_weight_q, s6_weight_q, s7_weight_q;
  wire [WEIGHT-1:0] s7_updated;
  wire              s7_clamped;
  spidec_update #(.WEIGHT(WEIGHT), .DELTA(SUM)) u_update (
      .weight_i   (s7_weight_q),
      .delta_i    (s7_rounded_q),
      .weight_o   (s7_updated),
      .saturated_o(s7_clamped)
  );
  always @(posedge clk_i) begin
    s3_weight_q <= s2_weight_i;
    s4_weight_q <= s3_weight_q;
    s5_weight_q <= s4_weight_q;
    s6_weight_q <= s5_weight_q;
    s7_weight_q <= s6_weight_q;
    weight_o    <= s7_updated;
    clamped_o   <= s7_clamped;
  end
<% endif %>
  wire s6_clear = s6_write_i && s6_op_i == CLEAR;
  wire s6_adds  = s6_write_i && s6_op_i == SCATTER;
  wire s6_pass  = s6_write_i && (s6_op_i == FIRE<% if learning %> || s6_op_i == COUPLE<% endif %>);
  wire [15:0] write_chunk = s6_write_i ? s6_chunk_i : host_chunk_i;
  wire        s7_clear    = s7_write_i && s7_op_i == CLEAR;
  wire [15:0] s7_chunk    = s7_write_i ? s7_chunk_i : host_chunk_i;

  spidec_ram #(.WIDTH(ACC), .DEPTH(CHUNKS), .ADDR(16)) u_state (
      .clk_i       (clk_i),
      .write_i     ((s6_adds && !s6_held_i) || (s6_clear && cleared_i[0]) || s6_pass ||
                    (s6_write_i && s6_op_i == LATCH) || host_write_i[0]),
      .write_addr_i(write_chunk),
      .write_data_i(s6_write_i ? state_o : host_data_i[ACC-1:0]),
      .read_i      (s3_read_i),
      .read_addr_i (s3_chunk_i),
      .read_data_o (membrane_o)
  );

  spidec_ram #(.WIDTH(ACC), .DEPTH(CHUNKS), .ADDR(16)) u_current (
      .clk_i       (clk_i),
      .write_i     ((s6_adds && s6_held_i) || (s6_clear && cleared_i[1]) || s7_latch_i ||
                    host_write_i[1]),
      .write_addr_i(s7_latch_i ? s7_chunk_i : write_chunk),
      .write_data_i(s7_latch_i ? s7_rounded_q[ACC-1:0] : s6_write_i ? state_o : host_data_i[ACC-1:0]),
      .read_i      (s3_read_i),
      .read_addr_i (s3_chunk_i),
      .read_data_o (current_o)
  );

  spidec_ram #(.WIDTH(COUNT), .DEPTH(CHUNKS), .ADDR(16)) u_count (
      .clk_i       (clk_i),
      .write_i     ((s7_write_i && s7_op_i == FIRE) || (s7_clear && cleared_i[2]) ||
                    host_write_i[2]),
      .write_addr_i(s7_chunk),
      .write_data_i(s7_write_i ? s7_count_q : host_data_i[COUNT-1:0]),
      .read_i      (count_read_i),
      .read_addr_i (count_chunk_i),
      .read_data_o (count_o)
  );
<% if learning %>
  spidec_ram #(.WIDTH(ERROR), .DEPTH(CHUNKS), .ADDR(16)) u_error (
      .clk_i       (clk_i),
      .write_i     ((s7_write_i && s7_op_i == COUPLE) || (s7_clear && cleared_i[3]) ||
                    host_write_i[3]),
      .write_addr_i(s7_chunk),
      .write_data_i(s7_write_i ? s7_error_q : host_data_i[ERROR-1:0]),
      .read_i      (error_read_i),
      .read_addr_i (error_chunk_i),
      .read_data_o (error_o)
  );

  // Of differences that compare, the sign is used.
  wire unused = &{1'b0, s5_excess[ACC-1:0], s5_lack[ACC-1:0], s7_beyond[32:0], s7_under[32:0]};
<% else %>
  // Of a difference that compares, the sign is used.
  wire unused = &{1'b0, s5_excess[ACC-1:0]};
<% endif %>endmodule
