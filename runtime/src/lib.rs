//! spidec's reference engines: floating point, fixed point, array.

pub mod array;
pub mod fixed;
pub mod spide;
pub mod state;
