//! The file as a whole: its version and its blocks.

use super::arguments::Report;
use super::words::{expected, unknown};
use super::{array, defaults, network, training};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{BLOCKS, Block, File, Span};
use spidec_ir::Network;
use spidec_ir::print::LANGUAGE_VERSION;
use std::collections::BTreeMap;

/// Reads a file. `broken`: some of it could not be read, so a missing block may be in that part.
///
/// `None` only where something is reported, here or before.
pub fn read(report: &mut Report, file: &File, broken: bool) -> Option<Network> {
    if !version(report, file, broken) {
        return None;
    }
    stray(report, file);
    let blocks = blocks(report, file);
    let parts = match blocks.get("network") {
        Some(block) => network::read(report, block),
        None => {
            if !broken && file.blocks.iter().all(is_known) {
                report.push(Diagnostic::new(
                    Code::NoNetwork,
                    first_place(file),
                    "the file has no network".to_string(),
                    "no block `network NAME { }`",
                    "write `network NAME {`, then input, populations, readout and projections, then `}`",
                ));
            }
            None
        }
    };
    let training = match blocks.get("training") {
        Some(block) => training::read(report, block),
        None => defaults::training(),
    };
    let array = match blocks.get("array") {
        Some(block) => array::read(report, block),
        None => defaults::array(),
    };
    let parts = parts?;
    if let Some(shift) = training.augment {
        training::picture(report, &parts.input, shift);
    }
    Some(Network {
        name: parts.name,
        input: parts.input,
        populations: parts.populations,
        projections: parts.projections,
        readout: parts.readout,
        training,
        array,
    })
}

fn is_known(block: &Block) -> bool {
    BLOCKS.contains(&block.keyword.text.as_str())
}

/// Where the file begins, comments aside.
fn first_place(file: &File) -> Span {
    let versions = file.versions.iter().map(|version| version.span);
    let blocks = file.blocks.iter().map(|block| block.keyword.span);
    let stray = file.stray.iter().map(|statement| statement.span);
    let first = versions.chain(blocks).chain(stray).min();
    first.unwrap_or(Span { start: 0, end: 0 })
}

/// Whether the file is of this language version, so that the rest can be judged.
fn version(report: &mut Report, file: &File, broken: bool) -> bool {
    let help = format!("the first line of a network file is `spidec {LANGUAGE_VERSION}`");
    let Some((version, more)) = file.versions.split_first() else {
        if !broken || !file.blocks.is_empty() {
            report.push(Diagnostic::new(
                Code::NoVersion,
                first_place(file),
                "the file does not say its language version".to_string(),
                format!("expected `spidec {LANGUAGE_VERSION}` before this"),
                help,
            ));
        }
        return true;
    };
    match &version.number {
        None => report.push(Diagnostic::new(
            Code::NoVersion,
            version.span,
            "the file does not say its language version".to_string(),
            "expected a number after it",
            help.clone(),
        )),
        Some(_) => {
            if let Some(error) = other_version(file) {
                report.push(error);
                return false;
            }
        }
    }
    let misplaced = (version.span != first_place(file)).then_some(version);
    for version in misplaced.into_iter().chain(more) {
        report.push(Diagnostic::new(
            Code::VersionPlace,
            version.span,
            "a version line that is not the first line".to_string(),
            "must stand first, and once",
            help.clone(),
        ));
    }
    true
}

/// The error of a file of another language version.
pub fn other_version(file: &File) -> Option<Diagnostic> {
    let number = file.versions.first()?.number.as_ref()?;
    (number.text != LANGUAGE_VERSION.to_string()).then(|| {
        Diagnostic::new(
            Code::OtherVersion,
            number.span,
            format!("language version {} is not known", number.text),
            format!("expected {LANGUAGE_VERSION}"),
            format!("this compiler reads version {LANGUAGE_VERSION}; the rest of the file was not checked"),
        )
    })
}

fn stray(report: &mut Report, file: &File) {
    for statement in &file.stray {
        let keyword = statement.keyword.text.as_str();
        let block = if super::TRAINING.contains(&keyword) {
            "training {"
        } else if super::ARRAY.contains(&keyword) {
            "array {"
        } else {
            "network NAME {"
        };
        report.push(Diagnostic::new(
            Code::StrayStatement,
            statement.span,
            "a statement outside of the blocks".to_string(),
            "stands in no block",
            format!("put it between `{block}` and the `}}` of that block"),
        ));
    }
}

/// The blocks by keyword, each once; unknown and second ones are reported.
fn blocks<'a>(report: &mut Report, file: &'a File) -> BTreeMap<&'a str, &'a Block> {
    let mut blocks: BTreeMap<&str, &Block> = BTreeMap::new();
    for block in &file.blocks {
        let keyword = block.keyword.text.as_str();
        if !is_known(block) {
            report.push(unknown(
                Code::UnknownBlock,
                "block",
                &block.keyword,
                &BLOCKS,
            ));
            continue;
        }
        if let Some(first) = blocks.get(keyword) {
            report.push(
                Diagnostic::new(
                    Code::DuplicateBlock,
                    block.keyword.span,
                    format!("a second block `{keyword}`"),
                    "opened again",
                    "put the statements of both into one block",
                )
                .also(first.keyword.span, "first opened here"),
            );
            continue;
        }
        if keyword != "network" {
            if let Some(name) = &block.name {
                report.push(Diagnostic::new(
                    Code::BlockName,
                    name.span,
                    format!("the block `{keyword}` has no name"),
                    expected(&["{"]),
                    format!("write `{keyword} {{`"),
                ));
            }
            report.places.set(keyword, block.keyword.span);
        }
        blocks.insert(keyword, block);
    }
    blocks
}
