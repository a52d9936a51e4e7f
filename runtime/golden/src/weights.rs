//! Parameters, gradients, and the weights that a pass uses.

use super::case::{Case, Pass};
use super::compare::{Kind, Row, Wanted};
use super::error::GoldenProblem;
use super::settings::{NormSettings, ProjectionSettings};
use spidec_ir::FloatParameters;
use spidec_ir::network::Operator;
use spidec_runtime::spide::Spide;

type Result<T> = std::result::Result<T, GoldenProblem>;

/// Restricts norms as a pass did, and compares the weights used.
pub(super) fn used(case: &Case, pass: Pass, spide: &mut Spide<f64>, row: &mut Row) -> Result<()> {
    for (layer, p) in case.settings.projections.iter().enumerate() {
        let name = format!("eff.{}.weight", p.name);
        let recorded = find(case, pass, &name);
        let restricted = p.norm_restriction.as_ref();
        if let Some(norm) = restricted {
            restrict(case, pass, (layer, p, norm), recorded.as_deref(), spide)?;
            let factor = norm.factor_used.filter(|_| pass == Pass::Plain);
            if let (Some(wanted), Some(found)) = (factor, spide.norm_factor(layer)) {
                let name = format!("factor_used of {} in case.json", p.name);
                row.compare(&Wanted::number(Kind::Weights, &name, &wanted), 0, &[found]);
            }
        }
        let differ = restricted.is_some() || p.kind == "ws_conv2d";
        let needed = (pass == Pass::Plain && differ).then_some(name);
        if let Some(name) = recorded.or(needed) {
            let wanted = case.wanted(Kind::Weights, &name, &case.weight_shape(layer), false)?;
            let (order, _) = case.orders(layer);
            let found = order.to_recorded(&spide.used_weights(layer));
            row.compare(&wanted, 0, &found);
        }
    }
    Ok(())
}

/// By the random rows of the published estimate; where they are not recorded, by the factor between
/// the weights used and those that would be used without.
fn restrict(
    case: &Case,
    pass: Pass,
    (layer, p, norm): (usize, &ProjectionSettings, &NormSettings),
    used: Option<&str>,
    spide: &mut Spide<f64>,
) -> Result<()> {
    let name = format!("norm.{}.v", p.name);
    let shape = case.weight_shape(layer);
    let found = find(case, pass, &name);
    if let Some(name) = found.or_else(|| used.is_none().then(|| pass.name(&name))) {
        let rows = [norm.samples as usize, shape[0]];
        let v = case.arrays.shaped(&name, &rows)?;
        spide.set_norm_probe(layer, &probe(case, layer, v));
    } else if let Some(used) = used {
        spide.set_norm_factor(layer, 1.0);
        let (order, _) = case.orders(layer);
        let used = order.to_engine(case.arrays.shaped(used, &shape)?);
        let whole = spide.used_weights(layer);
        let dot = |a: &[f64]| a.iter().zip(&whole).map(|(a, b)| a * b).sum::<f64>();
        let square = dot(&whole);
        if square > 0.0 {
            spide.set_norm_factor(layer, dot(&used) / square);
        }
    }
    Ok(())
}

/// Rows of an estimate in the engine's order: a dense layer's first axis has neurons, that of a
/// kernel channels.
fn probe(case: &Case, layer: usize, rows: &[f64]) -> Vec<f64> {
    let p = &case.network.projections[layer];
    let order = case.order(p.destination.index());
    match p.operator {
        Operator::Dense => {
            let rows = rows.chunks_exact(order.len());
            rows.flat_map(|row| order.to_engine(row)).collect()
        }
        _ => rows.to_vec(),
    }
}

/// Compares weights and biases of every layer; the readout's are never exact.
pub(super) fn layers(
    case: &Case,
    prefix: &str,
    kind: Kind,
    found: &FloatParameters,
    exact: bool,
    row: &mut Row,
) -> Result<()> {
    let names = case.layer_names();
    for (k, (name, layer)) in names.iter().zip(found.layers()).enumerate() {
        let exact = exact && *name != "readout";
        let (weights, biases) = case.orders(k);
        let parts = [
            ("weight", &layer.weight, weights, case.weight_shape(k)),
            ("bias", &layer.bias, biases, vec![layer.bias.len()]),
        ];
        for (part, found, order, shape) in parts {
            let full = format!("{prefix}.{name}.{part}");
            let parameter = format!("{name}.{part}");
            let without = case.settings.parameters_without_gradient.iter();
            let mut without = without.map(|p| p.trim_start_matches("param."));
            let none = kind == Kind::Gradients && without.any(|p| p == parameter);
            if found.is_empty() || (none && case.arrays.find(&full).is_none()) {
                continue;
            }
            let wanted = case.wanted(kind, &full, &shape, exact)?;
            row.compare(&wanted, 0, &order.to_recorded(found));
        }
    }
    Ok(())
}

fn find(case: &Case, pass: Pass, name: &str) -> Option<String> {
    let mut names = pass.names(name);
    names.find(|name| case.arrays.find(name).is_some())
}
