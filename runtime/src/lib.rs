//! spidec's reference engines: floating point, fixed point, array.

pub mod array;
mod codes;
pub mod data;
pub mod file;
pub mod fixed;
pub mod golden;
pub mod spide;
pub mod state;

pub use codes::CodeEntry;
