//! Emission: ArrayProgram -> a complete Verilog project.
//!
//! ```text
//! rtl/*.v            one module a file; spidec_top is the top level
//! images/*.hex       program and weight banks, read by $readmemh
//! manifest.json      register map, memory map, formats, names back to the network file
//! program.yaml       the ArrayProgram
//! lint.vlt           waivers for Verilator, each with its reason
//! ```

mod images;
mod manifest;

use spidec_ir::program::{ArrayProgram, WeightImage};
use std::path::Path;

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
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file or folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// All files of the project, in a fixed order; the same program gives the same bytes.
pub fn project(program: &ArrayProgram, image: &WeightImage) -> Result<Vec<ProjectFile>, EmitError> {
    let templates = |e: &dyn std::fmt::Display| EmitError::Templates(e.to_string());
    let file = |path: String, text: String| ProjectFile { path, text };
    let mut files = Vec::new();
    for rendered in spidec_rtl::core(&program.machine).map_err(|e| templates(&e))? {
        files.push(file(format!("rtl/{}", rendered.name), rendered.text));
    }
    let top = spidec_rtl::top(program).map_err(|e| templates(&e))?;
    files.push(file(format!("rtl/{}", top.name), top.text));
    let waivers = spidec_rtl::waivers().map_err(|e| templates(&e))?;
    files.push(file("lint.vlt".into(), waivers.text));
    files.push(file("images/program.hex".into(), images::program(program)));
    for lane in 0..program.machine.lanes as usize {
        let path = format!("images/weights_{lane:02}.hex");
        files.push(file(path, images::bank(program, image, lane)));
    }
    files.push(file("manifest.json".into(), manifest::manifest(program)));
    files.push(file("program.yaml".into(), program.to_yaml()));
    Ok(files)
}

/// Writes a project: aside first, then renamed, so that an interrupted write leaves what was there.
///
/// A folder that is there already is replaced as a whole if it is a project of ours (it has a
/// `manifest.json`) or empty.
pub fn write(files: &[ProjectFile], folder: &Path) -> Result<(), EmitError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| EmitError::Write { path, source }
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = |suffix: &str| folder.with_file_name(format!(".{name}.{suffix}"));
    let aside = beside("new");
    let old = beside("old");
    if folder.exists() {
        let ours = folder.join("manifest.json").is_file();
        let mut entries = folder.read_dir().map_err(failed(folder))?;
        if !ours && entries.next().is_some() {
            let message = "the folder is not empty and holds no spidec project; name another";
            return Err(failed(folder)(std::io::Error::other(message)));
        }
    }
    for stale in [&aside, &old] {
        if stale.exists() {
            std::fs::remove_dir_all(stale).map_err(failed(stale))?;
        }
    }
    for file in files {
        let path = aside.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        std::fs::write(&path, &file.text).map_err(failed(&path))?;
    }
    if folder.exists() {
        std::fs::rename(folder, &old).map_err(failed(folder))?;
    }
    std::fs::rename(&aside, folder).map_err(failed(folder))?;
    if old.exists() {
        std::fs::remove_dir_all(&old).map_err(failed(&old))?;
    }
    Ok(())
}
