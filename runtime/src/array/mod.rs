//! Reading (c): the machine, bit- and cycle-exact, from an ArrayProgram.
//!
//! It executes instructions on memories like the hardware's and predicts the cycle of each
//! chunk that leaves a pass. Cycles come from recurrences over events ([`timing`]), not from stepping
//! registers.

mod timing;

use spidec_ir::FixedParameters;
use spidec_ir::fixed::{Format, fire, round_shift};
use spidec_ir::program::{
    ArrayProgram, Block, EventSource, Instruction, ProgramError, Register, Scatter, WeightImage,
};
use spidec_ir::trace::{ArrayTrace, ChunkStep, Counters};

/// What a sample comes to, without the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Logits in units of `1 / (T_F 2^F)`.
    pub logits: Vec<i32>,
    /// The class of the largest logit.
    pub prediction: u32,
    /// The counters.
    pub counters: Counters,
}

/// The array with its memories.
#[derive(Clone, Debug)]
pub struct ArrayEngine {
    program: ArrayProgram,
    lanes: usize,
    /// `[row][lane]`.
    weights: Vec<i32>,
    /// `[chunk][lane]`, as the two below.
    states: Vec<i32>,
    currents: Vec<i32>,
    counts: Vec<u32>,
    /// A word a chunk.
    spikes: Vec<u32>,
    threshold: i32,
    reset: i32,
    /// Events of the scatter under way: index, value; and how many each word has.
    events: Vec<(u32, i32)>,
    words: Vec<u32>,
}

impl ArrayEngine {
    /// An array with a program and weights loaded. The parameters must have the shapes of the
    /// program's network.
    pub fn new(
        program: &ArrayProgram,
        parameters: &FixedParameters,
    ) -> Result<ArrayEngine, ProgramError> {
        program.verify()?;
        let lanes = program.machine.lanes as usize;
        let chunks = program.machine.chunks as usize;
        let mut weights = WeightImage::new(program, parameters).words;
        weights.resize(program.machine.weight_rows as usize * lanes, 0);
        Ok(ArrayEngine {
            program: program.clone(),
            lanes,
            weights,
            states: vec![0; chunks * lanes],
            currents: vec![0; chunks * lanes],
            counts: vec![0; chunks * lanes],
            spikes: vec![0; chunks],
            threshold: 0,
            reset: 0,
            events: Vec::new(),
            words: Vec::new(),
        })
    }

    /// Runs one sample. `sample`: one integer an input value, in C order; missing ones are zero.
    pub fn infer(&mut self, sample: &[u8]) -> Outcome {
        self.run(sample, &mut |_| {})
    }

    /// Runs one sample and records every chunk of every pass.
    pub fn trace(&mut self, sample: &[u8]) -> ArrayTrace {
        let mut chunks = Vec::new();
        let outcome = self.run(sample, &mut |chunk| chunks.push(chunk));
        let populations = self.program.populations.iter();
        let used = populations.map(|p| p.chunk + p.chunks).max().unwrap_or(0) as usize;
        ArrayTrace {
            chunks,
            counts: self
                .counts
                .chunks(self.lanes)
                .take(used)
                .map(<[u32]>::to_vec)
                .collect(),
            logits: outcome.logits,
            prediction: outcome.prediction,
            counters: outcome.counters,
        }
    }

    fn run(&mut self, sample: &[u8], record: &mut dyn FnMut(ChunkStep)) -> Outcome {
        let instructions = std::mem::take(&mut self.program.instructions);
        let mut counters = Counters::default();
        let mut clock = timing::Clock::start();
        let (mut pc, mut step, mut prediction) = (0, 0, 0);
        while let Some(instruction) = instructions.get(pc) {
            pc += 1;
            clock.begin(instruction.stage(), &mut counters);
            match instruction {
                Instruction::Set { register, value } => {
                    match register {
                        Register::Threshold => self.threshold = *value,
                        Register::Reset => self.reset = *value,
                    }
                    clock.decode();
                }
                Instruction::Clear { block, .. } => {
                    let range = self.range(block);
                    self.states[range.clone()].fill(0);
                    self.counts[range].fill(0);
                    clock.pass(block.chunks);
                }
                Instruction::Latch { block } => {
                    let range = self.range(block);
                    for k in range {
                        let sum = i64::from(self.states[k]);
                        self.currents[k] =
                            round_shift(sum, self.program.machine.input_shift) as i32;
                        self.states[k] = 0;
                        self.counts[k] = 0;
                    }
                    clock.pass(block.chunks);
                }
                Instruction::Fire { block } => {
                    self.fire(block, &clock, &mut counters, record);
                    clock.pass(block.chunks);
                }
                Instruction::Scatter(scatter) if scatter.skip_first && step == 0 => clock.decode(),
                Instruction::Scatter(scatter) => {
                    self.scan(scatter, sample);
                    self.scatter(scatter, &mut counters);
                    clock.scatter(scatter, &self.words);
                }
                Instruction::Loop { target, steps } => {
                    step += 1;
                    if step < *steps {
                        pc = *target as usize;
                        clock.jump();
                    } else {
                        step = 0;
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
                Instruction::End => break,
            }
        }
        clock.end(&mut counters);
        self.program.instructions = instructions;
        Outcome {
            logits: self.logits(),
            prediction,
            counters,
        }
    }

    fn range(&self, block: &Block) -> std::ops::Range<usize> {
        let start = block.chunk as usize * self.lanes;
        start..start + block.chunks as usize * self.lanes
    }

    fn logits(&self) -> Vec<i32> {
        let readout = &self.program.readout;
        let start = readout.chunk as usize * self.lanes;
        self.states[start..start + readout.neurons as usize].to_vec()
    }

    /// Collects the events of a scatter.
    fn scan(&mut self, scatter: &Scatter, sample: &[u8]) {
        self.events.clear();
        self.words.clear();
        let lanes = self.lanes as u32;
        for word in 0..scatter.words {
            let before = self.events.len();
            let row = (scatter.from + word) as usize;
            let base = word * lanes;
            match scatter.source {
                EventSource::Spikes => {
                    let mut bits = self.spikes[row];
                    while bits != 0 {
                        self.events
                            .push((base + bits.trailing_zeros(), scatter.value));
                        bits &= bits - 1;
                    }
                }
                EventSource::Input => {
                    let row = row * self.lanes;
                    let values = sample.get(row..).unwrap_or_default();
                    for (k, &value) in (0..lanes).zip(values) {
                        if value != 0 {
                            self.events.push((base + k, i32::from(value)));
                        }
                    }
                }
                EventSource::Counts => {
                    let row = row * self.lanes;
                    for (k, &count) in (0..lanes).zip(&self.counts[row..]) {
                        if count != 0 {
                            self.events.push((base + k, count as i32));
                        }
                    }
                }
                EventSource::Constant => {}
            }
            self.words.push((self.events.len() - before) as u32);
        }
        if scatter.source == EventSource::Constant {
            self.events.push((0, scatter.value));
        }
    }

    fn scatter(&mut self, scatter: &Scatter, counters: &mut Counters) {
        let range = self.range(&scatter.block);
        let width = range.len();
        let states = &mut self.states[range];
        for &(index, value) in &self.events {
            let start = (scatter.weights as usize + index as usize * scatter.block.chunks as usize)
                * self.lanes;
            let column = &self.weights[start..start + width];
            for (state, &weight) in states.iter_mut().zip(column) {
                *state = state.wrapping_add(weight.wrapping_mul(value));
            }
        }
        let events = self.events.len() as u64;
        let idle = self.lanes as u64 - u64::from(scatter.last_lanes);
        counters.events += events;
        counters.slots += events * width as u64;
        counters.useful += events * (width as u64 - idle);
    }

    fn fire(
        &mut self,
        block: &Block,
        clock: &timing::Clock,
        counters: &mut Counters,
        record: &mut dyn FnMut(ChunkStep),
    ) {
        let membrane = Format {
            bits: self.program.machine.membrane_bits,
            frac: self.program.membrane_frac,
        };
        for offset in 0..block.chunks {
            let chunk = block.chunk + offset;
            let start = chunk as usize * self.lanes;
            let mut word = 0;
            for lane in 0..self.lanes {
                let k = start + lane;
                let sum = self.states[k].wrapping_add(self.currents[k]);
                let fired = fire(sum, membrane, self.threshold, self.reset);
                self.states[k] = fired.membrane;
                self.counts[k] += fired.spike as u32;
                word |= (fired.spike as u32) << lane;
                counters.saturations += u64::from(fired.saturated);
            }
            self.spikes[chunk as usize] = word;
            counters.spikes += u64::from(word.count_ones());
            record(ChunkStep {
                cycle: clock.chunk_leaves(offset),
                chunk,
                spikes: word,
                membranes: self.states[start..start + self.lanes].to_vec(),
            });
        }
    }
}
