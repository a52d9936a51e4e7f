//! spidec's compiler: .fsnn files to array programs and Verilog projects.
//!
//! * [`syntax`]: text to a tree that remembers where everything stands;
//! * [`check`]: the tree to a [`spidec_ir::Network`], or all that is wrong with it;
//! * [`lower`]: the network to an ArrayProgram;
//! * [`emit`]: the program to a Verilog project;
//! * [`mod@format`]: the same text, in columns;
//! * [`diagnostics`]: the one table of codes, and how a finding is shown;
//! * [`explain`]: an example of each.

pub mod check;
pub mod diagnostics;
pub mod emit;
pub mod explain;
pub mod format;
pub mod lower;
pub mod syntax;
