// <: network :>: top level for synthesis. Memories start with the files in images/, so it runs from reset; tools
// look for these from the folder they run in: run them in the project's. The host port gives it inputs and can
// change everything.<% if learning %> A training starts with the seed, number
// of samples and learning constants given here; manifest.json has the constants of later epochs.<% endif %>
//
// Design <: design :>, from <: network :>.fsnn:
<% for line in map %>//   <: line :>
<% endfor %>module spidec_top (
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
    output wire        error_o             // bit 2 of the host port's status register
);
  spidec_core #(
      .IMAGES(1), .DESIGN(64'h<: design :>)<% if learning %>,
      .SEED(64'h<: seed :>), .SAMPLES(64'h<: samples :>)<% endif %>
  ) u_core (
      .clk_i         (clk_i),
      .rst_i         (rst_i),
      .host_req_i    (host_req_i),
      .host_write_i  (host_write_i),
      .host_addr_i   (host_addr_i),
      .host_wdata_i  (host_wdata_i),
      .host_ack_o    (host_ack_o),
      .host_rdata_o  (host_rdata_o),
      .running_o     (running_o),
      .done_o        (done_o),
      .error_o       (error_o),
      .trace_valid_o (),
      .trace_cycle_o (),
      .trace_chunk_o (),
      .trace_spikes_o(),
<% if learning %>      .trace_negative_o(),
<% endif %>      .trace_state_o ()
  );
endmodule
