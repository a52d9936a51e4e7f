//! The clock constraint. Frequency and pins are the board's, so there is no more to say here.

/// Where it lies.
pub(super) const PATH: &str = "constraints/spidec_top.sdc";

/// An example, in nanoseconds: the board decides.
const PERIOD: u32 = 20;

/// The clock, for tools that read SDC.
pub(super) fn clock() -> String {
    let frequency = 1000 / PERIOD;
    format!(
        "# The one clock of spidec_top. The period is an example, in nanoseconds: set your board's.\n\
         # Vivado takes the same line from an .xdc; nextpnr-ecp5 takes it from an .lpf, as\n\
         #   FREQUENCY PORT \"clk_i\" {frequency} MHZ;\n\
         create_clock -name clk_i -period {PERIOD}.000 [get_ports clk_i]\n"
    )
}
