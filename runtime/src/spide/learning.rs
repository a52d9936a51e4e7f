//! Local learning: the gradient of each layer is the product of two rates.

use super::implicit::masked;
use super::weights::{Event, Weights, events};
use super::{BackwardStage, ForwardStage, Spide};
use spidec_ir::FloatParameters;
use spidec_ir::network::Source;

/// The two factors of a layer's gradient, `e v^T`; the bias's is `e`.
struct Factors {
    /// `m_d beta_d / (v_th - u_rest)`; the readout's: the error.
    error: Vec<Event>,
    /// `alpha_src`, or `x`.
    source: Vec<Event>,
}

impl Spide {
    /// Adds the gradients of one sample, in the scale of `error` ([`Spide::loss`]); those of frozen
    /// layers too.
    ///
    /// # Panics
    /// If the arguments are not of this network.
    pub fn add_gradients(
        &self,
        gradients: &mut FloatParameters,
        x: &[f64],
        forward: &ForwardStage,
        backward: &BackwardStage,
        error: &[f64],
    ) {
        let factors = self.factors(x, forward, backward, error);
        let weights = self.projections.iter().chain([&self.readout]);
        for ((layer, weights), factors) in gradients.layers_mut().zip(weights).zip(factors) {
            let sources = weights.sources();
            for &(i, e) in &factors.error {
                let row = &mut layer.weight[i as usize * sources..][..sources];
                for &(j, v) in &factors.source {
                    row[j as usize] += e * v;
                }
                if let Some(bias) = layer.bias.get_mut(i as usize) {
                    *bias += e;
                }
            }
        }
    }

    /// One step of plain gradient descent by a single sample, touching only weights that change:
    /// the same bits as through [`Spide::add_gradients`].
    pub(super) fn learn(
        &mut self,
        x: &[f64],
        forward: &ForwardStage,
        backward: &BackwardStage,
        error: &[f64],
        rate: f64,
    ) {
        let factors = self.factors(x, forward, backward, error);
        let learning = |(weights, _): &(&mut Weights, _)| !weights.frozen;
        for (weights, factors) in self.layers_mut().zip(factors).filter(learning) {
            weights.learn(&factors.error, &factors.source, rate);
        }
    }

    /// Projections in declaration order, then the readout.
    pub(super) fn layers_mut(&mut self) -> impl Iterator<Item = &mut Weights> {
        self.projections.iter_mut().chain([&mut self.readout])
    }

    fn factors(
        &self,
        x: &[f64],
        forward: &ForwardStage,
        backward: &BackwardStage,
        error: &[f64],
    ) -> Vec<Factors> {
        let reset = self.network.training.forward.reset();
        let projections = self.network.projections.iter().map(|projection| {
            let d = projection.destination.index();
            let error = masked(&backward.rates[d], &forward.masks[d]);
            Factors {
                error: error.map(|(i, beta)| (i, beta / reset)).collect(),
                source: match projection.source {
                    Source::Input => events(x),
                    Source::Population(id) => events(&forward.rates[id.index()]),
                },
            }
        });
        let readout = Factors {
            error: events(error),
            source: events(&forward.rates[self.network.readout.source.index()]),
        };
        projections.chain([readout]).collect()
    }
}
