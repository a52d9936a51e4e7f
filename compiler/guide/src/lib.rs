//! The guide to spidec, to be read: `cargo doc -p spidec-guide --open`.
//!
//! * [`first_minutes`]: what the demo takes from a clean clone, and how to measure it;
//! * [`tutorial`]: your own network, your own data, from files to hardware that was simulated;
//! * [`mistakes`]: five that are easily made, what is said to each, and what to do;
//! * [`language`]: all that a network file can say;
//! * [`method`]: SPIDE, how these networks answer and learn;
//! * [`machine`]: the array that runs them;
//! * [`results`]: accuracies of the paper's networks, which were run and which were not, and speed;
//! * [`pytorch`]: parameters of the published code's networks in spidec;
//! * [`golden`]: what the published code computed, compared number by number;
//! * [`integrate`]: the emitted Verilog in a design of yours, and a driver for it.
//!
//! It holds no code. What it shows is run by tests: network files are checked, commands executed, the C driver
//! drives the simulated hardware.

#[doc = include_str!("first_minutes.md")]
pub mod first_minutes {}

#[doc = include_str!("tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("mistakes.md")]
pub mod mistakes {}

#[doc = include_str!("language.md")]
pub mod language {}

#[doc = include_str!("method.md")]
pub mod method {}

#[doc = include_str!("machine.md")]
pub mod machine {}

#[doc = include_str!("results.md")]
pub mod results {}

#[doc = include_str!("pytorch.md")]
pub mod pytorch {}

#[doc = include_str!("golden.md")]
pub mod golden {}

#[doc = include_str!("integrate.md")]
pub mod integrate {}
