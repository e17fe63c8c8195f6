//! Propagation of importance backwards along motion, after the macroblock tree (Garrett-Glaser, 2009) with a
//! quantiser-aware share: of an error D in a reference, a block whose prediction misses by s^2 even without it passes
//! on D / (D + s^2), the derivative of its own cost at the best lambda.

use super::Id;
use super::sketch::{BLOCK, Link, Sketch};
use crate::predict::inter::Mv;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Share of each of two references. Independent errors would give a quarter, equal ones a half.
const PAIR_SHARE: f32 = 0.3;

/// log2 of how many times over a block counts, for each 16x16 block of a frame.
#[derive(Clone, Debug, Default)]
pub struct Importance {
    pub columns: usize,
    pub rows: usize,
    pub log: Vec<f32>,
}

impl Importance {
    /// Mean over the rectangle at luma position (x, y), cut off at the edges.
    pub fn mean(&self, x: usize, y: usize, w: usize, h: usize) -> f32 {
        let columns = x / 16..(x + w).div_ceil(16).min(self.columns);
        let (mut sum, mut n) = (0.0, 0);
        for r in y / 16..(y + h).div_ceil(16).min(self.rows) {
            let row = &self.log[r * self.columns..][columns.clone()];
            sum += row.iter().sum::<f32>();
            n += row.len();
        }
        sum / n.max(1) as f32
    }
}

/// A frame to code and its predictions.
pub struct Step {
    pub frame: Id,
    pub links: [Option<(Id, Arc<Link>)>; 2],
    /// Cost of each block from both references.
    pub pair: Option<Arc<Vec<f32>>>,
}

/// Walks the steps backwards; `noise` is the Hadamard cost of a block's quantisation error.
pub fn propagate(
    sketches: &BTreeMap<Id, Arc<Sketch>>,
    steps: &[Step],
    noise: f32,
) -> HashMap<Id, Importance> {
    let mut gained: HashMap<Id, Vec<f32>> = HashMap::new();
    let mut all = HashMap::new();
    for step in steps.iter().rev() {
        let Some(s) = sketches.get(&step.frame) else { continue };
        let own = gained.remove(&step.frame).unwrap_or_else(|| vec![0.0; s.intra.len()]);
        let log = own.iter().map(|g| (1.0 + g).log2()).collect();
        all.insert(step.frame, Importance { columns: s.columns, rows: s.rows, log });
        for (at, &own) in own.iter().enumerate() {
            give(s, step, at, own, noise, &mut gained);
        }
    }
    all
}

/// Credits the references of one block.
fn give(s: &Sketch, step: &Step, at: usize, own: f32, noise: f32, gained: &mut HashMap<Id, Vec<f32>>) {
    let found = |i: usize| step.links[i].as_ref().map(|(id, link)| (*id, link.blocks[at]));
    let (first, second) = (found(0), found(1));
    let mut best = (s.intra[at], [None, None]);
    for f in [&first, &second].into_iter().flatten() {
        if f.1.cost < best.0 {
            best = (f.1.cost, [Some((f.0, f.1.mv, 1.0)), None]);
        }
    }
    if let (Some(a), Some(b), Some(pair)) = (first, second, &step.pair)
        && pair[at] < best.0
    {
        best = (pair[at], [Some((a.0, a.1.mv, PAIR_SHARE)), Some((b.0, b.1.mv, PAIR_SHARE))]);
    }
    let ratio = best.0 / noise;
    if best.0 >= s.intra[at] {
        return;
    }
    let amount = (1.0 + own) / (1.0 + ratio * ratio);
    for (id, mv, share) in best.1.into_iter().flatten() {
        let to = gained.entry(id).or_insert_with(|| vec![0.0; s.intra.len()]);
        spread(to, s, at, mv, amount * share);
    }
}

/// Distributes an amount over the up to four blocks that a moved block covers, by area.
fn spread(to: &mut [f32], s: &Sketch, at: usize, mv: Mv, amount: f32) {
    let unit = (BLOCK * 8) as i32;
    let x = (at % s.columns) as i32 * unit + i32::from(mv.x);
    let y = (at / s.columns) as i32 * unit + i32::from(mv.y);
    let (cx, cy) = (x.div_euclid(unit), y.div_euclid(unit));
    let (fx, fy) = (x.rem_euclid(unit) as f32 / unit as f32, y.rem_euclid(unit) as f32 / unit as f32);
    for (dx, dy, part) in
        [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
    {
        let (c, r) = (cx + dx, cy + dy);
        if part > 0.0 && (0..s.columns as i32).contains(&c) && (0..s.rows as i32).contains(&r) {
            to[r as usize * s.columns + c as usize] += amount * part;
        }
    }
}
