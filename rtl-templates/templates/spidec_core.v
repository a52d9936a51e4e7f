// The core: array, sequencer and host port. <: lanes :> lanes, weights of <: weight_bits :> bits, membranes of
// <: membrane_bits :> bits<% if learning %>; it trains itself<% endif %>. Networks, sizes, thresholds and weights are data: program and weight memory.
//
// One clock, synchronous active-high reset, no vendor primitives. `trace_*` shows each chunk as it
// leaves its pass; leave it open in hardware. Machine <: machine_id :>.
module spidec_core #(
    parameter        IMAGES = 0,       // 1: memories start with the files in images/
    parameter [63:0] DESIGN = 64'd0<% if learning %>,   // hash of the design in those files, 0 without them
    parameter [63:0] SEED   = 64'd0,   // of the rounding noise, after a reset
    parameter [63:0] SAMPLES = 64'd0   // trained before, after a reset
<% else %>    // hash of the design in those files, 0 without them
<% endif %>) (
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
    output wire        error_o,            // bit 2 of the host port's status register
    // trace
    output wire        trace_valid_o,
    output wire [31:0] trace_cycle_o,      // since the start of the sample
    output wire [15:0] trace_chunk_o,
    output wire [<: lanes :>-1:0] trace_spikes_o,
<% if learning %>    output wire [<: lanes :>-1:0] trace_negative_o,
<% endif %>    output wire [<: lanes :>*<: acc :>-1:0] trace_state_o
);
  localparam LANES    = <: lanes :>;
  localparam LOG      = <: log :>;
  localparam WEIGHT   = <: weight_bits :>;
  localparam OPERAND  = <: operand :>;       // what a lane multiplies an event's value by
  localparam MEMBRANE = <: membrane_bits :>;
  localparam ACC      = <: acc :>;       // accumulator: holds one step's worst case
  localparam SUM      = <: sum :>;       // a sum before it is rounded
  localparam VALUE    = 18;       // an event's value, signed
  localparam COUNT    = <: count :>;        // a spike count
<% if learning %>  localparam ERROR    = <: error :>;       // a count of the backward stage, or a class's error
  localparam LAYERS   = <: layers :>;        // learning constants
<% endif %>  localparam DATA     = <: data :>;        // a scanned integer, signed
  localparam BLOCKS   = <: blocks :>;     // of LANES x LANES weights
  localparam CHUNKS   = <: chunks :>;       // chunks of states, currents, counts, spikes
  localparam INPUTS   = <: inputs :>;       // rows of the input memory
  localparam PROGRAM  = <: program :>;       // instructions

  // sequencer and its instruction
  wire [15:0]           pc;
  wire [14:0]           step;
  wire [159:0]          program_row, instruction;
  wire                  scan, pass, argmax, flush;
  wire                  scanner_busy, issue_busy, array_busy, readout_busy;
  wire signed [ACC-1:0] threshold, reset, most_less, least_less;
  wire [4:0]            shift;
  wire [SUM-1:0]        half;
  wire                  start;
  wire [31:0]           limit;
  wire                  failed;
  wire [7:0]            error_code;
  wire                  unit_rst = rst_i || flush;
<% if learning %>  wire                  loss, layer, loss_busy, noise_busy, training, no_error, loud, trained;
  wire [22:0]           constant;
  wire signed [ACC-1:0] minus, most_plus, least_plus;
  wire [31:0]           mask, quiet, unit, one;
  wire [17:0]           mantissa;
  wire [COUNT-1:0]      steps;
<% endif %>
  wire [3:0]  op         = instruction[3:0];
  wire [2:0]  stage      = instruction[6:4];
  wire [2:0]  source     = instruction[9:7];
<% if learning %>  wire        row        = instruction[11];
  wire        learn      = running_o && op == 4'd12;
  wire        learn_one  = learn && instruction[13:12] == 2'd3;
  wire [17:0] learned_one = {2'd0, instruction[47:32]};
  wire        unused     = &{1'b0, learned_one};
<% endif %>  wire [5:0]  real_lanes = instruction[17:12];
  wire        hold       = instruction[18];
  wire [13:0] stride     = instruction[63:50];
  wire        scatter    = (op == 4'd1);

  spidec_sequencer #(
      .MEMBRANE(MEMBRANE), .ACC(ACC), .SUM(SUM)<% if learning %>, .COUNT(COUNT)<% endif %>
  ) u_sequencer (
      .clk_i         (clk_i),
      .rst_i         (rst_i),
      .start_i       (start),
      .pc_o          (pc),
      .program_i     (program_row),
      .instruction_o (instruction),
      .scan_o        (scan),
      .pass_o        (pass),
      .argmax_o      (argmax),
<% if learning %>      .loss_o        (loss),
      .layer_o       (layer),
<% endif %>      .scanner_busy_i(scanner_busy),
      .issue_busy_i  (issue_busy),
      .array_busy_i  (array_busy),
      .readout_busy_i(readout_busy),
<% if learning %>      .loss_busy_i   (loss_busy),
      .noise_busy_i  (noise_busy),
      .training_i    (training),
      .no_error_i    (no_error),
      .loud_i        (loud),
      .constant_i    (constant),
<% endif %>      .threshold_o   (threshold),
      .reset_o       (reset),
      .most_less_o   (most_less),
      .least_less_o  (least_less),
      .shift_o       (shift),
      .half_o        (half),
<% if learning %>      .minus_o       (minus),
      .most_plus_o   (most_plus),
      .least_plus_o  (least_plus),
      .mask_o        (mask),
      .mantissa_o    (mantissa),
      .steps_o       (steps),
      .quiet_o       (quiet),
      .unit_o        (unit),
      .one_o         (one),
<% endif %>      .running_o     (running_o),
<% if learning %>      .trained_o     (trained),
<% endif %>      .step_o        (step),
      .cycle_o       (trace_cycle_o),
      .limit_i       (limit),
      .error_o       (failed),
      .error_code_o  (error_code),
      .flush_o       (flush)
  );

  // program and input memory<% if learning %>, learning constants<% endif %>
  wire               program_write, input_write, host_read;
  wire [15:0]        host_row;
  wire [31:0]        host_word;
  wire [159:0]       host_instruction;
  wire [LANES*8-1:0] host_values, input_row;
  wire               scan_read;
  wire [15:0]        scan_addr;

  spidec_ram #(
      .WIDTH(160), .DEPTH(PROGRAM), .ADDR(16), .INIT(IMAGES != 0 ? "images/program.hex" : "")
  ) u_program (
      .clk_i       (clk_i),
      .write_i     (program_write),
      .write_addr_i(host_row),
      .write_data_i(host_instruction),
      .read_i      (running_o),
      .read_addr_i (pc),
      .read_data_o (program_row)
  );
<% if learning %>
  wire        constant_write, source_read;
  wire [15:0] source_chunk;
  spidec_ram #(
      .WIDTH(23), .DEPTH(LAYERS), .ADDR(16), .INIT(IMAGES != 0 ? "images/constants.hex" : "")
  ) u_constants (
      .clk_i       (clk_i),
      .write_i     (constant_write),
      .write_addr_i(host_row),
      .write_data_i(host_word[22:0]),
      .read_i      (layer || host_read),
      .read_addr_i (layer ? instruction[27:12] : host_row),
      .read_data_o (constant)
  );
<% endif %>
  spidec_ram #(.WIDTH(LANES*8), .DEPTH(INPUTS), .ADDR(16)) u_input (
      .clk_i       (clk_i),
      .write_i     (input_write),
      .write_addr_i(host_row),
      .write_data_i(host_values),
<% if learning %>      .read_i      (scan_read || source_read),
      .read_addr_i (source_read ? source_chunk : scan_addr),
<% else %>      .read_i      (scan_read),
      .read_addr_i (scan_addr),
<% endif %>      .read_data_o (input_row)
  );

  // scanner: its word is of spikes, input values<% if learning %>, counts or errors<% else %> or counts<% endif %>
  wire [LANES-1:0]       events, held, spikes;
  wire [LANES*COUNT-1:0] counts;
<% if learning %>  wire [LANES*ERROR-1:0] errors;
<% endif %>  reg  [LANES*DATA-1:0]  scan_data;
  reg  [LANES-1:0]       scan_mask;
  integer                k;
  always @* begin
    for (k = 0; k < LANES; k = k + 1) begin
      case (source)
        3'd0: scan_data[k*DATA +: DATA] = {{(DATA-1){!spikes[k]}}, 1'b1};
        3'd1: scan_data[k*DATA +: DATA] = {{(DATA-8){1'b0}}, input_row[k*8 +: 8]};
<% if learning %>        3'd4: scan_data[k*DATA +: DATA] = {{(DATA-ERROR){errors[k*ERROR+ERROR-1]}}, errors[k*ERROR +: ERROR]};
<% endif %>        default: scan_data[k*DATA +: DATA] = {{(DATA-COUNT){1'b0}}, counts[k*COUNT +: COUNT]};
      endcase
      case (source)
        3'd0: scan_mask[k] = events[k];
        3'd1: scan_mask[k] = |input_row[k*8 +: 8];
<% if learning %>        3'd4: scan_mask[k] = |errors[k*ERROR +: ERROR];
<% endif %>        default: scan_mask[k] = |counts[k*COUNT +: COUNT];
      endcase
    end
  end

  // Whom the count<% if learning %> and error memories answer<% else %> memory answers<% endif %>; known before the first word is read.
  reg scan_counts;
<% if learning %>  reg scan_errors;
<% endif %>  always @(posedge clk_i) begin
    scan_counts <= running_o && scatter && source == 3'd2;
<% if learning %>    scan_errors <= running_o && source == 3'd4 && (scatter || learn);
<% endif %>  end

  wire                   event_valid, event_ready, event_begins, event_held;
  wire [15:0]            event_index;
  wire signed [DATA-1:0] event_data;

  spidec_scanner #(.LANES(LANES), .LOG(LOG), .DATA(DATA)) u_scanner (
      .clk_i     (clk_i),
      .rst_i     (unit_rst),
      .start_i   (scan),
      .constant_i(source == 3'd3),
      .base_i    (instruction[79:64]),
      .words_i   (instruction[95:80]),
      .read_o    (scan_read),
      .addr_o    (scan_addr),
      .mask_i    (scan_mask),
      .held_i    (hold ? ~(spikes & ~held) : {LANES{1'b0}}),
      .data_i    (scan_data),
      .busy_o    (scanner_busy),
      .event_o   (event_valid),
      .index_o   (event_index),
      .held_o    (event_held),
      .data_o    (event_data),
      .ready_i   (event_ready)
  );

  // slots; the work of slots: 0 scatter, 1 clear, 2 latch, 3 fire<% if learning %>, 4 couple, 5 learn<% endif %>
  wire                    slot, slot_last, slot_held, slot_waits;
  wire [2:0]              slot_op;
  wire [23-LOG:0]         slot_block;
  wire [LOG-1:0]          slot_index;
  wire [15:0]             slot_chunk;
  wire signed [VALUE-1:0] slot_value;
  reg  [2:0]              work;
  always @* begin
    case (op)
      4'd2:    work = 3'd1;
      4'd3:    work = 3'd2;
      4'd4:    work = 3'd3;
<% if learning %>      4'd9:    work = 3'd4;
      4'd12:   work = 3'd5;
<% endif %>      default: work = 3'd0;
    endcase
  end

  spidec_issue #(.LOG(LOG), .DATA(DATA), .VALUE(VALUE)) u_issue (
      .clk_i    (clk_i),
      .rst_i    (unit_rst),
      .pass_i   (pass),
      .op_i     (work),
      .adds_i   (scatter),
<% if learning %>      .factor_i (learn ? mantissa : instruction[49:32]),
<% else %>      .factor_i (instruction[49:32]),
<% endif %>      .weights_i(instruction[128 +: 24-LOG]),
<% if learning %>      .across_i (row ? 14'd1 : stride),
      .along_i  (row ? stride : 14'd1),
<% else %>      .across_i (stride),
      .along_i  (14'd1),
<% endif %>      .chunk_i  (instruction[111:96]),
      .chunks_i (instruction[127:112]),
      .event_i  (event_valid),
      .index_i  (event_index),
      .held_i   (event_held),
      .data_i   (event_data),
      .ready_o  (event_ready),
      .busy_o   (issue_busy),
      .slot_o   (slot),
      .op_o     (slot_op),
      .last_o   (slot_last),
      .held_o   (slot_held),
      .block_o  (slot_block),
      .index_o  (slot_index),
      .chunk_o  (slot_chunk),
      .value_o  (slot_value),
      .begin_o  (event_begins),
      .wait_o   (slot_waits)
  );
<% if learning %>
  wire [63:0] seed, sample;
  wire [31:0] slot_noise;
  spidec_noise #(.LOG(LOG)) u_noise (
      .clk_i   (clk_i),
      .rst_i   (unit_rst),
      .start_i (layer),
      .layer_i ({16'd0, instruction[27:12]}),
      .seed_i  (seed),
      .sample_i(sample),
      .busy_o  (noise_busy),
      .take_i  (event_valid && event_ready),
      .index_i (event_index),
      .begin_i (event_begins),
      .first_i (learn_one ? instruction[63:48] : 16'd0),
      .noise_o (slot_noise)
  );
<% endif %>
  // reading and writing single elements: readout<% if learning %> and loss<% endif %> while a sample runs, the host otherwise
  wire            readout_read;
  wire [LOG-1:0]  readout_lane, host_lane;
  wire [15:0]     readout_chunk;
  wire [2:0]      host_memory;
  wire [4:0]      host_elements;
  wire [23:0]     host_element_row;
  wire [31:0]     logit, element, largest;
  wire [15:0]     prediction;
<% if learning %>  wire             loss_read, loss_write, loss_clamped;
  wire [LOG-1:0]   loss_lane;
  wire [15:0]      loss_chunk, loss_class, label;
  wire [ERROR-1:0] loss_error;

  spidec_loss #(.LOG(LOG), .ERROR(ERROR), .CLASSES(<: classes :>)) u_loss (
      .clk_i    (clk_i),
      .rst_i    (unit_rst),
      .start_i  (loss),
      .squared_i(instruction[12]),
      .chunk_i  (instruction[111:96]),
      .classes_i(instruction[127:112]),
      .frac_i   (instruction[36:32]),
      .bits_i   (instruction[41:37]),
      .unit_i   (unit),
      .one_i    (one),
      .label_i  (label),
      .largest_i(largest),
      .busy_o   (loss_busy),
      .none_o   (no_error),
      .read_o   (loss_read),
      .lane_o   (loss_lane),
      .chunk_o  (loss_chunk),
      .logit_i  (logit),
      .write_o  (loss_write),
      .error_o  (loss_error),
      .clamped_o(loss_clamped),
      .class_o  (loss_class)
  );

  wire aux_read = readout_read || loss_read || host_read;
  wire [LOG-1:0] aux_lane  = loss_busy ? loss_lane : running_o ? readout_lane : host_lane;
  wire [15:0]    aux_chunk = loss_busy ? loss_chunk : running_o ? readout_chunk : host_element_row[15:0];
  wire [4:0]     elements  = {host_elements[4] || loss_write, host_elements[3:0]};
  wire [23:0]    element_row  = loss_busy ? {8'd0, loss_chunk} : host_element_row;
  wire [LOG-1:0] element_lane = loss_busy ? loss_lane : host_lane;
  wire [31:0]    element_data = loss_busy ? {{(32-ERROR){1'b0}}, loss_error} : host_word;
<% else %>  wire aux_read = readout_read || host_read;
  wire [LOG-1:0] aux_lane  = running_o ? readout_lane : host_lane;
  wire [15:0]    aux_chunk = running_o ? readout_chunk : host_element_row[15:0];
  wire [4:0]     elements  = host_elements;
  wire [23:0]    element_row  = host_element_row;
  wire [LOG-1:0] element_lane = host_lane;
  wire [31:0]    element_data = host_word;
<% endif %>
  wire [LANES-1:0] saturated;
<% if learning %>  wire             learned, updated;
  wire [LANES-1:0] learned_lanes, updated_clamped;
  wire [23:0]      updated_row;
<% endif %>
  spidec_array #(
      .LANES(LANES), .LOG(LOG), .WEIGHT(WEIGHT), .OPERAND(OPERAND), .VALUE(VALUE),
      .MEMBRANE(MEMBRANE), .ACC(ACC), .SUM(SUM), .COUNT(COUNT),<% if learning %> .ERROR(ERROR),<% endif %>
      .BLOCKS(BLOCKS), .CHUNKS(CHUNKS), .IMAGES(IMAGES)
  ) u_array (
      .clk_i            (clk_i),
      .rst_i            (unit_rst),
      .threshold_i      (threshold),
      .reset_i          (reset),
      .most_less_i      (most_less),
      .least_less_i     (least_less),
      .shift_i          (shift),
      .half_i           (half),
      .cleared_i        (instruction[16:12]),
      .hold_i           (hold),
<% if learning %>      .minus_i          (minus),
      .most_plus_i      (most_plus),
      .least_plus_i     (least_plus),
      .steps_i          (steps),
      .quiet_i          (quiet),
      .mask_i           (mask),
      .nearest_i        (!instruction[15]),
      .row_i            (row),
      .learn_i          (learn),
      .learn_source_i   (instruction[13:12]),
      .one_i            (learned_one[OPERAND-1:0]),
<% endif %>      .slot_i           (slot),
      .op_i             (slot_op),
      .held_i           (slot_held),
      .block_i          (slot_block),
      .index_i          (slot_index),
      .chunk_i          (slot_chunk),
      .value_i          (slot_value),
<% if learning %>      .noise_i          (slot_noise),
<% endif %>      .busy_o           (array_busy),
<% if learning %>      .source_read_o    (source_read),
      .source_chunk_o   (source_chunk),
      .input_i          (input_row),
      .learned_o        (learned),
      .learned_lanes_o  (learned_lanes),
<% endif %>      .scan_counts_i    (scan_counts),
<% if learning %>      .scan_errors_i    (scan_errors),
<% endif %>      .scan_read_i      (scan_read),
      .scan_addr_i      (scan_addr),
      .events_o         (events),
      .held_o           (held),
      .spikes_o         (spikes),
      .counts_o         (counts),
<% if learning %>      .errors_o         (errors),
<% endif %>      .aux_read_i       (aux_read),
      .aux_memory_i     (running_o ? 3'd1 : host_memory),
      .aux_lane_i       (aux_lane),
      .aux_chunk_i      (aux_chunk),
      .aux_state_o      (logit),
      .aux_data_o       (element),
      .host_read_row_i  (host_element_row),
      .host_write_i     (elements),
      .host_lane_i      (element_lane),
      .host_row_i       (element_row),
      .host_data_i      (element_data),
      .fired_o          (trace_valid_o),
      .fired_chunk_o    (trace_chunk_o),
      .fired_spikes_o   (trace_spikes_o),
<% if learning %>      .fired_negative_o (trace_negative_o),
<% endif %>      .fired_saturated_o(saturated),
      .fired_state_o    (trace_state_o)<% if learning %>,
      .loud_o           (loud),
      .updated_o        (updated),
      .updated_row_o    (updated_row),
      .updated_clamped_o(updated_clamped)<% endif %>
  );

  spidec_readout #(.LOG(LOG)) u_readout (
      .clk_i       (clk_i),
      .rst_i       (unit_rst),
      .start_i     (argmax),
      .chunk_i     (instruction[111:96]),
      .classes_i   (instruction[127:112]),
      .busy_o      (readout_busy),
      .read_o      (readout_read),
      .lane_o      (readout_lane),
      .chunk_o     (readout_chunk),
      .logit_i     (logit),
      .largest_o   (largest),
      .prediction_o(prediction)
  );
<% if !learning %>  wire unused = &{1'b0, largest};
<% endif %>
  wire [5:0]       counter;
  wire [31:0]      count;
  reg  [LANES-1:0] first_lanes;    // of the instruction; there before its first slot
  always @(posedge clk_i) first_lanes <= ~({LANES{1'b1}} << real_lanes);
  spidec_counters #(.LANES(LANES), .STAGES(<: stages :>)) u_counters (
      .clk_i        (clk_i),
      .clear_i      (start || rst_i),
      .running_i    (running_o),
      .stage_i      (stage),
      .step_i       (step),
      .event_i      (event_begins),
      .slot_i       (slot && (slot_op == 3'd0<% if learning %> || slot_op == 3'd5<% endif %>)),
      .wait_i       (slot_waits),
      .pass_i       (slot && slot_op != 3'd0<% if learning %> && slot_op != 3'd5<% endif %>),
<% if learning %>      .real_i       (learned || (slot && slot_op == 3'd0)),
      .lanes_i      (learned ? learned_lanes : slot_last ? first_lanes : {LANES{1'b1}}),
<% else %>      .real_i       (slot && slot_op == 3'd0),
      .lanes_i      (slot_last ? first_lanes : {LANES{1'b1}}),
<% endif %>      .fired_i      (trace_valid_o),
      .fired_chunk_i(trace_chunk_o),
      .spikes_i     (trace_spikes_o),
      .saturated_i  (saturated),
<% if learning %>      .updated_i    (updated),
      .updated_row_i(updated_row),
      .clamped_i    (updated_clamped),
      .error_clamped_i(loss_clamped),
      .error_class_i(loss_class),
<% endif %>      .select_i     (counter),
      .count_o      (count)
  );

  spidec_host #(.LANES(LANES), .LOG(LOG), .MACHINE(32'h<: machine_id :>), .DESIGN(DESIGN)<% if learning %>, .SEED(SEED), .SAMPLES(SAMPLES)<% endif %>) u_host (
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
<% if learning %>      .training_o     (training),
      .label_o        (label),
      .seed_o         (seed),
      .sample_o       (sample),
      .trained_i      (trained),
<% endif %>      .running_i      (running_o),
      .error_o        (error_o),
      .error_i        (failed),
      .error_code_i   (error_code),
      .prediction_i   (prediction),
      .counter_o      (counter),
      .count_i        (count),
      .program_write_o(program_write),
      .input_write_o  (input_write),
<% if learning %>      .constant_write_o(constant_write),
<% endif %>      .row_o          (host_row),
      .word_o         (host_word),
      .instruction_o  (host_instruction),
      .values_o       (host_values),
      .array_write_o  (host_elements),
      .array_read_o   (host_read),
      .array_memory_o (host_memory),
      .array_lane_o   (host_lane),
      .array_row_o    (host_element_row),
<% if learning %>      .constant_i     (constant),
<% endif %>      .array_data_i   (element)
  );
endmodule
