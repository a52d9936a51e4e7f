//! An exact case's network as fixed point executes it.

use super::case::Case;
use super::fixed::NotExecuted;
use super::matrix::matrix;
use spidec_ir::fixed::{Constants, Format, Leak, Obstacle, backward_one, forward_one};
use spidec_ir::network::{Neuron, Operator, Population, Shape, Source, Values};
use spidec_ir::parameters::Layer;
use spidec_ir::{FixedParameters, FloatParameters, Number, Parameters};
use spidec_runtime::fixed::{FixedEngine, FixedError, Weights};

/// Bits of membranes: no recorded one is near their range.
const MEMBRANE_BITS: u32 = 28;

/// Leaky membranes, which a leak of 1/2 makes finer by a bit a step: as fine as the recorded ones need.
const LEAKY: Format = Format { bits: 32, frac: 27 };

/// Fraction bits of the weights then.
const LEAKY_WEIGHT: u32 = 14;

/// Bytes that one sign of an input value may take.
const MOST_COPIES: usize = 16;

/// Weights of a projection written out.
const LARGEST_MATRIX: usize = 1 << 24;

type Result<T> = std::result::Result<T, NotExecuted>;

/// An engine with a case's weights.
pub(super) struct Prepared {
    pub engine: FixedEngine,
    pub weights: Weights,
    /// `2^bits` of the inputs' grid.
    unit: f64,
    /// Input values, and the bytes that one sign of each takes.
    inputs: usize,
    copies: usize,
}

/// Prepares a case whose values lie on a grid.
pub(super) fn prepare(case: &Case, parameters: &FloatParameters) -> Result<Prepared> {
    let not = |why: &str| Err(NotExecuted(why.into()));
    let Some(grid) = case.settings.value_grid_bits.filter(|&bits| bits <= 14) else {
        return not("the grid of the values is finer than 2^-14");
    };
    let mut network = case.network.clone();
    if case.settings.has_events() {
        return not("no events in fixed point");
    }
    let dropped = |name: &String| name.starts_with("drop.");
    if case.arrays.all.keys().any(dropped) {
        return not("no dropout in fixed point");
    }
    let inputs = network.input.shape.size();
    let unit = f64::from(1u32 << grid);
    let input = case.arrays.find("input");
    let values = input.map_or(&[][..], |array| &array.values);
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs())) * unit;
    let copies = (largest / 255.0).ceil().max(1.0) as usize;
    if copies > MOST_COPIES {
        return not("the input is too large for its grid");
    }

    for p in &network.projections {
        let weights = network
            .source_size(p)
            .checked_mul(network.destination_size(p));
        if weights.is_none_or(|weights| weights > LARGEST_MATRIX) {
            return not("a projection is too large to be written out as a matrix");
        }
    }
    let projections = network.projections.iter().zip(&parameters.projections);
    let layers = projections.map(|(p, layer)| {
        let (from, to) = (network.source_shape(p), network.destination_shape(p));
        let mut weight = matrix(p.operator, &layer.weight, from, to);
        if p.source == Source::Input {
            weight = signed(&weight, from.size(), copies);
        }
        let channels = layer.bias.len().max(1);
        let bias = (0..if layer.bias.is_empty() { 0 } else { to.size() })
            .map(|i| layer.bias[i % channels])
            .collect();
        Layer { weight, bias }
    });
    let parameters = Parameters {
        projections: layers.collect(),
        readout: parameters.readout.clone(),
    };
    let pools =
        |p: &spidec_ir::network::Projection| matches!(p.operator, Operator::AveragePool { .. });
    // A pool's weights are quarters.
    let quarters = 2 * u32::from(network.projections.iter().any(pools));
    let leaks = |p: &Population| p.neuron != Neuron::IntegrateAndFire;
    let leaky = network.populations.iter().any(leaks);
    let frac = match leaky {
        true => LEAKY_WEIGHT,
        false => grid.max(quarters),
    };
    let parameters: FixedParameters = parameters.map(|w| (w * f64::from(1u32 << frac)) as i32);
    let values = parameters
        .layers()
        .flat_map(|l| l.weight.iter().chain(&l.bias));
    let largest = values.map(|w| w.unsigned_abs()).max().unwrap_or(0);
    network.array.weight = Format {
        bits: 34 - largest.leading_zeros(),
        frac,
    };
    network.array.membrane = match leaky {
        true => LEAKY,
        false => Format {
            bits: MEMBRANE_BITS,
            frac: frac + grid,
        },
    };
    network.input.shape = Shape(vec![(inputs * 2 * copies) as u32]);
    network.input.values = Values::scaled(Number::from(1.0 / unit));
    for projection in &mut network.projections {
        projection.operator = Operator::Dense;
    }
    // The gradient of the rates is taken from the file.
    let frac = network.array.membrane.frac - frac;
    network.array.error = Format { bits: 2, frac };
    let training = &mut network.training;
    training.loss.scale = (training.backward.reset() / training.forward.reset()).into();

    // Traces as fine as sums of the readout allow.
    let trace = |frac: u32| Format {
        bits: frac + 10,
        frac,
    };
    for format in (0..=16).rev().map(trace) {
        network.array.trace = format;
        if !leaky || Constants::of(&network).is_ok() {
            break;
        }
    }
    let engine = FixedEngine::new(&network).map_err(|e| NotExecuted(reason(e)))?;
    if let Some(rounded) = engine.rounded().first() {
        return Err(NotExecuted(format!("{} would be rounded", rounded.what)));
    }
    let wide = |obstacle: &Obstacle| {
        matches!(
            obstacle,
            Obstacle::Accumulator { .. } | Obstacle::Threshold { .. }
        )
    };
    if let Some(obstacle) = Constants::learning_obstacles(&network)
        .into_iter()
        .find(wide)
    {
        return Err(NotExecuted(obstacle.to_string()));
    }
    let weights = engine.load(&parameters);
    Ok(Prepared {
        weights: weights.map_err(|e| NotExecuted(e.to_string()))?,
        engine,
        unit,
        inputs,
        copies,
    })
}

/// Columns once for each byte: those of the positive values, then negated ones.
fn signed(weights: &[f64], columns: usize, copies: usize) -> Vec<f64> {
    let rows = weights.chunks_exact(columns);
    let row = |row: &[f64]| -> Vec<f64> {
        let signs = [1.0, -1.0].into_iter();
        let parts = signs.flat_map(|sign| std::iter::repeat_n(sign, copies));
        parts
            .flat_map(|sign| row.iter().map(move |w| sign * w))
            .collect()
    };
    rows.flat_map(row).collect()
}

fn reason(error: FixedError) -> String {
    match error {
        FixedError::Network(obstacles) => match obstacles.first() {
            Some(Obstacle::Feature { what, .. }) => format!("no {what} in fixed point"),
            Some(obstacle) => obstacle.to_string(),
            None => String::new(),
        },
        error => error.to_string(),
    }
}

impl Prepared {
    /// The largest relative error that traces have, of leaky networks: each step rounds by half a unit,
    /// of the trace and of that of a spike in every step, and the leak takes most of it again.
    pub fn resolution(&self) -> Option<f64> {
        let network = self.engine.network();
        let leaky = network.population_ids().filter_map(|id| {
            let leak = Leak::of_neuron(network.population(id).neuron)?;
            let one = forward_one(network, id).min(backward_one(network, id));
            Some(1.0 / (1.0 - leak.value()) / f64::from(one))
        });
        leaky.reduce(f64::max)
    }

    /// A sample's values in the engines' order as bytes.
    pub fn bytes(&self, values: &[f64]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * self.copies * self.inputs);
        for sign in [1.0, -1.0] {
            for copy in 0..self.copies {
                let part = |value: &f64| {
                    let rest = sign * value * self.unit - 255.0 * copy as f64;
                    rest.clamp(0.0, 255.0) as u8
                };
                bytes.extend(values[..self.inputs].iter().map(part));
            }
        }
        bytes
    }

    /// Numbers in membrane units, which they must fit.
    pub fn membrane_units(&self, values: impl Iterator<Item = f64>) -> Result<Vec<i32>> {
        let format = self.engine.network().array.membrane;
        let unit = |value: f64| {
            let scaled = value * format.unit();
            let fits = scaled.fract() == 0.0 && format.contains(scaled as i64);
            let why = || NotExecuted(format!("a gradient of {value} does not fit the membrane"));
            fits.then_some(scaled as i32).ok_or_else(why)
        };
        values.map(unit).collect()
    }
}
