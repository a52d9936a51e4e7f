//! A dense layer's sums against a sum event by event, to the bit, and where its weights lie.

use super::super::events::{Events, Places, add_events};
use super::super::linear::{Blocks, LANES};
use super::super::testing::network;
use super::super::vector::{AT_ONCE, NEAR, scatter_dense};
use super::super::{Real, Trainer};
use super::parameters;
use spidec_data::generated;
use spidec_ir::network::Shape;
use spidec_ir::random::hash;
use std::ops::ControlFlow;

/// What a sample's sources send: nothing, little, much, everything.
const DENSITIES: [u64; 4] = [0, 3, 40, 100];

/// Sums of some samples, by [`scatter_dense`] and one after the other.
fn both<F: Real>(sources: usize, width: usize, samples: usize, ones: bool) -> [Vec<F>; 2] {
    let random = |what: u64, k: usize| hash(&[what, k as u64, sources as u64, width as u64]);
    let number = |what, k| F::of((random(what, k) % 2001) as f64 / 997.0 - 1.0);
    let blocks = Blocks::new(sources, width);
    let mut weights = vec![F::ZERO; blocks.len()];
    let mut sums: Vec<F> = (0..width * samples).map(|k| number(0, k)).collect();
    let mut wanted = sums.clone();
    for (row, column) in (0..sources).flat_map(|r| (0..width).map(move |c| (r, c))) {
        weights[blocks.index(row, column)] = number(1, row * width + column);
    }
    let mut events = Events::new(Places::default());
    events.hold_ones(ones);
    for sample in 0..samples {
        let density = DENSITIES[random(2, sample) as usize % DENSITIES.len()];
        let value = |k: usize| match random(3, sample * sources + k) % 100 < density {
            false => F::ZERO,
            true if ones => F::ONE,
            true => F::of(0.5) + number(4, k) * number(4, k),
        };
        let values: Vec<F> = (0..sources).map(value).collect();
        events.push(|list| add_events(list, &values));
        let sums = &mut wanted[sample * width..][..width];
        for (row, &value) in values.iter().enumerate().filter(|(_, v)| **v != F::ZERO) {
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum += weights[blocks.index(row, column)] * value;
            }
        }
    }
    scatter_dense(&mut sums, &weights, &blocks, &events);
    [sums, wanted]
}

#[test]
fn dense_sums_run_event_by_event_whatever_is_read_together() {
    // Up to two parts and a bit of a block's rows, in either width of numbers.
    let parts = [size_of::<f32>(), size_of::<f64>()].map(|bytes| NEAR / (LANES * bytes));
    let around = |part: usize| [part - 1, part, part + 1, 2 * part, 2 * part + 9];
    for sources in [0, 1].into_iter().chain(parts.into_iter().flat_map(around)) {
        for width in [1, LANES - 1, LANES, LANES + 1, 2 * LANES] {
            for samples in [1, 2, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE + 1] {
                for ones in [false, true] {
                    let what = format!("{sources} to {width}, {samples} samples, {ones}");
                    let [found, wanted] = both::<f32>(sources, width, samples, ones);
                    assert_eq!(found, wanted, "{what}");
                    let [found, wanted] = both::<f64>(sources, width, samples, ones);
                    assert_eq!(found, wanted, "{what}");
                }
            }
        }
    }
}

#[test]
#[should_panic(expected = "events of sources")]
fn an_event_of_no_source_is_not_lost() {
    let blocks = Blocks::new(3, 2);
    let mut events = Events::new(Places::default());
    events.push(|list| list.push((3, 1.0)));
    scatter_dense(&mut [0.0; 2], &vec![0.0; blocks.len()], &blocks, &events);
}

/// Layers of more neurons than a block, on both sides, before and after training.
#[test]
fn every_weight_lies_both_ways_where_it_is_looked_for() {
    let mut network = network();
    network.populations[0].shape = Shape(vec![170]);
    network.populations[1].shape = Shape(vec![100]);
    let start = parameters(&network, 3);
    let data = generated(&network, 8, 3);
    let from_a_to_b = 2;
    // A single sample changes weights where they lie, a batch has them laid out anew.
    for (batch, trained) in [(4, false), (4, true), (1, true)] {
        network.training.update.batch = batch;
        let mut trainer = Trainer::<f64>::new(&network, &start).unwrap();
        if trained {
            let go_on = &mut |_| ControlFlow::Continue(());
            trainer.epoch(&data, go_on).unwrap();
        }
        let spide = trainer.spide();
        let stored = spide.parameters();
        assert_eq!(trained, stored != start);
        for (k, layer) in stored.layers().enumerate() {
            assert_eq!(spide.used_weights(k), layer.weight, "layer {k}");
        }
        for (b, wanted) in stored.projections[from_a_to_b]
            .weight
            .chunks(170)
            .enumerate()
        {
            let mut only = vec![0.0; 100];
            only[b] = 1.0;
            let mut sum = vec![0.0; 170];
            spide.linear(from_a_to_b).backward_of(&mut sum, &only);
            assert_eq!(sum, wanted, "to {b}");
        }
    }
}
