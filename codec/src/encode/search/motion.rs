//! Motion search: integer steps from the best predictor, then half and quarter samples, then two references.

use super::{Scratch, Search};
use crate::kernel;
use crate::predict::inter::{Balance, Motion, Moved, Mv, Rect, fetch, predict_mean, predict_one};
use crate::syntax::{Block, predictors};
use std::array;

/// Rough bits of a vector difference component of this magnitude in the coded precision.
const fn magnitude_bits(m: u32) -> f32 {
    // log2 by its place and a straight line between.
    if m == 0 {
        1.0
    } else {
        1.5 + 2.0 * m.ilog2() as f32 + (m << 1) as f32 / (1u32 << m.ilog2()) as f32 * 0.5
    }
}

/// The same for those that are asked for all the time.
static SMALL: [f32; 512] = {
    let mut bits = [0.0; 512];
    let mut m = 0;
    while m < bits.len() {
        bits[m] = magnitude_bits(m as u32);
        m += 1;
    }
    bits
};

fn component_bits(d: i32) -> f32 {
    let m = d.unsigned_abs();
    SMALL.get(m as usize).copied().unwrap_or_else(|| magnitude_bits(m))
}

/// Rough bits of a vector without its `shift` low bits, from the better of two predictions.
fn mv_bits(mv: Mv, base: &[Mv; 2], shift: u32) -> f32 {
    let one = |b: &Mv| {
        component_bits((i32::from(mv.x) - i32::from(b.x)) >> shift)
            + component_bits((i32::from(mv.y) - i32::from(b.y)) >> shift)
    };
    one(&base[0]).min(one(&base[1]))
}

const CROSS: [(i32, i32); 4] = [(-1, 0), (1, 0), (0, -1), (0, 1)];
const HEXAGON: [(i32, i32); 6] = [(-2, 0), (-1, -2), (1, -2), (2, 0), (1, 2), (-1, 2)];
/// Steps of the search between whole samples, in 1/8.
const QUARTERS: [i16; 2] = [4, 2];
const EIGHTHS: [i16; 1] = [1];
const RING: [(i32, i32); 8] = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)];

/// A reference and a motion vector.
type Vector = (i8, Mv);

/// Motion that was looked at: its rough cost, and the Hadamard difference of its prediction alone.
#[derive(Clone, Copy)]
struct Tried<M> {
    cost: f32,
    satd: f32,
    motion: M,
}

/// What a search between whole samples knows besides.
#[derive(Clone, Copy)]
enum Other {
    None,
    /// Where the search of the square around led to with the same reference.
    Parent(Mv),
    /// The second reference, fixed.
    Reference(Vector),
}

fn sort<M>(tried: &mut [Tried<M>]) {
    tried.sort_by(|a, b| a.cost.total_cmp(&b.cost));
}

impl Search {
    /// Motions found by search, the best single references and pairs of them, and their Hadamard differences.
    pub(super) fn searched(&mut self, b: &Block, list: &[Motion], size: usize) -> Vec<(f32, Motion)> {
        let n = self.refs.len().min(self.settings.refs);
        let around = self.scratch.parents[(size + 1).min(6)];
        let mut whole: Vec<(f32, Vector)> =
            (0..n as i8).map(|r| self.integer_search(b, list, r, around[r as usize])).collect();
        for &(_, (r, mv)) in &whole {
            self.scratch.parents[size][r as usize] = mv;
        }
        whole.sort_by(|a, b| a.0.total_cmp(&b.0));
        // The best of either side of time is refined, or the two best of one.
        let side = self.f.past(whole[0].1.0);
        if let Some(other) = whole.iter().position(|w| self.f.past(w.1.0) != side) {
            whole[1..=other].rotate_right(1);
        }
        if !self.settings.all_pairs {
            whole.truncate(2);
        }
        let mut fine: Vec<Tried<Vector>> = whole
            .into_iter()
            .map(|(_, v)| self.fraction_search(b, list, v, Other::Parent(around[v.0 as usize]), &QUARTERS))
            .collect();
        for &Tried { motion: (r, mv), .. } in &fine {
            self.scratch.parents[size][r as usize] = mv;
        }
        sort(&mut fine);
        let mut found: Vec<(f32, Motion)> =
            fine.iter().map(|t| (t.satd, Motion::single(t.motion.0, t.motion.1))).collect();
        if self.settings.eighths {
            let t = self.fraction_search(b, list, fine[0].motion, Other::None, &EIGHTHS);
            found.push((t.satd, Motion::single(t.motion.0, t.motion.1)));
        }
        if self.settings.bi {
            self.pair_search(b, list, &fine, &mut found);
        }
        found
    }

    /// The vector block for a searched motion, with the predictors that cost least.
    pub(super) fn vector_block(&self, blank: &Block, list: &[Motion], m: Motion) -> Block {
        let eighth = m.mv.iter().any(|v| (v.x | v.y) & 1 != 0);
        let mut b = Block { inter: true, eighth, ..blank.moving(m) };
        let shift = u32::from(!eighth);
        for i in 0..1 + usize::from(m.is_bi()) {
            let base = predictors(&self.f, list, m.refs[i], shift);
            let bits = |k: usize| mv_bits(m.mv[i], &[base[k]; 2], shift);
            b.predictor[i] = u8::from(bits(1) < bits(0));
        }
        b
    }

    fn integer_search(&mut self, b: &Block, list: &[Motion], r: i8, parent: Mv) -> (f32, Vector) {
        let base = predictors(&self.f, list, r, 1);
        let lambda = self.lambda.sqrt();
        let (w, h) = (b.w(), b.h());
        let (x, y) = (i32::from(b.x), i32::from(b.y));
        let src = &self.source.planes[0];
        let from = &src.data()[src.index(x as isize, y as isize)..];
        let plane = &self.refs[r as usize].planes[0];
        // Stay where the border holds all samples of the block and its filter.
        let limit = |v: i32, at: i32, n: usize, full: usize| {
            v.clamp(-at - n as i32 - 4, full as i32 - at + 4).clamp(-2000, 2000)
        };
        let stride = plane.stride();
        // The best of some places and what was found before; four are compared with the block at once.
        let better = |mut best: (f32, i32, i32), places: &[(i32, i32)]| {
            for some in places.chunks(4) {
                let four: [(i32, i32); 4] = array::from_fn(|i| some[i.min(some.len() - 1)]);
                let at = four.map(|(dx, dy)| plane.index((x + dx) as isize, (y + dy) as isize));
                let sads = kernel::sad4(from, src.stride(), plane.data(), at, stride, w, h);
                for (&(dx, dy), sad) in some.iter().zip(sads) {
                    let mv = Mv { x: (dx * 8) as i16, y: (dy * 8) as i16 };
                    let cost = sad as f32 + lambda * mv_bits(mv, &base, 1);
                    if cost < best.0 {
                        best = (cost, dx, dy);
                    }
                }
            }
            best
        };
        let near = |dx: i32, dy: i32| (limit(dx, x, w, plane.width()), limit(dy, y, h, plane.height()));
        let mut starts = vec![(0, 0)];
        let round = |mv: Mv| ((i32::from(mv.x) + 4) >> 3, (i32::from(mv.y) + 4) >> 3);
        starts.extend([base[0], base[1], parent].map(round));
        starts.extend(list.iter().flat_map(|m| (0..2).filter(|&i| m.refs[i] == r).map(|i| round(m.mv[i]))));
        for s in &mut starts {
            *s = near(s.0, s.1);
        }
        starts.sort_unstable();
        starts.dedup();
        let mut best = better((f32::INFINITY, 0, 0), &starts);
        // The squares around were searched before: their vectors lead near.
        let steps = if self.settings.quick_motion && b.lw.max(b.lh) < 5 { &[1][..] } else { &[8, 4, 2, 1] };
        for &step in steps {
            let pattern: &[(i32, i32)] = if step == 2 {
                &HEXAGON
            } else if self.settings.quick_motion {
                &CROSS
            } else {
                &RING
            };
            let scale = if step == 2 { 1 } else { step };
            let mut before = None;
            for _ in 0..self.settings.search_steps / 2 {
                let (_, cx, cy) = best;
                // What was looked at around the centre before this one was not better.
                let known = |dx: i32, dy: i32| {
                    let seen = |(x, y)| {
                        let at = (dx - x, dy - y);
                        at == (0, 0) || pattern.contains(&at)
                    };
                    before.is_some_and(seen)
                };
                let (mut places, mut n) = ([(0, 0); 8], 0);
                for &(px, py) in pattern {
                    let (dx, dy) = near(cx + px * scale, cy + py * scale);
                    if !known(dx, dy) {
                        places[n] = (dx, dy);
                        n += 1;
                    }
                }
                best = better(best, &places[..n]);
                if (best.1, best.2) == (cx, cy) || step > 2 {
                    break;
                }
                before = Some((cx, cy));
            }
        }
        (best.0, (r, Mv { x: (best.1 * 8) as i16, y: (best.2 * 8) as i16 }))
    }

    /// Refines a vector by steps in 1/8 sample.
    fn fraction_search(
        &mut self,
        b: &Block,
        list: &[Motion],
        (r, mv): Vector,
        other: Other,
        mut steps: &[i16],
    ) -> Tried<Vector> {
        let shift = u32::from(steps != EIGHTHS);
        let base = predictors(&self.f, list, r, shift);
        let lambda = self.lambda.sqrt();
        let bd = self.frame.format.bit_depth;
        let rect = Rect { x: b.x.into(), y: b.y.into(), w: b.w(), h: b.h() };
        let pair = if let Other::Reference((o, omv)) = other {
            let plane = &self.refs[o as usize].planes[0];
            fetch(&mut self.scratch.fixed, Moved::luma(plane, rect, omv, bd));
            true
        } else {
            false
        };
        let src = &self.source.planes[0];
        let from = &src.data()[src.index(rect.x as isize, rect.y as isize)..];
        let plane = &self.refs[r as usize].planes[0];
        let Scratch { fixed, pred, .. } = &mut self.scratch;
        let mut judge = |mv: Mv| {
            let moved = Moved::luma(plane, rect, mv, bd);
            if pair {
                predict_mean(pred, 64, fixed, moved);
            } else {
                predict_one(pred, 64, moved);
            }
            let satd = kernel::satd(from, src.stride(), pred, 64, rect.w, rect.h) as f32;
            Tried { cost: satd + lambda * mv_bits(mv, &base, shift), satd, motion: mv }
        };
        let mut best = judge(mv);
        if let Other::Parent(parent) = other {
            // From where the square around it led to, steps of half a sample are too large.
            if parent != mv {
                let t = judge(parent);
                if t.cost < best.cost {
                    (best, steps) = (t, &steps[1..]);
                }
            }
        }
        for &step in steps {
            let center = best.motion;
            let mut near = [f32::INFINITY; 4];
            let mut try_at = |(px, py): (i32, i32)| {
                let t = judge(Mv { x: center.x + px as i16 * step, y: center.y + py as i16 * step });
                if t.cost < best.cost {
                    best = t;
                }
                t.cost
            };
            for (c, p) in near.iter_mut().zip(CROSS) {
                *c = try_at(p);
            }
            // Of the corners only the one between the better sides.
            if !pair && !self.settings.quick_motion {
                let side = |a: f32, b: f32| if a < b { -1 } else { 1 };
                try_at((side(near[0], near[1]), side(near[2], near[3])));
            }
        }
        Tried { cost: best.cost, satd: best.satd, motion: (r, best.motion) }
    }

    /// Bi-prediction from refined vectors, the likeliest first. Of the best pairs, if better than one reference, each
    /// vector is refined again against the other by quarters, and of the best of these by eighths.
    fn pair_search(
        &mut self,
        b: &Block,
        list: &[Motion],
        fine: &[Tried<Vector>],
        found: &mut Vec<(f32, Motion)>,
    ) {
        let mut pairs = Vec::new();
        for (i, j) in [(0, 1), (0, 2), (1, 2), (0, 3)] {
            if let (Some(p), Some(q)) = (fine.get(i), fine.get(j)) {
                let (p, q) = (p.motion, q.motion);
                let pair = if p.0 < q.0 { [p, q] } else { [q, p] };
                pairs.push(self.refine_pair(b, list, pair, &[]));
            }
        }
        sort(&mut pairs);
        pairs.truncate(self.settings.pair_trials);
        if self.settings.bi_refine {
            pairs.retain(|p| p.cost < fine[0].cost);
            for pair in &mut pairs {
                *pair = self.refine_pair(b, list, pair.motion, &QUARTERS);
            }
            sort(&mut pairs);
            if let Some(&best) = pairs.first().filter(|_| self.settings.eighths) {
                let best = self.refine_pair(b, list, best.motion, &EIGHTHS);
                pairs.push(self.refine_pair(b, list, best.motion, &EIGHTHS));
            }
        }
        found.extend(pairs.iter().map(|t| {
            let [p, q] = t.motion;
            (t.satd, Motion { refs: [p.0, q.0], mv: [p.1, q.1], balance: Balance::Even })
        }));
    }

    /// Refines the second vector against the first, then the first against it.
    fn refine_pair(
        &mut self,
        b: &Block,
        list: &[Motion],
        pair: [Vector; 2],
        steps: &[i16],
    ) -> Tried<[Vector; 2]> {
        let [p, mut q] = pair;
        if !steps.is_empty() {
            q = self.fraction_search(b, list, q, Other::Reference(p), steps).motion;
        }
        let t = self.fraction_search(b, list, p, Other::Reference(q), steps);
        let shift = u32::from(steps != EIGHTHS);
        let rate = mv_bits(q.1, &predictors(&self.f, list, q.0, shift), shift);
        Tried { cost: t.cost + self.lambda.sqrt() * rate, satd: t.satd, motion: [t.motion, q] }
    }
}
