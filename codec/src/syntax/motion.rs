//! Motion: merge candidates, motion vector prediction, differences (SPEC.md, "Motion").

use super::block::FrameContext;
use super::cells::{Cell, available};
use super::layout;
use crate::entropy::SymbolCoder;
use crate::kernel::lanes::WIDE;
use crate::predict::inter::{Balance, Motion, Mv};
use std::ops::Deref;

/// Length of the merge list.
pub const MERGE_CANDIDATES: usize = 6;
/// Motions remembered for the history candidates.
const HISTORY: usize = 6;

/// The last motions that differ, the newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    list: [Motion; HISTORY],
    len: usize,
}

impl History {
    /// Makes `m` the newest.
    pub fn push(&mut self, m: Motion) {
        // All are compared, without a branch for each.
        let mut same = 0u32;
        for (i, h) in self.list.iter().enumerate() {
            same |= u32::from(*h == m) << i;
        }
        let at = same.trailing_zeros() as usize;
        let known = at < self.len;
        let end = if known { at } else { self.len.min(HISTORY - 1) };
        for i in (1..HISTORY).rev() {
            if i <= end {
                self.list[i] = self.list[i - 1];
            }
        }
        self.list[0] = m;
        self.len = (self.len + usize::from(!known)).min(HISTORY);
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }
}

impl Deref for History {
    type Target = [Motion];

    #[inline]
    fn deref(&self) -> &[Motion] {
        &self.list[..self.len.min(HISTORY)]
    }
}

impl Cell {
    fn motion(&self) -> Option<Motion> {
        self.inter.then_some(Motion { refs: self.refs, mv: self.mv, balance: self.balance })
    }
}

/// 2^23 over each number to 128, rounded up.
const RECIPROCALS: [u32; 129] = {
    let mut r = [0; 129];
    let mut i = 1;
    while i < r.len() {
        r[i] = (1u32 << 23).div_ceil(i as u32);
        i += 1;
    }
    r
};

/// `256 * a / b` without a division, which would be waited for; -128 to 128 and not zero below.
#[inline]
fn ratio(a: i32, b: i32) -> i32 {
    if !WIDE {
        return 256 * a / b; // where the table would only make the program larger
    }
    let reciprocal = RECIPROCALS[b.unsigned_abs() as usize];
    let size = ((u64::from(a.unsigned_abs()) * u64::from(reciprocal)) >> 15) as i32;
    if (a < 0) == (b < 0) { size } else { -size }
}

/// Scales a motion vector that spans `from` frames to one that spans `to` frames.
pub fn scale_mv(mv: Mv, from: i32, to: i32) -> Mv {
    if from == to || from == 0 {
        return mv;
    }
    // At most 2^15, so that the products have 31 bits.
    let factor = ratio(to.clamp(-128, 127), from.clamp(-128, 127));
    let scale = |v: i16| ((i32::from(v) * factor + 128) >> 8).clamp(-(1 << 14), 1 << 14) as i16;
    Mv { x: scale(mv.x), y: scale(mv.y) }
}

/// Merge candidates of a block, in their order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Candidates {
    list: [Motion; MERGE_CANDIDATES],
    len: usize,
}

impl Candidates {
    /// Appends a candidate that is not there yet.
    #[inline]
    fn push(&mut self, m: Motion) {
        if self.len < MERGE_CANDIDATES && !self.contains(&m) {
            self.list[self.len] = m;
            self.len += 1;
        }
    }

    /// Appends the motion of a cell; says whether there are now as many as `wanted`.
    #[inline]
    fn push_cell(&mut self, cell: &Cell, wanted: usize) -> bool {
        if let Some(m) = cell.motion() {
            self.push(m);
        }
        self.len >= wanted
    }
}

impl Deref for Candidates {
    type Target = [Motion];

    #[inline]
    fn deref(&self) -> &[Motion] {
        &self.list[..self.len.min(MERGE_CANDIDATES)]
    }
}

/// Candidates whose motion a block may take over: at least `wanted` of the [`MERGE_CANDIDATES`] that there always are.
pub fn merge_candidates(
    f: &FrameContext,
    (x, y, w, h): (usize, usize, usize, usize),
    wanted: usize,
) -> Candidates {
    let mut list = Candidates::default();
    let free = |cx: usize, cy: usize| available(f.size, (x, y, w, h), cx as isize, cy as isize);
    // What lies directly to the left, above, and at the corner between is always decoded.
    if x > 0 && list.push_cell(f.cells.at(x - 1, y + h - 1), wanted)
        || y > 0 && list.push_cell(f.cells.at(x + w - 1, y - 1), wanted)
        || y > 0 && free(x + w, y - 1) && list.push_cell(f.cells.at(x + w, y - 1), wanted)
        || x > 0 && free(x - 1, y + h) && list.push_cell(f.cells.at(x - 1, y + h), wanted)
        || x > 0 && y > 0 && list.len < 4 && list.push_cell(f.cells.at(x - 1, y - 1), wanted)
    {
        return list;
    }
    if let Some(m) = temporal(f, x, y, w, h) {
        list.push(m);
    }
    for &m in f.history.iter() {
        if list.len >= wanted {
            return list;
        }
        list.push(m);
    }
    if list.len >= 2
        && list.len < MERGE_CANDIDATES
        && let Some(m) = average(f, list[0], list[1])
    {
        list.push(m);
    }
    for r in 0..f.ref_orders.len() as i8 {
        list.push(Motion::single(r, Mv::default()));
    }
    // Few references: repeat the last; the index is then ambiguous but harmless.
    while list.len < MERGE_CANDIDATES {
        list.list[list.len] = list[list.len - 1];
        list.len += 1;
    }
    list
}

/// One vector from each of two candidates on different references makes a bi-predicted candidate.
fn average(f: &FrameContext, a: Motion, b: Motion) -> Option<Motion> {
    let side = |m: Motion, want: bool| {
        (0..2).find(|&i| m.refs[i] >= 0 && f.past(m.refs[i]) == want).map(|i| (m.refs[i], m.mv[i]))
    };
    let (p, n) = side(a, true).zip(side(b, false)).or_else(|| side(b, true).zip(side(a, false)))?;
    let (p, n) = if p.0 < n.0 { (p, n) } else { (n, p) };
    Some(Motion { refs: [p.0, n.0], mv: [p.1, n.1], balance: Balance::Even })
}

/// The motion at the same place in the reference that carries the temporal motion, scaled by distance.
fn temporal(f: &FrameContext, x: usize, y: usize, w: usize, h: usize) -> Option<Motion> {
    let field = f.motion_field.as_ref()?;
    let inside = |px: usize, py: usize| px < f.size.0 && py < f.size.1 && py >> 6 == y >> 6;
    let at = |px: usize, py: usize| if inside(px, py) { field.grid.at(px, py).motion() } else { None };
    let m = at(x + w, y + h).or_else(|| at(x + w / 2, y + h / 2))?;
    let i = usize::from(m.refs[0] < 0);
    let from = field.order - field.refs[usize::try_from(m.refs[i]).ok()? & 3];
    let to = |r: i8| (r, scale_mv(m.mv[i], from, f.order - f.ref_orders[r as usize]));
    let past = (0..f.ref_orders.len() as i8).find(|&r| f.past(r));
    let next = (0..f.ref_orders.len() as i8).find(|&r| !f.past(r));
    match (past.map(to), next.map(to)) {
        (Some(p), Some(n)) => {
            let (p, n) = if p.0 < n.0 { (p, n) } else { (n, p) };
            Some(Motion { refs: [p.0, n.0], mv: [p.1, n.1], balance: Balance::Even })
        }
        (Some(p), None) | (None, Some(p)) => Some(Motion::single(p.0, p.1)),
        (None, None) => None,
    }
}

/// Two predictions for a motion vector on reference `r`, drawn from the merge candidates; without the `shift` low bits
/// that the vector lacks.
pub fn predictors(f: &FrameContext, candidates: &[Motion], r: i8, shift: u32) -> [Mv; 2] {
    let mut found = [Mv::default(); 2];
    let mut n = 0;
    let round = |mv: Mv| {
        let one = |v: i16| ((i32::from(v) + (1 << shift >> 1)) >> shift << shift) as i16;
        Mv { x: one(mv.x), y: one(mv.y) }
    };
    let distance = |r: i8| f.order - f.ref_orders[r as usize];
    for same in [true, false] {
        for m in candidates {
            for i in 0..2 {
                if m.refs[i] < 0 || (m.refs[i] == r) != same {
                    continue;
                }
                let mv =
                    round(if same { m.mv[i] } else { scale_mv(m.mv[i], distance(m.refs[i]), distance(r)) });
                if n == 0 || found[0] != mv {
                    found[n] = mv;
                    n += 1;
                    if n == 2 {
                        return found;
                    }
                }
            }
        }
    }
    found
}

/// Context from the neighbours' use of references: none, one past, one future, two.
fn ref_use(f: &FrameContext, c: Option<&Cell>) -> usize {
    match c {
        Some(c) if c.inter && c.refs[1] >= 0 => 3,
        Some(c) if c.inter => 1 + usize::from(!f.past(c.refs[0])),
        _ => 0,
    }
}

/// Codes which references a block uses.
pub fn code_refs<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    x: usize,
    y: usize,
    refs: [i8; 2],
) -> [i8; 2] {
    let n = f.ref_orders.len();
    let group = match n {
        0 | 1 => return [0, -1],
        2 => layout::REFS2,
        3 => layout::REFS3,
        _ => layout::REFS4,
    };
    let at = ref_use(f, f.cells.left(x, y)) * 4 + ref_use(f, f.cells.above(x, y));
    // Singles first, then pairs (a, b) with a < b, by b.
    let value = if refs[1] < 0 { refs[0] } else { n as i8 + refs[1] * (refs[1] - 1) / 2 + refs[0] };
    let v = c.symbol(&mut f.ctx[group.at(at)], value as usize);
    if v < n {
        return [v as i8, -1];
    }
    let mut pair = v - n;
    let mut b = 1;
    while pair >= b {
        pair -= b;
        b += 1;
    }
    [pair as i8, b as i8]
}

/// Codes a motion vector as its difference from a prediction, both without the low bits that they lack.
pub fn code_mv<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    which: usize,
    (base, shift): (Mv, u32),
    mv: Mv,
) -> Mv {
    let dx = (i32::from(mv.x) - i32::from(base.x)) >> shift;
    let dy = (i32::from(mv.y) - i32::from(base.y)) >> shift;
    let joint = usize::from(dx != 0) + 2 * usize::from(dy != 0);
    let joint = c.symbol(&mut f.ctx[layout::MVD_JOINT.at(which)], joint);
    let x = if joint & 1 != 0 { code_component(c, f, 0, dx) } else { 0 };
    let y = if joint & 2 != 0 { code_component(c, f, 1, dy) } else { 0 };
    let add = |b: i16, d: i32| (i32::from(b) + (d << shift)).clamp(-(1 << 14), 1 << 14) as i16;
    Mv { x: add(base.x, x), y: add(base.y, y) }
}

/// A difference that is not zero: class = log2 of the magnitude, two modelled bits, raw bits, sign.
fn code_component<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, axis: usize, d: i32) -> i32 {
    let mag = d.unsigned_abs().clamp(1, 4095);
    let class = c.symbol(&mut f.ctx[layout::MVD_CLASS.at(axis)], mag.ilog2() as usize) as u32;
    let rest = mag & ((1 << class) - 1);
    let high_bits = class.min(2);
    let low_bits = class - high_bits;
    let mut v = 0;
    if high_bits > 0 {
        let model = &mut f.ctx[layout::MVD_HIGH.at(axis * 12 + class as usize)];
        v = c.symbol(model, (rest >> low_bits) as usize) as u32 & ((1 << high_bits) - 1);
    }
    v = v << low_bits | c.raw(low_bits, rest & ((1 << low_bits) - 1));
    let mag = ((1 << class) | v) as i32;
    if c.raw(1, u32::from(d < 0)) != 0 { -mag } else { mag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_keeps_the_last_that_differ() {
        let mut history = History::default();
        let mut list: Vec<i16> = Vec::new();
        for i in 0..500i16 {
            let v = (i % 37) * (i % 37) % 11;
            history.push(Motion::single(0, Mv { x: v, y: 0 }));
            list.retain(|&old| old != v);
            list.insert(0, v);
            list.truncate(HISTORY);
            assert!(history.iter().map(|m| m.mv[0].x).eq(list.iter().copied()), "{i}");
            if i == 250 {
                history.clear();
                list.clear();
            }
        }
    }

    #[test]
    fn ratios_are_those_of_a_division() {
        for a in -128..=127 {
            for b in (-128..=127).filter(|&b| b != 0) {
                assert_eq!(ratio(a, b), 256 * a / b, "{a} to {b}");
            }
        }
    }
}
