//! The filter itself, on vectors of samples. A multiply-add takes the sums of two pairs of opposite taps.

use super::taps::{
    CHROMA_OFFSETS, CHROMA_PAIRS, CHROMA_VECTORS, LUMA_OFFSETS, LUMA_PAIRS, LUMA_VECTORS, Packed, SCALE_BITS,
};
use crate::filter::window::STRIDE;
use crate::kernel::lanes::I16;
use crate::picture::Sample;
use fearless_simd::{i16x8, i16x16, prelude::*};

/// Samples of a window from three rows above sixteen samples to three below, with three columns at both ends.
type Around = [u16; 6 * STRIDE + 22];
const MIDDLE: usize = 3 * STRIDE + 3;

#[inline(always)]
fn around(window: &[u16], at: usize) -> &Around {
    window[at - MIDDLE..].first_chunk().expect("a window has a margin of three rows and eight columns")
}

/// Filters `V::N` samples; `pairs` hold the coefficients for each of them, in the order of [`I16::pair`].
#[inline(always)]
fn filter<S: Simd, V: I16<S>, const TAPS: usize, const PAIRS: usize>(
    simd: S,
    samples: &Around,
    offsets: &[isize; TAPS],
    pairs: &[(V, V); PAIRS],
    max: i16,
) -> V {
    let mut sums = [V::I32::splat(simd, 0); 2];
    for (k, &pair) in pairs.iter().enumerate() {
        let at = |offset: isize| load::<S, V>(simd, samples, offset);
        let (a, b) = if 2 * k < TAPS {
            let (a, b) = (offsets[2 * k], offsets[2 * k + 1]);
            (at(a) + at(-a), at(b) + at(-b))
        } else {
            (at(0), V::splat(simd, 1))
        };
        let (first, second) = V::pair(a, b);
        sums[0] += first.madd(pair.0);
        sums[1] += second.madd(pair.1);
    }
    let [first, second] = sums.map(|sum| sum >> SCALE_BITS);
    V::narrow(first, second).max(V::splat(simd, 0)).min(V::splat(simd, max))
}

#[inline(always)]
fn load<S: Simd, V: I16<S>>(simd: S, samples: &Around, offset: isize) -> V {
    let i = MIDDLE.wrapping_add_signed(offset);
    V::load_samples(simd, &samples[i..i + V::N])
}

/// Filters 4x4 luma blocks side by side, as many as a vector holds, the left one at position `at` of the window, each
/// with its own filter, into rows `stride` apart.
#[inline(always)]
pub fn luma_blocks<S: Simd, V: I16<S>, T: Sample>(
    simd: S,
    window: &[u16],
    at: usize,
    filters: [&Packed<LUMA_VECTORS>; 4],
    max: i16,
    out: &mut [T],
    stride: usize,
) {
    let zero = V::splat(simd, 0);
    let mut pairs = [(zero, zero); LUMA_PAIRS];
    for (i, pairs) in pairs.chunks_mut(4).enumerate() {
        let (first, second) = V::four_lanes_each(simd, filters.map(|f| &f[i]));
        for (pair, both) in pairs.iter_mut().zip(V::spread(first).into_iter().zip(V::spread(second))) {
            *pair = both;
        }
    }
    for row in 0..4 {
        let samples = around(window, at + row * STRIDE);
        filter::<S, V, _, _>(simd, samples, &LUMA_OFFSETS, &pairs, max)
            .store_samples(&mut out[row * stride..][..V::N]);
    }
}

/// Filters `w` x `h` chroma samples, `w` a multiple of 4.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn chroma_area<S: Simd, T: Sample>(
    simd: S,
    window: &[u16],
    at: usize,
    coefficients: &Packed<CHROMA_VECTORS>,
    (w, h): (usize, usize),
    max: i16,
    out: &mut [T],
    stride: usize,
) {
    let coefficients: &[i32; CHROMA_PAIRS] =
        coefficients.as_flattened().first_chunk().expect("vectors have room for all pairs");
    let wide = coefficients.map(|c| i16x16::splat_pair(simd, c)).map(|c| (c, c));
    let slim = coefficients.map(|c| i16x8::splat_pair(simd, c)).map(|c| (c, c));
    for y in 0..h {
        let (at, out) = (at + y * STRIDE, &mut out[y * stride..]);
        let whole = w & !15;
        for x in (0..whole).step_by(16) {
            let samples = around(window, at + x);
            filter::<S, i16x16<S>, _, _>(simd, samples, &CHROMA_OFFSETS, &wide, max)
                .store_samples(&mut out[x..x + 16]);
        }
        for x in (whole..w).step_by(8) {
            let samples = around(window, at + x);
            let filtered = filter::<S, i16x8<S>, _, _>(simd, samples, &CHROMA_OFFSETS, &slim, max).to_array();
            for (to, v) in out[x..w].iter_mut().zip(filtered) {
                *to = T::of(v as u16);
            }
        }
    }
}

/// The filtered value of the sample at `at`, plainly.
#[cfg(test)]
pub fn filter_scalar(window: &[u16], at: usize, offsets: &[isize], filter: &[i8], max: i32) -> u16 {
    let x = i32::from(window[at]);
    let mut sum = 64;
    for (&offset, &c) in offsets.iter().zip(filter) {
        let (a, b) = (window[at.wrapping_add_signed(offset)], window[at.wrapping_add_signed(-offset)]);
        sum += i32::from(c) * (i32::from(a) + i32::from(b) - 2 * x);
    }
    (x + (sum >> 7)).clamp(0, max) as u16
}
