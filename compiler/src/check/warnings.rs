//! What is legal but surely not what was meant.

use super::places::Places;
use crate::diagnostics::{Code, Diagnostic};
use spidec_ir::Rounding;
use spidec_ir::fixed::{LearningConstant, backward_one, forward_one, largest_error};
use spidec_ir::network::{
    Init, LossKind, Network, Operator, PopulationId, Projection, ProjectionId, Schedule, Source,
};

/// A normal number lies farther than this many deviations from its mean in 1 % of all draws.
const ONE_PERCENT: f64 = 2.5758;

/// All warnings; those about fixed point only where it can execute the network.
pub fn of(network: &Network, places: &Places, fixed: bool) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    graph(network, places, &mut warnings);
    schedule(network, places, &mut warnings);
    frozen(network, places, &mut warnings);
    if fixed {
        membrane(network, places, &mut warnings);
        initial_weights(network, places, &mut warnings);
        error_format(network, places, &mut warnings);
        rates(network, places, &mut warnings);
    }
    warnings
}

/// Populations that nothing reaches, and those that do not reach the readout.
fn graph(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    let count = network.populations.len();
    let mut reached = vec![false; count];
    let mut reaches = vec![false; count];
    reaches[network.readout.source.index()] = true;
    // A path has at most as many edges as there are populations.
    for _ in 0..=count {
        let carries = |p: &&Projection| p.operator != Operator::Zero;
        for projection in network.projections.iter().filter(carries) {
            let to = projection.destination.index();
            let from = match projection.source {
                Source::Input => None,
                Source::Population(id) => Some(id.index()),
            };
            reached[to] |= projection.bias || from.is_none_or(|from| reached[from]);
            if let Some(from) = from {
                reaches[from] |= reaches[to];
            }
        }
    }
    for id in network.population_ids() {
        let PopulationId(k) = id;
        let name = &network.population(id).name;
        let place = places.find(&[&format!("population.{k}")]);
        if !reached[id.index()] {
            warnings.push(Diagnostic::new(
                Code::Unreached,
                place,
                format!("nothing reaches the population `{name}`"),
                "never fires",
                format!("add a projection into it, such as `forward {} -> {name} = dense`, or remove it", network.input.name),
            ));
        }
        if !reaches[id.index()] {
            warnings.push(Diagnostic::new(
                Code::DeadEnd,
                place,
                format!("the population `{name}` does not reach the readout"),
                "has no influence and never learns",
                format!(
                    "add a projection from it, read it with `linear(from = {name})`, or remove it"
                ),
            ));
        }
    }
}

fn schedule(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    let training = &network.training;
    let left = training.rate(3) / training.rate(0);
    // A cosine is meant to end at nothing.
    let meant = matches!(training.schedule, Schedule::Cosine { .. });
    if left < 1e-4 && !meant {
        warnings.push(Diagnostic::new(
            Code::VanishingRate,
            places.find(&["schedule.factor", "schedule"]),
            format!("after three epochs the learning rate is {:.1e} of {}", left, training.update.rate),
            "makes the rate vanish",
            "a usual factor is 0.5 after each epoch or 0.1 after each ten: `step(every = 10, factor = 0.1)`",
        ));
    }
}

fn frozen(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    if network.is_all_frozen() {
        warnings.push(Diagnostic::new(
            Code::AllFrozen,
            places.find(&["readout.frozen", "readout"]),
            "every projection and the readout are frozen".to_string(),
            "nothing is left to learn",
            "leave `frozen` out of what training should change",
        ));
    }
}

fn membrane(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    let (forward, backward) = (&network.training.forward, &network.training.backward);
    let back = backward.v_th.value() * forward.reset() / backward.reset();
    let largest = forward.v_th.value().max(forward.reset()).max(back);
    let format = network.array.membrane;
    let limit = format.max() as f64 / format.unit();
    if 2.0 * largest > limit {
        warnings.push(Diagnostic::new(
            Code::MembraneRange,
            places.find(&["membrane.bits", "membrane", "array", "network"]),
            format!("a reset or threshold of {largest} takes more than half of the membrane's range, up to {limit}"),
            "membranes will saturate",
            format!("give the membrane more bits, such as `fixed(bits = {}, frac = {})`", format.bits + 4, format.frac),
        ));
    }
}

fn initial_weights(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    let format = network.array.weight;
    let limit = format.max() as f64 / format.unit();
    for (layer, init) in inits(network) {
        // The number that the user chooses, and how many times it 1 % of the weights exceed.
        let (name, chosen, times) = match init {
            Init::Zeros => continue,
            Init::Normal { std } => ("deviation", std, ONE_PERCENT),
            Init::Uniform { bound, .. } => ("bound", bound, 0.99),
            Init::Kaiming { scale } => {
                let std = (2.0 / fan_in(network, layer)).sqrt();
                ("scale", scale, std * ONE_PERCENT)
            }
            // About uniform, of the deviation that the norm tells.
            Init::Unit { scale } => {
                let bound = (3.0 / fan_in(network, layer)).sqrt().min(1.0);
                ("scale", scale, bound * 0.99)
            }
        };
        if chosen.value() * times > limit {
            let path = path(layer);
            warnings.push(Diagnostic::new(
                Code::InitRange,
                places.find(&[&format!("{path}.init"), &path]),
                format!(
                    "more than 1 % of the initial weights leave {format}, range {} to {limit}",
                    format.min() as f64 / format.unit()
                ),
                format!("{name} {chosen}"),
                format!(
                    "take a {name} below {:.*}, or a weight format with a wider range",
                    decimals(limit / times),
                    limit / times
                ),
            ));
        }
    }
}

/// The number of weights that a sum of a layer has.
fn fan_in(network: &Network, layer: Option<ProjectionId>) -> f64 {
    let weights = match layer.map(|id| &network.projections[id.index()]) {
        Some(projection) => projection.operator.fan_in(
            network.source_shape(projection),
            network.destination_shape(projection),
        ),
        None => network.population(network.readout.source).shape.size(),
    };
    weights as f64
}

/// Decimals that show three digits of a positive number.
fn decimals(value: f64) -> usize {
    let tens = std::iter::successors(Some(value), |x| Some(x * 10.0));
    3 + tens.take(15).take_while(|&x| x < 0.1).count()
}

fn error_format(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    let format = network.array.error;
    let one = format.unit() as i64;
    if network.training.loss.kind == LossKind::CrossEntropy && -one < format.min() {
        warnings.push(Diagnostic::new(
            Code::ErrorRange,
            places.find(&["error.frac", "error", "array", "network"]),
            format!(
                "errors of cross-entropy lie from -1 to 1, {format} begins at {}",
                format.min() as f64 / format.unit()
            ),
            "errors will saturate",
            format!(
                "write `error = fixed(bits = {}, frac = {})`",
                format.bits,
                format.bits - 1
            ),
        ));
    }
}

/// Layers whose learning constant is so small that no weight ever changes.
fn rates(network: &Network, places: &Places, warnings: &mut Vec<Diagnostic>) {
    let rate = network.training.rate(0);
    let nearest = network.array.learning == Rounding::Nearest;
    let mut small = Vec::new();
    for (index, (layer, _)) in inits(network).enumerate() {
        if network.is_frozen(index) {
            continue;
        }
        let Some(constant) = LearningConstant::of(network, layer, rate).0 else {
            continue;
        };
        let largest = constant.value() * largest_product(network, layer);
        if constant.mantissa == 0 || nearest && largest < 0.5 {
            small.push(format!("`{}`", network.layer_name(index)));
        }
    }
    if !small.is_empty() {
        warnings.push(Diagnostic::new(
            Code::RateTooSmall,
            places.find(&["update.rate", "update", "training", "network"]),
            format!("the learning rate is too small for fixed point: weights never change in {}", small.join(", ")),
            "every update rounds to zero",
            if nearest {
                "make the rate larger, give the weight more fraction bits, or write `learning = round(stochastic)`"
            } else {
                "make the rate larger, or give the weight more fraction bits"
            },
        ));
    }
}

/// The largest error times the largest source value of a layer, in integers.
fn largest_product(network: &Network, layer: Option<ProjectionId>) -> f64 {
    let one = |id| f64::from(forward_one(network, id));
    match layer.map(|id| &network.projections[id.index()]) {
        Some(projection) => {
            let source = match projection.source {
                Source::Input => 255.0,
                Source::Population(id) => one(id),
            };
            f64::from(backward_one(network, projection.destination)) * source
        }
        None => {
            largest_error(network.training.loss.kind, network.array.error) as f64
                * one(network.readout.source)
        }
    }
}

/// All layers with their initial weights, the readout as `None`.
fn inits(network: &Network) -> impl Iterator<Item = (Option<ProjectionId>, Init)> {
    let projections = (0..).map(|k| Some(ProjectionId(k)));
    projections
        .zip(network.projections.iter().map(|p| p.init))
        .chain([(None, network.readout.init)])
}

/// Where a layer stands in the file, as a path of [`Places`].
fn path(layer: Option<ProjectionId>) -> String {
    match layer {
        Some(ProjectionId(k)) => format!("projection.{k}"),
        None => "readout".to_string(),
    }
}
