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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Pictures are named by the order in which they came.
pub type Id = u64;

/// Half-size versions of the pictures in the queue and how well they predict each other.
#[derive(Default)]
pub struct Lookahead {
    sketches: BTreeMap<Id, Arc<Sketch>>,
    known: Arc<Mutex<Known>>,
    /// Motion is not searched where it seems to be known.
    quick: bool,
}

/// What was measured, each thing once; the same whoever measures it.
#[derive(Default)]
struct Known {
    links: HashMap<(Id, Id), Arc<Link>>,
    /// Costs of each block of a frame predicted from two others.
    pairs: HashMap<(Id, [Id; 2]), Arc<Vec<f32>>>,
    /// Earlier pictures are forgotten.
    first: Id,
}

/// A run of frames that will be coded: `refs` are the nearest references before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub frame: Id,
    pub refs: [Option<Id>; 2],
}

impl Lookahead {
    pub fn new(quick: bool) -> Self {
        Lookahead { quick, ..Lookahead::default() }
    }

    /// Another one, with pictures of its own, that finds what this one has measured and the other way round.
    pub fn beside(&self) -> Self {
        Lookahead { sketches: BTreeMap::new(), known: self.known.clone(), quick: self.quick }
    }

    /// Adds a picture.
    pub fn push(&mut self, id: Id, sketch: Arc<Sketch>) {
        self.sketches.insert(id, sketch);
    }

    /// Drops pictures before `id`.
    pub fn drop_before(&mut self, id: Id) {
        self.sketches = self.sketches.split_off(&id);
    }

    /// Drops pictures before `id` and forgets what was measured of them.
    pub fn forget_before(&mut self, id: Id) {
        self.drop_before(id);
        let mut known = self.known();
        known.first = id;
        known.links.retain(|&(frame, from), _| frame >= id && from >= id);
        known.pairs.retain(|&(frame, from), _| frame >= id && from.iter().all(|&f| f >= id));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The link from a frame to a reference; `None` if either is not there.
    fn link(&self, frame: Id, from: Id) -> Option<Arc<Link>> {
        if let Some(l) = self.known().links.get(&(frame, from)) {
            return Some(l.clone());
        }
        let (a, b) = (self.sketches.get(&frame)?, self.sketches.get(&from)?);
        let link = Arc::new(a.link(b, self.quick));
        self.known().links.insert((frame, from), link.clone());
        Some(link)
    }

    /// Costs of a frame's blocks predicted from two others with the vectors of their links.
    fn pair(&self, frame: Id, (a, b): (Id, &Link), (c, d): (Id, &Link)) -> Option<Arc<Vec<f32>>> {
        if let Some(p) = self.known().pairs.get(&(frame, [a, c])) {
            return Some(p.clone());
        }
        let [s, from, other] = [frame, a, c].map(|id| self.sketches.get(&id));
        let costs = Arc::new(s?.pair_costs((from?, b), (other?, d)));
        self.known().pairs.insert((frame, [a, c]), costs.clone());
        Some(costs)
    }

    /// All that the importance of a frame's references depends on.
    fn step(&self, p: &Forecast) -> Step {
        let links = p.refs.map(|r| r.and_then(|r| self.link(p.frame, r).map(|l| (r, l))));
        let pair = match &links {
            [Some((a, b)), Some((c, d))] => self.pair(p.frame, (*a, b), (*c, d)),
            _ => None,
        };
        Step { frame: p.frame, links, pair }
    }

    /// Measures what will be asked for: how a frame is predicted from its references, and its motion against others
    /// that may be there. Nothing for frames that are forgotten.
    pub fn prepare(&self, p: &Forecast, others: impl Iterator<Item = Id>) {
        if p.frame >= self.known().first {
            self.step(p);
            others.for_each(|id| drop(self.link(p.frame, id)));
        }
    }

    /// Whether all that a frame's importance depends on was measured.
    #[cfg(test)]
    pub fn knows(&self, p: &Forecast) -> bool {
        let (known, refs) = (self.known(), p.refs.iter().flatten());
        let links = refs.clone().all(|&r| known.links.contains_key(&(p.frame, r)));
        let pair: Vec<Id> = refs.copied().collect();
        links && <[Id; 2]>::try_from(pair).map_or(true, |pair| known.pairs.contains_key(&(p.frame, pair)))
    }

    /// Measures many links at once.
    pub fn measure(&self, pairs: Vec<(Id, Id)>, workers: &Workers) {
        workers.each(pairs, |(frame, from)| drop(self.link(frame, from)));
    }

    /// Vectors of the 16x16 blocks of a frame against another, in 1/8 sample.
    pub fn vectors(&self, frame: Id, from: Id) -> Option<Vec<Mv>> {
        let link = self.link(frame, from)?;
        Some(link.blocks.iter().map(|b| Mv { x: b.mv.x * 2, y: b.mv.y * 2 }).collect())
    }

    /// How much of a frame's own cost prediction from `from` leaves, 0 (all predicted) to 1.
    pub fn novelty(&self, frame: Id, from: Id) -> f32 {
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
    pub fn importance(&self, plan: Vec<Forecast>, step: f32, workers: &Workers) -> HashMap<Id, Importance> {
        let steps = workers.map(plan, |p| self.step(&p));
        importance::propagate(&self.sketches, &steps, 0.4 * step * (BLOCK * BLOCK) as f32)
    }
}
