//! What is shown and when: the state behind the window.

use std::sync::Arc;

use super::clock::Clock;
use super::keys::Action;
use super::overlay::{self, Overlay};
use super::queue::{Frame, Order, Queue, seconds};
use crate::media::Description;

/// Seconds before its time at which a frame may be shown: a timer wakes neither earlier nor much later.
const EARLY: f64 = 0.001;

pub struct Player {
    queue: Arc<Queue>,
    clock: Arc<Clock>,
    pub description: Description,
    pub current: Option<Frame>,
    /// Where it goes on once the frame there has been decoded.
    landing: Option<i64>,
    /// One frame forward is wanted.
    stepping: bool,
    playing: bool,
    ended: bool,
    pub overlay: Overlay,
    pub statistics: bool,
    pub shown: u64,
    skipped: u64,
}

/// What follows from an [`Action`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    Draw,
    FullScreen,
    Quit,
}

/// What follows from time passing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tick {
    pub draw: bool,
    /// Seconds until the next frame is due.
    pub next: Option<f64>,
}

impl Player {
    /// Waits for the first frame of the queue.
    pub fn new(queue: Arc<Queue>, clock: Arc<Clock>, description: Description, playing: bool) -> Self {
        Player {
            queue,
            clock,
            description,
            current: None,
            landing: Some(0),
            stepping: false,
            playing,
            ended: false,
            overlay: Overlay::Off,
            statistics: false,
            shown: 0,
            skipped: 0,
        }
    }

    /// Nothing is on its way.
    pub fn rests(&self) -> bool {
        self.landing.is_none() && !self.stepping
    }

    /// Has the last frame had its time?
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    pub fn dropped(&self) -> u64 {
        self.skipped + self.queue.late()
    }

    pub fn error(&self) -> Option<anyhow::Error> {
        self.queue.error()
    }

    pub fn quit(&self) {
        self.queue.quit();
    }

    pub fn act(&mut self, action: Action) -> Effect {
        match action {
            Action::Quit => return Effect::Quit,
            Action::FullScreen => return Effect::FullScreen,
            Action::Pause => self.set_playing(!self.playing),
            Action::Seek(by) => {
                let base = &self.description.time_base;
                let ticks = by * f64::from(base.den) / f64::from(base.num);
                self.go(self.place().saturating_add(ticks.round() as i64));
            }
            Action::Start => self.go(i64::MIN),
            Action::End => self.go(i64::MAX),
            Action::StepForward => {
                self.set_playing(false);
                self.stepping = self.landing.is_none() && !self.ended;
            }
            Action::StepBack => {
                self.set_playing(false);
                self.go(self.place().saturating_sub(1));
            }
            Action::Statistics => {
                self.statistics = !self.statistics;
                self.look_closer();
            }
            Action::Overlay => {
                self.overlay = self.overlay.next();
                self.look_closer();
            }
        }
        Effect::Draw
    }

    fn set_playing(&mut self, on: bool) {
        self.playing = on;
        if on && self.ended {
            self.go(i64::MIN);
        }
        match on && self.landing.is_none() {
            true => self.clock.start(),
            false => self.clock.stop(),
        }
    }

    /// Time stamp of what is shown or will be.
    fn place(&self) -> i64 {
        self.landing.or(self.current.as_ref().map(|f| f.pts)).unwrap_or(0)
    }

    fn go(&mut self, pts: i64) {
        self.clock.stop();
        self.landing = Some(pts);
        (self.stepping, self.ended) = (false, false);
        self.queue.order(Order::At(pts));
    }

    /// Asks for how frames are coded, the one that is shown included, if it has not come with that.
    fn look_closer(&mut self) {
        let wanted = self.overlay != Overlay::Off || self.statistics;
        self.queue.set_detail(wanted);
        if wanted && self.current.as_ref().is_some_and(|f| f.coding.is_none()) {
            let ended = self.ended;
            self.go(self.place());
            self.ended = ended;
        }
    }

    pub fn tick(&mut self) -> Tick {
        let mut draw = false;
        if self.landing.is_some() {
            if let Some(frame) = self.queue.take(|f| f.landing) {
                self.landing = None;
                self.clock.set(frame.time);
                self.show(frame);
                draw = true;
                if self.playing {
                    self.clock.start();
                }
            } else if self.queue.at_end() {
                (self.landing, self.ended) = (None, true);
            } else {
                return Tick::default();
            }
        }
        if self.stepping {
            if let Some(frame) = self.queue.take(|_| true) {
                self.clock.set(frame.time);
                self.show(frame);
                (self.stepping, draw) = (false, true);
            } else if self.queue.at_end() {
                self.stepping = false;
            }
        }
        let mut next = None;
        if self.playing {
            let now = self.clock.now();
            let mut latest = None;
            while let Some(frame) = self.queue.take(|f| f.time <= now + EARLY) {
                self.skipped += u64::from(latest.is_some());
                latest = Some(frame);
            }
            if let Some(frame) = latest {
                self.show(frame);
                draw = true;
            }
            let due = self.queue.next_time();
            if due.is_none() && self.queue.at_end() {
                next = self.run_out(now);
                draw |= next.is_none();
            } else {
                next = due.map(|t| t - now);
            }
        }
        Tick { draw, next: next.map(|t| t.max(0.0)) }
    }

    /// Lets the last frame have its time, then stops; gives the time left.
    fn run_out(&mut self, now: f64) -> Option<f64> {
        let last = self.current.as_ref().map_or(now, |f| f.time);
        let left = last + 1.0 / self.description.fps().clamp(0.1, 1000.0) - now;
        if left > 0.0 && self.shown > 1 {
            return Some(left);
        }
        self.set_playing(false);
        self.ended = true;
        None
    }

    fn show(&mut self, frame: Frame) {
        self.shown += 1;
        self.current = Some(frame);
    }

    /// Lines of statistics about the frame that is shown.
    pub fn report(&self, fps: f64) -> Vec<String> {
        let Some(frame) = &self.current else { return Vec::new() };
        let d = &self.description;
        let time = seconds(d, frame.pts.saturating_sub(self.queue.origin()));
        let number = (time * d.fps()).round() as u64;
        let (total, length) = d.frames.map_or((String::new(), String::new()), |n| {
            (format!(" of {n}"), format!(" of {}", moment(n as f64 / d.fps().max(0.001))))
        });
        let state = match (self.playing, self.ended) {
            (true, _) => "playing",
            (_, true) => "at the end",
            _ => "paused",
        };
        let mut lines = vec![format!("frame {}{total}, {}{length}, {state}", number + 1, moment(time))];
        lines.extend(frame.coding.iter().flat_map(|c| overlay::describe(&c.report)));
        lines.push(format!("{}, {} fps in the file", d.layout(), (d.fps() * 1000.0).round() / 1000.0));
        lines.push(format!("{fps:.1} fps shown, {} dropped", self.dropped()));
        lines
    }
}

/// Minutes and seconds.
fn moment(t: f64) -> String {
    let cents = (t.max(0.0) * 100.0).floor() as u64;
    let (hours, minutes) = (cents / 360_000, cents / 6000 % 60);
    let (seconds, cents) = (cents / 100 % 60, cents % 100);
    let hours = if hours > 0 { format!("{hours}:") } else { String::new() };
    format!("{hours}{minutes:02}:{seconds:02}.{cents:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        assert_eq!((moment(0.0), moment(-1.0)), ("00:00.00".into(), "00:00.00".into()));
        assert_eq!((moment(61.239), moment(7325.5)), ("01:01.23".into(), "2:02:05.50".into()));
    }
}
