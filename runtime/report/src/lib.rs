//! Pictures of networks, trainings and arrays, and a page that holds them.
//!
//! Each picture is a function of plain data: a network, traces, a training log, counters. Nothing here
//! reads a file, runs an engine, or looks at a clock, so the same data give the same bytes.
//!
//! Pictures are SVG whose text stays text. They follow the reader's light or dark scheme, as files and
//! within the page, and tell by lightness, shape or label whatever they tell by color.

mod activity;
mod chart;
mod confusion;
mod convergence;
mod curves;
mod cycles;
mod lines;
mod log;
mod memory;
mod network;
mod page;
mod picture;
mod raster;
mod rates;
mod sample;
mod style;
mod svg;
#[cfg(test)]
mod testing;
mod verification;

pub use activity::activity;
pub use confusion::{Confusion, Mistaken, confusion};
pub use convergence::{Distances, convergence};
pub use curves::curves;
pub use cycles::{Measured, Part, StageCycles, cycles};
pub use log::{Epoch, EpochRates, ForeignLog, LOG_CODES, LogError, Window, log_is_of, parse_log};
pub use memory::{Memory, memories, memory, multipliers};
pub use network::network;
pub use page::{Content, Page, Section, Table, Term};
pub use picture::{Picture, PictureError};
pub use raster::{Stages, raster};
pub use rates::rates;
pub use sample::{pixels, sample};
pub use svg::{grouped, rounded};
pub use verification::{Compared, Verification, verification};
