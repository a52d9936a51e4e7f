//! Both spiking stages against the plain reading of the equations.

use super::super::testing::network;
use super::super::*;
use super::networks::{cases, constant, shapes};
use super::plain::{History, Plain, Stage};
use super::{input, parameters};

fn spikes(trace: &StageTrace<f64>) -> History {
    let step = |step: &Vec<PopulationStep<f64>>| step.iter().map(|p| p.spikes.clone()).collect();
    trace.iter().map(step).collect()
}

fn same_rates(found: &[Vec<f64>], wanted: &Stage) -> bool {
    let pairs = found.iter().flatten().zip(wanted.rates.iter().flatten());
    let mut all = pairs.map(|(found, wanted)| (found - wanted).abs() < 1e-12);
    all.all(|same| same)
}

/// How many spikes of each population.
fn counts(history: &History) -> Vec<usize> {
    let fired = |p: usize| {
        history
            .iter()
            .flat_map(move |step| &step[p])
            .filter(|&&s| s != 0)
    };
    (0..history[0].len()).map(|p| fired(p).count()).collect()
}

/// Runs both, compares, and counts each stage's spikes by population.
fn compared(
    network: &Network,
    p: &FloatParameters,
    (frames, dropout): (&[Vec<f64>], &[Vec<f64>]),
    sample: &Sample<f64>,
    seed: u64,
) -> [Vec<usize>; 2] {
    let (spide, plain) = (Spide::new(network, p).unwrap(), Plain::new(network, p));
    let readers = network.population(network.readout.source).shape.size();
    let g: Vec<f64> = input(seed + 100, readers).iter().map(|v| v - 1.0).collect();
    let (stage, forward) = spide.forward_traced(sample);
    let (back, backward) = spide.backward_traced(sample, &stage, &g);
    assert_eq!(stage, spide.forward(sample));
    assert_eq!(back, spide.backward(sample, &stage, &g));
    let wanted = plain.forward(frames, dropout);
    assert_eq!(spikes(&forward), wanted.spikes, "forward, seed {seed}");
    assert!(same_rates(&stage.rates, &wanted), "rates, seed {seed}");
    for (p, masks) in stage.masks.iter().enumerate() {
        let plain = (0..masks.len()).map(|i| wanted.mask(p, i) == 1.0);
        assert!(plain.eq(masks.iter().copied()), "masks, seed {seed}");
    }
    let wanted_back = plain.backward(&wanted, &g, dropout);
    assert_eq!(
        spikes(&backward),
        wanted_back.spikes,
        "backward, seed {seed}"
    );
    assert!(same_rates(&back.rates, &wanted_back), "betas, seed {seed}");
    let (forward, backward) = (counts(&wanted.spikes), counts(&wanted_back.spikes));
    let all: Vec<u64> = backward.iter().map(|&count| count as u64).collect();
    assert_eq!(back.spikes, all, "seed {seed}");
    [forward, backward]
}

#[test]
fn any_graph_follows_the_equations() {
    let mut fired = [0, 0];
    for seed in 0..20 {
        let mut network = network();
        network.readout.source = PopulationId((seed % 3) as u32);
        let p = parameters(&network, seed);
        let frames = vec![input(seed, 12); network.training.forward.steps as usize];
        let sample = Sample::constant(frames[0].clone());
        let counts = compared(&network, &p, (&frames, &[]), &sample, seed);
        for (sum, counts) in fired.iter_mut().zip(counts) {
            *sum += counts.iter().sum::<usize>();
        }
    }
    assert!(fired[0] > 1000 && fired[1] > 1000, "{fired:?}");
}

#[test]
fn every_layer_follows_the_equations() {
    for seed in 0..4 {
        for case in cases(seed)
            .into_iter()
            .chain([constant("shapes", shapes(), seed)])
        {
            let p = parameters(&case.network, seed);
            let given = (case.frames.as_slice(), case.dropout.as_slice());
            let [forward, backward] = compared(&case.network, &p, given, &case.sample(), seed);
            println!("{}, seed {seed}: {forward:?} {backward:?}", case.name);
            assert!(forward.iter().all(|&n| n > 0), "{}: {forward:?}", case.name);
            let fed = backward.iter().filter(|&&n| n > 0).count();
            assert!(fed >= 3, "{}: {backward:?}", case.name);
        }
    }
}
