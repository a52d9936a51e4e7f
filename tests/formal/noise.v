// The noise of a slot is the hash, its event's parts and its position's, whatever was taken before, and whenever;
// and these parts and the lane's are the contract's of destination and source.
//
// The hash stands still once it is made; that it is the contract's is the bench's to show.
module noise_properties #(
    parameter LANES = 16,
    parameter LOG   = 4,
    parameter ROUNDS = 0,
    parameter PARTS = 0,                 // 1: of the parts, which nothing clocks; 0: of what is clocked
    parameter [511:0] DESTINATION = 0,   // the contract's words of each bit of an index
    parameter [511:0] SOURCE      = 0
) (
    input wire        clk_i,
    input wire        rst_i,
    input wire        start_i,
    input wire [31:0] layer_i,
    input wire [63:0] seed_i,
    input wire [63:0] sample_i,
    input wire        take_i,
    input wire [15:0] index_i,
    input wire        begin_i,
    input wire [15:0] first_i
);
  (* anyconst *) wire [LOG-1:0] lane;

  function [31:0] part(input [511:0] words, input [15:0] index);
    integer bit;
    begin
      part = 32'd0;
      for (bit = 0; bit < 16; bit = bit + 1) part = part ^ ({32{index[bit]}} & words[32*bit +: 32]);
    end
  endfunction

  wire        busy;
  wire [31:0] noise, hash, next, of_event, of_destination, of_low, of_position;
  wire [15:0] position;
  wire [4:0]  rounds;
  spidec_noise #(.LOG(LOG)) u_noise (
      .clk_i             (clk_i),
      .rst_i             (rst_i),
      .start_i           (start_i),
      .layer_i           (layer_i),
      .seed_i            (seed_i),
      .sample_i          (sample_i),
      .busy_o            (busy),
      .take_i            (take_i),
      .index_i           (index_i),
      .begin_i           (begin_i),
      .first_i           (first_i),
      .noise_o           (noise),
      .shown_rounds      (rounds),
      .shown_hash        (hash),
      .shown_next        (next),
      .shown_of_event    (of_event),
      .shown_position    (position),
      .shown_destination (of_destination),
      .shown_low         (of_low),
      .shown_of_position (of_position)
  );

  // What the sequencer and the loop generator keep to.
  reg taken_q = 1'b0, begun_q = 1'b0, first_q = 1'b1;
  always @* begin
    if (first_q) assume (rst_i);
    if (take_i || begin_i) assume (!busy && !start_i && !rst_i);
    if (begin_i) assume (taken_q && first_i[LOG-1:0] == 0);
  end

  // Parts of the event taken and of the event begun, since the last start; the first source of the slot under way.
  reg [31:0]    taken_parts_q, parts_q, hash_q;
  reg [LOG-1:0] taken_low_q, low_q;
  reg [15:0]    position_q;
  reg [4:0]     rounds_q;
  reg           still_q = 1'b0;
  always @(posedge clk_i) begin
    first_q  <= 1'b0;
    hash_q   <= hash;
    still_q  <= !busy && !start_i;
    rounds_q <= rst_i ? 5'd0 : start_i ? ROUNDS : rounds_q == 5'd0 ? 5'd0 : rounds_q - 5'd1;
    if (rst_i || start_i) begin
      taken_q <= 1'b0;
      begun_q <= 1'b0;
    end else begin
      if (take_i) begin
        taken_q       <= 1'b1;
        taken_low_q   <= index_i[LOG-1:0];
        taken_parts_q <= of_destination ^ of_low;
      end
      if (begin_i) begin
        begun_q <= 1'b1;
        low_q   <= taken_low_q;
        parts_q <= taken_parts_q;
      end
    end
    position_q <= begin_i ? first_i : position_q + LANES;
  end

  // The parts are the contract's, and that of the source of any lane is made of three.
  wire [15:0] source = {position[15:LOG], lane ^ low_q};
  always @* if (PARTS) begin
    to:   assert (of_destination == part(DESTINATION, index_i));
    from: assert (position[LOG-1:0] != 0 || (of_position ^ part(SOURCE, low_q) ^ part(SOURCE, lane)) == part(SOURCE, source));
    low:  assert (of_low == part(SOURCE, index_i[LOG-1:0]));
  end

  // They belong to the slot's event and position, and to the hash.
  always @* if (!PARTS && !first_q) begin
    lasts: assert (rounds == rounds_q && busy == (rounds_q != 5'd0));
    if (still_q) kept: assert (hash == hash_q);
    if (taken_q) taken: assert (!busy && next == (hash ^ taken_parts_q));
    if (begun_q) begin
      along: assert (taken_q && position == position_q && position[LOG-1:0] == 0);
      begun: assert (of_event == (hash ^ parts_q));
      adds:  assert (noise == (of_event ^ of_position));
    end
  end
endmodule
