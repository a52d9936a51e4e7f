//! What every sample has: the forward stage and the readout.

use super::Kind;
use super::pass::{Pass, Place, Values};
use super::steps::StageOfSteps;
use spidec_ir::trace::{ArrayTrace, ForwardTrace, Stage};

impl Pass<'_> {
    /// Spikes, membranes and counts of the forward stage, logits and prediction.
    pub(super) fn forward(
        &mut self,
        fixed: &ForwardTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let order: Vec<usize> = (0..self.program.populations.len()).collect();
        let stage = StageOfSteps {
            stage: Stage::Forward,
            kinds: [Kind::SpikeWords, Kind::SpikeCycles, Kind::Membranes],
            steps: self.program.steps,
            populations: &order,
            first: 0,
        };
        self.steps(&stage, &fixed.steps, array, hardware);
        self.counts(fixed, array, hardware);
        self.readout(fixed, array, hardware);
    }

    fn counts(&mut self, fixed: &ForwardTrace, array: &ArrayTrace, hardware: &ArrayTrace) {
        let program = self.program;
        let lanes = program.machine.lanes;
        for (index, population) in program.populations.iter().enumerate() {
            for neuron in 0..population.neurons {
                let place = Place {
                    population: Some((&population.name, population.line)),
                    neuron: Some(neuron),
                    ..Place::default()
                };
                let at = |trace: &ArrayTrace| {
                    let chunk = trace
                        .counts
                        .get((population.chunk + neuron / lanes) as usize);
                    chunk
                        .and_then(|c| c.get((neuron % lanes) as usize))
                        .map(|&c| i64::from(c))
                };
                let counts = fixed.counts.get(index);
                let values = Values {
                    fixed: counts
                        .and_then(|c| c.get(neuron as usize))
                        .map(|&c| i64::from(c)),
                    array: at(array),
                    hardware: at(hardware),
                };
                self.three(Kind::Counts, Stage::Forward, place, values);
            }
        }
    }

    fn readout(&mut self, fixed: &ForwardTrace, array: &ArrayTrace, hardware: &ArrayTrace) {
        let readout = &self.program.readout;
        let place = Place {
            population: Some((&readout.name, readout.line)),
            ..Place::default()
        };
        for class in 0..readout.neurons {
            let at = |logits: &[i32]| logits.get(class as usize).map(|&z| i64::from(z));
            let values = Values {
                fixed: at(&fixed.logits),
                array: at(&array.logits),
                hardware: at(&hardware.logits),
            };
            let place = Place {
                neuron: Some(class),
                ..place
            };
            self.three(Kind::Logits, Stage::Readout, place, values);
        }
        let values = Values {
            fixed: Some(i64::from(fixed.prediction)),
            array: Some(i64::from(array.prediction)),
            hardware: Some(i64::from(hardware.prediction)),
        };
        self.three(Kind::Predictions, Stage::Readout, place, values);
    }
}
