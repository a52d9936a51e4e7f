//! The table of the codes of equilibria.

use spidec_data::code::{CodeEntry, entry};

/// The code of [`NoEquilibrium`](super::NoEquilibrium).
pub const CODES: &[CodeEntry] = &[entry(
    "C001",
    "a network without an equilibrium that could be found",
    "What is measured is the distance from the equilibrium, so there must be one. Where recurrent weights are strong, \
     rates can swing for ever, and the equations of the stage named have no solution that the search comes to. Begin the \
     feedback projections with smaller weights, or hold them down by `max_norm`; a state must then be trained anew.",
    [
        "feedback hidden -> hidden = dense(init = normal(std = 1000), bias = false)",
        "feedback hidden -> hidden = dense(init = normal(std = 0.04), bias = false)",
    ],
)];
