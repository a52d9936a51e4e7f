//! The spidec command: the only place with arguments, standard output, progress bars, exit codes.

mod advice;
mod arguments;
mod chance;
mod clamps;
mod commands;
mod failure;
mod input;
mod interrupt;
mod log;
mod output;
mod progress;
mod remarks;
mod shell;
mod sums;
mod survey;
mod threads;
mod versions;
mod waveform;

use arguments::{Arguments, Command};
use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut command = Arguments::command();
    // Only then are tools run to be asked for their versions.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == "--version")
    {
        let versions: &'static str = versions::all().leak();
        command = command.long_version(versions);
    }
    let arguments = match Arguments::from_arg_matches(&command.get_matches()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let result = match &arguments.command {
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Build(arguments) => commands::build::run(arguments),
        Command::Train(arguments) => commands::train::run(arguments),
        Command::Eval(arguments) => commands::eval::run(arguments),
        Command::Verify(arguments) => commands::verify::run(arguments),
        Command::Golden(arguments) => commands::golden::run(arguments),
        Command::Demo(arguments) => commands::demo::run(arguments),
        Command::Report(arguments) => commands::report::run(arguments),
        Command::Converge(arguments) => commands::converge::run(arguments),
        Command::Data(arguments) => commands::data::run(arguments),
        Command::Doctor(arguments) => commands::doctor::run(arguments),
        Command::Tools(arguments) => commands::tools::run(arguments),
        Command::Fmt(arguments) => commands::fmt::run(arguments),
        Command::Explain(arguments) => commands::explain::run(arguments),
        Command::Completions(arguments) => commands::completions::run(arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code())
        }
    }
}
