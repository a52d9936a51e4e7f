//! The shared cases come out; every change of one is seen; every damage is told.

mod damage;

use super::arrays::Array;
use super::*;
use spidec_runtime::spide::{Reading, Trainer};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of the shared cases; `None`, loudly, where it is absent. In CI that is an error.
fn shared() -> Option<PathBuf> {
    let folder =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared/golden");
    if folder.exists() {
        return Some(folder);
    }
    let why = "no ../shared/golden";
    let ci = std::env::var_os("CI").is_some();
    assert!(!ci, "in CI nothing is skipped: {why}");
    // Not by `eprintln!`: the test harness keeps that to itself while the test passes.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
    None
}

/// A shared case.
fn case(name: &str) -> Option<Case> {
    let folder = shared()?.join(name);
    Some(Case::read(&folder).unwrap_or_else(|error| panic!("{error}")))
}

/// All shared cases, in order.
fn cases() -> Vec<Case> {
    let Some(folder) = shared() else {
        return Vec::new();
    };
    let folders = std::fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert_eq!(folders.len(), 19);
    let read = |folder: &PathBuf| Case::read(folder).unwrap_or_else(|error| panic!("{error}"));
    folders.iter().map(read).collect()
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn published_numbers_come_out() {
    let cases = cases();
    let rows = cases
        .iter()
        .map(|c| (c.name().to_string(), Ok(c.run().unwrap())));
    let rows: Vec<_> = rows.collect();
    say(&table(&rows));
    for (case, (name, row)) in cases.iter().zip(rows) {
        let row: Row = row.unwrap();
        assert!(row.passes(), "{name}");
        assert_eq!(row.unread, Vec::<String>::new(), "{name}");
        for kind in Kind::ALL {
            let settings = &case.settings;
            let wanted = match kind {
                Kind::Parameters => settings.sgd.is_some(),
                Kind::Weights => case.arrays.all.keys().any(|name| name.starts_with("eff.")),
                _ => true,
            };
            assert_eq!(row.tally(kind).compared > 0, wanted, "{name} {kind:?}");
        }
        // Masks are taken of leaky neurons alone.
        assert!(
            row.masks_taken == 0 || case.settings.neuron.leaky.is_some(),
            "{name}"
        );
        let exact = name.contains("exact");
        assert_eq!(row.tally(Kind::Potentials).exact > 0, exact, "{name}");
        let rates_too = exact && !name.contains("lif");
        assert_eq!(row.tally(Kind::Gradients).exact > 0, rates_too, "{name}");
    }
}

/// The place of a number that decides: the middle one; of leaky neurons' masks one that is compared.
fn place(case: &Case, name: &str, array: &Array) -> usize {
    let middle = array.values.len() / 2;
    if !name.ends_with(".mask") || case.settings.neuron.leaky.is_none() {
        return middle;
    }
    let rates = &case.arrays.all[&name.replace(".mask", ".rate")].values;
    let compared = |&k: &usize| rates[k] < 0.99;
    (middle..rates.len())
        .chain(0..middle)
        .find(compared)
        .unwrap()
}

#[test]
fn every_changed_array_is_seen() {
    for name in [
        "s02_fc1_if_sgd",
        "s04_fc3_lif_back_lif",
        "s05_fc3_lif_back_if",
        "s06_convf_if",
        "s07_lenet_if_drop_sgd",
        "s10_wsconv_if",
        "s12_event_conv1_lif",
        "s11_event_fc2_if",
        "s16_exact_conv_pool_if",
        "s17_dropout_mixed_if",
    ] {
        let Some(original) = case(name) else { return };
        for (array, values) in &original.arrays.all {
            let mut changed = original.clone();
            let k = place(&original, array, values);
            let now = &mut changed.arrays.all.get_mut(array).unwrap().values;
            if array.contains("drop.") {
                // All of it: a neuron that is silent anyway tells nothing.
                let kept = now.iter().copied().fold(0.0, f64::max);
                now.iter_mut().for_each(|v| *v = kept - *v);
            } else if array.starts_with("param.") || array.ends_with("input") {
                // All of it: some taps of a kernel lie beside small shapes everywhere, some neurons
                // do not learn, and standardized weights do not hear of their mean.
                let all = now.iter_mut().enumerate();
                all.for_each(|(k, v)| *v += 1e-6 * (1 + k % 7) as f64);
            } else {
                now[k] = match now[k] {
                    v if array.ends_with("labels") => (v + 1.0) % 2.0,
                    v if array.ends_with("spike") || array.ends_with("mask") => 1.0 - v,
                    v => v + 1e-6,
                };
            }
            let row = changed.run().unwrap();
            assert!(
                row.first.is_some(),
                "{name}: {array} was changed, nothing differed"
            );
            assert!(!row.passes());
        }
    }
}

#[test]
fn the_first_difference_is_named() {
    let Some(mut case) = case("s16_exact_conv_pool_if") else {
        return;
    };
    let array = case.arrays.all.get_mut("fwd.l0.u_pre").unwrap();
    assert_eq!(array.shape, [32, 2, 3, 8, 8]);
    let place = (((5 * 2 + 1) * 3 + 2) * 8 + 6) * 8 + 7;
    let found = array.values[place];
    array.values[place] += 0.25;
    let first = case.run().unwrap().first.unwrap();
    let wanted = Difference {
        array: "fwd.l0.u_pre".into(),
        index: vec![5, 1, 2, 6, 7],
        found,
        wanted: found + 0.25,
    };
    assert_eq!(first, wanted);
}

#[test]
fn exact_cases_see_one_bit() {
    let all = [
        "fwd.l1.u_pre",
        "bwd.l0.u_final",
        "fwd.l0.rate",
        "bwd.l1.beta",
        "grad.s0.weight",
    ];
    for (name, arrays) in [
        ("s15_exact_fc3_if", &all[..]),
        ("s16_exact_conv_pool_if", &all[..4]),
        ("s18_exact_lif_half", &all[..2]),
    ] {
        let Some(original) = case(name) else { return };
        for array in arrays {
            let mut case = original.clone();
            let values = &mut case.arrays.all.get_mut(*array).unwrap().values;
            let k = values.iter().position(|&v| v != 0.0).unwrap();
            values[k] = f64::from_bits(values[k].to_bits() ^ 1);
            let differing = case.run().unwrap().tallies.map(|tally| tally.differing);
            assert_eq!(differing.iter().sum::<u64>(), 1, "{name} {array}");
        }
    }
}

/// Which saturated leaky neurons have mask 1 is rounding; with the other mask the case is another,
/// and its backward stage differs.
#[test]
fn masks_of_saturated_leaky_neurons_are_taken() {
    let Some(mut case) = case("s19_fc2_lif_saturated") else {
        return;
    };
    assert_eq!(case.run().unwrap().masks_taken, 6);
    let rates = case.arrays.all["fwd.l0.rate"].values.clone();
    let masks = &mut case.arrays.all.get_mut("fwd.l0.mask").unwrap().values;
    for (mask, rate) in masks.iter_mut().zip(rates) {
        if rate > 0.999 {
            *mask = 1.0 - *mask;
        }
    }
    let row = case.run().unwrap();
    assert_eq!(row.tally(Kind::Masks).differing, 0);
    assert!(row.tally(Kind::Gradients).differing > 0);
}

#[test]
fn a_restricted_norm_without_its_random_rows_comes_from_the_weights_used() {
    let Some(mut case) = case("s06_convf_if") else {
        return;
    };
    case.arrays.all.remove("norm.s2.v").unwrap();
    assert!(case.run().unwrap().passes());
    // Weights that are no multiple of the stored ones are still seen.
    case.arrays.all.get_mut("eff.s2.weight").unwrap().values[7] += 1e-6;
    assert!(!case.run().unwrap().passes());
}

#[test]
fn a_step_by_readings_is_the_step_by_samples() {
    let Some(case) = case("s07_lenet_if_drop_sgd") else {
        return;
    };
    let start = case.parameters().unwrap();
    let trainer = || Trainer::<f64>::new(&case.network, &start).unwrap();
    let (mut one, mut other) = (trainer(), trainer());
    for step in 1..=2 {
        let batch = case.batch(case::Pass::Step(step)).unwrap();
        one.step(&batch);
        let readings = batch.iter().map(|(sample, label)| {
            let spide = other.spide();
            let forward = spide.forward(sample);
            let (_, error) = spide.loss(&forward.logits, *label, batch.len());
            let backward = spide.backward(sample, &forward, &spide.rate_gradient(&error));
            Reading {
                sample: sample.clone(),
                forward,
                backward,
                error,
            }
        });
        let readings: Vec<_> = readings.collect();
        other.step_read(&readings);
        assert_eq!(one.position(), other.position());
        assert_eq!(one.spide().parameters(), other.spide().parameters());
        assert_eq!(one.buffers(), other.buffers());
    }
}

#[test]
fn exact_cases_come_out_in_fixed_point() {
    let cases = cases();
    let rows = cases
        .iter()
        .map(|c| (c.name().to_string(), c.run_fixed().unwrap()));
    let rows: Vec<_> = rows.collect();
    say(&table(&rows));
    let kinds = [
        Kind::Spikes,
        Kind::Masks,
        Kind::Potentials,
        Kind::Rates,
        Kind::Betas,
    ];
    let all_exact = |tally: Tally| tally.compared > 0 && tally.exact == tally.compared;
    for (name, row) in rows {
        match (name.as_str(), row) {
            ("s15_exact_fc3_if" | "s16_exact_conv_pool_if", Ok(row)) => {
                assert!(row.passes(), "{name}");
                assert_eq!(row.resolution, None);
                for kind in kinds {
                    assert!(all_exact(row.tally(kind)), "{kind:?}");
                }
            }
            // Its rates divide by what is no power of two, and traces of 20 steps are rounded.
            ("s18_exact_lif_half", Ok(row)) => {
                assert!(row.passes(), "{name}");
                for kind in &kinds[..3] {
                    assert!(all_exact(row.tally(*kind)), "{kind:?}");
                }
                assert!(row.resolution.unwrap() < 2e-3);
                for kind in &kinds[3..] {
                    let tally = row.tally(*kind);
                    assert!(tally.compared > 0 && tally.exact == 0, "{kind:?}");
                    assert!(tally.error > 0.0, "{kind:?}");
                }
            }
            (_, Err(why)) => assert_eq!(why.to_string(), "not executed: it is no exact case"),
            (_, Ok(_)) => panic!("{name} was executed"),
        }
    }
}

#[test]
fn fixed_point_sees_every_changed_array_that_it_reads() {
    for name in [
        "s15_exact_fc3_if",
        "s16_exact_conv_pool_if",
        "s18_exact_lif_half",
    ] {
        let Some(original) = case(name) else { return };
        let recorded = |array: &str| array.starts_with("fwd.") || array.starts_with("bwd.");
        let arrays = original.arrays.all.keys().filter(|array| recorded(array));
        for array in arrays
            .map(String::as_str)
            .chain(["input", "grad_rate", "param.s0.weight"])
        {
            let Some(values) = original.arrays.all.get(array) else {
                continue;
            };
            // Couples with mask 0 are not computed: a number of another one.
            let layer = array
                .rsplit_once('.')
                .map(|(head, _)| head.replace("bwd", "fwd"));
            let masks = layer.and_then(|layer| original.arrays.all.get(&format!("{layer}.mask")));
            let counts = |k: &usize| masks.is_none_or(|m| m.values[k % m.values.len()] != 0.0);
            let k = (0..values.values.len()).find(counts).unwrap();
            let mut case = original.clone();
            case.arrays.all.get_mut(array).unwrap().values[k] += 0.25;
            let row = case.run_fixed().unwrap().unwrap();
            assert!(!row.passes(), "{name} {array}");
        }
    }
}
