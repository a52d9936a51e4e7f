//! A case in floating point: every pass, and everything recorded of it.

use super::case::{Case, Pass};
use super::compare::{Kind, Row, Wanted};
use super::error::GoldenProblem;
use super::exact::Exact;
use super::order::Order;
use super::weights;
use spidec_runtime::spide::{PopulationStep, Reading, Sample, Spide, StageTrace, Trainer};

type Result<T> = std::result::Result<T, GoldenProblem>;

/// Executes and compares all passes of a case.
pub(super) fn run(case: &Case) -> Result<Row> {
    let mut row = Row::new(case.name());
    let parameters = case.parameters()?;
    // A batch is read sample by sample, and adding its gradients is little work.
    let trainer = Trainer::new(&case.network, &parameters);
    let mut trainer = trainer
        .map_err(|e| GoldenProblem::setting("projections", e.to_string()))?
        .with_threads(1);
    self::pass(case, Pass::Plain, trainer.spide_mut(), &mut row)?;
    if let Some(sgd) = &case.settings.sgd {
        for step in 1..=sgd.steps {
            let pass = Pass::Step(step);
            let readings = self::pass(case, pass, trainer.spide_mut(), &mut row)?;
            trainer.step_read(&readings);
            let parameters = trainer.spide().parameters();
            weights::layers(
                case,
                &pass.name("param"),
                Kind::Parameters,
                &parameters,
                false,
                &mut row,
            )?;
        }
    }
    row.unread = case.arrays.unseen();
    Ok(row)
}

/// One pass; the readings of its batch.
fn pass(
    case: &Case,
    pass: Pass,
    spide: &mut Spide<f64>,
    row: &mut Row,
) -> Result<Vec<Reading<f64>>> {
    weights::used(case, pass, spide, row)?;
    let exact = Exact::of(case, pass);
    let batch = case.batch(pass)?;
    let recorded = Recorded::of(case, pass, batch.len(), exact)?;
    let mut readings = Vec::new();
    let mut loss = 0.0;
    for (k, (sample, label)) in batch.iter().enumerate() {
        let place = (k, batch.len());
        let (reading, one) = read(case, spide, &recorded, place, (sample, *label), row);
        loss += one;
        readings.push(reading);
    }
    let loss = loss / batch.len() as f64;
    row.compare(&recorded.loss, 0, &[loss]);
    if let (Pass::Step(step), Some(sgd)) = (pass, &case.settings.sgd) {
        let k = step as usize - 1;
        if let Some(wanted) = sgd.losses.get(k) {
            let name = format!("sgd.losses[{k}] of case.json");
            row.compare(&Wanted::number(Kind::Logits, &name, wanted), 0, &[loss]);
        }
    }
    let gradients = spide.gradients(&readings);
    weights::layers(
        case,
        &pass.name("grad"),
        Kind::Gradients,
        &gradients,
        exact.gradients,
        row,
    )?;
    Ok(readings)
}

/// The arrays of both stages of a pass.
struct Recorded<'a> {
    forward: Vec<Stage<'a>>,
    backward: Vec<Stage<'a>>,
    masks: Vec<Wanted<'a>>,
    logits: Wanted<'a>,
    loss: Wanted<'a>,
    g: Option<Wanted<'a>>,
    g_raw: Option<Wanted<'a>>,
}

/// Those of one population.
struct Stage<'a> {
    order: Order,
    spikes: Option<Wanted<'a>>,
    u_pre: Option<Wanted<'a>>,
    u_final: Option<Wanted<'a>>,
    rates: Wanted<'a>,
}

impl<'a> Recorded<'a> {
    /// Of the plain pass everything; of a step of training what is there.
    fn of(case: &'a Case, pass: Pass, batch: usize, exact: Exact) -> Result<Recorded<'a>> {
        let optional = |kind, name: &str, shape: &[usize], exact| {
            let name = pass.name(name);
            let there = pass == Pass::Plain || case.arrays.find(&name).is_some();
            there
                .then(|| case.wanted(kind, &name, shape, exact))
                .transpose()
        };
        let required = |kind, name: &str, shape: &[usize], exact| {
            case.wanted(kind, &pass.name(name), shape, exact)
        };
        let training = &case.network.training;
        let count = case.settings.layers.len();
        let shape = |k: usize| Case::batched(batch, &case.settings.layers[k].shape);
        let stage = |k: usize, stage: &str, steps: u32, rate: &str, kind, exact_rates| {
            let name = |what: &str| format!("{stage}.l{k}.{what}");
            let whole = shape(k);
            let steps: Vec<usize> = [steps as usize].into_iter().chain(whole.clone()).collect();
            let (spikes, potentials) = (Kind::Spikes, Kind::Potentials);
            Ok(Stage {
                order: case.order(k),
                spikes: optional(spikes, &name("spike"), &steps, true)?,
                u_pre: optional(potentials, &name("u_pre"), &steps, exact.potentials)?,
                u_final: optional(potentials, &name("u_final"), &whole, exact.potentials)?,
                rates: required(kind, &name(rate), &whole, exact_rates)?,
            })
        };
        let forward = |k| {
            let steps = training.forward.steps;
            stage(k, "fwd", steps, "rate", Kind::Rates, exact.rates)
        };
        let backward = |k| {
            let steps = training.backward.steps;
            stage(k, "bwd", steps, "beta", Kind::Betas, exact.betas)
        };
        let mask = |k| required(Kind::Masks, &format!("fwd.l{k}.mask"), &shape(k), true);
        let classes = case.network.readout.classes as usize;
        let source = shape(case.network.readout.source.index());
        let rounded = case.settings.grad_rounding_bits.is_some();
        let raw = rounded && case.arrays.find(&pass.name("grad_rate_raw")).is_some();
        Ok(Recorded {
            forward: (0..count).map(forward).collect::<Result<_>>()?,
            backward: (0..count).map(backward).collect::<Result<_>>()?,
            masks: (0..count).map(mask).collect::<Result<_>>()?,
            logits: required(Kind::Logits, "logits", &[batch, classes], false)?,
            loss: required(Kind::Logits, "loss", &[1], false)?,
            g: optional(Kind::Logits, "grad_rate", &source, exact.potentials)?,
            g_raw: raw
                .then(|| required(Kind::Logits, "grad_rate_raw", &source, false))
                .transpose()?,
        })
    }
}

/// Both stages of sample `k` of a batch of `count`, compared; and the unscaled loss.
fn read(
    case: &Case,
    spide: &Spide<f64>,
    recorded: &Recorded,
    (k, count): (usize, usize),
    (sample, label): (&Sample<f64>, usize),
    row: &mut Row,
) -> (Reading<f64>, f64) {
    let (mut forward, steps) = spide.forward_traced(sample);
    trace(&recorded.forward, &steps, (k, count), row);
    for (stage, rates) in recorded.forward.iter().zip(&forward.rates) {
        let rates = stage.order.to_recorded(rates);
        row.compare(&stage.rates, k * rates.len(), &rates);
    }
    row.compare(&recorded.logits, k * forward.logits.len(), &forward.logits);
    take_masks(case, recorded, k, &forward.counts, &mut forward.masks, row);
    for ((stage, wanted), masks) in recorded
        .forward
        .iter()
        .zip(&recorded.masks)
        .zip(&forward.masks)
    {
        let masks = masks.iter().map(|&mask| f64::from(u8::from(mask)));
        let masks = stage.order.to_recorded(&masks.collect::<Vec<_>>());
        row.compare(wanted, k * masks.len(), &masks);
    }

    let (loss, error) = spide.loss(&forward.logits, label, count);
    let g = spide.rate_gradient(&error);
    let order = &recorded.forward[case.network.readout.source.index()].order;
    if let Some(raw) = &recorded.g_raw {
        row.compare(raw, k * g.len(), &order.to_recorded(&g));
    }
    let g = rounded(g, case.settings.grad_rounding_bits);
    if let Some(wanted) = &recorded.g {
        row.compare(wanted, k * g.len(), &order.to_recorded(&g));
    }

    let (backward, steps) = spide.backward_traced(sample, &forward, &g);
    trace(&recorded.backward, &steps, (k, count), row);
    for (stage, betas) in recorded.backward.iter().zip(&backward.rates) {
        let betas = stage.order.to_recorded(betas);
        row.compare(&stage.rates, k * betas.len(), &betas);
    }
    let reading = Reading {
        sample: sample.clone(),
        forward,
        backward,
        error,
    };
    (reading, loss)
}

/// Spikes and membranes of a stage of sample `k`; recorded `[step][sample][neuron]`.
fn trace(recorded: &[Stage], steps: &StageTrace<f64>, (k, count): (usize, usize), row: &mut Row) {
    for (t, step) in steps.iter().enumerate() {
        for (stage, PopulationStep { spikes, u_pre, u }) in recorded.iter().zip(step) {
            let offset = (t * count + k) * u.len();
            if let Some(wanted) = &stage.spikes {
                let spikes: Vec<f64> = spikes.iter().map(|&s| f64::from(s)).collect();
                row.compare(wanted, offset, &stage.order.to_recorded(&spikes));
            }
            if let Some(wanted) = &stage.u_pre {
                row.compare(wanted, offset, &stage.order.to_recorded(u_pre));
            }
            if let Some(wanted) = stage.u_final.as_ref().filter(|_| t + 1 == steps.len()) {
                row.compare(wanted, k * u.len(), &stage.order.to_recorded(u));
            }
        }
    }
}

/// The recorded masks of leaky neurons that fired in every step: their rate is 1 but for rounding,
/// and whether it is below 1 no two programs need agree on.
fn take_masks(
    case: &Case,
    recorded: &Recorded,
    k: usize,
    counts: &[Vec<u32>],
    masks: &mut [Vec<bool>],
    row: &mut Row,
) {
    let steps = case.network.training.forward.steps;
    for (p, population) in case.network.populations.iter().enumerate() {
        if population.neuron.leak() == 1.0 {
            continue;
        }
        let size = masks[p].len();
        let taken = &recorded.masks[p].values[k * size..][..size];
        let taken = recorded.forward[p].order.to_engine(taken);
        for ((mask, taken), &count) in masks[p].iter_mut().zip(taken).zip(&counts[p]) {
            if count == steps {
                *mask = taken != 0.0;
                row.masks_taken += 1;
            }
        }
    }
}

/// Multiples of `2^-bits`, halves to even.
fn rounded(g: Vec<f64>, bits: Option<u32>) -> Vec<f64> {
    let Some(bits) = bits else { return g };
    let unit = 2f64.powi(bits.min(1000) as i32);
    g.iter()
        .map(|g| (g * unit).round_ties_even() / unit)
        .collect()
}
