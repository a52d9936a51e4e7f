//! Datasets as the engine reads them.

use super::{Real, Sample, Spide};
use spidec_data::{Binning, Data, DataError, Dataset, Recordings, shifted};
use spidec_ir::Network;
use spidec_ir::network::{Shape, Values};

/// Samples with labels that the engine can be trained and measured on.
pub trait Readable: Sync {
    /// The number of samples.
    fn count(&self) -> usize;

    /// The error is a dataset that does not fit the network.
    fn check(&self, network: &Network) -> Result<(), DataError>;

    /// A sample by its index, without dropout, and its label; in training by the epoch, augmented
    /// where the network asks for that. The error is a sample that cannot be read.
    fn read<F: Real>(
        &self,
        spide: &Spide<F>,
        index: usize,
        epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError>;
}

impl Readable for Dataset {
    fn count(&self) -> usize {
        self.len()
    }

    fn check(&self, network: &Network) -> Result<(), DataError> {
        check_time(network, false)?;
        Dataset::check(self, network)
    }

    fn read<F: Real>(
        &self,
        spide: &Spide<F>,
        index: usize,
        epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError> {
        let (integers, label) = self.sample(index);
        let training = &spide.network().training;
        let shift = epoch.zip(training.augment);
        let sample = match (shift, &spide.network().input.shape.0[..]) {
            (Some((epoch, shift)), &[height, width, channels]) => {
                let shape = [height, width, channels];
                let chance = [training.seed, u64::from(epoch), index as u64];
                spide.sample(&shifted(integers, shape, shift, chance))
            }
            _ => spide.sample(integers),
        };
        Ok((sample, label))
    }
}

impl Readable for Dataset<Recordings> {
    fn count(&self) -> usize {
        self.len()
    }

    fn check(&self, network: &Network) -> Result<(), DataError> {
        check_time(network, true)?;
        self.check_as(&step_shape(self, network), network)
    }

    fn read<F: Real>(
        &self,
        spide: &Spide<F>,
        index: usize,
        _epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError> {
        let (recording, label) = self.recording(index)?;
        let steps = spide.network().training.forward.steps as usize;
        let shape = step_shape(self, spide.network());
        let (height, width) = shape.extents().unwrap_or((0, 0));
        let size = [height as usize, width as usize];
        let frames = recording.frames(Binning::Count, steps, size);
        let frames = frames.map(|frame| frame.into_iter().map(F::of).collect::<Vec<F>>());
        Ok((Sample::frames(frames), label))
    }
}

/// Whether a network reads events, or what is constant in time, as the data are.
fn check_time(network: &Network, events: bool) -> Result<(), DataError> {
    let reads = matches!(network.input.values, Values::Events { .. });
    match reads == events {
        true => Ok(()),
        false => Err(DataError::Time {
            input: network.input.name.clone(),
            events: reads,
        }),
    }
}

/// The shape in which a network reads a step of recordings: their own, or of its height and width.
fn step_shape(data: &Dataset<Recordings>, network: &Network) -> Shape {
    match (&network.input.values, &network.input.shape.0[..]) {
        (Values::Events { resize: true }, &[height, width, _]) => Shape(vec![height, width, 2]),
        _ => data.shape().clone(),
    }
}

impl Readable for Data {
    fn count(&self) -> usize {
        self.len()
    }

    fn check(&self, network: &Network) -> Result<(), DataError> {
        match self {
            Data::Constant(data) => Readable::check(data, network),
            Data::Events(data) => Readable::check(data, network),
        }
    }

    fn read<F: Real>(
        &self,
        spide: &Spide<F>,
        index: usize,
        epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError> {
        match self {
            Data::Constant(data) => data.read(spide, index, epoch),
            Data::Events(data) => data.read(spide, index, epoch),
        }
    }
}
