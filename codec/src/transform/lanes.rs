//! The transforms as products of matrix rows and rows of samples, laid out so that they vectorise.

use super::matrix::entry;
use super::{TxKind, TxType};
use crate::kernel::level;
use fearless_simd::dispatch;
use std::sync::LazyLock;

/// A matrix and its transpose, by rows of `n`.
struct Matrix {
    /// `rows[k * n + i]`: basis function k at sample i.
    rows: Vec<i32>,
    /// `columns[i * n + k]`.
    columns: Vec<i32>,
}

impl Matrix {
    fn new(kind: TxKind, n: usize) -> Self {
        let at = |k: usize, i: usize| i32::from(entry(kind, n, k, i));
        Matrix {
            rows: (0..n * n).map(|j| at(j / n, j % n)).collect(),
            columns: (0..n * n).map(|j| at(j % n, j / n)).collect(),
        }
    }
}

static DCT: LazyLock<[Matrix; 4]> = LazyLock::new(|| [4, 8, 16, 32].map(|n| Matrix::new(TxKind::Dct, n)));
static DST: LazyLock<[Matrix; 3]> = LazyLock::new(|| [4, 8, 16].map(|n| Matrix::new(TxKind::Dst, n)));

fn matrix(kind: TxKind, log2: u32) -> &'static Matrix {
    match kind {
        TxKind::Dst if log2 <= 4 => &DST[log2 as usize - 2],
        _ => &DCT[log2 as usize - 2],
    }
}

/// `out[j] += factor * row[j]` over a row whose length is a constant.
#[inline(always)]
fn add_row<const N: usize>(out: &mut [i32; N], factor: i32, row: &[i32]) {
    if let Some(row) = row.first_chunk::<N>() {
        for (o, &r) in out.iter_mut().zip(row) {
            *o += factor * r;
        }
    }
}

/// `(v + half) >> shift`, clamped to 16 bits.
#[inline(always)]
fn middle<const N: usize>(sums: &[i32; N], shift: u32, out: &mut [i32]) {
    let half = 1 << shift >> 1;
    for (o, &s) in out.iter_mut().zip(sums) {
        *o = ((s + half) >> shift).clamp(-32768, 32767);
    }
}

pub fn forward(res: &[i16], coeffs: &mut [i32], w_log2: u32, h_log2: u32, tx: TxType, bit_depth: u8) {
    let (mv, mh) = (matrix(tx.col, h_log2), matrix(tx.row, w_log2));
    dispatch!(level(), _simd => match w_log2 {
        2 => forward_rows::<4>(res, coeffs, h_log2, mv, mh, bit_depth),
        3 => forward_rows::<8>(res, coeffs, h_log2, mv, mh, bit_depth),
        4 => forward_rows::<16>(res, coeffs, h_log2, mv, mh, bit_depth),
        _ => forward_rows::<32>(res, coeffs, h_log2, mv, mh, bit_depth),
    });
}

#[inline(always)]
fn forward_rows<const W: usize>(res: &[i16], coeffs: &mut [i32], h_log2: u32, mv: &Matrix, mh: &Matrix, bit_depth: u8) {
    let (w_log2, h) = (W.trailing_zeros(), 1usize << h_log2);
    let (s, odd) = ((w_log2 + h_log2) / 2, (w_log2 + h_log2) & 1 == 1);
    let s1 = h_log2 + u32::from(bit_depth) - 7;
    let s2 = 14 + s - s1;
    let mut wide = [[0i32; W]; 32];
    for (to, from) in wide.iter_mut().zip(res.chunks_exact(W)).take(h) {
        for (t, &f) in to.iter_mut().zip(from) {
            *t = i32::from(f);
        }
    }
    // The even rows of a cosine matrix are symmetric, the odd ones antisymmetric; a sine matrix has no such halves.
    for k in 0..h {
        let row = &mv.rows[k * h..(k + 1) * h];
        let mut acc = [0i32; W];
        for (from, &m) in wide.iter().zip(row) {
            add_row(&mut acc, m, from);
        }
        let mut mid = [0i32; W];
        middle(&acc, s1, &mut mid);
        let mut out = [0i32; W];
        for (i, &v) in mid.iter().enumerate() {
            add_row(&mut out, v, &mh.columns[i * W..]);
        }
        let half = 1 << s2 >> 1;
        for (c, &o) in coeffs[k * W..(k + 1) * W].iter_mut().zip(&out) {
            let v = (o + half) >> s2;
            *c = if odd { (v * 181 + 128) >> 8 } else { v };
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
    let (mv, mh) = (matrix(tx.col, h_log2), matrix(tx.row, w_log2));
    let nz = (nz_w, nz_h);
    dispatch!(level(), _simd => match w_log2 {
        2 => inverse_rows::<4>(coeffs, nz, dst, stride, h_log2, mv, mh, bit_depth),
        3 => inverse_rows::<8>(coeffs, nz, dst, stride, h_log2, mv, mh, bit_depth),
        4 => inverse_rows::<16>(coeffs, nz, dst, stride, h_log2, mv, mh, bit_depth),
        _ => inverse_rows::<32>(coeffs, nz, dst, stride, h_log2, mv, mh, bit_depth),
    });
}

#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn inverse_rows<const W: usize>(
    coeffs: &[i32],
    (nz_w, nz_h): (usize, usize),
    dst: &mut [u16],
    stride: usize,
    h_log2: u32,
    mv: &Matrix,
    mh: &Matrix,
    bit_depth: u8,
) {
    let (w_log2, h) = (W.trailing_zeros(), 1usize << h_log2);
    let (s, odd) = ((w_log2 + h_log2) / 2, (w_log2 + h_log2) & 1 == 1);
    let t1 = 3 + s + u32::from(bit_depth) - 8;
    let t2 = 15 + 8 - u32::from(bit_depth);
    let mut mid = [[0i32; W]; 32];
    for (to, from) in mid.iter_mut().zip(coeffs.chunks_exact(W)).take(nz_h) {
        let mut acc = [0i32; W];
        for (k, &c) in from[..nz_w].iter().enumerate() {
            if c != 0 {
                let c = if odd { (c * 181 + 128) >> 8 } else { c };
                add_row(&mut acc, c, &mh.rows[k * W..]);
            }
        }
        middle(&acc, t1, to);
    }
    let max = (1i32 << bit_depth) - 1;
    let half = 1 << t2 >> 1;
    for (y, out) in dst.chunks_mut(stride).take(h).enumerate() {
        let column = &mv.columns[y * h..(y + 1) * h];
        let mut acc = [0i32; W];
        for (from, &m) in mid[..nz_h].iter().zip(column) {
            add_row(&mut acc, m, from);
        }
        for (o, &a) in out[..W].iter_mut().zip(&acc) {
            *o = (i32::from(*o) + ((a + half) >> t2)).clamp(0, max) as u16;
        }
    }
}
