//! From 14-bit intermediates to samples: the kernels, generic over the SIMD level.

use fearless_simd::{Simd, prelude::*};

use crate::kernel::lanes::I16;
use crate::kernel::rows::{RowsMut, strips};

/// A plane of samples to write and the size of the block in it.
pub struct Target<'a> {
    pub dst: &'a mut [u16],
    pub stride: usize,
    pub pred_stride: usize,
    pub w: usize,
    pub h: usize,
    pub bd: u32,
}

/// For every row of every strip of columns: `$x` = its index in the prediction, `$n` = its width, `$V` = the vector
/// that holds it. A macro, as closures that are not inlined lose the SIMD level's instructions.
macro_rules! each_row {
    ($t:ident, $x:ident, $n:ident, $V:ident => $value:expr) => {
        strips!($t.w, column, $n, $V => {
            let mut to = RowsMut::new(&mut $t.dst[column..], $t.stride);
            let mut $x = column;
            let (rows, step) = ($t.h, $t.pred_stride);
            for _ in 0..rows {
                store($value, to.next_row(), $n);
                $x += step;
            }
        });
    };
}

/// One prediction. Saturating sums are exact here: what saturates is clipped afterwards anyway.
#[inline(always)]
pub fn put<S: Simd>(simd: S, t: &mut Target, pred: &[i16]) {
    let bd = t.bd;
    each_row!(t, x, n, V => one(load::<S, V<S>>(simd, pred, x, n), 14 - bd, bd));
}

#[inline(always)]
fn one<S: Simd, V: I16<S>>(v: V, shift: u32, bd: u32) -> V {
    clip(v.saturating_add(1 << (shift - 1)) >> shift, bd)
}

/// The mean of two predictions.
#[inline(always)]
pub fn put_bi<S: Simd>(simd: S, t: &mut Target, a: &[i16], b: &[i16]) {
    let bd = t.bd;
    each_row!(t, x, n, V => {
        let sum = load::<S, V<S>>(simd, a, x, n).saturating_add(load::<S, V<S>>(simd, b, x, n));
        one(sum, 15 - bd, bd)
    });
}

#[inline(always)]
fn clip<S: Simd, V: I16<S>>(v: V, bd: u32) -> V {
    let simd = v.token();
    v.max(V::splat(simd, 0)).min(V::splat(simd, (1 << bd) - 1))
}

/// Loads the first `n` lanes; what is in the others does not matter.
#[inline(always)]
fn load<S: Simd, V: I16<S>>(simd: S, pred: &[i16], x: usize, n: usize) -> V {
    // Reading more than is wanted is much faster than putting a vector together in memory.
    if let Some(lanes) = pred.get(x..x + V::N) {
        return V::from_slice(simd, lanes);
    }
    let mut lanes = [0; 16];
    lanes[..n].copy_from_slice(&pred[x..x + n]);
    V::from_slice(simd, &lanes[..V::N])
}

/// Stores the first `n` lanes.
#[inline(always)]
fn store<S: Simd, V: I16<S>>(v: V, dst: &mut [u16], n: usize) {
    if n == V::N {
        return v.store_u16(&mut dst[..n]);
    }
    let mut lanes = [0; 16];
    v.store_u16(&mut lanes[..V::N]);
    match n {
        4 => dst[..4].copy_from_slice(&lanes[..4]),
        _ => dst[..n].copy_from_slice(&lanes[..n]),
    }
}
