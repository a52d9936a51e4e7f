//! The backward stage: ternary spiking neuron couples carry the gradient against the arrows.

use super::weights::Event;
use super::{ForwardStage, PopulationStep, Spide, StageTrace};

/// What the backward stage of one sample comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct BackwardStage {
    /// Rates `beta`, `[population][neuron]`: averages of `s_p`, the masks not applied.
    pub rates: Vec<Vec<f64>>,
}

impl Spide {
    /// The backward stage of one sample; `g`: [`Spide::rate_gradient`], one a neuron of the
    /// readout's source.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn backward(&self, forward: &ForwardStage, g: &[f64]) -> BackwardStage {
        self.run_backward(forward, g, None)
    }

    /// As [`Spide::backward`], with every step; populations stand in declaration order.
    ///
    /// # Panics
    /// If `forward` is not of this network.
    pub fn backward_traced(
        &self,
        forward: &ForwardStage,
        g: &[f64],
    ) -> (BackwardStage, StageTrace) {
        let mut trace = Vec::new();
        let stage = self.run_backward(forward, g, Some(&mut trace));
        (stage, trace)
    }

    fn run_backward(
        &self,
        forward: &ForwardStage,
        g: &[f64],
        mut trace: Option<&mut StageTrace>,
    ) -> BackwardStage {
        let stage = &self.network.training.backward;
        let (threshold, spike) = (stage.v_th.value(), stage.reset());
        let sent = spike / self.network.training.forward.reset();
        let order = self.network.backward_order();
        let mut u: Vec<Vec<f64>> = self.neurons();
        let mut counts: Vec<Vec<i32>> = self.neurons();
        // `m_d s_d / (v_th - u_rest)` of the latest spikes: this step's where d was handled already,
        // else the previous step's.
        let mut spikes: Vec<Vec<Event>> = vec![Vec::new(); u.len()];

        for _ in 0..stage.steps {
            let mut handled = vec![None; u.len()];
            for &id in &order {
                let u = &mut u[id.index()];
                if id == self.network.readout.source {
                    for (u, g) in u.iter_mut().zip(g) {
                        *u += g;
                    }
                }
                for (weights, destination) in self.out_of(id) {
                    weights.backward(u, &spikes[destination.index()]);
                }
                let u_pre = trace.is_some().then(|| u.clone());

                let (counts, spikes) = (&mut counts[id.index()], &mut spikes[id.index()]);
                let masks = &forward.masks[id.index()];
                spikes.clear();
                for (i, u) in u.iter_mut().enumerate() {
                    let sign = ternary(*u, threshold);
                    if sign != 0 {
                        *u -= f64::from(sign) * spike;
                        counts[i] += i32::from(sign);
                        if masks[i] {
                            spikes.push((i as u32, f64::from(sign) * sent));
                        }
                    }
                }
                handled[id.index()] = u_pre.map(|u_pre| PopulationStep {
                    spikes: u_pre.iter().map(|&u| ternary(u, threshold)).collect(),
                    u_pre,
                    u: u.clone(),
                });
            }
            if let Some(trace) = &mut trace {
                trace.push(handled.into_iter().flatten().collect());
            }
        }
        let beta = |&count: &i32| f64::from(count) * spike / f64::from(stage.steps);
        BackwardStage {
            rates: counts
                .iter()
                .map(|c| c.iter().map(beta).collect())
                .collect(),
        }
    }
}

/// The sign of a couple's spike; equality fires on both sides.
fn ternary(u: f64, threshold: f64) -> i8 {
    i8::from(u >= threshold) - i8::from(u <= -threshold)
}
