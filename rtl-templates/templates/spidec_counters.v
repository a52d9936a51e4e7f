// Counters of the running sample; they keep their values until the next start.
module spidec_counters #(
    parameter LANES = 16
) (
    input  wire             clk_i,
    input  wire             clear_i,
    input  wire             running_i,
    input  wire [1:0]       stage_i,       // 0 input, 1 forward, 2 readout
    input  wire             event_i,       // an event begins
    input  wire             scatter_i,     // a slot of an event
    input  wire [5:0]       real_i,        // its real lanes
    input  wire             fired_i,
    input  wire [LANES-1:0] spikes_i,
    input  wire [LANES-1:0] saturated_i,
    input  wire [2:0]       select_i,      // which counter to read
    output reg  [31:0]      count_o
);
  reg [31:0] input_q, forward_q, readout_q, events_q, slots_q, useful_q, spikes_q, saturated_q;

  function [5:0] ones(input [LANES-1:0] word);
    integer k;
    begin
      ones = 6'd0;
      for (k = 0; k < LANES; k = k + 1) ones = ones + {5'd0, word[k]};
    end
  endfunction

  // Sums of bits are added one cycle later.
  reg [5:0] fired_q, clamped_q;
  always @(posedge clk_i) begin
    fired_q   <= fired_i ? ones(spikes_i) : 6'd0;
    clamped_q <= fired_i ? ones(saturated_i) : 6'd0;
    if (clear_i) begin
      input_q     <= 32'd0;
      forward_q   <= 32'd0;
      readout_q   <= 32'd0;
      events_q    <= 32'd0;
      slots_q     <= 32'd0;
      useful_q    <= 32'd0;
      spikes_q    <= 32'd0;
      saturated_q <= 32'd0;
    end else begin
      if (running_i && stage_i == 2'd0) input_q <= input_q + 32'd1;
      if (running_i && stage_i == 2'd1) forward_q <= forward_q + 32'd1;
      if (running_i && stage_i == 2'd2) readout_q <= readout_q + 32'd1;
      if (event_i) events_q <= events_q + 32'd1;
      if (scatter_i) slots_q <= slots_q + LANES;
      if (scatter_i) useful_q <= useful_q + {26'd0, real_i};
      spikes_q    <= spikes_q + {26'd0, fired_q};
      saturated_q <= saturated_q + {26'd0, clamped_q};
    end
    case (select_i)
      3'd0:    count_o <= input_q;
      3'd1:    count_o <= forward_q;
      3'd2:    count_o <= readout_q;
      3'd3:    count_o <= events_q;
      3'd4:    count_o <= slots_q;
      3'd5:    count_o <= useful_q;
      3'd6:    count_o <= spikes_q;
      default: count_o <= saturated_q;
    endcase
  end
endmodule
