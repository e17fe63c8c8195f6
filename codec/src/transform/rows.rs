//! The horizontal passes. Two rows at a time: a pair of inputs of each is broadcast and multiply-added with the
//! entries of all outputs, so nothing is transposed and zero inputs are simply not visited.

use fearless_simd::{Simd, prelude::*};

use crate::kernel::lanes::I16;

/// How one row pass scales.
#[derive(Clone, Copy)]
pub struct Scale {
    pub shift: u32,
    /// Whether to multiply by 181 / 256 as well: the sides' product is an odd power of two.
    pub odd: bool,
}

/// Sums for two rows of `N` outputs: pairs of inputs from `a` and `b`, as many as given.
#[inline(always)]
fn two_rows<S: Simd, V: I16<S>, const N: usize>(
    simd: S,
    a: &[i32],
    b: &[i32],
    table: &[i16],
    round: i32,
) -> [[V::I32; 4]; 2] {
    let mut sums = [[V::I32::splat(simd, round); 4]; 2];
    for ((&a, &b), entries) in a.iter().zip(b).zip(table.chunks_exact(2 * N)) {
        let (a, b) = (V::splat_pair(simd, a), V::splat_pair(simd, b));
        for i in 0..2 * N / V::N {
            let entries = V::from_slice(simd, &entries[i * V::N..(i + 1) * V::N]);
            sums[0][i] += entries.madd(a);
            sums[1][i] += entries.madd(b);
        }
    }
    sums
}

/// `v * 181 / 256`, halves up.
#[inline(always)]
fn by_root_half<S: Simd, W: SimdInt<S, Element = i32>>(v: W) -> W {
    (v * 181 + 128) >> 8
}

/// Inverse: rows of 32-bit coefficients to 16-bit intermediates (saturated). `N` outputs per row.
///
/// Coefficients of deep content can exceed 16 bits, though they hardly ever do. Then this says false, and what it
/// wrote is wrong; with `WIDE` it takes 18 bits, as 4 times the upper ones plus the lower two.
#[inline(always)]
pub fn inverse<S: Simd, V: I16<S>, const N: usize, const WIDE: bool>(
    simd: S,
    coeffs: &[i32],
    nz_w: usize,
    nz_h: usize,
    table: &[i16],
    scale: Scale,
    mid: &mut [i16],
) -> bool {
    let half = V::N / 2;
    let table = &table[..N * N];
    let pairs = nz_w.div_ceil(2);
    let round = (1 << scale.shift) >> 1;
    let mut over = V::I32::splat(simd, 0);
    let rows = coeffs.chunks_exact(2 * N).zip(mid.chunks_exact_mut(2 * N)).take(nz_h.div_ceil(2));
    for (coeffs, mid) in rows {
        // The two rows' coefficients as pairs of 16 bits. With N = half they fill one vector together.
        let (mut inputs, mut rests) = ([0; 32], [0; 32]);
        for row in 0..if N == half { 1 } else { 2 } {
            for at in (row * N..row * N + nz_w).step_by(V::N) {
                let mut low = V::I32::from_slice(simd, &coeffs[at..at + half]);
                let mut high = V::I32::from_slice(simd, &coeffs[at + half..at + V::N]);
                if scale.odd {
                    (low, high) = (by_root_half(low), by_root_half(high));
                }
                let to = at / 2..at / 2 + half;
                if WIDE {
                    (low & 3).saturating_narrow(high & 3).as_i32().store_slice(&mut rests[to.clone()]);
                    (low, high) = (low >> 2, high >> 2);
                }
                over = over | (low ^ (low >> 31)) | (high ^ (high >> 31));
                low.saturating_narrow(high).as_i32().store_slice(&mut inputs[to]);
            }
        }
        let (a, b) = inputs[..N].split_at(N / 2);
        let first = if WIDE { 0 } else { round };
        let mut sums = two_rows::<S, V, N>(simd, &a[..pairs], &b[..pairs], table, first);
        if WIDE {
            let (a, b) = rests[..N].split_at(N / 2);
            let rests = two_rows::<S, V, N>(simd, &a[..pairs], &b[..pairs], table, round);
            for (sum, &rest) in sums.as_flattened_mut().iter_mut().zip(rests.as_flattened()) {
                *sum = (*sum << 2) + rest;
            }
        }
        let shift = scale.shift;
        if N == half {
            (sums[0][0] >> shift).saturating_narrow(sums[1][0] >> shift).store_slice(mid);
        } else {
            for (mid, sums) in mid.chunks_exact_mut(N).zip(sums) {
                for (mid, sums) in mid.chunks_exact_mut(V::N).zip(sums.chunks_exact(2)) {
                    (sums[0] >> shift).saturating_narrow(sums[1] >> shift).store_slice(mid);
                }
            }
        }
    }
    over.as_slice().iter().all(|&v| v <= i32::from(i16::MAX))
}

/// Forward: rows of 16-bit intermediates to 32-bit coefficients.
#[inline(always)]
pub fn forward<S: Simd, V: I16<S>, const N: usize>(
    simd: S,
    mid: &[i16],
    coeffs: &mut [i32],
    table: &[i16],
    scale: Scale,
) {
    let table = &table[..N * N];
    for (mid, coeffs) in mid.chunks_exact(2 * N).zip(coeffs.chunks_exact_mut(2 * N)) {
        let mut inputs = [0; 32];
        for (inputs, mid) in inputs.chunks_exact_mut(V::N / 2).zip(mid.chunks_exact(V::N)) {
            V::from_slice(simd, mid).as_i32().store_slice(inputs);
        }
        let (a, b) = inputs[..N].split_at(N / 2);
        let sums = two_rows::<S, V, N>(simd, a, b, table, (1 << scale.shift) >> 1);
        for (coeffs, sums) in coeffs.chunks_exact_mut(N).zip(sums) {
            for (coeffs, sum) in coeffs.chunks_exact_mut(V::N / 2).zip(sums) {
                let c = sum >> scale.shift;
                let c = if scale.odd { by_root_half(c) } else { c };
                c.store_slice(coeffs);
            }
        }
    }
}
