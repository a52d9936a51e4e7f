//! One case: its settings, its network, its arrays.

use super::arrays::Arrays;
use super::compare::{Kind, Row, Wanted};
use super::error::{GoldenError, GoldenProblem};
use super::fixed::{self, NotExecuted};
use super::float;
use super::network::network;
use super::order::Order;
use super::settings::Settings;
use spidec_ir::network::Shape;
use spidec_ir::parameters::Layer;
use spidec_ir::{FloatParameters, Network, Parameters};
use spidec_runtime::spide::Sample;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// A recorded case.
#[derive(Clone, Debug)]
pub struct Case {
    directory: PathBuf,
    pub(super) settings: Settings,
    pub(super) network: Network,
    pub(super) arrays: Arrays,
}

/// One pass over a batch: the recorded one, or a step of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Recorded in full.
    Plain,
    /// A step, counted from 1; the first is the plain pass once more.
    Step(u32),
}

impl Pass {
    /// The name of one of its arrays.
    pub fn name(self, name: &str) -> String {
        match self {
            Pass::Plain => name.into(),
            Pass::Step(step) => format!("sgd.{step}.{name}"),
        }
    }

    /// Names under which an array of it may stand.
    pub fn names(self, name: &str) -> impl Iterator<Item = String> + use<> {
        let plain = (self == Pass::Step(1)).then(|| name.to_string());
        [self.name(name)].into_iter().chain(plain)
    }
}

impl Case {
    /// Reads a case's folder, of any size.
    ///
    /// # Errors
    /// A file that cannot be read or is damaged; settings that contradict each other or are not
    /// executed; an array that is not there.
    pub fn read(directory: &Path) -> Result<Case, GoldenError> {
        let within = |name: &str| directory.join(name);
        let of_json = |problem| GoldenError {
            file: within("case.json"),
            problem,
        };
        let text = fs::read_to_string(within("case.json")).map_err(|e| of_json(e.into()))?;
        let settings: Settings = serde_json::from_str(&text).map_err(|e| of_json(e.into()))?;
        let network = network(&settings).map_err(of_json)?;
        let file = File::open(within("arrays.npz")).map_err(GoldenProblem::from);
        let arrays = file.and_then(|file| Arrays::read(BufReader::new(file), &settings.arrays));
        let arrays = arrays.map_err(|problem| GoldenError {
            file: within("arrays.npz"),
            problem,
        })?;
        Ok(Case {
            directory: directory.into(),
            settings,
            network,
            arrays,
        })
    }

    /// The case's name.
    pub fn name(&self) -> &str {
        &self.settings.case
    }

    /// Executes the case in floating point (`f64`) and compares everything recorded.
    ///
    /// # Errors
    /// An array that is missing, of another shape, or with a value that cannot be.
    pub fn run(&self) -> Result<Row, GoldenError> {
        float::run(self).map_err(|problem| self.in_arrays(problem))
    }

    /// Executes an exact case in fixed point with enough bits, the gradient of the rates taken from
    /// the file: spikes, potentials and counts must be equal.
    ///
    /// # Errors
    /// As [`Case::run`].
    pub fn run_fixed(&self) -> Result<Result<Row, NotExecuted>, GoldenError> {
        fixed::run(self).map_err(|problem| self.in_arrays(problem))
    }

    fn in_arrays(&self, problem: GoldenProblem) -> GoldenError {
        GoldenError {
            file: self.directory.join("arrays.npz"),
            problem,
        }
    }

    /// Recorded names of the layers that have parameters or may have, in the order of
    /// [`Parameters::layers`].
    pub(super) fn layer_names(&self) -> Vec<&str> {
        let projections = self.settings.projections.iter();
        let names = projections.map(|p| p.name.as_str());
        names.chain(["readout"]).collect()
    }

    /// An array to compare with, which must be there and have a shape.
    pub(super) fn wanted(
        &self,
        kind: Kind,
        name: &str,
        shape: &[usize],
        exact: bool,
    ) -> Result<Wanted<'_>, GoldenProblem> {
        self.arrays.shaped(name, shape)?;
        Ok(Wanted::new(kind, name, self.arrays.get(name)?, exact))
    }

    /// `[batch]` and a shape.
    pub(super) fn batched(batch: usize, shape: &[u32]) -> Vec<usize> {
        let extents = shape.iter().map(|&n| n as usize);
        [batch].into_iter().chain(extents).collect()
    }

    /// The shape of a layer's weights as recorded, projections in order, then the readout.
    pub(super) fn weight_shape(&self, layer: usize) -> Vec<usize> {
        let shape = self.network.weight_shape(layer);
        match (shape.as_slice(), self.settings.projections.get(layer)) {
            (&[to, side, _, from], Some(p)) if p.kind == "conv_transpose2d" => {
                vec![from, to, side, side]
            }
            (&[to, side, _, from], _) => vec![to, from, side, side],
            _ => shape,
        }
    }

    /// The order of a population's neurons.
    pub(super) fn order(&self, population: usize) -> Order {
        Order::of_shape(&self.settings.layers[population].shape)
    }

    /// The order of a layer's weights and biases.
    pub(super) fn orders(&self, layer: usize) -> (Order, Order) {
        let network = &self.network;
        let Some(p) = network.projections.get(layer) else {
            let source = network.readout.source.index();
            let (from, classes) = (self.order(source), network.readout.classes);
            let to = Order::same(classes as usize);
            let weights = Order::of_weights(
                spidec_ir::network::Operator::Dense,
                (&network.populations[source].shape, &from),
                (&Shape(vec![classes]), &to),
            );
            return (weights, to);
        };
        let settings = &self.settings.projections[layer];
        let from = Order::of_shape(&settings.in_shape);
        let to = Order::of_shape(&settings.out_shape);
        let weights = Order::of_weights(
            p.operator,
            (network.source_shape(p), &from),
            (network.destination_shape(p), &to),
        );
        let biases = match network.biases(layer) {
            n if n == to.len() => to,
            n => Order::same(n),
        };
        (weights, biases)
    }

    /// The parameters before any update.
    pub(super) fn parameters(&self) -> Result<FloatParameters, GoldenProblem> {
        let read = |(k, name): (usize, &str)| -> Result<Layer<f64>, GoldenProblem> {
            let shape = self.weight_shape(k);
            if shape == [0] {
                return Ok(Layer {
                    weight: Vec::new(),
                    bias: Vec::new(),
                });
            }
            let weight = self
                .arrays
                .shaped(&format!("param.{name}.weight"), &shape)?;
            let bias = match self.network.biases(k) {
                0 => &[],
                n => self.arrays.shaped(&format!("param.{name}.bias"), &[n])?,
            };
            let (weights, biases) = self.orders(k);
            Ok(Layer {
                weight: weights.to_engine(weight),
                bias: biases.to_engine(bias),
            })
        };
        let layers = self.layer_names().into_iter().enumerate().map(read);
        let mut layers = layers.collect::<Result<Vec<_>, _>>()?;
        let readout = layers.pop().expect("the readout is last");
        Ok(Parameters {
            projections: layers,
            readout,
        })
    }

    /// The samples of a pass with their labels, dropout included.
    pub(super) fn batch(&self, pass: Pass) -> Result<Vec<(Sample<f64>, usize)>, GoldenProblem> {
        let labels = self.labels(pass)?;
        let mut shape = Case::batched(labels.len(), &self.settings.input.shape);
        let frames = self
            .settings
            .has_events()
            .then_some(self.settings.input.frames);
        let frames = frames.flatten().map(|n| n as usize);
        shape.extend(frames);
        let input = self.arrays.shaped(&pass.name("input"), &shape)?;
        let order = Order::of_shape(&self.settings.input.shape);
        let samples = input.chunks_exact(order.len() * frames.unwrap_or(1));
        let mut samples: Vec<Sample<f64>> = match frames {
            None => samples
                .map(|x| Sample::constant(order.to_engine(x)))
                .collect(),
            Some(count) => {
                // Time is the last axis.
                let frame = |x: &[f64], t: usize| -> Vec<f64> {
                    let values: Vec<f64> = x[t..].iter().step_by(count).copied().collect();
                    order.to_engine(&values)
                };
                let frames = |x| (0..count).map(|t| frame(x, t)).collect::<Vec<_>>();
                samples
                    .map(|x| Sample::frames(frames(x).iter().map(Vec::as_slice)))
                    .collect()
            }
        };
        let mut masks = vec![Vec::new(); samples.len()];
        for p in &self.settings.projections {
            let name = format!("drop.{}.mask", p.name);
            let found = pass
                .names(&name)
                .find(|name| self.arrays.find(name).is_some());
            let Some(name) = found.or_else(|| (p.dropout > 0.0).then(|| pass.name(&name))) else {
                masks.iter_mut().for_each(|masks| masks.push(Vec::new()));
                continue;
            };
            let shape = Case::batched(labels.len(), &p.out_shape);
            let mask = self.arrays.shaped(&name, &shape)?;
            let order = Order::of_shape(&p.out_shape);
            for (masks, mask) in masks.iter_mut().zip(mask.chunks_exact(order.len())) {
                masks.push(order.to_engine(mask));
            }
        }
        samples = samples
            .into_iter()
            .zip(masks)
            .map(|(sample, masks)| sample.with_dropout(masks))
            .collect();
        Ok(samples.into_iter().zip(labels).collect())
    }

    fn labels(&self, pass: Pass) -> Result<Vec<usize>, GoldenProblem> {
        let name = pass.name("labels");
        let count = match pass {
            Pass::Plain => self.settings.batch as usize,
            Pass::Step(_) => self.arrays.get(&name)?.values.len().max(1),
        };
        let labels = self.arrays.shaped(&name, &[count])?;
        let classes = self.network.readout.classes;
        let label = |&label: &f64| {
            let is_class = label.fract() == 0.0 && (0.0..f64::from(classes)).contains(&label);
            let what = || format!("label {label} is no class, 0 to {}", classes - 1);
            is_class
                .then_some(label as usize)
                .ok_or_else(|| GoldenProblem::array(&name, what()))
        };
        labels.iter().map(label).collect()
    }
}
