//! Integer separable transforms: DCT-II (4 to 32) and DST-VII (4 to 16), any two of these sizes.
//!
//! Coefficients are 4 times those of the orthonormal transform, rounded.
//! Row `v`, column `u` of a coefficient block is vertical frequency `v`, horizontal frequency `u`.

mod columns;
mod matrix;
mod passes;
mod rows;
#[cfg(test)]
mod scalar;
mod tables;
#[cfg(test)]
mod tests;

use fearless_simd::{Level, dispatch};

use crate::kernel::level;
use crate::picture::Sample;
use passes::Shape;

/// One direction's transform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TxKind {
    /// DCT-II.
    Dct,
    /// DST-VII: rises away from the first sample, as intra residuals do. Sizes 4 to 16 only.
    Dst,
}

/// The transforms of the two directions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxType {
    /// Of columns (vertical).
    pub col: TxKind,
    /// Of rows (horizontal).
    pub row: TxKind,
}

impl TxType {
    /// DCT-II in both directions.
    pub const DCT: TxType = TxType { col: TxKind::Dct, row: TxKind::Dct };
}

/// Forward transform of a dense residual block; residuals lie in `-(2^bit_depth - 1)..2^bit_depth`.
pub fn forward(res: &[i16], coeffs: &mut [i32], w_log2: u32, h_log2: u32, tx: TxType, bit_depth: u8) {
    forward_at(level(), res, coeffs, Shape::new(w_log2, h_log2, tx, bit_depth));
}

fn forward_at(level: Level, res: &[i16], coeffs: &mut [i32], shape: Shape) {
    // The intermediate block must be zeroed, so small blocks are worth a small one.
    match shape.area() {
        ..=64 => forward_in(level, res, coeffs, shape, &mut [0; 64]),
        65..=256 => forward_in(level, res, coeffs, shape, &mut [0; 256]),
        _ => forward_in(level, res, coeffs, shape, &mut [0; 1024]),
    }
}

fn forward_in(level: Level, res: &[i16], coeffs: &mut [i32], shape: Shape, mid: &mut [i16]) {
    dispatch!(level, simd => passes::forward(simd, res, coeffs, shape, mid));
}

/// Inverse transform, added to `dst` and clipped to `bit_depth`.
///
/// Coefficients lie in `bit_depth + 8` signed bits (callers clamp); outside the top left `nz_w` x `nz_h` they are zero.
#[allow(clippy::too_many_arguments)]
pub fn inverse_add<T: Sample>(
    coeffs: &[i32],
    nz_w: usize,
    nz_h: usize,
    dst: &mut [T],
    stride: usize,
    w_log2: u32,
    h_log2: u32,
    tx: TxType,
    bit_depth: u8,
) {
    if nz_w == 0 || nz_h == 0 {
        return;
    }
    let shape = Shape::new(w_log2, h_log2, tx, bit_depth);
    inverse_at(level(), coeffs, (nz_w, nz_h), dst, stride, shape);
}

fn inverse_at<T: Sample>(
    level: Level,
    coeffs: &[i32],
    nz: (usize, usize),
    dst: &mut [T],
    stride: usize,
    shape: Shape,
) {
    // Room for the rows that are not zero, in fours as the columns take them; 16 samples more, as vectors read beyond.
    match nz.1.next_multiple_of(4) << shape.w_log2 {
        ..=64 => inverse_in(level, coeffs, nz, dst, stride, shape, &mut [0; 80]),
        65..=256 => inverse_in(level, coeffs, nz, dst, stride, shape, &mut [0; 272]),
        _ => inverse_in(level, coeffs, nz, dst, stride, shape, &mut [0; 1040]),
    }
}

fn inverse_in<T: Sample>(
    level: Level,
    coeffs: &[i32],
    nz: (usize, usize),
    dst: &mut [T],
    stride: usize,
    shape: Shape,
    mid: &mut [i16],
) {
    dispatch!(level, simd => passes::inverse(simd, coeffs, nz, dst, stride, shape, mid));
}
