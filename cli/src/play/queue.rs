//! Decoding on a thread of its own, a few pictures ahead.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use girih::CodebookSet;

use super::clock::Clock;
use super::film::{self, Coding, Shot};
use super::image::{self, Image};
use super::reel::Reel;
use crate::media::Description;

/// Pictures decoded ahead.
const AHEAD: usize = 4;
/// Seconds late from which a picture is left out.
const LATE: f64 = 0.04;
/// Seconds late from which decoding goes on at the next key frame that helps.
const HOPELESS: f64 = 1.0;
/// Even on a slow machine something is to be seen this often.
const SIGN_OF_LIFE: Duration = Duration::from_millis(250);

/// A picture ready to be shown.
#[derive(Clone)]
pub struct Frame {
    pub pts: i64,
    /// In seconds.
    pub time: f64,
    pub image: Arc<Image>,
    pub coding: Option<Arc<Coding>>,
    /// The first one after a jump.
    pub landing: bool,
}

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// At the picture shown at this time.
    At(i64),
    /// At the picture number so and so from the beginning.
    Number(u64),
}

/// What the window and the decoding thread share.
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Frame>,
    order: Option<Order>,
    detail: bool,
    ended: bool,
    quit: bool,
    late: u64,
    /// Time of the film's first frame, once it is known.
    origin: i64,
    error: Option<anyhow::Error>,
}

impl Queue {
    /// Opens a film and starts to decode it; `wake` is called whenever something has changed.
    pub fn start(
        path: PathBuf,
        codebook: Option<Arc<CodebookSet>>,
        first: Order,
        clock: Arc<Clock>,
        wake: impl Fn() + Send + 'static,
    ) -> Result<(Arc<Self>, Description)> {
        let state = State { order: Some(first), ..State::default() };
        let queue = Arc::new(Queue { state: Mutex::new(state), changed: Condvar::new() });
        let (sender, opened) = mpsc::channel();
        let shared = queue.clone();
        thread::Builder::new().name("decoder".into()).spawn(move || {
            let film = match film::open(&path, codebook) {
                Ok(film) => film,
                Err(e) => return drop(sender.send(Err(e))),
            };
            // Nobody waits for it if the program has ended meanwhile.
            let _ = sender.send(Ok(film.description().clone()));
            let mut worker = Worker { reel: Reel::new(film), queue: shared, clock, pushed: Instant::now() };
            if let Err(e) = worker.run(&wake) {
                worker.queue.state().error = Some(e);
                wake();
            }
        })?;
        let description = opened.recv().context("the decoder has ended")??;
        Ok((queue, description))
    }

    /// Forgets what is ahead and goes on elsewhere.
    pub fn order(&self, order: Order) {
        let mut s = self.state();
        s.frames.clear();
        s.ended = false;
        s.order = Some(order);
        self.changed.notify_all();
    }

    /// Whether pictures come with how they are coded, from the next order on.
    pub fn set_detail(&self, on: bool) {
        self.state().detail = on;
    }

    /// The next frame, if `wanted` says so.
    pub fn take(&self, wanted: impl Fn(&Frame) -> bool) -> Option<Frame> {
        let mut s = self.state();
        if !s.frames.front().is_some_and(wanted) {
            return None;
        }
        self.changed.notify_all();
        s.frames.pop_front()
    }

    /// Time of the next frame.
    pub fn next_time(&self) -> Option<f64> {
        self.state().frames.front().map(|f| f.time)
    }

    /// No frame is left, nor will one come.
    pub fn at_end(&self) -> bool {
        let s = self.state();
        s.ended && s.frames.is_empty() && s.order.is_none()
    }

    /// Frames left out because they would have come too late.
    pub fn late(&self) -> u64 {
        self.state().late
    }

    /// Time of the film's first frame.
    pub fn origin(&self) -> i64 {
        self.state().origin
    }

    pub fn error(&self) -> Option<anyhow::Error> {
        self.state().error.take()
    }

    /// Ends the thread after the frame that it works at.
    pub fn quit(&self) {
        self.state().quit = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to do: gives an order, or nothing when a frame is to be decoded.
    fn wait(&self) -> Option<(Option<Order>, bool)> {
        let idle = |s: &mut State| !s.quit && s.order.is_none() && (s.ended || s.frames.len() >= AHEAD);
        let mut s = self.changed.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        if s.quit { None } else { Some((s.order.take(), s.detail)) }
    }

    /// Adds a frame, or the end, unless something else has been ordered meanwhile.
    fn put(&self, frame: Option<Frame>) {
        let mut s = self.state();
        if s.order.is_none() {
            s.ended = frame.is_none();
            s.frames.extend(frame);
        }
    }
}

struct Worker {
    reel: Reel,
    queue: Arc<Queue>,
    clock: Arc<Clock>,
    /// When the last frame was given.
    pushed: Instant,
}

impl Worker {
    fn run(&mut self, wake: &impl Fn()) -> Result<()> {
        let mut detail = false;
        while let Some((order, wants_detail)) = self.queue.wait() {
            if let Some(order) = order {
                if wants_detail != detail {
                    self.reel.set_detail(wants_detail);
                    detail = wants_detail;
                }
                match order {
                    Order::At(pts) => self.reel.seek(pts)?,
                    Order::Number(n) => self.pass(n)?,
                }
            }
            let shot = self.reel.next_shot()?;
            if let Some(shot) = &shot
                && order.is_none()
                && self.leaves_out(shot)?
            {
                self.queue.state().late += 1;
                continue;
            }
            let frame = shot.map(|s| self.frame(s, order.is_some()));
            self.queue.put(frame);
            self.pushed = Instant::now();
            wake();
        }
        Ok(())
    }

    /// Goes to frame `n`, counted from 0, or to the last.
    fn pass(&mut self, n: u64) -> Result<()> {
        self.reel.seek(i64::MIN)?;
        let mut last = None;
        for i in 0..=n {
            let Some(shot) = self.reel.next_shot()? else { break };
            last = Some(shot.pts());
            if i == 0 {
                self.queue.state().origin = shot.pts();
            }
        }
        last.map_or(Ok(()), |pts| self.reel.seek(pts))
    }

    /// Is a picture too late to be worth showing? Far behind, it also goes on elsewhere.
    fn leaves_out(&mut self, shot: &Shot) -> Result<bool> {
        let now = self.clock.now();
        let late = now - self.time(shot.pts());
        if !self.clock.runs() || late < LATE {
            return Ok(false);
        }
        if late > HOPELESS {
            let base = self.reel.description().time_base;
            let pts = now * f64::from(base.den) / f64::from(base.num);
            self.reel.hurry(shot.pts(), pts as i64)?;
        }
        Ok(self.pushed.elapsed() < SIGN_OF_LIFE)
    }

    fn time(&self, pts: i64) -> f64 {
        seconds(self.reel.description(), pts)
    }

    fn frame(&self, shot: Shot, landing: bool) -> Frame {
        let image = Arc::new(image::convert(&shot.picture, self.reel.description().color));
        Frame { pts: shot.pts(), time: self.time(shot.pts()), image, coding: shot.coding, landing }
    }
}

/// A time stamp in seconds.
pub fn seconds(d: &Description, pts: i64) -> f64 {
    pts as f64 * f64::from(d.time_base.num) / f64::from(d.time_base.den)
}
