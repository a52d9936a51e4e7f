//! The block `training`.

use super::{Entry, Takes, entry, meaning};
use crate::check::defaults;
use crate::check::vocabulary::{
    AUGMENT, BELOW_THRESHOLD, COUNT, FACTOR, LOSS, MOMENTUM, NOT_NEGATIVE, POSITIVE, SCHEDULE,
    SEED, SHIFT, STAGE, STEPS, TRUTH, UPDATE, WARM_UP,
};
use spidec_ir::network::{Rule, Schedule, Update};

/// The block `training`.
pub fn training() -> Vec<Entry> {
    let training = defaults::training();
    let shift = defaults::shift();
    let mut entries = stages();
    let loss = format!("cross_entropy(scale = {})", training.loss.scale);
    entries.extend([
        entry("loss", Takes::Words(LOSS), loss, "what is made small"),
        entry(
            "cross_entropy(scale)",
            Takes::Number(&POSITIVE),
            training.loss.scale.to_string(),
            "what the gradient is multiplied by before the backward stage; the rate is divided by it",
        ),
        entry(
            "mean_squared_error(scale)",
            Takes::Number(&POSITIVE),
            training.loss.scale.to_string(),
            "the same",
        ),
        entry(
            "update",
            Takes::Words(UPDATE),
            training.update.to_string(),
            "how weights follow the gradient",
        ),
    ]);
    entries.extend(update(
        &defaults::sgd(),
        ["sgd(rate)", "sgd(batch)", "sgd(weight_decay)"],
    ));
    entries.extend(update(
        &defaults::adam(),
        ["adam(rate)", "adam(batch)", "adam(weight_decay)"],
    ));
    entries.extend(rules());
    entries.extend(schedules());
    entries.extend([
        entry(
            "warm_up",
            Takes::Whole(WARM_UP),
            training.warm_up.to_string(),
            meaning("warm_up"),
        ),
        entry(
            "augment",
            Takes::Words(AUGMENT),
            "none".to_string(),
            meaning("augment"),
        ),
        entry(
            "shift(pixels)",
            Takes::Whole(SHIFT),
            shift.pixels.to_string(),
            meaning("pixels"),
        ),
        entry(
            "shift(mirror)",
            Takes::Words(TRUTH),
            shift.mirror.to_string(),
            meaning("mirror"),
        ),
        entry(
            "published",
            Takes::Other(
                "`none`, `all`, or a list of `mask`, `dropout_gradient`, `event_mean`, `norm_estimate` and `weight_decay`",
            ),
            "[]".to_string(),
            "what is done as the published code does it; see *As published*",
        ),
        entry(
            "seed",
            Takes::Whole(SEED),
            training.seed.to_string(),
            meaning("seed"),
        ),
    ]);
    entries
}

fn stages() -> Vec<Entry> {
    let training = defaults::training();
    let the_setting = "the setting's".to_string();
    vec![
        entry(
            "forward_stage",
            Takes::Words(STAGE),
            training.forward.to_string(),
            "the stage in which the network answers",
        ),
        entry(
            "backward_stage",
            Takes::Words(STAGE),
            training.backward.to_string(),
            "the stage that carries the error back; its threshold is that of a couple",
        ),
        entry(
            "stage(steps)",
            Takes::Whole(STEPS),
            the_setting.clone(),
            meaning("steps"),
        ),
        entry(
            "stage(v_th)",
            Takes::Number(&POSITIVE),
            the_setting,
            meaning("v_th"),
        ),
        entry(
            "stage(u_rest)",
            Takes::Number(&BELOW_THRESHOLD),
            "-v_th".to_string(),
            meaning("u_rest"),
        ),
    ]
}

/// What update rules have in common.
fn update(update: &Update, [rate, batch, weight_decay]: [&'static str; 3]) -> [Entry; 3] {
    [
        entry(
            rate,
            Takes::Number(&POSITIVE),
            update.rate.to_string(),
            meaning("rate"),
        ),
        entry(
            batch,
            Takes::Whole(COUNT),
            update.batch.to_string(),
            "the number of samples of one step; fixed point takes 1",
        ),
        entry(
            weight_decay,
            Takes::Number(&NOT_NEGATIVE),
            update.weight_decay.to_string(),
            "the part of a weight that each step takes away; fixed point takes 0",
        ),
    ]
}

fn rules() -> Vec<Entry> {
    let mut entries = Vec::new();
    for rule in [defaults::sgd().rule, defaults::adam().rule] {
        match rule {
            Rule::Sgd { momentum } => entries.push(entry(
                "sgd(momentum)",
                Takes::Number(&MOMENTUM),
                momentum.to_string(),
                "the part of the previous step that is kept; fixed point takes 0",
            )),
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => entries.extend([
                entry(
                    "adam(beta1)",
                    Takes::Number(&MOMENTUM),
                    beta1.to_string(),
                    meaning("beta1"),
                ),
                entry(
                    "adam(beta2)",
                    Takes::Number(&MOMENTUM),
                    beta2.to_string(),
                    meaning("beta2"),
                ),
                entry(
                    "adam(epsilon)",
                    Takes::Number(&POSITIVE),
                    epsilon.to_string(),
                    meaning("epsilon"),
                ),
            ]),
        }
    }
    entries
}

fn schedules() -> Vec<Entry> {
    let schedule = defaults::step();
    let (every, factor) = match &schedule {
        Schedule::Step { every, factor } => (every.to_string(), factor.to_string()),
        _ => Default::default(),
    };
    vec![
        entry(
            "schedule",
            Takes::Words(SCHEDULE),
            schedule.to_string(),
            "the rate over epochs",
        ),
        entry("step(every)", Takes::Whole(COUNT), every, meaning("every")),
        entry(
            "step(factor)",
            Takes::Number(&FACTOR),
            factor,
            meaning("factor"),
        ),
        entry(
            "milestones(at)",
            Takes::Other("a list of whole numbers from 1, ascending"),
            None,
            meaning("at"),
        ),
        entry(
            "milestones(factor)",
            Takes::Number(&FACTOR),
            defaults::MILESTONE_FACTOR.to_string(),
            meaning("factor"),
        ),
        entry(
            "cosine(epochs)",
            Takes::Whole(COUNT),
            None,
            "the number of epochs after which the rate, on half a cosine, is zero",
        ),
    ]
}
