//! A guard against hangs: work runs on another thread and must report in time.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Tells the watchdog what is being done now.
pub struct Progress(Sender<String>);

impl Progress {
    pub fn now(&self, what: impl Into<String>) {
        // Nobody listens any more when the watchdog has given up.
        let _ = self.0.send(what.into());
    }
}

/// Runs `work`, which must name each of its steps; none may take longer than `step`.
///
/// # Panics
/// When a step takes too long (the thread is left behind) or panics; both name the step.
pub fn watch<T: Send + 'static>(step: Duration, work: impl FnOnce(&Progress) -> T + Send + 'static) -> T {
    let (sender, steps) = channel();
    let worker = thread::spawn(move || work(&Progress(sender)));
    let last = follow(&steps, step);
    worker.join().unwrap_or_else(|panic| {
        eprintln!("while: {last}");
        resume_unwind(panic)
    })
}

fn follow(steps: &Receiver<String>, step: Duration) -> String {
    let mut last = String::from("the start");
    loop {
        match steps.recv_timeout(step) {
            Ok(what) => last = what,
            Err(RecvTimeoutError::Timeout) => panic!("more than {step:?} in: {last}"),
            Err(RecvTimeoutError::Disconnected) => return last,
        }
    }
}

/// Most memory this process has held so far, in MiB; `None` where the system does not tell.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}
