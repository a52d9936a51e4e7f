//! Text to tree: the grammar of `.fsnn`, and recovery from whatever does not follow it.
//!
//! Reading never fails: it returns the tree of what could be read and a finding for each line that
//! could not. What words mean is not known here; that is [`crate::check`]'s.

mod ast;
mod blocks;
mod broken;
mod number;
mod parse;
mod tree;

pub use ast::{
    Argument, Block, Definition, File, Span, Statement, Target, Value, ValueKind, Version, Word,
};
pub use parse::parse;

/// The keywords that open a block.
pub const BLOCKS: [&str; 3] = ["network", "training", "array"];
