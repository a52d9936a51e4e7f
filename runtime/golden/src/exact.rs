//! Which numbers of a case are exact in `f64`, in whatever order they are added.

use super::case::{Case, Pass};
use spidec_ir::network::Neuron;

/// What must be equal to the last bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Exact {
    pub potentials: bool,
    pub rates: bool,
    pub betas: bool,
    /// Of projections; the readout's involve `exp`.
    pub gradients: bool,
}

impl Exact {
    /// Of a pass. Training leaves the grid with its first step.
    pub fn of(case: &Case, pass: Pass) -> Exact {
        let settings = &case.settings;
        let (Some(grid), Some(_)) = (settings.value_grid_bits, settings.grad_rounding_bits) else {
            return Exact::default();
        };
        let transformed = |p: &super::settings::ProjectionSettings| {
            p.norm_restriction.is_some() || p.kind == "ws_conv2d"
        };
        let potentials = matches!(pass, Pass::Plain | Pass::Step(1))
            && !settings.projections.iter().any(transformed)
            && is_on_grid(case, grid);
        let neuron = case.network.populations[0].neuron;
        let training = &case.network.training;
        let two = |steps: u32| steps.is_power_of_two();
        let rates = potentials && neuron == Neuron::IntegrateAndFire && two(training.forward.steps);
        let betas = potentials && neuron.couple_leak() == 1.0 && two(training.backward.steps);
        let reset = spidec_ir::Number::from(training.forward.reset());
        Exact {
            potentials,
            rates,
            betas,
            gradients: rates
                && betas
                && reset.power_of_two().is_some()
                && settings.input.frames.is_none_or(two),
        }
    }
}

/// Whether parameters, inputs and dropout's factors are multiples of `2^-bits`.
fn is_on_grid(case: &Case, bits: u32) -> bool {
    let unit = 2f64.powi(bits.min(52) as i32);
    let belongs =
        |name: &str| name == "input" || name.starts_with("param.") || name.starts_with("drop.");
    let arrays = case.arrays.all.iter().filter(|(name, _)| belongs(name));
    arrays
        .flat_map(|(_, array)| &array.values)
        .all(|value| (value * unit).fract() == 0.0)
}
