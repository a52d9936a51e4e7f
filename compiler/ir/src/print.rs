//! The canonical text of a Network: every default explicit, parses back to the same Network.

use crate::fixed::{Format, Overflow, Rounding};
use crate::network::{
    Direction, Init, LossKind, Network, Neuron, Operator, Projection, Quirk, Rule, Schedule, Shape,
    Shift, Source, Stage, Update, Values, Window,
};
use crate::number::Number;
use std::fmt;

/// The language version that this prints.
pub const LANGUAGE_VERSION: u32 = 1;

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", list(self.0.iter()))
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Init::Normal { std } => write!(f, "normal(std = {std})"),
            Init::Uniform { bound, bias } => write!(f, "uniform(bound = {bound}, bias = {bias})"),
            Init::Kaiming { scale } => write!(f, "kaiming(scale = {scale})"),
            Init::Unit { scale } => write!(f, "unit(scale = {scale})"),
            Init::Zeros => write!(f, "zeros"),
        }
    }
}

/// One number for all channels, or a list of one a channel.
fn channels(numbers: &[Number]) -> String {
    match numbers {
        [number] => number.to_string(),
        _ => list(numbers.iter()),
    }
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    format!("[{}]", items.join(", "))
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Values::Constant { scale, mean, std } => {
                let (mean, std) = (channels(mean), channels(std));
                write!(f, "constant(scale = {scale}, mean = {mean}, std = {std})")
            }
            Values::Events { resize } => write!(f, "events(resize = {resize})"),
        }
    }
}

impl fmt::Display for Neuron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Neuron::IntegrateAndFire => write!(f, "if"),
            Neuron::Leaky { leak, leaky_couple } => {
                let couple = if *leaky_couple { "lif" } else { "if" };
                write!(f, "lif(leak = {leak}, couple = {couple})")
            }
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Window {
            kernel,
            stride,
            pad,
        } = self;
        write!(f, "kernel = {kernel}, stride = {stride}, pad = {pad}")
    }
}

/// The operator of a projection with all its arguments.
fn operator(projection: &Projection) -> String {
    let Projection {
        init,
        bias,
        frozen,
        dropout,
        ..
    } = projection;
    let norm = projection
        .max_norm
        .map_or("none".to_string(), |norm| norm.to_string());
    let layer = format!(
        "init = {init}, bias = {bias}, frozen = {frozen}, dropout = {dropout}, max_norm = {norm}"
    );
    match projection.operator {
        Operator::Dense => format!("dense({layer})"),
        Operator::Convolution {
            window,
            standardize,
        } => format!("conv({window}, standardize = {standardize}, {layer})"),
        Operator::ConvolutionTranspose { window, output_pad } => {
            format!("conv_transpose({window}, output_pad = {output_pad}, {layer})")
        }
        Operator::AveragePool { size } => format!("avg_pool(size = {size})"),
        Operator::Zero => "zero".to_string(),
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.rule {
            Rule::Sgd { .. } => "sgd",
            Rule::Adam { .. } => "adam",
        };
        write!(f, "{rule}(rate = {}, batch = {}", self.rate, self.batch)?;
        match self.rule {
            Rule::Sgd { momentum } => write!(f, ", momentum = {momentum}")?,
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => write!(f, ", beta1 = {beta1}, beta2 = {beta2}, epsilon = {epsilon}")?,
        }
        write!(f, ", weight_decay = {})", self.weight_decay)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Constant => write!(f, "constant"),
            Schedule::Step { every, factor } => {
                write!(f, "step(every = {every}, factor = {factor})")
            }
            Schedule::Milestones { at, factor } => {
                write!(f, "milestones(at = {}, factor = {factor})", list(at.iter()))
            }
            Schedule::Cosine { epochs } => write!(f, "cosine(epochs = {epochs})"),
        }
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "shift(pixels = {}, mirror = {})",
            self.pixels, self.mirror
        )
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
            "  input {} {} = {}",
            self.input.name, self.input.shape, self.input.values
        )?;
        for population in &self.populations {
            writeln!(
                f,
                "  population {} {} = {}",
                population.name, population.shape, population.neuron
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
            let source = match projection.source {
                Source::Input => &self.input.name,
                Source::Population(id) => &self.population(id).name,
            };
            writeln!(
                f,
                "  {keyword} {source} -> {} = {}",
                self.population(projection.destination).name,
                operator(projection)
            )?;
        }
        writeln!(f, "}}")?;

        let training = &self.training;
        let loss = match training.loss.kind {
            LossKind::CrossEntropy => "cross_entropy",
            LossKind::MeanSquaredError => "mean_squared_error",
        };
        writeln!(f, "training {{")?;
        writeln!(f, "  forward_stage = {}", training.forward)?;
        writeln!(f, "  backward_stage = {}", training.backward)?;
        writeln!(f, "  loss = {loss}(scale = {})", training.loss.scale)?;
        writeln!(f, "  update = {}", training.update)?;
        writeln!(f, "  schedule = {}", training.schedule)?;
        writeln!(f, "  warm_up = {}", training.warm_up)?;
        match training.augment {
            None => writeln!(f, "  augment = none")?,
            Some(shift) => writeln!(f, "  augment = {shift}")?,
        }
        let published = list(training.published.iter().map(|q| Quirk::name(*q)));
        writeln!(f, "  published = {published}")?;
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
        writeln!(f, "  trace = {}", array.trace)?;
        writeln!(f, "  learning = round({rounding})")?;
        writeln!(f, "}}")
    }
}
