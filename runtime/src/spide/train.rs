//! Training: stochastic gradient descent over batches and epochs.

use super::activity::{Activity, Rates};
use super::descent::Buffers;
use super::events::events;
use super::progress::{BatchReport, Progress, Score, Tally};
use super::vector::AT_ONCE;
use super::workspace::{Workspace, Workspaces};
use super::{ForwardStage, Readable, Reading, Real, Sample, ShapeMismatch, Spide};
use rayon::ThreadPool;
use rayon::prelude::*;
use spidec_data::DataError;
use spidec_ir::random::sample_order;
use spidec_ir::{FloatParameters, Network, Parameters};
use std::ops::{ControlFlow, RangeInclusive};
use std::time::{Duration, Instant};

/// The most samples that a thread reads together, so that a weight in the cache serves them all,
/// and the most bytes of their membranes, which are to stay there too.
const TOGETHER: (usize, usize) = (AT_ONCE, 320 << 10);

/// How many such groups a thread reads before gradients are added: many, so that threads seldom wait for
/// one another, as long as what is read takes few bytes.
const GROUPS: RangeInclusive<usize> = 4..=16;
const GROUPS_BYTES: usize = 16 << 20;

/// A network in training.
#[derive(Debug)]
pub struct Trainer<F: Real> {
    spide: Spide<F>,
    gradients: Parameters<F>,
    buffers: Buffers<F>,
    position: Position,
    activity: Activity,
    spent: Spent,
    workspaces: Workspaces<F>,
    threads: ThreadPool,
}

/// Time spent on parts of training since it began or went on, over all threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Forward stages with their losses.
    pub forward: Duration,
    /// Backward stages.
    pub backward: Duration,
    /// Products of rates, on the clock of one thread.
    pub gradients: Duration,
    /// Update and new weights, on the clock of one thread.
    pub update: Duration,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Spent) {
        self.forward += other.forward;
        self.backward += other.backward;
        self.gradients += other.gradients;
        self.update += other.update;
    }
}

/// How far a training is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Epochs done.
    pub epochs: u32,
    /// Samples trained so far.
    pub samples: u64,
    /// Samples trained of the epoch at hand, 0 between epochs.
    pub within: u32,
    /// Steps of descent so far, a batch each.
    pub steps: u64,
}

impl<F: Real> Trainer<F> {
    /// Starts from parameters, which must have the network's shapes; with as many threads as the
    /// machine has.
    pub fn new(network: &Network, parameters: &FloatParameters) -> Result<Self, ShapeMismatch> {
        Trainer::resume(
            network,
            parameters,
            Buffers::zeros(network),
            Position::default(),
        )
    }

    /// Goes on from a position. Buffers that the update rule needs and that are not given are zero;
    /// those it does not need are left out.
    pub fn resume(
        network: &Network,
        parameters: &FloatParameters,
        buffers: Buffers<F>,
        position: Position,
    ) -> Result<Self, ShapeMismatch> {
        let spide = Spide::at_step(network, parameters, position.steps)?;
        let needed = Buffers::<F>::zeros(network);
        let fitting = |given: Option<Parameters<F>>, needed: Option<Parameters<F>>| {
            needed.map(|zeros| given.filter(|given| given.fits(network)).unwrap_or(zeros))
        };
        Ok(Trainer {
            gradients: spide.zeros(),
            spide,
            buffers: Buffers {
                first: fitting(buffers.first, needed.first),
                second: fitting(buffers.second, needed.second),
            },
            position,
            activity: Activity::new(network),
            spent: Spent::default(),
            workspaces: Workspaces::default(),
            threads: pool(0),
        })
    }

    /// Computes with this number of threads; results do not depend on it. 0: as many as the machine
    /// has.
    pub fn with_threads(self, threads: usize) -> Self {
        Trainer {
            threads: pool(threads),
            ..self
        }
    }

    /// The network with the parameters as they are now.
    pub fn spide(&self) -> &Spide<F> {
        &self.spide
    }

    /// As [`Trainer::spide`], to set norms in.
    pub fn spide_mut(&mut self) -> &mut Spide<F> {
        &mut self.spide
    }

    /// What the update rule remembers.
    pub fn buffers(&self) -> &Buffers<F> {
        &self.buffers
    }

    /// Firing rates of the samples of the latest [`Trainer::epoch`], or of all steps since there was one.
    pub fn rates(&self) -> Rates {
        self.activity.rates(&self.spide.network)
    }

    /// What the time went to.
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// How far training is.
    pub fn position(&self) -> Position {
        self.position
    }

    /// One epoch over a dataset, or what is left of the epoch at hand, in the order of
    /// [`sample_order`] of the network's seed. The last batch holds what is left.
    ///
    /// `tell` hears of progress after each batch, or every 64 samples where batches are
    /// smaller, and at the end; it may end the epoch there, which then goes on another time. The
    /// error is a dataset that does not fit the network, or a sample that cannot be read: the
    /// training then stands after the batch before it.
    pub fn epoch(
        &mut self,
        data: &impl Readable,
        tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Score, DataError> {
        data.check(&self.spide.network)?;
        let training = &self.spide.network.training;
        let epoch = self.position.epochs;
        let order = sample_order(training.seed, epoch, data.count());
        let batch = training.update.batch.max(1) as usize;
        let start = (self.position.within as usize).min(order.len());
        let mut tally = Tally::new(order.len() - start, tell);
        self.activity = Activity::new(&self.spide.network);
        for indices in order[start..].chunks(batch) {
            let report = self.step_by(indices.len(), |spide, k| {
                let index = indices[k];
                let (sample, label) = data.read(spide, index as usize, Some(epoch))?;
                Ok((sample.with_dropout(spide.dropout(epoch, index)), label))
            })?;
            self.position.within += indices.len() as u32;
            let rates = || self.activity.rates(&self.spide.network);
            if tally.add(indices.len(), report, rates).is_break() {
                break;
            }
        }
        if self.position.within as usize >= order.len() {
            self.position.within = 0;
            self.position.epochs += 1;
        }
        Ok(tally.score())
    }

    /// One step of gradient descent by a batch of samples with their labels.
    ///
    /// # Panics
    /// If a sample has not the input's size, or a label is no class.
    pub fn step(&mut self, batch: &[(Sample<F>, usize)]) -> BatchReport {
        let step: Result<_, std::convert::Infallible> =
            self.step_by(batch.len(), |_, k| Ok(batch[k].clone()));
        match step {
            Ok(report) => report,
            Err(never) => match never {},
        }
    }

    /// As [`Trainer::step`] with a batch that the network, as it is now, has read: for those who look
    /// at the stages, or change something between them.
    ///
    /// # Panics
    /// If the readings are not of this network.
    pub fn step_read(&mut self, batch: &[Reading<F>]) {
        let Trainer {
            spide,
            gradients,
            buffers,
            activity,
            position,
            threads,
            ..
        } = self;
        batch.iter().for_each(|reading| activity.add(reading));
        threads.install(|| {
            spide.add_gradients(gradients, batch, |k| !spide.network.is_frozen(k));
            spide.take_step(gradients, buffers, *position);
        });
        self.advance(batch.len());
    }

    fn advance(&mut self, samples: usize) {
        self.position.steps += 1;
        self.position.samples += samples as u64;
    }

    /// As [`Trainer::step`]; `sample` gives the batch's samples by their number.
    fn step_by<E: Send>(
        &mut self,
        count: usize,
        sample: impl Fn(&Spide<F>, usize) -> Result<(Sample<F>, usize), E> + Sync,
    ) -> Result<BatchReport, E> {
        let training = &self.spide.network.training;
        let immediate = count == 1 && training.update.is_plain() && self.spide.is_plain_dense();
        let mut report = BatchReport::default();
        let Trainer {
            spide,
            gradients,
            buffers,
            activity,
            position,
            spent,
            workspaces,
            threads,
        } = self;
        let together = spide.together();
        if immediate {
            let (sample, label) = sample(spide, 0)?;
            let mut workspace = Workspace::new(&spide.network, 1);
            let training = &spide.network.training;
            let rate = training.rate_at(position.epochs, position.steps);
            let rate = F::of(rate / training.loss.scale.value());
            let (read, times) = spide.read(&mut workspace, vec![(sample, label)], 1);
            *spent += times;
            for (reading, one) in read {
                activity.add(&reading);
                let start = Instant::now();
                spide.learn(&reading, rate);
                spent.update += start.elapsed();
                report += one;
            }
        } else {
            let done = threads.install(|| {
                // Groups do not depend on the number of threads; their gradients are added in order.
                let numbers: Vec<usize> = (0..count).collect();
                let groups: Vec<&[usize]> = numbers.chunks(together).collect();
                let new = || Workspace::new(&spide.network, together);
                for groups in groups.chunks(spide.groups() * rayon::current_num_threads()) {
                    let read = |group: &&[usize]| {
                        let samples = group.iter().map(|&k| sample(spide, k));
                        let samples = samples.collect::<Result<_, E>>()?;
                        Ok(workspaces.with(new, |workspace| spide.read(workspace, samples, count)))
                    };
                    let read: Result<Vec<(Read<F>, Spent)>, E> =
                        groups.par_iter().map(read).collect();
                    let read = read?;
                    read.iter().for_each(|(_, times)| *spent += *times);
                    let read = read.into_iter().flat_map(|(read, _)| read);
                    let (readings, reports): (Vec<_>, Vec<_>) = read.unzip();
                    let start = Instant::now();
                    // What takes little is done beside the gradients, and memory given back by all threads.
                    rayon::join(
                        || {
                            spide.add_gradients(gradients, &readings, |k| {
                                !spide.network.is_frozen(k)
                            })
                        },
                        || readings.iter().for_each(|reading| activity.add(reading)),
                    );
                    readings.into_par_iter().for_each(drop);
                    spent.gradients += start.elapsed();
                    reports.into_iter().for_each(|one| report += one);
                }
                let start = Instant::now();
                spide.take_step(gradients, buffers, *position);
                spent.update += start.elapsed();
                Ok(())
            });
            if let Err(error) = done {
                // As if the batch had not begun.
                *gradients = spide.zeros();
                return Err(error);
            }
        }
        self.advance(count);
        Ok(report)
    }
}

/// A pool of threads; with one thread where the machine gives no more.
fn pool(threads: usize) -> ThreadPool {
    let build = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    build(threads)
        .or_else(|_| build(1))
        .expect("a thread can be started")
}

/// Samples after both stages.
type Read<F> = Vec<(Reading<F>, BatchReport)>;

impl<F: Real> Spide<F> {
    /// As [`Spide::new`], after so many steps of training: norms are estimated as they were there.
    pub(crate) fn at_step(
        network: &Network,
        parameters: &FloatParameters,
        steps: u64,
    ) -> Result<Self, ShapeMismatch> {
        let mut spide = Spide::new(network, parameters)?;
        for linear in spide.linears_mut() {
            if linear.is_estimated() {
                linear.refresh(steps);
            }
        }
        Ok(spide)
    }

    /// Both stages of some samples of a batch of `batch`.
    fn read(
        &self,
        workspace: &mut Workspace<F>,
        samples: Vec<(Sample<F>, usize)>,
        batch: usize,
    ) -> (Read<F>, Spent) {
        let start = Instant::now();
        let inputs: Vec<&Sample<F>> = samples.iter().map(|(sample, _)| sample).collect();
        let forwards = self.forward_in(workspace, &inputs, None);
        let losses: Vec<(f64, Vec<F>)> = forwards
            .iter()
            .zip(&samples)
            .map(|(forward, (_, label))| self.loss(&forward.logits, *label, batch))
            .collect();
        let gradients: Vec<Vec<F>> = losses.iter().map(|(_, e)| self.rate_gradient(e)).collect();
        let given: Vec<(&Sample<F>, &ForwardStage<F>, &[F])> = inputs
            .into_iter()
            .zip(&forwards)
            .zip(&gradients)
            .map(|((sample, forward), g)| (sample, forward, g.as_slice()))
            .collect();
        let middle = Instant::now();
        let backwards = self.backward_in(workspace, &given, None);
        let spent = Spent {
            forward: middle - start,
            backward: middle.elapsed(),
            ..Spent::default()
        };
        let stages = forwards.into_iter().zip(backwards).zip(losses);
        let read = samples.into_iter().zip(stages);
        let read = read.map(|((sample, label), ((forward, backward), (loss, error)))| {
            let report = BatchReport {
                loss,
                correct: usize::from(forward.prediction() == label),
            };
            let reading = Reading {
                sample,
                forward,
                backward,
                error,
            };
            (reading, report)
        });
        (read.collect(), spent)
    }

    /// How many samples are read together; results do not depend on it.
    pub(super) fn together(&self) -> usize {
        let membranes = self.neuron_count() * size_of::<F>();
        (TOGETHER.1 / membranes.max(1)).clamp(1, TOGETHER.0)
    }

    /// How many groups of these a thread reads before gradients are added; results do not depend on it.
    fn groups(&self) -> usize {
        let network = &self.network;
        let of_neuron = 2 * size_of::<F>() + size_of::<u32>() + size_of::<bool>();
        // Of each projection an error where gradients are added, and what dropout keeps.
        let arriving = network.projections.iter().map(|p| {
            let dropout = usize::from(p.dropout.value() != 0.0);
            network.destination_size(p) * (1 + dropout)
        });
        let values = network.input.shape.size() + arriving.sum::<usize>();
        let reading = self.neuron_count() * of_neuron + values * size_of::<F>();
        let groups = GROUPS_BYTES / (reading * self.together()).max(1);
        groups.clamp(*GROUPS.start(), *GROUPS.end())
    }

    fn neuron_count(&self) -> usize {
        let populations = self.network.populations.iter();
        populations.map(|p| p.shape.size()).sum()
    }

    /// One step of descent, at a position of a training, by gradients of the weights used.
    fn take_step(
        &mut self,
        gradients: &mut Parameters<F>,
        buffers: &mut Buffers<F>,
        position: Position,
    ) {
        let Position { epochs, steps, .. } = position;
        let rate = self.network.training.rate_at(epochs, steps);
        self.descend(gradients, buffers, rate, steps);
    }

    /// Whether every layer is dense and uses its weights as they are stored.
    fn is_plain_dense(&self) -> bool {
        (0..=self.projections.len()).all(|k| self.linear(k).is_plain_dense())
    }

    /// One step of plain gradient descent by a single sample, touching only weights that change:
    /// the same bits as through [`Spide::gradients`].
    fn learn(&mut self, reading: &Reading<F>, rate: F) {
        for layer in 0..=self.projections.len() {
            if self.network.is_frozen(layer) {
                continue;
            }
            let (error, source) = self.factors(layer, reading);
            let linear = self.linear_mut(layer);
            linear.learn(&events(&error), &events(&source), rate);
        }
    }
}
