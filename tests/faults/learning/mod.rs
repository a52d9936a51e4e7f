//! Faults of learning: in the RTL that an inference build does not have, in lowering, in fixed point, in
//! what a training starts from, in compared values.

mod edited;
mod rtl;
mod software;
mod state;

use crate::{project_of, samples, verify};
use rtlsim::Engine;
use spidec_compiler::lower::Purpose;
use spidec_ir::network::Network;
use spidec_tests::activity::{TrainingActivity, Witness};
use spidec_tests::case::{Case, small_weights};

/// [`crate::TEXT`] with a training in which everything happens that a fault could change.
fn text(loss: &str) -> String {
    let stage = "backward_stage = stage(steps = 6, v_th = 1/2)\n";
    let training = format!("{stage}  loss   = {loss}\n  update = sgd(rate = 2)\n  seed   = 77\n");
    let membrane = "membrane = fixed(bits = 9, frac = 5)\n";
    let formats = format!("{membrane}  error    = fixed(bits = 6, frac = 3)\n");
    let text = crate::TEXT.replace(stage, &training);
    text.replace(membrane, &formats)
}

/// Errors so coarse that some samples have none and some are too small for a couple to fire.
const COARSE: &str = "spidec 1
network bench {
  input      x [6] = constant(scale = 1/16)
  population a [7] = if
  population c [5] = if
  readout    y [5] = linear(from = c)
  forward  x -> a = dense
  forward  a -> c = dense
  feedback c -> a = dense
}
training {
  forward_stage  = stage(steps = 12, v_th = 1/2, u_rest = -1/4)
  backward_stage = stage(steps = 6, v_th = 1)
  loss   = cross_entropy(scale = 16)
  update = sgd(rate = 1)
}
array {
  lanes    = 4
  weight   = fixed(bits = 6, frac = 3)
  membrane = fixed(bits = 16, frac = 5)
  error    = fixed(bits = 4, frac = 2)
}
";

fn case(text: &str, seed: u64) -> Case {
    let parameters = |network: &Network| small_weights(network, seed);
    Case::new(text, Purpose::Learning, parameters, samples(10))
}

/// The network, without a fault, of weights with which everything happens.
pub fn bench() -> Case {
    case(&text("cross_entropy(scale = 4)"), 44)
}

/// With the mean squared error: some of them are clamped, some lie halfway between two numbers.
pub fn squared() -> Case {
    case(&text("mean_squared_error(scale = 4)"), 2158)
}

/// With samples that end early.
fn coarse() -> Case {
    case(COARSE, 1829)
}

fn activity(case: &Case) -> TrainingActivity {
    let mut activity = TrainingActivity::default();
    activity.add(case, &Witness::of(case));
    activity
}

#[test]
fn without_a_fault_all_of_them_pass_and_there_is_something_to_catch() {
    let cases = [bench(), squared(), coarse()];
    for case in &cases[..2] {
        let activity = activity(case);
        let TrainingActivity {
            positive,
            negative,
            ties,
            backward_clamps,
            weight_clamps,
            masks,
            ..
        } = activity;
        let all = [positive, negative, ties, backward_clamps, weight_clamps];
        assert!(all.iter().chain(&masks).all(|&n| n > 2), "{activity:?}");
    }
    let early = activity(&cases[2]);
    assert!(early.without_error > 0 && early.silent > 0, "{early:?}");

    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    for case in &cases {
        let report = verify(case, &project_of(case), &tools).expect("runs");
        assert!(
            report.passed(),
            "{:?} {:?}",
            report.comparison.first,
            report.vacuous()
        );
    }
}

#[test]
fn a_training_in_which_nothing_is_learned_fails_as_vacuous() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    // So small a loss that every error is rounded to zero.
    let case = case(&text("cross_entropy(scale = 1/32)"), 44);
    let report = verify(&case, &project_of(&case), &tools).expect("runs");
    assert_eq!(report.comparison.mismatches(), 0);
    assert!(!report.passed());
    let missing = report.vacuous().join(", ");
    for what in [
        "no backward spike of 1",
        "no backward spike of -1",
        "no weight of",
    ] {
        assert!(missing.contains(what), "{missing}");
    }
}
