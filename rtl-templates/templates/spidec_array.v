// Array: LANES lanes, the delay line that takes a slot through their stages, and the spike words.
//
// Contract: the host writes, and `aux_*` reads, only while no slot is under way (`busy_o` low).
// `aux_state_o` answers two cycles after `aux_read_i`, `aux_data_o` four; lane and memory must stay
// until then. Weights are read by `host_read_i` at `host_addr_i`, everything else at `aux_chunk_i`.
module spidec_array #(
    parameter LANES    = 16,
    parameter LOG      = 4,
    parameter WEIGHT   = 12,
    parameter MEMBRANE = 20,
    parameter ACC      = 32,
    parameter VALUE    = 10,
    parameter COUNT    = 8,
    parameter SHIFT    = 8,
    parameter WEIGHTS  = 1024,
    parameter CHUNKS   = 16,
    parameter IMAGES   = 0      // 1: weight banks start with images/weights_NN.hex
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    input  wire signed [ACC-1:0]    threshold_i,
    input  wire signed [ACC-1:0]    reset_i,
    // slots
    input  wire                     slot_i,
    input  wire [1:0]               op_i,
    input  wire [23:0]              addr_i,
    input  wire [15:0]              chunk_i,
    input  wire signed [VALUE-1:0]  value_i,
    output wire                     busy_o,
    // the scanner's reading
    input  wire                     scan_counts_i,  // it reads counts, not spikes
    input  wire                     scan_read_i,
    input  wire [15:0]              scan_addr_i,
    output wire [LANES-1:0]         spikes_o,
    output wire [LANES*COUNT-1:0]   counts_o,
    // reading one element
    input  wire                     aux_read_i,
    input  wire [2:0]               aux_memory_i,   // 0 weight, 1 state, 2 current, 3 count, 4 spikes
    input  wire [LOG-1:0]           aux_lane_i,
    input  wire [15:0]              aux_chunk_i,
    output wire [31:0]              aux_state_o,
    output reg  [31:0]              aux_data_o,
    // writing one element, reading a weight
    input  wire                     host_read_i,
    input  wire [3:0]               host_write_i,   // weight, state, current, count
    input  wire [LOG-1:0]           host_lane_i,
    input  wire [23:0]              host_addr_i,
    input  wire [31:0]              host_data_i,
    // what leaves the lanes
    output wire                     fired_o,        // a chunk's pass is complete
    output wire [15:0]              fired_chunk_o,
    output wire [LANES-1:0]         fired_spikes_o,
    output wire [LANES-1:0]         fired_saturated_o,
    output wire [LANES*ACC-1:0]     fired_state_o
);
  localparam [1:0] FIRE = 2'd3;

  // Delay line: stage k of the slot that was issued k cycles ago.
  reg                    s1_q, s2_q, s3_q, s4_q, s5_q;
  reg [1:0]              s1_op_q, s2_op_q, s3_op_q, s4_op_q, s5_op_q;
  reg [15:0]             s1_chunk_q, s2_chunk_q, s3_chunk_q, s4_chunk_q, s5_chunk_q;
  reg signed [VALUE-1:0] s1_value_q, s2_value_q;

  always @(posedge clk_i) begin
    if (rst_i) {s1_q, s2_q, s3_q, s4_q, s5_q} <= 5'd0;
    else       {s1_q, s2_q, s3_q, s4_q, s5_q} <= {slot_i, s1_q, s2_q, s3_q, s4_q};
    s1_op_q <= op_i;
    s2_op_q <= s1_op_q;
    s3_op_q <= s2_op_q;
    s4_op_q <= s3_op_q;
    s5_op_q <= s4_op_q;
    s1_chunk_q <= chunk_i;
    s2_chunk_q <= s1_chunk_q;
    s3_chunk_q <= s2_chunk_q;
    s4_chunk_q <= s3_chunk_q;
    s5_chunk_q <= s4_chunk_q;
    s1_value_q <= value_i;
    s2_value_q <= s1_value_q;
  end

  assign busy_o = |{s1_q, s2_q, s3_q, s4_q, s5_q};

  wire        state_read   = s2_q || aux_read_i;
  wire [15:0] state_chunk  = s2_q ? s2_chunk_q : aux_chunk_i;
  wire        count_read   = scan_counts_i ? scan_read_i : state_read;
  wire [15:0] count_chunk  = scan_counts_i ? scan_addr_i : state_chunk;

  wire [LANES*WEIGHT-1:0] weights;
  wire [LANES*ACC-1:0]    states, currents;

  assign fired_o       = s5_q && s5_op_q == FIRE;
  assign fired_chunk_o = s5_chunk_q;

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : gen_lane
      localparam [7:0] TENS = "0" + lane / 10;
      localparam [7:0] ONES = "0" + lane % 10;
      spidec_lane #(
          .WEIGHT(WEIGHT), .MEMBRANE(MEMBRANE), .ACC(ACC), .VALUE(VALUE), .COUNT(COUNT),
          .SHIFT(SHIFT), .WEIGHTS(WEIGHTS), .CHUNKS(CHUNKS),
          .INIT(IMAGES != 0 ? {"images/weights_", TENS, ONES, ".hex"} : "")
      ) u_lane (
          .clk_i        (clk_i),
          .threshold_i  (threshold_i),
          .reset_i      (reset_i),
          .s0_read_i    (slot_i || host_read_i),
          .s0_addr_i    (slot_i ? addr_i : host_addr_i),
          .s2_value_i   (s2_value_q),
          .s2_read_i    (state_read),
          .s2_chunk_i   (state_chunk),
          .count_read_i (count_read),
          .count_chunk_i(count_chunk),
          .s3_op_i      (s3_op_q),
          .s4_op_i      (s4_op_q),
          .s5_write_i   (s5_q),
          .s5_op_i      (s5_op_q),
          .s5_chunk_i   (s5_chunk_q),
          .spike_o      (fired_spikes_o[lane]),
          .saturated_o  (fired_saturated_o[lane]),
          .state_o      (fired_state_o[lane*ACC +: ACC]),
          .host_write_i (host_lane_i == lane ? host_write_i : 4'd0),
          .host_addr_i  (host_addr_i),
          .host_data_i  (host_data_i),
          .weight_o     (weights[lane*WEIGHT +: WEIGHT]),
          .membrane_o   (states[lane*ACC +: ACC]),
          .current_o    (currents[lane*ACC +: ACC]),
          .count_o      (counts_o[lane*COUNT +: COUNT])
      );
    end
  endgenerate

  // Spike words: a chunk's spikes, until its next pass.
  spidec_ram #(.WIDTH(LANES), .DEPTH(CHUNKS), .ADDR(16)) u_spikes (
      .clk_i       (clk_i),
      .write_i     (fired_o),
      .write_addr_i(s5_chunk_q),
      .write_data_i(fired_spikes_o),
      .read_i      (scan_read_i || aux_read_i),
      .read_addr_i (scan_read_i ? scan_addr_i : aux_chunk_i),
      .read_data_o (spikes_o)
  );

  // First the lane, then the memory: wide multiplexers stand alone between registers.
  reg [WEIGHT-1:0] weight_q;
  reg [ACC-1:0]    state_q, current_q;
  reg [COUNT-1:0]  count_q;
  always @(posedge clk_i) begin
    weight_q  <= weights[aux_lane_i*WEIGHT +: WEIGHT];
    state_q   <= states[aux_lane_i*ACC +: ACC];
    current_q <= currents[aux_lane_i*ACC +: ACC];
    count_q   <= counts_o[aux_lane_i*COUNT +: COUNT];
    case (aux_memory_i)
      3'd0:    aux_data_o <= {{(32-WEIGHT){weight_q[WEIGHT-1]}}, weight_q};
      3'd1:    aux_data_o <= aux_state_o;
      3'd2:    aux_data_o <= {{(33-ACC){current_q[ACC-1]}}, current_q[ACC-2:0]};
      3'd3:    aux_data_o <= {{(32-COUNT){1'b0}}, count_q};
      default: begin
        aux_data_o            <= 32'd0;
        aux_data_o[LANES-1:0] <= spikes_o;
      end
    endcase
  end
  assign aux_state_o = {{(33-ACC){state_q[ACC-1]}}, state_q[ACC-2:0]};
endmodule
