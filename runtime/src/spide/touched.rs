//! Which neurons something reached since they were last looked at.

use super::vector::CHECKED;

/// A flag for every [`CHECKED`] neurons of a population, of several samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    flags: Vec<bool>,
    each: usize,
}

impl Touched {
    /// Of so many neurons and samples.
    pub(super) fn new(neurons: usize, samples: usize) -> Touched {
        let each = neurons.div_ceil(CHECKED);
        Touched {
            flags: vec![false; each * samples],
            each,
        }
    }

    /// A sample's flags.
    #[inline(always)]
    pub(super) fn of(&mut self, sample: usize) -> &mut [bool] {
        &mut self.flags[sample * self.each..][..self.each]
    }

    /// All neurons are touched, or none is.
    pub(super) fn fill(&mut self, touched: bool) {
        self.flags.fill(touched);
    }
}
