//! The input: a constant image, or events.

use super::Shape;
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// The one input of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The input's name.
    pub name: String,
    /// Its shape; samples hold its values in C order.
    pub shape: Shape,
    /// What its values are.
    pub values: Values,
}

/// What an input's values are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Values {
    /// The same in every step of the forward stage: a sample's integer `v`, 0..=255, is
    /// `(scale v - mean) / std`.
    Constant {
        /// Above zero.
        scale: Number,
        /// One for all channels, or one a channel.
        mean: Vec<Number>,
        /// One for all channels, or one a channel, above zero.
        std: Vec<Number>,
    },
    /// A sample's events, counted in each step of the forward stage.
    Events {
        /// Whether steps of another height and width are resized to the input's.
        resize: bool,
    },
}

impl Values {
    /// Constant values, each `scale` times a sample's integer.
    pub fn scaled(scale: Number) -> Values {
        Values::Constant {
            scale,
            mean: vec![0.0.into()],
            std: vec![1.0.into()],
        }
    }
}

impl Input {
    /// The scale of constant values that are neither shifted nor divided.
    pub fn plain_scale(&self) -> Option<Number> {
        match &self.values {
            Values::Constant { scale, mean, std } => {
                let plain =
                    mean.iter().all(|m| m.value() == 0.0) && std.iter().all(|s| s.value() == 1.0);
                plain.then_some(*scale)
            }
            Values::Events { .. } => None,
        }
    }

    /// The values of a sample's integers; those of an input of events are the integers themselves.
    pub fn values_of(&self, sample: &[u8]) -> Vec<f64> {
        let channels = self.shape.channels();
        match &self.values {
            Values::Events { .. } => sample.iter().map(|&v| f64::from(v)).collect(),
            Values::Constant { scale, mean, std } => {
                let scale = scale.value();
                let value = |v: u8, mean: f64, std: f64| (f64::from(v) * scale - mean) / std;
                if let ([mean], [std]) = (&mean[..], &std[..]) {
                    let (mean, std) = (mean.value(), std.value());
                    return sample.iter().map(|&v| value(v, mean, std)).collect();
                }
                let of = |list: &[Number], channel: usize| list[channel % list.len()].value();
                let values = sample.iter().enumerate().map(|(k, &v)| {
                    let channel = k % channels;
                    value(v, of(mean, channel), of(std, channel))
                });
                values.collect()
            }
        }
    }
}
