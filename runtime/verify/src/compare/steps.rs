//! Stages made of time steps: what the chunks of their passes left.

use super::Kind;
use super::pass::{Pass, Place, Values};
use spidec_ir::program::NeuronMap;
use spidec_ir::trace::{ArrayTrace, ChunkStep, PopulationStep, Stage};

/// A stage made of time steps, as its chunks were recorded.
pub(super) struct StageOfSteps<'a> {
    pub(super) stage: Stage,
    /// Of spikes, cycles and membranes.
    pub(super) kinds: [Kind; 3],
    pub(super) steps: u32,
    /// In the order of a step.
    pub(super) populations: &'a [usize],
    /// The first record.
    pub(super) first: usize,
}

impl Pass<'_> {
    /// Every chunk of every pass of a stage: spikes, cycle, membranes.
    pub(super) fn steps(
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
    pub(super) fn records(
        &mut self,
        backward: Option<usize>,
        array: &ArrayTrace,
        hardware: &ArrayTrace,
    ) {
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
}

/// The record in a place, where it is of the chunk that belongs there.
fn at(trace: &ArrayTrace, record: usize, chunk: u32) -> Option<&ChunkStep> {
    trace.chunks.get(record).filter(|r| r.chunk == chunk)
}
