//! The bottom crate of spidec: what every other part agrees on.
//!
//! * [`fixed`]: the number contract, the one definition of arithmetic;
//! * [`random`]: seeds, sample order, initial weights and rounding noise as functions;
//! * [`network`]: what the user meant; [`print`](mod@print) writes it as canonical `.fsnn`;
//! * [`program`]: what the array executes;
//! * [`trace`]: what engines and hardware are compared by.
//!
//! Nothing here reads or writes a file, and nothing here knows a simulator.

pub mod fixed;
pub mod network;
pub mod number;
pub mod parameters;
pub mod print;
pub mod program;
pub mod random;
pub mod trace;

pub use fixed::{Format, Overflow, Rounding};
pub use network::Network;
pub use number::Number;
pub use parameters::{FixedParameters, FloatParameters, Parameters};
pub use program::ArrayProgram;
