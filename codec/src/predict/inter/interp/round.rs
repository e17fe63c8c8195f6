//! From 14-bit intermediates to samples: the kernels, generic over the SIMD level; and what takes the rows of an
//! interpolated block, so that a block which needs only rounding is written once.

use fearless_simd::{Simd, i16x16, prelude::*};

use crate::kernel::lanes::I16;
use crate::kernel::rows::{RowsMut, strips};
use crate::picture::Sample;
use crate::predict::inter::Balance;

/// Takes an interpolated block.
pub(crate) trait Output {
    type Rows<'r>: OutputRows
    where
        Self: 'r;

    /// The rows of the columns from `x` on, top to bottom.
    fn rows(&mut self, x: usize) -> Self::Rows<'_>;
}

/// Takes rows of 14-bit intermediates.
pub(crate) trait OutputRows {
    /// The first `n` lanes as a row.
    fn put<S: Simd, V: I16<S>>(&mut self, v: V, n: usize);

    /// Up to `count` rows, `L` lanes for each, of which the first `n` are written.
    fn put_several<S: Simd, const L: usize>(&mut self, v: i16x16<S>, count: usize, n: usize);
}

/// Keeps the intermediates.
pub(crate) struct Intermediate<'a> {
    pub out: &'a mut [i16],
    pub stride: usize,
}

impl Output for Intermediate<'_> {
    type Rows<'r>
        = RowsMut<'r, i16>
    where
        Self: 'r;

    #[inline(always)]
    fn rows(&mut self, x: usize) -> RowsMut<'_, i16> {
        RowsMut::new(&mut self.out[x..], self.stride)
    }
}

impl OutputRows for RowsMut<'_, i16> {
    #[inline(always)]
    fn put<S: Simd, V: I16<S>>(&mut self, v: V, n: usize) {
        store(v, self.next_row(), n);
    }

    #[inline(always)]
    fn put_several<S: Simd, const L: usize>(&mut self, v: i16x16<S>, count: usize, n: usize) {
        for row in v.as_slice().chunks_exact(L).take(count) {
            store_few(row, self.next_row(), n);
        }
    }
}

/// Rounds to samples.
pub(crate) struct Samples<'a, T> {
    pub dst: &'a mut [T],
    pub stride: usize,
    pub bd: u32,
}

pub(crate) struct SampleRows<'a, T> {
    to: RowsMut<'a, T>,
    bd: u32,
}

impl<T: Sample> Output for Samples<'_, T> {
    type Rows<'r>
        = SampleRows<'r, T>
    where
        Self: 'r;

    #[inline(always)]
    fn rows(&mut self, x: usize) -> SampleRows<'_, T> {
        SampleRows { to: RowsMut::new(&mut self.dst[x..], self.stride), bd: self.bd }
    }
}

impl<T: Sample> OutputRows for SampleRows<'_, T> {
    #[inline(always)]
    fn put<S: Simd, V: I16<S>>(&mut self, v: V, n: usize) {
        store_samples(one(v, 14 - self.bd, self.bd), self.to.next_row(), n);
    }

    #[inline(always)]
    fn put_several<S: Simd, const L: usize>(&mut self, v: i16x16<S>, count: usize, n: usize) {
        store_several::<S, T, L>(one(v, 14 - self.bd, self.bd), &mut self.to, count, n);
    }
}

/// Takes the mean with another prediction, which is the first and of which the intermediates are given.
pub(crate) struct Mean<'a, T> {
    pub samples: Samples<'a, T>,
    pub other: &'a [i16],
    pub other_stride: usize,
    pub balance: Balance,
}

pub(crate) struct MeanRows<'a, T> {
    to: SampleRows<'a, T>,
    other: &'a [i16],
    at: usize,
    stride: usize,
    balance: Balance,
}

impl<T: Sample> Output for Mean<'_, T> {
    type Rows<'r>
        = MeanRows<'r, T>
    where
        Self: 'r;

    #[inline(always)]
    fn rows(&mut self, x: usize) -> MeanRows<'_, T> {
        MeanRows {
            to: self.samples.rows(x),
            other: self.other,
            at: x,
            stride: self.other_stride,
            balance: self.balance,
        }
    }
}

impl<T: Sample> OutputRows for MeanRows<'_, T> {
    #[inline(always)]
    fn put<S: Simd, V: I16<S>>(&mut self, v: V, n: usize) {
        let sum = twice_mean(load::<S, V>(v.token(), self.other, self.at, n), v, self.balance);
        self.at += self.stride;
        let bd = self.to.bd;
        store_samples(one(sum, 15 - bd, bd), self.to.to.next_row(), n);
    }

    #[inline(always)]
    fn put_several<S: Simd, const L: usize>(&mut self, v: i16x16<S>, count: usize, n: usize) {
        let other = if self.stride == L {
            // The other prediction's rows follow one another as this one's do.
            load(v.token(), self.other, self.at, (L * count).min(16))
        } else {
            let mut lanes = [0; 16];
            for (i, row) in lanes.chunks_exact_mut(L).enumerate().take(count) {
                row[..n].copy_from_slice(&self.other[self.at + i * self.stride..][..n]);
            }
            i16x16::from_slice(v.token(), &lanes)
        };
        self.at += self.stride * (16 / L);
        let bd = self.to.bd;
        store_several::<S, T, L>(
            one(twice_mean(other, v, self.balance), 15 - bd, bd),
            &mut self.to.to,
            count,
            n,
        );
    }
}

/// Twice the mean of two predictions. Only the last sum can saturate: where the sample is clipped anyway.
#[inline(always)]
fn twice_mean<S: Simd, V: I16<S>>(first: V, second: V, balance: Balance) -> V {
    match balance {
        Balance::Even => first.saturating_add(second),
        Balance::First => (second + ((first >> 2) - (second >> 2))).saturating_add(first),
        Balance::Second => (first + ((second >> 2) - (first >> 2))).saturating_add(second),
    }
}

/// Writes up to `count` rows of `n` samples, `L` lanes for each.
#[inline(always)]
fn store_several<S: Simd, T: Sample, const L: usize>(
    v: i16x16<S>,
    to: &mut RowsMut<T>,
    count: usize,
    n: usize,
) {
    let mut lanes = [T::default(); 16];
    v.store_samples(&mut lanes);
    for row in lanes.chunks_exact(L).take(count) {
        let to = to.next_row();
        if n == L { to[..L].copy_from_slice(row) } else { to[..n].copy_from_slice(&row[..n]) }
    }
}

/// A plane of samples to write and the size of the block in it.
pub struct Target<'a, T> {
    pub dst: &'a mut [T],
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
                store_samples($value, to.next_row(), $n);
                $x += step;
            }
        });
    };
}

/// One prediction. Saturating sums are exact here: what saturates is clipped afterwards anyway.
#[inline(always)]
pub fn put<S: Simd>(simd: S, t: &mut Target<impl Sample>, pred: &[i16]) {
    let bd = t.bd;
    each_row!(t, x, n, V => one(load::<S, V<S>>(simd, pred, x, n), 14 - bd, bd));
}

#[inline(always)]
fn one<S: Simd, V: I16<S>>(v: V, shift: u32, bd: u32) -> V {
    clip(v.saturating_add(1 << (shift - 1)) >> shift, bd)
}

/// The mean of two predictions.
#[inline(always)]
pub fn put_bi<S: Simd>(simd: S, t: &mut Target<impl Sample>, a: &[i16], b: &[i16], balance: Balance) {
    let bd = t.bd;
    each_row!(t, x, n, V => {
        let (a, b) = (load::<S, V<S>>(simd, a, x, n), load::<S, V<S>>(simd, b, x, n));
        one(twice_mean(a, b, balance), 15 - bd, bd)
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

/// Stores the first `n` lanes as samples.
#[inline(always)]
fn store_samples<S: Simd, V: I16<S>, T: Sample>(v: V, dst: &mut [T], n: usize) {
    if n == V::N {
        return v.store_samples(&mut dst[..n]);
    }
    let mut lanes = [T::default(); 16];
    v.store_samples(&mut lanes[..V::N]);
    match n {
        4 => dst[..4].copy_from_slice(&lanes[..4]),
        _ => dst[..n].copy_from_slice(&lanes[..n]),
    }
}

/// Stores the first `n` lanes.
#[inline(always)]
pub fn store<S: Simd, V: I16<S>>(v: V, out: &mut [i16], n: usize) {
    if n >= V::N {
        v.store_slice(&mut out[..V::N]);
    } else {
        store_few(v.as_slice(), out, n);
    }
}

/// Copies `n` of at most 8 lanes. Copies of constant length are single moves.
#[inline(always)]
fn store_few(v: &[i16], out: &mut [i16], n: usize) {
    match n {
        8 => out[..8].copy_from_slice(&v[..8]),
        4 => out[..4].copy_from_slice(&v[..4]),
        2 => out[..2].copy_from_slice(&v[..2]),
        _ => out[..n].copy_from_slice(&v[..n]),
    }
}
