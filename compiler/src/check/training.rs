//! The block `training`.

use super::arguments::{Call, Report, number, out_of_range, whole};
use super::vocabulary::{
    BELOW_THRESHOLD, COUNT, FACTOR, LOSS, MOMENTUM, NOT_NEGATIVE, POSITIVE, SCHEDULE, SEED, STAGE,
    STEPS, UPDATE,
};
use super::{TRAINING, defaults, settings};
use crate::syntax::{Block, Value};
use spidec_ir::network::{Loss, LossKind, Schedule, Sgd, Stage, Training};

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
        training.seed = whole(report, value, "seed", SEED).unwrap_or(training.seed);
    }
    training
}

fn stage(report: &mut Report, value: &Value, name: &str, stage: &mut Stage) {
    let Some(call) = Call::read(report, value, "stage", name, STAGE) else {
        return;
    };
    if let Some(steps) = call.whole(report, "steps", STEPS) {
        stage.steps = steps as u32;
    }
    if let Some(v_th) = call.number(report, "v_th", &POSITIVE) {
        stage.v_th = v_th;
        stage.u_rest = defaults::rest(v_th);
    } else if call.value("v_th").is_some() {
        // Reported; a rest could only be compared with another threshold than the user's.
        return;
    }
    if let Some(u_rest) = call.number(report, "u_rest", &BELOW_THRESHOLD) {
        if u_rest.value() >= stage.v_th.value() {
            let place = call.value("u_rest").map_or(value.span, |v| v.span);
            let range = format!("below v_th = {}", stage.v_th);
            out_of_range(report, place, "u_rest", &u_rest.to_string(), &range);
        }
        stage.u_rest = u_rest;
    }
}

fn loss(report: &mut Report, value: &Value, loss: &mut Loss) {
    if let Some(call) = Call::read(report, value, "loss", "loss", LOSS) {
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
    let Some(call) = Call::read(report, value, "update rule", "update", UPDATE) else {
        return;
    };
    if let Some(rate) = call.number(report, "rate", &POSITIVE) {
        sgd.rate = rate;
    }
    if let Some(batch) = call.whole(report, "batch", COUNT) {
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
    let Some(call) = Call::read(report, value, "schedule", "schedule", SCHEDULE) else {
        return;
    };
    *schedule = match call.word {
        "constant" => Schedule::Constant,
        _ => defaults::step(),
    };
    if let Schedule::Step { every, factor } = schedule {
        if let Some(given) = call.whole(report, "every", COUNT) {
            *every = given as u32;
        }
        if let Some(value) = call.value("factor") {
            *factor = number(report, value, "factor", &FACTOR).unwrap_or(*factor);
        }
    }
}
