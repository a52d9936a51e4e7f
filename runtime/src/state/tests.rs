//! States written and read back, by both kinds of engine, and damaged in every way.

use super::*;
use crate::spide::testing::network;
use spidec_data::generated;
use spidec_ir::Number;
use spidec_ir::network::{Network, Rule, Shape};
use spidec_ir::random::initial_parameters;
use std::fs;
use std::ops::ControlFlow;

pub(super) fn float(network: &Network) -> State {
    let weights = Weights::Float {
        parameters: initial_parameters(network, 1),
        buffers: Buffers::default(),
    };
    State::new(network, weights)
}

pub(super) fn fixed(network: &Network) -> State {
    let weights = Weights::Fixed {
        parameters: float(network).fixed(network).unwrap().0,
        format: network.array.weight,
    };
    State {
        seed: u64::MAX,
        epochs: 3,
        samples: 1 << 40,
        ..State::new(network, weights)
    }
}

/// As small as networks get: for damaging.
fn tiny() -> Network {
    let mut network = network();
    network.input.shape = Shape(vec![2]);
    network.populations.truncate(1);
    network.populations[0].shape = Shape(vec![2]);
    network.projections.truncate(1);
    network.readout.source = spidec_ir::network::PopulationId(0);
    network.readout.classes = 2;
    network
}

#[test]
fn what_is_written_is_read() {
    let network = network();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("small.state");
    let mut momentum = float(&network);
    if let Weights::Float {
        parameters,
        buffers,
    } = &mut momentum.weights
    {
        buffers.first = Some(parameters.map(|w| w * 0.5));
    }
    let mut adam = momentum.clone();
    if let Weights::Float {
        parameters,
        buffers,
    } = &mut adam.weights
    {
        buffers.second = Some(parameters.map(|w| w * w));
    }
    (adam.steps, adam.within) = (7, 3);
    adam.data = Some("a hash".to_string());
    for state in [float(&network), fixed(&network), momentum, adam] {
        state.save(&network, &path).unwrap();
        assert_eq!(State::load(&network, &path).unwrap(), state);
        assert_eq!(fs::read(&path).unwrap(), state.to_bytes(&network).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}

#[test]
fn bytes_and_names_stay_what_they_are() {
    let bytes = fixed(&tiny()).to_bytes(&tiny()).unwrap();
    let header = String::from_utf8_lossy(&bytes[8..]).into_owned();
    for wanted in [
        r#"\"version\":1,\"network\":\"small\""#,
        r#"\"engine\":\"fixed\",\"seed\":18446744073709551615,\"epochs\":3,\"samples\":1099511627776,\"tensors_sha256\":\""#,
        r#"\",\"weight\":{\"bits\":12,\"frac\":9}"#,
        r#""image->a/weight":{"dtype":"I32","shape":[2,2]"#,
        r#""image->a/bias":{"dtype":"I32","shape":[2]"#,
        r#""digit/weight":{"dtype":"I32","shape":[2,2]"#,
    ] {
        assert!(header.contains(wanted), "{wanted} not in {header}");
    }
}

#[test]
fn a_state_is_known_by_how_it_begins() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    assert!(!State::is_at(&path));
    for state in [float(&tiny()), fixed(&tiny())] {
        state.save(&tiny(), &path).unwrap();
        assert!(State::is_at(&path));
    }
    for other in [
        &b""[..],
        b"spidec 1\nnetwork n {\n}\n it is none, though long",
    ] {
        fs::write(&path, other).unwrap();
        assert!(!State::is_at(&path));
    }
}

#[test]
fn epochs_have_an_end() {
    for (epochs, fits) in [
        (MAX_EPOCHS, true),
        (MAX_EPOCHS + 1, false),
        (u32::MAX, false),
    ] {
        let state = State {
            epochs,
            ..fixed(&tiny())
        };
        let read = State::from_bytes(&tiny(), &state.to_bytes(&tiny()).unwrap());
        assert_eq!(read.is_ok(), fits, "{epochs}");
    }
}

#[test]
fn each_engine_reads_the_others_state() {
    let network = network();
    let (float, fixed) = (float(&network), fixed(&network));
    let unit = network.array.weight.unit();
    for (real, integers) in [(&fixed, &fixed), (&float, &fixed)] {
        assert_eq!(
            real.fixed(&network).unwrap(),
            integers.fixed(&network).unwrap()
        );
    }
    let real = fixed.float(&network);
    for (l, f) in real.layers().zip(float.float(&network).layers()) {
        for (w, exact) in l.weight.iter().zip(&f.weight) {
            assert!((w - exact).abs() <= 0.5 / unit);
        }
    }
    // Another format: a finer one holds the same numbers, too narrow a one is an error with its place.
    let mut finer = network.clone();
    finer.array.weight.bits = 16;
    finer.array.weight.frac = 12;
    let finer_weights = fixed.fixed(&finer).unwrap().0;
    assert_eq!(
        finer_weights,
        fixed.fixed(&network).unwrap().0.map(|w| w * 8)
    );
    let mut narrow = network.clone();
    narrow.array.weight.bits = 8;
    let error = fixed.fixed(&narrow).unwrap_err().to_string();
    assert!(
        error.contains("weights do not fit") && error.contains("image -> a, weight["),
        "{error}"
    );
    assert!(fixed.is_of(&network) && !fixed.is_of(&narrow));
}

#[test]
fn a_resumed_training_is_the_same_training() {
    for (momentum, batch) in [(0.0, 1), (0.9, 1), (0.9, 4)] {
        let mut network = network();
        network.training.update.rule = Rule::Sgd {
            momentum: Number::from(momentum),
        };
        network.training.update.batch = batch;
        let data = generated(&network, 61, 1);
        let start = float(&network);
        let mut straight: Trainer<f32> = start.trainer(&network).unwrap();
        let mut resumed: Trainer<f32> = start.trainer(&network).unwrap();
        for _ in 0..3 {
            straight
                .epoch(&data, &mut |_| ControlFlow::Continue(()))
                .unwrap();
            resumed
                .epoch(&data, &mut |_| ControlFlow::Continue(()))
                .unwrap();
            let bytes = State::of_trainer(&resumed).to_bytes(&network).unwrap();
            resumed = State::from_bytes(&network, &bytes)
                .unwrap()
                .trainer(&network)
                .unwrap();
        }
        assert_eq!(State::of_trainer(&straight), State::of_trainer(&resumed));
        assert_ne!(straight.spide().parameters(), start.float(&network));
        let position = resumed.position();
        assert_eq!((position.epochs, position.samples), (3, 183));
    }
}

#[test]
fn a_state_of_another_network_is_told_by_tensor() {
    let network = network();
    let bytes = float(&network).to_bytes(&network).unwrap();
    let message = |network: &Network| State::from_bytes(network, &bytes).unwrap_err().to_string();

    let mut wider = network.clone();
    wider.populations[1].shape = Shape(vec![9]);
    assert_eq!(
        message(&wider),
        "tensor a->b/weight has shape [7, 8], the network needs [9, 8]: network small was changed since this state was \
         trained; change it back, or train again"
    );
    let mut more = network.clone();
    more.projections.push(network.projections[8].clone());
    more.name = "more".into();
    assert_eq!(
        message(&more),
        "has no tensor b->a#2/weight of shape [8, 7]: the state is of network small, not of more; name the file of \
         network small, or train again"
    );
    let mut fewer = network.clone();
    fewer.readout.bias = false;
    assert_eq!(
        message(&fewer),
        "has a tensor digit/bias of shape [3], for which network small has no layer: network small was changed since \
         this state was trained; change it back, or train again"
    );
    assert!(float(&wider).to_bytes(&network).is_err());
}

#[test]
fn impossible_values_versions_and_files_are_told() {
    let network = tiny();
    let change = |state: State, from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let mut bytes = state.to_bytes(&network).unwrap();
        let found = bytes.windows(from.len()).position(|w| w == from.as_bytes());
        let at = found.unwrap_or_else(|| panic!("no {from}"));
        bytes[at..][..to.len()].copy_from_slice(to.as_bytes());
        State::from_bytes(&network, &bytes).unwrap_err().to_string()
    };
    let found = change(fixed(&network), r#"\"version\":1"#, r#"\"version\":7"#);
    assert!(
        found.contains("state format 7, this program reads 1"),
        "{found}"
    );
    let found = change(fixed(&network), r#"\"bits\":12"#, r#"\"bits\":3 "#);
    assert!(
        found.contains("outside the weight format that the state names"),
        "{found}"
    );
    let found = change(fixed(&network), r#"\"bits\":12"#, r#"\"bits\":99"#);
    assert!(found.contains("weight format"), "{found}");
    let found = change(fixed(&network), r#"{"spidec""#, r#"{"other!""#);
    assert!(found.contains("no state of spidec"), "{found}");
    let found = change(float(&network), r#"\"float\""#, r#"\"fixed\""#);
    assert!(
        found.contains("weight format None of engine Fixed"),
        "{found}"
    );

    let mut nan = float(&network);
    if let Weights::Float { parameters, .. } = &mut nan.weights {
        parameters.readout.weight[3] = f64::NAN;
    }
    let error = State::from_bytes(&network, &nan.to_bytes(&network).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor digit/weight holds NaN at 3: not a finite number"
    );

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long.state");
    fs::write(&path, vec![0; 3 << 20]).unwrap();
    let error = State::load(&network, &path).unwrap_err().to_string();
    assert!(
        error.contains("long.state")
            && error.contains("longer than")
            && error.ends_with(
                "of a larger network or no state; name that network's file, or train again"
            ),
        "{error}"
    );
    let error = State::load(&network, directory.path())
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot be read"), "{error}");
    let error = float(&network)
        .save(&network, directory.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("what was there before is unchanged"),
        "{error}"
    );
}

#[test]
fn every_prefix_and_every_changed_byte() {
    let network = tiny();
    for state in [float(&network), fixed(&network)] {
        let whole = state.to_bytes(&network).unwrap();
        let mut read = 0;
        for length in 0..whole.len() {
            let error = State::from_bytes(&network, &whole[..length]).unwrap_err();
            assert!(error.code().starts_with('S'), "{error}");
        }
        for k in 0..whole.len() {
            for change in 1..=255u8 {
                let mut bytes = whole.clone();
                bytes[k] ^= change;
                match State::from_bytes(&network, &bytes) {
                    Ok(found) => read += usize::from(found != state),
                    Err(error) => assert!(error.code().starts_with('S'), "{error}"),
                }
            }
        }
        assert!(read > 1000, "changed weights are read as they are: {read}");
    }
}
