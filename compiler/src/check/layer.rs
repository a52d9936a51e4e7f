//! What projections with weights and the readout have in common: initial weights, bias, whether they learn.

use super::arguments::{Call, Report};
use super::defaults;
use super::vocabulary::{DROPOUT, INIT, POSITIVE};
use spidec_ir::Number;
use spidec_ir::network::Init;

/// Arguments of a layer, every default explicit but for that of the initial weights.
pub struct Layer {
    /// `None` where none are given: the default depends on the shapes.
    pub init: Option<Init>,
    /// Whether there is a bias.
    pub bias: bool,
    /// Whether training leaves it alone.
    pub frozen: bool,
    /// Projections only: the probability with which a neuron is cut off.
    pub dropout: Number,
    /// Projections only: the most that the norm may be.
    pub max_norm: Option<Number>,
}

impl Layer {
    /// One without weights.
    pub fn empty() -> Layer {
        Layer {
            init: Some(Init::Zeros),
            bias: false,
            frozen: true,
            dropout: defaults::DROPOUT.into(),
            max_norm: None,
        }
    }

    /// Reads the arguments of a call, those that its word takes. `path`: where it stands.
    pub fn read(report: &mut Report, call: &Call, path: &str) -> Layer {
        Layer {
            init: init(report, call, path),
            bias: call.boolean(report, "bias").unwrap_or(defaults::BIAS),
            frozen: call.boolean(report, "frozen").unwrap_or(defaults::FROZEN),
            dropout: call
                .number(report, "dropout", &DROPOUT)
                .unwrap_or(defaults::DROPOUT.into()),
            max_norm: call.number_or_none(report, "max_norm", &POSITIVE),
        }
    }
}

fn init(report: &mut Report, call: &Call, path: &str) -> Option<Init> {
    let value = call.value("init")?;
    let path = format!("{path}.init");
    let call = Call::read(report, value, "kind of initial weights", &path, INIT)?;
    let scale = |report: &mut Report| {
        let scale = call.number(report, "scale", &POSITIVE);
        scale.unwrap_or(defaults::INIT_SCALE.into())
    };
    match call.word {
        "normal" => {
            call.required(report, "std", "std = 0.1");
            let std = call.number(report, "std", &POSITIVE)?;
            Some(Init::Normal { std })
        }
        "uniform" => {
            call.required(report, "bound", "bound = 0.1");
            let bias = call.boolean(report, "bias");
            let bound = call.number(report, "bound", &POSITIVE)?;
            let bias = bias.unwrap_or(defaults::INIT_BIAS);
            Some(Init::Uniform { bound, bias })
        }
        "kaiming" => Some(Init::Kaiming {
            scale: scale(report),
        }),
        "unit" => Some(Init::Unit {
            scale: scale(report),
        }),
        _ => Some(Init::Zeros),
    }
}
