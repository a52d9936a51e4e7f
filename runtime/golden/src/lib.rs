//! Golden vectors: cases recorded from the published code, executed and compared.
//!
//! A case is a folder with `case.json`, which says what the network is and how it is trained, and
//! `arrays.npz`, which holds parameters, inputs and everything that came out. [`Case::read`] reads
//! one of any size, [`Case::run`] executes it in floating point, [`Case::run_fixed`] in fixed point;
//! both give a [`Row`].
//!
//! Spikes and masks must be equal. All other numbers may be off by at most [`TOLERANCE`] of the
//! larger of the recorded number and the least of 1 and the array's largest; where a case is exact
//! they must be equal too.
//!
//! Recorded shapes have channels first, `[channels, height, width]`; the engines' have them last.
//! What is compared, and told of a difference, stands in the recorded order.

mod arrays;
mod case;
mod codes;
mod compare;
mod error;
mod exact;
mod fixed;
mod float;
mod matrix;
mod network;
mod order;
mod prepared;
mod settings;
mod table;
mod weights;

pub use case::Case;
pub use codes::CODES;
pub use compare::{Difference, Kind, Row, TOLERANCE, Tally};
pub use error::{GoldenError, GoldenProblem};
pub use fixed::NotExecuted;
pub use table::table;

#[cfg(test)]
mod tests;
