//! From 14-bit intermediates to samples: the kernels, generic over the SIMD level.

use fearless_simd::{Simd, i16x8, i16x16, prelude::*};

use crate::kernel::lanes::I16;
use crate::kernel::rows::RowsMut;

/// A plane of samples to write and the size of the block in it.
pub struct Target<'a> {
    pub dst: &'a mut [u16],
    pub stride: usize,
    pub pred_stride: usize,
    pub w: usize,
    pub h: usize,
    pub bd: u32,
}

/// For strips of 16, 8, 4, 2 and 1 of every row: `$dst` = the samples to write, `$x` = their index in the prediction,
/// `$V` = the vector that holds them. A macro, as closures that are not inlined lose the SIMD level's instructions.
macro_rules! strips {
    ($t:ident, $x:ident, $dst:ident, $V:ident => $value:expr) => {
        let mut to = RowsMut::new($t.dst, $t.stride);
        for y in 0..$t.h {
            let (wide, mut tail) = to.next_row()[..$t.w].as_chunks_mut::<16>();
            let mut $x = y * $t.pred_stride;
            for $dst in wide {
                type $V<S> = i16x16<S>;
                $value.store_u16($dst);
                $x += 16;
            }
            for n in [8, 4, 2, 1] {
                if $t.w & n != 0 {
                    let ($dst, later) = tail.split_at_mut(n);
                    type $V<S> = i16x8<S>;
                    store($value, $dst);
                    (tail, $x) = (later, $x + n);
                }
            }
        }
    };
}

/// One prediction. Saturating sums are exact here: what saturates is clipped afterwards anyway.
#[inline(always)]
pub fn put<S: Simd>(simd: S, t: &mut Target, pred: &[i16]) {
    strips!(t, x, dst, V => {
        let v: V<S> = load(simd, pred, x, dst.len());
        one(v, 14 - t.bd, t.bd)
    });
}

#[inline(always)]
fn one<S: Simd, V: I16<S>>(v: V, shift: u32, bd: u32) -> V {
    clip(v.saturating_add(1 << (shift - 1)) >> shift, bd)
}

/// The mean of two predictions.
#[inline(always)]
pub fn put_bi<S: Simd>(simd: S, t: &mut Target, a: &[i16], b: &[i16]) {
    strips!(t, x, dst, V => {
        let v: V<S> = load(simd, a, x, dst.len());
        one(v.saturating_add(load::<S, V<S>>(simd, b, x, dst.len())), 15 - t.bd, t.bd)
    });
}

/// The weighted mean of two predictions.
#[inline(always)]
pub fn put_weighted<S: Simd>(simd: S, t: &mut Target, a: &[i16], b: &[i16], wa: i32, wb: i32) {
    let pair = (wa & 0xffff) | (wb << 16);
    strips!(t, x, dst, V => {
        let v: V<S> = load(simd, a, x, dst.len());
        weighted(v, load(simd, b, x, dst.len()), pair, t.bd)
    });
}

#[inline(always)]
fn weighted<S: Simd, V: I16<S>>(a: V, b: V, weights: i32, bd: u32) -> V {
    let weights = V::splat_pair(a.token(), weights);
    let (even, odd) = V::pair(a, b);
    let (even, odd) = (even.madd(weights), odd.madd(weights));
    let half = 4 << (14 - bd);
    clip(V::merge((even + half) >> (17 - bd), (odd + half) >> (17 - bd)), bd)
}

#[inline(always)]
fn clip<S: Simd, V: I16<S>>(v: V, bd: u32) -> V {
    let simd = v.token();
    v.max(V::splat(simd, 0)).min(V::splat(simd, (1 << bd) - 1))
}

/// Loads the first `n` lanes, zeros in the others.
#[inline(always)]
fn load<S: Simd, V: I16<S>>(simd: S, pred: &[i16], x: usize, n: usize) -> V {
    if n == V::N {
        return V::from_slice(simd, &pred[x..x + V::N]);
    }
    let mut lanes = [0; 8];
    match n {
        4 => lanes[..4].copy_from_slice(&pred[x..x + 4]),
        _ => lanes[..n].copy_from_slice(&pred[x..x + n]),
    }
    V::from_slice(simd, &lanes)
}

/// Stores as many lanes as `dst` is long.
#[inline(always)]
fn store<S: Simd>(v: i16x8<S>, dst: &mut [u16]) {
    if dst.len() == 8 {
        return v.store_u16(dst);
    }
    let mut lanes = [0; 8];
    v.store_u16(&mut lanes);
    match dst.len() {
        4 => dst.copy_from_slice(&lanes[..4]),
        n => dst.copy_from_slice(&lanes[..n]),
    }
}
