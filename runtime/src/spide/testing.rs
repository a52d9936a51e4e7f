//! Networks for tests.

use spidec_ir::fixed::{Format, Overflow, Rounding};
use spidec_ir::network::*;
use spidec_ir::{Network, Number};

/// Three populations with a chain, a skip, self-recurrence and feedback across layers; biases on
/// all projections. The readout reads the second population.
pub(crate) fn network() -> Network {
    let number = Number::from;
    let init = Init::Normal { std: number(0.3) };
    let population = |name: &str, size| Population {
        name: name.into(),
        shape: Shape(vec![size]),
        neuron: Neuron::IntegrateAndFire,
    };
    let projection = |source: Option<u32>, destination: u32| Projection {
        init,
        ..Projection::dense(
            source.map_or(Source::Input, |p| Source::Population(PopulationId(p))),
            PopulationId(destination),
            match source {
                Some(source) if source >= destination => Direction::Feedback,
                _ => Direction::Forward,
            },
        )
    };
    let format = |bits, frac| Format { bits, frac };
    Network {
        name: "small".into(),
        input: Input {
            name: "image".into(),
            shape: Shape(vec![4, 3, 1]),
            values: Values::scaled(Number::fraction(1.0, 256.0).unwrap()),
        },
        populations: vec![population("a", 8), population("b", 7), population("c", 6)],
        projections: vec![
            projection(None, 0),
            projection(None, 2),
            projection(Some(0), 1),
            projection(Some(0), 2),
            projection(Some(1), 2),
            projection(Some(0), 0),
            projection(Some(2), 0),
            projection(Some(2), 1),
            projection(Some(1), 0),
        ],
        readout: Readout {
            name: "digit".into(),
            classes: 3,
            source: PopulationId(1),
            init: Init::Normal { std: number(1.0) },
            bias: true,
            frozen: false,
        },
        training: Training {
            forward: Stage {
                steps: 16,
                v_th: number(1.0),
                u_rest: number(-1.0),
            },
            backward: Stage {
                steps: 32,
                v_th: number(0.5),
                u_rest: number(-0.5),
            },
            loss: Loss {
                kind: LossKind::CrossEntropy,
                scale: number(1.0),
            },
            update: Update {
                rate: number(0.1),
                batch: 1,
                weight_decay: number(0.0),
                rule: Rule::Sgd {
                    momentum: number(0.0),
                },
            },
            schedule: Schedule::Step {
                every: 1,
                factor: number(0.75),
            },
            warm_up: 0,
            augment: None,
            published: Vec::new(),
            seed: 3,
        },
        array: Array {
            lanes: 4,
            weight: format(12, 9),
            weight_overflow: Overflow::Error,
            membrane: format(20, 9),
            error: format(10, 8),
            trace: format(15, 6),
            learning: Rounding::Stochastic,
        },
    }
}
