//! The vertical passes, on strips of `V::N / 2` columns. The DCT's symmetry halves the products: even basis functions
//! are even about the middle, odd ones odd, so mirrored samples share their sums.

use fearless_simd::{Simd, i16x8, prelude::*};

use crate::kernel::lanes::I16;
use crate::picture::Sample;

/// Half vectors from two places, zipped.
#[inline(always)]
fn paired<S: Simd, V: I16<S>>(simd: S, from: &[i16], a: usize, b: usize) -> V {
    V::zip_halves(V::load_half(simd, &from[a..]), V::load_half(simd, &from[b..]))
}

/// The two sums that a row of the column table and the paired inputs give.
#[inline(always)]
fn two_sums<S: Simd, V: I16<S>, const DCT: bool, const P: usize>(
    simd: S,
    inputs: &[V; P],
    entries: &[i32],
    round: i32,
) -> (V::I32, V::I32) {
    let mut first = V::I32::splat(simd, round);
    let mut second = V::I32::splat(simd, if DCT { 0 } else { round });
    if DCT {
        let entries = &entries[..P];
        for p in 0..P / 2 {
            first += inputs[2 * p].madd(V::splat_pair(simd, entries[2 * p]));
            second += inputs[2 * p + 1].madd(V::splat_pair(simd, entries[2 * p + 1]));
        }
    } else {
        let entries = &entries[..2 * P];
        for p in 0..P {
            first += inputs[p].madd(V::splat_pair(simd, entries[2 * p]));
            second += inputs[p].madd(V::splat_pair(simd, entries[2 * p + 1]));
        }
    }
    (first, second)
}

/// Where the result of the inverse transform is added.
pub struct Target<'a, T> {
    pub dst: &'a mut [T],
    pub stride: usize,
    pub max: i16,
}

/// Inverse over columns of `N` samples: `2 * P` inputs of each (those beyond are zero), added to the target.
#[inline(always)]
pub fn inverse<S: Simd, V: I16<S>, T: Sample, const DCT: bool, const N: usize, const P: usize>(
    simd: S,
    mid: &[i16],
    w: usize,
    table: &[i32],
    shift: u32,
    to: &mut Target<T>,
) {
    let half = V::N / 2;
    let (zero, max) = (V::splat(simd, 0), V::splat(simd, to.max));
    for x in (0..w).step_by(half) {
        let mut inputs = [zero; P];
        for (p, input) in inputs.iter_mut().enumerate() {
            let (a, b) = if DCT { (p / 2 * 4 + p % 2, p / 2 * 4 + p % 2 + 2) } else { (2 * p, 2 * p + 1) };
            *input = paired::<S, V>(simd, &mid[x..], a * w, b * w);
        }
        let per_row = if DCT { N / 2 } else { N };
        for (i, entries) in table.chunks_exact(per_row).take(N / 2).enumerate() {
            let (first, second) = two_sums::<S, V, DCT, P>(simd, &inputs, entries, (1 << shift) >> 1);
            let (a, b, v) = if DCT {
                (i, N - 1 - i, ((first + second) >> shift).saturating_narrow((first - second) >> shift))
            } else {
                (2 * i, 2 * i + 1, (first >> shift).saturating_narrow(second >> shift))
            };
            let (above, below) = to.dst[a * to.stride + x..].split_at_mut((b - a) * to.stride);
            let v = V::load_sample_halves(simd, above, below).saturating_add(v);
            v.max(zero).min(max).store_sample_halves(above, below);
        }
    }
}

/// Inverse DCT of columns with nothing but their first input: all rows get the same. `V::N` columns from `x`.
#[inline(always)]
pub fn inverse_flat<S: Simd, V: I16<S>, T: Sample>(
    simd: S,
    mid: &[i16],
    x: usize,
    h: usize,
    shift: u32,
    to: &mut Target<T>,
) {
    let (zero, max) = (V::splat(simd, 0), V::splat(simd, to.max));
    let v = flat_residual::<S, V>(V::from_slice(simd, &mid[x..x + V::N]), shift);
    for y in 0..h {
        let row = &mut to.dst[y * to.stride + x..][..V::N];
        V::load_samples(simd, row).saturating_add(v).max(zero).min(max).store_samples(row);
    }
}

/// The same for a block 4 wide, two rows at a time.
#[inline(always)]
pub fn inverse_flat4<S: Simd, T: Sample>(simd: S, mid: &[i16], h: usize, shift: u32, to: &mut Target<T>) {
    let (zero, max) = (i16x8::splat(simd, 0), i16x8::splat(simd, to.max));
    let v = i16x8::load_half(simd, mid);
    let v = flat_residual::<S, i16x8<S>>(v | v.slide::<4>(v), shift);
    for y in (0..h).step_by(2) {
        let (above, below) = to.dst[y * to.stride..].split_at_mut(to.stride);
        let v = i16x8::load_sample_halves(simd, above, below).saturating_add(v);
        v.max(zero).min(max).store_sample_halves(above, below);
    }
}

#[inline(always)]
fn flat_residual<S: Simd, V: I16<S>>(mid: V, shift: u32) -> V {
    let (low, high) = mid.widen();
    let round = (1 << shift) >> 1;
    (((low << 8) + round) >> shift).saturating_narrow(((high << 8) + round) >> shift)
}

/// Forward over columns of `N` residuals, `P` = N / 2.
#[inline(always)]
pub fn forward<S: Simd, V: I16<S>, const DCT: bool, const N: usize, const P: usize>(
    simd: S,
    res: &[i16],
    w: usize,
    table: &[i32],
    shift: u32,
    mid: &mut [i16],
) {
    let half = V::N / 2;
    for x in (0..w).step_by(half) {
        let mut inputs = [V::splat(simd, 0); P];
        if DCT {
            // Residuals of 10 bits are below 2^10, so the sums of two fit.
            for (p, inputs) in inputs.chunks_exact_mut(2).enumerate() {
                let (a, b) = (
                    V::load_half(simd, &res[2 * p * w + x..]),
                    V::load_half(simd, &res[(N - 1 - 2 * p) * w + x..]),
                );
                let (c, d) = (
                    V::load_half(simd, &res[(2 * p + 1) * w + x..]),
                    V::load_half(simd, &res[(N - 2 - 2 * p) * w + x..]),
                );
                inputs[0] = V::zip_halves(a + b, c + d);
                inputs[1] = V::zip_halves(a - b, c - d);
            }
        } else {
            for (p, input) in inputs.iter_mut().enumerate() {
                *input = paired::<S, V>(simd, &res[x..], 2 * p * w, (2 * p + 1) * w);
            }
        }
        let per_row = if DCT { N / 2 } else { N };
        for (i, entries) in table.chunks_exact(per_row).take(N / 2).enumerate() {
            let round = (1 << shift) >> 1;
            let (first, second) = two_sums::<S, V, DCT, P>(simd, &inputs, entries, round);
            let second = if DCT { second + round } else { second };
            let v = (first >> shift).saturating_narrow(second >> shift);
            let (above, below) = mid[2 * i * w + x..].split_at_mut(w);
            v.store_halves(above, below);
        }
    }
}
