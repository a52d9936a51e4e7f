//! The table of the codes of what floating point cannot compute.

use spidec_data::code::{CodeEntry, entry};

/// The codes of [`ConvergenceError`](super::ConvergenceError) and [`Diverged`](super::Diverged), in order.
pub const CODES: &[CodeEntry] = &[
    entry(
        "C001",
        "a network without an equilibrium that could be found",
        "What is measured is the distance from the equilibrium, so there must be one. Where recurrent weights are strong, \
     rates can swing for ever, and the equations of the stage named have no solution that the search comes to. Begin the \
     feedback projections with smaller weights, or hold them down by `max_norm`; a state must then be trained anew.",
        [
            "feedback hidden -> hidden = dense(init = normal(std = 1000), bias = false)",
            "feedback hidden -> hidden = dense(init = normal(std = 0.04), bias = false)",
        ],
    ),
    entry(
        "C002",
        "an equilibrium asked of a network that reads events",
        "An equilibrium is where rates settle under an input that stays the same in every step. Events come and go, so \
         there is none to measure the distance from. Take a network with the same layers and a constant input.",
        [
            "input retina [34, 34, 2] = events   // spidec converge",
            "input retina [34, 34, 2] = constant(scale = 1/16)",
        ],
    ),
    entry(
        "C003",
        "a training that diverged",
        "The loss is beyond a million, or it or a weight is no number, and nothing is learned from there on. The training stops, and \
         the state file stays as it was last written, from before; where only the test of an epoch shows it, it holds that \
         epoch's weights. Take a smaller rate, a smaller loss scale, or an `init` \
         of a smaller std; from a good state go on by `--from STATE`.",
        ["update = sgd(rate = 1000000)", "update = sgd(rate = 0.01)"],
    ),
    entry(
        "C004",
        "a network that does not fire, where convergence is asked for",
        "Distances from the equilibrium are in units of its norm, and where no neuron fires that is 0. Begin with weights \
         of a larger std, take a smaller v_th, or a state of a training that did not put all neurons to silence.",
        [
            "forward image -> hidden = dense(init = zeros)",
            "forward image -> hidden = dense(init = normal(std = 0.1))",
        ],
    ),
];
