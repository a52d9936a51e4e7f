// Memory with one read port and one write port on one clock; reads are registered.
//
// Contract: an address is never read and written in the same cycle, so any kind of block or
// distributed memory serves. `INIT` names a $readmemh image; empty: contents are loaded by the host.
module spidec_ram #(
    parameter WIDTH = 8,
    parameter DEPTH = 16,
    parameter ADDR  = 16,
    parameter INIT  = ""
) (
    input  wire             clk_i,
    input  wire             write_i,
    input  wire [ADDR-1:0]  write_addr_i,
    input  wire [WIDTH-1:0] write_data_i,
    input  wire             read_i,
    input  wire [ADDR-1:0]  read_addr_i,
    output reg  [WIDTH-1:0] read_data_o
);
  localparam BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;

  (* no_rw_check *)
  reg [WIDTH-1:0] mem [0:DEPTH-1];

  initial begin
    if (INIT != "") $readmemh(INIT, mem);
  end

  always @(posedge clk_i) begin
    if (write_i) mem[write_addr_i[BITS-1:0]] <= write_data_i;
    if (read_i) read_data_o <= mem[read_addr_i[BITS-1:0]];
  end
endmodule
