//! The crate from outside, on every engine that is installed.

mod building;
mod common;
mod engines;
