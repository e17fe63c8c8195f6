//! From coefficients to codeword indices, by rate and distortion jointly.

use crate::codebook::{DIMS, Lookup, SHAPES, book_index, neighbour_sum, pack};
use crate::entropy::{BIT, symbol_cost};
use crate::syntax::layout::{self, POSITIONS, TX_CLASSES};
use crate::syntax::{
    FrameContext, MAG_STRIDE, TX_AREA, TxShape, context_mag, escape_cost, index_cost, index_model, last_cost,
    position_class, scan_of,
};

/// What quantising one transform block came to; tokens and values are in [`QuantScratch`].
#[derive(Clone, Copy, Debug)]
pub struct Quantised {
    /// Scan position of the last group.
    pub last: u8,
    /// Cost of the residual without the coded flag and transform type, in 1/1024 bit.
    pub bits: u64,
    /// Squared error in samples.
    pub dist: f32,
}

/// One try at coding the groups up to a last one.
#[derive(Default)]
struct Pass {
    /// Tokens in coding order (highest frequency first).
    tokens: Vec<u16>,
    /// Signed coefficients in 1/16 step, rows of the transform's width.
    values: Vec<i32>,
    /// Cost (distortion plus rate, in squared 1/16 steps) and distortion of each group, by scan position.
    cost: Vec<f32>,
    dist: Vec<f32>,
    bits: u64,
    /// Groups with a coefficient, by scan position.
    filled: Vec<bool>,
}

impl Pass {
    fn reset(&mut self, groups: usize, area: usize) {
        self.tokens.clear();
        self.bits = 0;
        refill(&mut self.values, area, 0);
        refill(&mut self.cost, groups, 0.0);
        refill(&mut self.dist, groups, 0.0);
        refill(&mut self.filled, groups, false);
    }
}

fn refill<T: Clone>(v: &mut Vec<T>, n: usize, value: T) {
    v.clear();
    v.resize(n, value);
}

/// Buffers reused from block to block; after a quantisation they hold its tokens and values.
pub struct QuantScratch {
    pass: Pass,
    /// Magnitudes in 1/16 step.
    a: Vec<f32>,
    /// Energy of each group, and its largest magnitude, by scan position.
    zero: Vec<f32>,
    peak: Vec<f32>,
    /// Decoded magnitudes as contexts see them.
    mags: Vec<u8>,
}

impl Default for QuantScratch {
    fn default() -> Self {
        QuantScratch {
            pass: Pass::default(),
            a: vec![0.0; TX_AREA],
            zero: Vec::new(),
            peak: Vec::new(),
            mags: vec![0; MAG_STRIDE * (32 + 3)],
        }
    }
}

impl QuantScratch {
    pub fn tokens(&self) -> &[u16] {
        &self.pass.tokens
    }

    pub fn values(&self) -> &[i32] {
        &self.pass.values
    }
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

/// A component under half a step less a little (in 1/16 step) is zero in the best word nearly always.
const NEGLIGIBLE: f32 = 7.0;

/// A block to quantise.
struct Input<'a> {
    /// Magnitudes in 1/16 step; energy and peak of each group.
    a: &'a [f32],
    zero: &'a [f32],
    peak: &'a [f32],
    coeffs: &'a [i32],
    kind: usize,
    s: TxShape,
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

    /// Factor from coefficients to 1/16 steps.
    fn scale(&self) -> f32 {
        16.0 * 1024.0 / (self.step as f32 * (1 << (self.bit_depth - 8)) as f32)
    }

    /// Cost of a bit in squared 1/16 steps.
    fn bit(&self) -> f32 {
        self.lambda / self.unit()
    }

    /// Rough cost of coefficients, to tell which of several transforms suits best.
    pub fn estimate(&self, coeffs: &[i32]) -> f32 {
        let (scale, bit) = (self.scale(), self.bit());
        coeffs
            .iter()
            .map(|&c| {
                let a = c.unsigned_abs() as f32 * scale;
                if a < 9.0 { a * a } else { bit * (3.0 + a * 0.05) }
            })
            .sum()
    }

    /// Quantises `coeffs` (orthonormal times 4, rows of the transform's width); `None` if zero is best: too little
    /// reaches half a step to pay for its bits.
    pub fn quantise(
        &self,
        scratch: &mut QuantScratch,
        coeffs: &[i32],
        kind: usize,
        s: TxShape,
    ) -> Option<Quantised> {
        let scale = self.scale();
        let QuantScratch { pass, a, zero, peak, mags } = scratch;
        for (a, &c) in a.iter_mut().zip(coeffs) {
            *a = c.unsigned_abs() as f32 * scale;
        }
        let scan = scan_of(s);
        let w = s.w();
        zero.clear();
        peak.clear();
        let mut last = None;
        let (mut gain, worth) = (0.0, 2.0 * self.bit());
        for (i, &(x, y)) in scan.iter().enumerate() {
            let at = usize::from(y) * w + usize::from(x);
            let (upper, lower) = (&a[at..at + 4], &a[at + w..at + w + 4]);
            let (mut sum, mut most) = (0.0, 0f32);
            for &v in upper.iter().chain(lower) {
                sum += v * v;
                most = most.max(v);
            }
            zero.push(sum);
            peak.push(most);
            if most > 9.0 {
                last = Some(i);
                gain += (sum - worth).max(0.0);
            }
        }
        let mut last = last?;
        if gain < 3.0 * self.bit() {
            return None;
        }
        let lambda = self.bit() / BIT as f32;
        let input = Input { a, zero, peak, coeffs, kind, s };
        self.pass(pass, mags, &input, last, lambda);
        for _ in 0..2 {
            let cut = self.best_cut(pass, zero, kind, s, last, lambda)?;
            if cut == last {
                break;
            }
            last = cut;
            self.pass(pass, mags, &input, last, lambda);
        }
        if !pass.filled[last] {
            last = pass.filled.iter().rposition(|&f| f)?;
            self.pass(pass, mags, &input, last, lambda);
            if !pass.filled[last] {
                return None;
            }
        }
        let dist = pass.dist.iter().sum::<f32>() + zero[last + 1..].iter().sum::<f32>();
        let bits = pass.bits + u64::from(last_cost(&self.f.ctx, kind, s, last));
        Some(Quantised { last: last as u8, bits, dist: dist * self.unit() })
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

    fn pass(&self, p: &mut Pass, mags: &mut [u8], input: &Input, last: usize, lambda: f32) {
        let &Input { a, zero, peak, coeffs, kind, s } = input;
        let f = self.f;
        let scan = scan_of(s);
        let w = s.w();
        p.reset(last + 1, w * s.h());
        mags[..MAG_STRIDE * (s.h() + 3)].fill(0);
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
            let around = if blank { 0 } else { neighbour_sum(mags, MAG_STRIDE, gx, gy, 0) };
            let dim = f.thresholds.dim(around);
            if dim == 0 && peak[i] < NEGLIGIBLE {
                let number = book_index(kind, 0, f.thresholds.class(0, around));
                let position = if blank && i == last { POSITIONS - 1 } else { position_class(gx, gy) };
                let bits = index_cost(&f.ctx, number, 0, index_model(number, s.class(), position), 0);
                p.cost[i] = zero[i] + lambda * bits as f32;
                p.dist[i] = zero[i];
                p.bits += u64::from(bits);
                p.tokens.push(0);
                continue;
            }
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
                let sum = if blank { 0 } else { neighbour_sum(mags, MAG_STRIDE, x, y, dim) };
                let class = f.thresholds.class(dim, sum);
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
    }

    /// The word of least cost for the magnitudes `v` of dimension number `dim`.
    fn best_word(
        &self,
        v: &[f32],
        kind: usize,
        dim: usize,
        number: usize,
        model: usize,
        lambda: f32,
    ) -> Best {
        match dim {
            0 => self.best_of::<8>(v, kind, dim, number, model, lambda),
            1 => self.best_of::<4>(v, kind, dim, number, model, lambda),
            2 => self.best_of::<2>(v, kind, dim, number, model, lambda),
            _ => self.best_of::<1>(v, kind, dim, number, model, lambda),
        }
    }

    /// [`Self::best_word`] for a dimension known at compile time.
    #[inline(always)]
    fn best_of<const D: usize>(
        &self,
        v: &[f32],
        kind: usize,
        dim: usize,
        number: usize,
        model: usize,
        lambda: f32,
    ) -> Best {
        let f = self.f;
        let v: &[f32; D] = v.first_chunk().expect("as many magnitudes as the dimension");
        let dist0: f32 = v.iter().map(|v| v * v).sum();
        let bits0 = index_cost(&f.ctx, number, dim, model, 0);
        let mut best =
            Best { cost: dist0 + lambda * bits0 as f32, dist: dist0, bits: bits0, index: 0, whole: [0; 8] };
        if v.iter().all(|&v| v < NEGLIGIBLE) {
            return best;
        }
        let mut whole = [0u16; D];
        // Components that may also be one lower, the least certain first.
        let mut doubtful = [(0f32, 0usize); D];
        let mut n = 0;
        let mut large = false;
        for (k, &v) in v.iter().enumerate() {
            let r = (v * (1.0 / 16.0) + 0.5) as u16;
            large |= r > 15;
            whole[k] = r;
            let over = v - f32::from(r) * 16.0;
            if r > 0 && over < if r == 1 { 4.0 } else { 1.0 } {
                doubtful[n] = (over, k);
                n += 1;
            }
        }
        if large {
            // Beyond any word: an escape as near as it gets.
            return self.escape(v, &whole, kind, dim, number, model, lambda);
        }
        doubtful[..n].sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let n = n.min(3);
        let book = &f.books.books[number];
        // Whether the nearest vector of whole steps has a word.
        let mut found = false;
        for mask in 0..1usize << n {
            let mut near = whole;
            for (bit, &(_, k)) in doubtful[..n].iter().enumerate() {
                near[k] -= (mask >> bit & 1) as u16;
            }
            let Some(i) = pack(&near).and_then(|key| self.lookup.find(number, key)) else { continue };
            if i == 0 {
                continue;
            }
            found |= mask == 0;
            let word: &[i16; D] = book.word(i).first_chunk().expect("words are as long as the dimension");
            let mut dist = 0.0;
            let mut nonzero = 0;
            for (&v, &w) in v.iter().zip(word) {
                dist += (v - f32::from(w)).powi(2);
                nonzero += u32::from(w != 0);
            }
            let bits = index_cost(&f.ctx, number, dim, model, i) + nonzero * BIT;
            let cost = dist + lambda * bits as f32;
            if cost < best.cost {
                best = Best { cost, dist, bits, index: i, whole: [0; 8] };
            }
        }
        if !found || n > 2 || whole.iter().any(|&m| m > 2) {
            let e = self.escape(v, &whole, kind, dim, number, model, lambda);
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
        whole: &[u16],
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
            e.whole[k] = m;
            e.dist += (v - f32::from(m) * 16.0).powi(2);
            e.bits += escape_cost(ctx, kind, m.into()) + u32::from(m > 0) * BIT;
        }
        e.cost = e.dist + lambda * e.bits as f32;
        e
    }
}
