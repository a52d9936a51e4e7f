//! The command line.

use crate::commands::completions::Completions;
use crate::commands::demo::Demo;
use crate::commands::doctor::Doctor;
use crate::commands::explain::Explain;
use crate::commands::fmt::Fmt;
use crate::commands::report::Report;
use crate::commands::tools::Tools;
use clap::{Args, Parser, Subcommand, ValueEnum};
use spidec_runtime::state::MAX_EPOCHS;
use std::path::PathBuf;

/// Compiles feedback spiking neural networks to Verilog, and proves that software and hardware agree.
///
/// A network file (.fsnn) says which populations and projections there are, how they are trained
/// and on what array they run. `check` reads it, `train` learns, `eval` measures, `build` writes the
/// Verilog, `verify` simulates it and compares it with the software, value by value.
#[derive(Parser)]
#[command(
    name = "spidec",
    version,
    after_help = "\
Start here:
  spidec demo                            hardware that trains itself, in a simulator
  spidec doctor                          which tools are there, and how to get the others
  spidec check examples/digits.fsnn      what the file means, every default explicit
  spidec verify examples/digits.fsnn     simulate the hardware on generated inputs
Exit codes: 0 ok, 1 findings, 2 usage, 3 a tool is missing."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check a network file; print it with every default explicit.
    ///
    /// Errors come all at once, each with a code, its place and what to do. The printed text is a
    /// network file itself: redirect it, read it, use it. What the file cannot do (engines that do not
    /// accept it, membranes that may clamp) goes to standard error. The exit code is 1 for errors in
    /// the file; what only some engines do not accept leaves it 0.
    #[command(after_help = "Example:\n  spidec check examples/mnist.fsnn")]
    Check(Check),
    /// Write a network's hardware as a complete Verilog project; with --train, hardware that trains itself.
    ///
    /// The folder gets rtl/ (one module a file, top level spidec_top), images/ (program and weights),
    /// manifest.json (register map, memory map, formats, names), spidec.h (the same for a host in C),
    /// constraints/, program.yaml, lint.vlt. It synthesizes as it is. A folder that holds an earlier project is replaced; one that holds
    /// anything else is refused.
    #[command(after_help = "\
Examples:
  spidec build examples/mnist.fsnn -o build/mnist
  spidec build examples/mnist.fsnn -o build/mnist_train --train
  spidec build examples/mnist.fsnn -o build/mnist --state mnist.safetensors")]
    Build(Build),
    /// Train a network; write its state.
    ///
    /// The engine `float` is SPIDE in floating point, `fixed` is the same in the array's integers:
    /// one sample at a time, weight updates rounded stochastically. `array` executes the compiled
    /// program, cycle-exact: the same weights as `fixed`, and the cycles that the hardware takes. The state
    /// file is written after every epoch; `--from` goes on where one stopped.
    #[command(after_help = "\
Examples:
  spidec train examples/mnist.fsnn --data mnist/ --engine fixed --epochs 5 -o mnist.safetensors
  spidec train examples/digits.fsnn --data optdigits/ --engine float --epochs 10 -o digits.safetensors --log digits.jsonl")]
    Train(Train),
    /// Measure a state's accuracy on the test split.
    ///
    /// The engine `array` executes the compiled program, cycle-exact, and so tells cycles and lane
    /// use too; its predictions are those of `fixed`.
    #[command(after_help = "\
Example:
  spidec eval examples/mnist.fsnn mnist.safetensors --data mnist/ --engine array")]
    Eval(Eval),
    /// Simulate the hardware and compare it with both software engines.
    ///
    /// Runs the fixed-point engine (straight from the network), the array engine (from the compiled
    /// program) and the Verilog side by side, and compares every spike word with its cycle, every
    /// membrane at each step, counts, logits, predictions, and the cycles of each stage. Stops at the
    /// first sample that differs, says where, and leaves a waveform. Where nothing spiked, nothing
    /// was verified, and it fails.
    ///
    /// With `--train` the hardware trains itself on the samples: compared are also backward spikes with
    /// signs and cycles, backward membranes and counts, masks, errors, and every weight and bias after every
    /// sample. It fails where no backward spike of either sign occurred, or a layer did not change.
    #[command(after_help = "\
Examples:
  spidec verify examples/mnist.fsnn --set-up
  spidec verify examples/mnist.fsnn --data mnist/ --samples 500 --state mnist.safetensors
  spidec verify examples/mnist.fsnn --train --data mnist/ --samples 200
  spidec verify examples/tiny.fsnn --samples 3 --simulator icarus
  spidec verify examples/tiny.fsnn --train --samples 1 --trace tiny.vcd
Without --data the samples are generated; without --state the weights are the initial ones.")]
    Verify(Verify),
    /// Watch hardware train itself: network, data, Verilog, simulator, all of it, in a minute or two.
    ///
    /// Writes a small network and made digits, compiles hardware that trains itself, gets the simulator where there
    /// is none, trains in the simulated hardware, compares every value with the software, and tests what was learned.
    #[command(after_help = "Example:\n  spidec demo")]
    Demo(Demo),
    /// Draw a network, its training and its array: a page that works offline, and its pictures.
    ///
    /// The folder gets report.html and the pictures in it as SVG files of their own: the network; loss and
    /// accuracy, from a log of `spidec train --log`; spikes and rates of one sample; where the cycles go; what
    /// lies in the memories; and, with --verify, what simulated hardware came to. What is not there the page
    /// says, and how to get it. A folder that holds an earlier report is written again; one that holds
    /// anything else is refused.
    #[command(after_help = "\
Examples:
  spidec report examples/digits.fsnn -o report
  spidec report examples/mnist.fsnn --data mnist/ --state mnist.safetensors --log mnist.jsonl -o report
  spidec report examples/digits.fsnn --verify 20 -o report
Without --data the samples are generated; without --state the weights are the initial ones.
Exit codes: 0 ok, 1 findings, also of --verify, 2 usage, 3 a tool for --verify is missing; then the page is
written all the same.")]
    Report(Report),
    /// Make, describe and draw data.
    ///
    /// `make` writes handwritten-looking digits, drawn from a seed, for trying things without a data set;
    /// `info` says what a folder holds; `show` draws samples in the terminal. A data folder holds IDX files
    /// (as MNIST's), CSV files (train.csv, test.csv; a row a sample, the label last), plain or gzip, or NumPy archives
    /// (train.npz, test.npz with arrays x and y).
    #[command(
        subcommand,
        after_help = "\
Examples:
  spidec data make digits/ --train 2000 --test 500
  spidec data info digits/
  spidec data show digits/ --count 3"
    )]
    Data(Data),
    /// Say which tools are found, where, which version, and how to get what is missing.
    #[command(after_help = "Example:\n  spidec doctor --json")]
    Doctor(Doctor),
    /// Install the external tools: simulator, synthesis, prover.
    #[command(subcommand)]
    Tools(Tools),
    /// Format network files: columns aligned, comments and numbers as they are.
    ///
    /// Statements are indented by two, and adjacent ones of a kind align; comments behind code begin in one column;
    /// of several blank lines one stays. A call or list stays on several lines where a line break follows its
    /// opening bracket. Line ends are those of the first line. A file with syntax errors is left as it is.
    #[command(after_help = "\
Examples:
  spidec fmt net.fsnn                    rewrite the file
  spidec fmt --check examples/*.fsnn     say what would change; exit code 1 if anything
  spidec fmt --stdout net.fsnn           print, write nothing
  spidec fmt - < net.fsnn                from standard input to standard output, for editors")]
    Fmt(Fmt),
    /// Explain codes of errors and warnings: the rule, an example, how it is mended.
    ///
    /// Codes of network files are E (errors) and W (warnings), of data D, of states S, of logs L.
    #[command(after_help = "\
Examples:
  spidec explain E041
  spidec explain W003 D016
  spidec explain                         all codes")]
    Explain(Explain),
    /// Print a script that completes commands and options in a shell.
    #[command(after_help = "\
Examples, each once:
  bash         spidec completions bash > ~/.local/share/bash-completion/completions/spidec
  zsh          spidec completions zsh > ~/.zfunc/_spidec
               with `fpath+=~/.zfunc; autoload -Uz compinit; compinit` in ~/.zshrc
  fish         spidec completions fish > ~/.config/fish/completions/spidec.fish
  elvish       spidec completions elvish >> ~/.config/elvish/rc.elv
  powershell   spidec completions powershell >> $PROFILE
A new shell has them; the folder must be there.")]
    Completions(Completions),
}

/// The reading of a network that trains.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TrainEngine {
    /// Floating point.
    Float,
    /// The array's integers.
    Fixed,
    /// The compiled program, cycle-exact.
    Array,
}

/// The reading of a network that evaluates.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalEngine {
    /// Floating point.
    Float,
    /// The array's integers, straight from the network.
    Fixed,
    /// The compiled program, cycle-exact.
    Array,
}

#[derive(Subcommand)]
pub(crate) enum Data {
    /// Write digits drawn from a seed, as IDX files: the same bytes everywhere.
    Make(Make),
    /// Say what a folder holds: samples, shape, values, labels.
    Info(Info),
    /// Draw samples in the terminal.
    Show(Show),
}

/// The size of made digits.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigitSize {
    /// Pixels of 0 to 16, for `examples/digits.fsnn`.
    #[value(name = "8x8")]
    Small,
    /// Pixels of 0 to 255, for `examples/mnist.fsnn`.
    #[value(name = "28x28")]
    Large,
}

/// A part of a dataset.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitName {
    /// To learn from.
    Train,
    /// To measure accuracy on.
    Test,
}

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data make digits/ --size 8x8 --train 2000 --test 500")]
pub(crate) struct Make {
    /// The folder to write into.
    pub(crate) folder: PathBuf,
    /// Pixels.
    #[arg(long, value_enum, default_value = "8x8")]
    pub(crate) size: DigitSize,
    /// Training samples.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) train: u32,
    /// Test samples.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) test: u32,
    /// What they are drawn from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Overwrite the IDX files of a folder that holds data.
    #[arg(long)]
    pub(crate) replace: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data info mnist/")]
pub(crate) struct Info {
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data show mnist/ --split test --index 7")]
pub(crate) struct Show {
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// Of which part.
    #[arg(long, value_enum, default_value = "train")]
    pub(crate) split: SplitName,
    /// The first sample, from 0.
    #[arg(long, default_value_t = 0)]
    pub(crate) index: u32,
    /// How many.
    #[arg(long, default_value_t = 1)]
    pub(crate) count: u32,
}

/// The simulator of the Verilog.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Simulator {
    /// Compiled, fast.
    Verilator,
    /// Interpreted, slow, knows unknown bits: for small networks.
    Icarus,
}

#[derive(Args)]
pub(crate) struct Check {
    /// The network file.
    pub(crate) file: PathBuf,
    /// Print findings and network as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Build {
    /// The network file.
    pub(crate) file: PathBuf,
    /// The folder to write.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Weights; the initial ones of the file's seed without it.
    #[arg(long)]
    pub(crate) state: Option<PathBuf>,
    /// Hardware that trains itself: backward stage, loss and weight update too.
    #[arg(long)]
    pub(crate) train: bool,
    /// Print what was written as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Train {
    /// The network file.
    pub(crate) file: PathBuf,
    /// A data folder: IDX files (as MNIST's), CSV files (train.csv and test.csv, or *.tra and *.tes; a row a sample, the
    /// label last, an optional header), either also as gzip, or NumPy archives (train.npz and test.npz with arrays x
    /// and y, or one *.npz with x_train, y_train, x_test, y_test).
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Which engine trains.
    #[arg(long, value_enum)]
    pub(crate) engine: TrainEngine,
    /// Epochs to train now.
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_EPOCHS)))]
    pub(crate) epochs: u32,
    /// The state file to write.
    #[arg(short, long, value_name = "STATE")]
    pub(crate) output: PathBuf,
    /// Go on from this state.
    #[arg(long, value_name = "STATE")]
    pub(crate) from: Option<PathBuf>,
    /// Use only the first N training samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) samples: Option<u32>,
    /// Replace the file's seed.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Write each epoch's results to this file too, one line of JSON each, with loss and accuracy of each 256
    /// samples: what `spidec report --log` draws. With --from the lines up to the state's epoch are kept.
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Print each epoch's results as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Eval {
    /// The network file.
    pub(crate) file: PathBuf,
    /// The state file.
    pub(crate) state: PathBuf,
    /// A data folder (IDX, CSV or npz); its test split is used.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Which engine evaluates.
    #[arg(long, value_enum)]
    pub(crate) engine: EvalEngine,
    /// Use only the first N test samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) samples: Option<u32>,
    /// Print the results as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The network file.
    pub(crate) file: PathBuf,
    /// A data folder (IDX, CSV or npz); its test split is used, with --train its training split.
    /// Generated samples without it.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Train the samples, in the order of the epoch that the state has come to, instead of only
    /// classifying them.
    #[arg(long)]
    pub(crate) train: bool,
    /// How many samples.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) samples: u32,
    /// Weights; the initial ones of the file's seed without it.
    #[arg(long)]
    pub(crate) state: Option<PathBuf>,
    /// Which simulator runs the Verilog.
    #[arg(long, value_enum, default_value = "verilator")]
    pub(crate) simulator: Simulator,
    /// Registers and memories start with pseudo-random contents of this seed, instead of zeros.
    #[arg(long, value_name = "SEED")]
    pub(crate) power_up: Option<u64>,
    /// Where the waveform of a sample that differs goes: VCD, or FST where the name ends in `.fst`
    /// (with Verilator; Debian: liblz4-dev, zlib1g-dev).
    #[arg(long, value_name = "FILE", default_value = "spidec-verify.vcd")]
    pub(crate) waveform: PathBuf,
    /// Leave a waveform of the first sample there (VCD or FST as above), with view files beside it: FILE.gtkw shows it
    /// in GTKWave under the network's names, FILE.sucl in Surfer, with the chunks of each population listed.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Install the pinned Verilator first, where none is found.
    #[arg(long)]
    pub(crate) set_up: bool,
    /// Print the results as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
