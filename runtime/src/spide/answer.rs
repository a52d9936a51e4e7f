//! Many samples answered: the forward stage over a dataset.

use super::workspace::Workspace;
use super::{Readable, Real, Sample, Score, Spide};
use rayon::prelude::*;
use spidec_data::DataError;

/// Groups of samples a thread that are answered before they are heard of.
const GROUPS: usize = 4;

/// What a sample was answered with.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its class.
    pub label: usize,
    /// The class of the largest logit, the first where several are largest.
    pub prediction: usize,
    /// Unscaled.
    pub loss: f64,
    /// One a class.
    pub logits: Vec<f64>,
    /// Spikes of the forward stage, one count a population.
    pub spikes: Vec<u64>,
}

impl<F: Real> Spide<F> {
    /// Loss and right predictions over a dataset; `tell` hears how many samples are done.
    ///
    /// # Errors
    /// A dataset that does not fit the network, or a sample that cannot be read.
    pub fn evaluate(
        &self,
        data: &impl Readable,
        tell: &mut dyn FnMut(usize),
    ) -> Result<Score, DataError> {
        let (mut samples, mut correct, mut loss) = (0, 0, 0.0);
        self.answer(data, &mut |answer| {
            samples += 1;
            correct += usize::from(answer.prediction == answer.label);
            loss += answer.loss;
            tell(samples);
        })?;
        Ok(Score {
            samples,
            loss: loss / samples.max(1) as f64,
            correct,
        })
    }

    /// Answers all samples of a dataset; `hear` hears of each, in order.
    ///
    /// # Errors
    /// A dataset that does not fit the network, or a sample that cannot be read.
    pub fn answer(
        &self,
        data: &impl Readable,
        hear: &mut dyn FnMut(Answer),
    ) -> Result<(), DataError> {
        data.check(&self.network)?;
        let together = self.together();
        let indices: Vec<usize> = (0..data.count()).collect();
        for indices in indices.chunks(GROUPS * rayon::current_num_threads() * together) {
            let answers: Result<Vec<Vec<Answer>>, DataError> = indices
                .par_chunks(together)
                .map_init(
                    || Workspace::new(&self.network, together),
                    |workspace, indices| self.answer_some(workspace, data, indices),
                )
                .collect();
            answers?.into_iter().flatten().for_each(&mut *hear);
        }
        Ok(())
    }

    fn answer_some(
        &self,
        workspace: &mut Workspace<F>,
        data: &impl Readable,
        indices: &[usize],
    ) -> Result<Vec<Answer>, DataError> {
        let labelled = indices.iter().map(|&index| data.read(self, index, None));
        let labelled: Vec<(Sample<F>, usize)> = labelled.collect::<Result<_, _>>()?;
        let samples: Vec<&Sample<F>> = labelled.iter().map(|(sample, _)| sample).collect();
        let stages = self.forward_in(workspace, &samples, None);
        let stages = stages.iter().zip(&labelled);
        let answers = stages.map(|(forward, &(_, label))| Answer {
            label,
            prediction: forward.prediction(),
            loss: self.loss(&forward.logits, label, 1).0,
            logits: forward.logits.iter().map(|z| z.value()).collect(),
            spikes: forward.spikes().collect(),
        });
        Ok(answers.collect())
    }
}
