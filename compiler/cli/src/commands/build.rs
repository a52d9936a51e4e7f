//! `spidec build`.

use crate::failure::{Failure, finding, usage};
use crate::input;
use crate::output::say;
use clap::Args;
use serde_json::json;
use spidec_compiler::emit;
use spidec_ir::program::WeightImage;
use spidec_runtime::fixed::FixedEngine;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Build {
    /// The network file.
    file: PathBuf,
    /// The folder to write.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Weights; the initial ones of the file's seed without it.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Hardware that trains itself: backward stage, loss and weight update too.
    #[arg(long)]
    train: bool,
    /// Print what was written as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Build) -> Result<(), Failure> {
    let (purpose, engine) = input::purpose(arguments.train);
    let mut checked = input::network(&arguments.file, engine)?;
    let mut start = emit::Start::default();
    if let Some(path) = arguments.state.as_ref().filter(|_| arguments.train) {
        // The training goes on where the state's stopped.
        let state = input::state(&checked.network, path)?;
        checked.network.training.seed = state.seed;
        start = emit::Start {
            epochs: state.epochs,
            samples: state.samples,
        };
    }
    if arguments.train {
        let engine = FixedEngine::new(&checked.network).map_err(finding)?;
        input::learning(&engine, start.epochs)?;
    }
    let program = input::program(&checked, purpose)?;
    let parameters = input::weights(&checked.network, arguments.state.as_deref())?;
    let image = WeightImage::new(&program, &parameters);
    let files = emit::project(&checked.network, &program, &image, start).map_err(finding)?;
    emit::write(&files, &arguments.output).map_err(usage)?;
    let machine = &program.machine;
    let images = emit::images_hash(&files);
    if arguments.json {
        let report = json!({
            "folder": arguments.output,
            "files": files.iter().map(|f| &f.path).collect::<Vec<_>>(),
            "top": spidec_rtl::TOP,
            "design": program.design,
            "images": images,
            "machine": machine,
        });
        say!("{report:#}")?;
    } else {
        say!(
            "{}: design {}, images {images}, {} lanes, {} weight rows of {} bits a lane, {} instructions",
            arguments.output.display(),
            program.design,
            machine.lanes,
            machine.weight_rows(),
            machine.weight_bits,
            program.instructions.len()
        )?;
        say!(
            "{} files: rtl/ (top {}), images/, manifest.json, spidec.h, constraints/, program.yaml, \
             lint.vlt",
            files.len(),
            spidec_rtl::TOP
        )?;
    }
    Ok(())
}
