//! Ctrl-C: the first asks for an end at the next good place, the second ends at once.

use crate::failure::Failure;
use crate::output::note;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of an interrupted command, as shells count it.
pub(crate) const CODE: u8 = 130;

/// Set by the first Ctrl-C: a signal reaches the process, not a caller.
static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C only asks.
pub(crate) fn catch() -> Result<(), Failure> {
    ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(CODE));
        }
        note!(
            "\nspidec: stops after the batch at hand, or the test, with a checkpoint; Ctrl-C again stops at once"
        );
    })
    .map_err(|e| Failure::Usage(format!("cannot listen for Ctrl-C: {e}")))
}

/// Whether an end was asked for.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
