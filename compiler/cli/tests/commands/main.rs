//! The command as a user runs it: arguments in, text, files and exit codes out.

mod browser;
mod build;
mod codes;
mod data;
mod readme;
mod report;
mod run;
mod train;
mod verify;
