//! One file a command.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod data;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod report;
pub(crate) mod train;
pub(crate) mod verify;
