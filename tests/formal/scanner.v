// A scan gives every marked integer once, in ascending order, with its value, whatever back-pressure
// there is, and it ends.
//
// Contents and address are free but constant. The solver picks one index, `probe`: between two events
// in a row, or behind the last, it must not be marked. With ascending events that leaves no event out
// and none double.
//
// With LEMMAS about the scanner's registers that is provable by induction, for runs of any length.
module scanner_properties #(
    parameter LANES = 4,
    parameter LOG   = 2,
    parameter DATA  = 2,
    parameter WORDS = 2,
    parameter LEMMAS = 0
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

  // The scanner's registers.
  wire [15:0]           left;
  wire                  reading, fetched, waiting, some, more;
  wire [LANES-1:0]      next_mask, next_held, mask, mask_held;
  wire [LANES*DATA-1:0] next_data, mask_data;
  wire [15-LOG:0]       scanned, count;

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
      .ready_i   (ready_i),
      .shown_left     (left),
      .shown_reading  (reading),
      .shown_fetched  (fetched),
      .shown_next     (waiting),
      .shown_next_mask(next_mask),
      .shown_next_held(next_held),
      .shown_next_data(next_data),
      .shown_mask     (mask),
      .shown_held     (mask_held),
      .shown_some     (some),
      .shown_more     (more),
      .shown_data     (mask_data),
      .shown_word     (scanned),
      .shown_count    (count)
  );

  // What a scan has to give: of a constant source one event of 1, else what is marked in the words.
  wire [15:0] size = constant ? 16'd1 : words * LANES;
  wire        is_marked  = constant || marked[probe];
  wire        wants_held = !constant && held[index];
  wire [DATA-1:0] wants  = constant ? 1 : content[index*DATA +: DATA];
  always @* assume (words <= WORDS && probe < size);

  // The index that the next event must reach at least; cycles in which nothing waited for `ready_i`; events taken.
  reg [15:0] next_q, worked_q, given_q;
  reg        waits_q, was_held_q;
  reg [15:0] was_index_q;
  reg [DATA-1:0] was_q;
  wire taken = event_valid && ready_i;
  always @(posedge clk_i) begin
    if (start_q) next_q <= 16'd0;
    else if (taken) next_q <= index + 16'd1;
    given_q     <= start_q ? 16'd0 : given_q + taken;
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

  // The lemmas. Words pass from memory to the reserve to the mask, without a gap once the first is there;
  // what the mask still has lies above all events given, and all else of the words loaded was given.
  wire [15:0] fetches = addr - base;
  wire [15:0] loaded  = {{LOG{1'b0}}, count};
  wire        given   = probe < next_q || (event_valid && probe == index);
  wire        pending = some && probe[15:LOG] == scanned && mask[probe[LOG-1:0]];
  wire [LANES-1:0] ahead;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : gen_ahead
      assign ahead[l] = next_q <= scanned*LANES + l && (!event_valid || index < scanned*LANES + l);
    end
  endgenerate
  always @* if (LEMMAS) begin
    phase: assert (first_q + start_q + begun_q == 1);
    if (start_q) idle: assert (!busy);
    if (begun_q) begin
      counted: assert (some == |mask && more == |(mask & (mask - 1'b1)) && fetches == loaded + waiting + fetched);
      taken_all: assert (given_q <= next_q);
    end
    if (begun_q && constant) begin
      single: assert (!reading && !fetched && !waiting && count == 0 && scanned == 0 && !mask[LANES-1:1]);
      if (some) alone: assert (!event_valid && !mask_held && mask_data[DATA-1:0] == 1);
      if (some || event_valid) first: assert (next_q == 0 && worked_q == event_valid);
      if (!some && !event_valid) last: assert (next_q == 1);
    end
    if (begun_q && !constant) begin
      remain: assert (fetches <= words && left == words - fetches && reading == (left != 0));
      if (fetched) memory: assert (marked_q == marked[(loaded+waiting)*LANES +: LANES] &&
                                   held_q == held[(loaded+waiting)*LANES +: LANES] &&
                                   content_q == content[(loaded+waiting)*LANES*DATA +: LANES*DATA]);
      if (waiting) reserve: assert (next_mask == marked[loaded*LANES +: LANES] &&
                                    next_held == held[loaded*LANES +: LANES] &&
                                    next_data == content[loaded*LANES*DATA +: LANES*DATA]);
      if (some) scanning: assert (count != 0 && scanned == count - 1'b1 &&
                                  !(mask & ~marked[scanned*LANES +: LANES]) &&
                                  mask_held == held[scanned*LANES +: LANES] &&
                                  mask_data == content[scanned*LANES*DATA +: LANES*DATA]);
      above: assert (!(mask & ~ahead));
      below: assert (next_q <= loaded*LANES && (!event_valid || index < loaded*LANES));
      if (is_marked && probe < loaded*LANES) either: assert (given || pending);
      if (count != 0) gapless: assert ((fetched || !reading) && (waiting || !fetched));
      if (busy) prompt: assert (worked_q <= (count != 0 ? given_q + event_valid + loaded + 16'd2 :
                                             waiting ? 16'd2 : {15'd0, fetched}));
    end
  end
endmodule
