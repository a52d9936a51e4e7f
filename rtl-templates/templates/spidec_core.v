// The core: array, sequencer and host port. <: lanes :> lanes, weights of <: weight_bits :> bits, membranes of
// <: membrane_bits :> bits. Networks, sizes, thresholds and weights are data: program and weight memory.
//
// One clock, synchronous active-high reset, no vendor primitives. `trace_*` shows each chunk as it
// leaves its pass; leave it open in hardware. Machine <: machine_id :>.
module spidec_core #(
    parameter        IMAGES = 0,       // 1: memories start with the files in images/
    parameter [63:0] DESIGN = 64'd0    // hash of the design in those files, 0 without them
) (
    input  wire        clk_i,
    input  wire        rst_i,
    // host port, see spidec_host
    input  wire        host_req_i,
    input  wire        host_write_i,
    input  wire [27:0] host_addr_i,
    input  wire [31:0] host_wdata_i,
    output wire        host_ack_o,
    output wire [31:0] host_rdata_o,
    // status
    output wire        running_o,
    output wire        done_o,             // from the end of a sample to the next start
    output wire        error_o,
    // trace
    output wire        trace_valid_o,
    output wire [31:0] trace_cycle_o,      // since the start of the sample
    output wire [15:0] trace_chunk_o,
    output wire [<: lanes :>-1:0] trace_spikes_o,
    output wire [<: lanes :>*<: acc :>-1:0] trace_state_o
);
  localparam LANES    = <: lanes :>;
  localparam [5:0] ALL_LANES = LANES[5:0];
  localparam LOG      = <: log :>;
  localparam WEIGHT   = <: weight_bits :>;
  localparam MEMBRANE = <: membrane_bits :>;
  localparam ACC      = <: acc :>;       // accumulator: holds one step's worst case
  localparam VALUE    = <: value :>;       // an event's value, signed
  localparam COUNT    = <: count :>;        // a spike count
  localparam DATA     = <: data :>;        // a scanned integer: input value or count
  localparam SHIFT    = <: shift :>;        // input's scale to membrane units
  localparam WEIGHTS  = <: weights :>;    // rows of the weight banks
  localparam CHUNKS   = <: chunks :>;       // chunks of states, currents, counts, spikes
  localparam INPUTS   = <: inputs :>;       // rows of the input memory
  localparam PROGRAM  = <: program :>;       // instructions

  // sequencer and its instruction
  wire [15:0]           pc;
  wire [127:0]          program_row, instruction;
  wire                  scatter, pass, argmax, flush;
  wire                  scanner_busy, issue_busy, array_busy, readout_busy;
  wire signed [ACC-1:0] threshold, reset;
  wire                  start;
  wire [31:0]           limit;
  wire [7:0]            error_code;
  wire                  unit_rst = rst_i || flush;

  wire [3:0]  op     = instruction[3:0];
  wire [1:0]  stage  = instruction[5:4];
  wire [1:0]  source = instruction[7:6];
  wire [5:0]  real_lanes = instruction[14:9];
  wire [VALUE-1:0] value = instruction[16 +: VALUE];

  spidec_sequencer #(.ACC(ACC)) u_sequencer (
      .clk_i         (clk_i),
      .rst_i         (rst_i),
      .start_i       (start),
      .pc_o          (pc),
      .program_i     (program_row),
      .instruction_o (instruction),
      .scatter_o     (scatter),
      .pass_o        (pass),
      .argmax_o      (argmax),
      .scanner_busy_i(scanner_busy),
      .issue_busy_i  (issue_busy),
      .array_busy_i  (array_busy),
      .readout_busy_i(readout_busy),
      .threshold_o   (threshold),
      .reset_o       (reset),
      .running_o     (running_o),
      .cycle_o       (trace_cycle_o),
      .limit_i       (limit),
      .error_o       (error_o),
      .error_code_o  (error_code),
      .flush_o       (flush)
  );

  // program and input memory
  wire               program_write, input_write;
  wire [15:0]        row;
  wire [127:0]       host_instruction;
  wire [LANES*8-1:0] host_values, input_row;
  wire               scan_read;
  wire [15:0]        scan_addr;

  spidec_ram #(
      .WIDTH(128), .DEPTH(PROGRAM), .ADDR(16), .INIT(IMAGES != 0 ? "images/program.hex" : "")
  ) u_program (
      .clk_i       (clk_i),
      .write_i     (program_write),
      .write_addr_i(row),
      .write_data_i(host_instruction),
      .read_i      (running_o),
      .read_addr_i (pc),
      .read_data_o (program_row)
  );

  spidec_ram #(.WIDTH(LANES*8), .DEPTH(INPUTS), .ADDR(16)) u_input (
      .clk_i       (clk_i),
      .write_i     (input_write),
      .write_addr_i(row),
      .write_data_i(host_values),
      .read_i      (scan_read),
      .read_addr_i (scan_addr),
      .read_data_o (input_row)
  );

  // scanner: its word is spikes, input values or counts
  wire [LANES-1:0]       spikes;
  wire [LANES*COUNT-1:0] counts;
  reg  [LANES*DATA-1:0]  scan_data;
  reg  [LANES-1:0]       scan_mask;
  integer                k;
  always @* begin
    for (k = 0; k < LANES; k = k + 1) begin
      case (source)
        2'd0: scan_data[k*DATA +: DATA] = {{(DATA-1){1'b0}}, spikes[k]};
        2'd1: scan_data[k*DATA +: DATA] = {{(DATA-8){1'b0}}, input_row[k*8 +: 8]};
        default: scan_data[k*DATA +: DATA] = {{(DATA-COUNT){1'b0}}, counts[k*COUNT +: COUNT]};
      endcase
      scan_mask[k] = |scan_data[k*DATA +: DATA];
    end
  end

  wire                    event_valid, event_ready, event_begins;
  wire [15:0]             event_index;
  wire signed [VALUE-1:0] event_value;

  spidec_scanner #(.LANES(LANES), .LOG(LOG), .DATA(DATA), .VALUE(VALUE)) u_scanner (
      .clk_i     (clk_i),
      .rst_i     (unit_rst),
      .start_i   (scatter),
      .constant_i(source == 2'd3),
      .fixed_i   (source == 2'd0 || source == 2'd3),
      .value_i   (value),
      .base_i    (instruction[47:32]),
      .words_i   (instruction[63:48]),
      .read_o    (scan_read),
      .addr_o    (scan_addr),
      .mask_i    (scan_mask),
      .data_i    (scan_data),
      .busy_o    (scanner_busy),
      .event_o   (event_valid),
      .index_o   (event_index),
      .value_o   (event_value),
      .ready_i   (event_ready)
  );

  // slots; the operations of slots are those of passes, less one: scatter, clear, latch, fire
  wire                    slot, slot_last;
  wire [1:0]              slot_op;
  wire [23:0]             slot_addr;
  wire [15:0]             slot_chunk;
  wire signed [VALUE-1:0] slot_value;
  wire [1:0]              op_less_one = op[1:0] - 2'd1;

  spidec_issue #(.VALUE(VALUE)) u_issue (
      .clk_i    (clk_i),
      .rst_i    (unit_rst),
      .pass_i   (pass),
      .op_i     (op_less_one),
      .weights_i(instruction[119:96]),
      .chunk_i  (instruction[79:64]),
      .chunks_i (instruction[95:80]),
      .event_i  (event_valid),
      .index_i  (event_index),
      .value_i  (event_value),
      .ready_o  (event_ready),
      .busy_o   (issue_busy),
      .slot_o   (slot),
      .op_o     (slot_op),
      .last_o   (slot_last),
      .addr_o   (slot_addr),
      .chunk_o  (slot_chunk),
      .value_o  (slot_value),
      .begin_o  (event_begins)
  );

  // reading and writing single elements: the readout while a sample runs, the host otherwise
  wire            readout_read, host_read, aux_read;
  wire [LOG-1:0]  readout_lane, host_lane;
  wire [15:0]     readout_chunk;
  wire [2:0]      host_memory;
  wire [3:0]      array_write;
  wire [23:0]     host_offset;
  wire [31:0]     logit, element;
  assign aux_read = running_o ? readout_read : host_read;

  wire [LANES-1:0] saturated;

  spidec_array #(
      .LANES(LANES), .LOG(LOG), .WEIGHT(WEIGHT), .MEMBRANE(MEMBRANE), .ACC(ACC), .VALUE(VALUE),
      .COUNT(COUNT), .SHIFT(SHIFT), .WEIGHTS(WEIGHTS), .CHUNKS(CHUNKS), .IMAGES(IMAGES)
  ) u_array (
      .clk_i            (clk_i),
      .rst_i            (unit_rst),
      .threshold_i      (threshold),
      .reset_i          (reset),
      .slot_i           (slot),
      .op_i             (slot_op),
      .addr_i           (slot_addr),
      .chunk_i          (slot_chunk),
      .value_i          (slot_value),
      .busy_o           (array_busy),
      .scan_counts_i    (running_o && op == 4'd1 && source == 2'd2),
      .scan_read_i      (scan_read),
      .scan_addr_i      (scan_addr),
      .spikes_o         (spikes),
      .counts_o         (counts),
      .aux_read_i       (aux_read),
      .aux_memory_i     (running_o ? 3'd1 : host_memory),
      .aux_lane_i       (running_o ? readout_lane : host_lane),
      .aux_chunk_i      (running_o ? readout_chunk : host_offset[15:0]),
      .aux_state_o      (logit),
      .aux_data_o       (element),
      .host_read_i      (host_read),
      .host_write_i     (array_write),
      .host_lane_i      (host_lane),
      .host_addr_i      (host_offset),
      .host_data_i      (host_wdata_i),
      .fired_o          (trace_valid_o),
      .fired_chunk_o    (trace_chunk_o),
      .fired_spikes_o   (trace_spikes_o),
      .fired_saturated_o(saturated),
      .fired_state_o    (trace_state_o)
  );

  wire [15:0] prediction;
  spidec_readout #(.LOG(LOG)) u_readout (
      .clk_i       (clk_i),
      .rst_i       (unit_rst),
      .start_i     (argmax),
      .chunk_i     (instruction[79:64]),
      .classes_i   (instruction[95:80]),
      .busy_o      (readout_busy),
      .read_o      (readout_read),
      .lane_o      (readout_lane),
      .chunk_o     (readout_chunk),
      .logit_i     (logit),
      .prediction_o(prediction)
  );

  wire [2:0]  counter;
  wire [31:0] count;
  spidec_counters #(.LANES(LANES)) u_counters (
      .clk_i      (clk_i),
      .clear_i    (start || rst_i),
      .running_i  (running_o),
      .stage_i    (stage),
      .event_i    (event_begins),
      .scatter_i  (slot && slot_op == 2'd0),
      .real_i     (slot_last ? real_lanes : ALL_LANES),
      .fired_i    (trace_valid_o),
      .spikes_i   (trace_spikes_o),
      .saturated_i(saturated),
      .select_i   (counter),
      .count_o    (count)
  );

  spidec_host #(.LANES(LANES), .LOG(LOG), .MACHINE(32'h<: machine_id :>), .DESIGN(DESIGN)) u_host (
      .clk_i          (clk_i),
      .rst_i          (rst_i),
      .req_i          (host_req_i),
      .write_i        (host_write_i),
      .addr_i         (host_addr_i),
      .wdata_i        (host_wdata_i),
      .ack_o          (host_ack_o),
      .rdata_o        (host_rdata_o),
      .start_o        (start),
      .done_o         (done_o),
      .limit_o        (limit),
      .running_i      (running_o),
      .error_i        (error_o),
      .error_code_i   (error_code),
      .prediction_i   (prediction),
      .counter_o      (counter),
      .count_i        (count),
      .program_write_o(program_write),
      .input_write_o  (input_write),
      .row_o          (row),
      .instruction_o  (host_instruction),
      .values_o       (host_values),
      .array_write_o  (array_write),
      .array_read_o   (host_read),
      .array_memory_o (host_memory),
      .array_lane_o   (host_lane),
      .array_addr_o   (host_offset),
      .array_data_i   (element)
  );
endmodule
