//! The cells of the RTL, each alone in a bench of its own, against the number contract; and planted
//! faults, each of which the bench must find.

mod divider;
mod harness;
mod lane;
mod loss;
mod noise;
mod permuter;
mod update;
mod weights;
