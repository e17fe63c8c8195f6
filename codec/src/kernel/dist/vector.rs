//! The distortion kernels, generic over the SIMD level.

use fearless_simd::{Simd, i16x8, prelude::*};

use super::Blocks;
use crate::kernel::lanes::I16;
use crate::kernel::rows::{Rows, RowsMut, strips};

/// What is summed over a block.
pub trait Measure {
    /// Per pair of samples.
    fn of<S: Simd, V: I16<S>>(a: V, b: V) -> V::I32;
}

pub struct Absolute;
pub struct Squared;

impl Measure for Absolute {
    #[inline(always)]
    fn of<S: Simd, V: I16<S>>(a: V, b: V) -> V::I32 {
        (a.max(b) - a.min(b)).madd(V::splat(a.token(), 1))
    }
}

impl Measure for Squared {
    #[inline(always)]
    fn of<S: Simd, V: I16<S>>(a: V, b: V) -> V::I32 {
        let d = a - b;
        d.madd(d)
    }
}

/// Sums a measure over a block `W` wide, a multiple of the vector.
#[inline(always)]
pub fn sum<S: Simd, M: Measure, V: I16<S>, const W: usize>(simd: S, q: &Blocks) -> u64 {
    let (mut a, mut b) = (Rows::new(q.a, q.a_stride), Rows::new(q.b, q.b_stride));
    let mut sums = V::I32::splat(simd, 0);
    for _ in 1..q.h {
        sums += sum_row::<S, M, V, W>(simd, a.next_whole(), b.next_whole());
    }
    total::<S, _>(sums + sum_row::<S, M, V, W>(simd, a.rest(), b.rest()))
}

#[inline(always)]
fn sum_row<S: Simd, M: Measure, V: I16<S>, const W: usize>(simd: S, a: &[u16], b: &[u16]) -> V::I32 {
    let (a, b) = (&a[..W], &b[..W]);
    let mut sums = V::I32::splat(simd, 0);
    for x in (0..W).step_by(V::N) {
        sums += M::of::<S, V>(V::load_samples(simd, &a[x..x + V::N]), V::load_samples(simd, &b[x..x + V::N]));
    }
    sums
}

/// Sums of absolute differences between a block and four others, `W` wide, a multiple of the vector.
#[inline(always)]
pub fn sad4<S: Simd, V: I16<S>, const W: usize>(simd: S, q: &Blocks, others: [&[u16]; 4]) -> [u32; 4] {
    let mut a = Rows::new(q.a, q.a_stride);
    let mut others = others.map(|b| Rows::new(b, q.b_stride));
    let mut sums = [V::I32::splat(simd, 0); 4];
    for _ in 1..q.h {
        let a = a.next_whole();
        for (sum, b) in sums.iter_mut().zip(&mut others) {
            *sum += sum_row::<S, Absolute, V, W>(simd, a, b.next_whole());
        }
    }
    for (sum, b) in sums.iter_mut().zip(others) {
        *sum += sum_row::<S, Absolute, V, W>(simd, a.rest(), b.rest());
    }
    sums.map(|sum| total::<S, _>(sum) as u32)
}

/// 4 wide: two rows to a vector.
#[inline(always)]
pub fn sum4<S: Simd, M: Measure>(simd: S, q: &Blocks) -> u64 {
    let (mut a, mut b) = (Rows::new(q.a, q.a_stride), Rows::new(q.b, q.b_stride));
    let mut sums = i16x8::splat(simd, 0).as_i32();
    for y in (0..q.h).step_by(2) {
        let (a0, b0) = (&a.next_row()[..4], &b.next_row()[..4]);
        // A last row without another beside it is completed with rows that do not differ.
        let (a1, b1) = if y + 1 < q.h { (a.next_row(), b.next_row()) } else { (a0, a0) };
        let (a, b) = (i16x8::load_sample_halves(simd, a0, a1), i16x8::load_sample_halves(simd, b0, b1));
        sums += M::of::<S, _>(a, b);
    }
    total::<S, _>(sums)
}

#[inline(always)]
fn total<S: Simd, W: SimdInt<S, Element = i32>>(sums: W) -> u64 {
    let mut total = 0;
    for &v in sums.as_slice() {
        total += u64::from(v as u32);
    }
    total
}

#[inline(always)]
pub fn residual<S: Simd>(simd: S, q: &Blocks, out: &mut [i16]) -> u32 {
    let mut energy = 0;
    strips!(q.w, x, n, V => {
        let (mut a, mut b) = (Rows::new(&q.a[x..], q.a_stride), Rows::new(&q.b[x..], q.b_stride));
        let mut to = RowsMut::new(&mut out[x..], q.w);
        let mut sums = <V<S> as I16<S>>::I32::splat(simd, 0);
        for _ in 1..q.h {
            let (a, b) = (a.next_whole(), b.next_whole());
            sums += subtract::<S, V<S>>(simd, a, b, to.next_row(), n);
        }
        sums += subtract::<S, V<S>>(simd, a.rest(), b.rest(), to.next_row(), n);
        energy += total::<S, _>(sums) as u32;
    });
    energy
}

/// The first `n` samples of a row; returns the squares.
#[inline(always)]
fn subtract<S: Simd, V: I16<S>>(simd: S, a: &[u16], b: &[u16], to: &mut [i16], n: usize) -> V::I32 {
    let d = if n == V::N {
        let d = V::load_samples(simd, &a[..V::N]) - V::load_samples(simd, &b[..V::N]);
        d.store_slice(&mut to[..V::N]);
        d
    } else {
        let mut lanes = [0; 16];
        for (((lane, to), &a), &b) in lanes.iter_mut().zip(&mut to[..n]).zip(a).zip(b) {
            *to = a as i16 - b as i16;
            *lane = *to;
        }
        V::from_slice(simd, &lanes[..V::N])
    };
    d.madd(d)
}

/// SATD over 8x8 blocks; the sides are multiples of 8.
#[inline(always)]
pub fn satd8<S: Simd>(simd: S, q: &Blocks) -> u32 {
    let mut sum = 0;
    for y in (0..q.h).step_by(8) {
        let (a, b) = (&q.a[y * q.a_stride..], &q.b[y * q.b_stride..]);
        strips!(q.w, x, _n, V => {
            let mut rows = differences::<S, V<S>, 8>(simd, (&a[x..], q.a_stride), (&b[x..], q.b_stride));
            butterflies::<S, V<S>, 8>(&mut rows);
            for rows in rows.chunks_exact_mut(2) {
                // Between the halves of 128 bits. Signs may come out wrong, which absolute values forgive.
                let (outer, inner) = (V::outer_halves(rows[0], rows[1]), V::inner_halves(rows[0], rows[1]));
                (rows[0], rows[1]) = (outer + inner, outer - inner);
            }
            // Twice the lanes' sum is what the block's Hadamard coefficients sum to.
            for lanes in maxima::<S, V<S>, 8>(simd, &rows).as_slice().chunks_exact(4) {
                sum += ((lanes[0] + lanes[2]) as u32 + 1) >> 1;
            }
        });
    }
    sum
}

/// SATD over 4x4 blocks; the sides are multiples of 4.
#[inline(always)]
pub fn satd4<S: Simd>(simd: S, q: &Blocks) -> u32 {
    let mut sum = 0;
    for y in (0..q.h).step_by(4) {
        let (a, b) = (&q.a[y * q.a_stride..], &q.b[y * q.b_stride..]);
        strips!(q.w, x, n, V => {
            let (from_a, from_b) = ((&a[x..], q.a_stride), (&b[x..], q.b_stride));
            let mut rows = if n == 4 {
                differences4::<S, V<S>>(simd, from_a, from_b)
            } else {
                differences::<S, V<S>, 4>(simd, from_a, from_b)
            };
            butterflies::<S, V<S>, 4>(&mut rows);
            sum += total::<S, _>(maxima::<S, V<S>, 4>(simd, &rows)) as u32;
        });
    }
    sum
}

#[inline(always)]
fn differences<S: Simd, V: I16<S>, const N: usize>(
    simd: S,
    a: (&[u16], usize),
    b: (&[u16], usize),
) -> [V; N] {
    let (mut a, mut b) = (Rows::new(a.0, a.1), Rows::new(b.0, b.1));
    let mut rows = [V::splat(simd, 0); N];
    for (i, row) in rows.iter_mut().enumerate() {
        let (a, b) = if i + 1 < N { (a.next_whole(), b.next_whole()) } else { (a.rest(), b.rest()) };
        *row = V::load_samples(simd, &a[..V::N]) - V::load_samples(simd, &b[..V::N]);
    }
    rows
}

/// Of one 4x4 block, with zeros beside it.
#[inline(always)]
fn differences4<S: Simd, V: I16<S>>(simd: S, a: (&[u16], usize), b: (&[u16], usize)) -> [V; 4] {
    let (mut a, mut b) = (Rows::new(a.0, a.1), Rows::new(b.0, b.1));
    let mut rows = [V::splat(simd, 0); 4];
    for row in &mut rows {
        let (mut p, mut q) = ([0; 16], [0; 16]);
        p[..4].copy_from_slice(&a.next_row()[..4]);
        q[..4].copy_from_slice(&b.next_row()[..4]);
        *row = V::load_samples(simd, &p[..V::N]) - V::load_samples(simd, &q[..V::N]);
    }
    rows
}

/// The vertical Hadamard transform.
#[inline(always)]
fn butterflies<S: Simd, V: I16<S>, const N: usize>(rows: &mut [V; N]) {
    for step in [1, 2, 4] {
        if step < N {
            for i in 0..N {
                if i & step == 0 {
                    (rows[i], rows[i + step]) = (rows[i] + rows[i + step], rows[i] - rows[i + step]);
                }
            }
        }
    }
}

/// The horizontal transform within groups of 4 lanes, and half the absolute sum of each group, in its first 32 bits.
///
/// The last stage is not carried out: |a + b| + |a - b| = 2 max(|a|, |b|). So 10-bit samples stay within 16 bits too.
#[inline(always)]
fn maxima<S: Simd, V: I16<S>, const N: usize>(simd: S, rows: &[V; N]) -> V::I32 {
    let first = V::from_i32(V::upper_halves(V::splat(simd, 1)).as_i32());
    let mut sums = V::I32::splat(simd, 0);
    for rows in rows.chunks_exact(2) {
        let (even, odd) = V::even_odd(rows[0], rows[1]);
        for v in [(even + odd).magnitude(), (even - odd).magnitude()] {
            sums += v.max(v.upper_halves()).madd(first);
        }
    }
    sums
}
