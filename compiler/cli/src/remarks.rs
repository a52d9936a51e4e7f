//! What is odd about a dataset's two splits.

use spidec_data::Split;
use spidec_ir::network::Shape;
use std::collections::BTreeSet;

/// What a split holds.
pub(crate) struct Seen<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) labels: BTreeSet<usize>,
}

/// A sentence for each thing that training or testing would stumble over.
pub(crate) fn remarks(train: Option<Seen>, test: Option<Seen>) -> Vec<String> {
    let missing = |split: Split, needs: &str| vec![format!("there is no {split} data: {needs}")];
    let (train, test) = match (train, test) {
        (Some(train), Some(test)) => (train, test),
        (None, Some(_)) => {
            return missing(
                Split::Train,
                "`train` needs both, `eval` and `verify` only this",
            );
        }
        (Some(_), None) => return missing(Split::Test, "`train`, `eval` and `verify` need it"),
        (None, None) => return Vec::new(),
    };
    let mut remarks = Vec::new();
    if train.shape != test.shape {
        remarks.push(format!(
            "training samples are {}, test samples {}: one network cannot take both",
            train.shape, test.shape
        ));
    }
    for (these, others, split, other) in [
        (&test.labels, &train.labels, Split::Test, "never trained"),
        (&train.labels, &test.labels, Split::Train, "never tested"),
    ] {
        let alone: Vec<String> = these.difference(others).map(usize::to_string).collect();
        if !alone.is_empty() {
            let more = alone.len().saturating_sub(NAMED);
            let mut named = alone[..alone.len().min(NAMED)].join(", ");
            if more > 0 {
                named += &format!(" and {more} more");
            }
            remarks.push(format!(
                "only {split} samples have label {named}: it is {other}"
            ));
        }
    }
    remarks
}

/// Most labels that a remark names.
const NAMED: usize = 5;
