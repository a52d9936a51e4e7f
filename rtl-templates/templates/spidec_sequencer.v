// Sequencer: fetches instructions and starts the unit that does each; the next one is fetched while
// a unit works.
//
// Instruction, 160 bits:
//   [3:0]     op: 0 end, 1 scatter, 2 clear, 3 latch, 4 fire, 5 set, 6 loop, 7 argmax<% if learning %>, 8 branch,
//             9 couple, 10 loss, 11 layer, 12 learn<% endif %>
//   [6:4]     stage whose cycles are counted: 0 input, 1 forward, 2 readout<% if learning %>, 3 loss, 4 backward,
//             5 learning<% endif %>
//   [9:7]     source of events: 0 spikes, 1 input, 2 counts, 3 constant<% if learning %>, 4 errors<% endif %>
//   [10]      not done in the first step
<% if learning %>//   [11]      weights by rows, not columns
<% endif %>//   [19:12]   [17:12] real lanes of the last chunk (scatter); memories from bit 12 on: states, currents, counts,
//             <% if learning %>errors<% else %>-<% endif %>, spikes (clear); register (set)<% if learning %>;
//             condition (branch); 1 for squared errors (loss); [27:12] layer (layer); [13:12] what is learned
//             from: 1 input, 2 counts, 3 one, [15] with noise (learn)<% endif %>; [18] hold bits count (scatter,
//             fire); [19] the next instruction need not wait for the last sum (scatter)
//   [63:32]   value (set); [47:32] target, [63:48] steps (loop); [49:32] factor, [63:50] blocks between
//             columns of blocks (scatter<% if learning %>, learn<% endif %>)<% if learning %>; [47:32] target (branch); [36:32] fraction,
//             [41:37] bits (loss); [47:32] what one is, [63:48] its index in the noise (learn from one)<% endif %>
//   [79:64]   first word of events
//   [95:80]   words of events
//   [111:96]  first chunk
//   [127:112] chunks; classes (argmax<% if learning %>, loss<% endif %>)
//   [159:128] block of weights
// Registers of `set`: 0 threshold, 1 reset, 2 shift<% if learning %>, 3 steps of the forward stage, 4 quiet, 5 unit, 6 one<% endif %>.
<% if learning %>// Conditions of `branch`: 0 inference, 1 no error, 2 quiet.
<% endif %>module spidec_sequencer #(
    parameter MEMBRANE = 20,
    parameter ACC      = 32,
    parameter SUM      = 34<% if learning %>,
    parameter COUNT    = 8<% endif %>
) (
    input  wire                  clk_i,
    input  wire                  rst_i,
    input  wire                  start_i,
    // program memory, answers in the next cycle
    output wire [15:0]           pc_o,
    input  wire [159:0]          program_i,
    // units
    output reg  [159:0]          instruction_o,  // stable while a unit works
    output wire                  scan_o,         // start a scatter<% if learning %> or a learn<% endif %>
    output wire                  pass_o,         // start a pass
    output wire                  argmax_o,       // start the readout's argmax
<% if learning %>    output wire                  loss_o,         // start the loss unit
    output wire                  layer_o,        // start the noise unit
<% endif %>    input  wire                  scanner_busy_i,
    input  wire                  issue_busy_i,
    input  wire                  array_busy_i,
    input  wire                  readout_busy_i,
<% if learning %>    input  wire                  loss_busy_i,
    input  wire                  noise_busy_i,
    // conditions
    input  wire                  training_i,
    input  wire                  no_error_i,
    input  wire                  loud_i,         // a latch left a gradient that counts
    // the layer's learning constant, the cycle after `layer_o`
    input  wire [22:0]           constant_i,     // [22:18] shift, [17:0] mantissa
<% endif %>    // registers
    output reg  signed [ACC-1:0] threshold_o,
    output reg  signed [ACC-1:0] reset_o,
    output reg  signed [ACC-1:0] most_less_o,    // the largest membrane less the reset,
    output reg  signed [ACC-1:0] least_less_o,   // and the least
    output reg  [4:0]            shift_o,
    output reg  [SUM-1:0]        half_o,
<% if learning %>    output reg  signed [ACC-1:0] minus_o,        // -threshold
    output reg  signed [ACC-1:0] most_plus_o,    // the largest membrane and the reset,
    output reg  signed [ACC-1:0] least_plus_o,   // and the least
    output reg  [31:0]           mask_o,         // 2^shift - 1
    output reg  [17:0]           mantissa_o,
    output reg  [COUNT-1:0]      steps_o,
    output reg  [31:0]           quiet_o,
    output reg  [31:0]           unit_o,
    output reg  [31:0]           one_o,
<% endif %>    // status
    output wire                  running_o,
<% if learning %>    output wire                  trained_o,      // a training sample ends
<% endif %>    output wire [14:0]           step_o,         // time step, from 0
    output reg  [31:0]           cycle_o,        // since the start
    input  wire [31:0]           limit_i,        // watchdog: most cycles a sample; 0: no limit
    output reg                   error_o,
    output reg  [7:0]            error_code_o,   // 1 scanner, 2 issue, 3 array, 4 readout,
                                                 // 5 sequencer, 6 unknown instruction<% if learning %>,
                                                 // 8 loss, 9 noise<% endif %>
    output reg                   flush_o         // stop the units
);
  localparam [2:0] IDLE = 3'd0, FETCH = 3'd1, DECODE = 3'd2, START = 3'd3, WAIT = 3'd4;
  localparam [3:0] END = 4'd0, SCATTER = 4'd1, CLEAR = 4'd2, LATCH = 4'd3, FIRE = 4'd4,
                   SET = 4'd5, LOOP = 4'd6, ARGMAX = 4'd7<% if learning %>, BRANCH = 4'd8, COUPLE = 4'd9,
                   LOSS = 4'd10, LAYER = 4'd11, LEARN = 4'd12<% endif %>;

  localparam signed [ACC-1:0] MAX = (1 <<< (MEMBRANE - 1)) - 1;
  localparam signed [ACC-1:0] MIN = -(1 <<< (MEMBRANE - 1));

  reg [2:0]  state_q;
  reg [15:0] pc_q;
  reg [15:0] step_q;
  reg        limited_q, late_q;   // the watchdog's limit is reached

  wire [3:0]  op       = instruction_o[3:0];
  wire [2:0]  register = instruction_o[14:12];
  wire [31:0] value    = instruction_o[63:32];
  wire [15:0] target   = instruction_o[47:32];
  reg         first_q;            // the first step
  wire        skipped  = instruction_o[10] && first_q;
  wire        again    = step_q + 16'd1 != instruction_o[63:48];
  wire        starting = (state_q == START);
  wire        passing  = (op == CLEAR || op == LATCH || op == FIRE<% if learning %> || op == COUPLE<% endif %>);
  // The next instruction waits for the last sum.
  wire        drains   = !(program_i[3:0] == SCATTER && program_i[19]);
  reg         drains_q;
  wire        busy     = scanner_busy_i || issue_busy_i || (array_busy_i && drains_q) ||
                         readout_busy_i<% if learning %> || loss_busy_i || noise_busy_i<% endif %>;
  wire        late     = late_q && running_o;

  assign pc_o      = pc_q;
  assign step_o    = step_q[14:0];
  assign running_o = (state_q != IDLE);
  assign scan_o    = starting && ((op == SCATTER && !skipped)<% if learning %> || op == LEARN<% endif %>);
  assign pass_o    = starting && passing;
  assign argmax_o  = starting && op == ARGMAX;
<% if learning %>  assign loss_o    = starting && op == LOSS;
  assign layer_o   = starting && op == LAYER;
  assign trained_o = starting && op == END && training_i;

  reg  quiet_q;          // no gradient of the last latch counts
  reg  taken;
  always @* begin
    case (instruction_o[13:12])
      2'd0:    taken = !training_i;
      2'd1:    taken = no_error_i;
      default: taken = quiet_q;
    endcase
  end

  reg loaded_q;
<% endif %>  // What follows from registers is ready a cycle later, before the first slot.
  always @(posedge clk_i) begin
    first_q <= (step_q == 16'd0);
    most_less_o  <= MAX - reset_o;
    least_less_o <= MIN - reset_o;
    half_o <= (shift_o == 5'd0) ? {SUM{1'b0}} : {{(SUM-1){1'b0}}, 1'b1} << (shift_o - 5'd1);
<% if learning %>    mask_o  <= ~(32'hffffffff << shift_o);
    minus_o <= -threshold_o;
    most_plus_o  <= MAX + reset_o;
    least_plus_o <= MIN + reset_o;
    loaded_q <= layer_o;
    if (starting && op == LATCH) quiet_q <= 1'b1;
    else if (loud_i) quiet_q <= 1'b0;
<% endif %>  end

  always @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= IDLE;
      late_q       <= 1'b0;
      flush_o      <= 1'b0;
      error_o      <= 1'b0;
      error_code_o <= 8'd0;
    end else begin
      cycle_o   <= cycle_o + 32'd1;
      limited_q <= (limit_i != 32'd0);
      late_q    <= running_o && limited_q && cycle_o >= limit_i;
      case (state_q)
        IDLE: if (start_i) begin
          state_q       <= FETCH;
          pc_q          <= 16'd0;
          step_q        <= 16'd0;
          cycle_o       <= 32'd0;
          instruction_o[9:0] <= 10'd0;   // no work, the first stage
          error_o       <= 1'b0;
          error_code_o  <= 8'd0;
        end
        FETCH: state_q <= DECODE;
        DECODE: begin
          instruction_o <= program_i;
          drains_q      <= drains;
          pc_q          <= pc_q + 16'd1;
          state_q       <= START;
        end
        START: begin
          state_q <= WAIT;
          case (op)
            END:     state_q <= IDLE;
            SCATTER: if (skipped) state_q <= DECODE;
            CLEAR, LATCH, FIRE, ARGMAX<% if learning %>, COUPLE, LOSS, LAYER, LEARN<% endif %>: ;
            SET: begin
              state_q <= DECODE;
              case (register)
                3'd0:    threshold_o <= value[ACC-1:0];
                3'd1:    reset_o     <= value[ACC-1:0];
                3'd2:    shift_o     <= value[4:0];
<% if learning %>                3'd3:    steps_o     <= value[COUNT-1:0];
                3'd4:    quiet_o     <= value;
                3'd5:    unit_o      <= value;
                3'd6:    one_o       <= value;
<% endif %>                default: begin
                  state_q      <= IDLE;
                  error_o      <= 1'b1;
                  error_code_o <= 8'd6;
                end
              endcase
            end
            LOOP: if (again) begin
              step_q  <= step_q + 16'd1;
              pc_q    <= target;
              state_q <= FETCH;
            end else begin
              step_q  <= 16'd0;
              state_q <= DECODE;
            end
<% if learning %>            BRANCH: if (taken) begin
              pc_q    <= target;
              state_q <= FETCH;
            end else begin
              state_q <= DECODE;
            end
<% endif %>            default: begin
              state_q      <= IDLE;
              error_o      <= 1'b1;
              error_code_o <= 8'd6;
            end
          endcase
        end
        default: if (!busy) begin // WAIT
          instruction_o <= program_i;
          drains_q      <= drains;
          pc_q          <= pc_q + 16'd1;
          state_q       <= START;
        end
      endcase
<% if learning %>      if (loaded_q) {shift_o, mantissa_o} <= constant_i;
<% endif %>      flush_o <= late;
      if (late) begin
        state_q      <= IDLE;
        error_o      <= 1'b1;
        error_code_o <= scanner_busy_i ? 8'd1 : issue_busy_i ? 8'd2 : array_busy_i ? 8'd3 :
                        readout_busy_i ? 8'd4 :<% if learning %> loss_busy_i ? 8'd8 : noise_busy_i ? 8'd9 :<% endif %> 8'd5;
      end
    end
  end
endmodule
