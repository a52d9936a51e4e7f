//! `cargo bench`: how fast the floating-point engine trains, against the published code.
//!
//! For each network: weights after one epoch of training on MNIST (kept in `target/tmp/bench`), then
//! batches of 128 on one thread, on two, and on one thread of each of two trainings at once, which
//! write nothing that the other reads, in turn, each several times; the median counts. The published
//! code's figures are of PyTorch 2.15 on the machine that the guide's results name; on another,
//! `examples/pytorch/time_published.py` measures it. Times of a machine that does other things too are
//! worth little.
//!
//! Arguments choose networks: `cargo bench -p spidec-tests --bench training -- dense`.

use spidec_compiler::check::{Engine, check_text};
use spidec_data::{DataError, Dataset, Split, load};
use spidec_ir::Network;
use spidec_ir::random::initial_parameters;
use spidec_runtime::spide::{Spide, Trainer};
use spidec_runtime::state::State;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

/// What is measured, and the published code's samples a second with one thread and with two.
struct Case {
    name: &'static str,
    file: &'static str,
    /// Samples trained each time.
    samples: usize,
    published: [f64; 2],
}

const CASES: [Case; 3] = [
    Case {
        name: "dense",
        file: "mnist_dense.fsnn",
        samples: 12800,
        published: [1820.0, 3108.0],
    },
    Case {
        name: "lenet",
        file: "mnist_lenet.fsnn",
        samples: 640,
        published: [43.0, 72.0],
    },
    Case {
        name: "convnet_f",
        file: "mnist_convnet_f.fsnn",
        samples: 640,
        published: [41.0, 71.0],
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let Some(folder) = spidec_tests::shared("data/mnist") else {
        return Ok(());
    };
    let data = load(&folder, Split::Train)?;
    let bandwidth = bandwidth();
    println!("this core copies {:.1} GB/s from memory", bandwidth / 1e9);
    for case in &CASES {
        if chosen.is_empty() || chosen.iter().any(|name| name == case.name) {
            measure(case, &data, bandwidth)?;
        }
    }
    Ok(())
}

fn measure(case: &Case, data: &Dataset, bandwidth: f64) -> Result<(), Box<dyn Error>> {
    let network = network(case.file)?;
    let state = trained(case, &network, data)?;
    let some = data.first(case.samples);
    println!("{}:", case.name);
    let before = state.trainer::<f32>(&network)?.spide().clone();
    let trainer = |threads| {
        let trainer = state.trainer::<f32>(&network);
        trainer.map(|trainer| trainer.with_threads(threads))
    };
    let mut rates = [const { Vec::new() }; 3];
    let mut latest = None;
    for _ in 0..TIMES {
        let ([one], seconds) = timed([trainer(1)?], &some)?;
        let (_, together) = timed([trainer(2)?], &some)?;
        let (_, apart) = timed([trainer(1)?, trainer(1)?], &some)?;
        for (rates, seconds) in rates.iter_mut().zip([seconds, together, apart / 2.0]) {
            rates.push(case.samples as f64 / seconds);
        }
        latest = Some((one, seconds));
    }
    let times_one =
        |rates: &[f64], of: &[f64]| median(rates.iter().zip(of).map(|(r, one)| r / one).collect());
    let [together, apart] = [1, 2].map(|k| times_one(&rates[k], &rates[0]));
    let [one, two, _] = rates.map(median);
    let told = |threads: usize, rate: f64| {
        let published = case.published[threads - 1];
        let times = rate / published;
        format!(
            "{threads} thread(s): {rate:.0} samples/s, {times:.1} times the published code's {published}"
        )
    };
    println!("  {}", told(1, one));
    if let Some((trainer, seconds)) = latest {
        parts(&trainer, seconds);
    }
    operations(&before, &some, one, bandwidth);
    println!("  {}, {together:.2} times one thread", told(2, two));
    println!("  two trainings at once, a thread each: {apart:.2} times one");
    Ok(())
}

/// Trainings after an epoch each, all at once, and the seconds until the last was done.
fn timed<const N: usize>(
    mut trainers: [Trainer<f32>; N],
    data: &Dataset,
) -> Result<([Trainer<f32>; N], f64), DataError> {
    let start = Instant::now();
    std::thread::scope(|scope| {
        let started = trainers
            .each_mut()
            .map(|trainer| scope.spawn(|| trainer.epoch(data, &mut |_| ControlFlow::Continue(()))));
        started
            .into_iter()
            .try_for_each(|one| one.join().expect("no panic").map(drop))
    })?;
    Ok((trainers, start.elapsed().as_secs_f64()))
}

/// How often each is measured.
const TIMES: usize = 5;

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The shares of the time.
fn parts(trainer: &Trainer<f32>, seconds: f64) {
    let spent = trainer.spent();
    let parts = [
        ("forward", spent.forward),
        ("backward", spent.backward),
        ("gradients", spent.gradients),
        ("update", spent.update),
    ];
    let share = |part: f64| 100.0 * part / seconds;
    let known: f64 = parts.iter().map(|(_, part)| part.as_secs_f64()).sum();
    let parts = parts.map(|(name, part)| format!("{name} {:.0} %", share(part.as_secs_f64())));
    println!(
        "    {}, rest {:.0} %",
        parts.join(", "),
        share(seconds - known)
    );
}

/// Synaptic operations of the forward stage, and what they would take from memory.
fn operations(spide: &Spide<f32>, data: &Dataset, rate: f64, bandwidth: f64) {
    let some = 64.min(data.len());
    let operations: u64 = (0..some)
        .map(|k| {
            let sample = spide.sample(data.sample(k).0);
            spide.synaptic_operations(&sample)
        })
        .sum();
    let each = operations as f64 / some as f64;
    let bytes = each * rate * size_of::<f32>() as f64;
    println!(
        "    {:.2} million synaptic operations a sample (forward stage), {:.2} billion a second: weights at {:.1} GB/s, {:.1} times what memory gives",
        each / 1e6,
        each * rate / 1e9,
        bytes / 1e9,
        bytes / bandwidth
    );
}

/// The state after an epoch, trained once.
fn trained(case: &Case, network: &Network, data: &Dataset) -> Result<State, Box<dyn Error>> {
    let folder = spidec_tests::root().join("target/tmp/bench");
    std::fs::create_dir_all(&folder)?;
    let path: PathBuf = folder.join(case.name);
    if let Ok(state) = State::load(network, &path)
        && state.is_of(network)
        && state.epochs == 1
    {
        return Ok(state);
    }
    println!("{}: training an epoch first", case.name);
    let initial = initial_parameters(network, network.training.seed);
    let mut trainer = Trainer::<f32>::new(network, &initial)?;
    let score = trainer.epoch(data, &mut |p| {
        if p.done % 6400 == 0 {
            println!("  {} of {} samples, loss {:.3}", p.done, p.total, p.loss);
        }
        ControlFlow::Continue(())
    })?;
    println!(
        "  accuracy as it learned {:.2} %",
        100.0 * score.correct as f64 / score.samples as f64
    );
    let state = State::of_trainer(&trainer);
    state.save(network, &path)?;
    Ok(state)
}

fn network(file: &str) -> Result<Network, Box<dyn Error>> {
    let path = spidec_tests::root().join("examples/paper").join(file);
    let text = std::fs::read_to_string(path)?;
    let result = check_text(file, &text);
    match result.require(Engine::Float) {
        Ok(checked) => Ok(checked.network.clone()),
        Err(findings) => Err(result.render(&findings, false).into()),
    }
}

/// Bytes a second that one core reads and writes, of an array that no cache holds.
fn bandwidth() -> f64 {
    let from = vec![1u64; 1 << 25];
    let mut to = vec![0u64; 1 << 25];
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        to.copy_from_slice(std::hint::black_box(&from));
        std::hint::black_box(&to);
        best = best.min(start.elapsed().as_secs_f64());
    }
    2.0 * size_of_val(from.as_slice()) as f64 / best
}
