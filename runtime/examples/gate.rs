//! Trains MNIST in fixed point and prints accuracy, speed and rates for each epoch.
//!
//! `gate DATA [SEED [EPOCHS [RATE]]]`: DATA is a directory of the data.

use spidec_ir::fixed::{Format, Overflow, Rounding, quantize};
use spidec_ir::network::*;
use spidec_ir::random::initial_parameters;
use spidec_ir::{Network, Number};
use spidec_runtime::data::{Split, load};
use spidec_runtime::fixed::FixedEngine;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

fn network(seed: u64, rate: f64) -> Network {
    let normal = |std: f64| Init::Normal { std: std.into() };
    let projection = |source, direction, std, bias| Projection {
        source,
        destination: PopulationId(0),
        direction,
        operator: Operator::Dense,
        init: normal(std),
        bias,
    };
    Network {
        name: "mnist".into(),
        input: Input {
            name: "image".into(),
            shape: Shape(vec![28, 28, 1]),
            scale: Number::from(1.0 / 256.0),
        },
        populations: vec![Population {
            name: "hidden".into(),
            shape: Shape(vec![240]),
            neuron: Neuron::IntegrateAndFire,
        }],
        projections: vec![
            projection(Source::Input, Direction::Forward, 0.101, true),
            projection(
                Source::Population(PopulationId(0)),
                Direction::Feedback,
                0.044,
                false,
            ),
        ],
        readout: Readout {
            name: "digit".into(),
            classes: 10,
            source: PopulationId(0),
            init: normal(0.0645),
            bias: true,
        },
        training: Training {
            forward: Stage {
                steps: 16,
                v_th: 1.0.into(),
                u_rest: (-1.0).into(),
            },
            backward: Stage {
                steps: 32,
                v_th: 0.5.into(),
                u_rest: (-0.5).into(),
            },
            loss: Loss {
                kind: LossKind::CrossEntropy,
                scale: 1.0.into(),
            },
            update: Sgd {
                rate: rate.into(),
                batch: 1,
                momentum: 0.0.into(),
                weight_decay: 0.0.into(),
            },
            schedule: Schedule::Step {
                every: 1,
                factor: 0.5.into(),
            },
            seed,
        },
        array: Array {
            lanes: 16,
            weight: Format { bits: 12, frac: 9 },
            weight_overflow: Overflow::Error,
            membrane: Format { bits: 20, frac: 9 },
            error: Format { bits: 10, frac: 8 },
            learning: Rounding::Stochastic,
        },
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let data = arguments
        .first()
        .ok_or("gate DATA [SEED [EPOCHS [RATE]]]")?;
    let number = |k: usize, default: f64| -> Result<f64, Box<dyn Error>> {
        Ok(arguments.get(k).map_or(Ok(default), |a| a.parse())?)
    };
    let seed = number(1, 1.0)? as u64;
    let epochs = number(2, 5.0)? as u32;
    let network = network(seed, number(3, 0.02)?);

    let train = load(Path::new(data), Split::Train)?;
    let test = load(Path::new(data), Split::Test)?;

    let engine = FixedEngine::new(&network)?;
    println!("seed {seed}: {:?}", engine.learning(0)?);
    let (parameters, _) = quantize(&network, &initial_parameters(&network, seed))?;
    let mut state = engine.state(&parameters)?;
    for epoch in 0..epochs {
        let start = Instant::now();
        let (mut correct, mut zero, mut silent, mut saturated) = (0u32, 0u32, 0u32, 0u64);
        let (mut spikes, mut sent, mut learning) = (0u64, 0u64, 0u64);
        engine.train_epoch(&mut state, &train, epoch, |p| {
            let t = p.trained;
            correct += u32::from(t.forward.prediction == p.label as u32);
            zero += u32::from(t.error.iter().all(|&e| e == 0));
            saturated += t.forward.saturations;
            spikes += t.forward.counts[0]
                .iter()
                .map(|&n| u64::from(n))
                .sum::<u64>();
            match &t.backward {
                None => silent += 1,
                Some(b) => {
                    sent += b.counts[0]
                        .iter()
                        .map(|n| u64::from(n.unsigned_abs()))
                        .sum::<u64>();
                    learning += b.counts[0].iter().filter(|&&n| n != 0).count() as u64;
                    saturated += b.saturations;
                }
            }
            ControlFlow::Continue(())
        })?;
        let seconds = start.elapsed().as_secs_f64();
        let n = train.len() as f64;
        let start = Instant::now();
        let score = engine.evaluate(&state.weights, &test, |_| ())?;
        let images = test.len() as f64 / start.elapsed().as_secs_f64();
        println!(
            "seed {seed} epoch {}: test {:.2} % train {:.2} % | {:.0} samples/s, {images:.0} images/s | \
             forward rate {:.3}, backward {:.4}, m beta != 0 {:.2} % | error zero {:.1} %, no couple {:.1} % | saturated {saturated}",
            epoch + 1,
            100.0 * score.accuracy(),
            100.0 * f64::from(correct) / n,
            n / seconds,
            spikes as f64 / (n * 240.0 * 16.0),
            sent as f64 / (n * 240.0 * 32.0),
            100.0 * learning as f64 / (n * 240.0),
            100.0 * f64::from(zero) / n,
            100.0 * f64::from(silent) / n,
        );
    }
    Ok(())
}
