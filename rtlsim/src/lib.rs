//! Builds a Verilog project with an external simulator, loads it and drives it.
