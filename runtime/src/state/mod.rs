//! The state of a network in training: one safetensors file, the same for every engine.
//!
//! Tensors are named by layer: `image->hidden/weight` `[destination, source]`,
//! `image->hidden/bias` `[destination]`, `digit/weight` for the readout `digit`; of convolutions
//! `[destination channel, row, column, source channel]` and `[destination channel]`. What the update
//! rule remembers is `image->hidden/weight/momentum`, of Adam `.../mean` and `.../square`. Real numbers are `F64`; integers are `I32`, in units of the
//! weight format's last bit, which the [`Manifest`] tells.

mod codes;
mod error;
mod manifest;
mod tensors;

pub use codes::CODES;
pub use error::StateError;
pub use manifest::{Engine, MAX_EPOCHS, Manifest, VERSION, text_hash};
pub use tensors::layer_names;

use crate::spide::{Buffers, Position, Real, ShapeMismatch, Spide, Trainer};
use spidec_data::file;
use spidec_ir::fixed::{Format, WeightsDoNotFit, dequantize, quantize};
use spidec_ir::{FixedParameters, FloatParameters, Network};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Parameters as the engine that wrote them holds them.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// Real numbers, with what the update rule remembers.
    Float {
        /// The parameters.
        parameters: FloatParameters,
        /// What the update rule remembers.
        buffers: Buffers<f64>,
    },
    /// Integers in a weight format.
    Fixed {
        /// The parameters.
        parameters: FixedParameters,
        /// Their format, the network's when they were written.
        format: Format,
    },
}

/// Parameters and how far training is.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The seed of the training that led here.
    pub seed: u64,
    /// Epochs done.
    pub epochs: u32,
    /// Samples trained since the seed was set.
    pub samples: u64,
    /// Samples trained of the epoch at hand, 0 between epochs.
    pub within: u32,
    /// Steps of descent, counted in floating point.
    pub steps: u64,
    /// Hash of the network's canonical text, [`text_hash`].
    pub text: String,
    /// What tells the training data from others, [`spidec_data::Data::fingerprint`], where it is known.
    pub data: Option<String>,
    /// The parameters.
    pub weights: Weights,
}

impl State {
    /// A state before any training.
    pub fn new(network: &Network, weights: Weights) -> State {
        State {
            seed: network.training.seed,
            epochs: 0,
            samples: 0,
            within: 0,
            steps: 0,
            text: text_hash(network),
            data: None,
            weights,
        }
    }

    /// The state of a floating-point training.
    pub fn of_trainer<F: Real>(trainer: &Trainer<F>) -> State {
        let position = trainer.position();
        let weights = Weights::Float {
            parameters: trainer.spide().parameters(),
            buffers: trainer.buffers().map(|value| value.value()),
        };
        State {
            epochs: position.epochs,
            samples: position.samples,
            within: position.within,
            steps: position.steps,
            ..State::new(trainer.spide().network(), weights)
        }
    }

    /// Goes on with this state in floating point; its parameters have the network's shapes, as those
    /// of [`State::load`] have.
    pub fn trainer<F: Real>(&self, network: &Network) -> Result<Trainer<F>, ShapeMismatch> {
        let buffers = match &self.weights {
            Weights::Float { buffers, .. } => buffers.map(|&value| F::of(value)),
            Weights::Fixed { .. } => Buffers::default(),
        };
        let position = Position {
            epochs: self.epochs,
            samples: self.samples,
            within: self.within,
            steps: self.steps,
        };
        Trainer::resume(network, &self.float(network), buffers, position)
    }

    /// The network with these parameters, as its training used them last: a norm that is estimated is estimated by
    /// the seed and step of that training, so that samples are answered as they were there.
    ///
    /// # Errors
    /// Parameters that have not the network's shapes.
    pub fn spide<F: Real>(&self, network: &Network) -> Result<Spide<F>, ShapeMismatch> {
        let mut network = network.clone();
        network.training.seed = self.seed;
        Spide::at_step(&network, &self.float(&network), self.steps)
    }

    /// Whether it was written for exactly this network, training and array included. Where not, it
    /// may still be used: shapes were checked.
    pub fn is_of(&self, network: &Network) -> bool {
        self.text == text_hash(network)
    }

    /// Whether exactly this training can go on from here: the network's text with its seed, the
    /// engine, and the data, by their [`spidec_data::Data::fingerprint`], are those that led here.
    ///
    /// # Errors
    /// [`StateError::Other`], which says what differs.
    pub fn continues(
        &self,
        network: &Network,
        engine: Engine,
        data: &str,
    ) -> Result<(), StateError> {
        let other = |why: String| {
            let way_on = "a new training can begin with its weights: `--from`";
            Err(StateError::Other(format!("{why}; {way_on}")))
        };
        let mut same_seed = network.clone();
        same_seed.training.seed = self.seed;
        if !self.is_of(&same_seed) {
            return other("it was written for another text of this network".to_string());
        }
        if self.seed != network.training.seed {
            let seed = network.training.seed;
            return other(format!("its seed is {}, not {seed}", self.seed));
        }
        let wrote = match &self.weights {
            Weights::Float { .. } => Engine::Float,
            Weights::Fixed { .. } => Engine::Fixed,
        };
        if wrote != engine {
            return other(format!("it was trained in {wrote}, not in {engine}"));
        }
        if self.data.as_ref().is_some_and(|trained| trained != data) {
            return other(
                "it was trained on other samples: --data and --samples must be as they were"
                    .to_string(),
            );
        }
        Ok(())
    }

    /// Whether the epoch at hand can be one over so many samples.
    ///
    /// # Errors
    /// [`StateError::Other`] where it has come further.
    pub fn has_room(&self, samples: usize) -> Result<(), StateError> {
        if (self.within as usize) < samples {
            return Ok(());
        }
        Err(StateError::Other(format!(
            "it stopped within an epoch, after {} samples, but there are only {samples}; begin with at least as many",
            self.within
        )))
    }

    /// The parameters as real numbers; exact.
    pub fn float(&self, network: &Network) -> FloatParameters {
        match &self.weights {
            Weights::Float { parameters, .. } => parameters.clone(),
            Weights::Fixed { parameters, format } => {
                dequantize(&with_format(network, *format), parameters)
            }
        }
    }

    /// The parameters as integers of the network's weight format, and how many were saturated:
    /// exact where they were written in this format, else rounded to the nearest.
    pub fn fixed(&self, network: &Network) -> Result<(FixedParameters, usize), WeightsDoNotFit> {
        match &self.weights {
            Weights::Fixed { parameters, format } if *format == network.array.weight => {
                Ok((parameters.clone(), 0))
            }
            _ => quantize(network, &self.float(network)),
        }
    }

    /// Whether every weight, and all that the update rule remembers, is a number, as only of a diverged training
    /// it is not.
    pub fn is_finite(&self) -> bool {
        let Weights::Float {
            parameters,
            buffers,
        } = &self.weights
        else {
            return true;
        };
        let all = [
            Some(parameters),
            buffers.first.as_ref(),
            buffers.second.as_ref(),
        ];
        let layers = all.into_iter().flatten().flat_map(|all| all.layers());
        let mut values = layers.flat_map(|layer| layer.weight.iter().chain(&layer.bias));
        values.all(|value| value.is_finite())
    }

    /// Writes the file aside and renames it: an interrupted write leaves the old file.
    pub fn save(&self, network: &Network, path: &Path) -> Result<(), StateError> {
        let bytes = self.to_bytes(network)?;
        file::replace(path, |file| std::io::Write::write_all(file, &bytes))
            .map_err(|error| StateError::Write(path.to_path_buf(), error))
    }

    /// Whether a file begins as one of these: it may be replaced by a newer one.
    pub fn is_at(path: &Path) -> bool {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut bytes));
        read.is_ok() && State::begins(&bytes)
    }

    /// Whether these bytes begin as one of these files: the length of the header, then the header, JSON with the
    /// manifest first.
    pub fn begins(bytes: &[u8]) -> bool {
        let header = bytes.get(8..);
        header.is_some_and(|header| header.starts_with(br#"{"__metadata__":{"spidec":"#))
    }

    /// Reads a file whose tensors must be the network's.
    pub fn load(network: &Network, path: &Path) -> Result<State, StateError> {
        let bytes = read(path, tensors::size_limit(network))
            .map_err(|error| StateError::Read(path.to_path_buf(), error))?;
        State::from_bytes(network, &bytes)
            .map_err(|error| StateError::In(path.to_path_buf(), Box::new(error)))
    }

    /// The file's bytes: the same state gives the same bytes. The parameters must have the
    /// network's shapes.
    pub fn to_bytes(&self, network: &Network) -> Result<Vec<u8>, StateError> {
        let manifest = Manifest::of(network, self);
        tensors::write(network, &manifest, &self.weights)
    }

    /// As [`State::load`], from the file's bytes.
    pub fn from_bytes(network: &Network, bytes: &[u8]) -> Result<State, StateError> {
        let (manifest, weights) = tensors::read(network, bytes)?;
        Ok(State {
            seed: manifest.seed,
            epochs: manifest.epochs,
            samples: manifest.samples,
            within: manifest.within,
            steps: manifest.steps,
            text: manifest.text_sha256,
            data: manifest.data_sha256,
            weights,
        })
    }
}

/// All bytes of a file of at most `limit`.
fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!(
            "longer than {limit} bytes, the most a state of this network can be, so it is of a larger network or no \
             state; name that network's file, or train again"
        );
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(bytes)
}

fn with_format(network: &Network, format: Format) -> Network {
    let mut network = network.clone();
    network.array.weight = format;
    network
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_resume;
