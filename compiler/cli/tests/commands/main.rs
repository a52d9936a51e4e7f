//! The command as a user runs it: arguments in, text, files and exit codes out.

mod build;
mod codes;
mod data;
mod guide;
mod header;
mod run;
mod train;
mod verify;
