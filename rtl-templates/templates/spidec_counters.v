// Counters of the running sample; they keep their values until the next start.
//
// Kind 0 to 4, a stage each: cycles, slots, useful lanes of them, waits for a chunk's sum, chunks of passes.
// Kind 5, of the whole sample: 0 events, 1 spikes, 2 saturated membranes<% if learning %>, 3 spikes of the backward
// stage, 4 saturated weights, 5 saturated errors<% endif %>.
// Kind 6, the first membrane that was clamped: 0 {backward stage, step, chunk}, 1 its lanes<% if learning %>; and the first
// weight: 2 {block, destination's lane}, 3 its banks; the class of the first error: 4<% endif %>.
// The host reads them at 64 + 8 * kind + stage or number.
module spidec_counters #(
    parameter LANES  = 16,
    parameter STAGES = 3
) (
    input  wire             clk_i,
    input  wire             clear_i,
    input  wire             running_i,
    input  wire [2:0]       stage_i,
    input  wire [14:0]      step_i,
    input  wire             event_i,       // an event begins
    input  wire             slot_i,        // a slot of an event
    input  wire             wait_i,
    input  wire             pass_i,        // a slot of a pass
    input  wire             real_i,        // lanes of `lanes_i` are useful
    input  wire [LANES-1:0] lanes_i,
    input  wire             fired_i,
    input  wire [15:0]      fired_chunk_i,
    input  wire [LANES-1:0] spikes_i,
    input  wire [LANES-1:0] saturated_i,
<% if learning %>    input  wire             updated_i,
    input  wire [23:0]      updated_row_i, // block, destination in it
    input  wire [LANES-1:0] clamped_i,     // banks
    input  wire             error_clamped_i,
    input  wire [15:0]      error_class_i,
<% endif %>    input  wire [5:0]       select_i,      // [5:3] kind, [2:0] stage; kind 5: of the sample, 6: first clamps
    output reg  [31:0]      count_o
);
  function [5:0] ones(input [LANES-1:0] word);
    integer k;
    begin
      ones = 6'd0;
      for (k = 0; k < LANES; k = k + 1) ones = ones + {5'd0, word[k]};
    end
  endfunction

  reg [31:0] cycles_q [0:STAGES-1];
  reg [31:0] slots_q  [0:STAGES-1];
  reg [31:0] useful_q [0:STAGES-1];
  reg [31:0] waits_q  [0:STAGES-1];
  reg [31:0] passes_q [0:STAGES-1];
  reg [31:0] events_q, spikes_q, saturated_q;
  reg [31:0] place_q, lanes_q;            // of the first clamped membrane
<% if learning %>  reg [31:0] backward_q, clamped_q;
  reg [31:0] weight_place_q, weight_lanes_q;
  reg [31:0] errors_q;
  reg [15:0] class_q;                     // of the first clamped error
<% endif %>
  // Bits come from far: first a register, then their sum, then it is added.
  reg [LANES-1:0] lanes_real_q, spikes_word_q, saturated_word_q;
  reg [5:0]       real_q, spiking_q, saturating_q;
  reg [15:0]      chunk_q;
  reg [14:0]      step_q;
  reg [2:0]       stage_q, sum_stage_q;
<% if learning %>  reg [LANES-1:0] clamped_word_q;
  reg [5:0]       clamping_q;
  reg [23:0]      row_q;
<% endif %>
  integer s;
  always @(posedge clk_i) begin
    lanes_real_q     <= real_i ? lanes_i : {LANES{1'b0}};
    spikes_word_q    <= fired_i ? spikes_i : {LANES{1'b0}};
    saturated_word_q <= fired_i ? saturated_i : {LANES{1'b0}};
    chunk_q          <= fired_chunk_i;
    step_q           <= step_i;
    stage_q          <= stage_i;
    real_q           <= ones(lanes_real_q);
    spiking_q        <= ones(spikes_word_q);
    saturating_q     <= ones(saturated_word_q);
    sum_stage_q      <= stage_q;
<% if learning %>    clamped_word_q   <= updated_i ? clamped_i : {LANES{1'b0}};
    clamping_q       <= ones(clamped_word_q);
    row_q            <= updated_row_i;
<% endif %>    if (clear_i) begin
      for (s = 0; s < STAGES; s = s + 1) begin
        cycles_q[s] <= 32'd0;
        slots_q[s]  <= 32'd0;
        useful_q[s] <= 32'd0;
        waits_q[s]  <= 32'd0;
        passes_q[s] <= 32'd0;
      end
      events_q    <= 32'd0;
      spikes_q    <= 32'd0;
      saturated_q <= 32'd0;
      place_q     <= 32'd0;
      lanes_q     <= 32'd0;
<% if learning %>      backward_q     <= 32'd0;
      clamped_q      <= 32'd0;
      weight_place_q <= 32'd0;
      weight_lanes_q <= 32'd0;
      errors_q       <= 32'd0;
      class_q        <= 16'd0;
<% endif %>    end else begin
      for (s = 0; s < STAGES; s = s + 1) begin
        if (stage_i == s[2:0]) begin
          if (running_i) cycles_q[s] <= cycles_q[s] + 32'd1;
          if (slot_i) slots_q[s] <= slots_q[s] + 32'd1;
          if (wait_i) waits_q[s] <= waits_q[s] + 32'd1;
          if (pass_i) passes_q[s] <= passes_q[s] + 32'd1;
        end
        if (sum_stage_q == s[2:0]) useful_q[s] <= useful_q[s] + {26'd0, real_q};
      end
      if (event_i) events_q <= events_q + 32'd1;
      if (!sum_stage_q[2]) spikes_q <= spikes_q + {26'd0, spiking_q};
      saturated_q <= saturated_q + {26'd0, saturating_q};
      if (saturated_word_q != {LANES{1'b0}} && lanes_q == 32'd0) begin
        place_q <= {stage_q[2], step_q, chunk_q};
        lanes_q <= {{(32-LANES){1'b0}}, saturated_word_q};
      end
<% if learning %>      if (sum_stage_q[2]) backward_q <= backward_q + {26'd0, spiking_q};
      clamped_q <= clamped_q + {26'd0, clamping_q};
      if (clamped_word_q != {LANES{1'b0}} && weight_lanes_q == 32'd0) begin
        weight_place_q <= {8'd0, row_q};
        weight_lanes_q <= {{(32-LANES){1'b0}}, clamped_word_q};
      end
      if (error_clamped_i) begin
        errors_q <= errors_q + 32'd1;
        if (errors_q == 32'd0) class_q <= error_class_i;
      end
<% endif %>    end
  end

  localparam INDEX = (STAGES > 4) ? 3 : 2;
  wire [INDEX-1:0] stage = select_i[INDEX-1:0];
  always @(posedge clk_i) begin
    case (select_i[5:3])
      3'd0: count_o <= cycles_q[stage];
      3'd1: count_o <= slots_q[stage];
      3'd2: count_o <= useful_q[stage];
      3'd3: count_o <= waits_q[stage];
      3'd4: count_o <= passes_q[stage];
      3'd5: case (select_i[2:0])
        3'd0:    count_o <= events_q;
        3'd1:    count_o <= spikes_q;
        3'd2:    count_o <= saturated_q;
<% if learning %>        3'd3:    count_o <= backward_q;
        3'd4:    count_o <= clamped_q;
        3'd5:    count_o <= errors_q;
<% endif %>        default: count_o <= 32'd0;
      endcase
      3'd6: case (select_i[2:0])
        3'd0:    count_o <= place_q;
        3'd1:    count_o <= lanes_q;
<% if learning %>        3'd2:    count_o <= weight_place_q;
        3'd3:    count_o <= weight_lanes_q;
        3'd4:    count_o <= {16'd0, class_q};
<% endif %>        default: count_o <= 32'd0;
      endcase
      default: count_o <= 32'd0;
    endcase
    if (select_i[5:3] < 3'd5 && select_i[2:0] >= STAGES) count_o <= 32'd0;
  end
endmodule
