//! Tensors of a state file: names, shapes, bytes.

use super::manifest::hexadecimal;
use super::{Manifest, StateError, Weights};
use crate::spide::Buffers;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView, serialize};
use sha2::{Digest, Sha256};
use spidec_ir::fixed::Format;
use spidec_ir::network::Source;
use spidec_ir::parameters::Layer;
use spidec_ir::{FixedParameters, FloatParameters, Network, Parameters};
use std::collections::{BTreeSet, HashMap};

/// The one key of the metadata: safetensors would write several in any order.
const KEY: &str = "spidec";
const MOMENTUM: &str = "/momentum";
const ADAM: [&str; 2] = ["/mean", "/square"];
/// More than manifest and tensor table of any network need, beside the tensors.
const HEADER_LIMIT: u64 = 1 << 20;

/// A tensor's name and shape.
struct Place {
    name: String,
    shape: Vec<usize>,
}

/// What the tensors of each layer are named by, in the order of [`Parameters::layers`]: `image->hidden`
/// for a projection, the readout's name for the readout.
pub fn layer_names(network: &Network) -> Vec<String> {
    let mut used = BTreeSet::new();
    let name = |layer: usize| {
        let base = match network.projections.get(layer) {
            Some(projection) => {
                let source = match projection.source {
                    Source::Input => &network.input.name,
                    Source::Population(id) => &network.population(id).name,
                };
                let destination = &network.population(projection.destination).name;
                format!("{source}->{destination}")
            }
            None => network.readout.name.clone(),
        };
        // Two projections may run between the same ends: the second one is `a->b#2`.
        let mut name = base.clone();
        let mut count = 1;
        while !used.insert(name.clone()) {
            count += 1;
            name = format!("{base}#{count}");
        }
        name
    };
    (0..=network.projections.len()).map(name).collect()
}

/// Weight and bias of each layer, where there are any, in the order of [`Parameters::layers`].
fn places(network: &Network) -> Vec<[Option<Place>; 2]> {
    let place = |(layer, name): (usize, String)| {
        let place = |kind: &str, shape: Vec<usize>| {
            (shape.iter().product::<usize>() != 0).then(|| Place {
                name: format!("{name}/{kind}"),
                shape,
            })
        };
        [
            place("weight", network.weight_shape(layer)),
            place("bias", vec![network.biases(layer)]),
        ]
    };
    let names = layer_names(network).into_iter().enumerate();
    names.map(place).collect()
}

/// The most bytes that a state of a network can have.
pub(super) fn size_limit(network: &Network) -> u64 {
    let numbers: usize = places(network)
        .iter()
        .flatten()
        .flatten()
        .map(|place| place.shape.iter().product::<usize>())
        .sum();
    // The parameters and up to two lists of what an update rule remembers.
    HEADER_LIMIT + 3 * 8 * numbers as u64
}

/// The bytes of a state file.
pub(super) fn write(
    network: &Network,
    manifest: &Manifest,
    weights: &Weights,
) -> Result<Vec<u8>, StateError> {
    let mut tensors = Vec::new();
    match weights {
        Weights::Float {
            parameters,
            buffers,
        } => {
            let bytes = |v: &f64| v.to_le_bytes();
            collect(network, parameters, "", Dtype::F64, bytes, &mut tensors)?;
            let suffixes = match buffers.second {
                Some(_) => ADAM,
                None => [MOMENTUM, ""],
            };
            let buffers = [&buffers.first, &buffers.second].into_iter().zip(suffixes);
            for (buffer, suffix) in buffers {
                if let Some(buffer) = buffer {
                    collect(network, buffer, suffix, Dtype::F64, bytes, &mut tensors)?;
                }
            }
        }
        Weights::Fixed { parameters, .. } => {
            let bytes = |v: &i32| v.to_le_bytes();
            collect(network, parameters, "", Dtype::I32, bytes, &mut tensors)?;
        }
    }
    let damaged = |error: &dyn std::fmt::Display| StateError::Damaged(error.to_string());
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, data)| {
            let view = TensorView::new(*dtype, shape.clone(), data).map_err(|e| damaged(&e))?;
            Ok((name, view))
        })
        .collect::<Result<Vec<_>, StateError>>()?;
    let data = tensors
        .iter()
        .map(|(name, .., data)| (&name[..], &data[..]));
    let manifest = Manifest {
        tensors_sha256: Some(hash(data.collect())),
        ..manifest.clone()
    };
    let manifest = serde_json::to_string(&manifest).map_err(|e| damaged(&e))?;
    let metadata = HashMap::from([(KEY.to_string(), manifest)]);
    serialize(views, Some(metadata)).map_err(|e| damaged(&e))
}

/// What tells a flipped bit: all tensors' bytes, by name.
fn hash(mut tensors: Vec<(&str, &[u8])>) -> String {
    tensors.sort_unstable();
    let mut hash = Sha256::new();
    for (name, data) in tensors {
        hash.update(name);
        hash.update((data.len() as u64).to_le_bytes());
        hash.update(data);
    }
    hexadecimal(&hash.finalize())
}

type Tensor = (String, Dtype, Vec<usize>, Vec<u8>);

fn collect<T, const N: usize>(
    network: &Network,
    parameters: &Parameters<T>,
    suffix: &str,
    dtype: Dtype,
    bytes: impl Fn(&T) -> [u8; N],
    tensors: &mut Vec<Tensor>,
) -> Result<(), StateError> {
    for ([weight, bias], layer) in places(network).into_iter().zip(parameters.layers()) {
        let parts = [(weight, &layer.weight), (bias, &layer.bias)];
        for (place, values) in parts {
            let Some(Place { name, shape }) = place else {
                continue;
            };
            let name = format!("{name}{suffix}");
            if shape.iter().product::<usize>() != values.len() {
                return Err(StateError::Shape {
                    name,
                    found: vec![values.len()],
                    wanted: shape,
                    state: network.name.clone(),
                    network: network.name.clone(),
                });
            }
            tensors.push((name, dtype, shape, values.iter().flat_map(&bytes).collect()));
        }
    }
    Ok(())
}

/// Manifest and parameters of a state file's bytes.
pub(super) fn read(network: &Network, bytes: &[u8]) -> Result<(Manifest, Weights), StateError> {
    let damaged = |error: safetensors::SafeTensorError| {
        let why = match error {
            SafeTensorError::MetadataIncompleteBuffer
            | SafeTensorError::HeaderTooSmall
            | SafeTensorError::InvalidHeaderLength => {
                format!(
                    "it ends early or goes on after its tensors, {} bytes in all",
                    bytes.len()
                )
            }
            error => error.to_string(),
        };
        StateError::Damaged(why)
    };
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let manifest = metadata
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(KEY))
        .ok_or(StateError::Foreign)?;
    let manifest = Manifest::parse(manifest)?;
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut reader = Reader {
        network,
        manifest: &manifest,
        unread: file.iter().collect(),
    };
    let weights = match manifest.weight {
        Some(format) => Weights::Fixed {
            parameters: reader.fixed(format)?,
            format,
        },
        None => {
            let parameters = reader.float("")?;
            let mut buffer = |suffix: &str| {
                let has = reader.unread.keys().any(|name| name.ends_with(suffix));
                has.then(|| reader.float(suffix)).transpose()
            };
            let momentum = buffer(MOMENTUM)?;
            let [mean, square] = ADAM.map(&mut buffer);
            Weights::Float {
                parameters,
                buffers: Buffers {
                    first: momentum.or(mean?),
                    second: square?,
                },
            }
        }
    };
    reader.finish()?;
    let data = file.iter().map(|(name, view)| (name, view.data()));
    let whole = |wanted: &String| *wanted == hash(data.collect());
    if !manifest.tensors_sha256.as_ref().is_none_or(whole) {
        let why = "its numbers are not those that were written: their checksum differs";
        return Err(StateError::Damaged(why.to_string()));
    }
    Ok((manifest, weights))
}

struct Reader<'a> {
    network: &'a Network,
    manifest: &'a Manifest,
    unread: HashMap<&'a str, TensorView<'a>>,
}

impl Reader<'_> {
    fn float(&mut self, suffix: &str) -> Result<FloatParameters, StateError> {
        self.parameters(suffix, Dtype::F64, "F64", f64::from_le_bytes, |&value| {
            (!value.is_finite()).then_some((value, "not a finite number"))
        })
    }

    fn fixed(&mut self, format: Format) -> Result<FixedParameters, StateError> {
        self.parameters("", Dtype::I32, "I32", i32::from_le_bytes, |&value| {
            (!format.contains(i64::from(value))).then_some((
                f64::from(value),
                "outside the weight format that the state names",
            ))
        })
    }

    /// Takes the tensors of all layers. `wrong` tells what makes a value unusable.
    fn parameters<T, const N: usize>(
        &mut self,
        suffix: &str,
        dtype: Dtype,
        dtype_name: &'static str,
        value: impl Fn([u8; N]) -> T,
        wrong: impl Fn(&T) -> Option<(f64, &'static str)>,
    ) -> Result<Parameters<T>, StateError> {
        let mut take = |place: Place| -> Result<Vec<T>, StateError> {
            let name = format!("{}{suffix}", place.name);
            let Some(tensor) = self.unread.remove(name.as_str()) else {
                return Err(StateError::Missing {
                    name,
                    wanted: place.shape,
                    found: self.manifest.network.clone(),
                    network: self.network.name.clone(),
                });
            };
            if tensor.shape() != place.shape {
                return Err(StateError::Shape {
                    name,
                    found: tensor.shape().to_vec(),
                    wanted: place.shape,
                    state: self.manifest.network.clone(),
                    network: self.network.name.clone(),
                });
            }
            if tensor.dtype() != dtype {
                return Err(StateError::Type {
                    name,
                    found: format!("{:?}", tensor.dtype()),
                    wanted: dtype_name,
                });
            }
            let (chunks, _) = tensor.data().as_chunks::<N>();
            let values: Vec<T> = chunks.iter().map(|&bytes| value(bytes)).collect();
            match values
                .iter()
                .map(&wrong)
                .enumerate()
                .find_map(|(k, w)| Some((k, w?)))
            {
                None => Ok(values),
                Some((index, (value, why))) => Err(StateError::Value {
                    name,
                    value,
                    index,
                    why,
                }),
            }
        };
        let mut layers = places(self.network)
            .into_iter()
            .map(|[weight, bias]| {
                let mut take = |place: Option<Place>| place.map_or(Ok(Vec::new()), &mut take);
                Ok(Layer {
                    weight: take(weight)?,
                    bias: take(bias)?,
                })
            })
            .collect::<Result<Vec<_>, StateError>>()?;
        // The last place is the readout's.
        let readout = layers.pop().ok_or(StateError::Foreign)?;
        Ok(Parameters {
            projections: layers,
            readout,
        })
    }

    /// Every tensor must have been taken.
    fn finish(self) -> Result<(), StateError> {
        match self.unread.iter().min_by_key(|(name, _)| **name) {
            None => Ok(()),
            Some((name, tensor)) => Err(StateError::Unknown {
                name: name.to_string(),
                found: tensor.shape().to_vec(),
                state: self.manifest.network.clone(),
                network: self.network.name.clone(),
            }),
        }
    }
}
