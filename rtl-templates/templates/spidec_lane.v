// One lane: a weight bank, a multiplier, and the membranes, currents and spike counts of every
// LANES-th neuron.
//
// A slot passes six stages. s0: weight address. s1, s2: weight. s2: state address. s3: product,
// state. s4: sum. s5: result, written at its end. See spidec_array for the shared delay line.
//
//   scatter  state  += W * value
//   clear    state   = 0, count = 0
//   latch    current = round(state / 2^SHIFT), state = 0, count = 0
//   fire     u = clamp(state + current); spike = u >= threshold; state = u - reset * spike;
//            count += spike
module spidec_lane #(
    parameter WEIGHT   = 12,   // bits of a weight
    parameter MEMBRANE = 20,   // bits of a membrane after the pass
    parameter ACC      = 32,   // bits of the accumulator
    parameter VALUE    = 10,   // bits of an event's value
    parameter COUNT    = 8,    // bits of a spike count
    parameter SHIFT    = 8,    // of the latch; negative: to the left
    parameter WEIGHTS  = 1024, // depth of the weight bank
    parameter CHUNKS   = 16,   // depth of the other memories
    parameter INIT     = ""    // image of the weight bank
) (
    input  wire                    clk_i,
    input  wire signed [ACC-1:0]   threshold_i,
    input  wire signed [ACC-1:0]   reset_i,
    // the slot, stage by stage
    input  wire                    s0_read_i,
    input  wire [23:0]             s0_addr_i,
    input  wire signed [VALUE-1:0] s2_value_i,
    input  wire                    s2_read_i,
    input  wire [15:0]             s2_chunk_i,
    input  wire                    count_read_i,  // as s2, or the scanner's reading of counts
    input  wire [15:0]             count_chunk_i,
    input  wire [1:0]              s3_op_i,
    input  wire [1:0]              s4_op_i,
    input  wire                    s5_write_i,
    input  wire [1:0]              s5_op_i,
    input  wire [15:0]             s5_chunk_i,
    output reg                     spike_o,       // at s5, of a fire
    output reg                     saturated_o,   // at s5, of a fire
    output reg  signed [ACC-1:0]   state_o,       // at s5
    // the host's writes, while no slot is under way
    input  wire [3:0]              host_write_i,  // weight, state, current, count
    input  wire [23:0]             host_addr_i,
    input  wire [31:0]             host_data_i,
    // what the memories read last; the weight a cycle later than the others
    output wire signed [WEIGHT-1:0] weight_o,
    output wire signed [ACC-1:0]    membrane_o,
    output wire signed [ACC-1:0]    current_o,
    output wire [COUNT-1:0]         count_o
);
  localparam [1:0] CLEAR = 2'd1, LATCH = 2'd2, FIRE = 2'd3; // 0: scatter
  localparam signed [ACC-1:0] MAX  = (1 <<< (MEMBRANE - 1)) - 1;
  localparam signed [ACC-1:0] MIN  = -(1 <<< (MEMBRANE - 1));
  localparam signed [ACC-1:0] HALF = (SHIFT > 0) ? (1 <<< (SHIFT > 0 ? SHIFT - 1 : 0)) : 0;
  localparam                  DOWN = (SHIFT > 0) ? SHIFT : 0;
  localparam                  UP   = (SHIFT < 0) ? -SHIFT : 0;

  // s0..s2: weight, registered twice so that no memory output feeds the multiplier.
  wire signed [WEIGHT-1:0] s1_weight;
  spidec_ram #(.WIDTH(WEIGHT), .DEPTH(WEIGHTS), .ADDR(24), .INIT(INIT)) u_weight (
      .clk_i       (clk_i),
      .write_i     (host_write_i[0]),
      .write_addr_i(host_addr_i),
      .write_data_i(host_data_i[WEIGHT-1:0]),
      .read_i      (s0_read_i),
      .read_addr_i (s0_addr_i),
      .read_data_o (s1_weight)
  );

  reg signed [WEIGHT-1:0]       s2_weight_q;
  reg signed [WEIGHT+VALUE-1:0] s3_product_q;
  always @(posedge clk_i) begin
    s2_weight_q  <= s1_weight;
    s3_product_q <= s2_weight_q * s2_value_i;
  end

  assign weight_o = s2_weight_q;

  // s3: operands
  wire signed [ACC-1:0] s3_product = {{(ACC-WEIGHT-VALUE){s3_product_q[WEIGHT+VALUE-1]}}, s3_product_q};
  reg  signed [ACC-1:0] s3_operand;
  always @* begin
    case (s3_op_i)
      FIRE:    s3_operand = current_o;
      LATCH:   s3_operand = HALF;
      default: s3_operand = s3_product;
    endcase
  end

  // s4: sum, threshold. A sum is in the membrane's range where all bits above it equal the sign.
  reg  signed [ACC-1:0] s4_sum_q;
  reg  [COUNT-1:0]      s4_count_q;
  wire                  s4_fire  = (s4_op_i == FIRE);
  wire                  s4_minus = s4_sum_q[ACC-1];
  wire                  s4_over  = !s4_minus && (|s4_sum_q[ACC-2:MEMBRANE-1]);
  wire                  s4_under = s4_minus && !(&s4_sum_q[ACC-2:MEMBRANE-1]);
  wire                  s4_spike = s4_fire && (s4_sum_q >= threshold_i);
  wire signed [ACC-1:0] s4_clamped = s4_over ? MAX : s4_under ? MIN : s4_sum_q;
  wire signed [ACC-1:0] s4_less  = s4_clamped - reset_i; // beside the comparison, not behind it

  // s5: results
  reg signed [ACC-1:0] s5_current_q;
  reg [COUNT-1:0]      s5_count_q;
  always @(posedge clk_i) begin
    s4_sum_q   <= membrane_o + s3_operand;
    s4_count_q <= count_o;

    spike_o      <= s4_spike;
    saturated_o  <= s4_fire && (s4_over || s4_under);
    s5_current_q <= (s4_sum_q >>> DOWN) <<< UP;
    s5_count_q   <= s4_fire ? s4_count_q + {{(COUNT-1){1'b0}}, s4_spike} : {COUNT{1'b0}};
    case (s4_op_i)
      FIRE:         state_o <= s4_spike ? s4_less : s4_clamped;
      CLEAR, LATCH: state_o <= {ACC{1'b0}};
      default:      state_o <= s4_sum_q;
    endcase
  end

  wire [23:0] chunk_addr = {8'd0, s5_chunk_i};
  wire [23:0] write_addr = s5_write_i ? chunk_addr : host_addr_i;

  spidec_ram #(.WIDTH(ACC), .DEPTH(CHUNKS), .ADDR(24)) u_state (
      .clk_i       (clk_i),
      .write_i     (s5_write_i || host_write_i[1]),
      .write_addr_i(write_addr),
      .write_data_i(s5_write_i ? state_o : host_data_i[ACC-1:0]),
      .read_i      (s2_read_i),
      .read_addr_i ({8'd0, s2_chunk_i}),
      .read_data_o (membrane_o)
  );

  spidec_ram #(.WIDTH(ACC), .DEPTH(CHUNKS), .ADDR(24)) u_current (
      .clk_i       (clk_i),
      .write_i     ((s5_write_i && s5_op_i == LATCH) || host_write_i[2]),
      .write_addr_i(write_addr),
      .write_data_i(s5_write_i ? s5_current_q : host_data_i[ACC-1:0]),
      .read_i      (s2_read_i),
      .read_addr_i ({8'd0, s2_chunk_i}),
      .read_data_o (current_o)
  );

  spidec_ram #(.WIDTH(COUNT), .DEPTH(CHUNKS), .ADDR(24)) u_count (
      .clk_i       (clk_i),
      .write_i     ((s5_write_i && s5_op_i != 2'd0) || host_write_i[3]),
      .write_addr_i(write_addr),
      .write_data_i(s5_write_i ? s5_count_q : host_data_i[COUNT-1:0]),
      .read_i      (count_read_i),
      .read_addr_i ({8'd0, count_chunk_i}),
      .read_data_o (count_o)
  );
endmodule
