//! How many threads compute.

use crate::failure::{Failure, usage};

/// The most that may be asked for.
const MOST: u32 = 1024;

/// Reads the option: a number of threads.
pub(crate) fn parser() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::<usize>::new().range(1..=u64::from(MOST))
}

/// Computes with so many from now on, or with one a core; results do not depend on it.
pub(crate) fn set(threads: Option<usize>) -> Result<(), Failure> {
    let Some(threads) = threads else {
        return Ok(());
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let error = |e| usage(format!("cannot start {threads} threads: {e}"));
    pool.build_global().map_err(error)
}
