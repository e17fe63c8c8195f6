//! The interpolation kernels, generic over the SIMD level `S`, the vector `V` and the number of taps `T`.
//!
//! 8-bit content (`*8`): the sum of a filter's absolute taps is at most 112, and 112 * 255 < 2^15, so one direction's
//! sum fits 16-bit lanes however the terms wrap on the way. All else takes 32-bit sums: across, a pair of neighbours
//! in memory is the operand of a multiply-add as it stands; down, rows are paired first.

use fearless_simd::{Simd, i16x8, i16x16, prelude::*};

use super::Request;
use super::round::{Output, OutputRows, store};
use super::sums::{BATCH, MAX_PAIRS, MAX_ROWS, across, down, down_paired, down8, narrow, pair_taps, splat};
use crate::kernel::lanes::I16;
use crate::kernel::rows::{Rows, strips};
use crate::picture::Sample;

/// Runs the body for `h` rows in batches of `$batch`, then one by one; the body sees `$y` and the constant `$R`.
/// A macro, as closures the compiler declines to inline lose the SIMD level's instructions.
macro_rules! batches {
    ($batch:expr, $h:expr, $y:ident, $R:ident => $body:block) => {
        let whole = $h - $h % $batch;
        for $y in (0..whole).step_by($batch) {
            const $R: usize = $batch;
            $body
        }
        for $y in whole..$h {
            const $R: usize = 1;
            $body
        }
    };
}

#[inline(always)]
pub fn copy<S: Simd, P: Sample>(simd: S, q: &Request<P>, out: &mut impl Output) {
    let shift = 14 - u32::from(q.bd);
    strips!(q.w, x, n, V => {
        let mut from = Rows::new(&q.src[q.pos + x..], q.stride);
        let mut to = out.rows(x);
        for _ in 0..q.h {
            let v = V::load_samples(simd, &from.next_whole()[..V::<S>::N]);
            to.put(v << shift, n);
        }
    });
}

#[inline(always)]
pub fn horizontal8<S: Simd, P: Sample, const T: usize>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
) {
    strips!(q.w, x, n, V => {
        let taps = splat::<S, V<S>, T>(simd, &bank[q.fx]);
        let mut from = Rows::new(&q.src[q.pos + x - (T / 2 - 1)..], q.stride);
        let mut to = out.rows(x);
        for _ in 0..q.h {
            let near = &from.next_whole()[..V::<S>::N + T - 1];
            let v = narrow::<S, V<S>, T>(|i| V::load_samples(simd, &near[i..i + V::<S>::N]), &taps);
            to.put(v, n);
        }
    });
}

#[inline(always)]
pub fn horizontal<S: Simd, P: Sample, const T: usize>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
) {
    strips!(q.w, x, n, V => {
        let pairs = pair_taps::<S, V<S>, T>(simd, &bank[q.fx]);
        let mut from = Rows::new(&q.src[q.pos + x - (T / 2 - 1)..], q.stride);
        let mut to = out.rows(x);
        for _ in 0..q.h {
            let near = &from.next_whole()[..V::<S>::N + T - 1];
            let load = |i: usize| V::load_samples(simd, &near[i..i + V::<S>::N]);
            let v = across::<S, V<S>, T>(load, &pairs, u32::from(q.bd - 8));
            to.put(v, n);
        }
    });
}

#[inline(always)]
pub fn vertical8<S: Simd, P: Sample, const T: usize>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
) {
    strips!(q.w, x, n, V => {
        let taps = splat::<S, V<S>, T>(simd, &bank[q.fy]);
        let top = q.pos + x - (T / 2 - 1) * q.stride;
        let mut to = out.rows(x);
        batches!(BATCH, q.h, y, R => {
            let rows = load_rows::<S, V<S>, T, R>(simd, &q.src[top + y * q.stride..], q.stride);
            store_rows(&down8::<S, V<S>, T, R>(&rows, &taps), &mut to, n);
        });
    });
}

#[inline(always)]
pub fn vertical<S: Simd, P: Sample, const T: usize>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
) {
    strips!(q.w, x, n, V => {
        let pairs = pair_taps::<S, V<S>, T>(simd, &bank[q.fy]);
        let top = q.pos + x - (T / 2 - 1) * q.stride;
        let mut to = out.rows(x);
        batches!(BATCH, q.h, y, R => {
            let rows = load_rows::<S, V<S>, T, R>(simd, &q.src[top + y * q.stride..], q.stride);
            store_rows(&down::<S, V<S>, T, R>(&rows, &pairs, u32::from(q.bd - 8)), &mut to, n);
        });
    });
}

/// Both directions: across, then down. `EIGHT`: samples have 8 bits.
#[inline(always)]
pub fn both<S: Simd, P: Sample, const T: usize, const EIGHT: bool>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
) {
    // The intermediate block must be zeroed, so small ones are worth a size of their own.
    strips!(q.w, x, n, V => {
        match (V::<S>::N, n, q.h) {
            (16, _, _) => wide::<S, P, T, EIGHT>(simd, q, bank, out, x),
            (_, 8, ..=16) => slim::<S, P, T, EIGHT, 8, { 8 * 24 }>(simd, q, bank, out, x, n),
            (_, 8, _) => slim::<S, P, T, EIGHT, 8, { 8 * 72 }>(simd, q, bank, out, x, n),
            (_, _, ..=8) => slim::<S, P, T, EIGHT, 4, { 4 * 20 }>(simd, q, bank, out, x, n),
            _ => slim::<S, P, T, EIGHT, 4, { 4 * 76 }>(simd, q, bank, out, x, n),
        }
    });
}

/// 16 columns from column `x`. A row filtered across is paired with the one before at once, and the pairs move up as
/// the filter goes down: no intermediate block. Two rows at a time, as pairs and coefficients should fit the registers.
#[inline(always)]
fn wide<S: Simd, P: Sample, const T: usize, const EIGHT: bool>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
    x: usize,
) {
    let first = First::<i16x16<S>, T, EIGHT>::new(simd, q, bank);
    let pairs = pair_taps::<S, i16x16<S>, T>(simd, &bank[q.fy]);
    let mut from = Rows::new(&q.src[q.pos + x - (T / 2 - 1) * (q.stride + 1)..], q.stride);
    let mut to = out.rows(x);
    let mut last = first.filter(simd, from.next_whole());
    let mut paired = [(last, last); MAX_PAIRS];
    for pair in &mut paired[..T - 2] {
        let row = first.filter(simd, from.next_whole());
        *pair = i16x16::pair(last, row);
        last = row;
    }
    batches!(2, q.h, _y, R => {
        for pair in &mut paired[T - 2..T - 2 + R] {
            let row = first.filter(simd, from.next_whole());
            *pair = i16x16::pair(last, row);
            last = row;
        }
        store_rows(&down_paired::<S, i16x16<S>, T, R>(&paired, &pairs, 6), &mut to, 16);
        // One by one: as a whole the array would go through memory.
        for i in 0..T - 2 {
            paired[i] = paired[i + R];
        }
    });
}

/// `n` columns, at most `L`, from column `x`. The intermediate rows are `L` samples apart, so that going down one
/// vector holds several rows; `M` is room for them and for what the last vector reads beyond.
#[inline(always)]
fn slim<S: Simd, P: Sample, const T: usize, const EIGHT: bool, const L: usize, const M: usize>(
    simd: S,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
    x: usize,
    n: usize,
) {
    let mut mid = [0i16; M];
    let first = First::<i16x8<S>, T, EIGHT>::new(simd, q, bank);
    let mut from = Rows::new(&q.src[q.pos + x - (T / 2 - 1) * (q.stride + 1)..], q.stride);
    for mid in mid.chunks_exact_mut(L).take(q.h + T - 1) {
        store(first.filter(simd, from.next_whole()), mid, L);
    }
    let pairs = pair_taps::<S, i16x16<S>, T>(simd, &bank[q.fy]);
    let mut to = out.rows(x);
    for y in (0..q.h).step_by(16 / L) {
        let near = &mid[y * L..][..(T - 1) * L + 16];
        let mut rows = [i16x16::splat(simd, 0); MAX_ROWS];
        for (i, row) in rows.iter_mut().enumerate().take(T) {
            *row = i16x16::from_slice(simd, &near[i * L..i * L + 16]);
        }
        let [v] = down::<S, i16x16<S>, T, 1>(&rows, &pairs, 6);
        to.put_several::<S, L>(v, q.h - y, n);
    }
}

/// The first, horizontal stage of [`both`].
struct First<V, const T: usize, const EIGHT: bool> {
    taps: [V; T],
    pairs: [V; 4],
    bd: u8,
}

impl<V, const T: usize, const EIGHT: bool> First<V, T, EIGHT> {
    #[inline(always)]
    fn new<S: Simd, P: Sample>(simd: S, q: &Request<P>, bank: &[[i16; T]; 16]) -> Self
    where
        V: I16<S>,
    {
        First { taps: splat(simd, &bank[q.fx]), pairs: pair_taps(simd, &bank[q.fx]), bd: q.bd }
    }

    /// Filters `V::N` samples; `row` starts at the first tap's.
    #[inline(always)]
    fn filter<S: Simd>(&self, simd: S, row: &[impl Sample]) -> V
    where
        V: I16<S>,
    {
        let near = &row[..V::N + T - 1];
        let load = |i: usize| V::load_samples(simd, &near[i..i + V::N]);
        if EIGHT {
            narrow::<S, V, T>(load, &self.taps)
        } else {
            across::<S, V, T>(load, &self.pairs, u32::from(self.bd - 8))
        }
    }
}

/// The rows that `R` output rows are made of. Rows beyond stay zero and are not used.
#[inline(always)]
fn load_rows<S: Simd, V: I16<S>, const T: usize, const R: usize>(
    simd: S,
    from: &[impl Sample],
    stride: usize,
) -> [V; MAX_ROWS] {
    let mut rows = [V::splat(simd, 0); MAX_ROWS];
    let mut from = Rows::new(from, stride);
    for row in rows.iter_mut().take(T + R - 1) {
        *row = V::load_samples(simd, &from.next_whole()[..V::N]);
    }
    rows
}

#[inline(always)]
fn store_rows<S: Simd, V: I16<S>, const R: usize>(rows: &[V; R], to: &mut impl OutputRows, n: usize) {
    for &row in rows {
        to.put(row, n);
    }
}
