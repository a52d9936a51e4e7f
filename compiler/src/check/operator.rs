//! The operator of a projection, as it is written.

use super::arguments::{Call, Report, whole};
use super::defaults;
use super::layer::Layer;
use super::vocabulary::{CHANNELS, OPERATOR, SIDE};
use crate::syntax::{Span, Value};
use spidec_ir::network::{Operator, Window};
use std::ops::RangeInclusive;

/// What a projection's value says.
pub struct Written {
    /// `None` where something is reported that it depends on.
    pub operator: Option<Operator>,
    /// The channels of the destination, where they are written here, and where.
    pub channels: Option<(u32, Span)>,
    /// Its weights.
    pub layer: Layer,
}

impl Written {
    /// What stands where a value cannot be read.
    pub fn unclear() -> Written {
        Written {
            operator: None,
            channels: None,
            layer: Layer::empty(),
        }
    }
}

/// Reads a projection's value; `None` where its word is reported. `path`: where it stands.
pub fn read(report: &mut Report, value: &Value, path: &str) -> Option<Written> {
    let call = Call::read(report, value, "operator", path, OPERATOR)?;
    let operator = match call.word {
        "dense" => Some(Operator::Dense),
        "zero" => Some(Operator::Zero),
        "avg_pool" => {
            let size = call.required(report, "size", "size = 2");
            let size = size.and_then(|size| whole(report, size, "size", SIDE));
            size.map(|size| Operator::AveragePool { size: size as u32 })
        }
        "conv" => {
            let standardize = call.boolean(report, "standardize");
            window(report, &call).map(|window| Operator::Convolution {
                window,
                standardize: standardize.unwrap_or(defaults::STANDARDIZE),
            })
        }
        _ => {
            let window = window(report, &call);
            let stride = window.map_or(*SIDE.end(), |window| u64::from(window.stride));
            let below = 0..=stride - 1;
            let output_pad = side(report, &call, "output_pad", below, defaults::OUTPUT_PAD);
            window
                .zip(output_pad)
                .map(|(window, output_pad)| Operator::ConvolutionTranspose { window, output_pad })
        }
    };
    let channels = call.value("channels").and_then(|value| {
        let channels = whole(report, value, "channels", CHANNELS)?;
        Some((channels as u32, value.span))
    });
    let layer = match operator {
        Some(operator) if !operator.has_weights() => Layer::empty(),
        _ => Layer::read(report, &call, path),
    };
    // Shapes may depend on an argument that is not understood.
    let clear = !call.is_damaged() && channels.is_some() == call.value("channels").is_some();
    Some(Written {
        operator: operator.filter(|_| clear),
        channels,
        layer,
    })
}

fn window(report: &mut Report, call: &Call) -> Option<Window> {
    let kernel = call.required(report, "kernel", "kernel = 3");
    let kernel = kernel.and_then(|kernel| whole(report, kernel, "kernel", SIDE));
    let stride = side(report, call, "stride", SIDE, defaults::STRIDE);
    let most = kernel.unwrap_or(*SIDE.end()) - 1;
    let default = defaults::pad(kernel.unwrap_or(1) as u32);
    let pad = side(report, call, "pad", 0..=most, default);
    Some(Window {
        kernel: kernel? as u32,
        stride: stride?,
        pad: pad?,
    })
}

/// An argument that has a default; `None` where it is reported.
fn side(
    report: &mut Report,
    call: &Call,
    name: &str,
    range: RangeInclusive<u64>,
    default: u32,
) -> Option<u32> {
    match call.value(name) {
        None => Some(default),
        Some(value) => whole(report, value, name, range).map(|side| side as u32),
    }
}
