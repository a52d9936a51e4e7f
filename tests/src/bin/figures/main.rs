//! `cargo figures`: prints every figure that README and docs give, and how long each takes.
//!
//! `cargo figures` lists them, `cargo figures NAME ...` prints some, `cargo figures all` all.

mod agreement;
mod cycles;
mod gate;
mod learning;
mod mnist;
mod numerics;
mod published;
mod speed;
mod synthesis;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

/// What a figure's function returns: any error ends it.
type Outcome = Result<(), Box<dyn Error>>;

/// One entry of the list.
struct Figure {
    name: &'static str,
    what: &'static str,
    /// About how long it takes.
    minutes: u32,
    print: fn() -> Outcome,
}

const FIGURES: [Figure; 14] = [
    Figure {
        name: "gate",
        what: "MNIST accuracy of the integer engines, two networks, seeds 1 to 4",
        minutes: 12,
        print: gate::print,
    },
    Figure {
        name: "agreement",
        what: "verify: MNIST test images with float- and fixed-trained weights, two networks",
        minutes: 1,
        print: agreement::print,
    },
    Figure {
        name: "learning",
        what: "verify --train: networks, losses, frozen layers, lanes; an epoch of 2,000 samples in Verilog",
        minutes: 5,
        print: learning::print,
    },
    Figure {
        name: "cycles",
        what: "where the cycles of a training sample go, after one epoch and after three",
        minutes: 2,
        print: cycles::print,
    },
    Figure {
        name: "numerics",
        what: "floating point against fixed point: rates, logits, predictions, gradients",
        minutes: 1,
        print: numerics::print,
    },
    Figure {
        name: "dense",
        what: "MNIST accuracy in floating point: 784-400(fb)-10 with the published hyperparameters, with and without quirks, seeds 1 to 3",
        minutes: 10,
        print: published::dense,
    },
    Figure {
        name: "lenet",
        what: "MNIST accuracy in floating point: 15C5-P2-40C5-P2-300 with the published hyperparameters, 60 epochs, seed 1",
        minutes: 60,
        print: published::lenet,
    },
    Figure {
        name: "convnet",
        what: "MNIST accuracy in floating point: ConvNet-F in 16 epochs, seed 1",
        minutes: 45,
        print: published::convnet,
    },
    Figure {
        name: "cifar10",
        what: "CIFAR-10 accuracy in floating point: AlexNet-F, 4 epochs of 10,000 training images, seed 1",
        minutes: 65,
        print: published::cifar10,
    },
    Figure {
        name: "nmnist",
        what: "N-MNIST accuracy in floating point: 1,000 recordings, leaky neurons, seed 1",
        minutes: 4,
        print: published::nmnist,
    },
    Figure {
        name: "memory",
        what: "peak memory of training AlexNet-F with batches of 128",
        minutes: 1,
        print: published::memory,
    },
    Figure {
        name: "speed",
        what: "samples a second of the engines, cycles a second of Verilator",
        minutes: 1,
        print: speed::print,
    },
    Figure {
        name: "cells",
        what: "cells of both builds for ECP5 and Xilinx at 240 and 480 neurons, by module",
        minutes: 15,
        print: synthesis::cells_of_both,
    },
    Figure {
        name: "placement",
        what: "both builds placed and routed on an LFE5U-85F: frequency and resources",
        minutes: 60,
        print: synthesis::placement,
    },
];

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        for Figure {
            name,
            what,
            minutes,
            ..
        } in FIGURES
        {
            println!("{name:<10} {what} (about {minutes} min)");
        }
        println!("all        all of them");
        return ExitCode::SUCCESS;
    }
    let all = names.iter().any(|name| name == "all");
    if let Some(unknown) = names
        .iter()
        .find(|name| !all && FIGURES.iter().all(|figure| figure.name != name.as_str()))
    {
        eprintln!("figures: there is no figure {unknown}; without a name they are listed");
        return ExitCode::from(2);
    }
    for Figure {
        name, what, print, ..
    } in FIGURES
    {
        if !all && !names.iter().any(|n| n == name) {
            continue;
        }
        println!("# {name}: {what}");
        let start = Instant::now();
        if let Err(error) = print() {
            eprintln!("figures: {name}: {error}");
            return ExitCode::FAILURE;
        }
        println!("({:.0} s)\n", start.elapsed().as_secs_f64());
    }
    ExitCode::SUCCESS
}
