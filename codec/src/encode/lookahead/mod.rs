//! What the encoder learns from pictures before it codes them: how much later pictures depend on each area.

mod importance;
mod sketch;

pub use importance::Importance;
pub use sketch::Sketch;

use crate::predict::inter::Mv;
use crate::workers::Workers;
use importance::Step;
use sketch::{BLOCK, Link};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Pictures are named by the order in which they came.
pub type Id = u64;

/// Half-size versions of the pictures in the queue and how well they predict each other.
#[derive(Default)]
pub struct Lookahead {
    sketches: BTreeMap<Id, Sketch>,
    links: HashMap<(Id, Id), Arc<Link>>,
}

/// A run of frames that will be coded: `refs` are the nearest references before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub frame: Id,
    pub refs: [Option<Id>; 2],
}

impl Lookahead {
    /// Adds a picture.
    pub fn push(&mut self, id: Id, sketch: Sketch) {
        self.sketches.insert(id, sketch);
    }

    /// Drops pictures before `id`.
    pub fn forget_before(&mut self, id: Id) {
        self.sketches = self.sketches.split_off(&id);
        self.links.retain(|&(frame, from), _| frame >= id && from >= id);
    }

    /// The link from a frame to a reference, measured once.
    fn link(&mut self, frame: Id, from: Id) -> Option<Arc<Link>> {
        if let Some(l) = self.links.get(&(frame, from)) {
            return Some(l.clone());
        }
        let (a, b) = (self.sketches.get(&frame)?, self.sketches.get(&from)?);
        let link = Arc::new(a.link(b));
        self.links.insert((frame, from), link.clone());
        Some(link)
    }

    /// Measures many links at once.
    pub fn measure(&mut self, mut pairs: Vec<(Id, Id)>, workers: &Workers) {
        pairs.retain(|p| !self.links.contains_key(p));
        let found = workers.map(pairs, |(frame, from)| {
            let (a, b) = (self.sketches.get(&frame)?, self.sketches.get(&from)?);
            Some(((frame, from), Arc::new(a.link(b))))
        });
        self.links.extend(found.into_iter().flatten());
    }

    /// Vectors of the 16x16 blocks of a frame against another, in 1/8 sample.
    pub fn vectors(&mut self, frame: Id, from: Id) -> Option<Vec<Mv>> {
        let link = self.link(frame, from)?;
        Some(link.blocks.iter().map(|b| Mv { x: b.mv.x * 2, y: b.mv.y * 2 }).collect())
    }

    /// How much of a frame's own cost prediction from `from` leaves, 0 (all predicted) to 1.
    pub fn novelty(&mut self, frame: Id, from: Id) -> f32 {
        let Some(link) = self.link(frame, from) else { return 1.0 };
        let Some(s) = self.sketches.get(&frame) else { return 1.0 };
        let (mut left, mut own) = (0.0, 1.0);
        for (l, &i) in link.blocks.iter().zip(&s.intra) {
            left += l.cost.min(i);
            own += i;
        }
        left / own
    }

    /// The importance of every frame in `plan`, which is in coding order; `step` is the quantiser step in samples.
    pub fn importance(&mut self, plan: &[Forecast], step: f32, workers: &Workers) -> HashMap<Id, Importance> {
        let pairs = plan.iter().flat_map(|p| p.refs.iter().flatten().map(|&r| (p.frame, r)));
        self.measure(pairs.collect(), workers);
        let mut steps = Vec::with_capacity(plan.len());
        for p in plan {
            let links = p.refs.map(|r| r.and_then(|r| self.link(p.frame, r).map(|l| (r, l))));
            steps.push(Step { frame: p.frame, links });
        }
        importance::propagate(&self.sketches, &steps, 0.4 * step * (BLOCK * BLOCK) as f32)
    }
}
