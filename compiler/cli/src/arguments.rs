//! The command line: all commands with what they do. Their options stand in their own files.

use crate::commands::build::Build;
use crate::commands::check::Check;
use crate::commands::completions::Completions;
use crate::commands::converge::Converge;
use crate::commands::data::Data;
use crate::commands::demo::Demo;
use crate::commands::doctor::Doctor;
use crate::commands::eval::Eval;
use crate::commands::explain::Explain;
use crate::commands::fmt::Fmt;
use crate::commands::golden::Golden;
use crate::commands::report::Report;
use crate::commands::tools::Tools;
use crate::commands::train::Train;
use crate::commands::verify::Verify;
use clap::{Parser, Subcommand};

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
  spidec check network.fsnn              what a file means, every default explicit
  spidec verify network.fsnn             simulate its hardware on generated inputs
`spidec demo` leaves a first network file to look at: spidec-demo/digits.fsnn.
Exit codes: 0 ok, 1 findings, 2 usage, 3 a tool is missing, 130 Ctrl-C."
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
    #[command(after_help = "Example:\n  spidec check network.fsnn")]
    Check(Check),
    /// Write a network's hardware as a complete Verilog project; with --train, hardware that trains itself.
    ///
    /// The folder gets rtl/ (one module a file, top level spidec_top), images/ (program and weights),
    /// manifest.json (register map, memory map, formats, names), spidec.h (the same for a host in C),
    /// constraints/, program.yaml, lint.vlt. It synthesizes as it is. A folder that holds an earlier project is replaced; one that holds
    /// anything else is refused.
    #[command(after_help = "\
Examples:
  spidec build mnist.fsnn -o build/mnist
  spidec build mnist.fsnn -o build/mnist_train --train
  spidec build mnist.fsnn -o build/mnist --state mnist.safetensors")]
    Build(Build),
    /// Train a network; write its state.
    ///
    /// The engine `float` is SPIDE in floating point, `fixed` is the same in the array's integers:
    /// one sample at a time, weight updates rounded stochastically. `array` executes the compiled
    /// program, cycle-exact: the same weights as `fixed`, and the cycles that the hardware takes.
    ///
    /// The state file is written after every epoch, with --checkpoint-every within one too, and on Ctrl-C, which ends
    /// after the batch at hand, or the test (a second one ends at once). There are two ways on from a state: `--resume` is the same
    /// training, as if it had never stopped, and refuses any other; `--from` is a new one that begins with the state's
    /// weights, whatever training they are of.
    #[command(after_help = "\
Examples:
  spidec train mnist.fsnn --data mnist/ --engine fixed --epochs 5 -o mnist.safetensors
  spidec train digits.fsnn --data optdigits/ --engine float --epochs 10 -o digits.safetensors --log digits.jsonl
  spidec train digits.fsnn --data optdigits/ --engine float --epochs 10 -o digits.safetensors --resume
Exit codes: 0 ok, 1 findings, 2 usage, 130 stopped by Ctrl-C with a checkpoint, and what goes on is said.")]
    Train(Train),
    /// Measure a state on the test split: accuracy, loss, firing rates, what is taken for what.
    ///
    /// Up to 20 classes are a table, a row a class, a column a prediction; of more it tells what stands out, and --json
    /// all of it. --logits writes each sample's. The engine `array` executes the compiled program, cycle-exact, and so tells cycles and lane
    /// use too; its predictions are those of `fixed`.
    #[command(after_help = "\
Examples:
  spidec eval mnist.fsnn mnist.safetensors --data mnist/ --engine array
  spidec eval mnist.fsnn mnist.safetensors --data mnist/ --engine float --precision f64 --logits logits.csv")]
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
  spidec verify mnist.fsnn --set-up
  spidec verify mnist.fsnn --data mnist/ --samples 500 --state mnist.safetensors
  spidec verify mnist.fsnn --train --data mnist/ --samples 200
  spidec verify tiny.fsnn --samples 3 --simulator icarus
  spidec verify tiny.fsnn --train --samples 20 --trace tiny.vcd
Without --data the samples are generated; without --state the weights are the initial ones.")]
    Verify(Verify),
    /// Execute golden vectors: cases recorded from the published code, everything recorded compared.
    ///
    /// A case is a folder with case.json (the network and its settings) and arrays.npz (parameters, inputs and
    /// all that came out), of any size. A row a case: spikes and masks compared and differing, for the rest the
    /// largest relative error, which may be 1e-10; where a case is exact, numbers must be equal. The recorded mask
    /// is taken only of leaky neurons that fired in every step, whose own is a matter of rounding; the table says how
    /// many. With --engine fixed exact cases run in fixed point with enough bits, the gradient of the rates taken
    /// from the file: spikes, membranes and counts must be equal; leaky rates, which are no exact numbers, as near as
    /// their traces resolve, which the table says; for other cases it says why not. The exit code is 1 where a number
    /// differs, a case is damaged, or none was executed.
    #[command(after_help = "\
Examples:
  spidec golden golden/*
  spidec golden golden/ --engine fixed
  spidec golden golden/s07_lenet_if_drop_sgd --json")]
    Golden(Golden),
    /// Watch hardware train itself: network, data, Verilog, simulator, all of it, in a minute or two.
    ///
    /// Writes a small network and made digits, compiles hardware that trains itself, gets the simulator where there
    /// is none, trains in the simulated hardware, compares every value with the software, and tests what was learned.
    #[command(after_help = "Example:\n  spidec demo")]
    Demo(Demo),
    /// Draw a network, its training and its array: a page that works offline, and its pictures.
    ///
    /// The folder gets report.html and the pictures in it as SVG files of their own: the network; loss and
    /// accuracy, from a log of `spidec train --log`; with --state, what is taken for what; spikes and rates of one sample; where the cycles go; what
    /// lies in the memories; and, with --verify, what simulated hardware came to. What is not there the page
    /// says, and how to get it. A folder that holds an earlier report is written again; one that holds
    /// anything else is refused.
    #[command(after_help = "\
Examples:
  spidec report digits.fsnn -o report
  spidec report mnist.fsnn --data mnist/ --state mnist.safetensors --log mnist.jsonl -o report
  spidec report digits.fsnn --verify 20 -o report
Without --data the samples are generated; without --state the weights are the initial ones.
Exit codes: 0 ok, 1 findings, also of --verify, 2 usage, 3 a tool for --verify is missing; then the page is
written all the same.")]
    Report(Report),
    /// Measure how both stages approach the equilibrium as they grow.
    ///
    /// The equilibrium and its gradient are solved for in real numbers (implicit differentiation). Then both stages run
    /// for 16, 32, 64, ... steps, with two resets that take away the same: the modified one, u_rest = -v_th, and the
    /// plain one, u_rest = 0, whatever the file says. Measured over all samples: the distance of the forward stage's
    /// rates from the equilibrium, in units of its norm; the same of the backward stage, which is given the
    /// equilibrium's masks and gradient; the cosine between the gradients by SPIDE and by implicit
    /// differentiation, of all layers but the readout; and how many neurons have another mask than in the equilibrium.
    /// A distance halves when the steps double; rates of leaky neurons keep one that does not. A neuron that fires while
    /// the rates settle has mask 1 for ever, though the equilibrium may have it silent: then the cosine stays
    /// below 1. Dropout has no part in it.
    #[command(after_help = "\
Examples:
  spidec converge examples/digits.fsnn
  spidec converge examples/mnist.fsnn --data mnist/ --state mnist.safetensors --samples 20 -o convergence
Without --data the samples are generated; without --state the weights are the initial ones.")]
    Converge(Converge),
    /// Make, fetch, describe and draw data.
    ///
    /// `make` writes handwritten-looking digits, drawn from a seed, for trying things without a data set; `fetch`
    /// downloads known data sets; `info` says what a folder holds; `show` draws samples in the terminal. A data folder
    /// holds IDX files (as MNIST's), CSV files (train.csv, test.csv; a row a sample, the label last), NumPy archives
    /// (train.npz, test.npz with arrays x and y), CIFAR's binary batches, or event recordings (N-MNIST's folders Train
    /// and Test of *.bin, CIFAR10-DVS's folders of *.aedat), each file plain, gzip or xz.
    #[command(
        subcommand,
        after_help = "\
Examples:
  spidec data make digits/ --train 2000 --test 500
  spidec data fetch mnist mnist/
  spidec data info digits/
  spidec data show digits/ --count 3"
    )]
    Data(Data),
    /// Say which tools are found, where, which version, and how to get what is missing.
    #[command(after_help = "Example:\n  spidec doctor --json")]
    Doctor(Doctor),
    /// Install the external tools: simulator, synthesis, prover.
    ///
    /// `install` gets them by pip, without root; `download` fills a folder for a machine without network. `spidec
    /// doctor` says which are there.
    #[command(subcommand, after_help = "Example:\n  spidec tools install")]
    Tools(Tools),
    /// Format network files: columns aligned, comments and numbers as they are.
    ///
    /// Statements are indented by two, and adjacent ones of a kind align; comments behind code begin in one column;
    /// of several blank lines one stays. A call or list stays on several lines where a line break follows its
    /// opening bracket. Line ends are those of the first line. A file with syntax errors is left as it is.
    #[command(after_help = "\
Examples:
  spidec fmt net.fsnn                    rewrite the file
  spidec fmt --check *.fsnn              say what would change; exit code 1 if anything
  spidec fmt --stdout net.fsnn           print, write nothing
  spidec fmt - < net.fsnn                from standard input to standard output, for editors")]
    Fmt(Fmt),
    /// Explain codes of errors and warnings: the rule, an example, how it is mended.
    ///
    /// Codes of network files are E (errors) and W (warnings), of data D, of states S, of logs L,
    /// of golden vectors G, of what floating point cannot compute C.
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
