//! The statements of the blocks `training` and `array`: `name = value`, each at most once.

use super::arguments::Report;
use super::words::unknown;
use super::{ARRAY, TRAINING};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Block, Statement, Value};
use std::collections::BTreeMap;

/// What other tools call settings of `training`, and what is written here.
const FOREIGN: [(&[&str], &str); 4] = [
    (
        &["learning_rate", "lr", "rate", "optimizer", "optim"],
        "write `update = sgd(rate = 0.02)`",
    ),
    (
        &["momentum", "weight_decay", "batch", "batch_size"],
        "it is an argument of `update`: write `update = sgd(rate = 0.02, batch = 32)` or the like",
    ),
    (
        &["epochs", "epoch"],
        "how many epochs is no part of the file: `spidec train --epochs N`",
    ),
    (
        &["steps", "v_th", "threshold", "time_steps"],
        "write `forward_stage = stage(steps = 16, v_th = 1)`",
    ),
];

/// The values of a block by name; what is wrong with the statements themselves is reported.
pub fn read<'a>(
    report: &mut Report,
    block: &'a Block,
    legal: &[&'static str],
) -> BTreeMap<&'static str, &'a Value> {
    let mut values: BTreeMap<&'static str, &'a Value> = BTreeMap::new();
    let mut firsts: BTreeMap<&'static str, &'a Statement> = BTreeMap::new();
    for statement in &block.statements {
        let keyword = &statement.keyword;
        let Some(&name) = legal.iter().find(|&&name| name == keyword.text) else {
            let mut diagnostic = unknown(Code::UnknownKeyword, "setting", keyword, legal);
            let elsewhere = [("training", &TRAINING[..]), ("array", &ARRAY[..])];
            let home = elsewhere
                .iter()
                .find(|(_, s)| s.contains(&keyword.text.as_str()));
            let hint = FOREIGN
                .iter()
                .find(|(words, _)| words.contains(&keyword.text.as_str()));
            if let (Some((_, hint)), "training") = (hint, block.keyword.text.as_str()) {
                diagnostic.label.text = "not a setting".to_string();
                diagnostic.help = format!("{hint}; {}", diagnostic.help);
            }
            if let Some((home, _)) = home {
                diagnostic.message = format!("`{}` is a setting of `{home}`", keyword.text);
                diagnostic.label.text = format!("not a setting of `{}`", block.keyword.text);
                diagnostic.help = format!("put it into the block `{home} {{ }}`");
            }
            report.push(diagnostic);
            continue;
        };
        if let Some(first) = firsts.get(name) {
            report.push(
                Diagnostic::new(
                    Code::DuplicateEntry,
                    keyword.span,
                    format!("`{name}` is set twice"),
                    "set again",
                    "remove one of them",
                )
                .also(first.keyword.span, "first set here"),
            );
            continue;
        }
        firsts.insert(name, statement);
        report.places.set(name, statement.span);
        let extra = [
            statement.name.as_ref().map(|name| name.span),
            statement.target.as_ref().map(|target| target.span),
            statement.shape.as_ref().map(|shape| shape.span),
        ];
        for span in extra.into_iter().flatten().take(1) {
            report.push(Diagnostic::new(
                Code::ExtraPart,
                span,
                format!("the setting `{name}` has a part too many"),
                "does not belong here",
                format!("settings are `{name} = value`"),
            ));
        }
        match statement.definition.as_ref().map(|d| (&d.value, d.span)) {
            Some((Some(value), _)) => {
                values.insert(name, value);
            }
            missing => report.push(Diagnostic::new(
                Code::MissingPart,
                missing.map_or(statement.span, |(_, span)| span),
                format!("`{name}` has no value"),
                "a value is missing",
                format!("write `{name} = value`, or leave the setting out for its default"),
            )),
        }
    }
    values
}
