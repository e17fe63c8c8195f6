//! From coefficients to codeword indices, by rate and distortion jointly.

use crate::codebook::{DIMS, Lookup, SHAPES, book_index, neighbour_sum, pack};
use crate::entropy::{BIT, symbol_cost};
use crate::syntax::layout::{self, POSITIONS, TX_CLASSES};
use crate::syntax::{
    FrameContext, MAG_STRIDE, TX_AREA, TxShape, context_mag, escape_cost, index_cost, index_model, last_cost,
    position_class, scan_of,
};

/// The residual of one transform block after quantisation.
#[derive(Clone, Debug)]
pub struct Quantised {
    /// Scan position of the last group.
    pub last: u8,
    /// Tokens in coding order.
    pub tokens: Vec<u16>,
    /// Signed coefficients in 1/16 step, rows of the transform's width.
    pub values: Vec<i32>,
    /// Cost of the residual without the coded flag and transform type, in 1/1024 bit.
    pub bits: u64,
    /// Squared error in samples.
    pub dist: f32,
}

/// One try at coding the groups up to a last one.
struct Pass {
    tokens: Vec<u16>,
    /// First token of each group in coding order (highest frequency first).
    values: Vec<i32>,
    /// Cost (distortion plus rate, in squared 1/16 steps) and distortion of each group, by scan position.
    cost: Vec<f32>,
    dist: Vec<f32>,
    bits: u64,
    /// Groups with a coefficient, by scan position.
    filled: Vec<bool>,
}

/// What quantisation needs besides the coefficients.
pub struct Quantiser<'a> {
    pub f: &'a FrameContext,
    pub lookup: &'a Lookup,
    /// Quantiser step as [`crate::codebook::step`] gives it.
    pub step: u32,
    /// Cost of a bit in squared error of samples.
    pub lambda: f32,
    pub bit_depth: u8,
}

/// The best word found for a vector.
#[derive(Clone, Copy)]
struct Best {
    cost: f32,
    dist: f32,
    bits: u32,
    index: usize,
    /// Rounded components of an escape.
    whole: [u16; 8],
}

impl Quantiser<'_> {
    /// Squared error in samples of one squared 1/16 step.
    fn unit(&self) -> f32 {
        let coefficient = self.step as f32 / 1024.0 * (1 << (self.bit_depth - 8)) as f32;
        (coefficient / 16.0).powi(2) / 16.0
    }

    /// Quantises `coeffs` (orthonormal times 4, rows of the transform's width); `None` if zero is best without looking
    /// at rate: no coefficient reaches half a step.
    pub fn quantise(&self, coeffs: &[i32], kind: usize, s: TxShape) -> Option<Quantised> {
        let scale = 16.0 * 1024.0 / (self.step as f32 * (1 << (self.bit_depth - 8)) as f32);
        let mut a = [0f32; TX_AREA];
        let n = s.w() * s.h();
        for (a, &c) in a.iter_mut().zip(&coeffs[..n]) {
            *a = c.unsigned_abs() as f32 * scale;
        }
        let scan = scan_of(s);
        let w = s.w();
        let reaches = |&(x, y): &(u8, u8)| {
            let at = usize::from(y) * w + usize::from(x);
            a[at..at + 4].iter().chain(&a[at + w..at + w + 4]).any(|&v| v > 9.0)
        };
        let mut last = scan.iter().rposition(reaches)?;
        let zero: Vec<f32> = scan
            .iter()
            .map(|&(x, y)| {
                let at = usize::from(y) * w + usize::from(x);
                a[at..at + 4].iter().chain(&a[at + w..at + w + 4]).map(|v| v * v).sum()
            })
            .collect();
        let lambda = self.lambda / self.unit() / BIT as f32;
        let mut pass = self.pass(&a, coeffs, kind, s, last, lambda);
        for _ in 0..2 {
            let cut = self.best_cut(&pass, &zero, kind, s, last, lambda)?;
            if cut == last {
                break;
            }
            last = cut;
            pass = self.pass(&a, coeffs, kind, s, last, lambda);
        }
        if !pass.filled[last] {
            last = pass.filled.iter().rposition(|&f| f)?;
            pass = self.pass(&a, coeffs, kind, s, last, lambda);
            if !pass.filled[last] {
                return None;
            }
        }
        let dist = pass.dist.iter().sum::<f32>() + zero[last + 1..].iter().sum::<f32>();
        let bits = pass.bits + u64::from(last_cost(&self.f.ctx, kind, s, last));
        Some(Quantised {
            last: last as u8,
            tokens: pass.tokens,
            values: pass.values,
            bits,
            dist: dist * self.unit(),
        })
    }

    /// The last group that costs least, given what a pass found; `None` if no group is filled.
    fn best_cut(
        &self,
        p: &Pass,
        zero: &[f32],
        kind: usize,
        s: TxShape,
        last: usize,
        lambda: f32,
    ) -> Option<usize> {
        let mut best = None;
        let mut below = 0.0;
        let mut above: f32 = zero[..=last].iter().sum();
        for (g, &z) in zero[..=last].iter().enumerate() {
            below += p.cost[g];
            above -= z;
            if p.filled[g] {
                let cost = below + above + lambda * last_cost(&self.f.ctx, kind, s, g) as f32;
                if best.is_none_or(|(c, _)| cost < c) {
                    best = Some((cost, g));
                }
            }
        }
        best.map(|(_, g)| g)
    }

    fn pass(&self, a: &[f32], coeffs: &[i32], kind: usize, s: TxShape, last: usize, lambda: f32) -> Pass {
        let f = self.f;
        let scan = scan_of(s);
        let w = s.w();
        let mut p = Pass {
            tokens: Vec::with_capacity(last + 8),
            values: vec![0; w * s.h()],
            cost: vec![0.0; last + 1],
            dist: vec![0.0; last + 1],
            bits: 0,
            filled: vec![false; last + 1],
        };
        let mut mags = [0u8; MAG_STRIDE * (32 + 3)];
        let mut start = 0;
        if f.scalar {
            let (gx, gy) = scan[last];
            let reaches = |&(x, y): &(usize, usize)| a[(usize::from(gy) + y) * w + usize::from(gx) + x] > 9.0;
            start = SHAPES[3].corners.iter().position(reaches).unwrap_or(0);
            p.bits += u64::from(symbol_cost(
                &f.ctx[layout::LAST_IN_GROUP.at(kind * TX_CLASSES + s.class())],
                start,
            ));
            p.tokens.push(start as u16);
        }
        let mut blank = true;
        for (i, &(gx, gy)) in scan[..=last].iter().enumerate().rev() {
            let (gx, gy) = (usize::from(gx), usize::from(gy));
            let dim = f.thresholds.dim(neighbour_sum(&mags, MAG_STRIDE, gx, gy, 0));
            let shape = &SHAPES[dim];
            for (k, &(dx, dy)) in shape.corners.iter().enumerate() {
                let (x, y) = (gx + dx, gy + dy);
                let mut v = [0f32; 8];
                for (j, v) in v[..DIMS[dim]].iter_mut().enumerate() {
                    *v = a[(y + j / shape.w) * w + x + j % shape.w];
                }
                let v = &v[..DIMS[dim]];
                if k < start {
                    let d: f32 = v.iter().map(|v| v * v).sum();
                    p.cost[i] += d;
                    p.dist[i] += d;
                    continue;
                }
                let class = f.thresholds.class(dim, neighbour_sum(&mags, MAG_STRIDE, x, y, dim));
                let number = book_index(kind, dim, class);
                let position = if blank && i == last { POSITIONS - 1 } else { position_class(x, y) };
                let model = index_model(number, s.class(), position);
                let best = self.best_word(v, kind, dim, number, model, lambda);
                p.cost[i] += best.cost;
                p.dist[i] += best.dist;
                p.bits += u64::from(best.bits);
                p.tokens.push(best.index as u16);
                if best.index == 0 {
                    continue;
                }
                blank = false;
                p.filled[i] = true;
                let book = &f.books.books[number];
                let escape = best.index >= book.len();
                if escape {
                    p.tokens.extend(best.whole[..DIMS[dim]].iter().copied());
                }
                let (mut signs, mut n) = (0u16, 0);
                for j in 0..DIMS[dim] {
                    let m = if escape {
                        i32::from(best.whole[j]) * 16
                    } else {
                        i32::from(book.word(best.index)[j])
                    };
                    if m == 0 {
                        continue;
                    }
                    let (px, py) = (x + j % shape.w, y + j / shape.w);
                    mags[py * MAG_STRIDE + px] = context_mag(m as u32);
                    let negative = coeffs[py * w + px] < 0;
                    p.values[py * w + px] = if negative { -m } else { m };
                    signs |= u16::from(negative) << n;
                    n += 1;
                }
                p.tokens.push(signs);
            }
            start = 0;
        }
        p
    }

    /// The word of least cost for magnitudes `v`.
    fn best_word(
        &self,
        v: &[f32],
        kind: usize,
        dim: usize,
        number: usize,
        model: usize,
        lambda: f32,
    ) -> Best {
        let f = self.f;
        let dist0: f32 = v.iter().map(|v| v * v).sum();
        let bits0 = index_cost(&f.ctx, number, dim, model, 0);
        let mut best =
            Best { cost: dist0 + lambda * bits0 as f32, dist: dist0, bits: bits0, index: 0, whole: [0; 8] };
        // A component under half a step less a little is zero in the best word nearly always.
        if v.iter().all(|&v| v < 7.0) {
            return best;
        }
        let mut whole = [0u16; 8];
        // Components that may also be one lower, the least certain first.
        let mut doubtful = [(0f32, 0usize); 8];
        let mut n = 0;
        let mut large = false;
        for (k, &v) in v.iter().enumerate() {
            let r = (v / 16.0 + 0.5).floor();
            large |= r > 15.0;
            whole[k] = r.min(65535.0) as u16;
            if r > 0.0 {
                doubtful[n] = (v / 16.0 - r, k);
                n += 1;
            }
        }
        if large {
            // Beyond any word: an escape as near as it gets.
            let real: Vec<f32> = v.iter().map(|v| (v / 16.0).round().min(65535.0)).collect();
            return self.escape(v, &real, kind, dim, number, model, lambda);
        }
        doubtful[..n].sort_by(|a, b| a.0.total_cmp(&b.0));
        let n = n.min(3);
        let book = &f.books.books[number];
        let mut found = false;
        for mask in 0..1usize << n {
            let mut try_ = whole;
            for (bit, &(_, k)) in doubtful[..n].iter().enumerate() {
                try_[k] -= (mask >> bit & 1) as u16;
            }
            let Some(i) = pack(&try_[..v.len()]).and_then(|key| self.lookup.find(number, key)) else {
                continue;
            };
            if i == 0 {
                continue;
            }
            found = true;
            let word = book.word(i);
            let dist: f32 = v.iter().zip(word).map(|(&v, &w)| (v - f32::from(w)).powi(2)).sum();
            let nonzero = word.iter().filter(|&&w| w != 0).count() as u32;
            let bits = index_cost(&f.ctx, number, dim, model, i) + nonzero * BIT;
            let cost = dist + lambda * bits as f32;
            if cost < best.cost {
                best = Best { cost, dist, bits, index: i, whole: try_ };
            }
        }
        if !found || n > 2 || whole.iter().any(|&m| m > 2) {
            let real: Vec<f32> = whole[..v.len()].iter().map(|&m| f32::from(m)).collect();
            let e = self.escape(v, &real, kind, dim, number, model, lambda);
            if e.cost < best.cost {
                best = e;
            }
        }
        best
    }

    /// Codes whole magnitudes one by one.
    #[allow(clippy::too_many_arguments)]
    fn escape(
        &self,
        v: &[f32],
        whole: &[f32],
        kind: usize,
        dim: usize,
        number: usize,
        model: usize,
        lambda: f32,
    ) -> Best {
        let ctx = &self.f.ctx;
        let index = self.f.books.books[number].len();
        let mut e = Best {
            cost: 0.0,
            dist: 0.0,
            bits: index_cost(ctx, number, dim, model, index),
            index,
            whole: [0; 8],
        };
        for (k, (&v, &m)) in v.iter().zip(whole).enumerate() {
            e.whole[k] = m as u16;
            e.dist += (v - m * 16.0).powi(2);
            e.bits += escape_cost(ctx, kind, m as u32) + u32::from(m > 0.0) * BIT;
        }
        e.cost = e.dist + lambda * e.bits as f32;
        e
    }
}
