//! How large a network is as a whole: what would not fit into a machine's memory, or never end, is refused before any
//! weight is made.

use super::arguments::Report;
use super::declarations::{Declarations, Told};
use super::network::Draft;
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::Span;
use spidec_ir::network::{Operator, PopulationId, Shape, Source};

/// Neurons of all populations, at most.
pub const MAX_NEURONS: u64 = 1 << 24;

/// Weights of all layers, at most. Training, while it writes a state, holds about ten copies of 32 bits, with momentum
/// 17, with Adam 24: both ways, gradients, buffers, and the state in 64 bits twice.
pub const MAX_WEIGHTS: u64 = 1 << 26;

/// A kernel's weights times the places that it stands over, at most.
pub const MAX_PRODUCTS: u64 = 1 << 32;

/// A projection or the readout.
struct Layer<'a> {
    name: &'a str,
    place: Span,
    weights: u64,
    /// Places that a kernel stands over: of the picture that it leads to, or, transposed, of the larger one;
    /// 1 of a dense layer.
    places: u64,
}

/// Reports a network that is too large, as far as its shapes are known.
pub fn limit(
    report: &mut Report,
    declarations: &Declarations,
    drafts: &[Draft],
    readout: Option<PopulationId>,
) {
    neurons(report, declarations);
    let mut layers: Vec<Layer> = { drafts.iter() }
        .filter_map(|draft| projection(declarations, draft))
        .collect();
    if let (Some(source), Some((name, classes, value))) = (readout, declarations.readout)
        && let Told::Known(source) = declarations.told(Source::Population(source))
    {
        layers.push(Layer {
            name: &name.text,
            place: value.span,
            weights: source.size() as u64 * u64::from(classes),
            places: 1,
        });
    }
    weights(report, &layers);
    for layer in layers {
        products(report, &layer);
    }
}

fn projection<'a>(declarations: &Declarations, draft: &'a Draft) -> Option<Layer<'a>> {
    let operator = draft.written.operator?;
    let ends = [draft.source, Source::Population(draft.destination)];
    let [Told::Known(source), Told::Known(destination)] = ends.map(|end| declarations.told(end))
    else {
        return None;
    };
    let shape = operator.weight_shape(&source, &destination);
    let places = |shape: &Shape| (shape.size() / shape.channels()) as u64;
    Some(Layer {
        name: &draft.name,
        place: draft.place,
        weights: shape
            .iter()
            .fold(1, |all: u64, &n| all.saturating_mul(n as u64)),
        places: match operator {
            Operator::Dense => 1,
            Operator::ConvolutionTranspose { .. } => places(&source).max(places(&destination)),
            _ => places(&destination),
        },
    })
}

fn neurons(report: &mut Report, declarations: &Declarations) {
    let mut sum = 0;
    for declared in &declarations.populations {
        let Told::Known(shape) = &declared.told else {
            continue;
        };
        sum += shape.size() as u64;
        if sum > MAX_NEURONS {
            report.push(Diagnostic::new(
                Code::TooLarge,
                declared.name.span,
                format!(
                    "up to `{}` the network has {sum} neurons",
                    declared.name.text
                ),
                format!("must be at most {MAX_NEURONS} in all"),
                "take smaller or fewer populations",
            ));
            return;
        }
    }
}

/// The largest layer is what to change.
fn weights(report: &mut Report, layers: &[Layer]) {
    let sum = layers
        .iter()
        .fold(0, |sum: u64, layer| sum.saturating_add(layer.weights));
    let largest = layers.iter().max_by_key(|layer| layer.weights);
    if let Some(layer) = largest.filter(|_| sum > MAX_WEIGHTS) {
        report.push(Diagnostic::new(
            Code::TooLarge,
            layer.place,
            format!("the network has {sum} weights, {} of them `{}`'s", layer.weights, layer.name),
            format!("must be at most {MAX_WEIGHTS} in all"),
            "take smaller populations or fewer projections; between pictures `conv` has far fewer weights than `dense`",
        ));
    }
}

fn products(report: &mut Report, layer: &Layer) {
    let products = layer.weights.saturating_mul(layer.places);
    if products > MAX_PRODUCTS && layer.weights <= MAX_WEIGHTS {
        report.push(Diagnostic::new(
            Code::TooLarge,
            layer.place,
            format!(
                "`{}` applies a kernel of {} weights to {} places",
                layer.name, layer.weights, layer.places
            ),
            format!("the product must be at most {MAX_PRODUCTS}"),
            "take a smaller kernel, fewer channels, or smaller pictures",
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::check::check_text;

    /// What is said of a network of the input `x`, and its first population `p`.
    fn said(input: &str, lines: &str) -> Vec<String> {
        let text = format!(
            "spidec 1\nnetwork n {{\n input x {input} = constant(scale = 1)\n{lines}\n readout y [2] = linear(from = p)\n}}\n"
        );
        let found = check_text("n.fsnn", &text).diagnostics.into_iter();
        found
            .map(|d| format!("{}: {}", d.code.name(), d.message))
            .collect()
    }

    #[test]
    fn weights_are_accepted_up_to_the_limit() {
        let dense = |size: u32| {
            said(
                "[8192]",
                &format!(" population p [{size}] = if\n forward x -> p = dense"),
            )
        };
        // 8192 weights a neuron, and two of the readout.
        assert_eq!(dense(8190), [""; 0]);
        assert_eq!(
            dense(8191),
            ["E051: the network has 67117054 weights, 67100672 of them `x -> p`'s"]
        );
        // All together, the readout and a kernel too.
        let two = |last: u32| {
            let lines = format!(
                " population p [1, 1, 4096] = if\n population q [1, 1, {last}] = if\n forward x -> p = dense\n \
                  forward p -> q = conv(kernel = 1)\n feedback q -> p = zero"
            );
            said("[8192]", &lines)
        };
        assert_eq!(two(8188).len(), 1, "W002 alone");
        assert!(two(8191)[0].starts_with("E051: the network has 67112960 weights"));
        // A product beyond any limit.
        let huge = " population p [1048576] = if\n forward x -> p = dense";
        assert_eq!(
            said("[1048576]", huge),
            ["E051: the network has 1099513724928 weights, 1099511627776 of them `x -> p`'s"]
        );
    }

    #[test]
    fn a_kernel_is_accepted_up_to_its_limit_from_either_side() {
        let conv = |kernel: u32| {
            let lines = format!(
                " population p = if\n forward x -> p = conv(kernel = {kernel}, channels = 1)"
            );
            said("[1024, 1024, 1]", &lines)
        };
        assert_eq!(conv(63), [""; 0]);
        assert_eq!(
            conv(65),
            ["E051: `x -> p` applies a kernel of 4225 weights to 1048576 places"]
        );
        // Patches of a picture: few places.
        let patches = " population p = if\n forward x -> p = conv(kernel = 16, stride = 16, pad = 0, channels = 768)";
        assert_eq!(said("[224, 224, 3]", patches), [""; 0]);
        let transposed = |kernel: u32| {
            let lines = format!(
                " population p [1024, 1024, 1] = if\n forward x -> p = conv_transpose(kernel = {kernel}, stride = {kernel}, \
                  pad = 0)"
            );
            let places = 1024 / kernel;
            said(&format!("[{places}, {places}, 1]"), &lines)
        };
        assert_eq!(transposed(64), [""; 0]);
        assert_eq!(
            transposed(128),
            ["E051: `x -> p` applies a kernel of 16384 weights to 1048576 places"]
        );
        // What a pool does grows with its source alone.
        let pool = " population p = if\n forward x -> p = avg_pool(size = 1024)";
        assert_eq!(said("[1024, 1024, 1]", pool), [""; 0]);
    }

    #[test]
    fn neurons_are_accepted_up_to_the_limit() {
        let many = |last: u32| {
            let wide = (0..15).map(|k| format!(" population q{k} [1048576] = if\n"));
            let lines = format!(
                " population p [1] = if\n{} population r [{last}] = if\n forward x -> p = zero",
                wide.collect::<String>()
            );
            let found = said("[1]", &lines).into_iter();
            found
                .filter(|said| said.starts_with('E'))
                .collect::<Vec<_>>()
        };
        assert_eq!(many(1048575), [""; 0]);
        let error = ["E051: up to `r` the network has 16777217 neurons"];
        assert_eq!(many(1048576), error);
    }
}
