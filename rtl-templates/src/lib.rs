//! The Verilog templates of spidec: one module a file in `templates/`, one struct a module here.
//!
//! [`core()`] depends on the [`Machine`] alone, so networks with one machine share its text;
//! [`top`] adds one network's names and hash.

mod modules;

use askama::Template;
use modules::{
    Array, Core, Counters, Divider, Host, Issue, Lane, Loss, Noise, Permuter, Ram, Readout,
    Scanner, Sequencer, Softmax, Top, Update, Waivers, Weights,
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
    let learning = machine.learning;
    let mut files = vec![
        file("spidec_ram.v", Ram)?,
        file("spidec_weights.v", Weights)?,
        file("spidec_scanner.v", Scanner)?,
        file("spidec_issue.v", Issue::new())?,
    ];
    if learning {
        files.extend([
            file("spidec_permuter.v", Permuter)?,
            file("spidec_update.v", Update)?,
            file("spidec_noise.v", Noise::new())?,
            file("spidec_divider.v", Divider)?,
            file("spidec_softmax.v", Softmax::new())?,
            file("spidec_loss.v", Loss)?,
        ]);
    }
    files.extend([
        file("spidec_lane.v", Lane { learning })?,
        file("spidec_array.v", Array::new(machine))?,
        file("spidec_sequencer.v", Sequencer { learning })?,
        file("spidec_readout.v", Readout)?,
        file("spidec_counters.v", Counters { learning })?,
        file("spidec_host.v", Host { learning })?,
        file("spidec_core.v", Core::new(machine))?,
    ]);
    Ok(files)
}

/// The top level of one network; a training starts with a seed, behind as many samples.
pub fn top(program: &ArrayProgram, seed: u64, samples: u64) -> Result<File, askama::Error> {
    file("spidec_top.v", Top::new(program, seed, samples))
}

/// Lint waivers for Verilator, each with its reason.
pub fn waivers() -> Result<File, askama::Error> {
    file("spidec_waivers.vlt", Waivers)
}
