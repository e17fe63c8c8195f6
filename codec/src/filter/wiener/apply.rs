//! The filter itself, eight samples at a time.

use super::taps::{CHROMA_OFFSETS, CHROMA_PAIRS, LUMA_OFFSETS, LUMA_PAIRS, Packed};
use crate::filter::window::STRIDE;
use fearless_simd::{i16x8, i16x16, i32x4, i32x8, prelude::*, u16x8};

/// Samples of a window from three rows above eight samples to three below, with three columns at both ends.
type Around = [u16; 6 * STRIDE + 14];
const MIDDLE: usize = 3 * STRIDE + 3;

#[inline(always)]
fn around(window: &[u16], at: usize) -> &Around {
    window[at - MIDDLE..].first_chunk().expect("a window has a margin of three rows and eight columns")
}

#[inline(always)]
fn eight<S: Simd>(simd: S, samples: &Around, offset: isize) -> i16x8<S> {
    let i = MIDDLE.wrapping_add_signed(offset);
    u16x8::from_slice(simd, &samples[i..i + 8]).bitcast()
}

/// Filters eight samples. `pairs` hold the coefficients, those of the first four samples in the lower half.
#[inline(always)]
fn filter_eight<S: Simd, const TAPS: usize, const PAIRS: usize>(
    simd: S,
    samples: &Around,
    offsets: &[isize; TAPS],
    pairs: &[i32x8<S>; PAIRS],
    max: i16,
) -> u16x8<S> {
    let one = i16x8::splat(simd, 1);
    let mut sum = i32x8::splat(simd, 0);
    for (k, pair) in pairs.iter().enumerate() {
        let (a, b) = if 2 * k < TAPS {
            let (a, b) = (offsets[2 * k], offsets[2 * k + 1]);
            (
                eight(simd, samples, a) + eight(simd, samples, -a),
                eight(simd, samples, b) + eight(simd, samples, -b),
            )
        } else {
            (eight(simd, samples, 0), one)
        };
        sum += a.zip_low(b).combine(a.zip_high(b)).pairwise_dot_product(pair.bitcast::<i16x16<S>>());
    }
    let (low, high) = (sum >> super::taps::SCALE_BITS).split();
    let zero = i16x8::splat(simd, 0);
    low.saturating_narrow(high).max(zero).min(max).bitcast()
}

/// Filters two 4x4 luma blocks side by side, the left one at position `at` of the window, each with its own
/// filter, into rows `stride` apart.
#[inline(always)]
pub fn luma_blocks<S: Simd>(
    simd: S,
    window: &[u16],
    at: usize,
    filters: [&Packed<LUMA_PAIRS>; 2],
    max: i16,
    out: &mut [u16],
    stride: usize,
) {
    let mut pairs = [i32x8::splat(simd, 0); LUMA_PAIRS];
    for (pair, (&a, &b)) in pairs.iter_mut().zip(filters[0].iter().zip(filters[1])) {
        *pair = i32x4::splat(simd, a).combine(i32x4::splat(simd, b));
    }
    for row in 0..4 {
        let samples = around(window, at + row * STRIDE);
        filter_eight(simd, samples, &LUMA_OFFSETS, &pairs, max).store_slice(&mut out[row * stride..][..8]);
    }
}

/// Filters `w` x `h` chroma samples, `w` a multiple of 4.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn chroma_area<S: Simd>(
    simd: S,
    window: &[u16],
    at: usize,
    filter: &Packed<CHROMA_PAIRS>,
    (w, h): (usize, usize),
    max: i16,
    out: &mut [u16],
    stride: usize,
) {
    let mut pairs = [i32x8::splat(simd, 0); CHROMA_PAIRS];
    for (pair, &c) in pairs.iter_mut().zip(filter) {
        *pair = i32x8::splat(simd, c);
    }
    for y in 0..h {
        for x in (0..w).step_by(8) {
            let samples = around(window, at + y * STRIDE + x);
            let filtered = filter_eight(simd, samples, &CHROMA_OFFSETS, &pairs, max).to_array();
            let n = 8.min(w - x);
            out[y * stride + x..][..n].copy_from_slice(&filtered[..n]);
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
