//! The Verilog templates of spidec.
