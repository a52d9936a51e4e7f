//! Emission: ArrayProgram -> a complete Verilog project.
//!
//! ```text
//! rtl/*.v            one module a file; spidec_top is the top level
//! images/*.hex       program, weight banks, learning constants of the next epoch; read by $readmemh
//! manifest.json      register map, memory map, formats, names back to the network file
//! spidec.h           the numbers of the manifest that a host in C needs
//! constraints/*.sdc  the clock
//! program.yaml       the ArrayProgram
//! lint.vlt           waivers for Verilator, each with its reason
//! ```

mod constraints;
mod header;
mod host;
mod images;
mod manifest;
mod write;

pub use manifest::VERSION as MANIFEST_VERSION;
pub use write::write;

use sha2::{Digest, Sha256};
use spidec_ir::Network;
use spidec_ir::fixed::LearningConstant;
use spidec_ir::program::{ArrayProgram, WeightImage};

/// The manifest's name.
pub const MANIFEST: &str = "manifest.json";

/// One file of the project: path below its root, and contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFile {
    /// With forward slashes.
    pub path: String,
    /// Text.
    pub text: String,
}

/// Why a project could not be emitted.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A template does not render.
    #[error("the Verilog templates do not render: {0}")]
    Templates(String),
    /// The folder cannot be replaced; nothing was written.
    #[error("cannot write {path}: {why}; name another folder")]
    Refused {
        /// The folder.
        path: String,
        /// Why.
        why: String,
    },
    /// A file could not be written; what was there before is as it was.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file or folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Where a training starts or goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Epochs done.
    pub epochs: u32,
    /// Samples trained.
    pub samples: u64,
}

/// All files of the project, in a fixed order; the same program gives the same bytes. Of the network it
/// takes what the host of a learning array needs: seed and learning constants.
pub fn project(
    network: &Network,
    program: &ArrayProgram,
    image: &WeightImage,
    start: Start,
) -> Result<Vec<ProjectFile>, EmitError> {
    let templates = |e: &dyn std::fmt::Display| EmitError::Templates(e.to_string());
    let file = |path: String, text: String| ProjectFile { path, text };
    let mut files = Vec::new();
    for rendered in spidec_rtl::core(&program.machine).map_err(|e| templates(&e))? {
        files.push(file(format!("rtl/{}", rendered.name), rendered.text));
    }
    let seed = network.training.seed;
    let top = spidec_rtl::top(program, seed, start.samples).map_err(|e| templates(&e))?;
    files.push(file(format!("rtl/{}", top.name), top.text));
    let waivers = spidec_rtl::waivers().map_err(|e| templates(&e))?;
    files.push(file("lint.vlt".into(), waivers.text));
    files.push(file("images/program.hex".into(), images::program(program)));
    for lane in 0..program.machine.lanes as usize {
        let path = format!("images/weights_{lane:02}.hex");
        files.push(file(path, images::bank(program, image, lane)));
    }
    if program.machine.learning {
        let text = images::constants(program, &constants(network, start.epochs));
        files.push(file("images/constants.hex".into(), text));
    }
    files.push(file("program.yaml".into(), program.to_yaml()));
    let header = header::header(network, program, start, &images_hash(&files));
    files.push(file("spidec.h".into(), header));
    files.push(file(constraints::PATH.into(), constraints::clock()));
    let manifest = manifest::manifest(network, program, start, &files);
    files.push(file(MANIFEST.into(), manifest));
    Ok(files)
}

/// Epochs whose learning constants manifest and header give.
const EPOCHS: u32 = 32;

/// The learning constants of the next epochs; where one no longer fits its register, the epoch and those
/// behind it are left out.
fn next_constants(network: &Network, start: Start) -> Vec<Vec<LearningConstant>> {
    let layers = network.projections.len() + 1;
    (start.epochs..start.epochs.saturating_add(EPOCHS))
        .map(|epoch| constants(network, epoch))
        .take_while(|constants| constants.len() == layers)
        .collect()
}

/// The learning constants of an epoch, counted from 0, as far as they fit their registers.
fn constants(network: &Network, epoch: u32) -> Vec<LearningConstant> {
    let all = LearningConstant::all(network, network.training.rate(epoch));
    all.into_iter()
        .map_while(|(constant, _)| constant)
        .collect()
}

/// The first 8 bytes of a SHA-256 of all memory images, 16 hexadecimal digits: each file's path, its
/// length and its text. It tells projects of one design with other weights apart.
pub fn images_hash(files: &[ProjectFile]) -> String {
    let mut hash = Sha256::new();
    for file in files.iter().filter(|f| f.path.starts_with("images/")) {
        hash.update(format!("{}\n{}\n", file.path, file.text.len()));
        hash.update(&file.text);
    }
    let hash = hash.finalize();
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
