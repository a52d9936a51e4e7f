//! The command as a user runs it: arguments in, text, files and exit codes out.

mod advice;
mod browser;
mod build;
mod codes;
mod completions;
mod converge;
mod data;
mod demo;
mod events;
mod explain;
mod first_minutes;
mod fmt;
mod golden;
mod guide;
mod header;
mod help;
#[cfg(unix)]
mod machine;
mod mistakes;
mod report;
mod repository;
mod resume;
mod run;
#[cfg(unix)]
mod tools;
mod train;
mod verify;
