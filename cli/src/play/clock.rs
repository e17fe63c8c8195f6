//! Which moment of the film it is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::audio::Voice;

/// Film time in seconds. Sound leads where it is heard; otherwise time goes on by itself.
pub struct Clock {
    state: Mutex<State>,
    voice: Option<Voice>,
}

struct State {
    at: f64,
    /// When it was `at`; `None` while the clock stands still.
    since: Option<Instant>,
}

impl Clock {
    /// A clock that stands still.
    pub fn new(voice: Option<Voice>) -> Self {
        Clock { state: Mutex::new(State { at: 0.0, since: None }), voice }
    }

    pub fn now(&self) -> f64 {
        let mut s = self.state();
        if let Some(since) = s.since {
            let heard = self.voice.as_ref().and_then(Voice::position);
            let at = heard.unwrap_or_else(|| s.at + since.elapsed().as_secs_f64());
            (s.at, s.since) = (at, Some(Instant::now()));
        }
        s.at
    }

    pub fn runs(&self) -> bool {
        self.state().since.is_some()
    }

    /// Goes to a moment and stands still there.
    pub fn set(&self, at: f64) {
        *self.state() = State { at, since: None };
        if let Some(v) = &self.voice {
            v.seek(at);
        }
    }

    pub fn start(&self) {
        self.state().since.get_or_insert_with(Instant::now);
        if let Some(v) = &self.voice {
            v.play(true);
        }
    }

    pub fn stop(&self) {
        self.now();
        self.state().since = None;
        if let Some(v) = &self.voice {
            v.play(false);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    fn stands_and_runs() {
        let c = Clock::new(None);
        c.set(5.0);
        sleep(Duration::from_millis(5));
        assert_eq!((c.now(), c.runs()), (5.0, false));
        c.start();
        sleep(Duration::from_millis(20));
        let t = c.now();
        assert!((5.02..7.0).contains(&t), "{t}");
        c.stop();
        let t = c.now();
        sleep(Duration::from_millis(5));
        assert_eq!(c.now(), t);
    }
}
