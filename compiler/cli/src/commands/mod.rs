//! One file a command.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod converge;
pub(crate) mod data;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod golden;
pub(crate) mod report;
pub(crate) mod tools;
pub(crate) mod train;
pub(crate) mod verify;
