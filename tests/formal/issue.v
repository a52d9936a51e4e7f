// Every event, and a pass, becomes its slots: as many as there are chunks, in order, none lost and none
// double, each with the block, index, value that the event asks for; and events that add to states are
// far enough apart.
//
// The solver picks one event, `probe`, by its number; what it asks for is remembered when it is taken.
module issue_properties #(
    parameter LOG    = 2,
    parameter DATA   = 3,
    parameter VALUE  = 5,
    parameter HAZARD = 4
) (
    input wire                   clk_i,
    input wire                   event_i,
    input wire [15:0]            index_i,
    input wire                   held_i,
    input wire signed [DATA-1:0] data_i
);
  (* anyconst *) wire                    passes, adds;
  (* anyconst *) wire [2:0]              op;
  (* anyconst *) wire signed [VALUE-1:0] factor;
  (* anyconst *) wire [23-LOG:0]         weights;
  (* anyconst *) wire [13:0]             across, along;
  (* anyconst *) wire [15:0]             chunk, chunks;
  (* anyconst *) wire [3:0]              probe;

  reg first_q = 1'b1;
  reg second_q = 1'b0;
  always @(posedge clk_i) begin
    first_q  <= 1'b0;
    second_q <= first_q;
  end

  wire                    ready, busy, slot, last, held, begins, waits;
  wire [2:0]              slot_op;
  wire [23-LOG:0]         block;
  wire [LOG-1:0]          index;
  wire [15:0]             slot_chunk;
  wire signed [VALUE-1:0] value;
  spidec_issue #(.LOG(LOG), .DATA(DATA), .VALUE(VALUE), .HAZARD(HAZARD)) u_issue (
      .clk_i    (clk_i),
      .rst_i    (first_q),
      .pass_i   (second_q && passes),
      .op_i     (op),
      .adds_i   (adds),
      .factor_i (factor),
      .weights_i(weights),
      .across_i (across),
      .along_i  (along),
      .chunk_i  (chunk),
      .chunks_i (chunks),
      .event_i  (event_i),
      .index_i  (index_i),
      .held_i   (held_i),
      .data_i   (data_i),
      .ready_o  (ready),
      .busy_o   (busy),
      .slot_o   (slot),
      .op_o     (slot_op),
      .last_o   (last),
      .held_o   (held),
      .block_o  (block),
      .index_o  (index),
      .chunk_o  (slot_chunk),
      .value_o  (value),
      .begin_o  (begins),
      .wait_o   (waits)
  );

  // Few chunks, small strides: the arithmetic is the same, and the solver is quick.
  always @* begin
    assume (chunks >= 1 && chunks <= 5 && across < 4 && along < 4 && index_i < 32);
    if (passes) assume (!event_i && !adds);
  end

  // The event that was picked, and where the slots are.
  wire             takes = event_i && ready && !first_q;
  reg [3:0]        taken_q, begun_q;                 // how many were taken, how many have begun
  reg [23-LOG:0]   block_q;
  reg [LOG-1:0]    index_q;
  reg              held_q;
  reg [VALUE-1:0]  value_q;
  reg [15:0]       done_q;                           // slots of the event or pass under way
  reg [3:0]        age_q;                            // cycles since it began
  wire             starts = begins || (second_q && passes);
  always @(posedge clk_i) begin
    taken_q <= first_q ? 4'd0 : taken_q + takes;
    begun_q <= first_q ? 4'd0 : begun_q + begins;
    if (takes && taken_q == probe) begin
      block_q <= weights + (index_i >> LOG) * across;
      index_q <= index_i;
      held_q  <= held_i;
      value_q <= factor * data_i;
    end
    done_q <= (first_q || starts) ? 16'd0 : done_q + slot;
    age_q  <= (first_q || starts) ? 4'd0 : age_q + (age_q != 4'hf);
  end
  wire probed  = !passes && begun_q == probe + 4'd1;
  wire anyway  = begun_q != 4'd0 || (passes && !second_q && !first_q);
  wire [15:0] needs = (adds && chunks < HAZARD) ? HAZARD : chunks;

  always @* if (!first_q && taken_q < 4'd15) begin
    if (slot) begin
      ordered: assert (anyway && done_q < chunks && slot_chunk == chunk + done_q && slot_op == op);
      ends:    assert (last == (done_q + 16'd1 == chunks));
      if (probed) begin
        addressed: assert (block == block_q + done_q * along && index == index_q);
        valued:    assert (held == held_q && value == value_q);
      end
    end
    // The one before is complete, and its sums are written.
    if (anyway && (starts || !busy)) begin
      complete: assert (done_q + slot == chunks);
      apart:    assert (age_q + 16'd1 >= needs);
    end
    if (anyway && busy) prompt: assert (age_q < needs || begun_q != taken_q);
    once: assert (begun_q <= taken_q && taken_q <= begun_q + 4'd1);
    waiting: assert (waits == (busy && anyway && !slot && age_q < needs));
  end
endmodule
