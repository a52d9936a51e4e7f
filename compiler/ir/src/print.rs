//! The canonical text of a Network: every default explicit, parses back to the same Network.

use crate::fixed::{Format, Overflow, Rounding};
use crate::network::{
    Direction, Init, LossKind, Network, Neuron, Operator, Schedule, Shape, Source, Stage,
};
use std::fmt;

/// The language version that this prints.
pub const LANGUAGE_VERSION: u32 = 1;

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extents: Vec<String> = self.0.iter().map(u32::to_string).collect();
        write!(f, "[{}]", extents.join(", "))
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Init::Normal { std } => write!(f, "normal(std = {std})"),
            Init::Zeros => write!(f, "zeros"),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "stage(steps = {}, v_th = {}, u_rest = {})",
            self.steps, self.v_th, self.u_rest
        )
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fixed(bits = {}, frac = {})", self.bits, self.frac)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "spidec {LANGUAGE_VERSION}")?;
        writeln!(f, "network {} {{", self.name)?;
        writeln!(
            f,
            "  input {} {} = constant(scale = {})",
            self.input.name, self.input.shape, self.input.scale
        )?;
        for population in &self.populations {
            let neuron = match population.neuron {
                Neuron::IntegrateAndFire => "if",
            };
            writeln!(
                f,
                "  population {} {} = {neuron}",
                population.name, population.shape
            )?;
        }
        let readout = &self.readout;
        writeln!(
            f,
            "  readout {} [{}] = linear(from = {}, init = {}, bias = {}, frozen = {})",
            readout.name,
            readout.classes,
            self.population(readout.source).name,
            readout.init,
            readout.bias,
            readout.frozen
        )?;
        for projection in &self.projections {
            let keyword = match projection.direction {
                Direction::Forward => "forward",
                Direction::Feedback => "feedback",
            };
            let operator = match projection.operator {
                Operator::Dense => "dense",
            };
            let source = match projection.source {
                Source::Input => &self.input.name,
                Source::Population(id) => &self.population(id).name,
            };
            writeln!(
                f,
                "  {keyword} {source} -> {} = {operator}(init = {}, bias = {}, frozen = {})",
                self.population(projection.destination).name,
                projection.init,
                projection.bias,
                projection.frozen
            )?;
        }
        writeln!(f, "}}")?;

        let training = &self.training;
        let loss = match training.loss.kind {
            LossKind::CrossEntropy => "cross_entropy",
            LossKind::MeanSquaredError => "mean_squared_error",
        };
        let sgd = &training.update;
        writeln!(f, "training {{")?;
        writeln!(f, "  forward_stage = {}", training.forward)?;
        writeln!(f, "  backward_stage = {}", training.backward)?;
        writeln!(f, "  loss = {loss}(scale = {})", training.loss.scale)?;
        writeln!(
            f,
            "  update = sgd(rate = {}, batch = {}, momentum = {}, weight_decay = {})",
            sgd.rate, sgd.batch, sgd.momentum, sgd.weight_decay
        )?;
        match &training.schedule {
            Schedule::Constant => writeln!(f, "  schedule = constant")?,
            Schedule::Step { every, factor } => {
                writeln!(f, "  schedule = step(every = {every}, factor = {factor})")?
            }
        }
        writeln!(f, "  seed = {}", training.seed)?;
        writeln!(f, "}}")?;

        let array = &self.array;
        let overflow = match array.weight_overflow {
            Overflow::Error => "error",
            Overflow::Saturate => "saturate",
        };
        let rounding = match array.learning {
            Rounding::Stochastic => "stochastic",
            Rounding::Nearest => "nearest",
        };
        writeln!(f, "array {{")?;
        writeln!(f, "  lanes = {}", array.lanes)?;
        writeln!(
            f,
            "  weight = fixed(bits = {}, frac = {}, overflow = {overflow})",
            array.weight.bits, array.weight.frac
        )?;
        writeln!(f, "  membrane = {}", array.membrane)?;
        writeln!(f, "  error = {}", array.error)?;
        writeln!(f, "  learning = round({rounding})")?;
        writeln!(f, "}}")
    }
}
