//! How both spiking stages approach the equilibrium as they grow.

use super::{BackwardStage, ForwardStage, NoEquilibrium, Reading, ShapeMismatch, Spide};
use rayon::prelude::*;
use spidec_data::{DataError, Dataset};
use spidec_ir::network::{Stage, Values};
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Network, Number};

/// How a spike resets a neuron or a couple. Both take away the same, `v_th - u_rest`, so that both
/// have the same equilibrium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// `u_rest = -v_th`: what is left of a membrane lies around zero, so rates are rounded.
    Modified,
    /// `u_rest = 0`: what is left lies above zero, so rates are cut off.
    Plain,
}

impl Reset {
    /// Both.
    pub const ALL: [Reset; 2] = [Reset::Modified, Reset::Plain];

    /// `modified` or `plain`.
    pub fn name(self) -> &'static str {
        match self {
            Reset::Modified => "modified",
            Reset::Plain => "plain",
        }
    }

    /// A stage of `steps` steps with this reset and the same equilibrium as `stage`.
    pub fn of(self, stage: &Stage, steps: u32) -> Stage {
        let taken = stage.reset();
        let (v_th, u_rest) = match self {
            Reset::Modified => (0.5 * taken, -0.5 * taken),
            Reset::Plain => (taken, 0.0),
        };
        Stage {
            steps,
            v_th: Number::from(v_th),
            u_rest: Number::from(u_rest),
        }
    }
}

/// What stages of some steps come to, over all samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approach {
    /// `T_F` and `T_B`.
    pub steps: u32,
    /// Of neurons and couples.
    pub reset: Reset,
    /// The norm of `alpha - alpha*` over that of `alpha*`.
    pub forward: f64,
    /// The same of the masked `beta`, of a backward stage that is given the equilibrium's masks and
    /// gradient of the rates: what the backward stage alone adds.
    pub backward: f64,
    /// The cosine between the gradients by SPIDE, both stages of these steps, and by implicit
    /// differentiation: of all projections' parameters, the readout's left out; 0 where SPIDE's is zero.
    pub cosine: f64,
    /// The part of the neurons whose mask is not the equilibrium's.
    pub masks: f64,
}

/// How both stages approach the equilibrium.
#[derive(Clone, Debug, PartialEq)]
pub struct Convergence {
    /// By resets, then by steps.
    pub approaches: Vec<Approach>,
    /// Samples over which all was measured.
    pub samples: usize,
    /// Samples left out: no equilibrium of theirs was found.
    pub unsettled: usize,
    /// The part of the couples whose `beta*` is more than a spike in every step: they cannot reach it.
    pub beyond: f64,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum ConvergenceError {
    /// Parameters of another network.
    #[error(transparent)]
    Shapes(#[from] ShapeMismatch),
    /// Samples for another network.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The input is of events, and changes from step to step.
    #[error(
        "an equilibrium needs an input that stays the same in every step, and the input {0} reads events; take a network with a constant input"
    )]
    Events(String),
    /// There is an equilibrium for no sample; this is the first one's.
    #[error(transparent)]
    NoEquilibrium(NoEquilibrium),
    /// Nothing fires: there is no distance from nothing.
    #[error(
        "no neuron fires at the equilibrium of any sample, so there is nothing to measure; take weights of a larger std, a smaller v_th, or another state"
    )]
    Silent,
}

impl ConvergenceError {
    /// The error's code, where it has one; it stays what it is.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            ConvergenceError::Shapes(_) => None,
            ConvergenceError::Data(error) => Some(error.code()),
            ConvergenceError::Events(_) => Some("C002"),
            ConvergenceError::NoEquilibrium(error) => Some(error.code()),
            ConvergenceError::Silent => Some("C004"),
        }
    }
}

/// A sample's equilibrium.
struct Target {
    index: usize,
    g: Vec<f64>,
    reading: Reading<f64>,
}

/// Whether a network's input lets it settle.
///
/// # Errors
/// [`ConvergenceError::Events`] where it reads events.
pub fn has_equilibrium(network: &Network) -> Result<(), ConvergenceError> {
    match network.input.values {
        Values::Constant { .. } => Ok(()),
        Values::Events { .. } => Err(ConvergenceError::Events(network.input.name.clone())),
    }
}

/// Runs both stages with each of `steps` and both resets, and compares with the equilibrium; dropout
/// has no part in it. The parameters are those after `trained` steps of training. `tell` hears of each number of steps that is done.
pub fn convergence(
    network: &Network,
    (parameters, trained): (&FloatParameters, u64),
    data: &Dataset,
    steps: &[u32],
    tell: &mut dyn FnMut(u32),
) -> Result<Convergence, ConvergenceError> {
    has_equilibrium(network)?;
    data.check(network)?;
    let spide = Spide::at_step(network, parameters, trained)?;
    let found: Vec<Result<Target, NoEquilibrium>> = (0..data.len())
        .into_par_iter()
        .map(|index| target(&spide, data, index))
        .collect();
    let count = found.len();
    let mut targets = Vec::new();
    let mut first = None;
    for target in found {
        match target {
            Ok(target) => targets.push(target),
            Err(error) => first = first.or(Some(error)),
        }
    }
    if let (Some(error), true) = (&first, targets.is_empty()) {
        return Err(ConvergenceError::NoEquilibrium(error.clone()));
    }
    let readings: Vec<Reading<f64>> = targets.iter().map(|t| t.reading.clone()).collect();
    let mut rates = readings
        .iter()
        .flat_map(|r| r.forward.rates.iter().flatten());
    if rates.all(|&rate| rate == 0.0) {
        return Err(ConvergenceError::Silent);
    }
    let wanted = spide.gradients(&readings);
    let mut approaches = Vec::new();
    for reset in Reset::ALL {
        for &steps in steps {
            let mut network = network.clone();
            let training = &mut network.training;
            training.forward = reset.of(&training.forward, steps);
            training.backward = reset.of(&training.backward, steps);
            let spide = Spide::at_step(&network, parameters, trained)?;
            approaches.push(approach(&spide, data, &targets, &wanted, reset));
            tell(steps);
        }
    }
    Ok(Convergence {
        approaches,
        samples: targets.len(),
        unsettled: count - targets.len(),
        beyond: beyond(network, &targets),
    })
}

fn target(spide: &Spide<f64>, data: &Dataset, index: usize) -> Result<Target, NoEquilibrium> {
    let (integers, label) = data.sample(index);
    let sample = spide.sample(integers);
    let forward = spide.equilibrium(&sample)?;
    let error = error_of(spide, &forward, label);
    let g = spide.rate_gradient(&error);
    let backward = spide.implicit_backward(&sample, &forward, &g)?;
    Ok(Target {
        index,
        g,
        reading: Reading {
            sample,
            forward,
            backward,
            error,
        },
    })
}

/// The gradient of the scaled loss by the logits, as a batch of training has it.
fn error_of(spide: &Spide<f64>, forward: &ForwardStage<f64>, label: usize) -> Vec<f64> {
    let batch = spide.network.training.update.batch as usize;
    spide.loss(&forward.logits, label, batch).1
}

/// What one sample adds.
struct Part {
    /// Squared norms of a difference and of what is wanted.
    forward: [f64; 2],
    backward: [f64; 2],
    masks: usize,
    reading: Reading<f64>,
}

fn approach(
    spide: &Spide<f64>,
    data: &Dataset,
    targets: &[Target],
    wanted: &FloatParameters,
    reset: Reset,
) -> Approach {
    let part = |target: &Target| {
        let (integers, label) = data.sample(target.index);
        let sample = spide.sample(integers);
        let forward = spide.forward(&sample);
        let wanted = &target.reading;
        let alone = spide.backward(&sample, &wanted.forward, &target.g);
        let masks = |stage: &ForwardStage<f64>| stage.masks.concat();
        let error = error_of(spide, &forward, label);
        let backward = spide.backward(&sample, &forward, &spide.rate_gradient(&error));
        let masked = |backward: &BackwardStage<f64>| masked(&wanted.forward, backward);
        Part {
            forward: squares(&forward.rates.concat(), &wanted.forward.rates.concat()),
            backward: squares(&masked(&alone), &masked(&wanted.backward)),
            masks: (masks(&forward).iter().zip(masks(&wanted.forward)))
                .filter(|&(&a, b)| a != b)
                .count(),
            reading: Reading {
                sample,
                forward,
                backward,
                error,
            },
        }
    };
    let parts: Vec<Part> = targets.par_iter().map(part).collect();
    let ratio = |of: fn(&Part) -> [f64; 2]| {
        let [difference, wanted] = parts
            .iter()
            .map(of)
            .fold([0.0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
        libm::sqrt(difference) / libm::sqrt(wanted).max(f64::MIN_POSITIVE)
    };
    let neurons: usize = { spide.network.populations.iter() }
        .map(|p| p.shape.size())
        .sum();
    let mut approach = Approach {
        steps: spide.network.training.forward.steps,
        reset,
        forward: ratio(|part| part.forward),
        backward: ratio(|part| part.backward),
        cosine: 0.0,
        masks: parts.iter().map(|part| part.masks).sum::<usize>() as f64
            / (neurons * parts.len()).max(1) as f64,
    };
    let readings: Vec<Reading<f64>> = parts.into_iter().map(|part| part.reading).collect();
    approach.cosine = cosine(&spide.gradients(&readings), wanted);
    approach
}

/// `m beta` of all neurons.
fn masked(forward: &ForwardStage<f64>, backward: &BackwardStage<f64>) -> Vec<f64> {
    let masks = forward.masks.iter().flatten();
    let betas = backward.rates.iter().flatten();
    betas
        .zip(masks)
        .map(|(&b, &m)| if m { b } else { 0.0 })
        .collect()
}

fn squares(found: &[f64], wanted: &[f64]) -> [f64; 2] {
    let difference = found
        .iter()
        .zip(wanted)
        .map(|(f, w)| (f - w) * (f - w))
        .sum();
    [difference, wanted.iter().map(|w| w * w).sum()]
}

/// Of the projections' parameters.
fn cosine(a: &FloatParameters, b: &FloatParameters) -> f64 {
    let layers = || a.projections.iter().zip(&b.projections);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let product =
        |a: &Layer<f64>, b: &Layer<f64>| dot(&a.weight, &b.weight) + dot(&a.bias, &b.bias);
    let [ab, aa, bb] = layers().fold([0.0; 3], |[ab, aa, bb], (a, b)| {
        [ab + product(a, b), aa + product(a, a), bb + product(b, b)]
    });
    let norms = libm::sqrt(aa) * libm::sqrt(bb);
    if norms == 0.0 { 0.0 } else { ab / norms }
}

/// The part of the couples that would have to fire more than once a step.
fn beyond(network: &Network, targets: &[Target]) -> f64 {
    let most = network.training.backward.reset();
    let betas = targets
        .iter()
        .flat_map(|t| t.reading.backward.rates.iter().flatten());
    let count = betas.clone().count().max(1);
    betas.filter(|beta| beta.abs() > most).count() as f64 / count as f64
}
