//! Progress on standard error, when that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// Counts frames; a bar when their number is known.
pub struct Progress(ProgressBar);

impl Progress {
    pub fn new(what: &str, frames: Option<u64>) -> Self {
        // indicatif draws nothing when standard error is not a terminal.
        let bar = frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = match frames {
            Some(_) => "{msg} {wide_bar} {pos}/{len} frames, {per_sec}, {eta} left",
            None => "{msg} {spinner} {pos} frames, {per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_string());
        Progress(bar)
    }

    pub fn frame(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
