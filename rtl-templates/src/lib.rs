//! The Verilog templates of spidec: one module a file in `templates/`, one struct a module here.
//!
//! [`core`] depends on the [`Machine`] alone, so networks with one machine share its text;
//! [`top`] adds one network's names and hash.

mod modules;

use askama::Template;
use modules::{
    Array, Core, Counters, Host, Issue, Lane, Ram, Readout, Scanner, Sequencer, Top, Waivers,
};
use spidec_ir::program::{ArrayProgram, Machine};

/// One file of the emitted project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without folder.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

/// The module that simulations drive: the core with its trace ports.
pub const CORE: &str = "spidec_core";

/// The module that synthesis takes: the core with one network's memory images.
pub const TOP: &str = "spidec_top";

fn file(name: &'static str, template: impl Template) -> Result<File, askama::Error> {
    let mut text = template.render()?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(File { name, text })
}

/// All modules but the top level, for a machine. The memory comes first, the core last.
pub fn core(machine: &Machine) -> Result<Vec<File>, askama::Error> {
    Ok(vec![
        file("spidec_ram.v", Ram)?,
        file("spidec_scanner.v", Scanner)?,
        file("spidec_issue.v", Issue::new())?,
        file("spidec_lane.v", Lane)?,
        file("spidec_array.v", Array)?,
        file("spidec_sequencer.v", Sequencer)?,
        file("spidec_readout.v", Readout)?,
        file("spidec_counters.v", Counters)?,
        file("spidec_host.v", Host)?,
        file("spidec_core.v", Core::new(machine))?,
    ])
}

/// The top level of one network.
pub fn top(program: &ArrayProgram) -> Result<File, askama::Error> {
    file("spidec_top.v", Top::new(program))
}

/// Lint waivers for Verilator, each with its reason.
pub fn waivers() -> Result<File, askama::Error> {
    file("spidec_waivers.vlt", Waivers)
}
