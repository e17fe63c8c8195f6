//! Progress: on standard error when that is a terminal, as JSON for programs.

use std::cell::Cell;
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use serde_json::json;

/// From one line of JSON to the next.
const INTERVAL: Duration = Duration::from_secs(1);

/// Counts frames; a bar when their number is known.
pub struct Progress {
    bar: ProgressBar,
    /// When JSON was written last, if it is to be written.
    json: Cell<Option<Instant>>,
    started: Instant,
    frames: Option<u64>,
    done: Cell<u64>,
}

impl Progress {
    pub fn new(what: &str, frames: Option<u64>) -> Self {
        // indicatif draws nothing when standard error is not a terminal.
        let bar = frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = match frames {
            Some(_) => "{msg} {wide_bar} {pos}/{len} frames, {per_sec}, {eta} left{prefix}",
            None => "{msg} {spinner} {pos} frames, {per_sec}{prefix}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_string());
        Progress { bar, json: Cell::new(None), started: Instant::now(), frames, done: Cell::new(0) }
    }

    /// Also writes a line of JSON to standard output every second.
    pub fn with_json(self, json: bool) -> Self {
        self.json.set(json.then(Instant::now));
        self
    }

    pub fn frame(&self) {
        self.done.set(self.done.get() + 1);
        self.bar.inc(1);
    }

    /// A frame, and the bytes that all frames have so far.
    pub fn coded(&self, bytes: u64) {
        self.frame();
        let done = self.done.get();
        let size = self.frames.map(|n| bytes as f64 * n.max(done) as f64 / done as f64);
        if !self.bar.is_hidden() {
            let text = match size {
                Some(size) => format!(", about {}", HumanBytes(size as u64)),
                None => format!(", {}", HumanBytes(bytes)),
            };
            self.bar.set_prefix(text);
        }
        if self.json.get().is_some_and(|last| last.elapsed() >= INTERVAL) {
            self.json.set(Some(Instant::now()));
            let fps = done as f64 / self.started.elapsed().as_secs_f64().max(1e-9);
            let line = json!({
                "event": "progress",
                "frame": done,
                "frames": self.frames,
                "fps": fps,
                "eta_seconds": self.frames.map(|n| n.saturating_sub(done) as f64 / fps),
                "bytes": bytes,
                "projected_bytes": size.map(|s| s as u64),
            });
            // The summary will tell whether standard output is closed.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
