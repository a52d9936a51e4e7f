// Column and row access return the element that was written last, by column, by row or by the host.
//
// One element (a, b) of one block, chosen freely, has a shadow. Columns and rows go through permuters
// on both sides, as lanes see them. The shadow is compared whenever the element is read, except in the
// cycle of its writing, which the contract excludes.
//
// With ALWAYS each cycle reads the element, by column or by row as the solver likes. Reading changes
// nothing, so that loses no case, and it ties memory and shadow within three cycles: then induction
// proves the property for runs of any length. Without ALWAYS, reads are free and the run bounded.
module weights_properties #(
    parameter LANES  = 4,
    parameter LOG    = 2,
    parameter WEIGHT = 3,
    parameter BLOCKS = 2,
    parameter ALWAYS = 1
) (
    input wire                    clk_i,
    input wire                    read_i,
    input wire                    row_i,
    input wire [23-LOG:0]         block_i,
    input wire [LOG-1:0]          index_i,
    input wire                    write_i,
    input wire                    write_row_i,
    input wire [23-LOG:0]         write_block_i,
    input wire [LOG-1:0]          write_index_i,
    input wire [LANES*WEIGHT-1:0] write_words_i,  // in lane order
    input wire                    host_write_i,
    input wire [LOG-1:0]          host_bank_i,
    input wire [23:0]             host_row_i,
    input wire [WEIGHT-1:0]       host_data_i
);
  (* anyconst *) wire [23-LOG:0] block;
  (* anyconst *) wire [LOG-1:0]  a, b;

  wire [LANES*WEIGHT-1:0] write_words, words, lanes;
  reg  [LOG-1:0]          index_q [1:2];
  spidec_permuter #(.LANES(LANES), .LOG(LOG), .WIDTH(WEIGHT)) u_write (
      .index_i(write_index_i), .words_i(write_words_i), .words_o(write_words)
  );
  spidec_weights #(.LANES(LANES), .LOG(LOG), .WEIGHT(WEIGHT), .BLOCKS(BLOCKS)) u_weights (
      .clk_i        (clk_i),
      .read_i       (read_i),
      .row_i        (row_i),
      .block_i      (block_i),
      .index_i      (index_i),
      .words_o      (words),
      .write_i      (write_i),
      .write_row_i  (write_row_i),
      .write_block_i(write_block_i),
      .write_index_i(write_index_i),
      .write_words_i(write_words),
      .host_write_i (host_write_i),
      .host_bank_i  (host_bank_i),
      .host_row_i   (host_row_i),
      .host_data_i  (host_data_i)
  );
  spidec_permuter #(.LANES(LANES), .LOG(LOG), .WIDTH(WEIGHT)) u_read (
      .index_i(index_q[2]), .words_i(words), .words_o(lanes)
  );

  // Addresses stay in the memory.
  always @* begin
    assume (block < BLOCKS && block_i < BLOCKS && write_block_i < BLOCKS);
    assume (host_row_i < BLOCKS * LANES);
  end

  // Who touches the element? While a column or row is written, the host's write is not taken.
  wire reads  = read_i && block_i == block && index_i == (row_i ? a : b);
  wire writes = write_i && write_block_i == block && write_index_i == (write_row_i ? a : b);
  wire hosts  = !write_i && host_write_i && host_bank_i == (a ^ b) && host_row_i == {block, b};
  always @* if (ALWAYS) assume (reads);

  wire [LOG-1:0]    write_lane = write_row_i ? b : a;
  reg  [WEIGHT-1:0] shadow_q;
  reg               known_q = 1'b0;                   // the shadow was written
  reg  [WEIGHT-1:0] expected_q [1:2];                 // what a read answers, and when
  reg  [1:0]        due_q = 2'd0;
  reg  [LOG-1:0]    lane_q [1:2];
  always @(posedge clk_i) begin
    if (writes) shadow_q <= write_words_i[write_lane*WEIGHT +: WEIGHT];
    else if (hosts) shadow_q <= host_data_i;
    known_q       <= known_q || writes || hosts;
    due_q         <= {due_q[0], known_q && reads && !writes && !hosts};
    expected_q[1] <= shadow_q;
    expected_q[2] <= expected_q[1];
    index_q[1]    <= index_i;
    index_q[2]    <= index_q[1];
    lane_q[1]     <= row_i ? b : a;
    lane_q[2]     <= lane_q[1];
  end

  always @* returned: assert (!due_q[1] || lanes[lane_q[2]*WEIGHT +: WEIGHT] == expected_q[2]);
endmodule
