//! The plain twins of the transforms: the definition, one matrix product per direction.
//!
//! No sum overflows 32 bits. A matrix's basis is orthonormal times 256 * sqrt(n), so by Cauchy-Schwarz the absolute
//! entries of one row or column sum to at most 256 * n (rounding changes that by less than the DCT's bound, which is
//! met exactly by its first row alone; a test checks all). Forward: 2^10 * 256 * 32 < 2^24, then
//! 2^15 * 256 * 32 = 2^28, then at most 2^18 * 181. Inverse: coefficients of at most 18 bits times 181 < 2^25, then
//! 2^17 * 256 * 32 = 2^30 plus rounding, and after clamping 2^15 * 256 * 32 = 2^28.

use super::matrix::entry;
use super::{TxKind, TxType};

/// `v / 2^shift`, halves up.
fn round_shift(v: i32, shift: u32) -> i32 {
    if shift == 0 { v } else { (v + (1 << (shift - 1))) >> shift }
}

fn matrix(kind: TxKind, n: usize) -> [i32; 1024] {
    let mut m = [0; 1024];
    for (j, m) in m[..n * n].iter_mut().enumerate() {
        *m = i32::from(entry(kind, n, j / n, j % n));
    }
    m
}

pub fn forward(res: &[i16], coeffs: &mut [i32], w_log2: u32, h_log2: u32, tx: TxType, bit_depth: u8) {
    let (w, h) = (1 << w_log2, 1 << h_log2);
    let (s, odd) = ((w_log2 + h_log2) / 2, (w_log2 + h_log2) & 1 == 1);
    let s1 = h_log2 + u32::from(bit_depth) - 7;
    let s2 = 14 + s - s1;
    let (mv, mh) = (matrix(tx.col, h), matrix(tx.row, w));
    let mut mid = [0i32; 1024];
    for k in 0..h {
        for x in 0..w {
            let sum = (0..h).map(|i| mv[k * h + i] * i32::from(res[i * w + x])).sum();
            mid[k * w + x] = round_shift(sum, s1).clamp(-32768, 32767);
        }
    }
    for y in 0..h {
        for k in 0..w {
            let sum = (0..w).map(|i| mh[k * w + i] * mid[y * w + i]).sum();
            let c = round_shift(sum, s2);
            coeffs[y * w + k] = if odd { round_shift(c * 181, 8) } else { c };
        }
    }
}

#[allow(clippy::too_many_arguments)]
pub fn inverse_add(
    coeffs: &[i32],
    nz_w: usize,
    nz_h: usize,
    dst: &mut [u16],
    stride: usize,
    w_log2: u32,
    h_log2: u32,
    tx: TxType,
    bit_depth: u8,
) {
    let (w, h) = (1 << w_log2, 1 << h_log2);
    let (s, odd) = ((w_log2 + h_log2) / 2, (w_log2 + h_log2) & 1 == 1);
    let t1 = 3 + s + u32::from(bit_depth) - 8;
    let t2 = 15 + 8 - u32::from(bit_depth);
    let (mv, mh) = (matrix(tx.col, h), matrix(tx.row, w));
    let mut mid = [0i32; 1024];
    for y in 0..nz_h {
        for x in 0..w {
            let term = |k: usize| {
                let c = coeffs[y * w + k];
                mh[k * w + x] * if odd { round_shift(c * 181, 8) } else { c }
            };
            mid[y * w + x] = round_shift((0..nz_w).map(term).sum(), t1).clamp(-32768, 32767);
        }
    }
    let max = (1 << bit_depth) - 1;
    for y in 0..h {
        for x in 0..w {
            let sum = (0..nz_h).map(|k| mv[k * h + y] * mid[k * w + x]).sum();
            let d = &mut dst[y * stride + x];
            *d = (i32::from(*d) + round_shift(sum, t2)).clamp(0, max) as u16;
        }
    }
}
