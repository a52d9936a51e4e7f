//! What was compared, and what differed.

use super::arrays::Array;
use serde::Serialize;

/// The largest relative error of what is not exact.
pub const TOLERANCE: f64 = 1e-10;

/// A kind of recorded numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Spikes of both stages.
    Spikes,
    /// Masks.
    Masks,
    /// Membranes of both stages, before each comparison with the threshold and at the end.
    Potentials,
    /// Rates of the forward stage.
    Rates,
    /// Logits, loss, and the gradient of the rates.
    Logits,
    /// Rates of the backward stage.
    Betas,
    /// Gradients of parameters.
    Gradients,
    /// Weights used, and factors of restricted norms.
    Weights,
    /// Parameters after steps of descent.
    Parameters,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 9] = [
        Kind::Spikes,
        Kind::Masks,
        Kind::Potentials,
        Kind::Rates,
        Kind::Logits,
        Kind::Betas,
        Kind::Gradients,
        Kind::Weights,
        Kind::Parameters,
    ];

    /// As a column's head.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Spikes => "spikes",
            Kind::Masks => "masks",
            Kind::Potentials => "potentials",
            Kind::Rates => "rates",
            Kind::Logits => "logits",
            Kind::Betas => "betas",
            Kind::Gradients => "gradients",
            Kind::Weights => "weights",
            Kind::Parameters => "parameters",
        }
    }
}

/// How many numbers of a kind were compared, and how they came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Compared.
    pub compared: u64,
    /// Of these, such as had to be equal.
    pub exact: u64,
    /// Of these, such as differ by more than they may.
    pub differing: u64,
    /// The largest relative error; infinite where a number is none.
    pub error: f64,
}

/// A number that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The recorded array.
    pub array: String,
    /// Its indices, in the recorded order.
    pub index: Vec<usize>,
    /// What came out.
    pub found: f64,
    /// What is recorded.
    pub wanted: f64,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Difference {
            array,
            index,
            found,
            wanted,
        } = self;
        write!(f, "{array}{index:?} is {found}, not {wanted}")
    }
}

/// What a case came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The case's name.
    pub case: String,
    /// One a kind, in the order of [`Kind::ALL`].
    pub tallies: [Tally; Kind::ALL.len()],
    /// Saturated leaky neurons whose recorded mask was used, of all passes.
    pub masks_taken: u64,
    /// Neurons whose backward stage was not compared, since the engine computes none for them.
    pub silent: u64,
    /// The largest relative error of rates and betas where leaky ones are kept as traces: what the
    /// traces' format resolves, in fixed point alone.
    pub resolution: Option<f64>,
    /// The first number that differs.
    pub first: Option<Difference>,
    /// Arrays of the case that nothing was compared with.
    pub unread: Vec<String>,
}

impl Row {
    pub(super) fn new(case: &str) -> Row {
        Row {
            case: case.into(),
            tallies: Default::default(),
            masks_taken: 0,
            silent: 0,
            resolution: None,
            first: None,
            unread: Vec::new(),
        }
    }

    /// What became of one kind.
    pub fn tally(&self, kind: Kind) -> Tally {
        self.tallies[kind as usize]
    }

    /// Whether nothing differs, and spikes and potentials were compared.
    pub fn passes(&self) -> bool {
        let compared = |kind| self.tally(kind).compared > 0;
        self.first.is_none() && compared(Kind::Spikes) && compared(Kind::Potentials)
    }

    /// Compares numbers in the recorded order with those of an array from an offset on.
    pub(super) fn compare(&mut self, wanted: &Wanted, offset: usize, found: &[f64]) {
        let tally = &mut self.tallies[wanted.kind as usize];
        for (k, &found) in (offset..).zip(found) {
            let recorded = wanted.values[k];
            // Written so that a number that is none differs.
            let error = match found == recorded {
                true => 0.0,
                false => (found - recorded).abs() / recorded.abs().max(wanted.scale),
            };
            let equal = found == recorded || (!wanted.exact && error <= wanted.tolerance);
            tally.compared += 1;
            tally.exact += u64::from(wanted.exact);
            tally.differing += u64::from(!equal);
            tally.error = tally
                .error
                .max(if error.is_nan() { f64::INFINITY } else { error });
            if !equal && self.first.is_none() {
                self.first = Some(Difference {
                    array: wanted.name.clone(),
                    index: indices(wanted.shape, k),
                    found,
                    wanted: recorded,
                });
            }
        }
    }
}

/// A recorded array to compare with.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    pub kind: Kind,
    name: String,
    shape: &'a [usize],
    pub values: &'a [f64],
    /// The least that errors are measured by: 1, or the largest number where that is smaller.
    scale: f64,
    /// Whether numbers must be equal.
    exact: bool,
    /// The largest relative error of numbers that need not be.
    tolerance: f64,
}

impl<'a> Wanted<'a> {
    pub fn new(kind: Kind, name: &str, array: &'a Array, exact: bool) -> Wanted<'a> {
        let largest = array.values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        Wanted {
            kind,
            name: name.into(),
            shape: &array.shape,
            values: &array.values,
            scale: if largest == 0.0 {
                1.0
            } else {
                largest.min(1.0)
            },
            exact: exact || matches!(kind, Kind::Spikes | Kind::Masks),
            tolerance: TOLERANCE,
        }
    }

    /// The same numbers, which need not be nearer than this.
    pub fn within(self, tolerance: f64) -> Wanted<'a> {
        Wanted { tolerance, ..self }
    }

    /// One number.
    pub fn number(kind: Kind, name: &str, value: &'a f64) -> Wanted<'a> {
        Wanted {
            kind,
            name: name.into(),
            shape: &[],
            values: std::slice::from_ref(value),
            scale: 1.0,
            exact: false,
            tolerance: TOLERANCE,
        }
    }
}

/// The indices of a number by its place in C order.
fn indices(shape: &[usize], mut place: usize) -> Vec<usize> {
    let mut indices = vec![0; shape.len()];
    for (index, &extent) in indices.iter_mut().zip(shape).rev() {
        *index = place % extent;
        place /= extent;
    }
    indices
}
