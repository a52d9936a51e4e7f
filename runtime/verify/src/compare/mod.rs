//! Compares what fixed-point engine, array engine and hardware did for one sample.

mod kind;
mod mismatch;
mod training;

pub use kind::Kind;
pub use mismatch::Mismatch;

use spidec_ir::ArrayProgram;
use spidec_ir::FixedParameters;
use spidec_ir::program::NeuronMap;
use spidec_ir::trace::{
    ArrayTrace, ChunkStep, ClampPlace, Clamped, Clamps, ForwardTrace, PopulationStep, Stage,
    TrainingTrace,
};
use std::collections::BTreeMap;

/// The outcome of comparing one or more samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many values of each kind were compared.
    pub compared: BTreeMap<Kind, u64>,
    /// How many of each kind differed.
    pub differing: BTreeMap<Kind, u64>,
    /// The first difference, in the order of time.
    pub first: Option<Mismatch>,
}

impl Comparison {
    /// Values that differed.
    pub fn mismatches(&self) -> u64 {
        self.differing.values().sum()
    }

    /// Compares one inference and adds what it finds.
    pub fn add(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        fixed: &ForwardTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let mut pass = Pass {
            comparison: self,
            sample,
            program,
        };
        pass.forward(fixed, array, hardware);
        pass.records(None, array, hardware);
        let clamps = Clamps {
            forward: Clamped {
                count: fixed.saturations,
                first: fixed.first_saturation,
            },
            ..Clamps::default()
        };
        pass.counters(&clamps, array, hardware);
    }

    /// Compares one training sample, but for the weights that it leaves.
    pub fn add_training(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        fixed: &TrainingTrace,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let mut pass = Pass {
            comparison: self,
            sample,
            program,
        };
        pass.forward(&fixed.forward, array, hardware);
        pass.masks(fixed, array, hardware);
        pass.errors(fixed, array, hardware);
        pass.backward(fixed, array, hardware);
        pass.counters(&fixed.clamps, array, hardware);
    }

    /// Compares all weights and biases after a sample.
    pub fn add_weights(
        &mut self,
        sample: usize,
        program: &ArrayProgram,
        fixed: &FixedParameters,
        array: &FixedParameters,
        hardware: &FixedParameters,
    ) {
        let mut pass = Pass {
            comparison: self,
            sample,
            program,
        };
        pass.weights(fixed, array, hardware);
    }
}

/// Where a value belongs.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    cycle: Option<u64>,
    step: Option<u32>,
    population: Option<(&'a str, u32)>,
    neuron: Option<u32>,
    source: Option<u32>,
    what: Option<&'static str>,
}

/// One value in three readings; `None` where a reading has none.
#[derive(Clone, Copy)]
struct Values {
    fixed: Option<i64>,
    array: Option<i64>,
    hardware: Option<i64>,
}

struct Pass<'a> {
    comparison: &'a mut Comparison,
    sample: usize,
    program: &'a ArrayProgram,
}

impl Pass<'_> {
    /// Compares one value of all three.
    fn three(&mut self, kind: Kind, stage: Stage, place: Place<'_>, values: Values) {
        let same = values.fixed == values.array && values.array == values.hardware;
        self.value(same && values.array.is_some(), kind, stage, place, values);
    }

    /// Compares one value that the fixed-point engine does not have.
    fn two(
        &mut self,
        kind: Kind,
        stage: Stage,
        place: Place<'_>,
        array: Option<i64>,
        hardware: Option<i64>,
    ) {
        let values = Values {
            fixed: None,
            array,
            hardware,
        };
        let same = array == hardware && array.is_some();
        self.value(same, kind, stage, place, values);
    }

    fn value(&mut self, same: bool, kind: Kind, stage: Stage, place: Place<'_>, values: Values) {
        *self.comparison.compared.entry(kind).or_default() += 1;
        if same {
            return;
        }
        *self.comparison.differing.entry(kind).or_default() += 1;
        if self.comparison.first.is_none() {
            self.comparison.first = Some(Mismatch {
                sample: self.sample,
                kind,
                cycle: place.cycle,
                stage,
                step: place.step,
                population: place.population.map(|p| p.0.to_string()),
                neuron: place.neuron,
                source: place.source,
                what: place.what,
                fixed: values.fixed,
                array: values.array,
                hardware: values.hardware,
                line: place.population.map(|p| p.1),
            });
        }
    }

    /// Spikes, membranes and counts of the forward stage, logits and prediction.
    fn forward(&mut self, fixed: &ForwardTrace, array: &ArrayTrace, hardware: &ArrayTrace) {
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

    /// Every chunk of every pass of a stage: spikes, cycle, membranes.
    fn steps(
        &mut self,
        stage: &StageOfSteps<'_>,
        fixed: &[Vec<PopulationStep>],
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
        let program = self.program;
        let mut record = stage.first;
        for step in 0..stage.steps {
            for &index in stage.populations {
                let population = &program.populations[index];
                let reference = fixed.get(step as usize).and_then(|p| p.get(index));
                for offset in 0..population.chunks {
                    let chunk = population.chunk + offset;
                    let array = at(array, record, chunk);
                    let hardware = at(hardware, record, chunk);
                    record += 1;
                    let place = Place {
                        cycle: hardware.or(array).map(|r| r.cycle),
                        step: Some(step + 1),
                        population: Some((&population.name, population.line)),
                        ..Place::default()
                    };
                    self.chunk(stage, place, population, offset, reference, array, hardware);
                }
            }
        }
    }

    /// That there are as many records of chunks as were compared. `backward`: records of the backward
    /// stage, as the fixed-point engine has them.
    fn records(&mut self, backward: Option<usize>, array: &ArrayTrace, hardware: &ArrayTrace) {
        let populations = self.program.populations.iter();
        let chunks: u32 = populations.map(|p| p.chunks).sum();
        let forward = (self.program.steps * chunks) as usize;
        let place = Place {
            what: Some("chunks in all"),
            ..Place::default()
        };
        let values = Values {
            fixed: Some((forward + backward.unwrap_or(0)) as i64),
            array: Some(array.chunks.len() as i64),
            hardware: Some(hardware.chunks.len() as i64),
        };
        self.three(Kind::SpikeWords, Stage::Forward, place, values);
    }

    #[expect(clippy::too_many_arguments)]
    fn chunk(
        &mut self,
        stage: &StageOfSteps<'_>,
        place: Place<'_>,
        population: &NeuronMap,
        offset: u32,
        reference: Option<&PopulationStep>,
        array: Option<&ChunkStep>,
        hardware: Option<&ChunkStep>,
    ) {
        let [spikes_kind, cycles_kind, membranes_kind] = stage.kinds;
        let lanes = self.program.machine.lanes;
        let first = offset * lanes;
        let real = (population.neurons - first).min(lanes);
        let neurons = first as usize..(first + real) as usize;
        // Lanes that fired in the low half, those of them with -1 in the high half.
        let word = reference
            .and_then(|r| r.spikes.get(neurons.clone()))
            .map(|spikes| {
                let bits = spikes.iter().enumerate();
                bits.fold(0, |word, (k, &s)| {
                    word | i64::from(s != 0) << k | i64::from(s < 0) << (k + 32)
                })
            });
        let both = |r: &ChunkStep| i64::from(r.spikes) | i64::from(r.negative) << 32;
        let values = Values {
            fixed: word,
            array: array.map(both),
            hardware: hardware.map(both),
        };
        // The first lane that is not the same in all three.
        let words = [values.fixed, values.array, values.hardware].map(|v| v.unwrap_or(0));
        let differing = (words[0] ^ words[1]) | (words[1] ^ words[2]);
        let differing = (differing | differing >> 32) as u32;
        let neuron = (differing != 0).then(|| first + differing.trailing_zeros());
        let spiking = Place { neuron, ..place };
        self.three(spikes_kind, stage.stage, spiking, values);
        let cycle = |r: Option<&ChunkStep>| r.map(|r| r.cycle as i64);
        self.two(
            cycles_kind,
            stage.stage,
            place,
            cycle(array),
            cycle(hardware),
        );

        for lane in 0..lanes {
            let at = |r: Option<&ChunkStep>| {
                r.and_then(|r| r.membranes.get(lane as usize))
                    .map(|&u| i64::from(u))
            };
            let neuron = first + lane;
            let place = Place {
                neuron: Some(neuron),
                ..place
            };
            if lane < real {
                let fixed = reference.and_then(|r| r.membranes.get(neuron as usize));
                let values = Values {
                    fixed: fixed.map(|&u| i64::from(u)),
                    array: at(array),
                    hardware: at(hardware),
                };
                self.three(membranes_kind, stage.stage, place, values);
            } else {
                self.two(membranes_kind, stage.stage, place, at(array), at(hardware));
            }
        }
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

    fn counters(&mut self, fixed: &Clamps, array: &ArrayTrace, hardware: &ArrayTrace) {
        let membranes = fixed.forward.then(fixed.backward);
        let (a, h) = (&array.counters, &hardware.counters);
        let value = |n: u64| Some(n as i64);
        let place = |what| Place {
            what: Some(what),
            ..Place::default()
        };
        for stage in Stage::ALL {
            let (a, h) = (&a.stages[stage as usize], &h.stages[stage as usize]);
            let cycles = (value(a.cycles), value(h.cycles));
            self.two(
                Kind::StageCycles,
                stage,
                Place::default(),
                cycles.0,
                cycles.1,
            );
            for (what, array, hardware) in [
                ("slots", a.slots, h.slots),
                ("useful lanes", a.useful, h.useful),
                ("waits", a.waits, h.waits),
                ("chunks of passes", a.passes, h.passes),
            ] {
                self.two(
                    Kind::Counters,
                    stage,
                    place(what),
                    value(array),
                    value(hardware),
                );
            }
        }
        for (what, stage, fixed, array, hardware) in [
            (
                "membranes",
                Stage::Forward,
                membranes.count,
                a.saturations,
                h.saturations,
            ),
            (
                "errors",
                Stage::Loss,
                fixed.errors.count,
                a.error_saturations,
                h.error_saturations,
            ),
            (
                "weights",
                Stage::Learning,
                fixed.weights.count,
                a.weight_saturations,
                h.weight_saturations,
            ),
        ] {
            let values = Values {
                fixed: value(fixed),
                array: value(array),
                hardware: value(hardware),
            };
            self.three(Kind::Saturations, stage, place(what), values);
        }
        for (what, stage, array, hardware) in [
            ("events", Stage::Forward, a.events, h.events),
            ("spikes", Stage::Forward, a.spikes, h.spikes),
            (
                "backward spikes",
                Stage::Backward,
                a.backward_spikes,
                h.backward_spikes,
            ),
        ] {
            let (array, hardware) = (value(array), value(hardware));
            self.two(Kind::Counters, stage, place(what), array, hardware);
        }
        self.clamps(fixed, array, hardware);
    }

    /// Where the first number of each kind was clamped; -1 where none was.
    fn clamps(&mut self, fixed: &Clamps, array: &ArrayTrace, hardware: &ArrayTrace) {
        let program = self.program;
        let membranes = |t: &ArrayTrace| t.clamps.membrane.and_then(|c| program.membrane_place(&c));
        let weights = |t: &ArrayTrace| t.clamps.weight.and_then(|c| program.weight_place(&c));
        for (stage, fixed, array, hardware) in [
            (
                Stage::Forward,
                fixed.forward.then(fixed.backward).first,
                membranes(array),
                membranes(hardware),
            ),
            (
                Stage::Loss,
                fixed.errors.first,
                array.clamps.error,
                hardware.clamps.error,
            ),
            (
                Stage::Learning,
                fixed.weights.first,
                weights(array),
                weights(hardware),
            ),
        ] {
            let fields: [(&'static str, Field); 4] = [
                ("step of the first clamp", |p| p.step),
                ("population or layer of it", |p| p.population_or_layer),
                ("neuron or class of it", |p| p.neuron),
                ("source of it", |p| p.source),
            ];
            for (what, field) in fields {
                let value =
                    |place: Option<ClampPlace>| Some(place.map_or(-1, |p| i64::from(field(p))));
                let values = Values {
                    fixed: value(fixed),
                    array: value(array),
                    hardware: value(hardware),
                };
                let place = Place {
                    what: Some(what),
                    ..Place::default()
                };
                self.three(Kind::Clamps, stage, place, values);
            }
        }
    }
}

/// One number of a place.
type Field = fn(ClampPlace) -> u32;

/// A stage made of time steps, as its chunks were recorded.
struct StageOfSteps<'a> {
    stage: Stage,
    /// Of spikes, cycles and membranes.
    kinds: [Kind; 3],
    steps: u32,
    /// In the order of a step.
    populations: &'a [usize],
    /// The first record.
    first: usize,
}

/// The record in a place, where it is of the chunk that belongs there.
fn at(trace: &ArrayTrace, record: usize, chunk: u32) -> Option<&ChunkStep> {
    trace.chunks.get(record).filter(|r| r.chunk == chunk)
}
