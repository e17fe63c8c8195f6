//! Vectors of 16-bit lanes over which the kernels are generic, so that one source serves blocks 8 and 16 wide.
//!
//! Interleaving two vectors and packing the products again costs lane-crossing shuffles on AVX2. The kernels
//! instead interleave *within 128 bits*, [`I16::pair`], which [`I16::narrow`] undoes: one instruction for each vector.
//! Where neighbours in memory are the pairs, products come by even and odd lanes, and [`I16::merge`] puts them together.

use crate::picture::Sample;
use fearless_simd::{Simd, i16x8, i16x16, i32x4, i32x8, prelude::*, u64x2, u64x4};

/// Whether 16 lanes are worth code of their own. Where vectors have 8 at most, it would only make the program larger.
pub(crate) const WIDE: bool = cfg!(not(target_arch = "wasm32"));

/// A vector of 16-bit lanes and the operations on it that fearless_simd has only per type.
pub(crate) trait I16<S: Simd>:
    SimdInt<S, Element = i16> + SimdIntWiden<S, Widened = Self::I32> + SimdWiden<S, Widened = Self::I32>
{
    /// The same register as 32-bit lanes.
    type I32: SimdInt<S, Element = i32> + SimdNarrow<S, Narrowed = Self>;
    const N: usize;

    /// Loads the first `N` samples. They must be below 2^15.
    fn load_samples<T: Sample>(simd: S, from: &[T]) -> Self;
    fn store_samples<T: Sample>(self, to: &mut [T]);
    /// Half a vector of samples from each of two rows.
    fn load_sample_halves<T: Sample>(simd: S, low: &[T], high: &[T]) -> Self;
    /// The low half of the lanes to one row, the high half to another.
    fn store_sample_halves<T: Sample>(self, low: &mut [T], high: &mut [T]);
    fn store_halves(self, low: &mut [i16], high: &mut [i16]);
    /// Half a vector, in the low lanes of 8.
    fn load_half(simd: S, from: &[i16]) -> i16x8<S>;
    /// (a0, b0, a1, b1, ...) of half vectors: the operand of a multiply-add over two rows.
    fn zip_halves(a: i16x8<S>, b: i16x8<S>) -> Self;
    /// (a0, b0, a1, b1, ...) of each 128 bits: the operands of a multiply-add over two rows.
    fn pair(a: Self, b: Self) -> (Self, Self);
    /// What was paired, from the products: 32-bit sums to saturated 16 bits.
    fn narrow(first: Self::I32, second: Self::I32) -> Self;
    /// Four pairs of coefficients of the filter for each four lanes, as they meet the samples that were paired.
    fn four_lanes_each(simd: S, filters: [&[i32; 4]; 4]) -> (Self::I32, Self::I32);
    /// Each of the four 32-bit lanes of 128 bits in all of them.
    fn spread(v: Self::I32) -> [Self; 4];
    /// The upper half of each 64 bits moved to the lower, zeros above.
    fn upper_halves(self) -> Self;
    /// In each 128 bits, the upper half of `a`, then the lower half of `b`.
    fn inner_halves(a: Self, b: Self) -> Self;
    /// In each 128 bits, the lower half of `a`, then the upper half of `b`.
    fn outer_halves(a: Self, b: Self) -> Self;
    fn magnitude(self) -> Self;
    fn as_i32(self) -> Self::I32;
    fn from_i32(v: Self::I32) -> Self;

    /// Splats a pair of 16-bit values, the first in the low half.
    #[inline(always)]
    fn splat_pair(simd: S, pair: i32) -> Self {
        Self::from_i32(Self::I32::splat(simd, pair))
    }

    /// (a0, b0, a2, b2, ...) and (a1, b1, a3, b3, ...).
    #[inline(always)]
    fn even_odd(a: Self, b: Self) -> (Self, Self) {
        let (a32, b32) = (a.as_i32(), b.as_i32());
        let even = (a32 & 0xffff) | (b32 << 16);
        // The arithmetic shift's sign bits are masked off again; the compiler makes it a blend.
        let odd = ((a32 >> 16) & 0xffff) | (b32 & !0xffff);
        (Self::from_i32(even), Self::from_i32(odd))
    }

    /// Low halves of `even` and of `odd`, interleaved: (e0, o0, e1, o1, ...).
    #[inline(always)]
    fn merge(even: Self::I32, odd: Self::I32) -> Self {
        Self::from_i32((even & 0xffff) | (odd << 16))
    }

    /// `a0 * b0 + a1 * b1` per pair of lanes.
    #[inline(always)]
    fn madd(self, other: Self) -> Self::I32 {
        self.pairwise_dot_product(other)
    }
}

/// Each lane in all of them. The compiler makes each one shuffle.
#[inline(always)]
fn spread<S: Simd>(v: i32x4<S>) -> [i32x4<S>; 4] {
    let (low, high) = (v.zip_low(v).bitcast::<u64x2<S>>(), v.zip_high(v).bitcast::<u64x2<S>>());
    [low.zip_low(low), low.zip_high(low), high.zip_low(high), high.zip_high(high)].map(|v| v.bitcast())
}

impl<S: Simd> I16<S> for i16x16<S> {
    type I32 = i32x8<S>;
    const N: usize = 16;

    #[inline(always)]
    fn load_samples<T: Sample>(simd: S, from: &[T]) -> Self {
        T::load16(simd, from).bitcast()
    }

    #[inline(always)]
    fn store_samples<T: Sample>(self, to: &mut [T]) {
        T::store16(self.bitcast(), to);
    }

    #[inline(always)]
    fn load_sample_halves<T: Sample>(simd: S, low: &[T], high: &[T]) -> Self {
        i16x8::load_samples(simd, &low[..8]).combine(i16x8::load_samples(simd, &high[..8]))
    }

    #[inline(always)]
    fn store_sample_halves<T: Sample>(self, low: &mut [T], high: &mut [T]) {
        let (a, b) = self.split();
        a.store_samples(&mut low[..8]);
        b.store_samples(&mut high[..8]);
    }

    #[inline(always)]
    fn store_halves(self, low: &mut [i16], high: &mut [i16]) {
        let (a, b) = self.split();
        a.store_slice(&mut low[..8]);
        b.store_slice(&mut high[..8]);
    }

    #[inline(always)]
    fn load_half(simd: S, from: &[i16]) -> i16x8<S> {
        i16x8::from_slice(simd, &from[..8])
    }

    #[inline(always)]
    fn zip_halves(a: i16x8<S>, b: i16x8<S>) -> Self {
        a.zip_low(b).combine(a.zip_high(b))
    }

    #[inline(always)]
    fn pair(a: Self, b: Self) -> (Self, Self) {
        // The compiler sees that no lane crosses a half.
        let ((a0, a1), (b0, b1)) = (a.split(), b.split());
        (a0.zip_low(b0).combine(a1.zip_low(b1)), a0.zip_high(b0).combine(a1.zip_high(b1)))
    }

    #[inline(always)]
    fn narrow(first: Self::I32, second: Self::I32) -> Self {
        // Narrowing puts 64 bits in their order across the halves, which this takes back; neither remains.
        let (low, high) = first.saturating_narrow(second).bitcast::<u64x4<S>>().split();
        low.zip_low(high).combine(low.zip_high(high)).bitcast()
    }

    #[inline(always)]
    fn four_lanes_each(simd: S, [a, b, c, d]: [&[i32; 4]; 4]) -> (Self::I32, Self::I32) {
        let load = |f: &[i32; 4]| i32x4::from_slice(simd, f);
        (load(a).combine(load(c)), load(b).combine(load(d)))
    }

    #[inline(always)]
    fn spread(v: Self::I32) -> [Self; 4] {
        let (low, high) = v.split();
        let ([a, b, c, d], [e, f, g, h]) = (spread(low), spread(high));
        [a.combine(e), b.combine(f), c.combine(g), d.combine(h)].map(|v| v.bitcast())
    }

    #[inline(always)]
    fn upper_halves(self) -> Self {
        (self.bitcast::<u64x4<S>>() >> 32).bitcast()
    }

    #[inline(always)]
    fn inner_halves(a: Self, b: Self) -> Self {
        a.slide_within_blocks::<4>(b)
    }

    #[inline(always)]
    fn outer_halves(a: Self, b: Self) -> Self {
        // The compiler makes it a blend.
        let low = u64x4::simd_from(a.token(), [!0, 0, !0, 0]);
        ((a.bitcast::<u64x4<S>>() & low) | (b.bitcast::<u64x4<S>>() & !low)).bitcast()
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        self.token().abs_i16x16(self)
    }

    #[inline(always)]
    fn as_i32(self) -> Self::I32 {
        self.bitcast()
    }

    #[inline(always)]
    fn from_i32(v: Self::I32) -> Self {
        v.bitcast()
    }
}

impl<S: Simd> I16<S> for i16x8<S> {
    type I32 = i32x4<S>;
    const N: usize = 8;

    #[inline(always)]
    fn load_samples<T: Sample>(simd: S, from: &[T]) -> Self {
        T::load8(simd, from).bitcast()
    }

    #[inline(always)]
    fn store_samples<T: Sample>(self, to: &mut [T]) {
        T::store8(self.bitcast(), to);
    }

    #[inline(always)]
    fn load_sample_halves<T: Sample>(simd: S, low: &[T], high: &[T]) -> Self {
        let mut lanes = [T::default(); 8];
        lanes[..4].copy_from_slice(&low[..4]);
        lanes[4..].copy_from_slice(&high[..4]);
        Self::load_samples(simd, &lanes)
    }

    #[inline(always)]
    fn store_sample_halves<T: Sample>(self, low: &mut [T], high: &mut [T]) {
        let mut lanes = [T::default(); 8];
        self.store_samples(&mut lanes);
        low[..4].copy_from_slice(&lanes[..4]);
        high[..4].copy_from_slice(&lanes[4..]);
    }

    #[inline(always)]
    fn store_halves(self, low: &mut [i16], high: &mut [i16]) {
        let lanes = self.to_array();
        low[..4].copy_from_slice(&lanes[..4]);
        high[..4].copy_from_slice(&lanes[4..]);
    }

    #[inline(always)]
    fn load_half(simd: S, from: &[i16]) -> i16x8<S> {
        let mut lanes = [0; 8];
        lanes[..4].copy_from_slice(&from[..4]);
        Self::from_slice(simd, &lanes)
    }

    #[inline(always)]
    fn zip_halves(a: i16x8<S>, b: i16x8<S>) -> Self {
        a.zip_low(b)
    }

    #[inline(always)]
    fn pair(a: Self, b: Self) -> (Self, Self) {
        (a.zip_low(b), a.zip_high(b))
    }

    #[inline(always)]
    fn narrow(first: Self::I32, second: Self::I32) -> Self {
        first.saturating_narrow(second)
    }

    #[inline(always)]
    fn four_lanes_each(simd: S, [a, b, ..]: [&[i32; 4]; 4]) -> (Self::I32, Self::I32) {
        (i32x4::from_slice(simd, a), i32x4::from_slice(simd, b))
    }

    #[inline(always)]
    fn spread(v: Self::I32) -> [Self; 4] {
        spread(v).map(|v| v.bitcast())
    }

    #[inline(always)]
    fn upper_halves(self) -> Self {
        (self.bitcast::<u64x2<S>>() >> 32).bitcast()
    }

    #[inline(always)]
    fn inner_halves(a: Self, b: Self) -> Self {
        a.slide_within_blocks::<4>(b)
    }

    #[inline(always)]
    fn outer_halves(a: Self, b: Self) -> Self {
        // The compiler makes it a blend.
        let low = u64x2::simd_from(a.token(), [!0, 0]);
        ((a.bitcast::<u64x2<S>>() & low) | (b.bitcast::<u64x2<S>>() & !low)).bitcast()
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        self.token().abs_i16x8(self)
    }

    #[inline(always)]
    fn as_i32(self) -> Self::I32 {
        self.bitcast()
    }

    #[inline(always)]
    fn from_i32(v: Self::I32) -> Self {
        v.bitcast()
    }
}
