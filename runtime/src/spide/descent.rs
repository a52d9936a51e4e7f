//! Update rules: how gradients change stored parameters.

use super::linear::Linear;
use super::{Real, Spide, vector};
use rayon::prelude::*;
use spidec_ir::Parameters;
use spidec_ir::network::{Network, Quirk, Rule};
use spidec_ir::parameters::Layer;

/// What an update rule remembers; empty for plain gradient descent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buffers<F> {
    /// Momentum's sums, or Adam's mean of the gradients.
    pub first: Option<Parameters<F>>,
    /// Adam's mean of the gradients' squares.
    pub second: Option<Parameters<F>>,
}

impl<F: Real> Buffers<F> {
    /// Zeros where a network's update rule needs them.
    pub fn zeros(network: &Network) -> Buffers<F> {
        let zeros = |needed: bool| needed.then(|| Parameters::zeros(network));
        let (first, second) = match network.training.update.rule {
            Rule::Sgd { momentum } => (momentum.value() != 0.0, false),
            Rule::Adam { .. } => (true, true),
        };
        Buffers {
            first: zeros(first),
            second: zeros(second),
        }
    }

    /// The same with every number mapped.
    pub fn map<G>(&self, mut f: impl FnMut(&F) -> G) -> Buffers<G> {
        Buffers {
            first: self.first.as_ref().map(|buffer| buffer.map(&mut f)),
            second: self.second.as_ref().map(|buffer| buffer.map(&mut f)),
        }
    }
}

/// One step of a rule.
struct Step<F> {
    rate: F,
    /// What gradients are multiplied by first.
    unscale: F,
    decay: F,
    kind: Kind<F>,
}

enum Kind<F> {
    Plain,
    Momentum(F),
    Adam {
        beta1: F,
        beta2: F,
        epsilon: f64,
        /// `1 / (1 - beta^step)` of both.
        correct: [f64; 2],
    },
}

impl<F: Real> Spide<F> {
    /// One step of descent by gradients of the weights used, which become zero; `step` counts from 0.
    /// Frozen layers, whose gradients are zero, stay. Then the weights used are those of the parameters as they are.
    ///
    /// With momentum `h = grad + decay theta`, `buf = momentum buf + h`, `theta -= rate buf`, where
    /// gradients carry the loss scale and the rate is divided by it. Adam sees unscaled gradients.
    pub(super) fn descend(
        &mut self,
        gradients: &mut Parameters<F>,
        buffers: &mut Buffers<F>,
        rate: f64,
        step: u64,
    ) {
        let update = self.step(rate, step);
        let mut first = buffers.first.as_mut().map(|b| b.layers_mut());
        let mut second = buffers.second.as_mut().map(|b| b.layers_mut());
        let layers = self.linears_mut().zip(gradients.layers_mut());
        let layers = layers.map(|(linear, gradient)| {
            let first = first.as_mut().and_then(Iterator::next);
            let second = second.as_mut().and_then(Iterator::next);
            (linear, gradient, parts(first), parts(second))
        });
        // Layers at once, so that no thread waits between them.
        let layers: Vec<_> = layers.collect();
        layers
            .into_par_iter()
            .for_each(|(linear, gradient, first, second)| {
                if !linear.frozen {
                    linear.finish_gradient(gradient);
                    update.of_layer(linear, gradient, first, second);
                }
                if !linear.frozen || linear.is_estimated() {
                    linear.refresh(step + 1);
                }
            });
    }

    fn step(&self, rate: f64, step: u64) -> Step<F> {
        let training = &self.network.training;
        let (scale, decay) = (
            training.loss.scale.value(),
            training.update.weight_decay.value(),
        );
        match training.update.rule {
            Rule::Sgd { momentum } => Step {
                rate: F::of(rate / scale),
                unscale: F::ONE,
                decay: F::of(match training.has(Quirk::WeightDecay) {
                    true => decay,
                    false => decay * scale,
                }),
                kind: match momentum.value() {
                    0.0 => Kind::Plain,
                    momentum => Kind::Momentum(F::of(momentum)),
                },
            },
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                let correct = |beta: f64| 1.0 / (1.0 - libm::pow(beta, (step + 1) as f64));
                Step {
                    rate: F::of(rate),
                    unscale: F::of(1.0 / scale),
                    decay: F::of(decay),
                    kind: Kind::Adam {
                        beta1: F::of(beta1.value()),
                        beta2: F::of(beta2.value()),
                        epsilon: epsilon.value(),
                        correct: [correct(beta1.value()), correct(beta2.value())],
                    },
                }
            }
        }
    }
}

/// Weights and biases of a layer of buffers, where there is one.
fn parts<F>(layer: Option<&mut Layer<F>>) -> [Option<&mut [F]>; 2] {
    match layer {
        Some(layer) => [Some(&mut layer.weight), Some(&mut layer.bias)],
        None => [None, None],
    }
}

impl<F: Real> Step<F> {
    /// Changes a layer's stored parameters by their gradients, which become zero.
    fn of_layer(
        &self,
        linear: &mut Linear<F>,
        gradient: &mut Layer<F>,
        [weight1, bias1]: [Option<&mut [F]>; 2],
        [weight2, bias2]: [Option<&mut [F]>; 2],
    ) {
        let stuck = linear.is_stuck();
        let Layer { weight, bias } = linear.stored_mut();
        match stuck {
            true => gradient.weight.fill(F::ZERO),
            false => self.apply(weight, &mut gradient.weight, weight1, weight2),
        }
        self.apply(bias, &mut gradient.bias, bias1, bias2);
    }

    /// Changes values by gradients, which become zero.
    fn apply(
        &self,
        values: &mut [F],
        gradients: &mut [F],
        first: Option<&mut [F]>,
        second: Option<&mut [F]>,
    ) {
        let h = |value: F, gradient: &mut F| {
            self.unscale * std::mem::replace(gradient, F::ZERO) + self.decay * value
        };
        const CHUNK: usize = 1 << 14;
        match (&self.kind, first, second) {
            (Kind::Momentum(momentum), Some(first), _) => {
                let chunks = values
                    .par_chunks_mut(CHUNK)
                    .zip(gradients.par_chunks_mut(CHUNK))
                    .zip(first.par_chunks_mut(CHUNK));
                let factors = [self.unscale, self.decay, *momentum, self.rate];
                chunks.for_each(|((values, gradients), first)| {
                    vector::descend_with_momentum(values, gradients, first, factors);
                });
            }
            (
                Kind::Adam {
                    beta1,
                    beta2,
                    epsilon,
                    correct,
                },
                Some(first),
                Some(second),
            ) => {
                let chunks = values
                    .par_chunks_mut(CHUNK)
                    .zip(gradients.par_chunks_mut(CHUNK))
                    .zip(first.par_chunks_mut(CHUNK))
                    .zip(second.par_chunks_mut(CHUNK));
                chunks.for_each(|(((values, gradients), first), second)| {
                    let buffers = first.iter_mut().zip(second);
                    for ((value, gradient), (m, v)) in values.iter_mut().zip(gradients).zip(buffers)
                    {
                        let h = h(*value, gradient);
                        *m = *beta1 * *m + (F::ONE - *beta1) * h;
                        *v = *beta2 * *v + (F::ONE - *beta2) * h * h;
                        let root = libm::sqrt(v.value() * correct[1]);
                        *value -= self.rate * F::of(m.value() * correct[0] / (root + epsilon));
                    }
                });
            }
            _ => {
                let chunks = values
                    .par_chunks_mut(CHUNK)
                    .zip(gradients.par_chunks_mut(CHUNK));
                chunks.for_each(|(values, gradients)| {
                    for (value, gradient) in values.iter_mut().zip(gradients) {
                        let h = h(*value, gradient);
                        *value -= self.rate * h;
                    }
                });
            }
        }
    }
}
