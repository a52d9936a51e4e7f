//! Reading (c): the machine, bit- and cycle-exact, from an ArrayProgram.
//!
//! It executes instructions on memories like the hardware's and predicts the cycle of each
//! chunk that leaves a pass. Cycles come from recurrences over events (`timing`), not from stepping
//! registers.

mod clamped;
mod events;
mod learning;
mod memories;
mod passes;
mod samples;
mod timing;

pub use clamped::ClampedOnArray;
use events::{Event, Scan};
use learning::{LayerRule, Tables};
use memories::Memories;
pub use samples::Done;
use spidec_ir::FixedParameters;
use spidec_ir::fixed::{Format, LearningConstant};
use spidec_ir::program::{
    ArrayProgram, Block, Condition, EventSource, Events, Instruction, Learn, ProgramError, Scatter,
};
use spidec_ir::trace::{
    ArrayClamps, ArrayTrace, ChunkClamp, ChunkStep, Counters, Idle, RowClamp, Stage,
};
use timing::{Clock, Flow};

/// What a sample comes to, without the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Logits in units of `1 / (T_F 2^F)`.
    pub logits: Vec<i32>,
    /// The class of the largest logit.
    pub prediction: u32,
    /// The counters.
    pub counters: Counters,
    /// Why the array did nothing, one a stage.
    pub idle: [Idle; 6],
    /// The first of all that was clamped.
    pub clamps: ArrayClamps,
}

/// What a learning array's registers hold between samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LearningState {
    /// Seed of the rounding noise.
    pub seed: u64,
    /// Samples trained so far.
    pub samples: u64,
    /// Projections in declaration order, then the readout.
    pub constants: Vec<LearningConstant>,
}

/// The array with its memories.
#[derive(Clone, Debug)]
pub struct ArrayEngine {
    program: ArrayProgram,
    memories: Memories,
    registers: passes::Registers,
    /// Learning constants, seed and sample number: what the host writes before it trains.
    pub learning: LearningState,
    tables: Tables,
    scan: Scan,
    /// The last latch left no couple with mask 1 a gradient that counts.
    quiet: bool,
    /// A class's error is other than zero.
    error: bool,
}

impl ArrayEngine {
    /// An array with a program and weights loaded. The parameters must have the shapes of the
    /// program's network.
    pub fn new(
        program: &ArrayProgram,
        parameters: &FixedParameters,
    ) -> Result<ArrayEngine, ProgramError> {
        program.verify()?;
        let sources = program.layers.iter().map(|layer| layer.source_chunks);
        let largest = (sources.max().unwrap_or(0) + 1) * program.machine.lanes;
        Ok(ArrayEngine {
            memories: Memories::new(program, parameters),
            registers: passes::Registers::default(),
            learning: LearningState::default(),
            tables: Tables::new(largest),
            scan: Scan::default(),
            quiet: true,
            error: false,
            program: program.clone(),
        })
    }

    /// Runs one sample. `sample`: one integer an input value, in C order; missing ones are zero.
    pub fn infer(&mut self, sample: &[u8]) -> Outcome {
        self.run(sample, None, &mut |_| {})
    }

    /// Runs one sample and records every chunk of every pass.
    pub fn trace(&mut self, sample: &[u8]) -> ArrayTrace {
        self.traced(sample, None)
    }

    /// Trains one sample of a class, with the constants of [`ArrayEngine::learning`]; an array that does
    /// not learn only infers.
    pub fn train(&mut self, sample: &[u8], label: usize) -> Outcome {
        self.run(sample, Some(label), &mut |_| {})
    }

    /// Trains one sample and records every chunk of every pass of both stages.
    pub fn train_trace(&mut self, sample: &[u8], label: usize) -> ArrayTrace {
        self.traced(sample, Some(label))
    }

    /// How often each population spiked in the latest sample's forward stage.
    pub fn spikes(&self) -> impl Iterator<Item = u64> {
        let populations = self.program.populations.iter();
        populations.map(|map| {
            let first = map.chunk as usize * self.memories.lanes;
            let counts = &self.memories.counts[first..first + map.neurons as usize];
            counts.iter().map(|&count| u64::from(count)).sum()
        })
    }

    /// The weights and biases that the array holds.
    pub fn parameters(&self) -> FixedParameters {
        self.memories.parameters(&self.program.layers)
    }

    fn traced(&mut self, sample: &[u8], label: Option<usize>) -> ArrayTrace {
        let mut chunks = Vec::new();
        let outcome = self.run(sample, label, &mut |chunk| chunks.push(chunk));
        let lanes = self.memories.lanes;
        let readout = &self.program.readout;
        let rows = |values: &[i32], chunks: u32| -> Vec<Vec<i32>> {
            let used = values.chunks(lanes).take(chunks as usize);
            used.map(<[i32]>::to_vec).collect()
        };
        let counts = self.memories.counts.chunks(lanes);
        ArrayTrace {
            chunks,
            counts: counts
                .take(readout.chunk as usize)
                .map(<[u32]>::to_vec)
                .collect(),
            logits: outcome.logits,
            prediction: outcome.prediction,
            errors: match label {
                Some(_) => rows(&self.memories.errors, readout.chunk + readout.chunks),
                None => Vec::new(),
            },
            counters: outcome.counters,
            idle: outcome.idle,
            clamps: outcome.clamps,
        }
    }

    fn run(
        &mut self,
        sample: &[u8],
        label: Option<usize>,
        record: &mut dyn FnMut(ChunkStep),
    ) -> Outcome {
        let instructions = std::mem::take(&mut self.program.instructions);
        let mut counters = Counters::default();
        let mut clamps = ArrayClamps::default();
        let mut clock = Clock::start();
        let (mut pc, mut step, mut prediction) = (0, 0, 0);
        let mut rule = LayerRule::of(&self.learning, 0);
        while let Some(instruction) = instructions.get(pc) {
            pc += 1;
            let stage = instruction.stage();
            clock.begin(stage, &mut counters);
            match instruction {
                Instruction::Set {
                    register, value, ..
                } => {
                    self.registers.set(*register, *value);
                    clock.decode();
                }
                Instruction::Clear { cleared, block, .. } => {
                    self.memories.clear(cleared, block);
                    self.pass(stage, block, &mut counters);
                    clock.pass(block.chunks);
                }
                Instruction::Latch { block, .. } => {
                    self.quiet = !self.memories.latch(&self.registers, block);
                    self.pass(stage, block, &mut counters);
                    clock.latch(block.chunks);
                }
                Instruction::Fire { block, hold } => {
                    let format = self.membrane();
                    for offset in 0..block.chunks {
                        let chunk = block.chunk + offset;
                        let fired = self.memories.fire(&self.registers, format, chunk, *hold);
                        first_clamp(&mut clamps, false, step, chunk, &fired);
                        counters.spikes += u64::from(fired.spikes.count_ones());
                        counters.saturations += u64::from(fired.saturated.count_ones());
                        self.record(record, clock.chunk_leaves(offset), chunk, fired);
                    }
                    self.pass(stage, block, &mut counters);
                    clock.pass(block.chunks);
                }
                Instruction::Couple { block } => {
                    let format = self.membrane();
                    for offset in 0..block.chunks {
                        let chunk = block.chunk + offset;
                        let fired = self.memories.couple(&self.registers, format, chunk);
                        first_clamp(&mut clamps, true, step, chunk, &fired);
                        counters.backward_spikes += u64::from(fired.spikes.count_ones());
                        counters.saturations += u64::from(fired.saturated.count_ones());
                        self.record(record, clock.chunk_leaves(offset), chunk, fired);
                    }
                    self.pass(stage, block, &mut counters);
                    clock.pass(block.chunks);
                }
                Instruction::Scatter(scatter) if scatter.skip_first && step == 0 => clock.decode(),
                Instruction::Scatter(scatter) => {
                    self.scatter(scatter, sample, &mut clock, &mut counters);
                }
                Instruction::Loop { target, steps, .. } => {
                    step += 1;
                    if step < *steps {
                        pc = *target as usize;
                        clock.jump();
                    } else {
                        step = 0;
                        clock.decode();
                    }
                }
                Instruction::Branch {
                    condition, target, ..
                } => {
                    let taken = match condition {
                        Condition::Inference => label.is_none(),
                        Condition::NoError => !self.error,
                        Condition::Quiet => self.quiet,
                    };
                    if taken {
                        pc = *target as usize;
                        clock.jump();
                    } else {
                        clock.decode();
                    }
                }
                Instruction::Argmax { classes, .. } => {
                    let logits = self.logits();
                    // The first of the largest.
                    prediction = (0..logits.len())
                        .rev()
                        .max_by_key(|&k| logits[k])
                        .unwrap_or(0) as u32;
                    clock.argmax(*classes);
                }
                Instruction::Loss {
                    unit,
                    chunk,
                    classes,
                    bits,
                    frac,
                } => {
                    let format = Format {
                        bits: *bits,
                        frac: *frac,
                    };
                    let one = i64::from(self.program.steps) << self.program.weight_frac;
                    let label = label.unwrap_or(usize::MAX);
                    let target = (*chunk, *classes);
                    let errors =
                        self.memories
                            .loss(&self.tables, *unit, target, format, one, label);
                    self.error = errors.values.iter().any(|&error| error != 0);
                    counters.error_saturations = errors.clamped.count;
                    clamps.error = errors.clamped.first;
                    clock.loss(*unit, *classes, *bits, *frac);
                }
                Instruction::Layer { layer } => {
                    rule = LayerRule::of(&self.learning, *layer);
                    clock.layer();
                }
                Instruction::Learn(learn) => {
                    let first = self.learn(learn, rule, sample, &mut clock, &mut counters);
                    clamps.weight = clamps.weight.or(first);
                }
                Instruction::End { .. } => {
                    if label.is_some() && self.program.machine.learning {
                        self.learning.samples += 1;
                    }
                    break;
                }
            }
        }
        clock.end(&mut counters);
        self.program.instructions = instructions;
        Outcome {
            logits: self.logits(),
            prediction,
            counters,
            idle: clock.idle,
            clamps,
        }
    }

    fn membrane(&self) -> Format {
        Format {
            bits: self.program.machine.membrane_bits,
            frac: self.program.membrane_frac,
        }
    }

    fn pass(&self, stage: Stage, block: &Block, counters: &mut Counters) {
        counters.stages[stage as usize].passes += u64::from(block.chunks);
    }

    fn record(
        &self,
        record: &mut dyn FnMut(ChunkStep),
        cycle: u64,
        chunk: u32,
        fired: passes::FiredChunk,
    ) {
        let start = chunk as usize * self.memories.lanes;
        record(ChunkStep {
            cycle,
            chunk,
            spikes: fired.spikes,
            negative: fired.negative,
            membranes: self.memories.states[start..start + self.memories.lanes].to_vec(),
        });
    }

    fn logits(&self) -> Vec<i32> {
        let readout = &self.program.readout;
        let start = readout.chunk as usize * self.memories.lanes;
        self.memories.states[start..start + readout.neurons as usize].to_vec()
    }

    fn scatter(
        &mut self,
        scatter: &Scatter,
        sample: &[u8],
        clock: &mut Clock,
        counters: &mut Counters,
    ) {
        self.scan
            .read(&self.memories, sample, &scatter.events, scatter.hold);
        self.memories.scatter(scatter, &self.scan.events);
        let flow = Flow {
            chunks: scatter.block.chunks,
            adds: true,
            drain: scatter.drain,
        };
        let events = self.scan.events.len() as u64;
        let lanes = u64::from(self.program.machine.lanes);
        let chunks = u64::from(flow.chunks);
        let work = &mut counters.stages[scatter.stage as usize];
        work.slots += events * chunks;
        work.useful += events * (chunks * lanes - lanes + u64::from(scatter.last_lanes));
        work.waits += events * (flow.period() - chunks);
        counters.events += events;
        if scatter.events.source == EventSource::Constant {
            clock.constant(flow);
        } else {
            clock.scatter(flow, &self.scan.words);
        }
    }

    fn learn(
        &mut self,
        learn: &Learn,
        rule: LayerRule,
        sample: &[u8],
        clock: &mut Clock,
        counters: &mut Counters,
    ) -> Option<RowClamp> {
        let errors = Events {
            source: EventSource::Errors,
            from: learn.from,
            words: learn.words,
        };
        self.scan.read(&self.memories, sample, &errors, false);
        let format = Format {
            bits: self.program.machine.weight_bits,
            frac: self.program.weight_frac,
        };
        let scan = &self.scan.events;
        let learned = self
            .memories
            .learn(&mut self.tables, learn, rule, format, sample, scan);
        let events = scan.len() as u64;
        let work = &mut counters.stages[Stage::Learning as usize];
        work.slots += events * u64::from(learned.chunks);
        work.useful += events * learned.sources;
        counters.events += events;
        counters.weight_saturations += learned.clamped;
        let flow = Flow {
            chunks: learned.chunks,
            adds: false,
            drain: true,
        };
        clock.learn(flow, &self.scan.words);
        learned.first
    }
}

/// Keeps the first chunk of a pass whose membranes were clamped.
fn first_clamp(
    clamps: &mut ArrayClamps,
    backward: bool,
    step: u32,
    chunk: u32,
    fired: &passes::FiredChunk,
) {
    if fired.saturated != 0 && clamps.membrane.is_none() {
        clamps.membrane = Some(ChunkClamp {
            backward,
            step,
            chunk,
            lanes: fired.saturated,
        });
    }
}
