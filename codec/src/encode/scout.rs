//! Motion measured ahead of the encoder, in a thread of its own: it fills what time the others spend waiting for each
//! other. What it foresees wrongly is measured in vain, what it has not reached the encoder measures itself; the packets
//! are the same.

use super::gop::{self, Planned};
use super::intake::Queued;
use super::lookahead::{Id, Lookahead, Sketch};
use super::presets::Settings;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

/// The thread, and the way to it.
pub struct Scout {
    to: Option<Sender<Seen>>,
    thread: Option<JoinHandle<()>>,
    /// Nobody wants the rest.
    stop: Arc<AtomicBool>,
}

/// What it is told of a picture.
struct Seen {
    id: Id,
    cut: bool,
    sketch: Arc<Sketch>,
}

impl Scout {
    /// Starts it with a view of the encoder's lookahead; `None` where there are no threads to be had.
    pub fn start(lookahead: Lookahead, settings: Settings, keyint: u32) -> Option<Self> {
        let (to, from) = channel();
        let stop = Arc::<AtomicBool>::default();
        let mut course =
            Course { lookahead, settings, keyint, anchor: None, ahead: VecDeque::new(), stop: stop.clone() };
        let thread = thread::Builder::new().name("girih scout".into()).spawn(move || course.follow(&from));
        Some(Scout { to: Some(to), thread: Some(thread.ok()?), stop })
    }

    /// Tells of the next picture.
    pub fn tell(&self, queued: &Queued) {
        if let (Some(to), Some(sketch)) = (&self.to, &queued.sketch) {
            // If it does not listen any more, the encoder measures everything itself.
            to.send(Seen { id: queued.id, cut: queued.cut, sketch: sketch.clone() }).ok();
        }
    }

    /// Tells that there are no more pictures.
    pub fn finish(&mut self) {
        self.to = None;
    }
}

impl Drop for Scout {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.to = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// What it expects the encoder to do, by the encoder's own rules.
struct Course {
    lookahead: Lookahead,
    settings: Settings,
    keyint: u32,
    /// The last anchor or key frame, and its display order; those ahead follow it. `None` before the first.
    anchor: Option<(Id, i32)>,
    /// Whether a scene starts with each of the next pictures.
    ahead: VecDeque<bool>,
    stop: Arc<AtomicBool>,
}

impl Course {
    fn follow(&mut self, pictures: &Receiver<Seen>) {
        while let Ok(Seen { id, cut, sketch }) = pictures.recv() {
            self.lookahead.push(id, sketch);
            self.ahead.push_back(cut);
            self.advance(false);
        }
        self.advance(true);
    }

    /// Measures for all groups that can be foreseen. With `last` no more pictures will come.
    fn advance(&mut self, last: bool) {
        // A few more, for the temporal filter of the last.
        let wanted = self.settings.mini_gop + self.settings.temporal;
        while !self.ahead.is_empty() {
            let room = |order| gop::room(self.ahead.iter().copied(), order, self.keyint);
            let before = self.anchor.map(|(id, order)| (id, order, room(order)));
            let (plan, group) = match before {
                Some((anchor, order, room)) if room > 0 => {
                    // Neither cut nor key frame is in sight.
                    if !last && room == self.ahead.len() && room < wanted {
                        return;
                    }
                    let novelty = |n| self.lookahead.novelty(anchor + n as Id, anchor);
                    let n = gop::length(room, self.settings.mini_gop, novelty);
                    (gop::pyramid(0, n as i32), (anchor + n as Id, order + n as i32))
                }
                _ => (vec![Planned::KEY], (before.map_or(0, |(id, ..)| id + 1), 0)),
            };
            let start = self.anchor.map_or(0, |(id, _)| id);
            let id = |order: i32| if plan[0].key { group.0 } else { start + order as Id };
            let reach = self.settings.temporal as Id;
            for p in &plan {
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                let at = id(p.order);
                let near = (at.saturating_sub(reach)..=at + reach).filter(|&n| p.is_filtered() && n != at);
                self.lookahead.prepare(&p.forecast(id), near);
            }
            self.ahead.drain(..plan.len());
            self.anchor = Some(group);
            self.lookahead.drop_before(group.0.saturating_sub(reach));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Preset;
    use crate::picture::Plane;

    #[test]
    fn measures_what_will_be_asked_for() {
        let lookahead = Lookahead::default();
        let (settings, keyint) = (Settings::of(Preset::Medium), 60);
        let (view, stop) = (lookahead.beside(), Arc::default());
        let mut course =
            Course { lookahead: view, settings, keyint, anchor: None, ahead: VecDeque::new(), stop };
        let (to, from) = channel();
        for id in 0..120 {
            let sketch = Arc::new(Sketch::of(&Plane::<u16>::new(32, 32, 0), 8));
            to.send(Seen { id, cut: id == 40, sketch }).expect("it listens");
        }
        drop(to);
        course.follow(&from);
        // Up to the cut, from there to the next key frame, and the rest.
        for (key, anchor, last) in [(0, 0, 32), (0, 32, 39), (40, 0, 32), (40, 32, 59), (100, 0, 19)]
            .map(|(k, a, l)| (k as Id, a, l))
        {
            for p in gop::pyramid(anchor, last) {
                assert!(lookahead.knows(&p.forecast(|order| key + order as Id)), "{p:?} after {key}");
            }
        }
        let across = Planned { order: 44, between: [Some(36), Some(48)], ..Planned::KEY };
        assert!(!lookahead.knows(&across.forecast(|order| order as Id)));
    }
}
