//! Datasets as the engine reads them.

use super::{Real, Sample, Spide};
use spidec_data::{Binning, Data, DataError, Dataset, Recordings, augmented};
use spidec_ir::Network;
use spidec_ir::network::Values;

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
        match network.input.values {
            Values::Constant { .. } => Dataset::check(self, network),
            Values::Events => Err(DataError::Time {
                input: network.input.name.clone(),
                events: true,
            }),
        }
    }

    fn read<F: Real>(
        &self,
        spide: &Spide<F>,
        index: usize,
        epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError> {
        let (integers, label) = self.sample(index);
        let training = &spide.network().training;
        let sample = match (epoch, &spide.network().input.shape.0[..]) {
            (Some(epoch), &[height, width, channels]) if training.augment => {
                let shape = [height, width, channels];
                spide.sample(&augmented(integers, shape, training.seed, epoch, index))
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
        match network.input.values {
            Values::Events => Dataset::check(self, network),
            Values::Constant { .. } => Err(DataError::Time {
                input: network.input.name.clone(),
                events: false,
            }),
        }
    }

    fn read<F: Real>(
        &self,
        spide: &Spide<F>,
        index: usize,
        _epoch: Option<u32>,
    ) -> Result<(Sample<F>, usize), DataError> {
        let (recording, label) = self.recording(index)?;
        let steps = spide.network().training.forward.steps as usize;
        let counts = recording.binned(Binning::Count, steps);
        let values: Vec<F> = counts.iter().map(|&n| F::of(f64::from(n))).collect();
        let frames = values.chunks(self.shape().size());
        Ok((Sample::frames(frames), label))
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
