//! The manifest: what a state file says about itself, as JSON in the safetensors metadata.

use super::{State, StateError, Weights};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use spidec_ir::Network;
use spidec_ir::fixed::Format;
use std::fmt;

/// The version of the file format that this writes and reads.
pub const VERSION: u32 = 1;

/// The most epochs of a training.
pub const MAX_EPOCHS: u32 = 1_000_000;

/// The engine that wrote a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Floating point.
    Float,
    /// Fixed point.
    Fixed,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Engine::Float => "floating point",
            Engine::Fixed => "fixed point",
        })
    }
}

/// What a state file says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// The network's name.
    pub network: String,
    /// [`text_hash`] of the network.
    pub text_sha256: String,
    /// The engine that wrote it.
    pub engine: Engine,
    /// The seed of the training.
    pub seed: u64,
    /// Epochs done, at most [`MAX_EPOCHS`].
    pub epochs: u32,
    /// Samples trained.
    pub samples: u64,
    /// Samples trained of the epoch at hand; absent between epochs.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub within: u32,
    /// Steps of descent; absent where they are not counted.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub steps: u64,
    /// What tells the training data from others, [`spidec_data::Data::fingerprint`]; absent where nothing was trained
    /// by `spidec train`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data_sha256: Option<String>,
    /// SHA-256 of all tensors' bytes in the order of their names, in hexadecimal: a flipped bit is a damaged file.
    /// Absent in files that another program wrote.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tensors_sha256: Option<String>,
    /// Integers are in units of this format's last bit; absent for real numbers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub weight: Option<Format>,
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Manifest {
    pub(super) fn of(network: &Network, state: &State) -> Manifest {
        let (engine, weight) = match &state.weights {
            Weights::Float { .. } => (Engine::Float, None),
            Weights::Fixed { format, .. } => (Engine::Fixed, Some(*format)),
        };
        Manifest {
            version: VERSION,
            network: network.name.clone(),
            text_sha256: state.text.clone(),
            engine,
            seed: state.seed,
            epochs: state.epochs,
            samples: state.samples,
            within: state.within,
            steps: state.steps,
            data_sha256: state.data.clone(),
            tensors_sha256: None,
            weight,
        }
    }

    pub(super) fn parse(json: &str) -> Result<Manifest, StateError> {
        let damaged = |error: serde_json::Error| StateError::Manifest(error.to_string());
        let value: serde_json::Value = serde_json::from_str(json).map_err(damaged)?;
        // The version first: a later one may say everything else differently.
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(StateError::Version(version)),
            None => return Err(StateError::Manifest("it has no version".into())),
        }
        let manifest: Manifest = serde_json::from_value(value).map_err(damaged)?;
        if manifest.epochs > MAX_EPOCHS {
            let epochs = manifest.epochs;
            let text = format!("{epochs} epochs, more than {MAX_EPOCHS}");
            return Err(StateError::Manifest(text));
        }
        let bits = |format: Format| (2..=32).contains(&format.bits) && format.frac <= 31;
        match (manifest.engine, manifest.weight) {
            (Engine::Float, None) => Ok(manifest),
            (Engine::Fixed, Some(format)) if bits(format) => Ok(manifest),
            (engine, weight) => Err(StateError::Manifest(format!(
                "weight format {weight:?} of engine {engine:?}"
            ))),
        }
    }
}

/// SHA-256 of the network's canonical text, in hexadecimal.
pub fn text_hash(network: &Network) -> String {
    hexadecimal(&Sha256::digest(network.to_string()))
}

/// A hash as text.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
