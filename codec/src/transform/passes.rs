//! Both passes of a transform, by size: the SIMD pipeline.

use fearless_simd::{Simd, i16x8, i16x16};

use super::columns::{self, Target};
use super::rows::{self, Scale};
use super::tables::{column_table, row_table};
use super::{TxKind, TxType};
use crate::kernel::lanes::{self, I16};
use crate::picture::Sample;

/// What decides how a block is transformed.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub w_log2: u32,
    pub h_log2: u32,
    pub tx: TxType,
    pub bit_depth: u8,
}

impl Shape {
    pub fn new(w_log2: u32, h_log2: u32, tx: TxType, bit_depth: u8) -> Self {
        Shape { w_log2, h_log2, tx, bit_depth }
    }

    pub fn area(self) -> usize {
        1 << (self.w_log2 + self.h_log2)
    }

    /// Half the logarithm of the area, rounded down, and whether it was.
    fn scale(self) -> (u32, bool) {
        ((self.w_log2 + self.h_log2) / 2, (self.w_log2 + self.h_log2) & 1 == 1)
    }
}

#[inline(always)]
pub fn forward<S: Simd>(simd: S, res: &[i16], coeffs: &mut [i32], shape: Shape, mid: &mut [i16]) {
    let (w, area) = (1 << shape.w_log2, shape.area());
    let (s, odd) = shape.scale();
    let shift = shape.h_log2 + u32::from(shape.bit_depth) - 7;
    let (res, mid, coeffs) = (&res[..area], &mut mid[..area], &mut coeffs[..area]);
    if w == 4 {
        forward_columns::<S, i16x8<S>>(simd, res, w, shape, shift, mid);
    } else {
        forward_columns::<S, i16x16<S>>(simd, res, w, shape, shift, mid);
    }
    let table = row_table(shape.tx.row, shape.w_log2, true);
    let scale = Scale { shift: 14 + s - shift, odd };
    match shape.w_log2 {
        2 => rows::forward::<S, i16x8<S>, 4>(simd, mid, coeffs, table, scale),
        3 => rows::forward::<S, i16x16<S>, 8>(simd, mid, coeffs, table, scale),
        4 => rows::forward::<S, i16x16<S>, 16>(simd, mid, coeffs, table, scale),
        _ => rows::forward::<S, i16x16<S>, 32>(simd, mid, coeffs, table, scale),
    }
}

#[inline(always)]
fn forward_columns<S: Simd, V: I16<S>>(
    simd: S,
    res: &[i16],
    w: usize,
    shape: Shape,
    shift: u32,
    mid: &mut [i16],
) {
    let table = column_table(shape.tx.col, shape.h_log2, true);
    match (shape.tx.col, shape.h_log2) {
        (TxKind::Dct, 2) => columns::forward::<S, V, true, 4, 2>(simd, res, w, table, shift, mid),
        (TxKind::Dct, 3) => columns::forward::<S, V, true, 8, 4>(simd, res, w, table, shift, mid),
        (TxKind::Dct, 4) => columns::forward::<S, V, true, 16, 8>(simd, res, w, table, shift, mid),
        (TxKind::Dct, _) => columns::forward::<S, V, true, 32, 16>(simd, res, w, table, shift, mid),
        (TxKind::Dst, 2) => columns::forward::<S, V, false, 4, 2>(simd, res, w, table, shift, mid),
        (TxKind::Dst, 3) => columns::forward::<S, V, false, 8, 4>(simd, res, w, table, shift, mid),
        (TxKind::Dst, _) => columns::forward::<S, V, false, 16, 8>(simd, res, w, table, shift, mid),
    }
}

#[inline(always)]
pub fn inverse<S: Simd, T: Sample>(
    simd: S,
    coeffs: &[i32],
    nz: (usize, usize),
    dst: &mut [T],
    stride: usize,
    shape: Shape,
    mid: &mut [i16],
) {
    if !inverse_rows::<S, false>(simd, coeffs, nz, shape, mid) {
        inverse_rows::<S, true>(simd, coeffs, nz, shape, mid);
    }
    let (w, h, nz_h) = (1 << shape.w_log2, 1 << shape.h_log2, nz.1);
    let shift = 23 - u32::from(shape.bit_depth);
    let to = &mut Target { dst, stride, max: (1 << shape.bit_depth) - 1 };
    match (nz_h, shape.tx.col, w) {
        (1, TxKind::Dct, 4) => columns::inverse_flat4(simd, mid, h, shift, to),
        (1, TxKind::Dct, 8) => columns::inverse_flat::<S, i16x8<S>, _>(simd, mid, 0, h, shift, to),
        (1, TxKind::Dct, _) => {
            for x in (0..w).step_by(16) {
                columns::inverse_flat::<S, i16x16<S>, _>(simd, mid, x, h, shift, to);
            }
        }
        _ if w == 4 || !lanes::WIDE => inverse_columns::<S, i16x8<S>>(simd, mid, w, nz_h, shape, shift, to),
        _ => inverse_columns::<S, i16x16<S>>(simd, mid, w, nz_h, shape, shift, to),
    }
}

#[inline(always)]
fn inverse_rows<S: Simd, const WIDE: bool>(
    simd: S,
    coeffs: &[i32],
    (nz_w, nz_h): (usize, usize),
    shape: Shape,
    mid: &mut [i16],
) -> bool {
    let (s, odd) = shape.scale();
    let scale = Scale { shift: s + u32::from(shape.bit_depth) - 5, odd };
    let table = row_table(shape.tx.row, shape.w_log2, false);
    match shape.w_log2 {
        2 => rows::inverse::<S, i16x8<S>, 4, WIDE>(simd, coeffs, nz_w, nz_h, table, scale, mid),
        3 => rows::inverse::<S, i16x16<S>, 8, WIDE>(simd, coeffs, nz_w, nz_h, table, scale, mid),
        4 => rows::inverse::<S, i16x16<S>, 16, WIDE>(simd, coeffs, nz_w, nz_h, table, scale, mid),
        _ => rows::inverse::<S, i16x16<S>, 32, WIDE>(simd, coeffs, nz_w, nz_h, table, scale, mid),
    }
}

#[inline(always)]
fn inverse_columns<S: Simd, V: I16<S>>(
    simd: S,
    mid: &[i16],
    w: usize,
    nz_h: usize,
    shape: Shape,
    shift: u32,
    to: &mut Target<impl Sample>,
) {
    let table = column_table(shape.tx.col, shape.h_log2, false);
    macro_rules! pass {
        ($dct:literal, $n:literal, $pairs:literal) => {
            columns::inverse::<S, V, _, $dct, $n, $pairs>(simd, mid, w, table, shift, to)
        };
    }
    // As many pairs of inputs as cover the rows that are not zero.
    match (shape.tx.col, shape.h_log2, nz_h) {
        (TxKind::Dct, 2, _) => pass!(true, 4, 2),
        (TxKind::Dct, 3, ..=4) => pass!(true, 8, 2),
        (TxKind::Dct, 3, _) => pass!(true, 8, 4),
        (TxKind::Dct, 4, ..=4) => pass!(true, 16, 2),
        (TxKind::Dct, 4, ..=8) => pass!(true, 16, 4),
        (TxKind::Dct, 4, _) => pass!(true, 16, 8),
        (TxKind::Dct, _, ..=4) => pass!(true, 32, 2),
        (TxKind::Dct, _, ..=8) => pass!(true, 32, 4),
        (TxKind::Dct, _, ..=16) => pass!(true, 32, 8),
        (TxKind::Dct, _, _) => pass!(true, 32, 16),
        (TxKind::Dst, 2, _) => pass!(false, 4, 2),
        (TxKind::Dst, 3, ..=4) => pass!(false, 8, 2),
        (TxKind::Dst, 3, _) => pass!(false, 8, 4),
        (TxKind::Dst, _, ..=4) => pass!(false, 16, 2),
        (TxKind::Dst, _, ..=8) => pass!(false, 16, 4),
        (TxKind::Dst, _, _) => pass!(false, 16, 8),
    }
}
