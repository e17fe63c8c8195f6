//! From coefficients to codeword indices, by rate and distortion jointly.

mod vector;

use crate::codebook::{Lookup, SHAPES, book_index, neighbour_sum};
use crate::entropy::{BIT, symbol_cost};
use crate::kernel;
use crate::reconstruct::TX_TYPES;
use crate::syntax::layout::{self, POSITIONS, TX_CLASSES};
use crate::syntax::{
    FrameContext, MAG_STRIDE, TX_AREA, TxShape, index_cost, index_model, last_cost, position_class, scan_of,
};
use vector::Place;

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

/// A sum without a chain of eight additions.
#[inline(always)]
fn sum8(v: [f32; 8]) -> f32 {
    ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]))
}

fn refill<T: Clone>(v: &mut Vec<T>, n: usize, value: T) {
    v.clear();
    v.resize(n, value);
}

/// Sets of coefficients that may be weighed before one is quantised: one for each transform type.
const SLOTS: usize = TX_TYPES.len();

/// Buffers reused from block to block; after a quantisation they hold its tokens and values.
pub struct QuantScratch {
    pass: Pass,
    /// Magnitudes in 1/16 step by slot, and the largest of each.
    a: Vec<f32>,
    most: [f32; SLOTS],
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
            a: vec![0.0; SLOTS * TX_AREA],
            most: [0.0; SLOTS],
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

/// Bits of a group with a coefficient and without one, roughly.
const FILLED: f32 = 5.0;
const EMPTY: f32 = 0.2;
/// A first pass that comes to so much more than the limit is given up.
const TOLERANCE: f32 = 1.06;

/// What a magnitude must reach (in 1/16 step) for a group to be worth coding.
const REACH: f32 = 9.0;
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
    /// Cost of 1/1024 bit in squared 1/16 steps.
    lambda: f32,
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

    /// Takes note of coefficients in one of four slots. Returns a rough cost of them, in squared error of samples: a
    /// little less than what quantising them comes to, by 5 % (32x32) to 25 % (4x4).
    pub fn weigh(&self, scratch: &mut QuantScratch, slot: usize, coeffs: &[i32]) -> f32 {
        let magnitudes = &mut scratch.a[slot * TX_AREA..][..coeffs.len()];
        let weight = kernel::weigh(coeffs, self.scale(), REACH, self.bit(), magnitudes);
        scratch.most[slot] = weight.most;
        weight.cost * self.unit()
    }

    /// Quantises `coeffs` (orthonormal times 4, rows of the transform's width), which were weighed in a slot; `None` if
    /// zero is best: too little reaches half a step to pay for its bits, or if the cost is clearly beyond `limit`.
    pub fn quantise(
        &self,
        scratch: &mut QuantScratch,
        slot: usize,
        coeffs: &[i32],
        kind: usize,
        s: TxShape,
        limit: f32,
    ) -> Option<Quantised> {
        if scratch.most[slot] <= REACH {
            return None;
        }
        let QuantScratch { pass, a, zero, peak, mags, .. } = scratch;
        let a = &a[slot * TX_AREA..][..coeffs.len()];
        let scan = scan_of(s);
        let w = s.w();
        zero.clear();
        peak.clear();
        let (mut gain, worth) = (0.0, 2.0 * self.bit());
        // Up to where coding seems to pay.
        let (mut last, mut most_saved, mut saved) = (None, f32::NEG_INFINITY, 0.0);
        for (i, &(x, y)) in scan.iter().enumerate() {
            let at = usize::from(y) * w + usize::from(x);
            let (upper, lower) = (&a[at..at + 4], &a[at + w..at + w + 4]);
            let (mut squares, mut peaks) = ([0f32; 4], [0f32; 4]);
            for k in 0..4 {
                squares[k] = upper[k] * upper[k] + lower[k] * lower[k];
                peaks[k] = if upper[k] > lower[k] { upper[k] } else { lower[k] };
            }
            let sum = (squares[0] + squares[1]) + (squares[2] + squares[3]);
            let most = peaks[0].max(peaks[1]).max(peaks[2].max(peaks[3]));
            zero.push(sum);
            peak.push(most);
            if most > REACH {
                gain += (sum - worth).max(0.0);
                saved += sum - FILLED * self.bit();
                if saved > most_saved {
                    (last, most_saved) = (Some(i), saved);
                }
            } else {
                saved -= EMPTY * self.bit();
            }
        }
        let mut last = last?;
        if gain < 3.0 * self.bit() {
            return None;
        }
        let lambda = self.bit() / BIT as f32;
        let input = Input { a, zero, peak, coeffs, kind, s, lambda };
        self.pass(pass, mags, &input, last);
        let all: f32 = zero.iter().sum();
        for _ in 0..2 {
            let (cost, cut) = self.best_cut(pass, zero, kind, s, last, lambda)?;
            let beyond = all - zero[..=last].iter().sum::<f32>();
            if (cost + beyond) * self.unit() > limit * TOLERANCE {
                return None;
            }
            if cut == last {
                break;
            }
            last = cut;
            self.pass(pass, mags, &input, last);
        }
        if !pass.filled[last] {
            last = pass.filled.iter().rposition(|&f| f)?;
            self.pass(pass, mags, &input, last);
            if !pass.filled[last] {
                return None;
            }
        }
        let dist = pass.dist.iter().sum::<f32>() + zero[last + 1..].iter().sum::<f32>();
        let bits = pass.bits + u64::from(last_cost(&self.f.ctx, kind, s, last));
        Some(Quantised { last: last as u8, bits, dist: dist * self.unit() })
    }

    /// The cost up to `last` with the last group that costs least, given what a pass found, and that group; `None` if no
    /// group is filled.
    fn best_cut(
        &self,
        p: &Pass,
        zero: &[f32],
        kind: usize,
        s: TxShape,
        last: usize,
        lambda: f32,
    ) -> Option<(f32, usize)> {
        let mut best: Option<(f32, usize)> = None;
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
        best
    }

    fn pass(&self, p: &mut Pass, mags: &mut [u8], input: &Input, last: usize) {
        let &Input { a, zero, peak, kind, s, lambda, .. } = input;
        let f = self.f;
        let scan = scan_of(s);
        let w = s.w();
        p.reset(last + 1, w * s.h());
        mags[..MAG_STRIDE * (s.h() + 3)].fill(0);
        let mut start = 0;
        if f.scalar {
            let (gx, gy) = scan[last];
            let reaches =
                |&(x, y): &(usize, usize)| a[(usize::from(gy) + y) * w + usize::from(gx) + x] > REACH;
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
                let words = f.books.books[number].len();
                let bits = index_cost(&f.ctx, number, 0, words, index_model(number, position), 0);
                p.cost[i] = zero[i] + lambda * bits as f32;
                p.dist[i] = zero[i];
                p.bits += u64::from(bits);
                p.tokens.push(0);
                continue;
            }
            for (k, &(dx, dy)) in SHAPES[dim].corners.iter().enumerate() {
                let (x, y) = (gx + dx, gy + dy);
                if k < start {
                    let d = a[y * w + x].powi(2);
                    p.cost[i] += d;
                    p.dist[i] += d;
                    continue;
                }
                let chosen = self.vector(p, mags, input, Place { dim, x, y, first: blank && i == last });
                p.cost[i] += chosen.cost;
                p.dist[i] += chosen.dist;
                p.bits += u64::from(chosen.bits);
                p.filled[i] |= chosen.coded;
                blank &= !chosen.coded;
            }
            start = 0;
        }
    }
}
