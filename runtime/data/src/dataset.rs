//! Samples and labels, of whatever the samples are.

use super::DataError;
use spidec_ir::network::{Input, Network, Shape, Values};

/// Samples with their labels. `S` holds the samples: values that are constant in time, or
/// [`Recordings`](super::Recordings) of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset<S = Vec<u8>> {
    pub(super) shape: Shape,
    pub(super) samples: S,
    pub(super) labels: Vec<u32>,
}

/// What can hold a dataset's samples.
pub trait Samples {
    /// The samples of some indices, in their order; each has `size` values.
    fn pick(&self, size: usize, indices: &[usize]) -> Self;
}

impl Samples for Vec<u8> {
    fn pick(&self, size: usize, indices: &[usize]) -> Vec<u8> {
        let samples = indices.iter().map(|&index| &self[index * size..][..size]);
        samples.collect::<Vec<_>>().concat()
    }
}

impl Dataset {
    /// Samples one after the other, each of the shape's size, which is not 0; one label a sample.
    /// `None` where the sizes do not agree or there is no sample.
    pub fn new(shape: Shape, values: Vec<u8>, labels: Vec<u32>) -> Option<Dataset> {
        let fits =
            !values.is_empty() && shape.size().checked_mul(labels.len()) == Some(values.len());
        fits.then_some(Dataset {
            shape,
            samples: values,
            labels,
        })
    }

    /// A sample and its label.
    ///
    /// # Panics
    /// If `index` is not below [`Dataset::len`].
    pub fn sample(&self, index: usize) -> (&[u8], usize) {
        let size = self.shape.size();
        (
            &self.samples[index * size..][..size],
            self.labels[index] as usize,
        )
    }

    /// All samples and labels.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = (&[u8], usize)> {
        (0..self.len()).map(|index| self.sample(index))
    }
}

impl<S> Dataset<S> {
    /// The shape of a sample; of events that of one step.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The number of samples, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The label of each sample.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The number of classes: the largest label and one.
    pub fn classes(&self) -> u32 {
        self.labels
            .iter()
            .max()
            .map_or(0, |label| label.saturating_add(1))
    }

    /// Whether a network can read it: as many values a sample as its input has, no label beyond its
    /// classes.
    pub fn check(&self, network: &Network) -> Result<(), DataError> {
        self.check_as(&self.shape, network)
    }

    /// As [`Dataset::check`], where samples are read in another shape than their own.
    pub fn check_as(&self, shape: &Shape, network: &Network) -> Result<(), DataError> {
        let input = &network.input.shape;
        let (found, wanted) = (shape.size(), input.size());
        // Pictures of the same size and another shape would be read with their rows and channels mixed up.
        let pictures = shape.0.len() == 3 && input.0.len() == 3;
        if found != wanted || pictures && shape != input {
            return Err(DataError::Size {
                shape: shape.clone(),
                found,
                input: network.input.name.clone(),
                wanted_shape: network.input.shape.clone(),
                wanted,
                advice: fitting(shape, &network.input),
            });
        }
        let classes = network.readout.classes;
        match self.labels.iter().position(|&label| label >= classes) {
            None => Ok(()),
            Some(sample) => Err(DataError::Label {
                sample,
                label: self.labels[sample],
                readout: network.readout.name.clone(),
                classes,
                from_one: self.classes() == classes + 1 && !self.labels.contains(&0),
            }),
        }
    }
}

/// How an input is made to fit samples of a shape.
fn fitting(shape: &Shape, input: &Input) -> String {
    match (&input.values, &input.shape.0[..]) {
        (Values::Events { resize: false }, [_, _, 2]) => format!(
            "write `events(resize = true)` for the input, to have recordings resized to its height and width, or give it \
             the shape {shape}"
        ),
        (Values::Events { .. }, &[height, width, _]) => format!(
            "darker and brighter are two channels: give the input the shape [{height}, {width}, 2] and \
             `events(resize = true)`, or the recordings' own shape"
        ),
        (_, &[height, width, channels])
            if channels < height && channels < width && shape.0 == [channels, height, width] =>
        {
            "channels come last: turn the samples, in NumPy with `x.transpose(0, 2, 3, 1)`"
                .to_string()
        }
        _ => format!("give the input the shape of the data, {shape}"),
    }
}

impl<S: Samples> Dataset<S> {
    /// The first samples, all where there are fewer; at least one.
    pub fn first(&self, count: usize) -> Dataset<S> {
        self.select(0..count.clamp(1, self.len()))
    }

    /// The samples of some indices, in their order.
    ///
    /// # Panics
    /// Where an index is not less than the number of samples.
    pub fn select(&self, indices: impl IntoIterator<Item = usize>) -> Dataset<S> {
        let indices: Vec<usize> = indices.into_iter().collect();
        Dataset {
            shape: self.shape.clone(),
            samples: self.samples.pick(self.shape.size(), &indices),
            labels: indices.iter().map(|&index| self.labels[index]).collect(),
        }
    }
}
