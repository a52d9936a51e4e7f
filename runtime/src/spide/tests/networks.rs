//! Networks with every layer that the language has.

use super::super::Sample;
use super::super::testing;
use super::input;
use spidec_ir::network::*;
use spidec_ir::random::hash;
use spidec_ir::{FloatParameters, Number};

/// A network with what it reads.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) network: Network,
    /// What arrives in each step.
    pub(super) frames: Vec<Vec<f64>>,
    /// Factors of each projection's destination neurons; empty for none.
    pub(super) dropout: Vec<Vec<f64>>,
}

impl Case {
    pub(super) fn sample(&self) -> Sample<f64> {
        let sample = match self.network.input.values {
            Values::Constant { .. } => Sample::constant(self.frames[0].clone()),
            Values::Events { .. } => Sample::frames(self.frames.iter().map(Vec::as_slice)),
        };
        sample.with_dropout(self.dropout.clone())
    }
}

fn window(kernel: u32, stride: u32, pad: u32) -> Window {
    Window {
        kernel,
        stride,
        pad,
    }
}

fn population(name: &str, shape: &[u32]) -> Population {
    Population {
        name: name.into(),
        shape: Shape(shape.to_vec()),
        neuron: Neuron::IntegrateAndFire,
    }
}

fn projection(source: Option<u32>, destination: u32, operator: Operator) -> Projection {
    Projection {
        operator,
        init: Init::Normal {
            std: Number::from(0.25),
        },
        bias: operator.has_weights(),
        ..Projection::dense(
            source.map_or(Source::Input, |p| Source::Population(PopulationId(p))),
            PopulationId(destination),
            match source {
                Some(source) if source >= destination => Direction::Feedback,
                _ => Direction::Forward,
            },
        )
    }
}

fn convolution(window: Window, standardize: bool) -> Operator {
    Operator::Convolution {
        window,
        standardize,
    }
}

/// Convolutions of stride 2 and 1, one standardized, pooling, dense layers; transposed and plain
/// convolutions and dense layers back, norms restricted below and above what they are. The readout
/// reads the second of four populations.
pub(super) fn layers() -> Network {
    let mut network = testing::network();
    network.input.shape = Shape(vec![8, 8, 2]);
    network.populations = vec![
        population("a", &[4, 4, 3]),
        population("b", &[4, 4, 2]),
        population("c", &[2, 2, 2]),
        population("d", &[5]),
    ];
    let transposed = Operator::ConvolutionTranspose {
        window: window(3, 2, 1),
        output_pad: 1,
    };
    let limited = |most: f64, projection: Projection| Projection {
        max_norm: Some(Number::from(most)),
        ..projection
    };
    network.projections = vec![
        projection(None, 0, convolution(window(3, 2, 1), false)),
        projection(Some(0), 1, convolution(window(3, 1, 1), true)),
        projection(Some(1), 2, Operator::AveragePool { size: 2 }),
        limited(1.0, projection(Some(2), 3, Operator::Dense)),
        projection(Some(2), 0, transposed),
        limited(
            0.8,
            projection(Some(0), 0, convolution(window(3, 1, 1), false)),
        ),
        limited(50.0, projection(Some(3), 1, Operator::Dense)),
        projection(Some(3), 3, Operator::Dense),
        projection(Some(3), 2, Operator::Zero),
    ];
    network
}

/// Extents that differ, many channels, kernels of even side, of side 1, larger than what they read,
/// with strides larger than they are; a wide dense layer. The readout reads the last of five populations.
pub(super) fn shapes() -> Network {
    let mut network = testing::network();
    network.input.shape = Shape(vec![9, 7, 2]);
    network.populations = vec![
        population("a", &[4, 3, 65]),
        population("b", &[2, 2, 41]),
        population("c", &[4, 4, 80]),
        population("d", &[1, 1, 80]),
        population("e", &[100]),
    ];
    let transposed = Operator::ConvolutionTranspose {
        window: window(1, 3, 0),
        output_pad: 0,
    };
    network.projections = vec![
        projection(None, 0, convolution(window(4, 3, 2), false)),
        projection(Some(0), 1, convolution(window(1, 2, 0), false)),
        projection(Some(1), 2, transposed),
        projection(Some(2), 3, Operator::AveragePool { size: 4 }),
        projection(Some(3), 4, Operator::Dense),
        projection(Some(4), 0, Operator::Dense),
        projection(Some(2), 1, convolution(window(2, 2, 0), false)),
        projection(Some(1), 1, convolution(window(5, 1, 2), false)),
    ];
    network.readout.source = PopulationId(4);
    network
}

/// A leak for the first and the last population; couples of the first leak too.
fn leaky(network: &mut Network) {
    for (p, leaky_couple) in [(0, true), (3, false)] {
        network.populations[p].neuron = Neuron::Leaky {
            leak: Number::from(0.9),
            leaky_couple,
        };
    }
}

/// Factors of a drop probability of 1/4 for every other projection.
fn dropout(network: &Network, seed: u64) -> Vec<Vec<f64>> {
    let projections = network.projections.iter().enumerate();
    let factors = projections.map(|(k, projection)| {
        let size = network.destination_size(projection);
        let factor = |i: usize| match hash(&[seed, k as u64, i as u64]) % 4 {
            0 => 0.0,
            _ => 4.0 / 3.0,
        };
        (0..if k % 2 == 0 { size } else { 0 }).map(factor).collect()
    });
    factors.collect()
}

/// A network with constant input.
pub(super) fn constant(name: &'static str, network: Network, seed: u64) -> Case {
    let steps = network.training.forward.steps as usize;
    let values = input(seed, network.input.shape.size());
    Case {
        name,
        frames: vec![values; steps],
        dropout: Vec::new(),
        network,
    }
}

/// Every kind of layer, neuron, input and dropout, and the readout in the middle and at the end.
pub(super) fn cases(seed: u64) -> Vec<Case> {
    let constant = |name, network| constant(name, network, seed);
    let mut last = layers();
    last.readout.source = PopulationId(3);
    let mut leaks = layers();
    leaky(&mut leaks);
    let mut events = layers();
    leaky(&mut events);
    events.input.values = Values::Events { resize: false };
    let mut events = constant("events", events);
    for (t, frame) in events.frames.iter_mut().enumerate() {
        for (i, value) in frame.iter_mut().enumerate() {
            *value = (hash(&[seed, t as u64, i as u64]) % 3) as f64;
        }
    }
    let mut dropped = constant("dropout", layers());
    dropped.dropout = dropout(&dropped.network, seed);
    vec![
        constant("readout in the middle", layers()),
        constant("readout at the end", last),
        constant("leaky", leaks),
        events,
        dropped,
    ]
}

/// The case's parameters: [`super::parameters`], on a grid of 1/64 where wanted.
pub(super) fn on_grid(parameters: &FloatParameters) -> FloatParameters {
    parameters.map(|v| (v * 64.0).round() / 64.0)
}
