//! The spidec command: the only place with arguments, standard output, progress bars, exit codes.

mod advice;
mod arguments;
mod clamps;
mod commands;
mod failure;
mod input;
mod output;
mod progress;
mod survey;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Build(arguments) => commands::build::run(arguments),
        Command::Train(arguments) => commands::train::run(arguments),
        Command::Eval(arguments) => commands::eval::run(arguments),
        Command::Verify(arguments) => commands::verify::run(arguments),
        Command::Demo(arguments) => commands::demo::run(arguments),
        Command::Data(arguments) => commands::data::run(arguments),
        Command::Doctor(arguments) => commands::doctor::run(arguments),
        Command::Tools(arguments) => commands::tools::run(arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code())
        }
    }
}
