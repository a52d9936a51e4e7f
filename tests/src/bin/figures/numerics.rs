//! SPIDE in floating point against SPIDE in fixed point, on the same weights: measured, never
//! called equal.

use crate::Outcome;
use crate::mnist;
use spidec_data::{Dataset, Split};
use spidec_ir::fixed::dequantize;
use spidec_ir::network::Source;
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::fixed::FixedEngine;
use spidec_runtime::spide::{Reading, Spide};
use std::error::Error;

/// Samples compared.
const SAMPLES: usize = 1000;

pub(crate) fn print() -> Outcome {
    let train = mnist::data(Split::Train)?;
    let samples = train.first(SAMPLES);
    for name in ["mnist.fsnn", "three.fsnn"] {
        let network = mnist::network(name)?.network;
        for epochs in [0, 1, 3] {
            let parameters = mnist::train_fixed(&network, &train, epochs, |_, _, _| ())?;
            compare(name, epochs, &network, &parameters, &samples)?;
        }
    }
    Ok(())
}

fn compare(
    name: &str,
    epochs: u32,
    network: &Network,
    parameters: &FixedParameters,
    samples: &Dataset,
) -> Outcome {
    let spide = Spide::<f64>::new(network, &dequantize(network, parameters))?;
    let fixed = FixedEngine::new(network)?;
    let weights = fixed.load(parameters)?;
    let steps = f64::from(network.training.forward.steps);
    let unit = steps * network.array.weight.unit();
    let (mut rates, mut neurons, mut logits, mut classes) = (0.0, 0.0, 0.0f64, 0.0);
    let (mut same_rates, mut same_prediction) = (0.0, 0);
    // Sums over all weights of projections: float squared, fixed squared, product.
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (sample, label) in samples.samples() {
        let x = spide.sample(sample);
        let forward = spide.forward(&x);
        let outcome = fixed.infer(&weights, sample);
        for (float, counts) in forward.rates.iter().zip(&outcome.counts) {
            for (a, &c) in float.iter().zip(counts) {
                let difference = (a - f64::from(c) / steps).abs();
                rates += difference;
                same_rates += f64::from(u8::from(difference < 1e-9));
                neurons += 1.0;
            }
        }
        for (a, &z) in forward.logits.iter().zip(&outcome.logits) {
            logits += (a - f64::from(z) / unit).powi(2);
            classes += 1.0;
        }
        same_prediction += usize::from(forward.prediction() == outcome.prediction as usize);

        let (_, error) = spide.loss(&forward.logits, label, 1);
        let backward = spide.backward(&x, &forward, &spide.rate_gradient(&error));
        let float = spide.gradients(&[Reading {
            sample: x,
            forward,
            backward,
            error,
        }]);
        let found = fixed.backward_trace(&weights, &outcome, label);
        let gradient = gradient(
            network,
            &network.input.values_of(sample),
            &outcome.counts,
            &found.backward.counts,
        )?;
        for (a, b) in float.projections.iter().zip(&gradient) {
            for (a, b) in a.weight.iter().zip(b) {
                aa += a * a;
                bb += b * b;
                ab += a * b;
            }
        }
    }
    println!(
        "{name}, {epochs} epochs: rates differ by {:.5} on average ({:.2} % equal), logits by {:.4} rms, \
         {} of {} predictions equal; gradients: cosine {:.4}, length ratio {:.4}",
        rates / neurons,
        100.0 * same_rates / neurons,
        (logits / classes).sqrt(),
        same_prediction,
        samples.len(),
        ab / (aa * bb).sqrt(),
        (bb / aa).sqrt()
    );
    Ok(())
}

/// `grad W = m beta alpha / (v_th - u_rest)` from the counts of both stages, one a projection.
fn gradient(
    network: &Network,
    x: &[f64],
    counts: &[Vec<u32>],
    back: &[Vec<i32>],
) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let training = &network.training;
    let steps = training.forward.steps;
    let factor =
        training.backward.reset() / f64::from(training.backward.steps) / training.forward.reset();
    Ok(network
        .projections
        .iter()
        .map(|projection| {
            let source: Vec<f64> = match projection.source {
                Source::Input => x.to_vec(),
                Source::Population(id) => counts[id.index()]
                    .iter()
                    .map(|&c| f64::from(c) / f64::from(steps))
                    .collect(),
            };
            let d = projection.destination.index();
            let live = counts[d].iter().zip(&back[d]);
            live.flat_map(|(&count, &error)| {
                let mask = count > 0 && count < steps;
                let error = if mask { f64::from(error) * factor } else { 0.0 };
                source
                    .iter()
                    .map(move |alpha| error * alpha)
                    .collect::<Vec<f64>>()
            })
            .collect()
        })
        .collect())
}
