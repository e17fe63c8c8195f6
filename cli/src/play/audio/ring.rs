//! Samples between the decoder of sound and the system, and what moment of the film is heard.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds of sound decoded ahead, if the system does not ask for more at once.
const AHEAD: f64 = 0.5;

/// The shared end of a [`Ring`].
#[derive(Clone)]
pub struct Voice(Arc<(Mutex<Ring>, Condvar)>);

impl Voice {
    pub fn new(rate: u32, channels: usize) -> Self {
        let ring = Ring {
            samples: VecDeque::new(),
            rate,
            channels: channels.max(1),
            most: 0.0,
            start: 0.0,
            landed: 0.0,
            held: None,
            heard: None,
            plays: false,
            jump: None,
            ended: false,
            failed: false,
            quit: false,
        };
        Voice(Arc::new((Mutex::new(ring), Condvar::new())))
    }

    pub fn with<T>(&self, f: impl FnOnce(&mut Ring) -> T) -> T {
        let result = f(&mut self.0.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.1.notify_all();
        result
    }

    /// Waits until sound is needed: gives the moment to jump to, if it is elsewhere; `None` at the end of the program.
    pub fn wait(&self) -> Option<Option<f64>> {
        let full =
            |r: &mut Ring| !r.quit && r.jump.is_none() && (r.ended || r.ahead() >= AHEAD.max(2.0 * r.most));
        let lock = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = self.0.1.wait_while(lock, full).unwrap_or_else(PoisonError::into_inner);
        if ring.quit { None } else { Some(ring.jump.take()) }
    }

    /// The moment of the film that is heard; `None` where there is no sound.
    pub fn position(&self) -> Option<f64> {
        self.with(|r| r.position(Instant::now()))
    }

    /// Goes to a moment and is silent there.
    pub fn seek(&self, at: f64) {
        self.with(|r| {
            r.samples.clear();
            (r.start, r.landed, r.heard, r.jump) = (at, at, None, Some(at));
            (r.plays, r.ended, r.held) = (false, false, None);
        });
    }

    pub fn play(&self, on: bool) {
        self.with(|r| r.play(on));
    }

    pub fn quit(&self) {
        self.with(|r| r.quit = true);
    }
}

pub struct Ring {
    /// Of all channels in turn.
    samples: VecDeque<f32>,
    pub rate: u32,
    pub channels: usize,
    /// The most seconds that were asked for at once.
    most: f64,
    /// Moment of the first sample.
    start: f64,
    /// Nothing before this moment has been played since the last jump.
    landed: f64,
    /// What was heard when it was last stopped. What the system had already been given is heard without a picture; at the
    /// start time goes on from here until new sound is heard.
    held: Option<f64>,
    /// When a moment is to be heard, from the last time that samples were given.
    heard: Option<(Instant, f64)>,
    plays: bool,
    jump: Option<f64>,
    ended: bool,
    failed: bool,
    quit: bool,
}

impl Ring {
    /// Seconds of sound in it.
    fn ahead(&self) -> f64 {
        self.seconds(self.samples.len())
    }

    fn seconds(&self, samples: usize) -> f64 {
        samples as f64 / self.channels as f64 / f64::from(self.rate)
    }

    /// Fills `out`, with silence where there is no sound; it is heard after `latency`.
    pub fn give(&mut self, out: &mut [f32], latency: Duration) {
        self.most = self.most.max(self.seconds(out.len()));
        if !self.plays {
            self.heard = None;
            return;
        }
        let n = out.len().min(self.samples.len());
        if n > 0 {
            self.heard = Some((Instant::now() + latency, self.start));
        }
        out.iter_mut().zip(self.samples.drain(..n)).for_each(|(o, s)| *o = s);
        self.start += self.seconds(n);
    }

    fn play(&mut self, on: bool) {
        if self.plays && !on {
            self.held = self.position(Instant::now());
        }
        self.plays = on;
    }

    fn position(&self, now: Instant) -> Option<f64> {
        if self.failed || !self.plays {
            return None;
        }
        let Some((when, moment)) = self.heard else {
            // Sound has still to come, or there is none from here on.
            let still = self.held.unwrap_or(self.start);
            return (!self.ended || !self.samples.is_empty()).then_some(still);
        };
        let passed = match now.checked_duration_since(when) {
            Some(after) => after.as_secs_f64(),
            None => -when.duration_since(now).as_secs_f64(),
        };
        let at = (moment + passed).max(self.landed);
        if at < self.start {
            return Some(at);
        }
        (!self.ended || !self.samples.is_empty()).then_some(self.start)
    }

    /// Adds sound that starts at `moment`; what has passed already is left out.
    pub fn put(&mut self, moment: f64, samples: &[f32]) {
        if self.jump.is_some() {
            return;
        }
        let end = self.start + self.ahead();
        let frames = ((end - moment) * f64::from(self.rate)).round();
        // Sound that starts later than the film does, or has a gap: silence.
        if frames < 0.0 {
            let most = f64::from(self.rate) * 10.0;
            let silence = (-frames).min(most) as usize * self.channels;
            // Rounding of time stamps is no gap.
            if -frames > f64::from(self.rate) * 0.02 {
                self.samples.extend(std::iter::repeat_n(0.0, silence));
            }
            self.samples.extend(samples);
            return;
        }
        let passed = if frames > f64::from(self.rate) * 0.02 { frames as usize * self.channels } else { 0 };
        self.samples.extend(samples.iter().skip(passed));
    }

    pub fn end(&mut self) {
        self.ended = self.jump.is_none();
    }

    pub fn fail(&mut self) {
        self.failed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_is_the_time() {
        let v = Voice::new(1000, 2);
        v.seek(3.0);
        assert_eq!(v.wait(), Some(Some(3.0)));
        // Half of it lies before the place jumped to.
        v.with(|r| r.put(2.9, &[0.5; 400]));
        v.play(true);
        assert_eq!(v.position(), Some(3.0), "sound has still to come out");
        let mut out = [0.0; 100];
        v.with(|r| r.give(&mut out, Duration::from_millis(10)));
        assert_eq!(out, [0.5; 100]);
        let later = |ms| v.with(|r| r.position(Instant::now() + Duration::from_millis(ms)));
        assert_eq!(later(0), Some(3.0), "not before it is heard");
        assert!(later(30).is_some_and(|t| (3.015..3.03).contains(&t)), "{:?}", later(30));
        assert!(later(500).is_some_and(|t| (t - 3.05).abs() < 1e-9), "waits for sound that is late");
        v.with(|r| r.give(&mut [0.0; 100], Duration::ZERO));
        v.with(Ring::end);
        assert_eq!(later(500), None, "after the sound time goes on by itself");
    }

    #[test]
    fn silence_when_still_and_in_gaps() {
        let v = Voice::new(1000, 1);
        v.seek(0.0);
        assert_eq!(v.wait(), Some(Some(0.0)));
        v.with(|r| r.put(0.1, &[1.0; 50]));
        let mut out = [0.0; 120];
        v.with(|r| r.give(&mut out, Duration::ZERO));
        assert_eq!((out, v.position()), ([0.0; 120], None));
        v.play(true);
        v.with(|r| r.give(&mut out, Duration::ZERO));
        assert!(out[..100] == [0.0; 100] && out[100..] == [1.0; 20]);
        v.quit();
        assert_eq!(v.wait(), None);
    }
}
