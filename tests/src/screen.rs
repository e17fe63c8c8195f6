//! A screen that nobody sees.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::tools::have;

/// An X server without a device; it ends with this.
pub struct Screen {
    server: Child,
    /// Its name, such as `:7`.
    pub display: String,
}

impl Screen {
    /// `None` where there is no Xvfb.
    ///
    /// # Panics
    /// When it does not start.
    pub fn open() -> Option<Self> {
        if !have("Xvfb") {
            return None;
        }
        // It chooses a free number, and says which when it is ready.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        let out = server.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut number).expect("Xvfb says its number");
        assert!(!number.trim().is_empty(), "Xvfb does not start");
        Some(Screen { server, display: format!(":{}", number.trim()) })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Gone already, or it ends with the tests.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
