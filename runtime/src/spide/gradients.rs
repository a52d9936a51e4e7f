//! Local learning: the gradient of each layer is the product of two rates.

use super::forward::weight;
use super::sample::{Sample, Signal};
use super::{BackwardStage, ForwardStage, Real, Spide};
use rayon::prelude::*;
use spidec_ir::Parameters;
use spidec_ir::network::{Projection, Quirk, Source};
use spidec_ir::parameters::Layer;
use std::borrow::Cow;

/// One sample after both stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading<F> {
    /// What was read.
    pub sample: Sample<F>,
    /// The forward stage.
    pub forward: ForwardStage<F>,
    /// The backward stage.
    pub backward: BackwardStage<F>,
    /// The gradient with respect to the logits, [`Spide::loss`].
    pub error: Vec<F>,
}

/// Errors of all destination neurons, and source values.
type Factors<'a, F> = (Vec<F>, Cow<'a, [F]>);

impl<F: Real> Spide<F> {
    /// Parameters of the network's shapes, all zero.
    pub(super) fn zeros(&self) -> Parameters<F> {
        Parameters::zeros(&self.network)
    }

    /// The gradients of some samples, added in their order, in the scale of their errors; those of
    /// frozen layers too.
    ///
    /// # Panics
    /// If the readings are not of this network.
    pub fn gradients(&self, readings: &[Reading<F>]) -> Parameters<F> {
        let mut gradients = self.zeros();
        self.add_gradients(&mut gradients, readings, |_| true);
        for (k, layer) in gradients.layers_mut().enumerate() {
            self.linear(k).finish_gradient(layer);
        }
        gradients
    }

    /// Adds what samples contribute to some layers' gradients, still those of the weights used.
    pub(super) fn add_gradients(
        &self,
        gradients: &mut Parameters<F>,
        readings: &[Reading<F>],
        wanted: impl Fn(usize) -> bool,
    ) {
        let layers = gradients.layers_mut().enumerate();
        let is_empty = |layer: &Layer<F>| layer.weight.is_empty() && layer.bias.is_empty();
        let layers = layers.filter(|(k, layer)| !is_empty(layer) && wanted(*k));
        // Layers at once, so that no thread waits between them.
        let layers: Vec<(usize, &mut Layer<F>)> = layers.collect();
        layers.into_par_iter().for_each(|(k, layer)| {
            let factors = readings.par_iter().map(|reading| self.factors(k, reading));
            let factors: Vec<Factors<F>> = factors.collect();
            let factors: Vec<(&[F], &[F])> = factors
                .iter()
                .map(|(error, source)| (&error[..], &source[..]))
                .collect();
            self.linear(k).add_gradients(layer, &factors);
        });
    }

    /// The two factors of a layer's gradients.
    pub(super) fn factors<'a>(&self, layer: usize, reading: &'a Reading<F>) -> Factors<'a, F> {
        match self.network.projections.get(layer) {
            Some(projection) => (
                self.error(layer, projection, reading),
                self.source(projection, reading),
            ),
            None => (
                reading.error.clone(),
                Cow::from(&reading.forward.rates[self.network.readout.source.index()]),
            ),
        }
    }

    /// `m_d beta_d / (v_th - u_rest)`, through dropout.
    fn error(&self, layer: usize, projection: &Projection, reading: &Reading<F>) -> Vec<F> {
        let reset = F::of(self.network.training.forward.reset());
        let d = projection.destination.index();
        let betas = reading.backward.rates[d].iter();
        let masked = betas.zip(&reading.forward.masks[d]);
        let mut error: Vec<F> = masked
            .map(|(&beta, &mask)| if mask { beta / reset } else { F::ZERO })
            .collect();
        let published = self.network.training.has(Quirk::DropoutGradient);
        if let Some(mask) = reading.sample.mask(layer).filter(|_| !published) {
            for (error, factor) in error.iter_mut().zip(mask) {
                *error *= *factor;
            }
        }
        error
    }

    /// `alpha_src`, or the input.
    fn source<'a>(&self, projection: &Projection, reading: &'a Reading<F>) -> Cow<'a, [F]> {
        match projection.source {
            Source::Population(id) => Cow::from(&reading.forward.rates[id.index()]),
            Source::Input => self.mean_input(projection, &reading.sample),
        }
    }

    /// The input as a projection hears it: of events their average.
    pub(super) fn mean_input<'a>(
        &self,
        projection: &Projection,
        sample: &'a Sample<F>,
    ) -> Cow<'a, [F]> {
        let frames = match &sample.input {
            Signal::Constant(x) => return Cow::from(x),
            Signal::Frames(frames) => frames,
        };
        let mut sum = vec![F::ZERO; self.network.input.shape.size()];
        let steps = self.network.training.forward.steps;
        let leak = self
            .network
            .population(projection.destination)
            .neuron
            .leak();
        let (frames, leak, total) = if self.network.training.has(Quirk::EventMean) {
            (&frames[..], F::ONE, frames.len() as f64)
        } else if leak == 1.0 {
            (&frames[..steps as usize], F::ONE, f64::from(steps))
        } else {
            (&frames[..steps as usize], F::of(leak), weight(leak, steps))
        };
        for frame in frames {
            if leak != F::ONE {
                sum.iter_mut().for_each(|sum| *sum *= leak);
            }
            frame
                .iter()
                .for_each(|&(k, value)| sum[k as usize] += value);
        }
        let total = F::of(total);
        sum.iter_mut().for_each(|sum| *sum = *sum / total);
        Cow::from(sum)
    }
}
