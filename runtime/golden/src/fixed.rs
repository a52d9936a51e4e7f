//! An exact case in fixed point.
//!
//! Fixed point executes dense projections; kernels and pools are written out as matrices, which
//! changes no exact sum. Its inputs are bytes: negative and large values stand in several, with the
//! weights negated or once more.

use super::case::{Case, Pass};
use super::compare::{Kind, Row, Wanted};
use super::error::GoldenProblem;
use super::exact::Exact;
use super::order::Order;
use super::prepared::{Prepared, prepare};
use spidec_ir::fixed::{backward_one, forward_one};
use spidec_ir::trace::PopulationStep;

/// Why a case is not executed in fixed point.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not executed: {0}")]
pub struct NotExecuted(pub(super) String);

type Result<T> = std::result::Result<T, GoldenProblem>;

/// Executes and compares the plain pass, where fixed point can.
pub(super) fn run(case: &Case) -> Result<std::result::Result<Row, NotExecuted>> {
    let parameters = case.parameters()?;
    case.batch(Pass::Plain)?;
    let exact = Exact::of(case, Pass::Plain);
    if !exact.potentials {
        return Ok(Err(NotExecuted("it is no exact case".into())));
    }
    let prepared = match prepare(case, &parameters) {
        Ok(prepared) => prepared,
        Err(why) => return Ok(Err(why)),
    };
    let mut row = Row::new(case.name());
    row.resolution = prepared.resolution();
    let exact = exact.rates && exact.betas;
    if !exact && row.resolution.is_none() {
        return Ok(Err(NotExecuted("its rates are not exact".into())));
    }
    let recorded = Recorded::of(case, row.resolution)?;
    for k in 0..case.settings.batch as usize {
        if let Err(why) = compare(case, &prepared, &recorded, k, &mut row) {
            return Ok(Err(why));
        }
    }
    row.unread = case.arrays.unseen();
    Ok(Ok(row))
}

/// The arrays that fixed point has numbers for.
struct Recorded<'a> {
    orders: Vec<Order>,
    forward: Vec<Stage<'a>>,
    backward: Vec<Stage<'a>>,
    masks: Vec<Wanted<'a>>,
    input: &'a [f64],
    g: &'a [f64],
}

/// Those of one population.
struct Stage<'a> {
    spikes: Wanted<'a>,
    u_pre: Wanted<'a>,
    u_final: Wanted<'a>,
    /// Counts over the number of steps, or traces over that of a spike in every step.
    rates: Wanted<'a>,
}

impl<'a> Recorded<'a> {
    /// Rates are exact, or within what traces resolve.
    fn of(case: &'a Case, resolution: Option<f64>) -> Result<Recorded<'a>> {
        let batch = case.settings.batch as usize;
        let layers = &case.settings.layers;
        let shape = |k: usize| Case::batched(batch, &layers[k].shape);
        let stage = |k: usize, stage: &str, steps: u32, kind, rate: &str| {
            let name = |what: &str| format!("{stage}.l{k}.{what}");
            let whole = shape(k);
            let all: Vec<usize> = [steps as usize].into_iter().chain(whole.clone()).collect();
            Ok(Stage {
                spikes: case.wanted(Kind::Spikes, &name("spike"), &all, true)?,
                u_pre: case.wanted(Kind::Potentials, &name("u_pre"), &all, true)?,
                u_final: case.wanted(Kind::Potentials, &name("u_final"), &whole, true)?,
                rates: case
                    .wanted(kind, &name(rate), &whole, resolution.is_none())?
                    .within(resolution.unwrap_or(0.0)),
            })
        };
        let training = &case.network.training;
        let forward = |k| stage(k, "fwd", training.forward.steps, Kind::Rates, "rate");
        let backward = |k| stage(k, "bwd", training.backward.steps, Kind::Betas, "beta");
        let mask = |k| case.wanted(Kind::Masks, &format!("fwd.l{k}.mask"), &shape(k), true);
        let source = shape(case.network.readout.source.index());
        let input = Case::batched(batch, &case.settings.input.shape);
        Ok(Recorded {
            orders: (0..layers.len()).map(|k| case.order(k)).collect(),
            forward: (0..layers.len()).map(forward).collect::<Result<_>>()?,
            backward: (0..layers.len()).map(backward).collect::<Result<_>>()?,
            masks: (0..layers.len()).map(mask).collect::<Result<_>>()?,
            input: case.arrays.shaped("input", &input)?,
            g: case.arrays.shaped("grad_rate", &source)?,
        })
    }
}

/// How the engine's integers of a stage become the recorded numbers.
struct Units {
    /// A membrane unit.
    membrane: f64,
    /// A reset, in membrane units.
    reset: i32,
    /// What a step leaves of a membrane.
    leak: f64,
    /// The rate that one unit of a count or trace comes to.
    rate: f64,
}

/// Both stages of sample `k`.
fn compare(
    case: &Case,
    prepared: &Prepared,
    recorded: &Recorded,
    k: usize,
    row: &mut Row,
) -> std::result::Result<(), NotExecuted> {
    let batch = case.settings.batch as usize;
    let order = Order::of_shape(&case.settings.input.shape);
    let values = &recorded.input[k * order.len()..][..order.len()];
    let bytes = prepared.bytes(&order.to_engine(values));
    let engine = &prepared.engine;
    let trace = engine.forward_trace(&prepared.weights, &bytes);
    let outcome = engine.infer(&prepared.weights, &bytes);
    let training = &case.network.training;
    let (forward_reset, backward_reset) = (training.forward.reset(), training.backward.reset());
    // Neurons of a case are all of one kind.
    let source = case.network.readout.source;
    let ids = || case.network.population_ids();
    let neuron = case.network.population(source).neuron;
    let units = Units {
        membrane: 1.0 / engine.network().array.membrane.unit(),
        reset: engine.constants().reset,
        leak: neuron.leak(),
        rate: 1.0 / f64::from(forward_one(engine.network(), source)),
    };
    let everywhere: Vec<Vec<bool>> = outcome.counts.iter().map(|n| vec![true; n.len()]).collect();
    let rates: Vec<Vec<i32>> = ids().map(|id| outcome.rates(id).collect()).collect();
    let stages = (&recorded.forward[..], &recorded.orders[..]);
    let ours = (&trace.steps[..], &rates[..]);
    stage(stages, ours, &units, &everywhere, (k, batch), row);
    let steps = training.forward.steps;
    let masks: Vec<Vec<bool>> = recorded
        .orders
        .iter()
        .zip(&outcome.counts)
        .map(|(order, counts)| {
            let counts = order.to_recorded(counts);
            counts.iter().map(|&n| 0 < n && n < steps).collect()
        })
        .collect();
    for (wanted, masks) in recorded.masks.iter().zip(&masks) {
        let masks: Vec<f64> = masks.iter().map(|&m| f64::from(u8::from(m))).collect();
        row.compare(wanted, k * masks.len(), &masks);
    }

    let order = &recorded.orders[source.index()];
    let g = order.to_engine(&recorded.g[k * order.len()..][..order.len()]);
    // Couples are scaled by the ratio of the resets.
    let ratio = forward_reset / backward_reset;
    let g = prepared.membrane_units(g.iter().map(|g| g * ratio))?;
    let (steps, backward) = engine.backward_steps(&prepared.weights, &outcome, &g);
    let units = Units {
        membrane: units.membrane / ratio,
        leak: neuron.couple_leak(),
        rate: backward_reset / f64::from(backward_one(engine.network(), source)),
        ..units
    };
    let rates: Vec<Vec<i32>> = ids().map(|id| backward.rates(id).to_vec()).collect();
    let stages = (&recorded.backward[..], &recorded.orders[..]);
    let ours = (&steps[..], &rates[..]);
    stage(stages, ours, &units, &masks, (k, batch), row);
    row.silent += masks.iter().flatten().filter(|&&mask| !mask).count() as u64;
    Ok(())
}

/// All steps of a stage of sample `k` of `batch`, of the neurons for which `computed` is set.
fn stage(
    (recorded, orders): (&[Stage], &[Order]),
    (steps, rates): (&[Vec<PopulationStep>], &[Vec<i32>]),
    units: &Units,
    computed: &[Vec<bool>],
    (k, batch): (usize, usize),
    row: &mut Row,
) {
    for (p, (stage, order)) in recorded.iter().zip(orders).enumerate() {
        let size = order.len();
        let rates = order.to_recorded(&rates[p]);
        for (t, step) in steps.iter().enumerate() {
            let spikes = order.to_recorded(&step[p].spikes);
            let membranes = order.to_recorded(&step[p].membranes);
            let neurons = (0..size).filter(|&i| computed[p][i]);
            for i in neurons {
                let place = (t * batch + k) * size + i;
                // Equal only where the leak lost nothing.
                let after = f64::from(membranes[i]);
                let before = after / units.leak + f64::from(i32::from(spikes[i]) * units.reset);
                row.compare(&stage.spikes, place, &[f64::from(spikes[i])]);
                row.compare(&stage.u_pre, place, &[before * units.membrane]);
                if t + 1 == steps.len() {
                    let place = k * size + i;
                    row.compare(&stage.u_final, place, &[after * units.membrane]);
                    let rate = f64::from(rates[i]) * units.rate;
                    row.compare(&stage.rates, place, &[rate]);
                }
            }
        }
    }
}
