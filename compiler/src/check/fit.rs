//! Shapes along projections: those that are left out are told by one, and all must agree.

use super::arguments::Report;
use super::declarations::{Declarations, Told};
use super::network::Draft;
use super::shapes::limited;
use crate::diagnostics::{Code, Diagnostic};
use spidec_ir::network::{Operator, PopulationId, Shape};

/// The shape that a projection gives: height, width, and channels where it says how many.
type Given = (u32, u32, Option<u32>);

/// Fills in the shapes that are left out, in declaration order, and reports what does not fit.
///
/// `complete`: no projection is missing, be it one that could not be read.
pub fn shapes(
    report: &mut Report,
    declarations: &mut Declarations,
    drafts: &[Draft],
    complete: bool,
) {
    for k in 0..declarations.populations.len() {
        if declarations.populations[k].told == Told::Missing {
            let id = PopulationId(k as u32);
            declarations.populations[k].told = infer(report, declarations, drafts, id, complete);
        }
    }
    for draft in drafts {
        check(report, declarations, draft);
    }
}

/// The shape that the first projection into a population tells; [`Told::Unclear`] where none does.
fn infer(
    report: &mut Report,
    declarations: &Declarations,
    drafts: &[Draft],
    id: PopulationId,
    complete: bool,
) -> Told {
    let mut excused = !complete;
    let mut without_channels = None;
    for draft in drafts.iter().filter(|draft| draft.destination == id) {
        let source = declarations.told(draft.source);
        let Some(operator) = draft.written.operator else {
            excused = true;
            continue;
        };
        if matches!(operator, Operator::Dense | Operator::Zero) {
            continue;
        }
        let Told::Known(source) = source else {
            excused |= source == Told::Unclear;
            continue;
        };
        match given(draft, operator, &source) {
            Ok((height, width, Some(channels))) => {
                let extents = [height, width, channels].map(u64::from);
                let shape = limited(report, draft.place, &extents);
                return shape.map_or(Told::Unclear, Told::Known);
            }
            Ok((height, width, None)) => {
                without_channels.get_or_insert((draft, height, width));
            }
            // Reported where all projections are checked.
            Err(_) => excused = true,
        }
    }
    if !excused {
        report.push(untold(declarations, id, without_channels));
    }
    Told::Unclear
}

fn untold(
    declarations: &Declarations,
    id: PopulationId,
    without_channels: Option<(&Draft, u32, u32)>,
) -> Diagnostic {
    let population = &declarations.populations[id.index()];
    let name = &population.name.text;
    let (label, help) = match without_channels {
        Some((draft, height, width)) => (
            format!("expected `[{height}, {width}, channels]` after it"),
            format!(
                "write the channels here, or as `channels = ...` in `{}`",
                draft.name
            ),
        ),
        None => (
            "expected `[shape]` after it".to_string(),
            format!(
                "write `population {name} [n]`, or `[height, width, channels]`; it can be left out where a \
                 projection from what stands before tells it: `conv` or `conv_transpose` with `channels`, or `avg_pool`"
            ),
        ),
    };
    Diagnostic::new(
        Code::UntoldShape,
        population.name.span,
        format!("nothing tells the shape of `{name}`"),
        label,
        help,
    )
}

/// Reports a projection whose operator does not run between the shapes of its ends.
fn check(report: &mut Report, declarations: &Declarations, draft: &Draft) {
    let Some(operator) = draft.written.operator else {
        return;
    };
    if matches!(operator, Operator::Dense | Operator::Zero) {
        return;
    }
    let Told::Known(source) = declarations.told(draft.source) else {
        return;
    };
    let mut wrong = |place, message: String, label: String, help: String| {
        report.push(Diagnostic::new(
            Code::ShapeMismatch,
            place,
            message,
            label,
            help,
        ));
    };
    let (height, width, channels) = match given(draft, operator, &source) {
        Ok(given) => given,
        Err((message, help)) => return wrong(draft.place, message, "does not fit".into(), help),
    };
    let destination = &declarations.populations[draft.destination.index()];
    let name = &destination.name.text;
    let Told::Known(shape) = &destination.told else {
        return;
    };
    let wanted = channels.unwrap_or(shape.channels() as u32);
    let gives = Shape(vec![height, width, wanted]);
    if *shape == gives {
        return;
    }
    let extents_fit = shape.extents() == Some((height, width));
    let place = match draft.written.channels {
        Some((_, place)) if extents_fit => place,
        _ => draft.place,
    };
    let better = output_pad(operator, &source, shape).filter(|_| !extents_fit);
    wrong(
        place,
        format!("`{}` gives {gives}, and `{name}` has {shape}", draft.name),
        format!("gives {gives}"),
        match better {
            Some(output_pad) => format!("write `output_pad = {output_pad}`"),
            None => {
                format!("write `population {name} {gives}`, or change what the shape follows from")
            }
        },
    );
}

/// The output padding with which a transposed convolution gives a shape.
fn output_pad(operator: Operator, source: &Shape, wanted: &Shape) -> Option<u32> {
    let Operator::ConvolutionTranspose { window, .. } = operator else {
        return None;
    };
    let gives = |&output_pad: &u32| {
        let operator = Operator::ConvolutionTranspose { window, output_pad };
        operator.extents(source.extents().unwrap_or_default()) == wanted.extents()
    };
    (0..window.stride)
        .find(gives)
        .filter(|_| wanted.0.len() == 3)
}

/// What an operator between images gives for a source; why it gives nothing, and what to do.
fn given(draft: &Draft, operator: Operator, source: &Shape) -> Result<Given, (String, String)> {
    let Some(extents) = source.extents() else {
        return Err((
            format!(
                "`{}` runs between shapes [height, width, channels], and its source has {source}",
                draft.name
            ),
            format!(
                "give the source three extents, such as `[1, 1, {}]`, or write `dense`",
                source.size()
            ),
        ));
    };
    let fits = operator.extents(extents).filter(|&(h, w)| h > 0 && w > 0);
    let Some((height, width)) = fits else {
        return Err(match operator {
            Operator::AveragePool { size } => (
                format!("squares of {size} do not divide {source}"),
                format!(
                    "take a size that divides both {} and {}",
                    extents.0, extents.1
                ),
            ),
            Operator::ConvolutionTranspose { window, .. } => (
                format!("a pad of {} leaves nothing of {source}", window.pad),
                "take a smaller pad, or a larger output_pad".to_string(),
            ),
            _ => (
                format!("the kernel does not fit {source} and the zeros around it"),
                "take a smaller kernel, or a larger pad".to_string(),
            ),
        });
    };
    if let Operator::Convolution {
        window,
        standardize: true,
    } = operator
        && window.kernel == 1
        && source.channels() == 1
    {
        return Err((
            "a single weight a channel cannot be standardized".to_string(),
            "leave `standardize` out, or take a larger kernel".to_string(),
        ));
    }
    let channels = match operator {
        Operator::AveragePool { .. } => Some(source.channels() as u32),
        _ => draft.written.channels.map(|(channels, _)| channels),
    };
    Ok((height, width, channels))
}
