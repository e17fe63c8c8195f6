//! Integer separable transforms: DCT-II (4 to 32) and DST-VII (4 to 16), any two of these sizes.
//!
//! Coefficients are 4 times those of the orthonormal transform, rounded.
//! Row `v`, column `u` of a coefficient block is vertical frequency `v`, horizontal frequency `u`.

mod matrix;
mod scalar;

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
    pub const DCT: TxType = TxType { col: TxKind::Dct, row: TxKind::Dct };
}

/// Forward transform of a dense residual block; residuals lie in `-(2^bit_depth - 1)..2^bit_depth`.
pub fn forward(res: &[i16], coeffs: &mut [i32], w_log2: u32, h_log2: u32, tx: TxType, bit_depth: u8) {
    scalar::forward(res, coeffs, w_log2, h_log2, tx, bit_depth);
}

/// Inverse transform, added to `dst` and clipped to `bit_depth`.
///
/// Coefficients lie in `bit_depth + 8` signed bits (callers clamp); outside the top left `nz_w` x `nz_h` they are zero.
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
    scalar::inverse_add(coeffs, nz_w, nz_h, dst, stride, w_log2, h_log2, tx, bit_depth);
}
