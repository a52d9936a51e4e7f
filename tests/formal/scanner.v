// A scan gives every marked integer once, in ascending order, with its value, whatever back-pressure
// there is, and it ends.
//
// Contents and address are free but constant. The solver picks one index, `probe`: between two events
// in a row, or behind the last, it must not be marked. With ascending events that leaves no event out
// and none double.
module scanner_properties #(
    parameter LANES = 4,
    parameter LOG   = 2,
    parameter DATA  = 2,
    parameter WORDS = 2
) (
    input wire clk_i,
    input wire ready_i
);
  (* anyconst *) wire [WORDS*LANES-1:0]      marked, held;
  (* anyconst *) wire [WORDS*LANES*DATA-1:0] content;
  (* anyconst *) wire [15:0]                 base, words, probe;
  (* anyconst *) wire                        constant;

  reg first_q = 1'b1;
  reg start_q = 1'b0;
  reg begun_q = 1'b0;
  always @(posedge clk_i) begin
    first_q <= 1'b0;
    start_q <= first_q;
    begun_q <= begun_q || start_q;
  end

  // The memory: it answers in the next cycle and keeps its answer.
  wire                  read, busy, event_valid, event_held;
  wire [15:0]           addr, index;
  wire [DATA-1:0]       data;
  wire [15:0]           word = addr - base;
  reg  [LANES-1:0]      marked_q, held_q;
  reg  [LANES*DATA-1:0] content_q;
  always @(posedge clk_i) if (read) begin
    marked_q  <= marked[word*LANES +: LANES];
    held_q    <= held[word*LANES +: LANES];
    content_q <= content[word*LANES*DATA +: LANES*DATA];
  end

  spidec_scanner #(.LANES(LANES), .LOG(LOG), .DATA(DATA)) u_scanner (
      .clk_i     (clk_i),
      .rst_i     (first_q),
      .start_i   (start_q),
      .constant_i(constant),
      .base_i    (base),
      .words_i   (words),
      .read_o    (read),
      .addr_o    (addr),
      .mask_i    (marked_q),
      .held_i    (held_q),
      .data_i    (content_q),
      .busy_o    (busy),
      .event_o   (event_valid),
      .index_o   (index),
      .held_o    (event_held),
      .data_o    (data),
      .ready_i   (ready_i)
  );

  // What a scan has to give: of a constant source one event of 1, else what is marked in the words.
  wire [15:0] size = constant ? 16'd1 : words * LANES;
  wire        is_marked  = constant || marked[probe];
  wire        wants_held = !constant && held[index];
  wire [DATA-1:0] wants  = constant ? 1 : content[index*DATA +: DATA];
  always @* assume (words <= WORDS && probe < size);

  // The index that the next event must reach at least; cycles in which nothing waited for `ready_i`.
  reg [15:0] next_q, worked_q;
  reg        waits_q, was_held_q;
  reg [15:0] was_index_q;
  reg [DATA-1:0] was_q;
  wire taken = event_valid && ready_i;
  always @(posedge clk_i) begin
    if (start_q) next_q <= 16'd0;
    else if (taken) next_q <= index + 16'd1;
    worked_q    <= start_q ? 16'd0 : worked_q + (!event_valid || ready_i);
    waits_q     <= event_valid && !ready_i && !first_q;
    was_index_q <= index;
    was_held_q  <= event_held;
    was_q       <= data;
  end

  always @* if (begun_q) begin
    if (read) within: assert (word < words && !constant);
    if (event_valid) begin
      ascends: assert (index >= next_q && index < size);
      valued:  assert (data == wants && event_held == wants_held && (constant || marked[index]));
      whole:   assert (!is_marked || probe < next_q || probe >= index);
    end
    if (!busy) complete: assert (!is_marked || probe < next_q);
    if (waits_q) stays: assert (event_valid && index == was_index_q && event_held == was_held_q && data == was_q);
    // A cycle a word or event, three to begin and one to end.
    if (busy) ends: assert (worked_q < size + (constant ? 16'd0 : words) + 16'd4);
  end
endmodule
