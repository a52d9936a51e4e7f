//! `spidec completions`.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::write_out;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

#[derive(Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    generate(arguments.shell, &mut command, "spidec", &mut script);
    write_out(&String::from_utf8_lossy(&script))
}
