//! The block `training`.

use super::arguments::{Call, Report, out_of_range, whole};
use super::vocabulary::{
    AUGMENT, BELOW_THRESHOLD, COUNT, FACTOR, LOSS, MOMENTUM, NOT_NEGATIVE, POSITIVE, PUBLISHED,
    SCHEDULE, SEED, SHIFT, STAGE, STEPS, UPDATE, WARM_UP,
};
use super::words::{expected, unknown};
use super::{TRAINING, defaults, settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::{Block, Value, ValueKind};
use spidec_ir::Number;
use spidec_ir::network::{
    Input, Loss, LossKind, Quirk, Rule, Schedule, Shift, Stage, Training, Update, Values,
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
        training.schedule = schedule(report, value).unwrap_or(training.schedule);
    }
    if let Some(value) = values.get("warm_up") {
        let steps = whole(report, value, "warm_up", WARM_UP);
        training.warm_up = steps.map_or(training.warm_up, |steps| steps as u32);
    }
    if let Some(value) = values.get("augment") {
        training.augment = augment(report, value);
    }
    if let Some(value) = values.get("published") {
        training.published = published(report, value);
    }
    if let Some(value) = values.get("seed") {
        training.seed = whole(report, value, "seed", SEED).unwrap_or(training.seed);
    }
    training
}

/// Reports an input that has no picture which could be shifted.
pub fn picture(report: &mut Report, input: &Input, shift: Shift) {
    let pixels = shift.pixels;
    let many = if pixels == 1 { "" } else { "s" };
    let (what, label) = match (&input.values, input.shape.extents()) {
        (Values::Events { .. }, _) => ("reads events".to_string(), "not for events"),
        (_, None) => (
            format!("has the shape {}", input.shape),
            "not without rows and columns",
        ),
        (_, Some((height, width))) if height.min(width) <= pixels => (
            format!("has the shape {}", input.shape),
            "not for pictures so small",
        ),
        _ => return,
    };
    report.push(Diagnostic::new(
        Code::NoPicture,
        report.places.find(&["augment", "training"]),
        format!(
            "`augment` shifts pictures by up to {pixels} pixel{many}, and the input `{}` {what}",
            input.name
        ),
        label,
        "leave `augment` out, shift by fewer pixels, or give the input a shape `[height, width, channels]` of constant \
         values, with more rows and columns than are shifted",
    ));
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

fn update(report: &mut Report, value: &Value, update: &mut Update) {
    let Some(call) = Call::read(report, value, "update rule", "update", UPDATE) else {
        return;
    };
    *update = match call.word {
        "adam" => defaults::adam(),
        _ => defaults::sgd(),
    };
    if let Some(batch) = call.whole(report, "batch", COUNT) {
        update.batch = batch as u32;
    }
    let mut over = |name: &str, range, number: &mut Number| {
        *number = call.number(report, name, range).unwrap_or(*number);
    };
    over("rate", &POSITIVE, &mut update.rate);
    over("weight_decay", &NOT_NEGATIVE, &mut update.weight_decay);
    match &mut update.rule {
        Rule::Sgd { momentum } => over("momentum", &MOMENTUM, momentum),
        Rule::Adam {
            beta1,
            beta2,
            epsilon,
        } => {
            over("beta1", &MOMENTUM, beta1);
            over("beta2", &MOMENTUM, beta2);
            over("epsilon", &POSITIVE, epsilon);
        }
    }
}

/// `None` where something is reported that leaves no schedule.
fn schedule(report: &mut Report, value: &Value) -> Option<Schedule> {
    let call = Call::read(report, value, "schedule", "schedule", SCHEDULE)?;
    let given = call.number(report, "factor", &FACTOR);
    Some(match call.word {
        "constant" => Schedule::Constant,
        "milestones" => {
            let at = call.required(report, "at", "at = [30, 60]");
            Schedule::Milestones {
                at: milestones(report, at?)?,
                factor: given.unwrap_or(defaults::MILESTONE_FACTOR.into()),
            }
        }
        "cosine" => {
            call.required(report, "epochs", "epochs = 100");
            let epochs = call.whole(report, "epochs", COUNT)?;
            Schedule::Cosine {
                epochs: epochs as u32,
            }
        }
        _ => {
            let mut step = defaults::step();
            if let Schedule::Step { every, factor } = &mut step {
                let epochs = call.whole(report, "every", COUNT);
                *every = epochs.map_or(*every, |epochs| epochs as u32);
                *factor = given.unwrap_or(*factor);
            }
            step
        }
    })
}

/// Numbers of epochs, ascending.
fn milestones(report: &mut Report, value: &Value) -> Option<Vec<u32>> {
    const HELP: &str = "write whole numbers that ascend, such as `at = [30, 60]`";
    let ValueKind::List(values) = &value.kind else {
        report.wrong_type(value, "a list of whole numbers", HELP);
        return None;
    };
    let epochs = values.iter().map(|value| whole(report, value, "at", COUNT));
    let epochs: Vec<Option<u64>> = epochs.collect();
    let epochs: Vec<u64> = epochs.into_iter().collect::<Option<_>>()?;
    let falls = epochs.windows(2).position(|pair| pair[0] >= pair[1]);
    let (place, message) = match falls {
        _ if epochs.is_empty() => (value, "a list of no milestones".to_string()),
        Some(k) => (
            &values[k + 1],
            format!(
                "the milestone {} does not come after {}",
                epochs[k + 1],
                epochs[k]
            ),
        ),
        None => return Some(epochs.into_iter().map(|epoch| epoch as u32).collect()),
    };
    report.push(Diagnostic::new(
        Code::OutOfRange,
        place.span,
        message,
        "must be numbers that ascend",
        HELP,
    ));
    None
}

/// `None` where nothing is varied, and where something is reported.
fn augment(report: &mut Report, value: &Value) -> Option<Shift> {
    let call = Call::read(report, value, "augmentation", "augment", AUGMENT)?;
    if call.word == "none" {
        return None;
    }
    let mut shift = defaults::shift();
    let pixels = call.whole(report, "pixels", SHIFT);
    shift.pixels = pixels.map_or(shift.pixels, |pixels| pixels as u32);
    shift.mirror = call.boolean(report, "mirror").unwrap_or(shift.mirror);
    // Whether the picture is large enough could only be said of pixels that are read.
    let clear = !call.is_damaged() && pixels.is_some() == call.value("pixels").is_some();
    clear.then_some(shift)
}

/// `none`, `all`, or a list of names; in their fixed order.
fn published(report: &mut Report, value: &Value) -> Vec<Quirk> {
    let names = Quirk::ALL.map(Quirk::name);
    let ValueKind::List(values) = &value.kind else {
        let call = Call::read(report, value, "list of quirks", "published", PUBLISHED);
        return match call.map(|call| call.word) {
            Some("all") => Quirk::ALL.to_vec(),
            _ => Vec::new(),
        };
    };
    let mut places = Vec::new();
    for value in values {
        let ValueKind::Name(word) = &value.kind else {
            report.wrong_type(value, "a quirk's name", expected(&names));
            continue;
        };
        let Some(quirk) = Quirk::ALL
            .into_iter()
            .find(|quirk| quirk.name() == word.text)
        else {
            report.push(unknown(Code::UnknownWord, "quirk", word, &names));
            continue;
        };
        match places.iter().find(|(of, _)| *of == quirk) {
            None => places.push((quirk, word.span)),
            Some((_, first)) => report.push(
                Diagnostic::new(
                    Code::DuplicateArgument,
                    word.span,
                    format!("the quirk `{}` is named twice", word.text),
                    "named again",
                    "remove one of them",
                )
                .also(*first, "first named here"),
            ),
        }
    }
    let named = |quirk: &Quirk| places.iter().any(|(of, _)| of == quirk);
    Quirk::ALL.into_iter().filter(named).collect()
}
