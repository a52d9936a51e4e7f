//! Progress on standard error, where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` steps. It hides itself where standard error is no terminal.
pub(crate) fn bar(total: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    let style = "{msg} {wide_bar} {pos}/{len}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message(what.to_string());
    bar
}

/// Moves a bar at every `n`th of the steps, counted from 1, that it is told of.
pub(crate) fn every(n: usize, bar: &ProgressBar) -> impl FnMut(usize) {
    move |done| {
        if done % n == 0 {
            bar.set_position(done as u64);
        }
    }
}
