// Host port: a register and memory bus of 32-bit words.
//
// Contract: hold `req_i`, `write_i`, `addr_i`, `wdata_i` until `ack_o`, which is high for one cycle;
// `rdata_o` is valid with it. A write takes 3 cycles, a read 9.
// Address: [27:24] region, [23:0] offset.
//   0 registers     (table below)
//   1 program       write only; 8 addresses an instruction, its five words in the first; the fifth
//                   stores it
//   2 input         write only; 4 values a word, the first in the lowest byte; LANES/4 words a row, the
//                   last one stores it: fill the last row with zeros
//   3 weights       offset = row * LANES + bank; sign extended
//   4 states, 5 currents, 6 counts<% if learning %>, 8 errors<% endif %>    offset = chunk * LANES + lane
//   7 spikes        read only; offset = chunk * LANES
<% if learning %>//   9 constants     offset = layer; [22:18] shift, [17:0] mantissa
<% endif %>// A region or register that is not there, or is write only, reads as 0; a write to it is dropped. Offsets
// behind a memory's end are not checked: the manifest has the depths.
// Registers: 0 identity "SPDC", 1 machine, 2 and 3 design hash (low, high), 4 control (bit 0:
//   start<% if learning %>, bit 1: with training<% endif %>), 5 status (bit 0 running, bit 1 done, bit 2 error, [15:8] error code),
//   6 prediction, 7 watchdog limit in cycles (0: none), 8 lanes<% if learning %>, 9 label, 10 and 11 seed, 12 and 13
//   samples trained (low, high)<% endif %>. 64 on: counters, see spidec_counters.
// A sample: write the input,<% if learning %> the label,<% endif %> then 1<% if learning %> or, to train, 3<% endif %> to control; wait for bit 1 of status, or `done_o`;
// read the prediction. Logits are states of the readout's chunks, see manifest.json.
// While a sample runs, only registers answer; another access, or a start, is dropped and sets
// error code 7. Registers may be written then; what the sample uses is up to the host.
// A sample that the watchdog stops leaves memories as they are<% if learning %>: weights may be partly updated, and the
// sample is not counted<% endif %>.
<% if learning %>// A label must be a class; that is not checked. A reset sets seed and samples trained to SEED and SAMPLES and
// leaves the weights: write what they were before a training goes on.
<% endif %>// The design hash names the contents of the program memory, and like them outlives a reset: at power-up
// DESIGN; 0, for unknown, from a write to the program memory until the host writes the hash.
module spidec_host #(
    parameter        LANES   = 16,
    parameter        LOG     = 4,
    parameter [31:0] MACHINE = 32'd0,
    parameter [63:0] DESIGN  = 64'd0<% if learning %>,
    parameter [63:0] SEED    = 64'd0,   // of the rounding noise, after a reset
    parameter [63:0] SAMPLES = 64'd0    // trained before, after a reset
<% else %>
<% endif %>) (
    input  wire                clk_i,
    input  wire                rst_i,
    // bus
    input  wire                req_i,
    input  wire                write_i,
    input  wire [27:0]         addr_i,
    input  wire [31:0]         wdata_i,
    output wire                ack_o,
    output reg  [31:0]         rdata_o,
    // control and status
    output reg                 start_o,
    output wire                done_o,         // from the end of a sample to the next start
    output reg  [31:0]         limit_o,
<% if learning %>    output reg                 training_o,
    output reg  [15:0]         label_o,
    output reg  [63:0]         seed_o,
    output reg  [63:0]         sample_o,
    input  wire                trained_i,      // a training sample ends
<% endif %>    output wire                error_o,        // bit 2 of status
    input  wire                running_i,
    input  wire                error_i,
    input  wire [7:0]          error_code_i,
    input  wire [15:0]         prediction_i,
    output wire [5:0]          counter_o,
    input  wire [31:0]         count_i,
    // rows of program and input memory<% if learning %>, learning constants<% endif %>
    output reg                 program_write_o,
    output reg                 input_write_o,
<% if learning %>    output reg                 constant_write_o,
<% endif %>    output wire [15:0]         row_o,
    output wire [31:0]         word_o,          // the word written
    output wire [159:0]        instruction_o,
    output wire [LANES*8-1:0]  values_o,
    // elements of the array
    output reg  [4:0]          array_write_o,   // weight, state, current, count, error
    output reg                 array_read_o,
    output wire [2:0]          array_memory_o,
    output wire [LOG-1:0]      array_lane_o,
    output wire [23:0]         array_row_o,
<% if learning %>    input  wire [22:0]         constant_i,      // as read with `array_read_o`
<% endif %>    input  wire [31:0]         array_data_i
);
  localparam [2:0] IDLE = 3'd0, BEGIN = 3'd1, READ = 3'd2, TAKE = 3'd3, ACK = 3'd4;
  localparam       QUARTERS     = LANES / 4;
  localparam       QUARTERS_LOG = LOG - 2;

  reg [2:0]  state_q;
  reg [2:0]  left_q;     // cycles until the array has answered
  reg [63:0] design_q;
  reg        done_q, refused_q, allowed_q, was_running_q;

  // Registers before everything else: what drives the port may be far away.
  reg         write_q;
  reg [27:0]  addr_q;
  reg [31:0]  wdata_q;
  always @(posedge clk_i) begin
    if (state_q == IDLE) begin
      write_q <= write_i;
      addr_q  <= addr_i;
      wdata_q <= wdata_i;
    end
  end
  assign word_o = wdata_q;

  wire [3:0]  region  = addr_q[27:24];
  wire [23:0] offset  = addr_q[23:0];
  wire        begins  = (state_q == BEGIN);
  wire        allowed = (region == 4'd0) || !running_i;
  wire        restart = begins && write_q && region == 4'd0 && offset == 24'd4 && wdata_q[0];

  // Regions that can be read; all others give 0.
  wire        answers = allowed_q && region >= 4'd3 && region <= 4'd<% if learning %>8<% else %>7<% endif %>;
<% if learning %>  wire        tells   = allowed_q && region == 4'd9;
<% endif %>
  // A write is done in the cycle of `ack_o`; in memories of rows a cycle later, in those of elements two.
  assign ack_o     = (state_q == ACK);
  wire        writes  = ack_o && write_q && allowed_q;
  wire        sets    = writes && region == 4'd0;
  assign counter_o = offset[5:0];
  wire        ends = was_running_q && !running_i;
  assign error_o   = error_i || refused_q;
  assign done_o    = done_q || ends;         // never neither running nor done

  // Words of a row gather here; the last one stores it.
  reg [159:0]       instruction_q;
  reg [LANES*8-1:0] values_q;
  assign instruction_o = instruction_q;
  assign values_o      = values_q;
  assign row_o         = (region == 4'd1) ? offset[18:3] :<% if learning %> (region == 4'd9) ? offset[15:0] :<% endif %>
                         offset[QUARTERS_LOG +: 16];

  // Nothing is written in the first cycle of the first reset: memories may have contents by then.
  initial begin
    program_write_o = 1'b0;
    input_write_o   = 1'b0;
    array_write_o   = 5'd0;
<% if learning %>    constant_write_o = 1'b0;
<% endif %>  end

  always @(posedge clk_i) begin
    program_write_o <= !rst_i && writes && region == 4'd1 && offset[2:0] == 3'd4;
    input_write_o   <= !rst_i && writes && region == 4'd2 && (offset % QUARTERS) == QUARTERS - 1;
<% if learning %>    constant_write_o <= !rst_i && writes && region == 4'd9;
<% endif %>    array_write_o   <= {5{!rst_i && writes}} & {region == 4'd8, region == 4'd6, region == 4'd5,
                                                region == 4'd4, region == 4'd3};
    if (writes && region == 4'd1) instruction_q <= {wdata_q, instruction_q[159:32]};
    if (writes && region == 4'd2) begin
      values_q                  <= values_q >> 32;
      values_q[LANES*8-1 -: 32] <= wdata_q;
    end
  end

  assign array_memory_o = region[2:0] - 3'd3;
  assign array_lane_o   = offset[LOG-1:0];
  assign array_row_o    = offset >> LOG;
  // Registers are none of the memories': a sample that runs reads them in every cycle.
  always @(posedge clk_i) array_read_o <= !rst_i && begins && !write_q && !running_i && region != 4'd0;

  initial design_q = DESIGN;
  always @(posedge clk_i) begin
    if (!rst_i) begin
      if (sets && offset == 24'd2) design_q[31:0] <= wdata_q;
      if (sets && offset == 24'd3) design_q[63:32] <= wdata_q;
      if (writes && region == 4'd1) design_q <= 64'd0;
    end
  end

  reg [31:0] register, register_q;
  always @* begin
    case (offset[3:0])
      4'd0:    register = 32'h53504443;
      4'd1:    register = MACHINE;
      4'd2:    register = design_q[31:0];
      4'd3:    register = design_q[63:32];
      4'd5:    register = {16'd0, refused_q ? 8'd7 : error_code_i, 5'd0, error_o,
                           done_o, running_i};
      4'd6:    register = {16'd0, prediction_i};
      4'd7:    register = limit_o;
      4'd8:    register = LANES;
<% if learning %>      4'd9:    register = {16'd0, label_o};
      4'd10:   register = seed_o[31:0];
      4'd11:   register = seed_o[63:32];
      4'd12:   register = sample_o[31:0];
      4'd13:   register = sample_o[63:32];
<% endif %>      default: register = 32'd0;
    endcase
    if (offset[23:4] != 20'd0) register = (offset[23:6] == 18'd1) ? count_i : 32'd0;
  end

  always @(posedge clk_i) begin
    was_running_q <= running_i;
    if (rst_i) begin
      state_q       <= IDLE;
      start_o       <= 1'b0;
      limit_o       <= 32'd0;
      done_q        <= 1'b0;
      refused_q     <= 1'b0;
      was_running_q <= 1'b0;
<% if learning %>      training_o    <= 1'b0;
      label_o       <= 16'd0;
      seed_o        <= SEED;
      sample_o      <= SAMPLES;
<% endif %>    end else begin
      case (state_q)
        IDLE:    if (req_i) state_q <= BEGIN;
        BEGIN:   state_q <= write_q ? ACK : READ;
        READ:    if (left_q == 3'd0) state_q <= TAKE;
        TAKE:    state_q <= ACK;
        default: state_q <= IDLE;
      endcase
      left_q  <= (state_q == BEGIN) ? 3'd4 : left_q - 3'd1;
      start_o <= restart && !running_i;
      if (begins) allowed_q <= allowed;
      if (begins && (!allowed || (restart && running_i))) refused_q <= 1'b1;
      if (ends) done_q <= 1'b1;
      if (start_o) begin
        done_q    <= 1'b0;
        refused_q <= 1'b0;
      end
      if (sets && offset == 24'd7) limit_o <= wdata_q;
<% if learning %>      if (restart && !running_i) training_o <= wdata_q[1];
      if (sets && offset == 24'd9) label_o <= wdata_q[15:0];
      if (sets && offset == 24'd10) seed_o[31:0] <= wdata_q;
      if (sets && offset == 24'd11) seed_o[63:32] <= wdata_q;
      if (trained_i) sample_o <= sample_o + 64'd1;
      if (sets && offset == 24'd12) sample_o[31:0] <= wdata_q;
      if (sets && offset == 24'd13) sample_o[63:32] <= wdata_q;
<% endif %>    end
    register_q <= register;
    if (state_q == TAKE) rdata_o <= (region == 4'd0) ? register_q : answers ? array_data_i :<% if learning %>
                                      tells ? {9'd0, constant_i} :<% endif %> 32'd0;
  end
endmodule
