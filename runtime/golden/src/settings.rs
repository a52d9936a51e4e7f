//! `case.json`, as it is written.

use serde::Deserialize;

/// All settings of a case.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    pub case: String,
    pub format_version: u32,
    pub layers: Vec<LayerSettings>,
    pub projections: Vec<ProjectionSettings>,
    pub output_layer: u32,
    pub readout: ReadoutSettings,
    pub neuron: NeuronSettings,
    #[serde(rename = "T_F")]
    pub forward_steps: u32,
    #[serde(rename = "T_B")]
    pub backward_steps: u32,
    pub batch: u32,
    pub input: InputSettings,
    pub loss: LossSettings,
    /// The incoming gradient is a multiple of `2^-bits`.
    pub grad_rounding_bits: Option<u32>,
    /// Parameters and inputs are multiples of `2^-bits`.
    pub value_grid_bits: Option<u32>,
    #[serde(default)]
    pub parameters_without_gradient: Vec<String>,
    pub sgd: Option<SgdSettings>,
    pub arrays: Vec<ArrayEntry>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LayerSettings {
    pub shape: Vec<u32>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ProjectionSettings {
    pub name: String,
    pub from: From,
    pub to: u32,
    pub kind: String,
    pub in_shape: Vec<u32>,
    pub out_shape: Vec<u32>,
    pub bias: bool,
    #[serde(default)]
    pub dropout: f64,
    pub kernel: Option<u32>,
    pub stride: Option<u32>,
    pub padding: Option<u32>,
    pub output_padding: Option<u32>,
    pub ws_gamma: Option<f64>,
    pub ws_eps: Option<f64>,
    pub norm_restriction: Option<NormSettings>,
}

/// `"input"`, or a layer.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum From {
    Layer(u32),
    Name(String),
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct NormSettings {
    pub norm_range: f64,
    pub samples: u32,
    pub eps: f64,
    pub factor_used: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ReadoutSettings {
    pub from_layer: u32,
    pub classes: u32,
    pub bias: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct NeuronSettings {
    pub forward: String,
    pub backward: String,
    pub leaky: Option<f64>,
    pub vth: f64,
    pub u_rest: f64,
    pub vth_back: f64,
    pub u_rest_back: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct InputSettings {
    #[serde(rename = "type")]
    pub kind: String,
    pub shape: Vec<u32>,
    #[serde(rename = "T_in")]
    pub frames: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LossSettings {
    pub kind: String,
    pub scale_factor: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SgdSettings {
    pub steps: u32,
    pub lr: f64,
    pub lr_effective: f64,
    pub momentum: f64,
    pub weight_decay: f64,
    #[serde(default)]
    pub dampening: f64,
    #[serde(default)]
    pub nesterov: bool,
    #[serde(default)]
    pub losses: Vec<f64>,
}

/// An array that the archive holds.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ArrayEntry {
    pub name: String,
    pub shape: Vec<usize>,
    pub dtype: String,
}

impl Settings {
    /// Whether a case has events for input.
    pub fn has_events(&self) -> bool {
        self.input.kind == "event"
    }
}
