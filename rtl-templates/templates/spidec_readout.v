// Readout: finds the class of the largest logit, the first where several are largest.
//
// A class takes four cycles: the address, two until the element is there, comparison. What the comparison
// found is taken over a cycle later: the element stays until the next one is addressed, and the last class's
// is taken while the sequencer goes on.
module spidec_readout #(
    parameter LOG = 4
) (
    input  wire               clk_i,
    input  wire               rst_i,
    input  wire               start_i,
    input  wire [15:0]        chunk_i,       // the first chunk of logits
    input  wire [15:0]        classes_i,
    output wire               busy_o,
    // reading one element of the state; the answer comes three cycles later
    output wire               read_o,
    output wire [LOG-1:0]     lane_o,
    output wire [15:0]        chunk_o,
    input  wire signed [31:0] logit_i,
    output wire [31:0]        largest_o,     // a cycle after the end
    output reg  [15:0]        prediction_o
);
  reg               busy_q, read_q;
  reg [15:0]        left_q, class_q;
  reg [15+LOG:0]    place_q;              // of the class: chunk, lane
  reg [1:0]         phase_q;
  reg signed [31:0] best_q;
  reg               larger_q;             // the element is the largest so far
  reg [15:0]        larger_class_q;

  assign largest_o = best_q;
  assign busy_o  = busy_q;
  assign read_o  = read_q;
  assign {chunk_o, lane_o} = place_q;

  always @(posedge clk_i) begin
    larger_q       <= !rst_i && busy_o && phase_q == 2'd3 && (class_q == 16'd0 || logit_i > best_q);
    larger_class_q <= class_q;
    if (larger_q) best_q <= logit_i;

    if (rst_i) prediction_o <= 16'd0;
    else if (larger_q) prediction_o <= larger_class_q;

    read_q <= !rst_i && (start_i || (busy_q && phase_q == 2'd3 && left_q != 16'd1));

    if (rst_i) begin
      busy_q <= 1'b0;
    end else if (start_i) begin
      busy_q  <= 1'b1;
      left_q  <= classes_i;
      place_q <= {chunk_i, {LOG{1'b0}}};
      class_q <= 16'd0;
      phase_q <= 2'd0;
    end else if (busy_o) begin
      phase_q <= phase_q + 2'd1;
      if (phase_q == 2'd3) begin
        busy_q  <= (left_q != 16'd1);
        left_q  <= left_q - 16'd1;
        place_q <= place_q + 1'b1;
        class_q <= class_q + 16'd1;
      end
    end
  end
endmodule
