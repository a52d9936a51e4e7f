//! `cargo figures`: prints every figure that README and docs give, and how long each takes.
//!
//! `cargo figures` lists them, `cargo figures NAME ...` prints some, `cargo figures all` all.

mod agreement;
mod gate;
mod mnist;
mod numerics;
mod speed;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

/// What a figure's function returns: any error ends it.
type Outcome = Result<(), Box<dyn Error>>;

/// Name, what it shows, about how many minutes it takes, its function.
const FIGURES: [(&str, &str, &str, fn() -> Outcome); 4] = [
    (
        "gate",
        "MNIST accuracy of the fixed-point engine, 5 epochs, seeds 1 to 4",
        "3",
        gate::print,
    ),
    (
        "agreement",
        "verify: MNIST test images with float- and fixed-trained weights, two networks",
        "2",
        agreement::print,
    ),
    (
        "numerics",
        "floating point against fixed point: rates, logits, predictions, gradients",
        "1",
        numerics::print,
    ),
    (
        "speed",
        "samples a second of the engines, cycles a second of Verilator",
        "1",
        speed::print,
    ),
];

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        for (name, what, minutes, _) in FIGURES {
            println!("{name:<10} {what} (about {minutes} min)");
        }
        println!("all        all of them");
        return ExitCode::SUCCESS;
    }
    let all = names.iter().any(|name| name == "all");
    if let Some(unknown) = names
        .iter()
        .find(|name| !all && FIGURES.iter().all(|figure| figure.0 != name.as_str()))
    {
        eprintln!("figures: there is no figure {unknown}; without a name they are listed");
        return ExitCode::from(2);
    }
    for (name, what, _, print) in FIGURES {
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
