//! Runs the fixed-point engine, the array engine and the simulated RTL side by side and names the
//! first difference.

pub mod compare;
pub mod hardware;
pub mod run;
pub mod toolbox;
pub mod view;
mod work;

pub use compare::{Comparison, Kind, Mismatch};
pub use hardware::{Hardware, HardwareError};
pub use run::{Report, Setup, Trained, Training, VerifyError, trace, verify};
