//! spidec's compiler: .fsnn files to array programs and Verilog projects.
