//! One network with all that `verify` wants: text, checked network, program, weights.

use rtlsim::{Compile, Engine, Options, PowerUp, Project, Tools};
use spidec_compiler::check::{self, SourceLines, check_text};
use spidec_compiler::lower::{Purpose, lower, lower_onto};
use spidec_ir::program::{ArrayProgram, Machine, WeightImage};
use spidec_ir::random::hash;
use spidec_ir::trace::ForwardTrace;
use spidec_ir::{FixedParameters, Network};
use spidec_runtime::fixed::FixedEngine;
use spidec_verify::{Report, Setup, Training, VerifyError};
use std::path::PathBuf;

/// A network that was checked and lowered, with weights and samples.
#[derive(Clone)]
pub struct Case {
    /// The network file.
    pub text: String,
    /// The checked network.
    pub network: Network,
    /// Where its parts stand in the text.
    pub lines: SourceLines,
    /// Its program.
    pub program: ArrayProgram,
    /// Weights of the fixed-point engine and the array engine.
    pub parameters: FixedParameters,
    /// What the hardware's weight banks hold.
    pub image: WeightImage,
    /// Input integers, one vector a sample; the `k`-th is of class `k` modulo the classes.
    pub samples: Vec<Vec<u8>>,
}

/// How a case is verified.
pub struct Run<'a> {
    /// The hardware's sources.
    pub project: &'a Project,
    /// The simulator.
    pub engine: Engine,
    /// Where tools are.
    pub tools: &'a Tools,
    /// Contents of registers and memories before anything is written.
    pub power_up: PowerUp,
    /// What compiling a model may cost.
    pub compile: Compile,
    /// Where a waveform goes.
    pub waveform: Option<PathBuf>,
}

impl Case {
    /// Checks a network file and lowers it to the smallest machine.
    ///
    /// # Panics
    /// Where the array does not accept the network, with all findings.
    pub fn new(
        text: &str,
        purpose: Purpose,
        parameters: impl FnOnce(&Network) -> FixedParameters,
        samples: Vec<Vec<u8>>,
    ) -> Case {
        let result = check_text("case.fsnn", text);
        let engine = match purpose {
            Purpose::Inference => check::Engine::Array,
            Purpose::Learning => check::Engine::ArrayTraining,
        };
        let checked = match result.require(engine) {
            Ok(checked) => checked.clone(),
            Err(findings) => panic!("{text}\n{}", result.render(&findings, false)),
        };
        let parameters = parameters(&checked.network);
        let program = lower(&checked.network, &checked.lines, purpose).expect("lowers");
        Case {
            text: text.to_string(),
            image: WeightImage::new(&program, &parameters),
            network: checked.network,
            lines: checked.lines,
            program,
            parameters,
            samples,
        }
    }

    /// Lowers the network again, to a machine that covers its own.
    pub fn lower_onto(&mut self, machine: &Machine) {
        self.program = lower_onto(&self.network, &self.lines, machine).expect("covered");
        self.image = WeightImage::new(&self.program, &self.parameters);
    }

    /// What the fixed-point engine says of every sample.
    pub fn reference(&self) -> Vec<ForwardTrace> {
        let engine = FixedEngine::new(&self.network).expect("fixed point takes it");
        let weights = engine.load(&self.parameters).expect("weights fit");
        let samples = self.samples.iter();
        samples
            .map(|sample| engine.forward_trace(&weights, sample))
            .collect()
    }

    /// The class of a sample.
    pub fn label(&self, sample: usize) -> usize {
        sample % self.network.readout.classes as usize
    }

    /// All three, side by side; a machine that learns trains, with the constants of the first epoch.
    pub fn verify(&self, run: &Run<'_>) -> Result<Report, VerifyError> {
        let learning = match self.program.machine.learning {
            true => Some(FixedEngine::new(&self.network)?.learning(0)?),
            false => None,
        };
        let options = Options {
            power_up: run.power_up,
            compile: run.compile,
            ..Options::default()
        };
        let setup = Setup {
            network: &self.network,
            program: &self.program,
            parameters: &self.parameters,
            image: &self.image,
            project: run.project,
            engine: run.engine,
            tools: run.tools,
            options: &options,
            waveform: run.waveform.clone(),
            training: learning.as_ref().map(|learning| Training {
                learning,
                samples: 0,
            }),
        };
        let samples = self.samples.iter().enumerate();
        let samples = samples.map(|(k, sample)| (sample.as_slice(), self.label(k)));
        spidec_verify::verify(&setup, samples, &mut |_| {})
    }
}

/// Weights and biases from -9 to 9, a function of the seed.
pub fn small_weights(network: &Network, seed: u64) -> FixedParameters {
    let mut parameters = FixedParameters::zeros(network);
    let mut k = 0;
    for layer in parameters.layers_mut() {
        for value in layer.weight.iter_mut().chain(&mut layer.bias) {
            k += 1;
            *value = (hash(&[seed, k]) >> 40) as i32 % 19 - 9;
        }
    }
    parameters
}
