//! The interpolation kernels, generic over the SIMD level `S`, the vector `V` and the number of taps `T`.
//!
//! 8-bit content: the sum of a filter's absolute taps is at most 112, and 112 * 255 < 2^15, so one direction's sum
//! fits 16-bit lanes however the terms wrap on the way. With no shift between the two directions their order is
//! free: rows are filtered downwards first (plain multiplies), then across, where a pair of neighbours in memory
//! is the operand of a multiply-add as it stands. Deeper content needs 32-bit sums throughout.

use fearless_simd::{Simd, i16x8, i16x16, prelude::*};

use super::Request;
use crate::kernel::lanes::I16;
use crate::kernel::rows::{Rows, RowsMut};

/// Rows that are filtered downwards together, so that each input row is loaded once, not `T` times.
const BATCH: usize = 4;
/// Input rows of a batch.
const MAX_ROWS: usize = 8 + BATCH - 1;

/// Runs the body for `h` rows in batches of `BATCH`, then one by one; the body sees `$y` and the constant `$R`.
/// A macro, as closures the compiler declines to inline lose the SIMD level's instructions.
macro_rules! batches {
    ($h:expr, $y:ident, $R:ident => $body:block) => {
        let whole = $h - $h % BATCH;
        for $y in (0..whole).step_by(BATCH) {
            const $R: usize = BATCH;
            $body
        }
        for $y in whole..$h {
            const $R: usize = 1;
            $body
        }
    };
}

#[inline(always)]
pub fn block<S: Simd, const T: usize>(simd: S, q: &Request, bank: &[[i16; T]; 16], out: &mut [i16]) {
    let wide = q.w & !15;
    if q.bd == 8 && q.fx > 0 && q.fy > 0 {
        if wide > 0 {
            both8::<S, i16x16<S>, T, 80>(simd, q, bank, out, 0, wide);
        }
        let mut x = wide;
        for n in [8, 4, 2, 1] {
            if q.w & n != 0 {
                both8::<S, i16x8<S>, T, 16>(simd, q, bank, out, x, n);
                x += n;
            }
        }
        return;
    }
    for x in (0..wide).step_by(16) {
        strip::<S, i16x16<S>, T>(simd, q, bank, out, x, 16);
    }
    let mut x = wide;
    for n in [8, 4, 2, 1] {
        if q.w & n != 0 {
            strip::<S, i16x8<S>, T>(simd, q, bank, out, x, n);
            x += n;
        }
    }
}

/// One strip of at most `V::N` columns from column `x`, all cases but the two-dimensional 8-bit one.
#[inline(always)]
fn strip<S: Simd, V: I16<S>, const T: usize>(
    simd: S,
    q: &Request,
    bank: &[[i16; T]; 16],
    out: &mut [i16],
    x: usize,
    n: usize,
) {
    let (before, shift) = (T / 2 - 1, u32::from(q.bd - 8));
    let mut to = RowsMut::new(&mut out[x..], q.out_stride);
    match (q.fx, q.fy) {
        (0, 0) => {
            let mut from = Rows::new(&q.src[q.pos + x..], q.stride);
            for _ in 0..q.h {
                let v = V::load_u16(simd, &from.next_row()[..V::N]);
                store(v << (14 - u32::from(q.bd)), to.next_row(), n);
            }
        }
        (_, 0) => {
            let (taps, pairs) = (splat::<S, V, T>(simd, &bank[q.fx]), pair_taps::<S, V, T>(simd, &bank[q.fx]));
            let mut from = Rows::new(&q.src[q.pos + x - before..], q.stride);
            for _ in 0..q.h {
                let near = &from.next_row()[..V::N + T - 1];
                let load = |i: usize| V::load_u16(simd, &near[i..i + V::N]);
                let v = if q.bd == 8 {
                    narrow::<S, V, T>(load, &taps)
                } else {
                    across::<S, V, T>(load, &pairs, shift)
                };
                store(v, to.next_row(), n);
            }
        }
        (0, _) => {
            let (taps, pairs) = (splat::<S, V, T>(simd, &bank[q.fy]), pair_taps::<S, V, T>(simd, &bank[q.fy]));
            let top = q.pos + x - before * q.stride;
            if q.bd == 8 {
                batches!(q.h, y, R => {
                    let rows = load_rows::<S, V, T, R>(simd, &q.src[top + y * q.stride..], q.stride);
                    store_rows(&down8::<S, V, T, R>(&rows, &taps), &mut to, n);
                });
            } else {
                batches!(q.h, y, R => {
                    let rows = load_rows::<S, V, T, R>(simd, &q.src[top + y * q.stride..], q.stride);
                    store_rows(&down::<S, V, T, R>(&rows, &pairs, shift), &mut to, n);
                });
            }
        }
        _ if q.h <= 8 => both::<S, V, T, { 8 + 7 }>(simd, q, bank, out, x, n),
        _ => both::<S, V, T, { 64 + 7 }>(simd, q, bank, out, x, n),
    }
}

/// Both directions, 8-bit, downwards first: `n` columns from `x`. `C` is room for the columns with their margin.
#[inline(always)]
fn both8<S: Simd, V: I16<S>, const T: usize, const C: usize>(
    simd: S,
    q: &Request,
    bank: &[[i16; T]; 16],
    out: &mut [i16],
    x: usize,
    n: usize,
) {
    let before = T / 2 - 1;
    let wide = splat::<S, i16x16<S>, T>(simd, &bank[q.fy]);
    let half = splat::<S, i16x8<S>, T>(simd, &bank[q.fy]);
    let pairs = pair_taps::<S, V, T>(simd, &bank[q.fx]);
    let corner = q.pos + x - before - before * q.stride;
    // 8 more columns than are wanted: at most 7 are needed, and vectors come in eights.
    let cols = n.max(V::N) + 8;
    let mut mid = [[0i16; C]; BATCH];
    let mut to = RowsMut::new(&mut out[x..], q.out_stride);
    batches!(q.h, y, R => {
        let from = &q.src[corner + y * q.stride..];
        let mut c = 0;
        while c + 16 <= cols {
            let rows = load_rows::<S, i16x16<S>, T, R>(simd, &from[c..], q.stride);
            for (row, mid) in down8::<S, _, T, R>(&rows, &wide).iter().zip(&mut mid) {
                row.store_slice(&mut mid[c..c + 16]);
            }
            c += 16;
        }
        if c < cols {
            let rows = load_rows::<S, i16x8<S>, T, R>(simd, &from[c..], q.stride);
            for (row, mid) in down8::<S, _, T, R>(&rows, &half).iter().zip(&mut mid) {
                row.store_slice(&mut mid[c..c + 8]);
            }
        }
        for mid in mid.iter().take(R) {
            let to = to.next_row();
            for c in (0..n).step_by(V::N) {
                let near = &mid[c..c + V::N + T - 1];
                let v = across::<S, V, T>(|i| V::from_slice(simd, &near[i..i + V::N]), &pairs, 6);
                store(v, &mut to[c..], n - c);
            }
        }
    });
}

/// Both directions at any depth, across first: `n` columns from `x`, of at most `ROWS - 7` rows.
#[inline(always)]
fn both<S: Simd, V: I16<S>, const T: usize, const ROWS: usize>(
    simd: S,
    q: &Request,
    bank: &[[i16; T]; 16],
    out: &mut [i16],
    x: usize,
    n: usize,
) {
    let (before, shift) = (T / 2 - 1, u32::from(q.bd - 8));
    let corner = q.pos + x - before - before * q.stride;
    let pairs = pair_taps::<S, V, T>(simd, &bank[q.fx]);
    let mut mid = [V::splat(simd, 0); ROWS];
    let mut from = Rows::new(&q.src[corner..], q.stride);
    for mid in mid.iter_mut().take(q.h + T - 1) {
        let near = &from.next_row()[..V::N + T - 1];
        *mid = across::<S, V, T>(|i| V::load_u16(simd, &near[i..i + V::N]), &pairs, shift);
    }
    let pairs = pair_taps::<S, V, T>(simd, &bank[q.fy]);
    let mut to = RowsMut::new(&mut out[x..], q.out_stride);
    batches!(q.h, y, R => {
        let mut rows = [V::splat(simd, 0); MAX_ROWS];
        rows[..T + R - 1].copy_from_slice(&mid[y..y + T + R - 1]);
        store_rows(&down::<S, V, T, R>(&rows, &pairs, 6), &mut to, n);
    });
}

/// The rows that `R` output rows are made of. Rows beyond stay zero and are not used.
#[inline(always)]
fn load_rows<S: Simd, V: I16<S>, const T: usize, const R: usize>(
    simd: S,
    from: &[u16],
    stride: usize,
) -> [V; MAX_ROWS] {
    let mut rows = [V::splat(simd, 0); MAX_ROWS];
    let mut from = Rows::new(from, stride);
    for row in rows.iter_mut().take(T + R - 1) {
        *row = V::load_u16(simd, &from.next_row()[..V::N]);
    }
    rows
}

/// Filters `R` rows downwards in 16-bit lanes.
#[inline(always)]
fn down8<S: Simd, V: I16<S>, const T: usize, const R: usize>(rows: &[V; MAX_ROWS], taps: &[V; T]) -> [V; R] {
    let mut out = [rows[0]; R];
    for (r, out) in out.iter_mut().enumerate() {
        *out = narrow::<S, V, T>(|i| rows[r + i], taps);
    }
    out
}

/// Filters `R` rows downwards with 32-bit sums.
#[inline(always)]
fn down<S: Simd, V: I16<S>, const T: usize, const R: usize>(
    rows: &[V; MAX_ROWS],
    pairs: &[V; 4],
    shift: u32,
) -> [V; R] {
    let mut paired = [(rows[0], rows[0]); MAX_ROWS - 1];
    for (i, paired) in paired.iter_mut().enumerate().take(T + R - 2) {
        *paired = V::pair(rows[i], rows[i + 1]);
    }
    let mut out = [rows[0]; R];
    for (r, out) in out.iter_mut().enumerate() {
        let mut even = paired[r].0.madd(pairs[0]);
        let mut odd = paired[r].1.madd(pairs[0]);
        for i in 1..T / 2 {
            even = even + paired[r + 2 * i].0.madd(pairs[i]);
            odd = odd + paired[r + 2 * i].1.madd(pairs[i]);
        }
        *out = round_down::<S, V, T>(even, odd, shift);
    }
    out
}

/// The filter in 16-bit lanes; `load(i)` is the operand of tap `i`.
#[inline(always)]
fn narrow<S: Simd, V: I16<S>, const T: usize>(load: impl Fn(usize) -> V, taps: &[V; T]) -> V {
    let mut sum = load(0) * taps[0];
    for (i, &tap) in taps.iter().enumerate().skip(1) {
        sum = sum + load(i) * tap;
    }
    sum
}

/// The filter across with 32-bit sums; `load(i)` starts `i` samples after the first tap's.
///
/// Loads at even offsets give the even outputs' pairs of neighbours, loads at odd offsets the odd outputs'.
#[inline(always)]
fn across<S: Simd, V: I16<S>, const T: usize>(load: impl Fn(usize) -> V, pairs: &[V; 4], shift: u32) -> V {
    let mut even = load(0).madd(pairs[0]);
    let mut odd = load(1).madd(pairs[0]);
    for i in 1..T / 2 {
        even = even + load(2 * i).madd(pairs[i]);
        odd = odd + load(2 * i + 1).madd(pairs[i]);
    }
    round_down::<S, V, T>(even, odd, shift)
}

/// Shifts 32-bit sums into 16-bit lanes. Two passes of 8 taps can reach (88 * 88 + 24 * 24) * 255 / 64 = 33150.
#[inline(always)]
fn round_down<S: Simd, V: I16<S>, const T: usize>(even: V::I32, odd: V::I32, shift: u32) -> V {
    let (mut even, mut odd) = (even >> shift, odd >> shift);
    if T == 8 && shift == 6 {
        let max = V::I32::splat(even.token(), i32::from(i16::MAX));
        (even, odd) = (even.min(max), odd.min(max));
    }
    V::merge(even, odd)
}

#[inline(always)]
fn splat<S: Simd, V: I16<S>, const T: usize>(simd: S, taps: &[i16; T]) -> [V; T] {
    taps.map(|tap| V::splat(simd, tap))
}

/// Taps two by two, as multiply-add takes them.
#[inline(always)]
fn pair_taps<S: Simd, V: I16<S>, const T: usize>(simd: S, taps: &[i16; T]) -> [V; 4] {
    let mut pairs = [V::splat(simd, 0); 4];
    for (pair, taps) in pairs.iter_mut().zip(taps.chunks_exact(2)) {
        *pair = V::splat_pair(simd, i32::from(taps[0] as u16) | i32::from(taps[1]) << 16);
    }
    pairs
}

#[inline(always)]
fn store_rows<S: Simd, V: I16<S>, const R: usize>(rows: &[V; R], to: &mut RowsMut<i16>, n: usize) {
    for &row in rows {
        store(row, to.next_row(), n);
    }
}

/// Stores the first `n` lanes.
#[inline(always)]
fn store<S: Simd, V: I16<S>>(v: V, out: &mut [i16], n: usize) {
    if n >= V::N {
        v.store_slice(&mut out[..V::N]);
    } else {
        // Copies of constant length are single moves.
        let v = v.as_slice();
        match n {
            4 => out[..4].copy_from_slice(&v[..4]),
            2 => out[..2].copy_from_slice(&v[..2]),
            _ => out[..n].copy_from_slice(&v[..n]),
        }
    }
}
