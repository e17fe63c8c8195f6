//! Ctrl-C and requests to end.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::media::pending;

/// The running command ends well by itself when it is told to stop.
static ENDS_WELL: AtomicBool = AtomicBool::new(false);
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on, Ctrl-C removes unfinished files and ends the program; it only asks a command that
/// [ends well](ends_well) to stop, the first time.
pub fn watch() {
    let handler = || {
        if ENDS_WELL.load(Ordering::Relaxed) && !STOP.swap(true, Ordering::Relaxed) {
            return;
        }
        pending::remove_unfinished();
        std::process::exit(130);
    };
    // Without a handler an interrupted run leaves a temporary file, nothing worse.
    let _ = ctrlc::set_handler(handler);
}

/// Says that the command will look whether it was [`stopped`].
pub fn ends_well() {
    ENDS_WELL.store(true, Ordering::Relaxed);
}

/// Has the user asked to stop?
pub fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}
