//! The block `training`.

use super::arguments::{Call, NOT_NEGATIVE, POSITIVE, Range, Report, number, out_of_range, whole};
use super::{TRAINING, defaults, settings};
use crate::syntax::{Block, Value};
use spidec_ir::network::{Loss, LossKind, Schedule, Sgd, Stage, Training};

const ANY: Range = Range {
    text: "below v_th",
    holds: |_| true,
};
const MOMENTUM: Range = Range {
    text: "at least 0 and below 1",
    holds: |v| (0.0..1.0).contains(&v),
};
const FACTOR: Range = Range {
    text: "above 0 and at most 1",
    holds: |v| v > 0.0 && v <= 1.0,
};

/// Reads the block over the defaults.
pub fn read(report: &mut Report, block: &Block) -> Training {
    let mut training = defaults::training();
    let values = settings::read(report, block, &TRAINING);
    if let Some(value) = values.get("forward_stage") {
        stage(report, value, "forward_stage", &mut training.forward);
    }
    if let Some(value) = values.get("backward_stage") {
        stage(report, value, "backward_stage", &mut training.backward);
    }
    if let Some(value) = values.get("loss") {
        loss(report, value, &mut training.loss);
    }
    if let Some(value) = values.get("update") {
        update(report, value, &mut training.update);
    }
    if let Some(value) = values.get("schedule") {
        schedule(report, value, &mut training.schedule);
    }
    if let Some(value) = values.get("seed") {
        training.seed = whole(report, value, "seed", 0..=u64::MAX).unwrap_or(training.seed);
    }
    training
}

fn stage(report: &mut Report, value: &Value, name: &str, stage: &mut Stage) {
    let legal: [(&str, &[&str]); 1] = [("stage", &["steps", "v_th", "u_rest"])];
    let Some(call) = Call::read(report, value, "stage", name, &legal) else {
        return;
    };
    if let Some(steps) = call.whole(report, "steps", 1..=255) {
        stage.steps = steps as u32;
    }
    if let Some(v_th) = call.number(report, "v_th", &POSITIVE) {
        stage.v_th = v_th;
        stage.u_rest = defaults::rest(v_th);
    } else if call.value("v_th").is_some() {
        // Reported; a rest could only be compared with another threshold than the user's.
        return;
    }
    if let Some(u_rest) = call.number(report, "u_rest", &ANY) {
        if u_rest.value() >= stage.v_th.value() {
            let place = call.value("u_rest").map_or(value.span, |v| v.span);
            let range = format!("below v_th = {}", stage.v_th);
            out_of_range(report, place, "u_rest", &u_rest.to_string(), &range);
        }
        stage.u_rest = u_rest;
    }
}

fn loss(report: &mut Report, value: &Value, loss: &mut Loss) {
    let arguments: &[&str] = &["scale"];
    let legal = [
        ("cross_entropy", arguments),
        ("mean_squared_error", arguments),
    ];
    if let Some(call) = Call::read(report, value, "loss", "loss", &legal) {
        loss.kind = match call.word {
            "cross_entropy" => LossKind::CrossEntropy,
            _ => LossKind::MeanSquaredError,
        };
        if let Some(scale) = call.number(report, "scale", &POSITIVE) {
            loss.scale = scale;
        }
    }
}

fn update(report: &mut Report, value: &Value, sgd: &mut Sgd) {
    let arguments: &[&str] = &["rate", "batch", "momentum", "weight_decay"];
    let Some(call) = Call::read(
        report,
        value,
        "update rule",
        "update",
        &[("sgd", arguments)],
    ) else {
        return;
    };
    if let Some(rate) = call.number(report, "rate", &POSITIVE) {
        sgd.rate = rate;
    }
    if let Some(batch) = call.whole(report, "batch", 1..=u64::from(u32::MAX)) {
        sgd.batch = batch as u32;
    }
    if let Some(momentum) = call.number(report, "momentum", &MOMENTUM) {
        sgd.momentum = momentum;
    }
    if let Some(weight_decay) = call.number(report, "weight_decay", &NOT_NEGATIVE) {
        sgd.weight_decay = weight_decay;
    }
}

fn schedule(report: &mut Report, value: &Value, schedule: &mut Schedule) {
    let legal: [(&str, &[&str]); 2] = [("constant", &[]), ("step", &["every", "factor"])];
    let Some(call) = Call::read(report, value, "schedule", "schedule", &legal) else {
        return;
    };
    *schedule = match call.word {
        "constant" => Schedule::Constant,
        _ => defaults::step(),
    };
    if let Schedule::Step { every, factor } = schedule {
        if let Some(given) = call.whole(report, "every", 1..=u64::from(u32::MAX)) {
            *every = given as u32;
        }
        if let Some(value) = call.value("factor") {
            *factor = number(report, value, "factor", &FACTOR).unwrap_or(*factor);
        }
    }
}
