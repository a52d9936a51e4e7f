// Sequencer: fetches instructions and starts the unit that does each; the next one is fetched while
// a unit works.
//
// Instruction, 128 bits:
//   [3:0]    op: 0 end, 1 scatter, 2 clear, 3 latch, 4 fire, 5 set, 6 loop, 7 argmax
//   [5:4]    stage whose cycles are counted: 0 input, 1 forward, 2 readout
//   [7:6]    scatter's source: 0 spikes, 1 input, 2 counts, 3 constant
//   [8]      not done in the first step
//   [14:9]   real lanes of the last chunk
//   [31:16]  value of spikes and constants; register (set); target (loop)
//   [47:32]  source's first word
//   [63:48]  source's words
//   [79:64]  destination's first chunk
//   [95:80]  destination's chunks; classes (argmax)
//   [127:96] weight address; value (set); steps (loop)
// Registers of `set`: 0 threshold, 1 reset.
module spidec_sequencer #(
    parameter ACC = 32
) (
    input  wire                  clk_i,
    input  wire                  rst_i,
    input  wire                  start_i,
    // program memory, answers in the next cycle
    output wire [15:0]           pc_o,
    input  wire [127:0]          program_i,
    // units
    output reg  [127:0]          instruction_o,  // stable while a unit works
    output wire                  scatter_o,      // start a scatter
    output wire                  pass_o,         // start a pass
    output wire                  argmax_o,       // start the readout's argmax
    input  wire                  scanner_busy_i,
    input  wire                  issue_busy_i,
    input  wire                  array_busy_i,
    input  wire                  readout_busy_i,
    output reg  signed [ACC-1:0] threshold_o,
    output reg  signed [ACC-1:0] reset_o,
    // status
    output wire                  running_o,
    output reg  [31:0]           cycle_o,        // since the start
    input  wire [31:0]           limit_i,        // watchdog: most cycles a sample; 0: no limit
    output reg                   error_o,
    output reg  [7:0]            error_code_o,   // 1 scanner, 2 issue, 3 array, 4 readout,
                                                 // 5 sequencer, 6 unknown instruction
    output wire                  flush_o         // stop the units
);
  localparam [2:0] IDLE = 3'd0, FETCH = 3'd1, DECODE = 3'd2, START = 3'd3, WAIT = 3'd4;
  localparam [3:0] END = 4'd0, SCATTER = 4'd1, CLEAR = 4'd2, LATCH = 4'd3, FIRE = 4'd4,
                   SET = 4'd5, LOOP = 4'd6, ARGMAX = 4'd7;

  reg [2:0]  state_q;
  reg [15:0] pc_q;
  reg [15:0] step_q;

  wire [3:0]  op      = instruction_o[3:0];
  wire [15:0] value   = instruction_o[31:16];
  wire        skipped = instruction_o[8] && step_q == 16'd0;
  wire        again   = {16'd0, step_q} + 32'd1 < instruction_o[127:96];
  wire        starting = (state_q == START);
  wire        busy    = scanner_busy_i || issue_busy_i || array_busy_i || readout_busy_i;
  wire        late    = running_o && limit_i != 32'd0 && cycle_o >= limit_i;

  assign pc_o      = pc_q;
  assign running_o = (state_q != IDLE);
  assign scatter_o = starting && op == SCATTER && !skipped;
  assign pass_o    = starting && (op == CLEAR || op == LATCH || op == FIRE);
  assign argmax_o  = starting && op == ARGMAX;
  assign flush_o   = late;

  always @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= IDLE;
      error_o      <= 1'b0;
      error_code_o <= 8'd0;
    end else begin
      cycle_o <= cycle_o + 32'd1;
      case (state_q)
        IDLE: if (start_i) begin
          state_q       <= FETCH;
          pc_q          <= 16'd0;
          step_q        <= 16'd0;
          cycle_o       <= 32'd0;
          instruction_o <= 128'd0;
          error_o       <= 1'b0;
          error_code_o  <= 8'd0;
        end
        FETCH: state_q <= DECODE;
        DECODE: begin
          instruction_o <= program_i;
          pc_q          <= pc_q + 16'd1;
          state_q       <= START;
        end
        START: begin
          state_q <= WAIT;
          case (op)
            END:     state_q <= IDLE;
            SCATTER: if (skipped) state_q <= DECODE;
            CLEAR, LATCH, FIRE, ARGMAX: ;
            SET: begin
              state_q <= DECODE;
              if (value[0]) reset_o <= instruction_o[96 +: ACC];
              else threshold_o <= instruction_o[96 +: ACC];
            end
            LOOP: if (again) begin
              step_q  <= step_q + 16'd1;
              pc_q    <= value;
              state_q <= FETCH;
            end else begin
              step_q  <= 16'd0;
              state_q <= DECODE;
            end
            default: begin
              state_q      <= IDLE;
              error_o      <= 1'b1;
              error_code_o <= 8'd6;
            end
          endcase
        end
        default: if (!busy) begin // WAIT
          instruction_o <= program_i;
          pc_q          <= pc_q + 16'd1;
          state_q       <= START;
        end
      endcase
      if (late) begin
        state_q      <= IDLE;
        error_o      <= 1'b1;
        error_code_o <= scanner_busy_i ? 8'd1 : issue_busy_i ? 8'd2 : array_busy_i ? 8'd3 :
                        readout_busy_i ? 8'd4 : 8'd5;
      end
    end
  end
endmodule
