//! From the settings of a case to the network that it was recorded from.

use super::error::GoldenProblem;
use super::settings::{From, NeuronSettings, ProjectionSettings, Settings};
use spidec_ir::fixed::{Format, Overflow, Rounding};
use spidec_ir::network::*;
use spidec_ir::{Network, Number};

/// Beyond any kernel, stride or padding.
const LARGEST_WINDOW: u32 = 1 << 12;

/// `1e-5` and `1e-12`: constants of the engine's standardization and norm.
const STANDARD_EPSILON: f64 = 1e-5;
const NORM_EPSILON: f64 = 1e-12;

type Result<T> = std::result::Result<T, GoldenProblem>;

/// The network of a case, with all that the published code does differently.
pub(super) fn network(settings: &Settings) -> Result<Network> {
    only("format_version", settings.format_version, 1)?;
    let loss = &settings.loss;
    if !loss.kind.starts_with("softmax cross entropy") {
        return Err(unsupported(
            "loss.kind",
            &loss.kind,
            "softmax cross entropy",
        ));
    }
    at_least_one("batch", settings.batch)?;
    at_least_one("readout.classes", settings.readout.classes)?;
    let populations = populations(settings)?;
    let source = settings.readout.from_layer;
    layer("readout.from_layer", source, &populations)?;
    if settings.output_layer != source {
        let what = format!("it is not the readout's source, {source}");
        return Err(GoldenProblem::setting("output_layer", what));
    }
    let input = input(settings)?;
    let projections = settings.projections.iter().enumerate();
    let projections = projections.map(|(k, p)| projection(k, p, &input.shape, &populations));
    let projections = projections.collect::<Result<Vec<Projection>>>()?;
    Ok(Network {
        name: "golden".into(),
        input,
        populations,
        projections,
        readout: Readout {
            name: "readout".into(),
            classes: settings.readout.classes,
            source: PopulationId(source),
            init: Init::Zeros,
            bias: settings.readout.bias,
            frozen: false,
        },
        training: training(settings)?,
        array: array(),
    })
}

fn populations(settings: &Settings) -> Result<Vec<Population>> {
    let neuron = neuron(&settings.neuron)?;
    if settings.layers.is_empty() {
        return Err(GoldenProblem::setting("layers", "there is none"));
    }
    let layers = settings.layers.iter().enumerate();
    let population = |(k, layer): (usize, &super::settings::LayerSettings)| {
        Ok(Population {
            name: format!("l{k}"),
            shape: shape(&format!("layers[{k}].shape"), &layer.shape)?,
            neuron,
        })
    };
    layers.map(population).collect()
}

fn neuron(settings: &NeuronSettings) -> Result<Neuron> {
    let leaky = |place: &str, model: &str| match model {
        "IF" => Ok(false),
        "LIF" => Ok(true),
        other => Err(unsupported(place, other, "IF or LIF")),
    };
    let forward = leaky("neuron.forward", &settings.forward)?;
    let leaky_couple = leaky("neuron.backward", &settings.backward)?;
    match (forward, leaky_couple) {
        (false, false) => Ok(Neuron::IntegrateAndFire),
        (false, true) => Err(unsupported(
            "neuron.backward",
            "LIF behind IF neurons",
            "IF there",
        )),
        (true, _) => match settings.leaky {
            Some(leak) if 0.0 < leak && leak < 1.0 => Ok(Neuron::Leaky {
                leak: leak.into(),
                leaky_couple,
            }),
            _ => Err(GoldenProblem::setting(
                "neuron.leaky",
                "leaky neurons need a number between 0 and 1",
            )),
        },
    }
}

fn input(settings: &Settings) -> Result<Input> {
    let input = &settings.input;
    let values = match input.kind.as_str() {
        "constant" => Values::scaled(1.0.into()),
        "event" => Values::Events { resize: false },
        other => return Err(unsupported("input.type", other, "constant or event")),
    };
    if settings.has_events() && input.frames.is_none_or(|n| n < settings.forward_steps) {
        let what = format!("events need at least T_F = {}", settings.forward_steps);
        return Err(GoldenProblem::setting("input.T_in", what));
    }
    Ok(Input {
        name: "input".into(),
        shape: shape("input.shape", &input.shape)?,
        values,
    })
}

fn projection(
    k: usize,
    settings: &ProjectionSettings,
    input: &Shape,
    populations: &[Population],
) -> Result<Projection> {
    let place = |key: &str| format!("projections[{k}].{key}");
    let destination = layer(&place("to"), settings.to, populations)?;
    let (source, source_shape) = match &settings.from {
        From::Layer(from) => (
            Source::Population(PopulationId(*from)),
            layer(&place("from"), *from, populations)?,
        ),
        From::Name(name) if name == "input" => (Source::Input, input),
        From::Name(name) => {
            return Err(unsupported(&place("from"), name, "`input` or a layer"));
        }
    };
    let operator = operator(&place, settings)?;
    let ends = [
        ("in_shape", &settings.in_shape, source_shape),
        ("out_shape", &settings.out_shape, destination),
    ];
    for (key, recorded, wanted) in ends {
        if shape(&place(key), recorded)? != *wanted {
            return Err(GoldenProblem::setting(
                place(key),
                format!("{recorded:?} is not the shape of what it connects"),
            ));
        }
    }
    let fits = match operator {
        Operator::Dense | Operator::Zero => true,
        Operator::AveragePool { .. } if source_shape.channels() != destination.channels() => false,
        _ => {
            let extents = source_shape.extents().and_then(|e| operator.extents(e));
            extents.is_some() && extents == destination.extents()
        }
    };
    if !fits {
        let what = format!(
            "{} does not lead from {:?} to {:?}",
            settings.kind, settings.in_shape, settings.out_shape
        );
        return Err(GoldenProblem::setting(place("kind"), what));
    }
    if settings.bias && !operator.has_weights() {
        let what = format!("{} has none", settings.kind);
        return Err(GoldenProblem::setting(place("bias"), what));
    }
    if !(0.0..1.0).contains(&settings.dropout) {
        let what = format!("{} is not from 0 to below 1", settings.dropout);
        return Err(GoldenProblem::setting(place("dropout"), what));
    }
    let max_norm = match &settings.norm_restriction {
        None => None,
        Some(norm) => {
            let place = |key: &str| place(&format!("norm_restriction.{key}"));
            only(&place("eps"), norm.eps, NORM_EPSILON)?;
            at_least_one(&place("samples"), norm.samples)?;
            positive(&place("norm_range"), norm.norm_range)?;
            Some(Number::from(norm.norm_range))
        }
    };
    Ok(Projection {
        source,
        destination: PopulationId(settings.to),
        direction: match settings.from {
            From::Layer(from) if from >= settings.to => Direction::Feedback,
            _ => Direction::Forward,
        },
        operator,
        init: Init::Zeros,
        bias: settings.bias,
        frozen: !operator.has_weights(),
        dropout: settings.dropout.into(),
        max_norm,
    })
}

fn operator(place: &dyn Fn(&str) -> String, settings: &ProjectionSettings) -> Result<Operator> {
    let extent = |key: &str, value: Option<u32>, least: u32| match value {
        Some(value) if (least..=LARGEST_WINDOW).contains(&value) => Ok(value),
        _ => Err(GoldenProblem::setting(
            place(key),
            format!(
                "{} needs a number from {least} to {LARGEST_WINDOW}",
                settings.kind
            ),
        )),
    };
    let window = || -> Result<Window> {
        Ok(Window {
            kernel: extent("kernel", settings.kernel, 1)?,
            stride: extent("stride", settings.stride, 1)?,
            pad: extent("padding", settings.padding, 0)?,
        })
    };
    Ok(match settings.kind.as_str() {
        "fc" => Operator::Dense,
        "conv2d" => Operator::Convolution {
            window: window()?,
            standardize: false,
        },
        "ws_conv2d" => {
            let window = window()?;
            let channels = match settings.in_shape[..] {
                [channels, _, _] => f64::from(channels),
                _ => 1.0,
            };
            let kernel = f64::from(window.kernel);
            let gamma = 1.0 / (channels * kernel * kernel).sqrt();
            let given = settings.ws_gamma.unwrap_or(gamma);
            if (given - gamma).abs() > 1e-12 * gamma {
                let wanted = format!("1 / sqrt(fan-in) = {gamma}");
                return Err(unsupported(&place("ws_gamma"), given, &wanted));
            }
            let epsilon = settings.ws_eps.unwrap_or(STANDARD_EPSILON);
            only(&place("ws_eps"), epsilon, STANDARD_EPSILON)?;
            Operator::Convolution {
                window,
                standardize: true,
            }
        }
        "conv_transpose2d" => Operator::ConvolutionTranspose {
            window: window()?,
            output_pad: extent("output_padding", settings.output_padding.or(Some(0)), 0)?,
        },
        "avg_pool2x2" => Operator::AveragePool { size: 2 },
        "zero" => Operator::Zero,
        other => {
            return Err(unsupported(
                &place("kind"),
                other,
                "fc, conv2d, ws_conv2d, conv_transpose2d, avg_pool2x2 or zero",
            ));
        }
    })
}

fn training(settings: &Settings) -> Result<Training> {
    let neuron = &settings.neuron;
    let stage = |name: &str, steps: u32, v_th: f64, rest: &str, u_rest: f64| -> Result<Stage> {
        at_least_one(name, steps)?;
        positive(
            &format!("neuron.{rest}, below the threshold"),
            v_th - u_rest,
        )?;
        Ok(Stage {
            steps,
            v_th: v_th.into(),
            u_rest: u_rest.into(),
        })
    };
    let scale = settings.loss.scale_factor;
    positive("loss.scale_factor", scale)?;
    let (mut rate, mut momentum, mut weight_decay) = (0.0, 0.0, 0.0);
    if let Some(sgd) = &settings.sgd {
        only("sgd.dampening", sgd.dampening, 0.0)?;
        only("sgd.nesterov", sgd.nesterov, false)?;
        let effective = sgd.lr / scale;
        if (sgd.lr_effective - effective).abs() > 1e-12 * effective.abs() {
            let wanted = format!("sgd.lr / loss.scale_factor = {effective}");
            return Err(unsupported("sgd.lr_effective", sgd.lr_effective, &wanted));
        }
        (rate, momentum, weight_decay) = (sgd.lr, sgd.momentum, sgd.weight_decay);
    }
    Ok(Training {
        forward: stage(
            "T_F",
            settings.forward_steps,
            neuron.vth,
            "u_rest",
            neuron.u_rest,
        )?,
        backward: stage(
            "T_B",
            settings.backward_steps,
            neuron.vth_back,
            "u_rest_back",
            neuron.u_rest_back,
        )?,
        loss: Loss {
            kind: LossKind::CrossEntropy,
            scale: scale.into(),
        },
        update: Update {
            rate: rate.into(),
            batch: settings.batch,
            weight_decay: weight_decay.into(),
            rule: Rule::Sgd {
                momentum: momentum.into(),
            },
        },
        schedule: Schedule::Constant,
        warm_up: 0,
        augment: None,
        published: Quirk::ALL.to_vec(),
        seed: 1,
    })
}

/// Floating point looks at none of it.
fn array() -> Array {
    let format = |bits, frac| Format { bits, frac };
    Array {
        lanes: 16,
        weight: format(12, 9),
        weight_overflow: Overflow::Error,
        membrane: format(24, 9),
        error: format(10, 8),
        trace: format(15, 6),
        learning: Rounding::Nearest,
    }
}

/// A recorded shape with channels last.
fn shape(place: &str, recorded: &[u32]) -> Result<Shape> {
    let size = recorded
        .iter()
        .try_fold(1u32, |size, &n| size.checked_mul(n));
    let Some(size @ 1..) = size.filter(|&size| size <= i32::MAX as u32) else {
        let what = format!("{recorded:?} holds nothing, or more than can be");
        return Err(GoldenProblem::setting(place, what));
    };
    Ok(match *recorded {
        [channels, height, width] => Shape(vec![height, width, channels]),
        _ => Shape(vec![size]),
    })
}

fn layer<'a>(place: &str, layer: u32, populations: &'a [Population]) -> Result<&'a Shape> {
    let population = populations.get(layer as usize);
    let count = populations.len();
    let what = || GoldenProblem::setting(place, format!("no layer {layer}, there are {count}"));
    population.map(|p| &p.shape).ok_or_else(what)
}

fn at_least_one(place: &str, value: u32) -> Result<()> {
    match value {
        0 => Err(GoldenProblem::setting(
            place,
            "it is 0, not a number from 1",
        )),
        _ => Ok(()),
    }
}

fn positive(place: &str, value: f64) -> Result<()> {
    match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => {
            let what = format!("{value} is not above zero");
            Err(GoldenProblem::setting(place, what))
        }
    }
}

fn only<T: PartialEq + ToString>(place: &str, found: T, wanted: T) -> Result<()> {
    match found == wanted {
        true => Ok(()),
        false => Err(unsupported(place, found, &wanted.to_string())),
    }
}

fn unsupported(place: &str, found: impl ToString, wanted: &str) -> GoldenProblem {
    GoldenProblem::Unsupported {
        place: place.into(),
        found: found.to_string(),
        wanted: wanted.into(),
    }
}
