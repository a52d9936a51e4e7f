//! The witness: a training sample without any early exit or skipped work, every number kept.

use super::{Backward, FixedEngine, FixedState, Learning, Outcome};
use spidec_ir::network::Source;
use spidec_ir::trace::{Clamped, Clamps, TrainingTrace};

impl FixedEngine {
    /// Trains one sample as [`FixedEngine::train_sample`] does, with the same weights in the end, and
    /// gives a full account of it.
    ///
    /// All steps of the backward stage are done, for all populations, and every weight of a layer
    /// that is not frozen is updated, whatever is zero.
    ///
    /// # Panics
    /// Where the sample's size is not the input's; [`spidec_data::Dataset::check`] tells before.
    pub fn train_trace(
        &self,
        state: &mut FixedState,
        sample: &[u8],
        label: usize,
        learning: &Learning,
    ) -> TrainingTrace {
        let forward = self.forward_trace(&state.weights, sample);
        let outcome = Outcome::of(&forward);
        let found = self.backward_trace(&state.weights, &outcome, label);
        let weights = self.learn_all(
            state,
            sample,
            &outcome,
            (&found.error.values, &found.backward),
            learning,
        );
        let masks = outcome.counts.iter();
        TrainingTrace {
            masks: masks
                .map(|counts| counts.iter().map(|&n| self.mask(n)).collect())
                .collect(),
            clamps: Clamps {
                forward: outcome.clamped,
                backward: found.backward.clamped,
                errors: found.error.clamped,
                weights,
            },
            forward,
            error: found.error.values,
            gradient: found.gradient,
            backward: found.steps,
            backward_counts: found.backward.counts,
            backward_traces: found.backward.traces,
        }
    }

    /// Updates every weight and bias of every layer that is not frozen; the readout's error and the
    /// populations' rates are what each is learned from.
    fn learn_all(
        &self,
        state: &mut FixedState,
        sample: &[u8],
        forward: &Outcome,
        (error, backward): (&[i32], &Backward),
        learning: &Learning,
    ) -> Clamped {
        let mut parameters = state.weights.parameters();
        let mut all = Clamped::default();
        let readout = self.network.projections.len();
        for layer in [readout].into_iter().chain(0..readout) {
            if self.network.is_frozen(layer) {
                continue;
            }
            let (source, errors, values) = match self.network.projections.get(layer) {
                Some(p) => {
                    let errors = backward.rates(p.destination);
                    (p.source, errors, &mut parameters.projections[layer])
                }
                None => {
                    let source = Source::Population(self.network.readout.source);
                    (source, error, &mut parameters.readout)
                }
            };
            let sources: Vec<i32> = match source {
                Source::Input => sample.iter().map(|&x| i32::from(x)).collect(),
                Source::Population(id) => forward.rates(id).collect(),
            };
            let rule = self.rule(state, learning, layer);
            let (mut weights, mut biases) = (Clamped::default(), Clamped::default());
            for event in rule.events(errors) {
                let i = event.destination;
                let row = values.weight[i * sources.len()..][..sources.len()].iter_mut();
                let bias = values.bias.get_mut(i).map(|bias| (bias, &rule.one));
                for (j, (weight, &value)) in row.zip(&sources).chain(bias).enumerate() {
                    if rule.apply(weight, &event, value, j) {
                        let bias = j == sources.len();
                        let clamped = if bias { &mut biases } else { &mut weights };
                        clamped.add_weight(layer, i, j);
                    }
                }
            }
            all = all.then(weights).then(biases);
        }
        state.weights = self.arrange(&parameters);
        state.samples += 1;
        all
    }
}
