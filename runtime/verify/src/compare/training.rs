//! What a training sample has besides an inference.

use super::Kind;
use super::pass::{Pass, Place, Values};
use super::steps::StageOfSteps;
use spidec_ir::FixedParameters;
use spidec_ir::fixed::mask;
use spidec_ir::program::NeuronMap;
use spidec_ir::trace::{ArrayTrace, Stage, TrainingTrace};

impl<'p> Pass<'p> {
    /// `0 < count < T_F` of what each count memory holds.
    pub(super) fn masks(
        &mut self,
        fixed: &TrainingTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let program = self.program;
        let live = |count: u32| i64::from(mask(count, program.steps));
        for (index, population) in program.populations.iter().enumerate() {
            let masks = fixed.masks.get(index);
            for neuron in 0..population.neurons {
                let mask = masks.and_then(|m| m.get(neuron as usize));
                let values = Values {
                    fixed: mask.map(|&m| i64::from(m)),
                    array: element(program.machine.lanes, population, &array.counts, neuron)
                        .map(live),
                    hardware: element(program.machine.lanes, population, &hardware.counts, neuron)
                        .map(live),
                };
                let place = neuron_of(population, neuron);
                self.three(Kind::Masks, Stage::Backward, place, values);
            }
        }
    }

    /// The error of every class.
    pub(super) fn errors(
        &mut self,
        fixed: &TrainingTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let readout = &self.program.readout;
        for class in 0..readout.neurons {
            let error = fixed.error.get(class as usize);
            self.error(
                Kind::Errors,
                Stage::Loss,
                readout,
                class,
                error.copied(),
                array,
                hardware,
            );
        }
    }

    /// Spikes, membranes and counts of the backward stage. Where it was left out, the fixed-point
    /// engine's, which always runs it, must be without a spike.
    pub(super) fn backward(
        &mut self,
        fixed: &TrainingTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let program = self.program;
        let chunks: u32 = program.populations.iter().map(|p| p.chunks).sum();
        let first = (program.steps * chunks) as usize;
        let ran = array.chunks.len() > first || hardware.chunks.len() > first;
        let (order, steps) = match &program.backward {
            Some(backward) => {
                let order = backward.populations.iter().map(|&p| p as usize);
                (order.collect(), backward.steps)
            }
            None => (Vec::new(), 0),
        };
        let mut records = 0;
        if ran {
            let stage = StageOfSteps {
                stage: Stage::Backward,
                kinds: [
                    Kind::BackwardSpikes,
                    Kind::BackwardCycles,
                    Kind::BackwardMembranes,
                ],
                steps,
                populations: &order,
                first,
            };
            self.steps(&stage, &fixed.backward, array, hardware);
            let chunks: u32 = order.iter().map(|&p| program.populations[p].chunks).sum();
            records = (steps * chunks) as usize;
        } else {
            self.silent(fixed, &order);
        }
        self.records(Some(records), array, hardware);
        for &index in &order {
            let population = &program.populations[index];
            for neuron in 0..population.neurons {
                let counts = fixed.backward_counts.get(index);
                let count = counts.and_then(|c| c.get(neuron as usize)).copied();
                self.error(
                    Kind::BackwardCounts,
                    Stage::Backward,
                    population,
                    neuron,
                    count,
                    array,
                    hardware,
                );
            }
        }
    }

    /// A backward stage that array and hardware left out has no spike.
    fn silent(&mut self, fixed: &TrainingTrace, order: &[usize]) {
        let program = self.program;
        for (step, populations) in (1..).zip(&fixed.backward) {
            for &index in order {
                let population = &program.populations[index];
                let spikes = populations.get(index).map(|p| &p.spikes);
                let neuron = spikes.and_then(|s| s.iter().position(|&s| s != 0));
                let place = Place {
                    step: Some(step),
                    neuron: neuron.map(|n| n as u32),
                    population: Some((&population.name, population.line)),
                    what: Some("a stage that was left out"),
                    ..Place::default()
                };
                let values = Values {
                    fixed: Some(i64::from(neuron.is_some())),
                    array: Some(0),
                    hardware: Some(0),
                };
                self.three(Kind::BackwardSpikes, Stage::Backward, place, values);
            }
        }
    }

    /// An element of the error memories. They are cleared when a sample starts, so where the backward stage
    /// was left out they hold zero, as the fixed-point engine must have it.
    #[expect(clippy::too_many_arguments)]
    fn error(
        &mut self,
        kind: Kind,
        stage: Stage,
        map: &'p NeuronMap,
        neuron: u32,
        fixed: Option<i32>,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let lanes = self.program.machine.lanes;
        let value = |trace: &ArrayTrace| element(lanes, map, &trace.errors, neuron).map(i64::from);
        let values = Values {
            fixed: fixed.map(i64::from),
            array: value(array),
            hardware: value(hardware),
        };
        self.three(kind, stage, neuron_of(map, neuron), values);
    }

    /// Every weight and bias.
    pub(super) fn weights(
        &mut self,
        fixed: &FixedParameters,
        array: &FixedParameters,
        hardware: &FixedParameters,
    ) {
        let program = self.program;
        let layers = fixed.layers().zip(array.layers()).zip(hardware.layers());
        for (map, ((f, a), h)) in program.layers.iter().zip(layers) {
            let place = |neuron: usize| Place {
                population: Some((&map.name, map.line)),
                neuron: Some(neuron as u32),
                ..Place::default()
            };
            let sources = map.sources.max(1) as usize;
            self.numbers(Kind::Weights, [&f.weight, &a.weight, &h.weight], |k| {
                Place {
                    source: Some((k % sources) as u32),
                    ..place(k / sources)
                }
            });
            self.numbers(Kind::Biases, [&f.bias, &a.bias, &h.bias], place);
        }
    }

    fn numbers(
        &mut self,
        kind: Kind,
        [fixed, array, hardware]: [&[i32]; 3],
        place: impl Fn(usize) -> Place<'p>,
    ) {
        if fixed == array && array == hardware {
            *self.comparison.compared.entry(kind).or_default() += fixed.len() as u64;
            return;
        }
        let longest = fixed.len().max(array.len()).max(hardware.len());
        for k in 0..longest {
            let at = |values: &[i32]| values.get(k).map(|&w| i64::from(w));
            let values = Values {
                fixed: at(fixed),
                array: at(array),
                hardware: at(hardware),
            };
            self.three(kind, Stage::Learning, place(k), values);
        }
    }
}

fn neuron_of(map: &NeuronMap, neuron: u32) -> Place<'_> {
    Place {
        population: Some((&map.name, map.line)),
        neuron: Some(neuron),
        ..Place::default()
    }
}

/// A neuron's element of a memory by chunk and lane.
fn element<T: Copy>(lanes: u32, map: &NeuronMap, memory: &[Vec<T>], neuron: u32) -> Option<T> {
    let chunk = memory.get((map.chunk + neuron / lanes) as usize)?;
    chunk.get((neuron % lanes) as usize).copied()
}
